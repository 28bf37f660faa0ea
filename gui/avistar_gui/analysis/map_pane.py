"""The upper right: the map with its legend, the reliability diagram, the learning curves; one at a time."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.analysis.charts import CurvesChart, ReliabilityChart
from avistar_gui.analysis.colouring import By, Colouring, by_name
from avistar_gui.analysis.map_view import MapView
from avistar_gui.analysis.study import Study
from avistar_gui.segments import Segments

VIEWS = ("map", "reliability", "curves")
BYS: tuple[By, ...] = get_args(By)
LEGEND_WIDTH = 190


class HoverCard(QFrame):
    """A thumbnail with a caption beside the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setProperty("hover", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._picture, self._text = QLabel(), QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._text)

    def show_photo(self, picture: QPixmap | None, text: str, at: QPoint) -> None:
        """Show `picture`, or only the caption where there is none."""
        self._picture.setVisible(picture is not None)
        if picture is not None:
            self._picture.setPixmap(
                picture.scaled(
                    QSize(150, 120), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
            )
        self._text.setText(text)
        self.adjustSize()
        self.move(at + QPoint(16, 16))
        self.show()


class MapPane(QWidget):
    """Shows one of three views; `colouring_changed` when other colours are wanted."""

    colouring_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.segments = Segments(VIEWS)
        self.by, self.legend_button, self.legend = QComboBox(), QToolButton(), QListWidget()
        for by in BYS:
            self.by.addItem("", by)
        self.by.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.by.setMinimumContentsLength(6)
        self.map, self.reliability = MapView(), ReliabilityChart()
        self.loss, self.accuracy = CurvesChart("loss"), CurvesChart("accuracy")
        self.hover = HoverCard(self)
        self.no_map = QLabel()
        self._colouring: Colouring | None = None
        self._stack = QStackedWidget()
        self._arrange()
        self.segments.chosen.connect(self._show)
        self.by.activated.connect(lambda _: self.colouring_changed.emit())
        self.legend.itemChanged.connect(lambda _: self._recolour())
        self.legend.itemDoubleClicked.connect(self._isolate)
        self.legend_button.toggled.connect(self.legend.setVisible)
        self.retranslate()

    @property
    def wanted_by(self) -> By:
        """What the colours are to say."""
        return BYS[self.by.currentIndex()]

    def show_study(self, study: Study) -> None:
        """Show the map and charts of `study`; `show_colouring` follows."""
        self.map.show_points(study.map)
        self.map.setVisible(not self.map.is_empty)
        self.no_map.setVisible(self.map.is_empty)
        self.reliability.show_report(study.report)
        self.loss.show_history(study.history)
        self.accuracy.show_history(study.history)
        self.accuracy.setVisible(bool(study.history))

    def show_colouring(self, colouring: Colouring, order: list[int]) -> None:
        """Colour the map, and list the kinds in `order`."""
        self._colouring = colouring
        self.legend.blockSignals(True)
        self.legend.clear()
        for kind in order:
            swatch = QPixmap(14, 14)
            swatch.fill(colouring.colours[kind])
            item = QListWidgetItem(QIcon(swatch), colouring.names[kind], self.legend)
            item.setData(Qt.ItemDataRole.UserRole, kind)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
        self.legend.blockSignals(False)
        self._recolour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.segments.set_texts(
            {"map": self.tr("Map"), "reliability": self.tr("Reliability"), "curves": self.tr("Training")}
        )
        for index, by in enumerate(BYS):
            self.by.setItemText(index, by_name(by))
        self.by.setAccessibleName(self.tr("Colours of the map"))
        self.legend_button.setText(self.tr("Legend"))
        self.legend.setAccessibleName(self.tr("Legend: what is shown on the map"))
        self.legend.setToolTip(self.tr("Untick to hide, double-click to show only one"))
        self.map.setAccessibleName(self.tr("Map of photos that look alike to the network"))
        self.map.setToolTip("")
        self.reliability.setAccessibleName(self.tr("Reliability diagram"))
        self.loss.setAccessibleName(self.tr("Learning curve: loss"))
        self.accuracy.setAccessibleName(self.tr("Learning curve: accuracy"))
        self.no_map.setText(self.tr("These photos have no map."))

    def shown(self) -> NDArray[np.bool_]:
        """Which points the legend leaves visible."""
        assert self._colouring is not None  # noqa: S101 - asked only after `show_colouring`
        hidden = [
            self.legend.item(row).data(Qt.ItemDataRole.UserRole)
            for row in range(self.legend.count())
            if self.legend.item(row).checkState() == Qt.CheckState.Unchecked
        ]
        return ~np.isin(self._colouring.kind, hidden)

    def _recolour(self) -> None:
        colouring = self._colouring
        if colouring is not None and not self.map.is_empty:
            self.map.colour(colouring.rgb(), colouring.ringed, self.shown())

    def _isolate(self, one: QListWidgetItem) -> None:
        """Only this kind; all again if it was alone."""
        items = [self.legend.item(row) for row in range(self.legend.count())]
        alone = all((item is one) == (item.checkState() == Qt.CheckState.Checked) for item in items)
        self.legend.blockSignals(True)
        for item in items:
            item.setCheckState(Qt.CheckState.Checked if alone or item is one else Qt.CheckState.Unchecked)
        self.legend.blockSignals(False)
        self._recolour()

    def _show(self, name: str) -> None:
        self._stack.setCurrentIndex(VIEWS.index(name))
        for part in (self.by, self.legend_button):
            part.setVisible(name == "map")

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.segments)
        top.addStretch(1)
        top.addWidget(self.by, 1)
        top.addWidget(self.legend_button)
        self.legend_button.setCheckable(True)
        self.legend.setFixedWidth(LEGEND_WIDTH)
        self.legend.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.legend.hide()
        self.no_map.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.no_map.setProperty("muted", True)
        self.no_map.hide()
        mapped, curves = QWidget(), QWidget()
        row, column = QHBoxLayout(mapped), QVBoxLayout(curves)
        for box in (row, column):
            box.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.map, 1)
        row.addWidget(self.no_map, 1)
        row.addWidget(self.legend)
        column.addWidget(self.loss)
        column.addWidget(self.accuracy)
        for view in (mapped, self.reliability, curves):
            self._stack.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)

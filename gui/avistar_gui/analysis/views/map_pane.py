"""The upper right: the map with its legend, the reliability diagram, the learning curves; one at a time."""

from __future__ import annotations

from dataclasses import dataclass
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
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar.evaluation.embedding_map import LEAST
from avistar_gui.analysis import texts
from avistar_gui.analysis.data.study import Study
from avistar_gui.analysis.views.charts import CurvesChart, ReliabilityChart
from avistar_gui.analysis.views.map_colours import By, MapColours, by_name
from avistar_gui.analysis.views.map_view import MapView
from avistar_gui.widgets.segments import Segments

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


@dataclass(frozen=True, slots=True)
class MapState:
    """What there is of a map: photos `placed` on it and `missing`, of `total`; whether they are the user's `own`.

    `model` names the one that answered where it is not on this computer; `library`: whether scikit-learn is;
    `busy`: whether something is being worked out.
    """

    missing: int
    placed: int
    own: bool
    total: int = 0
    model: str = ""
    library: bool = True
    busy: bool = False

    @property
    def can_be_made(self) -> bool:
        """Whether a map could be worked out now."""
        return self.own and not self.model and self.library and not self.busy and self.missing + self.placed >= LEAST


class MapPane(QWidget):
    """Shows one of three views; `colouring_changed` when other colours are wanted, `map_wanted` when a map is."""

    colouring_changed = Signal()
    map_wanted = Signal()

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
        self.no_map, self.make, self.renew, self.part = QLabel(), QPushButton(), QToolButton(), QLabel()
        self._drawn, self._blank = QWidget(), QWidget()
        self._state = MapState(0, 0, own=False)
        self._colouring: MapColours | None = None
        self._stack = QStackedWidget()
        self._arrange()
        self.segments.chosen.connect(self._show)
        self.by.activated.connect(lambda _: self.colouring_changed.emit())
        self.legend.itemChanged.connect(lambda _: self._recolour())
        self.legend.itemDoubleClicked.connect(self._isolate)
        self.legend_button.toggled.connect(self.legend.setVisible)
        self.make.clicked.connect(self.map_wanted)
        self.renew.clicked.connect(self.map_wanted)
        self.retranslate()

    @property
    def wanted_by(self) -> By:
        """What the colours are to say."""
        return BYS[self.by.currentIndex()]

    def show_study(self, study: Study) -> None:
        """Show the map and charts of `study`; `show_colouring` follows."""
        self.show_map(study)
        self.reliability.show_report(study.report)
        self.loss.show_history(study.history, own=study.survey is not None)
        self.accuracy.show_history(study.history)
        self.accuracy.setVisible(bool(study.history))

    def show_map(self, study: Study) -> None:
        """Show the map of `study`, or room for one."""
        self.map.show_points(study.map)
        self._drawn.setVisible(not self.map.is_empty)
        self._blank.setVisible(self.map.is_empty)

    def show_state(self, state: MapState) -> None:
        """Say what there is of a map, and offer what can be made."""
        self._state = state
        self.no_map.setText(texts.map_sentence(state.own, state.missing + state.placed, state.model, state.library))
        self.make.setVisible(state.own and not state.model and state.library)
        self.make.setEnabled(state.can_be_made)
        stale = state.own and state.placed > 0 and state.missing > 0
        self.renew.setVisible(stale)
        self.renew.setEnabled(state.can_be_made)
        self.renew.setToolTip(texts.stale_map(state.missing) if stale else "")
        self.part.setVisible(0 < state.placed < state.total)
        self.part.setText(texts.part_of_map(state.placed, state.total))

    def show_colouring(self, colouring: MapColours, order: list[int]) -> None:
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
        self.make.setText(self.tr("Make the map"))
        self.renew.setText(self.tr("Renew the map"))
        self.show_state(self._state)

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
        top.addWidget(self.by, 8)
        top.addWidget(self.legend_button)
        self.legend_button.setCheckable(True)
        self.legend.setFixedWidth(LEGEND_WIDTH)
        self.legend.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.legend.hide()
        self._arrange_blank()
        mapped, curves = QWidget(), QWidget()
        row, column = QHBoxLayout(mapped), QVBoxLayout(curves)
        for box in (row, column):
            box.setContentsMargins(0, 0, 0, 0)
        left = QVBoxLayout(self._drawn)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(4)
        left.addWidget(self.map, 1)
        below = QHBoxLayout()
        below.setSpacing(14)
        below.addWidget(self.part)
        below.addWidget(self.renew)
        below.addStretch(1)
        left.addLayout(below)
        row.addWidget(self._drawn, 1)
        row.addWidget(self._blank, 1)
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

    def _arrange_blank(self) -> None:
        self.no_map.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.no_map.setWordWrap(True)
        self.no_map.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.no_map, self.part):
            label.setProperty("muted", True)
        self.make.setProperty("primary", True)
        self.renew.setProperty("link", True)
        layout = QVBoxLayout(self._blank)
        layout.setSpacing(14)
        layout.addStretch(1)
        layout.addWidget(self.no_map)
        layout.addWidget(self.make, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        for part in (self._blank, self.renew, self.part, self.make):
            part.hide()

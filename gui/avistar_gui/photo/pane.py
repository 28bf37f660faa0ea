"""A photo, what can be done with it, and what is known of it. Decides nothing; wishes leave as actions and signals."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from avistar_gui.photo.actions import PhotoActions
from avistar_gui.photo.box_editor import BoxEditor
from avistar_gui.photo.details import DetailsPanel
from avistar_gui.photo.evidence_note import EvidenceNote
from avistar_gui.photo.tone import ToneControl
from avistar_gui.photo.tone_bar import ToneBar
from avistar_gui.photo.video_bar import VideoBar
from avistar_gui.photo.view import PhotoView
from avistar_gui.screen import Key
from avistar_gui.settings import Settings
from avistar_gui.widgets.theme import current, set_font

_OPEN = "photo_details"
LEAST_WIDTH = 348
"""For the buttons without their words and the scale, in logical px."""


class Caption(QLabel):
    """One line that ends in … where there is no room for it; whole in its tool tip."""

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(current().muted))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment(), shown)
        painter.end()


class PhotoPane(QWidget):
    """`view` above `note` (where the answer comes from), the buttons, `tones`, `caption` and `details`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.acts, self.toning = PhotoActions(self), ToneControl(self)
        acts = self.acts
        self.view, self.note, self.caption, self.details = PhotoView(), EvidenceNote(), Caption(), DetailsPanel()
        self.boxes = BoxEditor(self.view)
        self.tones = ToneBar(self.toning, auto=acts["auto"], reset=acts["plain"], pin=acts["pin"])
        self.video = VideoBar(acts["play"])
        self.scale = QLabel()
        self._tools = QWidget()
        self._icons = {name: QToolButton() for name in ("zoom_out", "zoom_in", "fit", "actual")}
        self._switches = {name: QToolButton() for name in ("evidence", "light", "details")}
        self._arrange()
        self._connect()
        self._retranslate()

    def keys(self) -> list[Key]:
        """For the key map."""
        return self.acts.key_map()

    def restore(self, settings: Settings) -> None:
        """Open the details if they were open."""
        self.acts["details"].setChecked(settings.text(_OPEN) == "open")

    def keep(self, settings: Settings) -> None:
        """Remember whether the details are open."""
        settings.keep_text(_OPEN, "open" if self.acts["details"].isChecked() else "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for words beside the icons, the icons stand alone."""
        super().resizeEvent(event)
        self._fit_tools()

    def _fit_tools(self) -> None:
        for style in (Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly):
            for button in self._switches.values():
                button.setToolButtonStyle(style)
            self.scale.setVisible(style == Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            if self._tools.sizeHint().width() <= self._tools.width():
                break

    def _retranslate(self) -> None:
        self.acts.retranslate()
        for name, button in self._icons.items():  # an action would bring its text along
            button.setIcon(self.acts[name].icon())
            button.setToolTip(self.acts[name].toolTip())
            button.setAccessibleName(self.acts[name].text())
        self.acts.mark_light(not self.toning.tone.plain)
        self._show_scale()
        self._fit_tools()

    def _connect(self) -> None:
        acts, view, toning = self.acts, self.view, self.toning
        steps = {"zoom_in": 1, "zoom_out": -1}
        for name, step in steps.items():
            acts[name].triggered.connect(lambda _=False, step=step: view.zoom_by(step))
        for name, button in self._icons.items():
            button.clicked.connect(acts[name].trigger)
        acts["fit"].triggered.connect(view.fit)
        acts["actual"].triggered.connect(view.actual)
        for name, (right, down) in {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}.items():
            acts[name].triggered.connect(lambda _=False, right=right, down=down: view.move_by(right, down))
        for part, more, less in (
            ("brightness", "brighter", "darker"),
            ("contrast", "more_contrast", "less_contrast"),
            ("gamma", "more_gamma", "less_gamma"),
        ):
            acts[more].triggered.connect(lambda _=False, part=part: toning.step(part, 1))
            acts[less].triggered.connect(lambda _=False, part=part: toning.step(part, -1))
        acts["auto"].toggled.connect(toning.set_auto)
        acts["pin"].toggled.connect(toning.pin)
        acts["plain"].triggered.connect(toning.reset)
        acts["light"].toggled.connect(self.tones.setVisible)
        acts["details"].toggled.connect(self.details.setVisible)
        acts["evidence"].toggled.connect(self.note.setVisible)
        toning.changed.connect(self._show_tone)
        view.zoomed.connect(self._show_scale)

    def _show_tone(self) -> None:
        tone = self.toning.tone
        self.view.show_tone(tone)
        self.acts["auto"].setChecked(tone.auto)
        self.acts["plain"].setEnabled(not tone.plain)
        self.acts["pin"].setChecked(self.toning.pinned)
        self.acts.mark_light(not tone.plain)

    def _show_scale(self) -> None:
        scale = self.view.scale
        self.scale.setText(f"{round(100 * scale)}\u00a0%" if scale > 0 else "")
        self.scale.setAccessibleName(self.tr("Size on the screen: {percent}").format(percent=self.scale.text()))

    def _arrange(self) -> None:
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 7, 12, 14)
        column.setSpacing(8)
        column.addWidget(self.view, 1)
        self._arrange_tools()
        for part in (self.video, self._tools, self.note, self.tones, self.caption, self.details):
            column.addWidget(part)
        for part in (self.video, self.note, self.tones, self.details):
            part.hide()
        self.acts["plain"].setEnabled(False)

    def _arrange_tools(self) -> None:
        self._tools.setMinimumWidth(LEAST_WIDTH)
        row = QHBoxLayout(self._tools)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        set_font(self.scale, 0.9)
        self.scale.setProperty("muted", True)
        self.scale.setMinimumWidth(46)
        for button in self._icons.values():
            row.addWidget(button)
        row.addWidget(self.scale)
        row.addStretch(1)
        for name, button in self._switches.items():
            button.setDefaultAction(self.acts[name])
            row.addWidget(button)
        for button in self._tools.findChildren(QToolButton):
            button.setIconSize(QSize(18, 18))
            button.setProperty("segment", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

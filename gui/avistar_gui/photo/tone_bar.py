"""Brightness, contrast and gamma as sliders, with a stretch for dark photos, a way back and a pin."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from avistar_gui.photo.tone import MOST, PARTS, STEP, Part, ToneControl
from avistar_gui.widgets.theme import set_font


class ToneBar(QWidget):
    """Shows a `ToneControl` and passes on requests; `auto`, `reset` and `pin` are the actions that keys have."""

    def __init__(
        self, toning: ToneControl, *, auto: QAction, reset: QAction, pin: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._toning = toning
        self.sliders: dict[Part, QSlider] = {part: QSlider(Qt.Orientation.Horizontal) for part in PARTS}
        self._names: dict[Part, QLabel] = {part: QLabel() for part in PARTS}
        self._numbers: dict[Part, QLabel] = {part: QLabel() for part in PARTS}
        for part, slider in self.sliders.items():
            slider.setRange(-MOST, MOST)
            slider.setSingleStep(STEP // 2)
            slider.setPageStep(2 * STEP)
            slider.setMinimumWidth(90)
            slider.valueChanged.connect(lambda value, part=part: toning.set(part, value))
        self._arrange([auto, reset, pin])
        toning.changed.connect(self._show)
        self._say()
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._say()

    def _show(self) -> None:
        tone = self._toning.tone
        values: dict[Part, int] = {
            "brightness": tone.brightness, "contrast": tone.contrast, "gamma": tone.gamma
        }  # fmt: skip
        for part, value in values.items():
            self.sliders[part].setValue(value)
            self._numbers[part].setText(f"{value:+d}" if value else "0")

    def _say(self) -> None:
        texts: dict[Part, str] = {
            "brightness": self.tr("Brightness"),
            "contrast": self.tr("Contrast"),
            "gamma": self.tr("Gamma"),
        }
        for part, text in texts.items():
            self._names[part].setText(text)
            self.sliders[part].setAccessibleName(text)

    def _arrange(self, actions: list[QAction]) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(2, 2, 2, 2)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for row, part in enumerate(PARTS):
            for label in (self._names[part], self._numbers[part]):
                set_font(label, 0.92)
            self._numbers[part].setProperty("muted", True)
            self._numbers[part].setMinimumWidth(34)
            self._numbers[part].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(self._names[part], row, 0)
            grid.addWidget(self.sliders[part], row, 1)
            grid.addWidget(self._numbers[part], row, 2)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(16, 16))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setProperty("segment", True)
            buttons.addWidget(button)
        buttons.addStretch(1)
        grid.addLayout(buttons, len(PARTS), 0, 1, 3)
        grid.setColumnStretch(1, 1)

"""What can be done with the photo that is shown: keys, buttons and key map all read it from here."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from avistar_gui.screen import Key
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current

translate = QCoreApplication.translate

_KEYS: dict[str, tuple[str, ...]] = {
    "evidence": ("W",),
    "evidence_next": ("Shift+W",),
    "zoom_in": ("+", "="),
    "zoom_out": ("-",),
    "fit": ("0",),
    "actual": ("Z",),
    "left": ("Alt+Left",),
    "right": ("Alt+Right",),
    "up": ("Alt+Up",),
    "down": ("Alt+Down",),
    "light": ("L",),
    "brighter": ("B",),
    "darker": ("Shift+B",),
    "more_contrast": ("C",),
    "less_contrast": ("Shift+C",),
    "more_gamma": ("G",),
    "less_gamma": ("Shift+G",),
    "auto": ("A",),
    "pin": ("P",),
    "plain": ("Shift+A",),
    "details": ("I",),
    "play": ("X",),
}
_CHECKABLE = ("evidence", "light", "auto", "pin", "details")
_ICONS = {
    "evidence": "evidence",
    "zoom_in": "zoom_in",
    "zoom_out": "zoom_out",
    "fit": "fit",
    "actual": "actual",
    "light": "light",
    "pin": "pin",
    "details": "details",
    "plain": "retry",
    "auto": "theme",
}


class PhotoActions(QObject):
    """Actions by name. They belong to the widget that they are added to, and work while the focus is inside it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all = {name: QAction(self) for name in _KEYS}
        for name, action in self._all.items():
            action.setShortcuts([QKeySequence(keys) for keys in _KEYS[name]])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setCheckable(name in _CHECKABLE)
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._all[name]

    def all(self) -> list[QAction]:
        """Every action."""
        return list(self._all.values())

    def retranslate(self) -> None:
        """Say everything in the language, draw everything in the theme of the moment."""
        tokens = current()
        for name, text in _texts().items():
            keys = self[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            self[name].setText(text)
            self[name].setToolTip(f"{text} ({keys})")
        for name, drawing in _ICONS.items():
            self[name].setIcon(icons.icon(drawing, tokens.text, tokens.muted))

    def mark_light(self, changed: bool) -> None:
        """Say on the button that photos are shown lighter or darker than they are."""
        text = _texts()["light"]
        self["light"].setText(f"{text} •" if changed else text)

    def key_map(self) -> list[Key]:
        """The keys for the key map, in groups that fit on a line each."""

        def keys(*names: str) -> str:
            native = QKeySequence.SequenceFormat.NativeText
            return " / ".join(self[name].shortcut().toString(native) for name in names)

        return [
            Key(keys("evidence"), translate("Keys", "Show where the answer comes from, or hide it")),
            Key(keys("evidence_next"), translate("Keys", "The same for the next of the three species")),
            Key(keys("zoom_in", "zoom_out"), translate("Keys", "Look closer / further away")),
            Key(keys("fit", "actual"), translate("Keys", "The whole photo / each of its pixels")),
            Key("Alt+← → ↑ ↓", translate("Keys", "Move the enlarged photo")),
            Key(keys("brighter", "darker"), translate("Keys", "Brighter / darker, on the screen only")),
            Key(keys("more_contrast", "less_contrast"), translate("Keys", "More / less contrast")),
            Key(keys("more_gamma", "less_gamma"), translate("Keys", "Lift / deepen the shadows")),
            Key(keys("auto", "plain"), translate("Keys", "Brighten dark photos by themselves / as the photo is")),
            Key(keys("light", "pin"), translate("Keys", "Light controls / keep the light for the next photos")),
            Key(keys("play"), translate("Keys", "Play a video, or stop it")),
            Key(keys("details"), translate("Keys", "Date, place, camera and file")),
        ]


def _texts() -> dict[str, str]:
    return {
        "evidence": translate("PhotoActions", "Why?"),
        "evidence_next": translate("PhotoActions", "Why? The next species"),
        "zoom_in": translate("PhotoActions", "Look closer"),
        "zoom_out": translate("PhotoActions", "Look from further away"),
        "fit": translate("PhotoActions", "The whole photo"),
        "actual": translate("PhotoActions", "Each of its pixels (1:1)"),
        "left": translate("PhotoActions", "Move to the left"),
        "right": translate("PhotoActions", "Move to the right"),
        "up": translate("PhotoActions", "Move up"),
        "down": translate("PhotoActions", "Move down"),
        "light": translate("PhotoActions", "Light"),
        "brighter": translate("PhotoActions", "Brighter"),
        "darker": translate("PhotoActions", "Darker"),
        "more_contrast": translate("PhotoActions", "More contrast"),
        "less_contrast": translate("PhotoActions", "Less contrast"),
        "more_gamma": translate("PhotoActions", "Lift the shadows"),
        "less_gamma": translate("PhotoActions", "Deepen the shadows"),
        "auto": translate("PhotoActions", "Auto"),
        "pin": translate("PhotoActions", "Keep"),
        "plain": translate("PhotoActions", "As it is"),
        "details": translate("PhotoActions", "Details"),
        "play": translate("PhotoActions", "Play the video"),
    }

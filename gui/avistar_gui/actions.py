"""Everything that can be done, once: menus, tool bar and key map all read it from here."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from avistar_gui.screen import Key, RailEntry
from avistar_gui.settings import LANGUAGES
from avistar_gui.texts import theme_name
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import THEMES, Tokens

translate = QCoreApplication.translate

_KEYS = {
    "photos": "Ctrl+O",
    "folder": "Ctrl+Shift+O",
    "model": "Ctrl+M",
    "clear": "Ctrl+Shift+N",
    "quit": "Ctrl+Q",
    "begin": "Return",
    "stop": "Esc",
    "resume": "Ctrl+R",
    "choices": "Ctrl+B",
    "search": "Ctrl+F",
    "filters": "Ctrl+Shift+F",
    "larger": "Ctrl++",
    "smaller": "Ctrl+-",
    "problems": "Ctrl+P",
    "undo": "Ctrl+Z",
    "redo": "Ctrl+Shift+Z",
    "settings": "Ctrl+,",
    "keys": "?",
}
_ICONS = {
    "photos": "photos",
    "folder": "folder",
    "stop": "stop",
    "resume": "go",
    "problems": "warning",
    "settings": "settings",
    "keys": "keys",
}


class Actions(QObject):
    """The app's actions by name, with texts in the language of the moment."""

    def __init__(self, parent: QObject, places: Sequence[RailEntry] = ()) -> None:
        super().__init__(parent)
        self._places = places
        self._all = {name: QAction(parent) for name in (*_KEYS, "accept", "merge", "guide", "report", "about")}
        for name, keys in _KEYS.items():
            self._all[name].setShortcut(QKeySequence(keys))
        self._all["keys"].setShortcuts([QKeySequence("?"), QKeySequence("F1")])
        self._all["begin"].setShortcuts([QKeySequence("Return"), QKeySequence("Enter")])
        self._all["begin"].setEnabled(False)
        self._all["larger"].setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
        self._all["redo"].setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self._all["problems"].setCheckable(True)
        for name in ("accept", "begin", "undo", "redo"):
            self._all[name].setAutoRepeat(False)
        self._all["quit"].setMenuRole(QAction.MenuRole.QuitRole)
        self["settings"].setMenuRole(QAction.MenuRole.PreferencesRole)
        languages, themes, screens = QActionGroup(self), QActionGroup(self), QActionGroup(self)
        self.places = {place.name: QAction(screens, checkable=True) for place in places}
        for number, action in enumerate(self.places.values(), start=1):
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
        self.languages = {code: QAction(languages, checkable=True) for code in LANGUAGES}
        self.themes = {name: QAction(themes, checkable=True) for name in THEMES}
        self._menus: dict[str, QMenu] = {}
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._all[name]

    def fill(self, bar: QMenuBar) -> None:
        """Build the menus."""
        menus = {name: bar.addMenu("") for name in ("file", "edit", "view", "help")}
        file, edit, view, assist = menus.values()
        edit.addActions([self["undo"], self["redo"]])
        edit.addSeparator()
        edit.addAction(self["accept"])
        file.addActions([self["folder"], self["photos"]])
        file.addSeparator()
        file.addActions([self["begin"], self["stop"], self["resume"], self["choices"], self["merge"], self["clear"]])
        file.addSeparator()
        file.addAction(self["model"])
        file.addSeparator()
        file.addActions([self["settings"], self["quit"]])
        view.addActions(list(self.places.values()))
        view.addSeparator()
        menus["language"], menus["theme"] = view.addMenu(""), view.addMenu("")
        menus["language"].addActions(list(self.languages.values()))
        menus["theme"].addActions(list(self.themes.values()))
        view.addSeparator()
        view.addActions([self[name] for name in ("larger", "smaller", "search", "filters", "problems")])
        assist.addActions([self["guide"], self["keys"], self["report"], self["about"]])
        self._menus = menus
        self.retranslate()

    def tint(self, tokens: Tokens) -> None:
        """Draw the icons in the theme's colours."""
        for name, drawing in _ICONS.items():
            self[name].setIcon(icons.icon(drawing, tokens.text, tokens.muted))

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        for name, text in _texts().items():
            self[name].setText(text)
            plain = text.replace("&", "").partition("\t")[0].rstrip("…")
            keys = self[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            self[name].setToolTip(f"{plain} ({keys})" if keys else plain)
        for code, action in self.languages.items():
            action.setText(LANGUAGES[code])
        for theme, action in self.themes.items():
            action.setText(theme_name(theme))
        for name, text in _menu_names().items():
            if name in self._menus:
                self._menus[name].setTitle(text)
        for place in self._places:
            self.places[place.name].setText(place.title())

    def key_map(self) -> list[Key]:
        """The keys that mean the same on every screen, for the key map."""
        native = QKeySequence.SequenceFormat.NativeText
        actions = [*self.places.values(), *(self[name] for name in _KEYS)]
        lines = [
            Key(
                " / ".join(one.toString(native) for one in action.shortcuts()),
                action.text().replace("&", "").rstrip("…"),
            )
            for action in actions
        ]
        return [Key("Tab", translate("Keys", "Go from one part of the window to the next")), *lines]


def _texts() -> dict[str, str]:
    return {
        "photos": translate("Actions", "Open &photos…"),
        "folder": translate("Actions", "Open &folder…"),
        "model": translate("Actions", "Choose &model…"),
        "merge": translate("Actions", "Mer&ge surveys…"),
        "clear": translate("Actions", "C&lose survey"),
        "quit": translate("Actions", "&Quit"),
        "begin": translate("Actions", "Start &identifying"),
        "stop": translate("Actions", "S&top identifying"),
        "resume": translate("Actions", "&Continue identifying"),
        "choices": translate("Actions", "Su&rvey options…"),
        "search": translate("Actions", "&Search names and folders"),
        "filters": translate("Actions", "More &filters…"),
        "larger": translate("Actions", "Lar&ger tiles"),
        "smaller": translate("Actions", "S&maller tiles"),
        "problems": translate("Actions", "&Problems"),
        "undo": translate("Actions", "&Undo review"),
        "redo": translate("Actions", "&Redo review"),
        # Behind the tab stands the key: a letter that only the grid takes, so that it can be typed elsewhere.
        "accept": translate("Actions", "&Accept the answers of the chosen photos") + "\tV",
        "settings": translate("Actions", "S&ettings…"),
        "keys": translate("Actions", "&Keys"),
        "guide": translate("Actions", "&User guide"),
        "report": translate("Actions", "&Report for support…"),
        "about": translate("Actions", "&About Avistar"),
    }


def _menu_names() -> dict[str, str]:
    return {
        "file": translate("Actions", "&File"),
        "edit": translate("Actions", "&Edit"),
        "view": translate("Actions", "&View"),
        "help": translate("Actions", "&Help"),
        "language": translate("Actions", "&Language"),
        "theme": translate("Actions", "&Theme"),
    }

"""How the app looks: two palettes, one accent colour, one style sheet. The only place that names colours."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QWidget

ThemeName = Literal["system", "light", "dark"]
FONT = "Avistar Sans"
"""The family of the fonts that ship."""

THEMES: tuple[ThemeName, ...] = get_args(ThemeName)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of a theme by use. Text on `surface` has a contrast of 4.5 or more, `edge` one of 3 or more."""

    window: str
    surface: str
    raised: str
    border: str
    strong_border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    warning: str
    error: str
    canvas: str
    edge: str


LIGHT = Tokens(
    window="#f4f6f3",
    surface="#ffffff",
    raised="#edf0ec",
    border="#dfe4de",
    strong_border="#c3cbc4",
    text="#18201b",
    muted="#5b675f",
    accent="#26734f",
    on_accent="#ffffff",
    accent_soft="#e0efe6",
    warning="#8a5a00",
    error="#b0372f",
    canvas="#e8ece7",
    edge="#7d8a81",
)
DARK = Tokens(
    window="#121614",
    surface="#1b201d",
    raised="#262d29",
    border="#2c342f",
    strong_border="#46524b",
    text="#e7ede9",
    muted="#9baba1",
    accent="#5fc292",
    on_accent="#0c1a13",
    accent_soft="#1f3a2d",
    warning="#e6b25a",
    error="#f2938a",
    canvas="#0c0f0d",
    edge="#74857b",
)

_SHEET = """
QWidget {{ color: {text}; }}
QMainWindow, QDialog {{ background: {window}; }}
QToolTip {{ background: {surface}; color: {text}; border: 1px solid {strong_border}; padding: 6px 8px; }}
QMenuBar {{ background: {window}; padding: 2px 8px; }}
QMenuBar::item {{ padding: 5px 10px; border-radius: 6px; background: transparent; }}
QMenuBar::item:selected {{ background: {raised}; }}
QMenu {{ background: {surface}; border: 1px solid {strong_border}; padding: 6px; }}
QMenu::item {{ padding: 7px 28px 7px 14px; border-radius: 6px; }}
QMenu::item:selected {{ background: {accent_soft}; color: {text}; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 6px 8px; }}
QToolButton, QPushButton {{ background: {surface}; border: 1px solid {strong_border}; border-radius: 9px;
    padding: 7px 14px; min-height: 1.2em; }}
QToolButton {{ padding: 6px 14px; min-height: 1.3em; }}
QToolButton:hover, QPushButton:hover {{ background: {raised}; }}
QToolButton:pressed, QPushButton:pressed {{ background: {border}; }}
QToolButton:focus, QPushButton:focus {{ border: 2px solid {accent}; padding: 6px 13px; }}
QToolButton:focus {{ padding: 5px 13px; }}
QToolButton:disabled, QPushButton:disabled {{ color: {muted}; background: transparent; border-color: {border}; }}
QPushButton[primary="true"] {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton[primary="true"]:hover {{ border-color: {text}; }}
QPushButton[primary="true"]:focus {{ border: 2px solid {text}; }}
QPushButton[primary="true"]:disabled {{ background: {border}; color: {muted}; border-color: {border}; }}
QToolButton[quiet="true"] {{ background: transparent; border-color: transparent; padding: 6px 10px; }}
QToolButton[quiet="true"]:hover {{ background: {raised}; }}
QToolButton[quiet="true"]:focus {{ border: 2px solid {accent}; padding: 5px 9px; }}
QFrame[rail="true"] {{ background: {window}; border: none; border-right: 1px solid {border}; }}
QToolButton[place="true"] {{ background: transparent; border: 1px solid transparent; border-radius: 12px;
    padding: 8px 2px 6px 2px; min-height: 1em; color: {muted}; }}
QToolButton[place="true"]:hover {{ background: {raised}; }}
QToolButton[place="true"]:checked {{ background: {accent_soft}; color: {text}; }}
QToolButton[place="true"]:focus {{ border: 2px solid {accent}; padding: 7px 1px 5px 1px; }}
QToolButton[segment="true"] {{ background: transparent; border: 1px solid transparent; padding: 6px 12px;
    min-height: 1.3em; color: {muted}; }}
QToolButton[segment="true"]:hover {{ background: {raised}; }}
QToolButton[segment="true"]:checked {{ background: {surface}; border-color: {strong_border}; color: {text}; }}
QToolButton[segment="true"]:focus {{ border: 2px solid {accent}; padding: 5px 11px; }}
QToolButton[link="true"] {{ background: transparent; border: none; padding: 2px 0; min-height: 1em; color: {text}; }}
QToolButton[link="true"]:hover {{ color: {accent}; text-decoration: underline; }}
QToolButton[link="true"]:focus {{ border: none; padding: 2px 0; color: {accent}; text-decoration: underline; }}
QToolButton[link="true"]:disabled {{ color: {muted}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QListView, QTableView {{ background: transparent; border: none; outline: none; }}
QTableView {{ background: {surface}; border: 1px solid {border}; border-radius: 10px;
    selection-background-color: {accent_soft}; selection-color: {text}; }}
QTableView:focus {{ border: 1px solid {accent}; }}
QTableView::item {{ padding: 4px 10px; border: none; }}
QHeaderView {{ background: transparent; }}
QHeaderView::section {{ background: transparent; color: {muted}; border: none; border-bottom: 1px solid {border};
    padding: 7px 13px; }}
QComboBox {{ background: {surface}; border: 1px solid {strong_border}; border-radius: 9px; padding: 6px 12px;
    min-height: 1.35em; combobox-popup: 0; }}
QComboBox:hover {{ background: {raised}; }}
QComboBox:focus {{ border: 2px solid {accent}; padding: 5px 11px; }}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox::down-arrow {{ image: url("{chevron}"); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{ background: {surface}; border: 1px solid {strong_border}; padding: 0;
    border-radius: 0; outline: none; selection-background-color: {accent_soft}; selection-color: {text}; }}
QComboBox QAbstractItemView::item {{ min-height: 26px; padding: 0 8px; }}
QComboBox QAbstractItemView::item:selected {{ background: {accent_soft}; color: {text}; }}
QPlainTextEdit, QTextBrowser, QListWidget, QTreeWidget, QLineEdit {{ background: {surface};
    border: 1px solid {border}; border-radius: 10px; padding: 6px;
    selection-background-color: {accent_soft}; selection-color: {text}; }}
QLineEdit {{ min-height: 1.35em; border-color: {strong_border}; border-radius: 9px;
    placeholder-text-color: {muted}; }}
QLineEdit > QToolButton {{ background: transparent; border: none; padding: 0; min-height: 1em; }}
QAbstractItemView QLineEdit {{ min-height: 0; padding: 0 8px; border-radius: 0; }}
QPlainTextEdit:focus, QTextBrowser:focus, QListWidget:focus, QTreeWidget:focus, QLineEdit:focus {{
    border: 1px solid {accent}; }}
QListWidget::item, QTreeWidget::item {{ padding: 6px 8px; border-radius: 6px; }}
QListWidget::item:selected, QTreeWidget::item:selected {{ background: {accent_soft}; color: {text}; }}
QAbstractSpinBox {{ background: {surface}; border: 1px solid {strong_border}; border-radius: 9px; padding: 5px 8px;
    min-height: 1.3em; }}
QAbstractSpinBox:focus {{ border: 2px solid {accent}; padding: 4px 7px; }}
QAbstractSpinBox:disabled {{ color: {muted}; background: transparent; border-color: {border}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QCheckBox, QRadioButton {{ spacing: 8px; padding-right: 4px; }}
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator {{ width: 15px; height: 15px;
    background: {surface}; border: 1px solid {edge}; border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 1px solid {accent}; }}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ background: {accent}; border-color: {accent};
    image: url("{check}"); }}
QRadioButton::indicator:checked {{ background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 {accent}, stop: 0.55 {accent}, stop: 0.65 {surface}, stop: 1 {surface}); border-color: {accent}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ background: transparent; border-color: {border}; }}
QCheckBox::indicator:checked:disabled {{ background: {border}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QFileDialog QToolButton {{ padding: 4px; border-radius: 7px; min-width: 24px; min-height: 24px; }}
QFileDialog QToolButton:focus {{ padding: 3px; }}
QFileDialog QToolButton#backButton {{ qproperty-icon: url("{back}"); }}
QFileDialog QToolButton#forwardButton {{ qproperty-icon: url("{forward}"); }}
QFileDialog QToolButton#toParentButton {{ qproperty-icon: url("{parent}"); }}
QFileDialog QToolButton#newFolderButton {{ qproperty-icon: url("{newfolder}"); }}
QFileDialog QToolButton#listModeButton {{ qproperty-icon: url("{list}"); }}
QFileDialog QToolButton#detailModeButton {{ qproperty-icon: url("{rows}"); }}
QFileDialog QToolButton:checked {{ background: {accent_soft}; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:hover {{ background: {border}; }}
QScrollArea {{ background: transparent; border: none; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {strong_border}; border-radius: 4px; min-height: 36px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle:horizontal {{ background: {strong_border}; border-radius: 4px; min-width: 36px; }}
QScrollBar::handle:hover {{ background: {muted}; }}
QScrollBar::handle:disabled {{ background: transparent; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: none; border: none; width: 0; height: 0; }}
QSlider::groove:horizontal {{ background: {raised}; border: 1px solid {border}; height: 3px; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {accent}; width: 14px; margin: -6px 0; border-radius: 7px; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {text}; }}
QToolButton[tiny="true"] {{ background: transparent; border: 1px solid transparent; border-radius: 5px;
    padding: 0 3px; min-height: 1em; }}
QToolButton[tiny="true"]:hover {{ background: {raised}; }}
QToolButton[tiny="true"]:focus {{ border: 1px solid {accent}; }}
QStatusBar {{ background: {window}; border-top: 1px solid {border}; }}
QStatusBar::item {{ border: none; }}
QProgressBar {{ background: {raised}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 3px; }}
QDockWidget {{ background: {window}; }}
QLabel[muted="true"] {{ color: {muted}; }}
QFrame[card="true"] {{ background: {surface}; border: 1px solid {border}; border-radius: 14px; }}
QFrame[card="true"][marked="true"] {{ border-color: {accent}; background: {accent_soft}; }}
QFrame[line="true"] {{ background: {surface}; border: 1px solid {border}; border-radius: 9px; }}
QFrame[line="true"][chosen="true"] {{ border: 2px solid {accent}; background: {accent_soft}; }}
QPushButton[favourite="true"], QPushButton[remark="true"] {{ background: {raised}; border: 1px solid transparent;
    border-radius: 8px; padding: 3px 10px; min-height: 1.2em; text-align: left; }}
QPushButton[favourite="true"]:hover, QPushButton[remark="true"]:hover {{ border-color: {strong_border}; }}
QPushButton[favourite="true"]:focus, QPushButton[remark="true"]:focus {{ border: 1px solid {accent}; }}
QPushButton[remark="true"] {{ background: transparent; padding: 4px 8px; color: {muted}; }}
QFrame[banner="true"] {{ background: {surface}; border: 1px solid {strong_border}; border-radius: 12px; }}
QFrame[hover="true"] {{ background: {surface}; border: 1px solid {strong_border}; }}
QLabel[tag="true"] {{ background: {raised}; color: {muted}; border-radius: 8px; padding: 2px 8px; }}
"""


def current() -> Tokens:
    """The theme of the moment, told by the application's palette (a widget's own may lag behind)."""
    return DARK if QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def ensure_font(application: QApplication) -> bool:
    """Give the application a font of its own where the system has none at all; whether it needed one."""
    if QFontMetrics(application.font()).inFontUcs4(ord("a")):  # families are named also where there is no font
        return False
    for file in sorted((Path(__file__).parents[1] / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))
    font = application.font()
    font.setFamily(FONT)
    application.setFont(font)
    return True


def scaled(font: QFont, factor: float, *, bold: bool = False, italic: bool = False) -> QFont:
    """`font` larger or smaller: sizes are relative, so that the user's own size holds."""
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * factor)
    result.setItalic(italic)
    if bold:
        result.setWeight(QFont.Weight.DemiBold)
    return result


def set_font(widget: QWidget, factor: float, *, bold: bool = False, italic: bool = False) -> None:
    """Give `widget` the application's font, scaled."""
    widget.setFont(scaled(QApplication.font(), factor, bold=bold, italic=italic))


def restyle(widget: QWidget, name: str, value: bool) -> None:
    """Set a property that the style sheet asks for, and draw `widget` by it where it is another than before."""
    if bool(widget.property(name)) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def tidy(box: QAbstractSpinBox) -> None:
    """Give a number's or date's field room beside its text: style sheets don't reach in there."""
    box.lineEdit().setTextMargins(9, 0, 9, 0)
    box.setMinimumWidth(box.minimumSizeHint().width() + 18)


_PICTURES = ("chevron", "check", "back", "forward", "parent", "newfolder", "list", "rows")


def _picture(name: str, dark: bool) -> str:
    """The arrow of a combo box or the tick of a check box: style sheets take pictures from files only."""
    return (Path(__file__).parents[1] / "icons" / f"{name}_{'dark' if dark else 'light'}.svg").as_posix()


def palette_of(tokens: Tokens) -> QPalette:
    """A whole palette from a theme's colours."""
    palette = QPalette()
    role = QPalette.ColorRole
    for name, value in {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.raised,
        role.ToolTipBase: tokens.surface,
        role.ToolTipText: tokens.text,
        role.Text: tokens.text,
        role.Button: tokens.surface,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.on_accent,
        role.PlaceholderText: tokens.muted,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Link: tokens.accent,
        role.Accent: tokens.accent,
        role.Mid: tokens.border,
        role.Midlight: tokens.raised,
        role.Light: tokens.surface,
        role.Dark: tokens.strong_border,
        role.Shadow: tokens.strong_border,
    }.items():
        palette.setColor(name, QColor(value))
    for dim in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, dim, QColor(tokens.muted))
    return palette


class Theme(QObject):
    """Applies a theme to the application, and follows the system's where that is wished.

    Own palettes beside `setColorScheme`, which some platforms (offscreen among them) ignore.
    """

    def __init__(self, application: QApplication, name: ThemeName = "system") -> None:
        super().__init__(application)
        self._application = application
        self._name: ThemeName = name
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._follow)
        self.use(name)

    @property
    def name(self) -> ThemeName:
        """The theme chosen."""
        return self._name

    def use(self, name: ThemeName) -> None:
        """Switch to `name` at once."""
        self._name = name
        scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}[name]
        self._application.styleHints().setColorScheme(scheme)
        self._apply()

    def _follow(self) -> None:
        if self._name == "system":
            self._apply()

    def _apply(self) -> None:
        system_dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dark = self._name == "dark" or (self._name == "system" and system_dark)
        tokens = DARK if dark else LIGHT
        self._application.setPalette(palette_of(tokens))
        pictures = {name: _picture(name, dark) for name in _PICTURES}
        self._application.setStyleSheet(_SHEET.format(**asdict(tokens), **pictures))


def theme_named(name: object) -> ThemeName:
    """`name` if it is a theme, else `system`."""
    return next((one for one in THEMES if one == name), "system")

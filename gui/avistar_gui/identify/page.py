"""The Identify page: what lies where. Decides nothing, runs nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.actions import Actions
from avistar_gui.identify.answer_panel import AnswerPanel
from avistar_gui.identify.filters import FilterBar
from avistar_gui.identify.loupe import Loupe
from avistar_gui.identify.photo_grid import PhotoGrid
from avistar_gui.identify.photo_model import PhotoList
from avistar_gui.identify.preflight.sheet import PreflightSheet
from avistar_gui.identify.problems_model import ProblemList
from avistar_gui.identify.problems_panel import ProblemsPanel
from avistar_gui.identify.review_bar import ReviewBar
from avistar_gui.identify.start_page import StartPage
from avistar_gui.identify.thing_list import FAVOURITE_KEYS
from avistar_gui.photo.pane import PhotoPane
from avistar_gui.screen import Key, Page
from avistar_gui.settings import Settings
from avistar_gui.widgets.banner import Banner

PANEL_HEIGHT = 200

translate = QCoreApplication.translate

_REVIEW_KEYS: dict[Qt.Key, int | str] = {
    Qt.Key.Key_1: 0,
    Qt.Key.Key_2: 1,
    Qt.Key.Key_3: 2,
    Qt.Key.Key_V: "accept",
    Qt.Key.Key_R: "other",
    Qt.Key.Key_Y: "also",
    Qt.Key.Key_U: "unknown",
    Qt.Key.Key_N: "empty",
    Qt.Key.Key_H: "person",
    Qt.Key.Key_E: "burst",
    Qt.Key.Key_O: "details",
    Qt.Key.Key_T: "remark",
    Qt.Key.Key_M: "box",
    Qt.Key.Key_S: "next",
    Qt.Key.Key_Delete: "remove",
    Qt.Key.Key_Backspace: "remove",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_Space: "loupe",
}
_COUNT_KEYS = {Qt.Key(Qt.Key.Key_F2 + number - 2): number for number in range(2, 10)}
"""F2 to F9 say two to nine animals: keys that stand in the same place on every keyboard."""
_FAVOURITE_KEYS = {Qt.Key(ord(letter)): place for place, letter in enumerate(FAVOURITE_KEYS)}


class IdentifyPage(Page):
    """Grid, photo, answers and problems; an invitation where there are no photos yet."""

    burst_wanted = Signal()
    loupe_shown = Signal(bool)  # the photo wants all the room that there is, or no longer

    def __init__(self, photos: PhotoList, problems: ProblemList, actions: Actions, settings: Settings) -> None:
        super().__init__()
        self._actions = actions
        self.sheet = PreflightSheet(self)
        self.banner, self.empty, self.grid, self.filters = Banner(), StartPage(), PhotoGrid(), FilterBar()
        self.photo, self.answers = PhotoPane(), AnswerPanel()
        self.view, self.caption = self.photo.view, self.photo.caption
        self.problems, self.progress = ProblemsPanel(problems), ReviewBar()
        self.progress.clear_wanted.connect(self.filters.clear)
        self._photos, self._sizes = photos, list[int]()
        self.grid.setModel(photos)
        self._tools, self._shown = QWidget(), QStackedWidget()
        self.loupe = Loupe(self)
        self._split, self._stack = QSplitter(Qt.Orientation.Horizontal), QSplitter(Qt.Orientation.Vertical)
        self._arrange()
        self.addActions(self.photo.acts.all())
        self.photo.restore(settings)
        self._split.restoreState(settings.shape("split"))
        if settings.text("tile_size") in ("0", "2"):
            self.grid.resize_tiles(int(settings.text("tile_size")) - self.grid.tile_size)
        self.empty.photos_wanted.connect(actions["photos"].trigger)
        self.empty.folder_wanted.connect(actions["folder"].trigger)
        actions["problems"].toggled.connect(self.problems.setVisible)
        self.problems.visibility_changed.connect(actions["problems"].setChecked)
        self.sheet.installEventFilter(self)
        self.sheet.left.connect(self.enter)
        self._shown.installEventFilter(self)
        self.filters.left.connect(self.grid.setFocus)
        self.grid.installEventFilter(self)
        self.escapes: Callable[[], bool] = lambda: False
        """Whether Esc means something to what is chosen in the photo; it stops the run otherwise."""
        self._connect_loupe()
        self.retranslate()

    def show_loupe(self, shown: bool) -> None:
        """Show the chosen photo as large as the page, or in its place again."""
        if shown == self.loupe.is_open or (shown and not self.grid.currentIndex().isValid()):
            return
        if shown:
            self._sizes = self._split.sizes()
            self.loupe.open(self.photo, self._photos, self.grid.selectionModel())
            self._shown.setCurrentWidget(self.loupe)
            self.loupe.strip.setFocus()
        else:
            self.loupe.release()
            self._split.insertWidget(1, self.photo)
            self._split.setStretchFactor(1, 4)
            self._split.setSizes(self._sizes)
            self.photo.show()
            self._shown.setCurrentWidget(self._stack)
            self.grid.setFocus()
            self.grid.scrollTo(self.grid.currentIndex())
        self.view.opens = not shown
        self._tools.setVisible(not shown)
        self.loupe_shown.emit(shown)

    def _connect_loupe(self) -> None:
        self.view.opens = True
        self.view.opened.connect(lambda: self.show_loupe(True))
        self.grid.doubleClicked.connect(lambda _: self.show_loupe(True))
        self.loupe.left.connect(lambda: self.show_loupe(False))
        self.loupe.plate.accepted.connect(self.answers.accepted)
        self.large = QAction(self)
        self.large.setShortcut(QKeySequence(Qt.Key.Key_F11))
        self.large.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.large.triggered.connect(lambda: self.show_loupe(not self.loupe.is_open))
        self.addAction(self.large)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The sheet lies over the photos: it comes and goes, and nothing below it moves."""
        changes = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.LayoutRequest)
        if event.type() in changes and watched in (self.sheet, self._shown):
            self._place_sheet()
        pressed = event.type() == QEvent.Type.KeyPress and watched is self.grid
        if pressed and isinstance(event, QKeyEvent) and self._nudge(event):
            return True
        override = event.type() == QEvent.Type.ShortcutOverride and watched is self.grid
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.escapes():
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def show_photos(self, shown: bool) -> None:
        """Show the grid, or the invitation."""
        page = self._stack if shown else self._start
        if shown and self.loupe.is_open:
            return
        self.show_loupe(False)
        self._tools.setVisible(shown)
        # What is not shown must not make the window taller than a small screen.
        policy = QSizePolicy.Policy.Ignored if shown else QSizePolicy.Policy.Preferred
        self._start.setSizePolicy(policy, policy)
        if self._shown.currentWidget() is not page:
            self._shown.setCurrentWidget(page)
            (self.grid if shown else self.empty.folder).setFocus()

    def cards_shown(self) -> int:
        """How many species are shown for the chosen photo."""
        return sum(not card.isHidden() for card in self.answers.cards)

    def enter(self) -> None:
        """The grid takes the keys, or the button of the invitation."""
        if self.loupe.is_open:
            self.loupe.strip.setFocus()
            return
        (self.empty.folder if self._shown.currentWidget() is self._start else self.grid).setFocus()

    def keys(self) -> list[Key]:
        """Keys of the grid."""
        home, end = translate("Keys", "Home"), translate("Keys", "End")
        return [
            Key("← → ↑ ↓", translate("Keys", "Choose the next photo")),
            Key(f"{home} / {end}", translate("Keys", "First and last photo")),
            Key(
                translate("Keys", "Space") + " / F11",
                translate("Keys", "The photo as large as the window; Esc goes back"),
            ),
            Key("S", translate("Keys", "The next photo that nobody reviewed")),
            Key("E", translate("Keys", "Choose the whole burst")),
            Key("1 / 2 / 3", translate("Keys", "Accept this species and go on")),
            Key("V", translate("Keys", "Accept the answers of all chosen photos")),
            Key("R", translate("Keys", "Another species: type its name, also a new one")),
            Key("4 – 9, D F J K", translate("Keys", "The species used last, as the panel shows them")),
            Key("Y", translate("Keys", "And also: the next key adds to what is there")),
            Key("F2 – F9", translate("Keys", "Two to nine of what the next key names, or of what is chosen")),
            Key(
                "Tab", translate("Keys", "The next thing in the photo; past the last one, the next part of the window")
            ),
            Key("O", translate("Keys", "Count, sex, life stage, behaviour and individual")),
            Key(translate("Keys", "Del"), translate("Keys", "The chosen thing is not there")),
            Key("T", translate("Keys", "Comment and tags")),
            Key("M", translate("Keys", "Draw a box with the mouse; twice: put one in the middle")),
            Key("Ctrl+← → ↑ ↓", translate("Keys", "Move the chosen box of one's own; with Shift resize it")),
            Key("U / N / H", translate("Keys", "Unknown / no animal / a person, and go on")),
            *self.photo.keys(),
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Reviewing needs one key; it reaches here from the grid, too."""
        key = Qt.Key(event.key())
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        known = plain and (key in _REVIEW_KEYS or key in _COUNT_KEYS or key in _FAVOURITE_KEYS)
        if not known:
            super().keyPressEvent(event)
        elif event.isAutoRepeat():
            event.accept()  # a key that is held down speaks of one photo
        elif key in _COUNT_KEYS:
            self.answers.counted.emit(_COUNT_KEYS[key])
        elif key in _FAVOURITE_KEYS:
            self.answers.favoured.emit(_FAVOURITE_KEYS[key])
        else:
            self._tell(_REVIEW_KEYS[key])

    def _nudge(self, event: QKeyEvent) -> bool:
        """Ctrl and an arrow move a person's box that is chosen; the grid would only move its cursor."""
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not event.modifiers() & Qt.KeyboardModifier.ControlModifier or not self.photo.boxes.holds:
            return False
        resize = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.photo.boxes.nudge(*step, resize=resize)
        return True

    def _tell(self, wish: int | str) -> None:
        if isinstance(wish, int):
            self.answers.accepted.emit(wish)
        elif wish == "burst":
            self.burst_wanted.emit()
        elif wish == "loupe":
            self.show_loupe(not self.loupe.is_open)
        else:
            if wish in ("details", "remark"):
                self.show_loupe(False)  # they are typed in the panel
            self.answers.wanted.emit(wish)

    def keep_shape(self, settings: Settings) -> None:
        """Remember the splitter."""
        settings.keep_shape("split", self._split.saveState())
        self.photo.keep(settings)

    def retranslate(self) -> None:
        """Name the parts for screen readers."""
        self.grid.setAccessibleName(self.tr("Photos"))
        self.grid.empty_text = self.tr("No photo meets these conditions. Clear filters shows all of them.")
        self.view.setAccessibleName(self.tr("The chosen photo"))
        self.answers.setAccessibleName(self.tr("What the photo shows"))

    def _place_sheet(self) -> None:
        area = self._shown.geometry()
        height = max(self.sheet.sizeHint().height(), self.sheet.heightForWidth(area.width()))
        self.sheet.setGeometry(area.left(), area.top(), area.width(), min(height, area.height()))
        self.sheet.raise_()

    def _arrange(self) -> None:
        self._arrange_parts()
        self._shown.addWidget(self._start)
        self._shown.addWidget(self._stack)
        self._shown.addWidget(self.loupe)
        tools, column = QHBoxLayout(), QVBoxLayout(self._tools)
        column.setContentsMargins(6, 10, 6, 4)
        column.addLayout(tools)
        column.addWidget(self.filters.panel)
        column.addWidget(self.progress)
        self.filters.panel.hide()
        tools.setSpacing(8)
        for name in ("folder", "photos"):
            button = QToolButton()
            button.setDefaultAction(self._actions[name])
            button.setIconSize(QSize(16, 16))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            tools.addWidget(button)
        tools.addSpacing(12)
        tools.addWidget(self.filters, 1)
        self._tools.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(6)
        layout.addWidget(self._tools)
        layout.addWidget(self.banner)
        layout.addWidget(self._shown, 1)

    def _arrange_parts(self) -> None:
        for part, stretch in ((self.grid, 2), (self.photo, 4), (self.answers, 0)):
            self._split.addWidget(part)
            self._split.setStretchFactor(self._split.count() - 1, stretch)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(8)
        self._split.setSizes([352, 494, 326])
        self._start = self._framed_empty()
        self._stack.addWidget(self._split)
        self._stack.addWidget(self.problems)
        self._stack.setChildrenCollapsible(False)
        self._stack.setSizes([600, PANEL_HEIGHT])
        self._stack.setStretchFactor(0, 1)
        self.problems.hide()

    def _framed_empty(self) -> QWidget:
        frame = QWidget()
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(6, 14, 6, 14)
        layout.addWidget(self.empty)
        return frame

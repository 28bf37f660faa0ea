"""The window: a rail of screens, the chosen one, and a strip for what goes on. Decides nothing, runs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from avistar.media.reader import readable_suffixes
from avistar_gui.actions import Actions
from avistar_gui.screen import Page, RailEntry
from avistar_gui.settings import Settings
from avistar_gui.shell.key_map import About, KeyMap
from avistar_gui.shell.rail import Rail
from avistar_gui.shell.user_guide import UserGuide
from avistar_gui.widgets import icons
from avistar_gui.widgets.scroll_room import ScrollRoom
from avistar_gui.widgets.theme import current

SIZE = QSize(1280, 800)
FRAME = QSize(16, 48)
"""What a window manager adds around a window, at most, in logical px."""


class MainWindow(QMainWindow):
    """Shows one page at a time; wishes that concern the whole app leave it as signals."""

    dropped = Signal(object)  # list[str]: local paths; empty where nothing was usable
    dragging = Signal(bool)
    model_wanted = Signal(str)
    place_wanted = Signal(str)
    closing = Signal()

    def __init__(self, places: Sequence[RailEntry], settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.setWindowTitle("Avistar")
        self.setWindowIcon(icons.application_icon())
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.actions_ = Actions(self, places)
        self.rail = Rail(places, [self.actions_["settings"], self.actions_["keys"]])
        self._pages = QStackedWidget()
        self.area, self._rail_area = ScrollRoom(self._pages), ScrollRoom(self.rail, upright=True)
        self._arrange()
        self._connect()
        self._retranslate()
        self.resize(SIZE)
        self.restoreGeometry(settings.shape("window"))
        self._stay_on_screen()

    def _stay_on_screen(self) -> None:
        """No larger than the screen leaves room for, frame and panels included: the last line must be seen."""
        if self.isMaximized() or self.isFullScreen():
            return
        room = self.screen().availableGeometry().size() - FRAME
        self.resize(self.size().boundedTo(room))

    @property
    def page(self) -> Page:
        """The page that is shown."""
        page = self._pages.currentWidget()
        assert isinstance(page, Page)  # noqa: S101 - nothing else is ever added
        return page

    def show_page(self, name: str, page: Page) -> None:
        """Show `page`, the screen of the place `name`."""
        self.show_large(False)
        if self._pages.indexOf(page) < 0:
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        for index in range(self._pages.count()):  # only the one that is seen may need room
            one = self._pages.widget(index)
            policy = QSizePolicy.Policy.Preferred if one is page else QSizePolicy.Policy.Ignored
            if one is not None:
                one.setSizePolicy(policy, policy)
        self.rail.mark(name)
        self.actions_.places[name].setChecked(True)
        page.enter()

    def add_status(self, widget: QWidget) -> None:
        """Put `widget` into the strip at the bottom."""
        self.statusBar().addWidget(widget, 1)

    def show_large(self, large: bool) -> None:
        """Leave the window's whole room to the page, or put rail and strip back."""
        self._rail_area.setVisible(not large)
        self.statusBar().setVisible(not large)

    def come_forward(self) -> None:
        """Be seen, also when minimised or behind others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def ask_photos(self) -> None:
        """Let the user choose photos."""
        pattern = " ".join(f"*{suffix}" for suffix in sorted(readable_suffixes()))
        kinds = self.tr("Photos and videos ({patterns})").format(patterns=pattern) + ";;" + self.tr("All files (*)")
        paths, _ = QFileDialog.getOpenFileNames(self, self.tr("Open photos"), self._settings.last_folder, kinds)
        if paths:
            self.dropped.emit(paths)

    def ask_folder(self) -> None:
        """Let the user choose a folder of photos."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open folder"), self._settings.last_folder)
        if folder:
            self._settings.last_folder = folder
            self.dropped.emit([folder])

    def ask_model(self) -> None:
        """Let the user choose a bundle's folder."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose the folder of a model"))
        if folder:
            self.model_wanted.emit(folder)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome everywhere in the window."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.dragging.emit(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.dragging.emit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.dragging.emit(False)
        event.acceptProposedAction()
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the shape; disappear at once, then let the work end."""
        self._settings.keep_shape("window", self.saveGeometry())
        for index in range(self._pages.count()):
            page = self._pages.widget(index)
            if isinstance(page, Page):
                page.keep_shape(self._settings)
        self._settings.save()
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _arrange(self) -> None:
        self.actions_.fill(self.menuBar())
        body = QWidget()
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._rail_area)
        layout.addWidget(self.area, 1)
        self.setCentralWidget(body)
        self.statusBar().setSizeGripEnabled(False)

    def _connect(self) -> None:
        act = self.actions_
        act["photos"].triggered.connect(self.ask_photos)
        act["folder"].triggered.connect(self.ask_folder)
        act["model"].triggered.connect(self.ask_model)
        act["quit"].triggered.connect(self.close)
        act["keys"].triggered.connect(lambda: KeyMap([*self.page.keys(), *act.key_map()], self).open())
        act["guide"].triggered.connect(lambda: UserGuide(self).show())
        act["about"].triggered.connect(lambda: About(self).open())
        self.rail.wanted.connect(self.place_wanted)
        for name, action in act.places.items():
            action.triggered.connect(lambda _=False, name=name: self.place_wanted.emit(name))

    def _retranslate(self) -> None:
        self.actions_.retranslate()
        self.actions_.tint(current())

"""The window: what lies where, and which wish was uttered. Decides nothing, runs nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QLabel,
    QMainWindow,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar.images import SUFFIXES
from avistar_gui import icons
from avistar_gui.actions import Actions
from avistar_gui.banner import Banner
from avistar_gui.cards import AnswerPanel
from avistar_gui.empty import EmptyPage
from avistar_gui.grid import PhotoGrid
from avistar_gui.keymap import About, KeyMap
from avistar_gui.photo_view import PhotoView
from avistar_gui.photos import PhotoList
from avistar_gui.problems import ProblemList
from avistar_gui.problems_dock import ProblemsDock
from avistar_gui.settings import Settings
from avistar_gui.status import StatusStrip
from avistar_gui.theme import current

SIZE = QSize(1280, 800)
DOCK_HEIGHT = 200


class MainWindow(QMainWindow):
    """Grid, photo, answers, problems and status; wishes leave it as signals."""

    dropped = Signal(object)  # list[str]: local paths; empty where nothing was usable
    model_wanted = Signal(str)
    closing = Signal()

    def __init__(self, photos: PhotoList, problems: ProblemList, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.setWindowTitle("Avistar")
        self.setWindowIcon(icons.application_icon())
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.actions_ = Actions(self)
        self.banner, self.empty, self.grid = Banner(), EmptyPage(), PhotoGrid()
        self.view, self.caption, self.answers = PhotoView(), QLabel(), AnswerPanel()
        self.status = StatusStrip(self.actions_)
        self.problems = ProblemsDock(problems)
        self.grid.setModel(photos)
        self._pages, self._split = QStackedWidget(), QSplitter(Qt.Orientation.Horizontal)
        self._tools = QToolBar()
        self._arrange()
        self._connect()
        self._retranslate()
        self._restore()

    def show_photos(self, shown: bool) -> None:
        """Show the grid, or the empty page."""
        page = self._split if shown else self._start
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
            (self.grid if shown else self.empty.folder).setFocus()

    def ask_photos(self) -> None:
        """Let the user choose photos."""
        pattern = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        kinds = self.tr("Photos ({patterns})").format(patterns=pattern) + ";;" + self.tr("All files (*)")
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
            self.empty.set_hot(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went away again."""
        self.empty.set_hot(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the local ones."""
        self.empty.set_hot(False)
        event.acceptProposedAction()
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the shape; disappear at once, then let the work end."""
        self._settings.keep_shape("window", self.saveGeometry())
        self._settings.keep_shape("split", self._split.saveState())
        self._settings.save()
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _arrange(self) -> None:
        photo = QWidget()
        column = QVBoxLayout(photo)
        column.setContentsMargins(4, 7, 12, 14)
        column.setSpacing(8)
        column.addWidget(self.view, 1)
        column.addWidget(self.caption)
        self.caption.setProperty("muted", True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for part, stretch in ((self.grid, 2), (photo, 4), (self._scrolling(self.answers), 0)):
            self._split.addWidget(part)
            self._split.setStretchFactor(self._split.count() - 1, stretch)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(8)
        self._split.setSizes([392, 530, 342])
        self._start = self._framed_empty()
        self._pages.addWidget(self._start)
        self._pages.addWidget(self._split)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(8)
        layout.addWidget(self.banner)
        layout.addWidget(self._pages, 1)
        self.setCentralWidget(body)
        self._arrange_edges()

    def _arrange_edges(self) -> None:
        self.actions_.fill(self.menuBar())
        self._tools.setMovable(False)
        self._tools.setFloatable(False)
        self._tools.setIconSize(QSize(20, 20))
        self._tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._tools.addActions([self.actions_[name] for name in ("folder", "photos")])
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._tools.addWidget(spacer)
        for button in self.actions_.menu_buttons():
            self._tools.addWidget(button)
        keys = QToolButton()
        keys.setProperty("quiet", True)
        keys.setDefaultAction(self.actions_["keys"])
        keys.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._tools.addWidget(keys)
        self.addToolBar(self._tools)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.problems)
        self.resizeDocks([self.problems], [DOCK_HEIGHT], Qt.Orientation.Vertical)
        self.problems.hide()
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.status, 1)

    def _framed_empty(self) -> QWidget:
        frame = QWidget()
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(6, 4, 6, 14)
        layout.addWidget(self.empty)
        return frame

    def _scrolling(self, inner: QWidget) -> QScrollArea:
        padded = QWidget()
        layout = QVBoxLayout(padded)
        layout.setContentsMargins(6, 7, 8, 12)
        layout.addWidget(inner)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        padded.setAutoFillBackground(False)
        area.setWidget(padded)
        area.setMinimumWidth(300)
        return area

    def _connect(self) -> None:
        act = self.actions_
        act["photos"].triggered.connect(self.ask_photos)
        act["folder"].triggered.connect(self.ask_folder)
        act["model"].triggered.connect(self.ask_model)
        act["quit"].triggered.connect(self.close)
        act["keys"].triggered.connect(lambda: KeyMap(act.key_map(), self).open())
        act["about"].triggered.connect(lambda: About(self).open())
        act["problems"].toggled.connect(self.problems.setVisible)
        self.problems.visibilityChanged.connect(self._mirror_problems)
        self.empty.photos_wanted.connect(self.ask_photos)
        self.empty.folder_wanted.connect(self.ask_folder)

    def _mirror_problems(self) -> None:
        self.actions_["problems"].setChecked(not self.problems.isHidden())

    def _retranslate(self) -> None:
        self.actions_.retranslate()
        self.actions_.tint(current())
        self.grid.setAccessibleName(self.tr("Photos"))
        self.view.setAccessibleName(self.tr("The chosen photo"))
        self.answers.setAccessibleName(self.tr("What the photo shows"))
        self._tools.setAccessibleName(self.tr("Tools"))

    def _restore(self) -> None:
        self.resize(SIZE)
        self.restoreGeometry(self._settings.shape("window"))
        self._split.restoreState(self._settings.shape("split"))

"""The Camera page: the picture, the three likeliest species, and what can be done. Decides nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avistar import Identification
from avistar.files import printable
from avistar.media.video import VIDEO_SUFFIXES
from avistar_gui.camera.sources import Source
from avistar_gui.photo.view import PhotoView
from avistar_gui.screen import Key, Page
from avistar_gui.texts import Names, verdict
from avistar_gui.widgets import icons
from avistar_gui.widgets.banner import Banner
from avistar_gui.widgets.species_card import CARDS, SpeciesCard
from avistar_gui.widgets.theme import current, set_font

VIDEO, ADDRESS = "video", "address"
translate = QCoreApplication.translate


class CameraPage(Page):
    """Wishes leave as signals; `source_wanted` with a `Source`."""

    source_wanted = Signal(object)
    start_wanted = Signal()
    freeze_wanted = Signal()
    save_wanted = Signal()
    folder_wanted = Signal(str)
    entered = Signal()
    retranslated = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.banner, self.view = Banner(), PhotoView()
        self.source, self.start = QComboBox(), QPushButton()
        self.freeze, self.save, self.folder = QPushButton(), QPushButton(), QPushButton()
        self.headline, self.reason, self.speed, self.saved = QLabel(), QLabel(), QLabel(), QLabel()
        self.cards = [SpeciesCard(rank, reviewing=False) for rank in range(CARDS)]
        self._running = self._frozen = False
        self._cameras: Sequence[tuple[int, str]] = ()
        self._arrange()
        self.source.activated.connect(self._pick)
        self.start.clicked.connect(self.start_wanted)
        self.freeze.clicked.connect(self.freeze_wanted)
        self.save.clicked.connect(self.save_wanted)
        self.folder.clicked.connect(self._ask_folder)
        for button in (self.start, self.freeze, self.save):
            button.clicked.connect(lambda: self.setFocus())  # so that Space means the picture, not the button
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_state(running=False, frozen=False)
        self.retranslate()

    def show_sources(self, cameras: Sequence[tuple[int, str]]) -> None:
        """Offer these cameras, a video file and an address."""
        self._cameras = cameras
        chosen = self.source.currentData()
        self.source.clear()
        for number, name in cameras:
            text = name or self.tr("Camera {number}").format(number=number + 1)
            self.source.addItem(text, Source(camera=number))
        self.source.addItem(self.tr("Video file…"), VIDEO)
        self.source.addItem(self.tr("Network address…"), ADDRESS)
        if isinstance(chosen, Source):
            self.show_source(chosen)
        else:
            self.source.setCurrentIndex(0 if cameras else -1)
            self.source.setPlaceholderText(self.tr("No camera found"))

    def show_source(self, source: Source) -> None:
        """Show what is watched, also where it is a file or an address that the list did not offer."""
        for index in range(self.source.count()):
            if self.source.itemData(index) == source:
                self.source.setCurrentIndex(index)
                return
        name = printable(os.path.basename(source.video)) if source.video else source.address  # noqa: PTH119
        self.source.insertItem(0, name, source)
        self.source.setCurrentIndex(0)

    def show_state(self, *, running: bool, frozen: bool) -> None:
        """Show whether something is watched, and whether the picture stands still."""
        self._running, self._frozen = running, frozen
        self.freeze.setEnabled(running or frozen)
        self.save.setEnabled(frozen)
        self._label()

    def show_frame(self, frame: QPixmap) -> None:
        """Show a picture of the camera."""
        self.view.show_preview(frame)

    def show_answer(self, answer: Identification | None, names: Names | None) -> None:
        """Show what is seen, smoothed over time."""
        known = answer is not None and names is not None
        said = verdict(answer, names) if answer is not None and names is not None else None
        if answer is None:
            self.view.show_message(self.tr("Choose a camera or a video, then press Start."), "camera")
        self.headline.setText(said.headline if said else self.tr("Nothing to see yet"))
        self.reason.setText(said.reason if said else "")
        best = answer.top(CARDS) if known and answer is not None else ()
        for rank, card in enumerate(self.cards):
            card.setVisible(bool(best))
            card.show_candidate(best[rank] if rank < len(best) else None, names)

    def keys(self) -> list[Key]:
        """Keys of the camera."""
        space = translate("Keys", "Space")
        return [
            Key(space, translate("Keys", "Freeze the camera's picture, or go on")),
            Key("S", translate("Keys", "Save the frozen picture to the survey")),
        ]

    def enter(self) -> None:
        """The page itself takes the keys."""
        self.setFocus()
        self.entered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space freezes, S saves."""
        if event.key() == Qt.Key.Key_Space and self.freeze.isEnabled():
            self.freeze_wanted.emit()
        elif event.key() == Qt.Key.Key_S and self.save.isEnabled():
            self.save_wanted.emit()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything in the language, draw everything in the theme of the moment."""
        self.folder.setText(self.tr("Save to…"))
        self.save.setText(self.tr("Save picture"))
        self.save.setToolTip(self.tr("Save the frozen picture and identify it with the survey (S)"))
        self.folder.setToolTip(self.tr("The folder that saved pictures go to"))
        self.source.setAccessibleName(self.tr("Camera or video"))
        self.view.setAccessibleName(self.tr("What the camera shows"))
        self.show_sources(self._cameras)
        self._label()
        self.retranslated.emit()

    def ask_video(self) -> None:
        """Let the user choose a video file."""
        pattern = " ".join(f"*{suffix}" for suffix in sorted(VIDEO_SUFFIXES))
        kinds = self.tr("Videos ({patterns})").format(patterns=pattern)
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Video file"), "", kinds)
        if path:
            self.source_wanted.emit(Source(video=path))

    def ask_address(self) -> None:
        """Let the user type a network camera's address."""
        text, given = QInputDialog.getText(self, self.tr("Network address"), "rtsp://…")
        if given and text.strip():
            self.source_wanted.emit(Source(address=text.strip()))

    def _pick(self, index: int) -> None:
        chosen = self.source.itemData(index)
        if chosen == VIDEO:
            self.ask_video()
        elif chosen == ADDRESS:
            self.ask_address()
        elif isinstance(chosen, Source):
            self.source_wanted.emit(chosen)

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("The folder that saved pictures go to"))
        if folder:
            self.folder_wanted.emit(folder)

    def _label(self) -> None:
        tokens = current()
        self.start.setText(self.tr("Stop") if self._running else self.tr("Start"))
        colour = tokens.on_accent
        self.start.setIcon(icons.icon("stop" if self._running else "go", colour))
        self.freeze.setText(self.tr("Go on") if self._frozen else self.tr("Freeze"))
        self.freeze.setToolTip(self.tr("Let the picture stand still (Space)"))
        self.freeze.setIcon(icons.icon("go" if self._frozen else "pause", tokens.text, tokens.muted))

    def _arrange(self) -> None:
        self.start.setProperty("primary", True)
        self.source.setMinimumWidth(220)
        self.start.setIconSize(QSize(18, 18))
        top = QHBoxLayout()
        top.setSpacing(8)
        for part in (self.source, self.start, self.freeze, self.save, self.folder):
            top.addWidget(part)
        self.saved.setProperty("muted", True)
        top.addWidget(self.saved, 1)
        set_font(self.headline, 1.55, bold=True)
        self.reason.setProperty("muted", True)
        self.speed.setProperty("muted", True)
        answers = QWidget()
        answers.setFixedWidth(330)
        column = QVBoxLayout(answers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for label in (self.headline, self.reason):
            label.setWordWrap(True)
            column.addWidget(label)
        for card in self.cards:
            column.addWidget(card)
        column.addStretch(1)
        column.addWidget(self.speed)
        body = QHBoxLayout()
        body.setSpacing(20)
        body.addWidget(self.view, 1)
        body.addWidget(answers)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.banner)
        layout.addLayout(body, 1)

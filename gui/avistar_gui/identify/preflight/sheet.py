"""The sheet above the photos before a run: what there is, how long it takes, and what to choose. Decides nothing.

What the sheet before a run says. Knows no widget.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar.files import printable
from avistar.options import MediaChoices
from avistar_gui.identify.preflight.site_dialog import SiteDialog
from avistar_gui.identify.session.model_facts import EngineFacts
from avistar_gui.identify.session.start_facts import USUAL_GAP_S, Preflight, videos_can_be_read
from avistar_gui.identify.texts import Numbers
from avistar_gui.texts import count, duration, locale
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, set_font, tidy

MOST_GAP_S = 600.0

TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.Wheel, QEvent.Type.FocusIn)


class PreflightSheet(QFrame):
    """Shows a `Preflight`. `begin_wanted` and `later_wanted` are its answers, `touched` says that somebody is at it.

    `left` says that it goes while it has the keys.
    """

    begin_wanted = Signal()
    later_wanted = Signal()
    touched = Signal()
    left = Signal()
    asking_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._preflight: Preflight | None = None
        self._engine: EngineFacts | None = None
        self._seconds: int | None = None
        self._detections: Path | None = None
        self._only: tuple[str, ...] = ()
        self.title, self.facts, self.warning, self.countdown = QLabel(), QLabel(), QLabel(), QLabel()
        self.bursts, self.gap, self.gap_end = QCheckBox(), QDoubleSpinBox(), QLabel()
        self.videos, self.ask_first, self.detect = QCheckBox(), QCheckBox(), QCheckBox()
        self.detector, self.no_detector, self.site = QPushButton(), QToolButton(), QPushButton()
        self.begin, self.later = QPushButton(), QPushButton()
        self._prepare()
        self._arrange()
        self._connect()
        self.hide()

    @property
    def choices(self) -> MediaChoices:
        """What is chosen on the sheet."""
        before = self._preflight.choices if self._preflight is not None else MediaChoices()
        same = self._detections == before.detections
        return replace(
            before,
            burst_gap=self.gap.value() if self.bursts.isChecked() else None,
            videos=self.videos.isChecked(),
            detections=self._detections,
            detect=self.detect.isChecked() and self._detections is None,
            detection_confidence=before.detection_confidence if same else None,
        )

    @property
    def only(self) -> tuple[str, ...]:
        """The site's species, by id; empty for all."""
        return self._only

    def show_preflight(self, preflight: Preflight | None, engine: EngineFacts | None) -> None:
        """Show what is known; choices that somebody may be making are left alone. None hides the sheet."""
        before, self._preflight, self._engine = self._preflight, preflight, engine
        if preflight is not None and (before is None or before.folder != preflight.folder):
            self._fill(preflight)
        if preflight is not None:
            self._refresh()
        self.setVisible(preflight is not None)

    def setVisible(self, visible: bool) -> None:
        """Who worked in the sheet goes back to the photos: Qt would go to the first button of the window."""
        focus = self.window().focusWidget()
        if not visible and focus is not None and self.isAncestorOf(focus):
            self.left.emit()
        super().setVisible(visible)

    def show_countdown(self, seconds: int | None) -> None:
        """Say that the run begins by itself in so many seconds; None where it doesn't."""
        self._seconds = seconds
        text = self.tr("Starts automatically in {number} s").format(number=seconds) if seconds is not None else ""
        self.countdown.setText(text)

    def show_asking(self, wanted: bool) -> None:
        """Show whether the sheet comes before every new survey."""
        self.ask_first.setChecked(wanted)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever uses a part of the sheet is not to be hurried."""
        if event.type() in TOUCHES:
            self.touched.emit()
        return super().eventFilter(watched, event)

    def _fill(self, preflight: Preflight) -> None:
        choices = preflight.choices
        self.bursts.setChecked(choices.burst_gap is not None)
        self.gap.setValue(USUAL_GAP_S if choices.burst_gap is None else choices.burst_gap)
        self.videos.setChecked(choices.videos and videos_can_be_read())
        self._detections, self._only = choices.detections, preflight.only
        self.detect.setChecked(choices.detect)

    def _refresh(self) -> None:
        tokens = current()
        self.bursts.setText(self.tr("Answer &bursts together: photos of one camera, up to"))
        self.gap_end.setText(self.tr("seconds apart"))
        self.gap.setAccessibleName(self.tr("Most seconds between two photos of a burst"))
        self.detect.setText(self.tr("Find the &animals first: slower, for camera traps"))
        self.detect.setToolTip(
            self.tr("A detector searches the whole photo; each animal is identified by itself, blanks stay blank")
        )
        self.detect.setEnabled(self._detections is None)
        self.ask_first.setText(self.tr("Show this before a new survey"))
        self.begin.setIcon(icons.icon("go", tokens.on_accent))
        self.no_detector.setIcon(icons.icon("close", tokens.muted))
        self.no_detector.setAccessibleName(self.tr("Without a detector's file"))
        self.show_countdown(self._seconds)
        if self._preflight is not None:
            self._say(self._preflight)

    def _say(self, preflight: Preflight) -> None:
        self.title.setText(headline(preflight))
        before = preflight.choices
        anew = (self._detections, self.choices.detect) != (before.detections, before.detect) and preflight.done > 0
        self.facts.setText(facts(preflight, self._engine.short if self._engine else "", anew=anew))
        said = warnings(preflight)
        if anew:
            said.append(again(preflight))
        self.warning.setText("\n".join(said))
        self.warning.setVisible(bool(said))
        self.videos.setText(self.tr("Identify &videos too, one frame per second"))
        self.videos.setVisible(preflight.videos > 0)
        self.videos.setEnabled(videos_can_be_read())
        name = self._detections.name if self._detections else ""
        self.detector.setText(name or self.tr("&Detector's file…"))
        self.detector.setToolTip(
            self.tr("MegaDetector's results for this folder: each animal is identified by itself, blanks stay blank")
        )
        self.no_detector.setVisible(bool(name))
        number = len(self._only)
        self.site.setText(Numbers().species(number) if number else self.tr("All species at the &site…"))
        self.site.setToolTip(self.tr("Species that don't occur at the site are never named"))
        self.begin.setText(self.tr("&Identify") if preflight.first else self.tr("&Apply"))
        self.later.setText(self.tr("Not now") if preflight.first else self.tr("Cancel"))
        self.setAccessibleName(f"{self.title.text()}. {self.facts.text()}")

    def _ask_detector(self) -> None:
        folder = self._preflight.folder if self._preflight is not None else ""
        kinds = self.tr("MegaDetector results (*.json)") + ";;" + self.tr("All files (*)")
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a detector's file"), folder, kinds)
        if name:
            self.use_detector(Path(name))

    def use_detector(self, file: Path | None) -> None:
        """Identify by the boxes in `file`; None for whole photos."""
        self._detections = file
        self._refresh()

    def _ask_site(self) -> None:
        if self._engine is not None:
            dialog = SiteDialog(list(self._engine.names.species.values()), self._only, self)
            dialog.wanted.connect(self.use_site)
            dialog.open()

    def use_site(self, only: tuple[str, ...]) -> None:
        """Name none but these species (ids); empty for all."""
        self._only = tuple(only)
        self._refresh()

    def _connect(self) -> None:
        self.begin.clicked.connect(self.begin_wanted)
        self.later.clicked.connect(self.later_wanted)
        self.detector.clicked.connect(self._ask_detector)
        self.no_detector.clicked.connect(lambda: self.use_detector(None))
        self.site.clicked.connect(self._ask_site)
        self.ask_first.toggled.connect(self.asking_changed)
        self.bursts.toggled.connect(self.gap.setEnabled)
        self.detect.toggled.connect(lambda _: self._refresh())
        boxes = (self.bursts, self.videos, self.detect, self.ask_first, self.gap, self.gap.lineEdit())
        for part in (*boxes, self.detector, self.no_detector, self.site, self):
            part.installEventFilter(self)

    def _prepare(self) -> None:
        set_font(self.title, 1.35, bold=True)
        self.facts.setProperty("muted", True)
        self.countdown.setProperty("muted", True)
        self.begin.setProperty("primary", True)
        self.no_detector.setProperty("quiet", True)
        self.gap.setRange(0.0, MOST_GAP_S)
        self.gap.setDecimals(1)
        tidy(self.gap)
        self.gap.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for label in (self.title, self.facts, self.warning):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.warning.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def _arrange(self) -> None:
        bursts, animals, others, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (bursts, animals, others, last):
            row.setSpacing(8)
        for part in (self.bursts, self.gap, self.gap_end):
            bursts.addWidget(part)
        bursts.addStretch(1)
        animals.addWidget(self.detect)
        animals.addStretch(1)
        others.addWidget(self.videos)
        others.setSpacing(28)
        others.addWidget(self.ask_first)
        others.addStretch(1)
        for button in (self.detector, self.no_detector, self.site):
            last.addWidget(button)
        last.addStretch(1)
        last.addWidget(self.countdown)
        last.addWidget(self.later)
        last.addWidget(self.begin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 16, 14)
        layout.setSpacing(8)
        for part in (self.title, self.facts, self.warning):
            layout.addWidget(part)
        for row in (bursts, animals, others, last):
            layout.addLayout(row)


translate = QCoreApplication.translate

MOST_FOLDERS = 4
"""Unreadable folders named on the sheet; the problems panel lists all of them."""


def headline(preflight: Preflight) -> str:
    """'8,012 photos and 14 videos in DCIM'."""
    folder = printable(os.path.basename(preflight.folder) or preflight.folder)  # noqa: PTH119 any bytes
    photos = Numbers().photos(preflight.photos)
    if not preflight.videos:
        return translate("Preflight", "{photos} in {folder}").format(photos=photos, folder=folder)
    text = translate("Preflight", "{photos} and {videos} in {folder}")
    return text.format(photos=photos, videos=Numbers().videos(preflight.videos), folder=folder)


def facts(preflight: Preflight, engine: str, *, anew: bool = False) -> str:
    """What is done, what identifies, how fast, and how long it will take; no speed where all is done `anew`."""
    parts = []
    if preflight.done:
        parts.append(Numbers().identified(preflight.done))
    if engine:
        parts.append(engine)
    if preflight.pending_photos and not anew:
        parts.append(_speed(preflight))
    return "   ·   ".join(parts)


def _speed(preflight: Preflight) -> str:
    seconds = preflight.seconds
    if seconds is None:
        return translate("Preflight", "measuring the speed with the first photos…")
    rate = locale().toString(preflight.per_second, "f", 1)
    text = translate("Preflight", "{rate} photos per second on this computer: about {time} for the remaining {number}")
    said = text.format(rate=rate, time=duration(seconds), number=count(preflight.pending_photos))
    if preflight.counts.pending_videos:
        said += translate("Preflight", ", and the videos on top")
    return said


def warnings(preflight: Preflight) -> list[str]:
    """What the user should know before it begins: folders that can't be opened, videos that can't be read, space."""
    said = []
    closed = preflight.seen.unreadable
    if closed:
        lines = [Numbers().not_counted(len(closed))]
        lines += [f"    {folder}: {reason}" for folder, reason in closed[:MOST_FOLDERS]]
        if len(closed) > MOST_FOLDERS:
            lines.append(f"    {Numbers().more_closed(len(closed) - MOST_FOLDERS)}")
        said.append("\n".join(lines))
    if preflight.videos and not videos_can_be_read():
        said.append(f"{Numbers().unread_videos(preflight.videos)} pip install 'avistar[live]'")
    if preflight.lacking_bytes:
        text = translate("Preflight", "The disk that keeps the survey lacks {size}: make room, or the run will stop.")
        said.append(text.format(size=locale().formattedDataSize(preflight.lacking_bytes)))
    return said


def again(preflight: Preflight) -> str:
    """What another detector's file costs once photos are identified."""
    return Numbers().identified_again(preflight.done)

"""The chosen photo at work: loads it, looks for the part that its answer rests on, and tells what is known of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtGui import QImage, QPixmap

from avistar import Classifier
from avistar.images.geometry import Crop, Source
from avistar.occlusion import Evidence
from avistar.records import Record
from avistar_gui.identify.answer_panel import AnswerPanel, Subject
from avistar_gui.identify.photo_model import Photo
from avistar_gui.identify.session.statement import rejected, shape
from avistar_gui.photo.box_overlay import BoxOverlay, LabelledBox
from avistar_gui.photo.details import details
from avistar_gui.photo.evidence_search import EvidenceSearch, Found
from avistar_gui.photo.heat_overlay import HeatOverlay
from avistar_gui.photo.pane import PhotoPane
from avistar_gui.photo.photo_loader import LargePhoto, PhotoLoader
from avistar_gui.photo.video_player import VideoPlayer
from avistar_gui.texts import count, finding_name, flag_sentence, moment, text_of
from avistar_gui.widgets.species_card import CARDS

END_S = 0.2
"""So near its end a video is played from its start."""

REST_MS = 250
"""How long a photo must stay before it is looked at: whoever hurries through photos wants none of it."""

translate = QCoreApplication.translate


class PhotoController(QObject):
    """Feeds `pane` and marks, among `answers`, the species whose evidence is shown."""

    def __init__(
        self,
        pane: PhotoPane,
        answers: AnswerPanel,
        classifier: Callable[[], Classifier | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._pane, self._answers, self._classifier = pane, answers, classifier
        self.loader, self.looker = PhotoLoader(parent=self), EvidenceSearch(self)
        self.player = VideoPlayer(self)
        self._photo: Photo | None = None
        self._record: Record | None = None
        self._subject = Subject()
        self._large: LargePhoto | None = None
        self._found: Found | None = None
        self._rank, self._pointed = 0, -1
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._look)
        self._connect()

    @property
    def shown(self) -> Evidence | None:
        """The evidence that lies over the photo or is said to be unclear, None where none is shown."""
        species = self._species()
        rank = self._pointed if self._pointed >= 0 else self._rank
        if self._found is None or not self._on or rank >= len(species):
            return None
        return self._found.get(species[rank])

    def show(self, photo: Photo | None, ahead: Photo | None = None, preview: QPixmap | None = None) -> None:
        """Show `photo`, whose thumbnail is `preview`, and read `ahead` ahead; None shows nothing."""
        another = (photo.path if photo is not None else "") != (self._photo.path if self._photo is not None else "")
        self._photo, self._large, self._record, self._subject = photo, None, None, Subject()
        if another:
            self.player.stop()
            self._pane.video.show_time(0.0)
            self._rank = 0
            self._pane.toning.next_photo()
            self._forget_evidence()
        self._pane.video.setVisible(photo is not None and photo.row.kind == "video")
        self._pane.view.show_preview(preview)
        self._pane.view.setToolTip("")
        self._pane.caption.setText(photo.name if photo is not None else "")
        self._pane.details.show_lines([])
        if photo is None:
            self.loader.cancel()
        else:
            self.loader.show(photo.path, ahead.path if ahead is not None else None)

    def show_subject(self, subject: Subject) -> None:
        """What is known of the photo, and which thing in it is chosen; again when it changed."""
        self._record, self._subject = subject.record, subject
        self._say()
        self._show_video()
        self._show_boxes()
        self._show_evidence()  # a photo that is chosen again is there before its record
        if self.looker.busy_with == "" and self.shown is None:
            self._look_soon()

    def retry(self, paths: list[str]) -> None:
        """These files were mended."""
        for path in paths:
            self.loader.forget(path)
        self.looker.forget()
        self._forget_evidence()

    def leave_model(self) -> None:
        """The model is about to be closed."""
        self.looker.forget()
        self._forget_evidence()

    def new_model(self) -> None:
        """Another model is open."""
        self.leave_model()
        self._look_soon()

    def retranslate(self) -> None:
        """The language changed."""
        self._say()

    def finish(self) -> None:
        """End every thread."""
        self._rest.stop()
        self.player.finish()
        self.looker.finish()
        self.loader.finish()

    def _connect(self) -> None:
        pane = self._pane
        self.loader.loaded.connect(self._loaded)
        self.loader.failed.connect(self._failed)
        self.loader.sharpened.connect(lambda large: pane.view.sharpen(large.image))
        pane.view.coarse.connect(lambda: self.loader.sharpen(self._path))
        self.looker.progressed.connect(self._looking)
        self.looker.found.connect(self._found_out)
        self.looker.failed.connect(self._not_found_out)
        pane.acts["evidence"].toggled.connect(self._switched)
        pane.acts["evidence_next"].triggered.connect(self._next)
        self._answers.pointed.connect(self._point)

        video, player = pane.video, self.player
        video.play_wanted.connect(self._play)
        video.line.wanted.connect(lambda moment: player.show_at(self._path, moment))
        player.framed.connect(self._frame)
        player.stopped.connect(lambda: video.show_playing(False))
        player.failed.connect(lambda reason: pane.view.setToolTip(text_of(reason)))

    def _play(self) -> None:
        """Play the video from where it stands, from its start at its end, or stop it."""
        line = self._pane.video.line
        if self.player.playing:
            self.player.stop()
        elif self._path:
            at_end = line.time_s >= line.length_s - END_S
            self.player.play(self._path, 0.0 if at_end else line.time_s)
            self._pane.video.show_playing(True)

    def _frame(self, image: QImage, moment: float) -> None:
        self._pane.view.show_frame(image)
        self._pane.video.show_time(moment)

    def _show_video(self) -> None:
        """The length of a video, and the frames that were looked at."""
        record = self._record
        if record is not None and record.medium.kind == "video":
            times = {one.region.time_s for one in record.observations if one.region.time_s is not None}
            self._pane.video.show_video(record.medium.duration_s, sorted(times))

    @property
    def _path(self) -> str:
        return self._photo.path if self._photo is not None else ""

    @property
    def _on(self) -> bool:
        return self._pane.acts["evidence"].isChecked()

    # The photo

    def _loaded(self, large: LargePhoto) -> None:
        self._large = large
        if not self.player.playing:
            self._pane.view.show_photo(large.image, large.full_size[0])
        self._say()
        self._show_boxes()
        self._show_evidence()
        self._look_soon()

    def _failed(self, path: str, reason: str) -> None:
        self._pane.view.show_message(translate("IdentifyController", "This photo can't be shown."))
        self._pane.view.setToolTip(text_of(reason))

    def _say(self) -> None:
        """Caption and details."""
        photo, large, record = self._photo, self._large, self._record
        if photo is None:
            return
        taken = record.medium.capture.taken_at if record is not None else None
        parts = [photo.name, moment(taken) if taken is not None else ""]
        if large is not None:
            width, height = large.full_size
            parts += [f"{count(width)} × {count(height)} px", *map(flag_sentence, large.flags)]
            self._pane.caption.setText("  ·  ".join(part for part in parts if part))
        if record is not None:
            self._pane.details.show_lines(details(record, large, photo.burst))

    def _show_boxes(self) -> None:
        boxes = labelled_boxes(self._subject) if self._record is not None else []
        self._pane.view.show_boxes(BoxOverlay(boxes) if boxes else None)
        self._pane.boxes.show_boxes(boxes)

    # Where its answer comes from

    def _species(self) -> list[str]:
        answer = self._record.identification if self._record is not None else None
        return [one.species.id for one in answer.top(CARDS)] if answer is not None else []

    def _switched(self, on: bool) -> None:
        if on:
            self._look()
        else:
            self._rest.stop()
            self.looker.cancel()
        self._show_evidence()

    def _look_soon(self) -> None:
        if self._on:
            self._rest.start()
            if self._found is None and self._species():
                self._pane.note.show_looking(0.0)

    def _look(self) -> None:
        """Look for the evidence of the three likeliest species, once the photo is there and answered."""
        classifier, record, species = self._classifier(), self._record, self._species()
        if not self._on or self._large is None or record is None or classifier is None:
            return
        source, answer = source_of(record), record.identification
        allowed = {one.species.id for one in answer.candidates} if answer is not None else set()
        known = {one.id for one in classifier.species}
        if source is None:
            self._pane.note.show_video()
        elif not species or not known.issuperset(allowed):
            self._pane.note.show_waiting()
        else:
            if allowed != known:  # the site's list, by which the answer was decided
                classifier = classifier.under(classifier.policy.limited(allowed))
            self.looker.look(self._path, source, species, classifier)

    def _looking(self, path: str, share: float) -> None:
        if path == self._path and self._on:
            self._pane.note.show_looking(share)

    def _found_out(self, path: str, found: Found) -> None:
        if path == self._path:
            self._found = found
            self._show_evidence()

    def _not_found_out(self, path: str, reason: str) -> None:
        if path == self._path:
            self._pane.note.show_failure(text_of(reason))

    def _forget_evidence(self) -> None:
        self._found = None
        self._rest.stop()
        self.looker.cancel()
        self._pane.note.show_waiting()
        self._show_evidence()

    def _point(self, rank: int) -> None:
        self._pointed = rank
        self._show_evidence()

    def _next(self) -> None:
        species = self._species()
        if not self._on:
            self._pane.acts["evidence"].setChecked(True)
        elif species:
            self._rank = (self._rank + 1) % len(species)
            self._show_evidence()

    def _show_evidence(self) -> None:
        evidence = self.shown
        self._pane.view.show_overlay(HeatOverlay(evidence) if evidence is not None else None)
        rank = self._pointed if self._pointed >= 0 else self._rank
        self._answers.mark(rank if self._on else -1)
        if evidence is not None:
            self._pane.note.show_evidence(evidence)


def labelled_boxes(subject: Subject) -> list[LabelledBox]:
    """The boxes of a photo's things with what counts for each; what a person overruled is faint, where it shows at all.

    A detector's box of which a person says that nothing is there stays, faint.
    """
    record, things = subject.record, subject.things
    if record is None:
        return []
    counting = {shape(one.box) for one in things if one.counts}
    standing, dropped = record.identification, rejected(record)
    boxes = []
    for place, one in enumerate(things):
        if one.box is None or (not one.counts and shape(one.box) in counting):
            continue
        leading = one.counts and one.answer is not None and one.answer is standing
        name = finding_name("empty") if not one.counts and shape(one.box) in dropped else finding_name(one.what)
        if one.counts and one.count is not None and one.count > 1:
            name = f"{count(one.count)} × {name}"
        drawn = one.sighting is not None and shape(one.box) not in {shape(box) for box in record.detections}
        chosen = place == subject.chosen
        boxes.append(LabelledBox(one.box, name, leading, chosen, movable=drawn, faint=not one.counts, place=place))
    known = {shape(one.box) for one in boxes}
    loose = [box for box in record.detections if shape(box) not in known] if record.review is None else []
    return [*boxes, *(LabelledBox(box, finding_name(box.category)) for box in loose)]


def source_of(record: Record) -> Source | None:
    """What the answer about a photo was given for: all of it, or its surest box. None for a video."""
    if record.medium.kind != "photo":
        return None
    boxes = [(one.identification, one.region.box) for one in record.observations if one.region.box is not None]
    if not boxes:
        return record.medium.path
    _, box = max(boxes, key=lambda one: one[0].decision.confidence if one[0].decision else -1.0)
    return Crop(record.medium.path, box.left, box.top, box.width, box.height)

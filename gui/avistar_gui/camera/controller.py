"""The camera at work: watches with the open model, freezes, saves, and says when the camera is gone.

A frozen frame as a photo file of a survey.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths, Signal
from PySide6.QtGui import QPixmap

from avistar import Classifier, Identification
from avistar.files import replaced
from avistar.images.geometry import Pixels
from avistar.media.camera import Camera, CameraShot
from avistar.media.live import Moment
from avistar_gui.camera.page import CameraPage
from avistar_gui.camera.sources import Source, camera_for, cameras
from avistar_gui.camera.watcher import Watcher
from avistar_gui.settings import Settings
from avistar_gui.tasks import TaskQueue
from avistar_gui.texts import Names, locale
from avistar_gui.widgets.banner import Message
from avistar_gui.widgets.thumbnails import to_image

translate = QCoreApplication.translate

MakeCamera = Callable[[Source], Camera]


class CameraController(QObject):
    """The Camera page; `classifier` gives the open model, `saved` (a path) a picture for the survey."""

    saved = Signal(str)

    def __init__(
        self,
        classifier: Callable[[], Classifier | None],
        settings: Settings,
        parent: QObject | None = None,
        *,
        make_camera: MakeCamera = camera_for,
    ) -> None:
        super().__init__(parent)
        self._classifier, self._settings, self._make_camera = classifier, settings, make_camera
        self.page = CameraPage()
        self.watcher = Watcher(self)
        self._files = TaskQueue("frames", 1, self)
        self._source: Source | None = None
        self._names: Names | None = None
        self._shot: CameraShot | None = None
        self._answer: Identification | None = None
        self._lost = ""
        self._rate, self._age_ms = 0.0, 0
        self._frozen = False
        page = self.page
        page.source_wanted.connect(self.watch)
        page.start_wanted.connect(self._start_or_stop)
        page.freeze_wanted.connect(self.freeze)
        page.save_wanted.connect(self.save)
        page.folder_wanted.connect(self._keep_folder)
        page.retranslated.connect(self._retranslate)
        self.watcher.moment.connect(self._show)
        self.watcher.ended.connect(self._ended)
        self.watcher.failed.connect(self._failed)
        page.show_sources(cameras())
        first = page.source.itemData(0)
        self._source = first if isinstance(first, Source) else None
        page.show_answer(None, None)

    @property
    def folder(self) -> Path:
        """Where saved pictures go."""
        chosen = self._settings.text("camera/folder")
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        return Path(chosen) if chosen else Path(pictures or Path.home()) / "Avistar"

    def watch(self, source: Source) -> None:
        """Watch `source`, in place of the one before."""
        classifier = self._classifier()
        self._source = source
        self.page.banner.clear()
        if classifier is None:
            self.page.banner.show_message(
                Message(lambda: translate("CameraController", "The model is not open yet; try again in a moment."))
            )
            return
        self._lost, self._frozen = "", False
        self._names = Names.of(classifier)
        self.page.show_source(source)
        self.watcher.start(lambda: self._make_camera(source), classifier)
        self.page.show_state(running=True, frozen=False)

    def stop(self) -> None:
        """Stop watching; the last picture stays."""
        self.watcher.stop()
        self.page.show_state(running=False, frozen=self._frozen)

    def freeze(self) -> None:
        """Let the picture stand still, or go on."""
        self._frozen = not self._frozen and self._shot is not None
        self.page.show_state(running=self.watcher.running, frozen=self._frozen)

    def save(self) -> None:
        """Save the frozen picture as a photo of the survey."""
        shot = self._shot
        if shot is not None and self._frozen:
            pixels, folder, now = shot.frame.pixels, self.folder, datetime.now()
            self._files.run(
                lambda _: save_frame(pixels, folder, now), done=self._saved, failed=lambda e: self._say_failed(str(e))
            )

    def finish(self) -> None:
        """End threads; safe to call twice."""
        self.watcher.finish()
        self._files.finish()

    def _start_or_stop(self) -> None:
        if self.watcher.running:
            self.stop()
        elif self._source is not None:
            self.watch(self._source)
        else:
            self.page.ask_video()

    def _show(self, moment: Moment) -> None:
        if moment.state == "lost":
            self._show_lost(moment.reason)
        elif self._lost:
            self._lost = ""
            self.page.banner.clear()
        if moment.shot is None or self._frozen:
            return
        self._shot, self._answer = moment.shot, moment.smoothed
        self._rate, self._age_ms = moment.rate, round(moment.age_s * 1000)
        self.page.show_frame(QPixmap.fromImage(to_image(moment.shot.frame.pixels)))
        self._retranslate()

    def _show_lost(self, reason: str) -> None:
        if self._lost == reason and self.page.banner.isVisible():
            return
        self._lost = reason
        self.page.banner.show_message(
            Message(
                title=lambda: translate("CameraController", "The camera is not responding. Trying to reconnect…"),
                detail=reason,
                severity="error",
                action=lambda: translate("CameraController", "Retry now"),
                on_action=self._retry,
            )
        )

    def _retry(self) -> None:
        if self._source is not None:
            self.watch(self._source)

    def _ended(self) -> None:
        self.page.show_state(running=False, frozen=self._frozen)

    def _failed(self, reason: str) -> None:
        self.page.show_state(running=False, frozen=False)
        self._say_failed(reason)

    def _say_failed(self, reason: str) -> None:
        self.page.banner.show_message(
            Message(
                title=lambda: translate("CameraController", "Something went wrong."),
                detail=reason,
                severity="error",
                action=lambda: translate("CameraController", "Try again"),
                on_action=self._retry,
            )
        )

    def _saved(self, path: Path) -> None:
        text = translate("CameraController", "Saved: {file}")
        self.page.saved.setText(text.format(file=path.name))
        self.page.saved.setToolTip(str(path))
        self.saved.emit(str(path))

    def _keep_folder(self, folder: str) -> None:
        self._settings.keep_text("camera/folder", folder)

    def _retranslate(self) -> None:
        self.page.show_answer(self._answer, self._names)
        if self._shot is not None:
            text = translate("CameraController", "{rate} frames per second, {age} ms behind")
            self.page.speed.setText(text.format(rate=locale().toString(self._rate, "f", 1), age=self._age_ms))


QUALITY = 95

TAKEN_AT = 0x9003  # EXIF 2.32: DateTimeOriginal

EXIF_TIMES = 0x8769


def save_frame(pixels: Pixels, folder: Path, now: datetime) -> Path:
    """Write `pixels` (uint8 RGB [H, W, 3]) as a JPEG with its moment, under a name that is free in `folder`.

    Raises `OSError` or `AvistarError` where it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"camera_{now:%Y-%m-%d_%H%M%S}"
    target = folder / f"{name}.jpg"
    number = 1
    while target.exists():
        number += 1
        target = folder / f"{name}_{number}.jpg"
    exif = Image.Exif()
    exif.get_ifd(EXIF_TIMES)[TAKEN_AT] = f"{now:%Y:%m:%d %H:%M:%S}"
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=QUALITY, exif=exif)
    with replaced(target) as partial:
        partial.write_bytes(stream.getvalue())
    return target

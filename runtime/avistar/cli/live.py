"""`avistar live`: what a camera shows right now."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from avistar.cli.console import note, rich_console, tell
from avistar.cli.identify_plan import check_media
from avistar.cli.options import (
    DetectionConfidenceOption,
    DetectOption,
    DetectorOption,
    DeviceName,
    LanguageName,
    ModelOption,
    OnlyOption,
    PrecisionName,
)
from avistar.cli.signals import INTERRUPTED
from avistar.cli.texts import Sentences, locale_language
from avistar.message import Message

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from avistar.media.camera import Camera
    from avistar.media.live import Moment
    from avistar.records import Record

_BAR = 24
_LINE_EVERY_S = 1.0


def live(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A camera's number, a stream (rtsp://...), or a video file.")
    ] = "0",
    *,
    snapshots: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep a picture here whenever an animal is named.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the snapshots to this catalogue.")
    ] = None,
    every: Annotated[float, typer.Option(min=0, help="Seconds between two snapshots of the same animal.")] = 10.0,
    smooth: Annotated[
        float, typer.Option(min=0, max=60, help="Seconds after which a picture counts half. 0: each stands alone.")
    ] = 0.7,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so many seconds. Default: Ctrl-C.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for a camera that isn't there yet.")] = False,
    detect: DetectOption = False,
    detector: DetectorOption = None,
    detection_confidence: DetectionConfidenceOption = None,
    only: OnlyOption = None,
    model: ModelOption = None,
    device: Annotated[DeviceName, typer.Option(help="What to run on.")] = DeviceName.AUTO,
    precision: Annotated[PrecisionName | None, typer.Option(help="Which artifact of the bundle to run.")] = None,
    language: Annotated[
        LanguageName | None, typer.Option(help="Language of the answers. Default: the system's.", show_default=False)
    ] = None,
) -> None:
    """Say which species a camera shows right now, until Ctrl-C or the end of the video."""
    from avistar.classifier import Classifier
    from avistar.errors import UsageError
    from avistar.media.live import watch
    from avistar.options import MediaChoices, MediaOptions, Thresholds
    from avistar.pipeline import identify_in_boxes

    if catalogue is not None and snapshots is None:
        raise UsageError("--catalogue needs --snapshots FOLDER: it says where the pictures of the catalogue lie")
    with ExitStack() as stack:
        opened = Classifier.open(model, device.value, precision=precision.value if precision else None)
        classifier = Thresholds(only).applied(stack.enter_context(opened))
        options = MediaOptions(detection_confidence=detection_confidence, detect=detect or None, detector=detector)
        check_media(options, kept=False)
        own = options.over(MediaChoices()).own_detector
        look = None
        if own is not None:
            look = partial(identify_in_boxes, classifier, stack.enter_context(own.open(device.value)))
        words = Sentences.of(classifier, language.value if language else locale_language())
        keep = _keeper(stack, classifier, snapshots, catalogue, every)
        camera = open_camera(source)
        stack.callback(camera.close)
        view = _view(words)
        stack.callback(view.close)
        run = _Run(view, keep, words, wait=wait, seconds=seconds)
        interrupted = False
        try:
            for moment in watch(camera, classifier, look=look, half_life_s=smooth):
                if not run.take(moment):
                    break
        except KeyboardInterrupt:
            interrupted = True
    run.close()
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def open_camera(source: str) -> Camera:
    """The camera that `source` names: a number, a stream's address, or a video file played at its own pace.

    Raises `ImageError` for a file that is no video, `MissingExtra` without OpenCV.
    """
    from avistar.media.camera import Camera
    from avistar.media.frame_source import PacedFrames
    from avistar.media.opencv import CameraFrames, VideoFile

    if source.isdecimal():
        return Camera(lambda: CameraFrames(int(source)))
    if "://" in source:
        return Camera(lambda: CameraFrames(source))
    paced = PacedFrames(VideoFile(source))
    return Camera(lambda: paced)


def _keeper(
    stack: ExitStack, classifier: object, folder: Path | None, catalogue: Path | None, every: float
) -> Callable[[Moment], Record | None]:
    """What keeps a moment: in a folder, and in a catalogue of that folder."""
    if folder is None:
        return lambda moment: None
    from avistar.media.live import Snapshots

    pictures = Snapshots(folder, every)
    if catalogue is None:
        return lambda moment: pictures.keep(moment, datetime.now().astimezone())
    from avistar import __version__
    from avistar.catalogue import Catalogue, Model
    from avistar.classifier import Classifier
    from avistar.records import SurveyFacts

    assert isinstance(classifier, Classifier)  # noqa: S101 its type is only loaded here
    model = Model.of(classifier)
    now = datetime.now().astimezone()
    ids, listed = tuple(one.id for one in classifier.species), tuple(sorted(classifier.policy.only))
    facts = SurveyFacts(str(folder.absolute()), now, f"avistar {__version__}", ids, listed)
    store = stack.enter_context(Catalogue.open(catalogue, new=facts))

    def keep(moment: Moment) -> Record | None:
        record = pictures.keep(moment, datetime.now().astimezone())
        if record is not None:
            store.write([record], model)
        return record

    return keep


@dataclass(slots=True)
class _Run:
    """One look at a camera: shows each moment, keeps some, and decides when it is over."""

    view: View
    keep: Callable[[Moment], Record | None]
    words: Sentences
    wait: bool
    seconds: float | None
    named: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    answers: int = 0
    started: float = field(default_factory=time.monotonic)

    def take(self, moment: Moment) -> bool:
        """Whether to go on. Raises `BackendUnavailable` for a camera that was never there."""
        from avistar.errors import BackendUnavailable

        if moment.state == "lost" and not self.answers and not self.wait:
            raise BackendUnavailable(moment.reason)
        self.answers += moment.answer is not None
        record = self.keep(moment)
        if record is not None:
            self.kept += 1
        self.view.show(moment, record)
        return self.seconds is None or time.monotonic() - self.started < self.seconds

    def close(self) -> None:
        """Say what became of it."""
        passed = time.monotonic() - self.started
        rate = f"{self.answers / max(passed, 1e-6):.1f}"
        note(
            Message(
                "{answers} answers in {seconds} s ({rate}/s), {kept} snapshots",
                answers=self.answers,
                seconds=f"{passed:.1f}",
                rate=rate,
                kept=self.kept,
            ).to(self.words.language)
        )


class View(Protocol):
    """Shows moments."""

    def show(self, moment: Moment, kept: Record | None) -> None:
        """Show one, and the snapshot that was kept of it."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


def _view(words: Sentences) -> View:
    return TerminalView(words) if sys.stdout.isatty() else LineView(words)


def _state(moment: Moment) -> Message:
    if moment.state == "lost":
        return Message("camera lost: {reason}; looking for it", reason=moment.reason)
    if moment.state == "ended":
        return Message("end of the video")
    return Message("waiting for a new picture") if moment.state == "live" else Message("waiting for the camera")


def headline(moment: Moment, words: Sentences) -> str:
    """The answer in one line: 'Wolf 93.1%', 'a canid, probably wolf or collie (88.0%)', 'camera lost: …'."""
    if moment.smoothed is None:
        return _state(moment).to(words.language)
    answer = moment.smoothed
    if answer.failure is not None:
        return words.failure(answer)
    if answer.decision is not None and answer.decision.kind == "species":
        return f"{words.species_name(answer.decision.id)} {words.percent(answer.decision.confidence)}"
    return words.decision(answer)


class LineView:
    """A line whenever the answer changes, and one a second while it stays, for a pipe or a log."""

    def __init__(self, words: Sentences) -> None:
        self._words = words
        self._last: tuple[str, str] = ("", "")
        self._shown_s = float("-inf")

    def show(self, moment: Moment, kept: Record | None) -> None:
        """Print it if it is new or a second old."""
        decision = moment.smoothed.decision if moment.smoothed else None
        what = (moment.state, f"{decision.kind} {decision.id}" if decision else "")
        now = time.monotonic()
        if what != self._last or kept is not None or (moment.answer and now - self._shown_s >= _LINE_EVERY_S):
            self._last, self._shown_s = what, now
            parts = [datetime.now().strftime("%H:%M:%S"), headline(moment, self._words)]
            if moment.answer is not None:
                parts.append(f"{moment.rate:.1f}/s, {1000 * moment.age_s:.0f} ms")
            if kept is not None:
                parts.append(kept.medium.path)
            tell("  ".join(parts))
            sys.stdout.flush()

    def close(self) -> None:
        """Nothing is left."""


class TerminalView:
    """The answer, its likeliest species with bars, and how fresh it is, in one place of a terminal."""

    def __init__(self, words: Sentences) -> None:
        from rich.live import Live

        self._words = words
        self._kept = ""
        self._live: Live = Live(console=rich_console(), refresh_per_second=8)
        self._live.start()

    def show(self, moment: Moment, kept: Record | None) -> None:
        """Draw it."""
        if kept is not None:
            self._kept = kept.medium.path
        self._live.update(self._drawn(moment))

    def close(self) -> None:
        """Leave the last picture standing."""
        self._live.stop()

    def _drawn(self, moment: Moment) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        table.add_row(Text(headline(moment, self._words), style="bold red" if moment.state == "lost" else "bold"))
        if moment.smoothed is not None:
            for candidate in moment.smoothed.top(3):
                bar = "█" * round(_BAR * candidate.confidence)
                name = candidate.species.name(self._words.language)
                table.add_row(Text(f"{name:<18} {bar:<{_BAR}} {self._words.percent(candidate.confidence):>7}"))
            table.add_row(Text(f"{moment.rate:.1f}/s, {1000 * moment.age_s:.0f} ms", style="dim"))
        if self._kept:
            table.add_row(Text(Message("written to {path}", path=self._kept).to(self._words.language), style="dim"))
        return table

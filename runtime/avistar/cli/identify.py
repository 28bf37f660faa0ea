"""`avistar identify`: which species is in each picture."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note
from avistar.cli.identify_output import Listing, PipeListing, Silence, TerminalListing
from avistar.cli.identify_plan import CatalogueOptions, check_media
from avistar.cli.identify_work import (
    CatalogueRun,
    Sighted,
    Sightings,
    Stream,
    Work,
    tell_passed_over,
    tell_unseen,
)
from avistar.cli.options import (
    BurstGapOption,
    ClusterOption,
    CpusPerWorkerOption,
    DetectionConfidenceOption,
    DetectionsOption,
    DetectOrNotOption,
    DetectorOption,
    DeviceName,
    FamiliarityFloorOption,
    FrameRateOption,
    GroupConfidenceOption,
    LanguageName,
    ModelOption,
    OnlyOption,
    OtherModel,
    OverwriteOption,
    PrecisionName,
    SpeciesConfidenceOption,
    TimeZoneOption,
)
from avistar.cli.signals import INTERRUPTED
from avistar.cli.texts import Sentences, folders, locale_language, other_files, pictures
from avistar.errors import UsageError
from avistar.files import check_new
from avistar.message import Message
from avistar.options import MediaChoices, MediaOptions, check_coverage

if TYPE_CHECKING:
    from avistar.backends.factory import Device
    from avistar.classifier import Classifier
    from avistar.formats.answers import ResultsFile
    from avistar.identification import Identification
    from avistar.manifest import Precision
    from avistar.options import Thresholds
    from avistar.pipeline import Pace
    from avistar.scan import Scan
    from avistar.species import Language


WORTH_MEASURING = 300
"""Pictures from which on measuring the pace costs less than it gains."""


def identify(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Pictures, folders (searched whole) or patterns such as '**/*.jpg'."),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also write a row for each picture to this .csv or .jsonl file; a folder with --cluster.",
        ),
    ] = None,
    overwrite: OverwriteOption = False,
    top: Annotated[int, typer.Option(min=1, max=100, help="How many of the likeliest species to show.")] = 3,
    model: ModelOption = None,
    device: Annotated[
        DeviceName, typer.Option(help="What to run on. 'auto' takes the best that works, others run or fail.")
    ] = DeviceName.AUTO,
    precision: Annotated[
        PrecisionName | None, typer.Option(help="Which artifact of the bundle to run. Default: the device's fastest.")
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep everything in this file (survey.avistar): the same command again goes on where it stopped.",
        ),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="With --catalogue: try again what could not be identified.")
    ] = False,
    other_model: Annotated[
        OtherModel | None,
        typer.Option(
            help="With --catalogue: keep what another model answered, or identify it again; again also for other "
            "detectors, time zones and frame rates."
        ),
    ] = None,
    moved: Annotated[
        bool, typer.Option("--moved", help="With --catalogue: its folder is the same, in another place.")
    ] = False,
    embeddings: Annotated[
        bool,
        typer.Option(
            "--embeddings/--no-embeddings",
            help="With --catalogue: keep beside it what the network saw, to answer again in seconds after teaching.",
        ),
    ] = True,
    only: OnlyOption = None,
    species_confidence: SpeciesConfidenceOption = None,
    group_confidence: GroupConfidenceOption = None,
    familiarity_floor: FamiliarityFloorOption = None,
    detect: DetectOrNotOption = None,
    detector: DetectorOption = None,
    detections: DetectionsOption = None,
    detection_confidence: DetectionConfidenceOption = None,
    burst_gap: BurstGapOption = None,
    timezone: TimeZoneOption = None,
    frames_per_second: FrameRateOption = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Pictures that the network sees at once. Default: measured."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Threads that decode and identify. Default: one for each CPU.")
    ] = None,
    cluster: ClusterOption = None,
    cpus_per_worker: CpusPerWorkerOption = None,
    language: Annotated[
        LanguageName | None, typer.Option(help="Language of the answers. Default: the system's.", show_default=False)
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress bar and no notes; with --out or --catalogue, no table either."),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what runs where, and why a GPU was not used.")
    ] = False,
) -> None:
    """Say which species is in each picture, and how sure that is.

    Ends with 0 when every picture was answered, 1 when some failed, 2 when there was nothing to do.
    """
    from avistar.options import Thresholds

    spoken = language.value if language else locale_language()
    request = _Request(
        paths, out, top, model, device.value, precision.value if precision else None, batch, workers,
        Thresholds(only, species_confidence, group_confidence, familiarity_floor),
        MediaOptions(detections, detection_confidence, burst_gap, timezone, frames_per_second, detect, detector),
    )  # fmt: skip
    if out is not None and cluster is None:
        check_new(out, overwrite=overwrite)
    if cluster is not None:
        if catalogue is not None:
            raise UsageError("with --cluster, answers go to --out DIR; `avistar survey import` makes a catalogue of it")
        if replace(request.media, detect=None, detector=None, detection_confidence=None) != MediaOptions():
            raise UsageError(
                "with --cluster, photos are identified one by one: leave a detector's file, bursts, "
                "time zone and frames to `avistar identify --catalogue`"
            )
        raise typer.Exit(_identify_on_cluster(request, cluster, cpus_per_worker, spoken, quiet=quiet))
    if catalogue is None and (retry_failed or other_model or moved):
        raise UsageError("--retry-failed, --other-model and --moved say what to do with a --catalogue: name one")
    check_media(request.media, kept=catalogue is not None)
    keeping = (
        CatalogueOptions(catalogue, request.media, moved, retry_failed, other_model, device.value, embeddings)
        if catalogue
        else None
    )
    raise typer.Exit(_identify(request, keeping, spoken, quiet=quiet, verbose=verbose))


@dataclass(frozen=True, slots=True)
class _Request:
    paths: list[str]
    out: Path | None
    top: int
    model: Path | None
    device: Device
    precision: Precision | None
    batch: int | None
    workers: int | None
    thresholds: Thresholds
    media: MediaOptions


@dataclass(slots=True)
class _Tally:
    """What became of the pictures."""

    total: int
    kinds: Counter[str] = field(default_factory=Counter)
    beside: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    started: float = field(default_factory=time.perf_counter)

    def add(self, one: Sighted) -> None:
        answer = one.answer
        kind = answer.decision.kind if answer.decision else "failed" if answer.failure else ""
        self.kinds[kind or ("beside" if one.beside else "empty")] += 1
        self.beside.update(one.beside)

    @property
    def done(self) -> int:
        return self.kinds.total()


def _identify_on_cluster(
    request: _Request, address: str, cpus_per_worker: int | None, language: Language, *, quiet: bool
) -> int:
    from avistar.cli.identify_cluster import cluster_run, identify_on_cluster

    asked = cluster_run(
        request.paths, request.out, address,
        bundle=request.model, device=request.device, precision=request.precision, batch=request.batch or 8,
        cpus=cpus_per_worker, thresholds=request.thresholds, detector=request.media.over(MediaChoices()).own_detector,
    )  # fmt: skip
    return identify_on_cluster(asked, language, quiet=quiet)


def _identify(
    request: _Request, keeping: CatalogueOptions | None, language: Language, *, quiet: bool, verbose: bool
) -> int:
    from avistar.classifier import Classifier
    from avistar.formats.answers import check_target
    from avistar.media.reader import readable_suffixes
    from avistar.scan import Scan

    if request.out is not None:
        check_target(request.out)
    scan = Scan(request.paths, readable_suffixes())
    with ExitStack() as stack:
        # Nothing is loaded for a folder without pictures; a catalogue wants to know the model first.
        pictures = [] if keeping else list(scan)  # 100,000 paths are 15 MB; "time left" needs their number
        if keeping is None and not pictures:
            _warn(scan, language)
            return 1 if scan.unreadable else 2
        opened = Classifier.open(request.model, request.device, precision=request.precision)
        classifier = request.thresholds.applied(stack.enter_context(opened))
        _explain_device(classifier, verbose=verbose, quiet=quiet)
        words = Sentences.of(classifier, language)
        work: Work
        if keeping is None:
            work = _passing(request, classifier, pictures, words, quiet=quiet)
        else:
            work = stack.enter_context(closing(CatalogueRun.open(keeping, classifier, scan, words, quiet=quiet)))
        _warn(scan, language)
        tally = _run(request, work, words, quiet=quiet, verbose=verbose)
        _close(tally, scan, request.out, language, quiet)
        work.tell()
    if tally.interrupted:
        return INTERRUPTED
    return int(bool(tally.kinds["failed"] or scan.unreadable or scan.unmatched))


def _passing(
    request: _Request, classifier: Classifier, pictures: list[str], words: Sentences, *, quiet: bool
) -> Stream | Sightings:
    """Pictures that no catalogue keeps: as they are, or through boxes and videos."""
    from avistar.media.photo import file_medium
    from avistar.media.reader import kind_of
    from avistar.survey import common_folder

    choices = request.media.over(MediaChoices())
    looks = choices.detections is not None or choices.detect
    if not looks and all(kind_of(path) == "photo" for path in pictures):
        return Stream(classifier, pictures)
    folder = Path(common_folder(request.paths))
    opening = choices.opening(folder, request.device)
    found = opening.detections
    seen = sum(file_medium(path, folder, "photo").relative in found for path in pictures) if found else 0
    tell_unseen(check_coverage(opening, seen, len(pictures), str(folder)), words, quiet=quiet)
    tell_passed_over(found, words, quiet=quiet)
    return Sightings(classifier, pictures, opening, folder)


def _run(request: _Request, work: Work, words: Sentences, *, quiet: bool, verbose: bool) -> _Tally:
    from avistar.formats.answers import ResultsFile

    tally = _Tally(work.total)
    top = min(request.top, len(words.species))
    pace = _pace(request, work)
    note(f"{pace.workers} workers, batches of {pace.batch}", quiet=not verbose)
    with ExitStack() as stack:
        results = stack.enter_context(ResultsFile(request.out, top=top)) if request.out else None
        write, kept = _row_writer(results, words), work.kept()
        listing = _listing(words, top, quiet=quiet, written=results is not None or kept is not None)
        stack.callback(listing.close)
        advance = stack.enter_context(_progress(work.total, quiet))
        answers = stack.enter_context(closing(work.answers(pace)))
        _consume(answers, tally, listing, write if kept is None else _ignore, advance)
        for answer in kept or () if results else ():
            write(answer)
    return tally


def _pace(request: _Request, work: Work) -> Pace:
    """As the user says, else measured where that pays; a few pictures are shared out among the workers."""
    from avistar.pipeline import Pace, measured_pace

    pace = Pace.here()
    if request.batch is None and work.total >= WORTH_MEASURING:
        pace = measured_pace(work.classifier)
    pace = replace(pace, workers=request.workers or pace.workers)
    shared = max(1, -(-work.total // pace.workers))
    return replace(pace, batch=request.batch or min(pace.batch, shared))


def _consume(
    answers: Iterator[Sighted],
    tally: _Tally,
    listing: Listing,
    write: Callable[[Identification], None],
    advance: Callable[[], None],
) -> None:
    """Pass each answer on; Ctrl-C ends the run, and what is done is kept."""
    try:
        for one in answers:
            write(one.answer)
            listing.add(one)
            tally.add(one)
            advance()
    except KeyboardInterrupt:
        tally.interrupted = True


def _ignore(_: Identification) -> None:
    """For answers that are written elsewhere."""


def _row_writer(results: ResultsFile | None, words: Sentences) -> Callable[[Identification], None]:
    if results is None:
        return lambda answer: None
    return lambda answer: results.write(answer, words.failure(answer) or None)


def _warn(scan: Scan, language: Language) -> None:
    """Say which folders could not be read or hold nothing: shown with --quiet too, since rows are missing."""
    from avistar.files import printable

    for path, reason in scan.unreadable:
        note(Message("can't look into {path} ({reason})", path=path, reason=reason).to(language))
    for path, looked in scan.empty:
        note(
            Message("no pictures in {path}, looked into {folders}", path=printable(path), folders=folders(looked)).to(
                language
            )
        )
    for pattern in scan.unmatched:
        note(Message("nothing matches {path}", path=printable(pattern)).to(language))


def _explain_device(classifier: Classifier, *, verbose: bool, quiet: bool) -> None:
    """With -v all of it; otherwise one line, and only where a GPU build says that a GPU was expected."""
    if verbose:
        note(f"{classifier.bundle.folder}: {classifier.provenance.runs_on}")
        for reason in classifier.rejected:
            note(reason)
    elif classifier.rejected and _gpu_build_installed():
        note(f"{classifier.provenance.runs_on}: the GPU was not used; -v says why", quiet=quiet)


def _gpu_build_installed() -> bool:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution("onnxruntime-gpu")
    except PackageNotFoundError:
        return False
    return True


def _listing(words: Sentences, top: int, *, quiet: bool, written: bool) -> Listing:
    if quiet and written:
        return Silence()
    return TerminalListing(words, top, hint=not written) if sys.stdout.isatty() else PipeListing(words, top)


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on stderr, where that is a terminal; gives the function that moves it on by one."""
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    from avistar.cli.progress_bar import bar

    with bar(total) as advance:
        yield advance


def _close(tally: _Tally, scan: Scan, out: Path | None, language: Language, quiet: bool) -> None:
    seconds = time.perf_counter() - tally.started
    parts = [
        Message(
            "{pictures} in {seconds} s ({rate}/s): {species} species, {group} group, {unknown} unknown, "
            "{failed} failed",
            pictures=pictures(tally.done),
            seconds=f"{seconds:.1f}",
            rate=f"{tally.done / max(seconds, 1e-6):.1f}",
            **{kind: tally.kinds[kind] for kind in ("species", "group", "unknown", "failed")},
        ).to(language)
    ]
    kinds = (
        (tally.kinds["empty"], Message("{number:,} empty", number=tally.kinds["empty"])),
        (tally.beside["person"], Message("people in {number:,}", number=tally.beside["person"])),
        (tally.beside["vehicle"], Message("vehicles in {number:,}", number=tally.beside["vehicle"])),
    )
    if found := [said.to(language) for number, said in kinds if number]:
        parts.append(", ".join(found))
    if scan.skipped:
        parts.append(Message("{files} skipped", files=other_files(scan.skipped)).to(language))
    if out is not None:
        parts.append(Message("written to {path}", path=out).to(language))
    if tally.interrupted:
        parts.insert(0, Message("interrupted after {done} of {total}", done=tally.done, total=tally.total).to(language))
    note("; ".join(parts), quiet=quiet)

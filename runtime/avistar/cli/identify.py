"""`avistar identify`: which species is in each picture."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note
from avistar.cli.listing import Listing, PipeListing, Silence, TerminalListing
from avistar.cli.options import DeviceName, LanguageName, ModelOption, PrecisionName
from avistar.cli.words import Words, count, locale_language, say

if TYPE_CHECKING:
    from avistar.backends.choose import Device
    from avistar.classifier import Classifier, Identification
    from avistar.manifest import Precision
    from avistar.results import ResultsFile
    from avistar.scan import Scan
    from avistar.species import Language

INTERRUPTED = 130


def identify(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Pictures, folders (searched whole) or patterns such as '**/*.jpg'."),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a row for each picture to this .csv or .jsonl file."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=30, help="How many of the likeliest species to show.")] = 3,
    model: ModelOption = None,
    device: Annotated[
        DeviceName, typer.Option(help="What to run on. 'auto' takes the best that works, others run or fail.")
    ] = DeviceName.AUTO,
    precision: Annotated[
        PrecisionName | None, typer.Option(help="Which artifact of the bundle to run. Default: the device's fastest.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=1024, help="Pictures that the network sees at once.")] = 8,
    language: Annotated[
        LanguageName | None, typer.Option(help="Language of the answers. Default: the system's.", show_default=False)
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress bar and no notes; with --out, no table either.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what runs where, and why a GPU was not used.")
    ] = False,
) -> None:
    """Say which species is in each picture, and how sure that is.

    Ends with 0 when every picture was answered, 1 when some failed, 2 when there was nothing to do.
    """
    spoken = language.value if language else locale_language()
    request = _Request(paths, out, top, model, device.value, precision.value if precision else None, batch)
    raise typer.Exit(_identify(request, spoken, quiet=quiet, verbose=verbose))


@dataclass(frozen=True, slots=True)
class _Request:
    paths: list[str]
    out: Path | None
    top: int
    model: Path | None
    device: Device
    precision: Precision | None
    batch: int


@dataclass(slots=True)
class _Tally:
    """What became of the pictures."""

    total: int
    kinds: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    started: float = field(default_factory=time.perf_counter)

    def add(self, answer: Identification) -> None:
        self.kinds["failed" if answer.decision is None else answer.decision.kind] += 1

    @property
    def done(self) -> int:
        return self.kinds.total()


def _identify(request: _Request, language: Language, *, quiet: bool, verbose: bool) -> int:
    from avistar.classifier import Classifier
    from avistar.pipeline import identify_all
    from avistar.results import ResultsFile, check_target
    from avistar.scan import Scan

    if request.out is not None:
        check_target(request.out)
    scan = Scan(request.paths)
    pictures = list(scan)  # 100,000 paths are 15 MB; their number is what "time left" needs
    _warn(scan, language)
    if not pictures:
        return 1 if scan.unreadable else 2
    tally = _Tally(len(pictures))
    with (
        Classifier.open(request.model, request.device, precision=request.precision) as classifier,
        ExitStack() as stack,
    ):
        _explain_device(classifier, verbose=verbose, quiet=quiet)
        top = min(request.top, len(classifier.species))
        words = Words.of(classifier, language)
        results = stack.enter_context(ResultsFile(request.out, top=top)) if request.out else None
        listing = _listing(words, top, quiet=quiet, written=results is not None)
        stack.callback(listing.close)
        advance = stack.enter_context(_progress(len(pictures), quiet))
        answers = identify_all(classifier, pictures, batch=request.batch)
        _consume(answers, tally, listing, _row_writer(results, words), advance)
    _close(tally, scan, request.out, language, quiet)
    if tally.interrupted:
        return INTERRUPTED
    return int(bool(tally.kinds["failed"] or scan.unreadable or scan.unmatched))


def _consume(
    answers: Iterator[Identification],
    tally: _Tally,
    listing: Listing,
    write: Callable[[Identification], None],
    advance: Callable[[], None],
) -> None:
    """Pass each answer on; Ctrl-C ends the run, and what is done is kept."""
    try:
        for answer in answers:
            write(answer)
            listing.add(answer)
            tally.add(answer)
            advance()
    except KeyboardInterrupt:
        tally.interrupted = True


def _row_writer(results: ResultsFile | None, words: Words) -> Callable[[Identification], None]:
    if results is None:
        return lambda answer: None
    return lambda answer: results.write(answer, words.failure(answer) or None)


def _warn(scan: Scan, language: Language) -> None:
    """Say which folders could not be read or hold nothing: shown with --quiet too, since rows are missing."""
    from avistar.images import printable

    for path, reason in scan.unreadable:
        note(say(language, "unreadable", path=path, reason=reason))
    for path, folders in scan.empty:
        note(say(language, "none_in", path=printable(path), folders=count(language, "folders", folders)))
    for pattern in scan.unmatched:
        note(say(language, "no_match", path=printable(pattern)))


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


def _listing(words: Words, top: int, *, quiet: bool, written: bool) -> Listing:
    if quiet and written:
        return Silence()
    return TerminalListing(words, top, hint=not written) if sys.stdout.isatty() else PipeListing(words, top)


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on stderr, where that is a terminal; gives the function that moves it on by one."""
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    from avistar.cli.progress import bar

    with bar(total) as advance:
        yield advance


def _close(tally: _Tally, scan: Scan, out: Path | None, language: Language, quiet: bool) -> None:
    seconds = time.perf_counter() - tally.started
    parts = [
        say(
            language,
            "closing",
            pictures=count(language, "pictures", tally.done),
            seconds=f"{seconds:.1f}",
            rate=f"{tally.done / max(seconds, 1e-6):.1f}",
            **{kind: tally.kinds[kind] for kind in ("species", "group", "unknown", "failed")},
        )
    ]
    if scan.skipped:
        parts.append(say(language, "skipped", files=count(language, "files", scan.skipped)))
    if out is not None:
        parts.append(say(language, "written", path=out))
    if tally.interrupted:
        parts.insert(0, say(language, "interrupted", done=tally.done, total=tally.total))
    note("; ".join(parts), quiet=quiet)

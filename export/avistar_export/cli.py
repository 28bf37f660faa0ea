"""`avistar export …`: light to import; converters are loaded when a verb runs.

What a long verb says while it works: lines for people, or JSON lines for the program that started it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avistar.cli.console import Steps, note, tell
from avistar.cli.options import PrecisionName
from avistar.cli.signals import INTERRUPTED
from avistar.errors import AvistarError, MissingExtra, UsageError
from avistar.files import write_whole
from avistar_export import adopt_command
from avistar_export.errors import BUILD, ENVIRONMENT, ParityRefused, exit_code

if TYPE_CHECKING:
    from avistar.bundle import Bundle
    from avistar.manifest import Artifact, Precision
    from avistar_export.parity import ParityReport
import json
import os
import signal
import sys
import threading

HELP = "Write ONNX files and engines that prove they still see the same as the trained network."

app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False)

BundleArgument = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the bundle, such as models/default.")]

PRECISIONS: dict[PrecisionName, Precision] = {
    PrecisionName.FP32: "fp32",
    PrecisionName.FP16: "fp16",
    PrecisionName.INT8: "int8",
}


class ProgressForm(StrEnum):
    """How a build tells what it does."""

    TEXT = "text"
    JSON = "json"


class LibraryName(StrEnum):
    """Libraries that build engines."""

    AUTO = "auto"
    TENSORRT = "tensorrt"
    TENSORRT_RTX = "tensorrt-rtx"


@app.callback()
def export() -> None:
    """Write ONNX files and engines that prove they still see the same as the trained network."""


@app.command()
def onnx(
    bundle: BundleArgument,
    photos: Annotated[Path, typer.Option(metavar="FOLDER", help="The photo folder that training read.")],
    *,
    precision: Annotated[
        list[PrecisionName] | None, typer.Option(help="May be given several times. Default: all three.")
    ] = None,
    drop_keras: Annotated[
        bool, typer.Option("--drop-keras", help="Leave the trained network out of the result.")
    ] = False,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="PRECISION", help="Leave this artifact out; its parity report stays.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the result goes. Default: BUNDLE itself.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the parity reports here (.md), even of a refusal.")
    ] = None,
) -> None:
    """Convert a trained network to ONNX; leave out, and say so, what answers differently or can't be proved.

    What passes is written. Exit codes: 0 done (without --precision also where fp16 or int8 is left out), 2 wrong
    usage, 3 a --precision was refused by the parity gate, 4 not convertible, 5 something missing here.
    """
    with exit_codes(report):
        from avistar_export.onnx_export import Export, ExportPlan

        wanted = tuple(PRECISIONS[one] for one in dict.fromkeys(precision or PrecisionName))
        dropped = frozenset([*(drop or []), *(["keras"] if drop_keras else [])])
        run = Export(ExportPlan(bundle, photos, wanted, dropped, out), Steps(), note)
        done = run.run()
        _write_report(report, [*(made.report for made in run.passed), *reports_of(run.left_out.values())])
        for artifact in done.manifest.artifacts:
            tell(listed(done, artifact))
        if precision is not None and run.left_out:
            raise typer.Exit(exit_code(next(iter(run.left_out.values()))))


@app.command()
def verify(
    bundle: BundleArgument,
    *,
    precision: Annotated[
        PrecisionName | None, typer.Option(help="Only artifacts of this precision: all, unless given.")
    ] = None,
) -> None:
    """Run every artifact that this machine can run on the bundle's golden pictures; exit code 3 on a mismatch."""
    only = PRECISIONS[precision] if precision is not None else None
    with exit_codes(None):
        from avistar.bundle import ModelBundle, find_detectors
        from avistar_export import golden

        if next(find_detectors([bundle]), None) is not None:
            _verify_detector(bundle, only)
            return
        failed = 0
        opened = ModelBundle.open(bundle)
        _check_there(bundle, [artifact.precision for artifact in opened.manifest.artifacts], only)
        started = time.perf_counter()
        for check in golden.verify(opened, only):
            if isinstance(check, golden.SkippedPicture):
                tell(f"{check.artifact}: not run, {check.reason}")
                continue
            elapsed_s, started = time.perf_counter() - started, time.perf_counter()
            verdict = f"WRONG: {check.problem}" if check.problem else "ok"
            tell(
                f"{check.artifact} ({check.runs_on}): {verdict}; largest change {check.change:.2g}, "
                f"allowed {check.allowed:g} ({elapsed_s:.1f} s)"
            )
            failed += bool(check.problem)
        if failed:
            raise ParityRefused(
                "{number} of the checks failed: this machine does not answer as the exporting one did", number=failed
            )


def _check_there(folder: Path, there: Sequence[Precision], only: Precision | None) -> None:
    """Raises `UsageError` if no artifact has the precision that was asked for."""
    if only is not None and only not in there:
        raise UsageError(
            "{folder} has no artifact in {precision}: it has {there}",
            folder=folder,
            precision=only,
            there=", ".join(dict.fromkeys(there)),
        )


def _verify_detector(folder: Path, only: Precision | None) -> None:
    """`verify` for a detector's bundle: the artifact of each precision on this machine's CPU."""
    from avistar.backends.factory import Device
    from avistar.bundle import DetectorBundle
    from avistar.detector import Detector
    from avistar.detector_verification import problems

    wrong = 0
    artifacts = DetectorBundle.open(folder).manifest.artifacts
    _check_there(folder, [artifact.precision for artifact in artifacts], only)
    for artifact in artifacts:
        if only not in (None, artifact.precision):
            continue
        device: Device = "cpu" if artifact.format == "onnx" else "tensorrt"
        with Detector.open(folder, device, precision=artifact.precision) as detector:
            found = problems(detector, artifact.file)
            tell(f"{artifact.precision} ({detector.provenance.runs_on}): {'; '.join(found) or 'ok'}")
            wrong += len(found)
    if wrong:
        raise ParityRefused(
            "{number} of the checks failed: this machine does not answer as the exporting one did", number=wrong
        )


@app.command()
def engine(
    bundle: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the bundle, such as models/default.")],
    *,
    photos: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="What the engine is judged on: the photo folder that training read, or any photos. "
            "Default: the bundle's golden pictures.",
        ),
    ] = None,
    precision: Annotated[PrecisionName, typer.Option(help="Which ONNX artifact to build from.")] = PrecisionName.FP16,
    library: Annotated[LibraryName, typer.Option(help="What builds the engine.")] = LibraryName.AUTO,
    max_batch: Annotated[int, typer.Option(min=1, max=1024, help="Largest batch that it takes.")] = 32,
    opt_batch: Annotated[int, typer.Option(min=1, max=1024, help="Batch that it is fastest with.")] = 8,
    workspace_mb: Annotated[int, typer.Option(min=1, help="GPU memory that building may use.")] = 2048,
    timing_cache: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Measured timings, kept for the next build (TensorRT).")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build even if the engine is up to date.")] = False,
    progress: Annotated[ProgressForm, typer.Option(help="For people, or JSON lines for programs.")] = ProgressForm.TEXT,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the parity report here (.md).")
    ] = None,
) -> None:
    """Build a TensorRT engine on this machine and enter it into the bundle if it still sees the same.

    Exit codes: 0 done, 2 wrong usage, 3 refused by the parity gate, 4 not buildable, 5 no library, GPU or space
    here, 130 stopped.
    """
    speaker = Speaker(as_json=progress is ProgressForm.JSON)
    with stoppable(speaker), exit_codes(report, speaker):
        from avistar.bundle import find_detectors
        from avistar_export.detector_engine import DetectorEngineRun
        from avistar_export.engine_export import EngineOptions, EngineRun
        from avistar_export.tensorrt_builder import BuildOptions

        request = BuildOptions(opt_batch, max_batch, workspace_mb, timing_cache)
        wish = EngineOptions(bundle, photos, PRECISIONS[precision], library.value, request, rebuild)
        finds = next(iter(find_detectors([bundle])), None) is not None
        kind: type[DetectorEngineRun | EngineRun] = DetectorEngineRun if finds else EngineRun
        done, artifact = kind(wish, speaker.progress, speaker.say).run()
        if report is not None and artifact.parity is not None:
            report.parent.mkdir(parents=True, exist_ok=True)
            write_whole(report, done.checked(artifact.parity.replace(".json", ".md")))
        speaker.done(listed(done, artifact), done.folder / artifact.file)


app.command()(adopt_command.adopt)


@app.command("adopt-detector")
def adopt_detector(
    file: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="The detector as its makers export it.")],
    *,
    family: Annotated[str, typer.Option(help="What its output means: yolox, yolov5, yolov8, end2end or nanodet.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The bundle's folder.")],
    photos: Annotated[
        Path, typer.Option(metavar="FOLDER", help="What it is judged on; photos in a folder 'blank' show nothing.")
    ],
    licence: Annotated[str, typer.Option(help="Whose it is and under which licence, in a sentence.")],
    ranges: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Other photos, on which int8 sets its ranges.")
    ] = None,
    classes: Annotated[
        str, typer.Option(metavar="NAME,...", help="Its classes in order. Default: what the file says.")
    ] = "",
    precision: Annotated[
        list[PrecisionName] | None, typer.Option(help="May be given several times. Default: fp16 and int8.")
    ] = None,
    architecture: Annotated[str, typer.Option(help="What the network is called.")] = "detector",
    bgr: Annotated[bool, typer.Option("--bgr", help="It takes blue first, as YOLOX's own weights do.")] = False,
    divided: Annotated[
        bool | None, typer.Option("--divided/--not-divided", help="It takes 0 to 1. Default: as its family does.")
    ] = None,
    pad: Annotated[int, typer.Option(min=0, max=255, help="The grey around a picture.")] = 114,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least score of a box that counts.")] = 0.2,
    second: Annotated[
        Path | None, typer.Option(metavar="FILE.onnx", help="Another detector, which judges each box too.")
    ] = None,
    second_family: Annotated[str, typer.Option(help="What the second one's output means.")] = "nanodet",
    fusion: Annotated[
        str,
        typer.Option(
            metavar="A,B,BIAS,SHIFT",
            help="With --second: weights of both logits of an animal, what is added to their sum, and to the logits of "
            "persons and vehicles.",
        ),
    ] = "0.333,0.667,0,0",
) -> None:
    """Make a detector's ONNX file a bundle for --detector; leave out, and say so, what finds otherwise.

    What passes is written. Exit codes: 0 done (without --precision also where fp16 or int8 is left out), 2 wrong
    usage, 3 a --precision was refused by the gate, 4 not convertible, 5 something missing here.
    """
    with exit_codes(None):
        from avistar_export.detector_export import DetectorExport, DetectorPlan
        from avistar_export.detector_graph import DetectorSource, family_named
        from avistar_export.detector_pair import Fusion

        wanted = tuple(PRECISIONS[one] for one in dict.fromkeys(precision or (PrecisionName.FP16, PrecisionName.INT8)))
        names = tuple(name.strip() for name in classes.split(",") if name.strip())
        source = DetectorSource(family_named(family), names, bgr, divided)
        other = None if second is None else (second, DetectorSource(family_named(second_family)))
        plan = DetectorPlan(
            file, source, out, photos, ranges, wanted, architecture=architecture, pad=pad, threshold=threshold,
            licence=licence, second=other, fusion=Fusion.read(fusion),
        )  # fmt: skip
        run = DetectorExport(plan, Steps(), note)
        done = run.run()
        for artifact in done.manifest.artifacts:
            tell(f"{done.folder / artifact.file} ({artifact.precision})")
        if precision is not None and run.left_out:
            raise typer.Exit(exit_code(next(iter(run.left_out.values()))))


@app.command()
def triton(
    bundle: BundleArgument,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The model repository; made if it isn't there.")],
) -> None:
    """Write a model repository for NVIDIA Triton Inference Server: tritonserver --model-repository OUT."""
    with exit_codes(None):
        from avistar.bundle import ModelBundle
        from avistar_export.triton import write_repository

        for folder in write_repository(ModelBundle.open(bundle), out, note):
            tell(str(folder))


@contextmanager
def exit_codes(report: Path | None, speaker: Speaker | None = None) -> Iterator[None]:
    """Turn foreseen errors into one line and the documented exit code; keep a refusal's report."""
    speaker = speaker or Speaker()
    try:
        yield
    except AvistarError as error:
        code = exit_code(error)
        speaker.failed(code, str(error))
        if isinstance(error, ParityRefused) and error.report is not None:
            _write_report(report, [error.report])
            if report is None:
                speaker.say("avistar: --report FILE writes what differs")
        raise typer.Exit(code) from error
    except ImportError as error:
        missing = MissingExtra("export", f"`avistar export` ({error})")
        speaker.failed(ENVIRONMENT, str(missing))
        raise typer.Exit(ENVIRONMENT) from error
    except OSError as error:  # a full disk, a folder that can't be written
        speaker.failed(ENVIRONMENT, f"{error}; nothing was changed")
        raise typer.Exit(ENVIRONMENT) from error
    except MemoryError as error:
        speaker.failed(BUILD, "out of memory; nothing was changed. Close other programs, or try a smaller --max-batch")
        raise typer.Exit(BUILD) from error


def reports_of(refusals: Iterable[AvistarError]) -> list[ParityReport]:
    """The parity reports of what was refused by one."""
    return [one.report for one in refusals if isinstance(one, ParityRefused) and one.report is not None]


FIGURES = ("top1", "top3", "animals_found", "blanks_boxed")
"""What is told of an artifact, where it was measured."""


def listed(bundle: Bundle[Any], artifact: Artifact) -> str:
    """A published artifact in a line."""
    size = bundle.manifest.files[artifact.file].bytes / 1e6
    figures = [f"{key} {artifact.accuracy[key]:.4f}" for key in FIGURES if key in artifact.accuracy]
    return ", ".join(
        [f"{bundle.folder / artifact.file}: {artifact.format} {artifact.precision}", f"{size:.1f} MB", *figures]
    )


def _write_report(path: Path | None, reports: list[ParityReport]) -> None:
    if path is None:
        return
    from avistar_export.parity_report import as_markdown

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "\n".join(as_markdown(one) for one in reports).encode())


_LEAST_PAUSE_S = 0.1


class Speaker:
    """Text: progress and remarks on stderr, the result on stdout. JSON: one object a line, all on stdout.

    Events: `progress` (what, done, total), `note` (text), and last either `done` (text, file) or `failed`
    (code, text).
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        self._steps = Steps()
        self._told = 0.0

    def progress(self, what: str, done: int, total: int) -> None:
        """`done` of `total` parts of `what` are done."""
        if not self._as_json:
            self._steps(what, done, total)
        elif done == total or time.monotonic() - self._told >= _LEAST_PAUSE_S:
            self._told = time.monotonic()
            self._event("progress", what=what, done=done, total=total)

    def say(self, text: str) -> None:
        """A remark."""
        if self._as_json:
            self._event("note", text=text)
        else:
            note(text)

    def done(self, text: str, file: Path) -> None:
        """The result."""
        if self._as_json:
            self._event("done", text=text, file=str(file))
        else:
            tell(text)

    def failed(self, code: int, text: str) -> None:
        """Why it ends with the exit code `code`."""
        if self._as_json:
            self._event("failed", code=code, text=text)
        else:
            note(f"avistar: {text}")

    def _event(self, event: str, **facts: object) -> None:
        tell(json.dumps({"event": event, **facts}, ensure_ascii=False))
        sys.stdout.flush()


@contextmanager
def stoppable(speaker: Speaker) -> Iterator[None]:
    """End with `INTERRUPTED` on Ctrl-C, and treat a request to terminate, as the app's, like it."""
    own = threading.current_thread() is threading.main_thread()
    own = own and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if own else None
    try:
        yield
    except KeyboardInterrupt as error:
        speaker.failed(INTERRUPTED, "stopped; the bundle is as it was")
        if any(thread.name == "avistar-build" for thread in threading.enumerate()):
            # A library that doesn't stop can't be left behind in an orderly way.
            sys.stdout.flush()
            os._exit(INTERRUPTED)
        raise typer.Exit(INTERRUPTED) from error
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)

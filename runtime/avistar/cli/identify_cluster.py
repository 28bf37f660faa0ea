"""`avistar identify --cluster`: the same question to many machines."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avistar.cli.console import note
from avistar.cli.signals import INTERRUPTED
from avistar.cli.texts import pictures
from avistar.errors import AvistarError, MissingExtra, UsageError
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.cluster.ray_workers import RayCrew
    from avistar.cluster.run import ClusterOutcome, ClusterRun
    from avistar.cluster.scheduler import ClusterProgress
    from avistar.species import Language


def cluster_run(paths: list[str], out: Path | None, address: str, **asked: Any) -> ClusterRun:
    """What the command line asks of a cluster; `asked` are further fields of `ClusterRun`."""
    if out is None:
        raise UsageError("--cluster needs --out DIR, a folder for the answers")
    if len(paths) != 1:
        raise UsageError(
            "--cluster takes one folder, list or address, not {number}: put the paths into a .txt file",
            number=len(paths),
        )
    _require_extra()
    from avistar.cluster.run import ClusterRun

    return ClusterRun(paths[0], address, out, **asked)


def _require_extra() -> None:
    if not all(find_spec(name) for name in ("ray", "pyarrow", "fsspec")):
        raise MissingExtra("cluster", Message("working on a cluster"))


def identify_on_cluster(asked: ClusterRun, language: Language, *, quiet: bool) -> int:
    """Run it, tell how it goes, and give the exit code: 0 all answered, 1 some failed, 130 interrupted."""
    from avistar.cluster.run import run_on_cluster
    from avistar.cluster.scheduler import NoWorker

    started, last = time.perf_counter(), _Last()
    try:
        with ExitStack() as stack:
            display = stack.enter_context(_Display(language, quiet=quiet))
            outcome = run_on_cluster(asked, lambda progress, crew: display.show(last.keep(progress), crew))
    except NoWorker as error:
        raise AvistarError(str(error)) from error
    except KeyboardInterrupt:
        note(
            Message(
                "interrupted: {done} pictures are answered in {out}; the same command goes on there",
                done=f"{last.done:,}",
                out=asked.out,
            ).to(language)
        )
        return INTERRUPTED
    for folder, reason in outcome.unreadable:
        note(Message("can't look into {path} ({reason})", path=folder, reason=reason).to(language))
    _close(outcome, asked, language, time.perf_counter() - started, quiet=quiet)
    if not outcome.progress.listed:
        return 1 if outcome.unreadable else 2
    return int(bool(outcome.progress.failed or outcome.unreadable))


@dataclass(slots=True)
class _Last:
    """How far a run came, for the one who interrupts it."""

    done: int = 0

    def keep(self, progress: ClusterProgress) -> ClusterProgress:
        self.done = progress.done
        return progress


@dataclass(slots=True)
class _Display:
    """A line that is renewed where stderr is a terminal, else one a minute; machines are named as they come."""

    language: Language
    quiet: bool
    _told: set[tuple[str, ...]] = field(default_factory=set)
    _next: float = 0.0
    _live: Any = None

    def __enter__(self) -> _Display:
        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(stderr=True), refresh_per_second=2, transient=True)
            self._live.__enter__()
        return self

    def __exit__(self, *how: object) -> None:
        if self._live is not None:
            self._live.__exit__(None, None, None)

    def show(self, progress: ClusterProgress, crew: RayCrew) -> None:
        """Tell where the run is."""
        self._introduce(crew)
        if self.quiet:
            return
        if self._live is not None:
            self._live.update(self._line(progress))
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + 60
            note(self._line(progress))

    def _introduce(self, crew: RayCrew) -> None:
        """One line for each kind of worker on a machine, and each refusal; these also when quiet."""
        for node, reason in crew.refused:
            self._tell_once(
                ("refused", node, reason),
                Message("{node} is refused: {reason}", node=node, reason=reason).to(self.language),
            )
        if not self.quiet:
            for member in crew.members:
                what = f"{member.precision}, {member.runs_on}"
                self._tell_once(
                    (member.node, what),
                    Message("{node} takes part: {what}", node=member.node, what=what).to(self.language),
                )
                for reason in member.rejected:
                    self._tell_once((member.node, reason), f"{member.node}: {reason}")

    def _tell_once(self, key: tuple[str, ...], text: str) -> None:
        if key not in self._told:
            self._told.add(key)
            note(text)

    def _line(self, progress: ClusterProgress) -> str:
        left = progress.seconds_left
        return Message(
            "{done} of {listed} pictures, {rate}/s, {left} left, {failed} failed, {workers} workers",
            done=f"{progress.done:,}",
            listed=f"{progress.listed:,}{'' if progress.complete else '+'}",
            rate=f"{progress.rate:.1f}",
            left="?" if left is None else _duration(left),
            failed=f"{progress.failed:,}",
            workers=progress.workers,
        ).to(self.language)


def _duration(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def _close(outcome: ClusterOutcome, asked: ClusterRun, language: Language, seconds: float, *, quiet: bool) -> None:
    progress = outcome.progress
    parts = [
        Message(
            "{pictures} answered, {failed} of them failed; this time {seconds} s; written to {out}",
            pictures=pictures(progress.done),
            seconds=f"{seconds:.1f}",
            failed=f"{progress.failed:,}",
            out=asked.out,
        ).to(language)
    ]
    if progress.retried:
        parts.append(
            Message("{retried} given to another worker, because theirs was lost", retried=f"{progress.retried:,}").to(
                language
            )
        )
    if progress.given_up:
        parts.append(
            Message("{given_up} ended every worker that read them", given_up=f"{progress.given_up:,}").to(language)
        )
    note("; ".join(parts), quiet=quiet)

"""Identifications as files: CSV for spreadsheets, JSON Lines for programs; written while a run goes on.

CSV is UTF-8 with a byte-order mark: without it, Excel reads accents wrongly, and pandas, R and LibreOffice
read either. A cell of text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from avistar.classifier import Identification
from avistar.errors import AvistarError, UsageError

SUFFIXES = (".csv", ".jsonl")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-\d+(\.\d+)?")


class ResultsFile:
    """A CSV or JSONL file that grows beside its final path and is moved there when it is closed.

    Use it as a context manager: rows are kept whatever ends the run; a run that ends in an error before its
    first row leaves an earlier file alone. `top` is the number of ranked species in a row. Raises
    `UsageError` for a path that can't be written and `AvistarError` when the disk fails.
    """

    def __init__(self, path: str | os.PathLike[str], *, top: int = 3) -> None:
        self.path = Path(path)
        self.rows = 0
        self._top = top
        check_target(self.path)
        self._csv = self.path.suffix.lower() == ".csv"
        # Beside the target, so that moving it is one step; named, so that what a power cut leaves is found.
        self._partial = self.path.with_name(f"{self.path.name}.{os.getpid()}.partial")
        try:
            self._stream: IO[str] = self._partial.open("w", encoding="utf-8-sig" if self._csv else "utf-8", newline="")
        except OSError as error:
            raise UsageError(f"{self.path} can't be written ({error.strerror})") from error
        self._cells = csv.writer(self._stream)
        if self._csv:
            self._cells.writerow(columns(top))

    def write(self, answer: Identification, message: str | None = None) -> None:
        """Add one row; `message` words the failure, if there is one, in another language."""
        try:
            if self._csv:
                self._cells.writerow([_cell(value) for value in csv_row(answer, self._top, message).values()])
            else:
                record = as_record(answer, self._top, message)
                self._stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
            self._stream.flush()
        except OSError as error:
            raise self._failed(error) from error
        self.rows += 1

    def close(self, *, keep: bool = True) -> None:
        """Move the file to its path, safely on disk; without `keep`, drop it. Safe to call twice."""
        if self._stream.closed:
            return
        try:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            if keep:
                self._partial.replace(self.path)
            else:
                self._partial.unlink()
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> AvistarError:
        with contextlib.suppress(OSError):
            self._stream.close()
        return AvistarError(
            f"{self.path} can't be written ({error.strerror}; is it open elsewhere, or the disk full?): "
            f"{self.rows} rows are in {self._partial}"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep=error is None or self.rows > 0)


def check_target(path: Path) -> None:
    """Raise `UsageError` where `path` can't become a results file."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: results are written as {' or '.join(SUFFIXES)}, not '{path.suffix}'")
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is no folder: make it first")


def columns(top: int) -> list[str]:
    """The CSV's header."""
    ranked = [name for i in range(1, top + 1) for name in (f"top{i}", f"top{i}_confidence")]
    return [
        "file", "decision", "decision_id", "decision_confidence", "decision_reason", *ranked, "familiarity", "flags",
        "failure", "failure_message", "elapsed_ms", "bundle", "artifact_sha256", "precision", "runs_on",
    ]  # fmt: skip


def csv_row(answer: Identification, top: int, message: str | None = None) -> Mapping[str, str]:
    """One picture as a row with the keys of `columns(top)`; "" where there is nothing to say."""
    row = dict.fromkeys(columns(top), "")
    row |= {"file": answer.source, "flags": " ".join(answer.flags), "elapsed_ms": f"{answer.elapsed_ms:.1f}"}
    if answer.failure is not None:
        row |= {"failure": answer.failure.fault.value, "failure_message": message or answer.failure.message}
    if answer.decision is not None:
        decision = answer.decision
        row |= {"decision": decision.kind, "decision_id": decision.id, "decision_reason": decision.reason}
        row |= {"decision_confidence": f"{decision.confidence:.6f}", "familiarity": f"{answer.familiarity:.6f}"}
    for i, candidate in enumerate(answer.top(top), 1):
        row |= {f"top{i}": candidate.species.id, f"top{i}_confidence": f"{candidate.confidence:.6f}"}
    origin = answer.provenance
    return row | {
        "bundle": origin.bundle,
        "artifact_sha256": origin.artifact_sha256,
        "precision": origin.precision,
        "runs_on": origin.runs_on,
    }


def as_record(answer: Identification, top: int, message: str | None = None) -> dict[str, Any]:
    """One picture as plain values for JSON, with every species' probability by id."""
    decision, failure, origin = answer.decision, answer.failure, answer.provenance
    return {
        "file": answer.source,
        "decision": None
        if decision is None
        else {
            "kind": decision.kind,
            "id": decision.id,
            "confidence": round(decision.confidence, 6),
            "candidates": list(decision.candidates),
            "reason": decision.reason,
        },
        "top": [{"species": one.species.id, "confidence": round(one.confidence, 6)} for one in answer.top(top)],
        "probabilities": {one.species.id: one.confidence for one in answer.candidates},
        "familiarity": answer.familiarity if math.isfinite(answer.familiarity) else None,
        "flags": list(answer.flags),
        "failure": None if failure is None else {"fault": failure.fault.value, "message": message or failure.message},
        "elapsed_ms": round(answer.elapsed_ms, 1),
        "provenance": {
            "bundle": origin.bundle,
            "artifact_sha256": origin.artifact_sha256,
            "precision": origin.precision,
            "runs_on": origin.runs_on,
        },
    }


def _cell(text: str) -> str:
    """`text` as a spreadsheet takes it for text: OWASP's list of what starts a formula; numbers stay."""
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text

"""Identifications as files: CSV for spreadsheets, JSON Lines for programs; written while a run goes on.

CSV is UTF-8 with a byte-order mark: without it, Excel reads accents wrongly, and pandas, R and LibreOffice
read either. A cell of text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from avistar.errors import AvistarError, UsageError
from avistar.files import check_writable, partial_beside, settle
from avistar.formats.rows import answer_row, as_record, columns, csv_texts
from avistar.identification import Identification
from avistar.message import reason_of

SUFFIXES = (".csv", ".jsonl")


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
        self._partial = partial_beside(self.path)
        try:
            self._stream: IO[str] = self._partial.open("x", encoding="utf-8-sig" if self._csv else "utf-8", newline="")
        except OSError as error:
            raise UsageError("{path} can't be written ({reason})", path=self.path, reason=reason_of(error)) from error
        self._cells = csv.writer(self._stream)
        if self._csv:
            self._cells.writerow(columns(top))

    def write(self, answer: Identification, message: str | None = None) -> None:
        """Add one row; `message` words the failure, if there is one, in another language."""
        try:
            if self._csv:
                self._cells.writerow(csv_texts(answer_row(answer, self._top, message)))
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
            self._stream.close()
            if keep:
                settle(self._partial, self.path)
            else:
                self._partial.unlink()
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> AvistarError:
        with contextlib.suppress(OSError):
            self._stream.close()
        return AvistarError(
            "{path} can't be written ({reason}; is it open elsewhere, or the disk full?): {rows} rows are in {partial}",
            path=self.path,
            reason=reason_of(error),
            rows=self.rows,
            partial=self._partial,
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
        raise UsageError(
            "{path}: results are written as {suffixes}, not '{suffix}'",
            path=path,
            suffixes=" or ".join(SUFFIXES),
            suffix=path.suffix,
        )
    check_writable(path)

"""Tables that people made: from any spreadsheet, in any of its encodings, delimiters and decimal signs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from avistar.errors import UsageError
from avistar.message import reason_of

_CHUNK = 1 << 20


def table_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV with their numbers, the heading being row 1: UTF-8 or the Windows code page; comma,
    semicolon or tab. A missing cell is "". Raises `UsageError` where the file can't be read.
    """
    try:
        with path.open(encoding=_encoding(path), errors="replace", newline="") as stream:
            heading = stream.readline()
            delimiter = max(",;\t", key=heading.count)
            stream.seek(0)
            reader = csv.reader(stream, delimiter=delimiter)
            names = [name.strip() for name in next(reader, [])]
            for number, cells in enumerate(reader, 2):
                if any(cell.strip() for cell in cells):
                    padded = cells + [""] * (len(names) - len(cells))
                    yield number, {name: cell.strip() for name, cell in zip(names, padded, strict=False)}
    except OSError as error:
        raise UsageError("{path} can't be read ({error})", path=path, error=reason_of(error)) from error
    except csv.Error as error:
        raise UsageError("{path} is no table ({error})", path=path, error=error) from error


def _encoding(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            while stream.read(_CHUNK):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"

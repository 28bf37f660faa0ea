"""Tables that people made: from any spreadsheet, in any of its encodings, delimiters and decimal signs."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from avistar.errors import UsageError
from avistar.message import reason_of

_CHUNK = 1 << 20
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
"""What Excel writes and reads as a first line."""


def table_rows(path: Path, *, exact: tuple[str, ...] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV with their line's number, the heading coming first: UTF-8, UTF-16 or the Windows code page;
    comma, semicolon or tab, or what a first line such as `sep=;` says. A missing cell is "".

    Cells lose the spaces around them, but for the columns `exact` (in small letters), and the apostrophe that our
    tables put before what a spreadsheet would run. Raises `UsageError` where the file can't be read.
    """
    rows = table_cells(path)
    names = [name.strip() for name in next(rows, (0, []))[1]]
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            padded = cells + [""] * (len(names) - len(cells))
            yield (
                number,
                {
                    name: unescaped(cell if name.casefold() in exact else cell.strip())
                    for name, cell in zip(names, padded, strict=False)
                },
            )


def table_cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row as they stand, the first row too, with the line's number: what `table_rows` reads."""
    try:
        with path.open(encoding=_encoding(path), errors="replace", newline="") as stream:
            heading, first = stream.readline(), 1
            told = _SEPARATOR.fullmatch(heading.strip("\r\n"))
            if told:
                start, heading, first = stream.tell(), stream.readline(), 2
                stream.seek(start)
            else:
                stream.seek(0)
            delimiter = told[1] if told else max(",;\t", key=heading.count)
            yield from enumerate(csv.reader(stream, delimiter=delimiter), first)
    except OSError as error:
        raise UsageError("{path} can't be read ({error})", path=path, error=reason_of(error)) from error
    except csv.Error as error:
        raise UsageError("{path} is no table ({error})", path=path, error=error) from error


def unescaped(text: str) -> str:
    """A cell without the apostrophe that our tables put before what a spreadsheet would run."""
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(tuple("=+-@\t\r\n")) else text


def _encoding(path: Path) -> str:
    with path.open("rb") as start:
        first = start.read(2)
        if first in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        if len(first) == 2 and (first[0] == 0) != (first[1] == 0):  # a heading's first letter, without a mark before it
            return "utf-16-be" if first[0] == 0 else "utf-16-le"
    try:
        with path.open(encoding="utf-8-sig") as stream:
            while stream.read(_CHUNK):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"

"""Tables for spreadsheets: CSV, which everything reads, and XLSX, which keeps numbers numbers in any country."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from avistar.errors import MissingExtra
from avistar.files import replaced, writing
from avistar.formats.base import WrittenFiles
from avistar.formats.rows import Cell, csv_texts, encodable, moment, record_columns, record_rows
from avistar.message import Message
from avistar.records import Records, SurveyFacts

if TYPE_CHECKING:
    from xlsxwriter import Workbook

EXCEL_ROWS = 1_048_576
"""Rows of a sheet, its heading included (Excel's specifications and limits)."""

_EXCEL_TEXT = 32_767


@dataclass(frozen=True, slots=True)
class Csv:
    """A row for each answer, UTF-8 with a byte-order mark, cells that a spreadsheet would run made text."""

    top: int = 3

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`."""
        media = 0
        with writing(target, encoding="utf-8-sig") as stream:
            table = csv.writer(stream)
            table.writerow(record_columns(self.top))
            for media, record in enumerate(records, 1):  # noqa: B007 counted
                table.writerows(csv_texts(row) for row in record_rows(record, self.top))
        return WrittenFiles((target,), media)


@dataclass(frozen=True, slots=True)
class Xlsx:
    """The same rows as a workbook, with sheets for the counts and for where the answers come from.

    Past `sheet_rows` the rows go on in another sheet. Needs the extra `xlsx`.
    """

    top: int = 3
    sheet_rows: int = EXCEL_ROWS

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`."""
        media: Counter[tuple[str, str]] = Counter()
        with replaced(target) as partial, _workbook(partial) as book:
            sheets = self._write_results(book, records, media)
            _write_counts(book, media)
            _write_about(book, facts)
        notes = (
            (Message("more rows than a sheet holds: they go on in {number} sheets", number=sheets),)
            if sheets > 1
            else ()
        )
        return WrittenFiles((target,), media.total(), notes)

    def _write_results(self, book: Workbook, records: Records, media: Counter[tuple[str, str]]) -> int:
        sheets, number, sheet = 0, self.sheet_rows, None
        dates = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for row in self._rows(records, media):
            if number >= self.sheet_rows or sheet is None:
                sheets, number = sheets + 1, 1
                sheet = book.add_worksheet("Results" if sheets == 1 else f"Results {sheets}")
                sheet.freeze_panes(1, 1)
                sheet.set_column(0, 0, _WIDE)
                sheet.set_column(1, len(record_columns(self.top)) - 1, _NARROW)
                for name in _DATES:
                    sheet.set_column(record_columns(self.top).index(name), record_columns(self.top).index(name), _DATED)
                _write_row(sheet, 0, record_columns(self.top))
            _write_row(sheet, number, row.values())
            for column, name in enumerate(row):
                if name in _DATES and (at := _excel_date(str(row[name]))) is not None:
                    sheet.write_datetime(number, column, at, dates)
            number += 1
        if sheet is None:
            _write_row(book.add_worksheet("Results"), 0, record_columns(self.top))
        return sheets

    def _rows(self, records: Records, media: Counter[tuple[str, str]]) -> Iterator[Mapping[str, Cell]]:
        for record in records:
            for i, row in enumerate(record_rows(record, self.top)):
                if i == 0:
                    media[str(row["result"]), str(row["result_id"])] += 1
                yield row


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    """A workbook that is written as its rows come; a failing disk is an `OSError`, as for other files."""
    try:
        from xlsxwriter import Workbook
        from xlsxwriter.exceptions import FileCreateError
    except ImportError as error:
        raise MissingExtra("xlsx", Message("writing .xlsx")) from error
    with TemporaryDirectory(prefix="avistar-") as sheets:
        # Text stays text, whatever it looks like; rows leave memory as they are written.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": sheets}
        book = Workbook(str(path), options)
        try:
            yield book
            book.close()
        except FileCreateError as error:
            raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error
        finally:
            for sheet in book.worksheets():
                with suppress(OSError, AttributeError):
                    sheet.row_data_fh.close()
            book.fileclosed = True  # or its destructor tries again


_DATES = ("taken_at", "recorded_at", "reviewed_at")
_WIDE, _NARROW, _DATED = 40, 14, 19
"""Widths of columns, in characters."""

_FIRST_YEAR = 1900


def _excel_date(text: str) -> datetime | None:
    """A time as a cell holds it: to the clock where it was told, without an offset, and not before 1900."""
    at = datetime.fromisoformat(text).replace(tzinfo=None) if text else None
    return at if at is not None and at.year > _FIRST_YEAR else None


def _write_counts(book: Workbook, media: Counter[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("Counts")
    _write_row(sheet, 0, ("result", "result_id", "media"))
    for i, ((kind, id), number) in enumerate(media.most_common(), 1):
        _write_row(sheet, i, (kind, id, number))


def _write_about(book: Workbook, facts: SurveyFacts) -> None:
    about = {
        "software": facts.software,
        "created": moment(facts.created_at),
        "folder": facts.folder_name,
        "only these species": ", ".join(facts.only),
        **facts.published,
    }
    sheet = book.add_worksheet("About")
    for i, pair in enumerate(about.items()):
        _write_row(sheet, i, pair)


def _write_row(sheet: object, number: int, cells: Iterable[Cell]) -> None:
    for column, value in enumerate(cells):
        if isinstance(value, str):
            sheet.write_string(number, column, encodable(value)[:_EXCEL_TEXT])  # type: ignore[attr-defined]
        elif value == value and abs(value) != float("inf"):  # a workbook holds no NaN
            sheet.write_number(number, column, value)  # type: ignore[attr-defined]

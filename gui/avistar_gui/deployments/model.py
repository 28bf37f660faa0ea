"""The cameras as a table that is edited in place: each change is uttered, stored elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor

from avistar.catalogue import CameraFolder
from avistar.errors import UsageError
from avistar.formats.deployment_table import (
    MAIN,
    NEEDED,
    SHIFT,
    DeploymentRow,
    canonical,
    cell_problem,
    column_named,
    named_cells,
    problems_of,
    row_called,
    with_inner,
)
from avistar.message import Message
from avistar_gui.deployments import texts
from avistar_gui.texts import text_of
from avistar_gui.widgets.theme import current

Index = QModelIndex | QPersistentModelIndex
COLUMNS = (*MAIN, SHIFT)


class DeploymentModel(QAbstractTableModel):
    """One row a camera; `said` utters what is to be stored, and the folders that are no cameras any more."""

    said = Signal(object, object)  # list[CameraFolder], list[str]
    refused = Signal(str)  # why something can't be written

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[DeploymentRow, ...] = ()
        self._problems: Mapping[tuple[str, str], Message] = {}

    @property
    def rows(self) -> tuple[DeploymentRow, ...]:
        """What is shown."""
        return self._rows

    @property
    def problems(self) -> Mapping[tuple[str, str], Message]:
        """What is wrong, by folder and column."""
        return self._problems

    def show_rows(self, rows: Sequence[DeploymentRow]) -> None:
        """Show `rows` in place of those before; a view keeps its place where the folders are the same."""
        same = [row.folder for row in rows] == [row.folder for row in self._rows]
        if not same:
            self.beginResetModel()
        self._rows, self._problems = tuple(rows), problems_of(rows)
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every cell may be written."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell; what is wrong with it as tool tip and in colour; muted where the photos tell it."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, name = self._rows[index.row()], COLUMNS[index.column()]
        text, problem = row.cells[name], self._problems.get((row.folder, name))
        lacking = name in NEEDED and not text and bool(row.media)
        if role == Qt.ItemDataRole.EditRole:
            return text
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            shown = texts.needed() if lacking else text
            return f"⚠ {shown}" if problem is not None and shown else shown
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._tip(row, name, problem)
        if role == Qt.ItemDataRole.ForegroundRole:
            tokens = current()
            told = name != "folder" and name not in row.stated and name in row.prefilled
            colour = tokens.error if problem else tokens.warning if lacking else tokens.muted if told else tokens.text
            return QColor(colour)
        return None

    def _tip(self, row: DeploymentRow, name: str, problem: Message | None) -> str:
        if problem is not None:
            return text_of(problem)
        told = name not in row.stated and bool(row.prefilled.get(name))
        return texts.from_photos() if told else texts.column_tip(name)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return texts.column_title(COLUMNS[section])
        if role == Qt.ItemDataRole.ToolTipRole:
            return texts.column_tip(COLUMNS[section])
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Write a cell."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or index.row() >= len(self._rows):
            return False
        return self.write({(index.row(), index.column()): str(value)})

    def write(self, cells: Mapping[tuple[int, int], str]) -> bool:
        """Write some cells, by row and column, as one change; whether anything is to be stored."""
        by_row: dict[int, dict[str, str]] = {}
        day_first = any("/" in text and text.split("/")[0].strip().isdigit() and int(text.split("/")[0]) > 12
                        for text in cells.values())  # fmt: skip
        for (row, column), text in cells.items():
            if row < len(self._rows) and column < len(COLUMNS):
                by_row.setdefault(row, {})[COLUMNS[column]] = text
        new = {row: canonical(some, day_first=day_first) for row, some in by_row.items()}
        for row, some in new.items():
            shift = cell_problem(SHIFT, some)
            if shift is not None:  # the only cell that is no text: it is refused, not kept
                self.refused.emit(text_of(shift))
                return False
            if self._rows[row].changed(some).folder in self._others(row):
                self.refused.emit(text_of(Message("the folder '{folder}' is there already", folder=some["folder"])))
                return False
        return self._say([(self._rows[row], some) for row, some in new.items()])

    def paste(self, text: str, row: int, column: int) -> bool:
        """Write what a spreadsheet copied: with a heading by its columns and folders, else from a cell on."""
        lines = [line for line in csv.reader(text.splitlines(), delimiter="\t") if any(cell.strip() for cell in line)]
        if not lines:
            return False
        names = [column_named(title) for title in lines[0]]
        if "folder" not in names:
            cells = {
                (row + i, column + j): cell.strip()
                for i, line in enumerate(lines) for j, cell in enumerate(line)
            }  # fmt: skip
            return self.write(cells)
        rows = [(i, dict(zip(lines[0], line, strict=False))) for i, line in enumerate(lines[1:], 2)]
        try:
            found = named_cells(rows, "Ctrl+V") if rows else []
        except UsageError as error:
            self.refused.emit(text_of(str(error)))
            return False
        bad = next((said for _, some in found if (said := cell_problem(SHIFT, some))), None)
        if bad is not None:
            self.refused.emit(text_of(bad))
            return False
        return self._say(
            [(self._called(some), {n: text for n, text in some.items() if n != "folder"}) for _, some in found]
        )

    def _called(self, cells: Mapping[str, str]) -> DeploymentRow:
        """The camera that a row of a table is about; a new one where there is none."""
        folder = cells["folder"]
        return row_called(folder, cells.get("cameraID", ""), self._rows) or DeploymentRow(folder, {}, {})

    def clear(self, cells: Sequence[tuple[int, int]]) -> None:
        """Empty some cells: what the photos tell is there again."""
        self.write({place: "" for place in cells if COLUMNS[place[1]] != "folder"})

    def copied(self, cells: Sequence[tuple[int, int]]) -> str:
        """Some cells as a spreadsheet takes them."""
        rows, columns = sorted({row for row, _ in cells}), sorted({column for _, column in cells})
        return "\n".join("\t".join(self._rows[row].cells[COLUMNS[one]] for one in columns) for row in rows)

    def _others(self, row: int) -> set[str]:
        return {one.folder for place, one in enumerate(self._rows) if place != row}

    def _say(self, changes: Sequence[tuple[DeploymentRow, Mapping[str, str]]]) -> bool:
        said: list[CameraFolder] = []
        dropped: list[str] = []
        for row, cells in changes:
            camera = row.changed(cells)
            if camera == row.changed({}) and (row.is_stated or camera.folder == row.folder):
                continue
            alone = camera.folder != row.folder  # who gives a row another folder wants just that
            said += [camera] if alone else with_inner(camera, self._rows)
            dropped += [row.folder] if alone else []
        if said:
            meant = {row.changed(cells).folder: row.changed(cells) for row, cells in changes}
            unique = {one.folder: meant.get(one.folder, one) for one in said}
            self.said.emit(list(unique.values()), dropped)
        return bool(said)

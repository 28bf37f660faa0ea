"""A list of species that people made: a table with their names, or one name a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from avistar.errors import UsageError
from avistar.formats.csv_reader import table_cells, unescaped
from avistar.species import Species, known_groups, normalised

_COLUMNS: dict[str, tuple[str, ...]] = {
    "english": ("english", "english name", "inglés", "common name", "name", "nombre"),
    "spanish": ("spanish", "spanish name", "español", "nombre común"),
    "scientific": ("scientific", "scientific name", "científico", "nombre científico"),
    "group": ("group", "grupo"),
}


def read_species(path: Path) -> list[Species]:
    """The species of a table with the columns scientific, english, spanish, group, any of them in any order; of a
    file that has none of these columns, each line is a name. None has an `id` yet.

    Raises `UsageError` where the file can't be read, holds no name, or a row makes no sense.
    """
    rows = [(number, [unescaped(cell.strip()) for cell in cells]) for number, cells in table_cells(path) if any(cells)]
    columns = _columns(rows[0][1]) if rows else {}
    found = [_species(path, number, cells, columns) for number, cells in (rows[1:] if columns else rows) if any(cells)]
    if not found:
        raise UsageError("{path} names no species: write one name a line", path=path)
    return found


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Where each fact stands; nothing where the first row is no heading."""
    wanted = {normalised(name): fact for fact, names in _COLUMNS.items() for name in names}
    places = {wanted[key]: place for place, name in enumerate(heading) if (key := normalised(name)) in wanted}
    return places if set(places) - {"group"} else {}


def _species(path: Path, number: int, cells: Sequence[str], columns: Mapping[str, int]) -> Species:
    if not columns and any(cells[1:]):
        raise UsageError(
            "{path}, row {number}: several cells, but the first line names no columns: scientific, english, spanish, "
            "group",
            path=path,
            number=number,
        )
    facts = {fact: cells[place] for fact, place in (columns or {"english": 0}).items() if place < len(cells)}
    english, spanish, scientific = (facts.get(fact, "") for fact in ("english", "spanish", "scientific"))
    if not (english or spanish or scientific):
        raise UsageError("{path}, row {number}: no name", path=path, number=number)
    try:
        return Species("", english, spanish, scientific, group_id(facts.get("group", "")))
    except UsageError as error:
        raise UsageError("{path}, row {number}: {error}", path=path, number=number, error=error) from error


def group_id(name: str) -> str:
    """The id of the group called `name` in any spelling; a group of people's own keeps its name."""
    for one in known_groups():
        if normalised(name) in {
            normalised(each) for each in (one.id, one.english, one.spanish, one.scientific) if each
        }:
            return one.id
    return name

"""A table of photos with labels, as the paper's (`Image_id,Animal`): which file each row means.

Names come from other machines: with backslashes, in other case, decomposed letters, without their suffix, with or
without folders. A row means one file or none; what could mean two is refused.
"""

from __future__ import annotations

import csv
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from avistar.errors import UsageError
from avistar.images.decode import SUFFIXES

ID, ANIMAL = "Image_id", "Animal"


def table_rows(file: Path, first: str, second: str) -> list[tuple[str, str]]:
    """Two columns of a CSV by their headings. Raises `UsageError` for a table without them, or without rows."""
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            reader = csv.DictReader(stream)
            if not {first, second} <= set(reader.fieldnames or ()):
                raise UsageError(
                    "{file} needs the columns '{first}' and '{second}', it has {found}",
                    file=file,
                    first=first,
                    second=second,
                    found=reader.fieldnames,
                )
            rows = [((row[first] or "").strip(), (row[second] or "").strip()) for row in reader]
    except csv.Error as error:
        raise UsageError("{file} is no table in UTF-8: {error}", file=file, error=error) from error
    if not rows:
        raise UsageError("{file} has no rows", file=file)
    return rows


def listed_photos(file: Path) -> list[tuple[str, str]]:
    """The photos and labels in the table `file`.

    Raises `UsageError` as `table_rows`, and for a photo that comes twice.
    """
    rows = table_rows(file, ID, ANIMAL)
    twice = [name for name, count in Counter(name for name, _ in rows).items() if count > 1]
    if twice:
        raise UsageError(
            "{file} lists {number} photos more than once, such as {photo}: keep one row of each",
            file=file,
            number=len(twice),
            photo=twice[0],
        )
    return rows


def root_of(file: Path, names: Iterable[str]) -> Path:
    """The folder below which all listed photos lie: the table's own, or a wider one where names lead out of it."""
    folder = Path(os.path.abspath(file.parent))  # noqa: PTH100 a link to the folder stays one
    outside = {path.parent for name in names if (path := _led_out(folder, name)) is not None}
    if not outside:
        return file.parent
    try:
        return Path(os.path.commonpath([folder, *outside]))
    except ValueError as error:  # other drives
        raise UsageError("{file} lists photos on several drives: write a table for each", file=file) from error


def _led_out(folder: Path, name: str) -> Path | None:
    """The path of a name that is absolute or climbs, if it leads out of `folder`."""
    plain = _slashed(folder, name)
    if not (Path(plain).is_absolute() or ".." in Path(plain).parts):
        return None
    path = Path(os.path.normpath(folder / plain))
    return None if path.is_relative_to(folder) else path


def _slashed(folder: Path, name: str) -> str:
    """A name with forward slashes, unless a file really is called so."""
    return name if "\\" not in name or (folder / name).exists() else name.replace("\\", "/")


class PhotoFinder:
    """The pictures below a table's folder (`files`, relative to it), found by the names that its rows give."""

    def __init__(self, table: Path, files: Iterable[str]) -> None:
        self._table, self._folder = table, Path(os.path.abspath(table.parent))  # noqa: PTH100
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for file in files:
            key = _key(file.rpartition("/")[2])
            self._by_name[key].append(file)
            self._by_stem[key.rpartition(".")[0]].append(file)

    def find(self, name: str) -> str:
        """The file that `name` means, relative to the table's folder; the name itself where there is none.

        Raises `UsageError` where it may mean several.
        """
        plain = _slashed(self._folder, name)
        outside = _led_out(self._folder, plain)
        if outside is not None:
            return os.path.relpath(outside, self._folder).replace(os.sep, "/")
        plain = os.path.relpath(os.path.normpath(self._folder / plain), self._folder).replace(os.sep, "/")
        for found in self._by_preference(plain):
            spelled = [one for one in found if one.endswith(plain)]
            meant = spelled if len(spelled) == 1 else found
            if len(meant) > 1:
                raise UsageError(
                    "{file} lists {photo}, which may be {first} or {second}: write its folder with it, as in {first}",
                    file=self._table,
                    photo=name,
                    first=meant[0],
                    second=meant[1],
                )
            if meant:
                return meant[0]
        return plain

    def _by_preference(self, plain: str) -> Iterator[list[str]]:
        """The table's own folder first, then one of its name: the paper's set has the same names again in `test`."""
        folder, _, name = _key(plain).rpartition("/")
        bare = Path(name).suffix not in SUFFIXES
        there = (self._by_stem if bare else self._by_name)[name]
        tail = f"/{folder}" if folder else ""
        there = [one for one in there if f"/{_key(one)}".rpartition("/")[0].endswith(tail)]
        beside = [one for one in there if _key(one).rpartition("/")[0] == folder]
        own = [one for one in there if _key(one).startswith(f"{_key(self._table.stem)}/")]
        yield from (beside, own, there)


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()

"""What sorting would do, before it does it: a tree with counts and bytes to look at and to confirm."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from avistar.boxes import Box
from avistar.errors import UsageError
from avistar.files import in_megabytes, path_below, same_content
from avistar.formats.final_answer import FinalAnswer, answers_of, outcome_of, taxon_of
from avistar.formats.persons import WHOLE_PICTURE, PersonsChoice, can_blur, persons_in
from avistar.records import Medium, Record, Records, SurveyFacts
from avistar.sorting.file_index import Index
from avistar.sorting.undo_log import JOURNAL, Entry, How, read_journal
from avistar.species import Language, Species

NameStyle = Literal["id", "common", "scientific"]

SeveralRule = Literal["apart", "each"]
"""Where photos with several species go: into a folder of their own, or into each species' folder."""

LeftOut = Literal["nothing_known", "sorted_before", "sorted_elsewhere", "gone", "persons"]
"""Why a medium is not touched: no answer yet, there already, there in another species' folder, file missing, or that
persons are in it."""

KIND_FOLDERS: Mapping[str, Mapping[Language, str]] = {
    "unknown": {"en": "unknown", "es": "desconocido"},
    "empty": {"en": "empty", "es": "vacía"},
    "person": {"en": "person", "es": "persona"},
    "vehicle": {"en": "vehicle", "es": "vehículo"},
}
"""Folders of what is no species."""

SEVERAL_FOLDERS: Mapping[Language, str] = {"en": "several", "es": "varias"}
"""The folder of photos with several species."""

_NAME_BYTES = 255
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_SPARE_BYTES = 50_000_000
"""Left free on the disk, so that neither the manifest nor the system stumbles."""


@dataclass(frozen=True, slots=True)
class SortingOptions:
    """`how` the files get there and how the folders are called ("id": as in Avistar's files).

    `persons`: whether photos of persons are kept as they are, blurred (copies only) or left out.
    `several`: where photos with several species go.
    """

    how: How = "copy"
    names: NameStyle = "id"
    language: Language = "en"
    persons: PersonsChoice = "keep"
    several: SeveralRule = "apart"

    def __post_init__(self) -> None:
        if self.several == "each" and self.how == "move":
            raise UsageError("a photo that is moved can't be in several folders: copy it, or make links")
        if self.persons == "blur" and self.how != "copy":
            raise UsageError("only copies can be blurred: your own photos stay as they are")


@dataclass(frozen=True, slots=True)
class Placement:
    """One file: from `source` to `to`, below the sorted folder."""

    medium: str
    source: str
    to: str
    bytes: int
    modified_ns: int
    blurred: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one folder would get."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class SortingPlan:
    """What would be done. `left_out` counts media by why they would not be touched."""

    root: Path
    how: How
    placements: tuple[Placement, ...]
    left_out: Mapping[LeftOut, int]

    @property
    def bytes(self) -> int:
        """How much would be placed."""
        return sum(one.bytes for one in self.placements)

    @property
    def blurred_whole(self) -> int:
        """How many photos are blurred from edge to edge, since no box says where their person is."""
        return sum(WHOLE_PICTURE in one.blurred for one in self.placements)

    @property
    def folders(self) -> dict[str, Share]:
        """Every folder that would get files, by its path below the root, and what it would get itself."""
        files, sizes = Counter[str](), Counter[str]()
        for one in self.placements:
            folder = one.to.rpartition("/")[0]
            files[folder] += 1
            sizes[folder] += one.bytes
        return {folder: Share(files[folder], sizes[folder]) for folder in sorted(files)}


def plan_sorting(records: Records, facts: SurveyFacts, root: Path, options: SortingOptions) -> SortingPlan:
    """Plan to place each medium in `root` / its species / its own folder in the survey; touches nothing.

    Its XMP sidecars go along. Two files with one name, also on systems that don't tell cases apart, become a.jpg and
    a_2.jpg. What an earlier run placed is left alone. Raises `UsageError` where `root` can't take the files, or a name
    leads out of it.
    """
    check_root(root, facts, options.how)
    sorter = _Sorter.of(root, options)
    for record in records:
        sorter.take(record)
    plan = SortingPlan(root, options.how, tuple(sorter.placements), sorter.left_out)
    _check_space(plan)
    return plan


@dataclass(frozen=True, slots=True)
class _Sorter:
    """Gives each medium its places: `taken` names, and what an `earlier` run placed under which medium's name."""

    root: Path
    options: SortingOptions
    earlier: Mapping[str, Sequence[tuple[Entry, Path]]]
    taken: set[str]
    placements: list[Placement] = field(default_factory=list)
    left_out: Counter[LeftOut] = field(default_factory=Counter)

    @classmethod
    def of(cls, root: Path, options: SortingOptions) -> _Sorter:
        earlier = _placed_before(root)
        # A name in the manifest is taken though a person moved its file: the manifest leads back from it.
        announced = (one.to for some in earlier.values() for one, _ in some)
        return cls(root, options, earlier, {_key(path) for path in (*_files_in(root), *announced)})

    def take(self, record: Record) -> None:
        """Plan for one medium: once for each folder that it belongs in."""
        folders = folders_of(record, self.options)
        persons = persons_in(record) if self.options.persons != "keep" else ()
        if not folders:
            self.left_out["nothing_known"] += 1
        elif persons and (self.options.persons == "leave_out" or not can_blur(record.medium)):
            self.left_out["persons"] += 1
        else:
            for folder in folders:
                before = self.earlier.get(record.medium.relative, ())
                if len(folders) > 1:
                    before = [one for one in before if one[0].folder == folder]
                self._place(record, folder, before, persons)

    def _place(
        self, record: Record, folder: str, before: Sequence[tuple[Entry, Path]], persons: tuple[Box, ...]
    ) -> None:
        medium = record.medium
        entry = _same_content_before(before, medium.path)
        to = entry.to if entry is not None else ""
        if entry is not None and not _half_moved(entry, self.options.how):
            self.left_out["sorted_before" if entry.folder == folder else "sorted_elsewhere"] += 1
        elif (placement := _placement(record, folder, self.taken, entry)) is None:
            self.left_out["gone"] += 1
        else:
            to = placement.to
            path_below(self.root, to)
            self.placements.append(replace(placement, blurred=persons))
        if to and not persons:
            self.placements.extend(self._sidecars(medium, to))

    def _sidecars(self, medium: Medium, to: str) -> Iterator[Placement]:
        """A medium's sidecars beside where it goes: `photo.jpg.xmp`, and `photo.xmp` as Adobe's programs name it."""
        for relative, beside in ((f"{medium.relative}.xmp", f"{to}.xmp"), (_with_xmp(medium.relative), _with_xmp(to))):
            source = medium.path.removesuffix(medium.relative) + relative
            before = [one for one, _ in self.earlier.get(relative, ()) if one.folder == to.split("/", 1)[0]]
            if before and not _half_moved(before[-1], self.options.how):
                continue
            with contextlib.suppress(OSError):
                stat = os.stat(source)  # noqa: PTH116 a name that is no UTF-8 is text here
                place = before[-1].to if before else _free_name(beside, self.taken)
                yield Placement(relative, source, place, stat.st_size, stat.st_mtime_ns)


def folders_of(record: Record, options: SortingOptions) -> list[str]:
    """The folders that a medium belongs in: one as a rule; none for what failed or was not looked at."""
    taxa = {answer.id: answer for answer, _ in answers_of(record) if answer.taxon is not None}
    named = {answer.taxon.group for answer in taxa.values() if isinstance(answer.taxon, Species)}
    kinds = [answer for id, answer in taxa.items() if id not in named]  # a canid beside a wolf may be the wolf's mate
    if len(kinds) < 2:
        alone = folder_of(outcome_of(record), options)
        return [] if alone is None else [alone]
    if options.several == "apart":
        return [SEVERAL_FOLDERS[options.language]]
    return list(dict.fromkeys(folder for one in kinds if (folder := folder_of(one, options)) is not None))


def _with_xmp(path: str) -> str:
    return os.path.splitext(path)[0] + ".xmp"  # noqa: PTH122 text


def folder_of(outcome: FinalAnswer, options: SortingOptions) -> str | None:
    """The species folder's name; None for what failed or was not looked at."""
    taxon = outcome.taxon
    if taxon is None:
        return KIND_FOLDERS[outcome.kind][options.language] if outcome.kind in KIND_FOLDERS else None
    if options.names == "id":
        return taxon.id
    name = taxon.name(options.language) if options.names == "common" else taxon.scientific or taxon_of(taxon).name
    return _FORBIDDEN.sub("_", name).strip(" .") or taxon.id


def check_root(root: Path, facts: SurveyFacts, how: How) -> None:
    """Raise `UsageError` where `root` can't take sorted files."""
    if root.exists() and not root.is_dir():
        raise UsageError("{target} is a file: name a folder", target=root)
    parent = next(folder for folder in (root, *root.absolute().parents) if folder.is_dir())
    if not os.access(parent, os.W_OK):
        raise UsageError("{parent} can't be written to: choose another folder", parent=parent)
    inside = root.resolve().is_relative_to(Path(facts.folder).resolve())
    if inside and how != "move":
        raise UsageError(
            "{root} lies in the survey's own folder, where copies would count as new photos: go outside", root=root
        )


def _placed_before(root: Path) -> dict[str, list[tuple[Entry, Path]]]:
    """What an earlier run placed and where that is now, by medium: two cards may have the same names.

    What was only announced, because the run was killed, is not there.
    """
    placed: dict[str, list[tuple[Entry, Path]]] = {}
    if (root / JOURNAL).is_file():
        index = Index.of(root)
        for entry in read_journal(root):
            lies = root / entry.to if os.path.lexists(root / entry.to) else index.moved(entry)
            if lies is not None:
                placed.setdefault(entry.medium, []).append((entry, lies))
    return placed


def _same_content_before(placed: Sequence[tuple[Entry, Path]], path: str) -> Entry | None:
    """Which of the files that were placed under a medium's name holds what the file at `path` holds."""
    if not placed:
        return None
    try:
        facts = os.stat(path)  # noqa: PTH116 a name that is no UTF-8 is text here
    except OSError:  # gone, as what was moved is: its name must do
        return placed[-1][0]
    for entry, lies in placed:
        as_it_was = (entry.source, entry.bytes, entry.modified_ns) == (path, facts.st_size, facts.st_mtime_ns)
        with contextlib.suppress(OSError):
            if as_it_was or same_content(lies, Path(path)):
                return entry
    return None


def _half_moved(entry: Entry, how: How) -> bool:
    """Whether a run was killed after the file got its new name and before it lost the old one."""
    return how == entry.how == "move" and os.path.lexists(entry.source)


def _placement(record: Record, folder: str, taken: set[str], before: Entry | None) -> Placement | None:
    medium = record.medium
    try:
        stat = os.stat(medium.path)  # noqa: PTH116 a name that is no UTF-8 is text here
    except OSError:
        return None
    to = before.to if before else _free_name(f"{folder}/{medium.relative}", taken)
    return Placement(medium.relative, medium.path, to, stat.st_size, stat.st_mtime_ns)


def _files_in(root: Path) -> Iterator[str]:
    for folder, _, names in os.walk(root):
        below = Path(folder).relative_to(root).as_posix()
        for name in names:
            yield name if below == "." else f"{below}/{name}"


def _free_name(path: str, taken: set[str]) -> str:
    """`path`, or with _2, _3, … before its suffix where another file has that name; then it is taken."""
    folder, _, name = path.rpartition("/")
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 text
    candidate, number = path, 1
    while _key(candidate) in taken:
        number += 1
        mark = f"_{number}{suffix}"
        room = _NAME_BYTES - len(os.fsencode(mark))
        while len(os.fsencode(stem)) > room:
            stem = stem[:-1]
        candidate = f"{folder}/{stem}{mark}"
    taken.add(_key(candidate))
    return candidate


def _key(path: str) -> str:
    """What two names have in common that some system takes for one: case, and how accents are composed."""
    return unicodedata.normalize("NFC", path).casefold()


def _check_space(plan: SortingPlan) -> None:
    if plan.how in ("hardlink", "symlink") or not plan.placements:
        return
    parent = next(folder for folder in (plan.root, *plan.root.absolute().parents) if folder.is_dir())
    if plan.how == "move" and os.stat(plan.placements[0].source).st_dev == parent.stat().st_dev:  # noqa: PTH116
        return
    free = shutil.disk_usage(parent).free
    if plan.bytes + _SPARE_BYTES > free:
        raise UsageError(
            "{root}: the disk is too full: {needed} needed, {free} free",
            root=plan.root,
            needed=in_megabytes(plan.bytes + _SPARE_BYTES),
            free=in_megabytes(free),
        )

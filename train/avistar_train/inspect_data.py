"""What is in a set of photos before anybody trains on it: counts, sizes, broken files, duplicates.

What an inspection found, for programs (JSON, groups) and for people (a page with its charts).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import imagehash
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from avistar.dataset import DatasetPhoto, PhotoSet
from avistar.errors import ImageError
from avistar.files import write_whole, writing
from avistar.images.decode import load
from avistar.parallel import each_in_order
from avistar.progress import StepProgress
from avistar_train import charts
from avistar_train.html import chart, page, paragraph, pictures, section, table, tiles

HASHED_AT = 64
"""Least side in pixels at which a photo is decoded for its hashes, which look at 32 and 9 px."""

NEAR = 22
"""Bits of 128 by which two hashes may differ and still be one picture.

Measured on 300 photos: recompressed (quality 30), halved, squeezed, grey or cropped by 2 % on each side, all are
found; cropped by 5 % on each side, two thirds. Of the 6 million pairs of 3,509 photos without known duplicates, 6 lie
as near: all of them one scene, seen twice.
"""

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """One photo: `width` and `height` upright in pixels and its `sha256`; or the `problem` that it has.

    A photo that is cut off has both: it can be read in part.
    """

    file: str
    species: str
    width: int
    height: int
    sha256: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """Photos that are one: the same bytes (`exact`), or pictures that differ by little."""

    exact: bool
    files: tuple[str, ...]
    species: tuple[str, ...]

    @property
    def contradicts(self) -> bool:
        """Whether the labels of these photos differ: at least one is wrong, or shows two species."""
        return len(set(self.species)) > 1


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything that was found; `counts` has every listed species, `passed_over` those that nobody asked for."""

    place: str
    counts: dict[str, int]
    passed_over: dict[str, int]
    photos: tuple[PhotoFacts, ...]
    alike: tuple[Alike, ...]

    @property
    def broken(self) -> tuple[PhotoFacts, ...]:
        """Photos that can't be read, or only in part."""
        return tuple(photo for photo in self.photos if photo.problem)

    @property
    def contradictions(self) -> tuple[Alike, ...]:
        """Duplicates under different labels."""
        return tuple(one for one in self.alike if one.contradicts)


def inspect(data: PhotoSet, *, progress: StepProgress) -> Inspection:
    """Read every photo once and compare all with each other; a broken one is a finding, never an error."""
    facts: list[PhotoFacts] = []
    hashes = np.zeros((len(data.photos), 128), np.bool_)

    def look(i: int) -> PhotoFacts:
        fact, hashes[i] = _look(data, data.photos[i])
        return fact

    with closing(each_in_order(range(len(data.photos)), look)) as looking:
        for fact in looking:
            facts.append(fact)
            progress("looking at photos", len(facts), len(data.photos))
    counts = Counter(photo.species for photo in data.photos)
    return Inspection(
        place=str(data.place),
        counts={species.id: counts[species.id] for species in data.listed.species},
        passed_over=data.passed_over,
        photos=tuple(facts),
        alike=tuple(sorted(_alike(facts, hashes), key=lambda one: (not one.contradicts, not one.exact, one.files))),
    )


def _look(data: PhotoSet, photo: DatasetPhoto) -> tuple[PhotoFacts, NDArray[np.bool_]]:
    """A photo's facts and its 128 bits: a perceptual and a difference hash, zeros where there is no picture."""
    nothing = np.zeros(128, np.bool_)
    try:
        content = data.content(photo)
    except OSError as error:
        return PhotoFacts(photo.file, photo.species, 0, 0, "", f"{error.strerror}"), nothing
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        picture = load(content if data.array is None else data.source(photo), at_least=HASHED_AT)
    except ImageError as error:
        reason = str(error).removeprefix("the picture: ")
        return PhotoFacts(photo.file, photo.species, 0, 0, sha256, reason), nothing
    width, height = picture.full_size
    problem = "cut off: only a part can be read" if "incomplete" in picture.flags else ""
    small = Image.fromarray(picture.pixels).convert("L")
    bits = np.concatenate([imagehash.phash(small).hash.ravel(), imagehash.dhash(small).hash.ravel()])
    return PhotoFacts(photo.file, photo.species, width, height, sha256, problem), bits


def _alike(facts: list[PhotoFacts], hashes: NDArray[np.bool_]) -> Iterator[Alike]:
    """Sets of equal files first; then sets of near-duplicates, in which equal files stand for each other."""
    same: dict[str, list[int]] = defaultdict(list)
    for i, fact in enumerate(facts):
        if fact.sha256:
            same[fact.sha256].append(i)
    for places in same.values():
        if len(places) > 1:
            yield _set(facts, places, exact=True)
    # One of each content, and only pictures with something in them: a plain surface hashes like every other.
    firsts = np.array(
        [places[0] for places in same.values() if facts[places[0]].width and hashes[places[0]].any()], int
    )
    for places in _near(hashes[firsts]):
        yield _set(facts, [int(firsts[i]) for i in places], exact=False)


def _set(facts: list[PhotoFacts], places: Iterable[int], *, exact: bool) -> Alike:
    chosen = sorted((facts[i] for i in places), key=lambda fact: fact.file)
    return Alike(exact, tuple(fact.file for fact in chosen), tuple(fact.species for fact in chosen))


def _near(hashes: NDArray[np.bool_]) -> Iterator[list[int]]:
    """Rows of bool [N, 128] that are connected by differences of at most `NEAR` bits."""
    # As ±1, the product of two rows is 128 less twice their difference: 13,000 rows take a second.
    signs = np.where(hashes, 1, -1).astype(np.float32)
    pairs = []
    for start in range(0, len(signs), _BLOCK):
        likeness = signs[start : start + _BLOCK] @ signs[start:].T
        rows, columns = np.nonzero(likeness >= 128 - 2 * NEAR)
        pairs.append(np.stack([rows, columns])[:, rows < columns] + start)
    first, second = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), int)
    graph = coo_array((np.ones(len(first), np.bool_), (first, second)), shape=(len(signs), len(signs)))
    sets: dict[int, list[int]] = defaultdict(list)
    for i, label in enumerate(connected_components(graph, directed=False)[1]):
        sets[int(label)].append(i)
    yield from (places for places in sets.values() if len(places) > 1)


def merged_groups(data: PhotoSet, inspection: Inspection) -> dict[str, str]:
    """The group of each photo by its name: duplicates together, and known scenes as before."""
    parent = {photo.file: photo.file for photo in data.photos}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = name = parent[parent[name]]
        return name

    scenes: dict[str, list[str]] = defaultdict(list)
    for photo in data.photos:
        scenes[photo.group].append(photo.file)
    for together in (*scenes.values(), *(one.files for one in inspection.alike)):
        for name in together[1:]:
            parent[root(name)] = root(together[0])
    return {name: root(name) for name in parent}


def write_groups(data: PhotoSet, inspection: Inspection, file: Path) -> None:
    """Write a `SOURCES.csv` (`file,group`) that makes a split keep duplicates together, and known scenes as before."""
    with writing(file) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("file", "group"))
        writer.writerows(merged_groups(data, inspection).items())


PAGE, DATA, GROUPS = "inspection.html", "inspection.json", "SOURCES.csv"

SHOWN = 60
"""Sets of duplicates, and broken files, that the page shows; the JSON file has all."""

TOLD = 10
"""Broken files and contradictions that the terminal names."""

THUMBNAIL = 150
"""Longer side of the small pictures on the page, in pixels."""


def write_inspection(data: PhotoSet, inspection: Inspection, folder: Path) -> Path:
    """Write page, charts, JSON and groups into `folder` and return the page's path.

    The page holds small copies of duplicates, so it belongs where the photos may be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / DATA, msgspec.json.format(msgspec.json.encode(inspection), indent=1) + b"\n")
    write_groups(data, inspection, folder / GROUPS)
    readable = [photo for photo in inspection.photos if photo.width]
    drawn = {"species": charts.photos_per_species(*_counted(data, inspection))}
    if readable:
        widths, heights = (np.array([getattr(photo, side) for photo in readable]) for side in ("width", "height"))
        drawn["sizes"] = charts.picture_sizes(widths, heights)
    for name, figure in drawn.items():
        charts.save_png(figure, folder / f"{name}.png")
    svg = {name: charts.as_svg(figure) for name, figure in drawn.items()}
    target = folder / PAGE
    write_whole(target, page("Photos to learn from", inspection.place, _parts(data, inspection, svg)).encode())
    return target


def summary(inspection: Inspection) -> str:
    """The findings in a few lines for a terminal; names what must be seen to."""
    lines = [f"{name:15} {value:>9}  {small}" for name, value, small in _headline(inspection)]
    absent = [name for name, count in inspection.counts.items() if not count]
    if absent:
        lines.append(f"no photos of: {', '.join(absent)}")
    lines += [f"can't be read: {photo.file} ({photo.problem})" for photo in inspection.broken[:TOLD]]
    for one in inspection.contradictions[:TOLD]:
        told = ", ".join(f"{file} ({species})" for file, species in zip(one.files, one.species, strict=True))
        lines.append(f"one picture, different labels: {told}")
    return "\n".join(lines)


def _counted(data: PhotoSet, inspection: Inspection) -> tuple[list[str], list[int]]:
    return [species.english for species in data.listed.species], list(inspection.counts.values())


def _parts(data: PhotoSet, inspection: Inspection, svg: dict[str, str]) -> Iterator[str]:
    yield tiles(_headline(inspection))
    yield section(
        "Photos of each species", *_passed_over(inspection), chart(svg["species"], "As in the paper's Fig. 2.")
    )
    if "sizes" in svg:
        caption = "Shorter side of the photos that can be read. Dotted: the recipes' 64, 128 and 224 px."
        yield section("Sizes", chart(svg["sizes"], caption))
    yield section("Files that can't be read", _broken(inspection), long=True)
    contradictions = inspection.contradictions
    others = [one for one in inspection.alike if not one.contradicts]
    yield section("Duplicates under different labels", *_sets(data, contradictions), long=True)
    yield section("Other duplicates", *_sets(data, others), paragraph(_ADVICE) if others else "", long=True)


_ADVICE = (
    f"A network that was trained on one of two duplicates and is judged on the other looks better than it is. Put "
    f"the file {GROUPS}, written beside this page, into the photo folder: a split then keeps each set together."
)


def _headline(inspection: Inspection) -> Iterator[tuple[str, str, str]]:
    counts = [count for count in inspection.counts.values() if count]
    exact = sum(one.exact for one in inspection.alike)
    yield "Photos", f"{len(inspection.photos):,}", f"{len(counts)} of {len(inspection.counts)} species"
    yield "Most to fewest", f"{max(counts) / min(counts):.0f} : 1", f"{max(counts):,} and {min(counts):,} photos"
    yield "Unreadable", f"{len(inspection.broken):,}", "in whole or in part"
    yield "Duplicates", f"{len(inspection.alike):,}", f"sets, {exact} of them exact"
    yield "Contradictions", f"{len(inspection.contradictions):,}", "duplicates, different labels"


def _passed_over(inspection: Inspection) -> Iterator[str]:
    if inspection.passed_over:
        total, names = sum(inspection.passed_over.values()), ", ".join(sorted(inspection.passed_over))
        yield paragraph(f"Passed over: {total:,} photos of {len(inspection.passed_over)} other animals ({names}).")


def _broken(inspection: Inspection) -> str:
    rows = [(photo.file, photo.species, photo.problem) for photo in inspection.broken]
    return _first(len(rows)) + table(("file", "species", "problem"), rows[:SHOWN]) if rows else paragraph("None.")


def _first(count: int) -> str:
    return paragraph(f"The first {SHOWN} of {count:,}; {DATA} has all.") if count > SHOWN else ""


def _sets(data: PhotoSet, sets: Sequence[Alike]) -> Iterator[str]:
    if not sets:
        yield paragraph("None.")
    yield _first(len(sets))
    for one in sets[:SHOWN]:
        kind = "the same file" if one.exact else "nearly the same picture"
        yield paragraph(f"{len(one.files)} photos, {kind}:")
        yield pictures(_thumbnails(data, one))


def _thumbnails(data: PhotoSet, one: Alike) -> Iterator[tuple[bytes, str]]:
    photos = {photo.file: photo for photo in data.photos}
    for file, species in list(zip(one.files, one.species, strict=True))[:12]:
        stream = io.BytesIO()
        try:
            small = Image.fromarray(load(data.source(photos[file]), at_least=THUMBNAIL).pixels)
        except ImageError:  # exact duplicates may be broken ones
            small = Image.new("RGB", (4, 3), "white")
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        small.save(stream, "JPEG", quality=80)
        yield stream.getvalue(), f"{file} · {species}"

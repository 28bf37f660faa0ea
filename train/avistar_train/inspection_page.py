"""What an inspection found, for programs (JSON, groups) and for people (a page with its charts)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from avistar.errors import ImageError
from avistar.images import load
from avistar_train import charts
from avistar_train.inspecting import Alike, Inspection, write_groups
from avistar_train.pages import chart, page, paragraph, pictures, section, table, tiles
from avistar_train.photos import PhotoSet

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
    (folder / DATA).write_bytes(msgspec.json.format(msgspec.json.encode(inspection), indent=1) + b"\n")
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
    target.write_text(page("Photos to learn from", inspection.place, _parts(data, inspection, svg)), "utf-8")
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

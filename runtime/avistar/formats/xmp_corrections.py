"""What people corrected by changing keywords in another program: read back from the sidecars that we wrote.

Avistar's own words stand in each sidecar beside those of everybody. Where the species among a photo's keywords are no
longer those that it wrote, somebody changed them; of several lists, the flat one first, decides the first that was
changed. Words that name no species, group or kind are passed over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from avistar.files import path_below, printable
from avistar.formats.final_answer import taxon_of
from avistar.formats.reviews import VERDICT_NAMES
from avistar.formats.xmp import packet_inside, sidecar_of
from avistar.formats.xmp_packet import HIERARCHIES, OURS, SUBJECT, Packet
from avistar.message import Message, message_of, reason_of
from avistar.records import Record, Records, Sighting, Verdict
from avistar.species import Species, normalised

Named: TypeAlias = frozenset[tuple[Verdict, str]]
"""Kinds with species' ids, which keywords name."""

_LARGEST = 16_000_000
_BEGINNING = 1_000_000
"""Bytes of a photo in which its packet is, if it has one: what comes before may be large thumbnails."""


@dataclass(frozen=True, slots=True)
class KeywordCorrection:
    """A photo whose keywords say something else now.

    Attributes:
        medium: Its name in the survey.
        sightings: What is there by its keywords; of what was said before, with all its details.
    """

    medium: str
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class UnclearKeywords:
    """A photo whose keywords contradict themselves, or can't be read, and why."""

    medium: str
    reason: str


def keyword_corrections(
    records: Records, folder: Path, species: Sequence[Species]
) -> Iterator[KeywordCorrection | UnclearKeywords]:
    """The photos whose keywords below `folder` name other `species` than Avistar wrote there; changes nothing.

    Sidecars count before what is inside a JPEG.
    """
    meanings = _meanings(species)
    for record in records:
        name = printable(record.medium.relative)
        try:
            packet = _packet_of(path_below(folder, record.medium.relative))
            now = None if packet is None else _changed(Packet(packet), meanings)
        except OSError as error:
            yield UnclearKeywords(name, reason_of(error))
            continue
        except ValueError as error:
            yield UnclearKeywords(name, message_of(error))
            continue
        if now is None or now == _said(record):
            continue
        kinds = {kind for kind, _ in now}
        if "empty" in kinds and len(kinds) > 1:
            yield UnclearKeywords(name, Message("its keywords say that it is empty, and that something is there"))
            continue
        yield KeywordCorrection(record.medium.relative, _sightings(record, now))


def _packet_of(photo: Path) -> bytes | None:
    """What a photo's sidecar holds, else, of a JPEG such as our annotated copies, the packet inside it."""
    for sidecar in (sidecar_of(photo), photo.with_suffix(".xmp")):
        if sidecar.is_file():
            with sidecar.open("rb") as stream:
                return stream.read(_LARGEST + 1)
    if not photo.is_file():
        return None
    with photo.open("rb") as stream:
        return packet_inside(stream.read(_BEGINNING))


def _changed(packet: Packet, meanings: Mapping[str, frozenset[tuple[Verdict, str]]]) -> Named | None:
    """What the keywords name, where that isn't what Avistar wrote; None where nothing was changed."""
    written = _named(packet.texts(*OURS[:2]), meanings)
    lists = [packet.texts(*SUBJECT[:2])]
    lists += [{text.split(mark)[-1] for text in packet.texts(*place[:2])} for place, mark in HIERARCHIES]
    for words in lists:
        now = _named(words, meanings)
        if now and now != written:
            return now
    return None


def _named(words: Iterable[str], meanings: Mapping[str, frozenset[tuple[Verdict, str]]]) -> Named:
    """What `words` name beyond doubt; "unknown" beside a name says nothing."""
    found = {next(iter(meant)) for word in words if len(meant := meanings.get(normalised(word), frozenset())) == 1}
    known = {one for one in found if one[0] != "unknown"}
    return frozenset(known or found)


def _meanings(species: Sequence[Species]) -> Mapping[str, frozenset[tuple[Verdict, str]]]:
    """What each name may mean, by its spelling-proof key."""
    meant: dict[str, set[tuple[Verdict, str]]] = defaultdict(set)
    for verdict, names in VERDICT_NAMES.items():
        for name in names:
            meant[normalised(name)].add((verdict, ""))
    for one in species:
        for name in (one.id, one.english, one.spanish, one.scientific, taxon_of(one).name if one.scientific else ""):
            if key := normalised(name):
                meant[key].add(("species", one.id))
    return {key: frozenset(some) for key, some in meant.items()}


def _said(record: Record) -> Named:
    """What people said of the photo before; nothing where nobody did."""
    return frozenset((one.kind, one.species) for one in (record.review.statement if record.review else ()))


def _sightings(record: Record, now: Named) -> tuple[Sighting, ...]:
    before = record.review.statement if record.review else ()
    kept = [one for one in before if (one.kind, one.species) in now]
    there = {(one.kind, one.species) for one in kept}
    return (*kept, *(Sighting(kind, id) for kind, id in sorted(now - there)))

"""XMP keywords (ISO 16684-1) in sidecar files, or inside copies; an original is only ever read.

`photo.jpg.xmp` is what digiKam, darktable and Immich look for, and it keeps `photo.jpg` and `photo.cr2` apart.
Lightroom reads sidecars of raw files only: for it, write annotated copies, which hold the packet themselves.
Keywords go to `dc:subject` (flat), `lr:hierarchicalSubject` (Lightroom, darktable) and `digiKam:TagsList`. What a
packet already holds stays, but for the keywords that Avistar put there before. A comment on the photo becomes
`dc:description`, unless somebody else wrote one.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from avistar.errors import AvistarError, ImageError, UsageError
from avistar.files import failure, path_below, printable, write_whole
from avistar.formats.base import WrittenFiles
from avistar.formats.final_answer import FinalAnswer, answers_of, outcome_of, taxon_of
from avistar.formats.persons import blurred, persons_in
from avistar.formats.rows import moment, provenance
from avistar.formats.xmp_packet import DIGIKAM, HIERARCHIES, LIGHTROOM, OURS, ROOT, SUBJECT, Packet, checked
from avistar.message import Message, reason_of
from avistar.records import Record, Records, SurveyFacts
from avistar.species import Language, known_groups

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_SEGMENT = 65_533
_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Keywords:
    """What is said of a photo: `flat` words, `paths` from general to special, `facts` of its origin, a `comment`."""

    flat: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    facts: dict[str, str]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Xmp:
    """Sidecars below `target` (the survey's folder: beside the photos), or with `copies` annotated copies there.

    Failed and vanished media get none. Copies that can't hold a packet (all but JPEG) get a sidecar beside them.
    `blur`: persons are unrecognisable in copies.
    """

    language: Language = "en"
    copies: bool = False
    blur: bool = False

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`; each file is whole or not there. A sidecar that is no XMP is left alone and noted."""
        if self.copies and target.resolve() == Path(facts.folder).resolve():
            raise UsageError("{target} holds the originals: name another folder for annotated copies", target=target)
        media, notes = 0, []
        for record in records:
            outcome = outcome_of(record)
            if not record.present or outcome.kind in ("failed", "unidentified"):
                continue
            place = path_below(target, record.medium.relative)
            keywords = keywords_of(record, outcome, facts, self.language)
            problem = _too_long(place)
            if not problem:
                try:
                    problem = self._one(record, place, keywords)
                except AvistarError as error:
                    if not media:
                        raise
                    raise AvistarError(
                        "{error}. {media:,} photos before it have their keywords; the same command does the rest",
                        error=error,
                        media=media,
                    ) from error
            media += not problem
            notes += [problem] if problem else []
        return WrittenFiles((target,), media, tuple(notes))

    def _one(self, record: Record, place: Path, keywords: Keywords) -> str:
        """Write the keywords of one photo; why that can't be, "" if it could."""
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise failure(place, error) from error
        return _copy(record, place, keywords, blur=self.blur) if self.copies else _sidecar(place, keywords)


def keywords_of(record: Record, outcome: FinalAnswer, facts: SurveyFacts, language: Language) -> Keywords:
    """The words for what counts of `record`."""
    origin = provenance(record.identification) if record.identification else {}
    about = {"software": facts.software, **origin, "result": outcome.kind}
    if said_at := record.review.at if record.review else record.answered_at:
        about["createdAt"] = moment(said_at)
    if outcome.confidence is not None:
        about["confidence"] = f"{outcome.confidence:.4f}"
    if outcome.reviewer:
        about["reviewer"] = outcome.reviewer
    comment = record.remark.comment if record.remark else ""
    if comment:
        about["comment"] = comment
    things = [answer for answer, _ in answers_of(record)] or [outcome]
    things = [one for one in things if one.kind not in ("unknown", "empty")] or things[:1]
    words = [_words_of(one, language) for one in things]
    tags = [*(record.remark.tags if record.remark else ())]
    tags += [tag for one in (record.review.sightings if record.review else ()) for tag in one.tags]
    flat = dict.fromkeys((*(word for some, _ in words for word in some), *tags))
    return Keywords(tuple(flat), tuple(dict.fromkeys(path for _, path in words)), about, comment)


def _words_of(outcome: FinalAnswer, language: Language) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The flat words for one thing, and its path."""
    if outcome.taxon is None:
        word = _WORDS[language][outcome.kind]
        return (word,), (ROOT, word)
    name, scientific = outcome.taxon.name(language), taxon_of(outcome.taxon).name
    group = getattr(outcome.taxon, "group", "")
    above = [one.name(language) for one in known_groups() if one.id == group]
    return (name, scientific), (ROOT, *above, name)


_WORDS: dict[Language, dict[str, str]] = {
    "en": {"unknown": "unknown", "empty": "empty", "person": "person", "vehicle": "vehicle"},
    "es": {"unknown": "desconocido", "empty": "vacía", "person": "persona", "vehicle": "vehículo"},
}


def sidecar_of(medium: Path) -> Path:
    """Where the keywords of a photo stand beside it."""
    return medium.with_name(f"{medium.name}.xmp")


def _too_long(medium: Path) -> str:
    """Why `medium` can't have a sidecar: file systems allow 255 bytes in a name."""
    if len(os.fsencode(sidecar_of(medium).name)) <= _NAME_BYTES:
        return ""
    return Message("{file}: its name is too long for a sidecar: shorten it", file=printable(medium))


def _sidecar(medium: Path, keywords: Keywords) -> str:
    sidecar = sidecar_of(medium)
    earlier = sidecar.read_bytes() if sidecar.exists() else None
    try:
        packet = merged(earlier, keywords)
    except ValueError as error:
        return Message("{sidecar} is no XMP ({error}): left as it is", sidecar=sidecar, error=error)
    write_whole(sidecar, packet)
    return ""


def _copy(record: Record, place: Path, keywords: Keywords, *, blur: bool) -> str:
    if place.exists():
        return Message("{place} exists: not written again", place=place)
    persons = persons_in(record) if blur else ()
    source = Path(record.medium.path)
    try:
        data = blurred(source, persons) if persons else source.read_bytes()
    except ImageError as error:
        return str(error)
    except OSError as error:
        return Message("{path} can't be read ({error})", path=record.medium.path, error=reason_of(error))
    if data.startswith(b"\xff\xd8"):
        try:
            write_whole(place, with_packet(data, keywords), media=True)
            return ""
        except ValueError:  # it holds a packet that we can't change: the copy gets a sidecar
            pass
    write_whole(place, data, media=True)
    return _sidecar(place, keywords)


def merged(earlier: bytes | None, keywords: Keywords) -> bytes:
    """`earlier`, an XMP packet or sidecar, with these keywords instead of Avistar's former ones.

    Raises `ValueError` where `earlier` is no XMP.
    """
    packet = Packet(earlier)
    former = _own_words(packet)
    theirs = packet.texts(*SUBJECT[:2]) - former
    packet.renew(SUBJECT, former, keywords.flat)
    for place, mark in HIERARCHIES:
        there = packet.texts(*place[:2])
        # Darktable and digiKam read the flat words only where there is no such list: a new one holds them too.
        flat = [] if there else sorted(theirs)
        # A mark inside a name would make it two levels.
        paths = [mark.join(part.replace(mark, " ") for part in path) for path in keywords.paths]
        packet.renew(place, _own_paths(there, mark), [*paths, *flat])
    if packet.description in ("", packet.fact("comment")):  # another description is somebody else's
        packet.describe(keywords.comment)
    packet.replace_facts(keywords.facts)
    # A word that the user had before us is not ours to take away later.
    packet.renew(OURS, set(), [word for word in keywords.flat if word not in theirs])
    return checked(packet)


def without_keywords(earlier: bytes) -> bytes | None:
    """`earlier`, a sidecar, without all that Avistar put there; None where nothing else is in it.

    One in which nothing of Avistar's is comes back as it is. Raises `ValueError` where it is no XMP.
    """
    packet = Packet(earlier)
    if not packet.is_ours:
        return earlier
    packet.renew(SUBJECT, _own_words(packet), ())
    for place, mark in HIERARCHIES:
        packet.renew(place, _own_paths(packet.texts(*place[:2]), mark), ())
    for place in (SUBJECT, LIGHTROOM, DIGIKAM):
        packet.drop_if_empty(place)
    if packet.description and packet.description == packet.fact("comment"):
        packet.describe("")
    packet.replace_facts({})
    return None if packet.says_nothing else checked(packet)


def _own_words(packet: Packet) -> set[str]:
    """The flat words that Avistar put there, and the levels of its paths where a program made words of them."""
    words = packet.texts(*OURS[:2])
    if ROOT in packet.texts(*SUBJECT[:2]):  # darktable does
        lists = ((packet.texts(*place[:2]), mark) for place, mark in HIERARCHIES)
        words |= {part for texts, mark in lists for path in _own_paths(texts, mark) for part in path.split(mark)}
    return words


def _own_paths(texts: set[str], mark: str) -> set[str]:
    return {text for text in texts if text.split(mark)[0] == ROOT}


def take_keywords_out(records: Records, target: Path) -> WrittenFiles:
    """Take what `Xmp` put beside the photos out of their sidecars below `target` again.

    Sidecars in which nothing else is go; what other programs and people wrote stays. One that can't be read or
    written is noted.
    """
    files, notes = 0, []
    for record in records:
        sidecar = sidecar_of(path_below(target, record.medium.relative))
        try:
            earlier = sidecar.read_bytes()
            left = without_keywords(earlier)
            if left is None:
                sidecar.unlink()
            elif left != earlier:
                write_whole(sidecar, left)
            files += left != earlier
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else error
            notes.append(Message("{sidecar} is no XMP ({error}): left as it is", sidecar=sidecar, error=reason))
    return WrittenFiles((target,), files, tuple(notes))


def with_packet(jpeg: bytes, keywords: Keywords) -> bytes:
    """A JPEG file with the keywords in its XMP segment; every other byte stays (XMP specification, part 3).

    Raises `ValueError` where its packet can't be read or grew beyond a segment.
    """
    segments, rest = _segments(jpeg)
    earlier = packet_inside(jpeg)
    segments = [one for one in segments if not _holds_packet(one)]
    packet = _JPEG_XMP + merged(earlier, keywords)
    if len(packet) > _JPEG_SEGMENT:
        raise ValueError(Message("the packet is larger than a JPEG segment"))
    own = b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet
    first = [one for one in segments if one[1] == 0xE0 or one[4:].startswith(b"Exif\0")]
    others = [one for one in segments if one not in first]
    return b"".join([jpeg[:2], *first, own, *others, rest])


def packet_inside(jpeg: bytes) -> bytes | None:
    """The XMP packet of a JPEG file, of which the beginning is enough; None for one without."""
    packets = (one[4 + len(_JPEG_XMP) :] for one in _segments(jpeg)[0] if _holds_packet(one))
    return next(packets, None) if jpeg.startswith(b"\xff\xd8") else None


def _holds_packet(segment: bytes) -> bool:
    return segment[1] == 0xE1 and segment[4:].startswith(_JPEG_XMP)


def _segments(jpeg: bytes) -> tuple[list[bytes], bytes]:
    """The segments before the picture's own data, of any kind and order, and what follows them."""
    segments, position = [], 2
    while jpeg[position : position + 1] == b"\xff" and len(jpeg) >= position + 4:
        marker = jpeg[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        if not (0xC0 <= marker <= 0xFE) or 0xD0 <= marker <= 0xDA:  # from here on no lengths, or the scan
            break
        (length,) = struct.unpack(">H", jpeg[position + 2 : position + 4])
        segments.append(jpeg[position : position + 2 + length])
        position += 2 + length
    return segments, jpeg[position:]

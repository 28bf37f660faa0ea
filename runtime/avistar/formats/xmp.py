"""XMP keywords (ISO 16684-1) in sidecar files, or inside copies; an original is only ever read.

`photo.jpg.xmp` is what digiKam, darktable and Immich look for, and it keeps `photo.jpg` and `photo.cr2` apart.
Lightroom reads sidecars of raw files only: for it, write annotated copies, which hold the packet themselves.
Keywords go to `dc:subject` (flat), `lr:hierarchicalSubject` (Lightroom, darktable) and `digiKam:TagsList`. What a
packet already holds stays, but for the keywords that Avistar put there before.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from xml.dom import minidom
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from avistar.errors import UsageError
from avistar.files import path_below, printable, replaced
from avistar.formats.base import WrittenFiles
from avistar.formats.final_answer import FinalAnswer, outcome_of, taxon_of
from avistar.formats.rows import encodable, moment, provenance
from avistar.message import Message, reason_of
from avistar.records import Record, Records, SurveyFacts
from avistar.species import Language, known_groups

ROOT = "Avistar"
"""Above every hierarchical keyword, by which later runs find their own."""

_NAMESPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "avistar": "urn:x-avistar:xmp:1.0/",
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML can't hold."""

_Place: TypeAlias = tuple[str, str, Literal["Bag", "Seq"]]
_SUBJECT: _Place = ("dc", "subject", "Bag")
_LIGHTROOM: _Place = ("lr", "hierarchicalSubject", "Bag")
_DIGIKAM: _Place = ("digiKam", "TagsList", "Seq")

_EMPTY = (
    f'<x:xmpmeta xmlns:x="{_NAMESPACES["x"]}"><rdf:RDF xmlns:rdf="{_NAMESPACES["rdf"]}">'
    '<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>'
)
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END = '\n<?xpacket end="w"?>'
_LARGEST = 16_000_000
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_SEGMENT = 65_533
_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Keywords:
    """What is said of a photo: `flat` words, `path` from general to special, and `facts` of its origin."""

    flat: tuple[str, ...]
    path: tuple[str, ...]
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Xmp:
    """Sidecars below `target` (the survey's folder: beside the photos), or with `copies` annotated copies there.

    Failed and vanished media get none. Copies that can't hold a packet (all but JPEG) get a sidecar beside them.
    """

    language: Language = "en"
    copies: bool = False

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
                place.parent.mkdir(parents=True, exist_ok=True)
                problem = _copy(record, place, keywords) if self.copies else _sidecar(place, keywords)
            media += not problem
            notes += [problem] if problem else []
        return WrittenFiles((target,), media, tuple(notes))


def keywords_of(record: Record, outcome: FinalAnswer, facts: SurveyFacts, language: Language) -> Keywords:
    """The words for what counts of `record`."""
    origin = provenance(record.identification) if record.identification else {}
    about = {"software": facts.software, "createdAt": moment(facts.created_at), **origin}
    about["result"] = outcome.kind
    if outcome.confidence is not None:
        about["confidence"] = f"{outcome.confidence:.4f}"
    if outcome.reviewer:
        about["reviewer"] = outcome.reviewer
    if outcome.taxon is None:
        word = _WORDS[language][outcome.kind]
        return Keywords((word,), (ROOT, word), about)
    name, scientific = outcome.taxon.name(language), taxon_of(outcome.taxon).name
    group = getattr(outcome.taxon, "group", "")
    above = [one.name(language) for one in known_groups() if one.id == group]
    return Keywords((name, scientific), (ROOT, *above, name), about)


_WORDS: dict[Language, dict[str, str]] = {
    "en": {"unknown": "unknown", "empty": "empty", "person": "person", "vehicle": "vehicle"},
    "es": {"unknown": "desconocido", "empty": "vacía", "person": "persona", "vehicle": "vehículo"},
}


def _too_long(medium: Path) -> str:
    """Why `medium` can't have a sidecar: file systems allow 255 bytes in a name."""
    name = f"{medium.name}.xmp"
    if len(os.fsencode(name)) <= _NAME_BYTES:
        return ""
    return Message("{file}: its name is too long for a sidecar: shorten it", file=printable(medium))


def _sidecar(medium: Path, keywords: Keywords) -> str:
    sidecar = medium.with_name(f"{medium.name}.xmp")
    earlier = sidecar.read_bytes() if sidecar.exists() else None
    try:
        packet = merged(earlier, keywords)
    except ValueError as error:
        return Message("{sidecar} is no XMP ({error}): left as it is", sidecar=sidecar, error=error)
    _write(sidecar, packet)
    return ""


def _copy(record: Record, place: Path, keywords: Keywords) -> str:
    if place.exists():
        return Message("{place} exists: not written again", place=place)
    try:
        data = Path(record.medium.path).read_bytes()
    except OSError as error:
        return Message("{path} can't be read ({error})", path=record.medium.path, error=reason_of(error))
    if data.startswith(b"\xff\xd8"):
        try:
            _write(place, with_packet(data, keywords), media=True)
            return ""
        except ValueError:  # it holds a packet that we can't change: the copy gets a sidecar
            pass
    _write(place, data, media=True)
    return _sidecar(place, keywords)


def _write(target: Path, data: bytes, *, media: bool = False) -> None:
    with replaced(target, media=media) as partial:
        partial.write_bytes(data)


def merged(earlier: bytes | None, keywords: Keywords) -> bytes:
    """`earlier`, an XMP packet or sidecar, with these keywords instead of Avistar's former ones.

    Raises `ValueError` where `earlier` is no XMP.
    """
    packet = _Packet(earlier)
    former = packet.texts("avistar", "keywords")
    theirs = packet.texts("dc", "subject") - former
    packet.renew(_SUBJECT, former, keywords.flat)
    for place, mark in ((_LIGHTROOM, "|"), (_DIGIKAM, "/")):
        own = {text for text in packet.texts(*place[:2]) if text.split(mark)[0] == ROOT}
        # A mark inside a name would make it two levels.
        packet.renew(place, own, [mark.join(part.replace(mark, " ") for part in keywords.path)])
    packet.replace_facts(keywords.facts)
    # A word that the user had before us is not ours to take away later.
    packet.renew(("avistar", "keywords", "Bag"), set(), [word for word in keywords.flat if word not in theirs])
    written = packet.encoded()
    _check(written)
    return written


def _check(packet: bytes) -> None:
    """Read what is about to be written with a second parser, and by the data model.

    Raises `ValueError` where a property would be there twice: as an attribute and as an element, or in two
    descriptions. Readers of XMP then take nothing at all.
    """
    rdf, seen = f"{{{_NAMESPACES['rdf']}}}", set[str]()
    model = next(ElementTree.fromstring(packet).iter(f"{rdf}RDF"), None)
    for description in [] if model is None else model.iterfind(f"{rdf}Description"):
        attributes = [name for name in description.attrib if not name.startswith(rdf)]
        for name in (*attributes, *(child.tag for child in description)):
            if name in seen:
                raise ValueError(Message("the property {name} is there twice", name=name))
            seen.add(name)


def with_packet(jpeg: bytes, keywords: Keywords) -> bytes:
    """A JPEG file with the keywords in its XMP segment; every other byte stays (XMP specification, part 3).

    Raises `ValueError` where its packet can't be read or grew beyond a segment.
    """
    segments, rest = _segments(jpeg)
    packets = [one for one in segments if one[1] == 0xE1 and one[4:].startswith(_JPEG_XMP)]
    segments = [one for one in segments if one not in packets]
    earlier = packets[0][4 + len(_JPEG_XMP) :] if packets else None
    packet = _JPEG_XMP + merged(earlier, keywords)
    if len(packet) > _JPEG_SEGMENT:
        raise ValueError(Message("the packet is larger than a JPEG segment"))
    own = b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet
    first = [one for one in segments if one[1] == 0xE0 or one[4:].startswith(b"Exif\0")]
    others = [one for one in segments if one not in first]
    return b"".join([jpeg[:2], *first, own, *others, rest])


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


class _Packet:
    """An XMP packet as a tree that keeps what it doesn't understand."""

    def __init__(self, data: bytes | None) -> None:
        data = _EMPTY.encode() if data is None else data.strip(b"\0 \r\n\t")
        if len(data) > _LARGEST or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise ValueError(Message("too large, or it defines entities"))
        try:
            self._document = minidom.parseString(data)
        except ExpatError as error:
            raise ValueError(str(error)) from error
        holders = self._document.getElementsByTagNameNS(_NAMESPACES["rdf"], "Description")
        if not holders:
            raise ValueError(Message("no rdf:Description in it"))
        self._holder = holders[0]

    def texts(self, prefix: str, name: str) -> set[str]:
        """The items of a list property."""
        return {_text(item) for item in self._items(prefix, name)}

    def renew(self, place: _Place, former: set[str], wanted: Iterable[str]) -> None:
        """Take the items `former` out of a list property and put `wanted` in, once each; make it where it isn't."""
        prefix, name, kind = place
        lists = self._lists(prefix, name)
        items = lists[0] if lists else self._add(self._add(self._holder, prefix, name), "rdf", kind)
        for item in self._items(prefix, name):
            if _text(item) in former:
                _remove(item)
        there = self.texts(prefix, name)
        for text in wanted:
            if text not in there:
                self._add(items, "rdf", "li", text)

    def replace_facts(self, facts: Mapping[str, str]) -> None:
        """Put Avistar's own properties in, instead of all former ones."""
        for element in self._document.getElementsByTagNameNS(_NAMESPACES["avistar"], "*"):
            _remove(element)
        # Other programs write simple properties as attributes: to XMP the two are one.
        for description in self._document.getElementsByTagNameNS(_NAMESPACES["rdf"], "Description"):
            ours = [one for one in description.attributes.values() if one.namespaceURI == _NAMESPACES["avistar"]]
            for attribute in ours:
                description.removeAttributeNode(attribute)
        for name, value in facts.items():
            self._add(self._holder, "avistar", name, value)

    def encoded(self) -> bytes:
        """The packet in UTF-8: only its root, so that no declaration of another encoding survives."""
        nodes = self._document.childNodes
        root = next(node for node in nodes if isinstance(node, minidom.Element))
        return f"{_BEGIN}{root.toxml()}{_END}".encode()

    def _lists(self, prefix: str, name: str) -> list[minidom.Element]:
        """The bags and sequences of every property of this name, wherever in the packet."""
        properties = self._document.getElementsByTagNameNS(_NAMESPACES[prefix], name)
        inside = (node for each in properties for node in each.childNodes)
        kinds = ("Bag", "Seq", "Alt")
        return [node for node in inside if isinstance(node, minidom.Element) and node.localName in kinds]

    def _items(self, prefix: str, name: str) -> list[minidom.Element]:
        lists = self._lists(prefix, name)
        return [item for one in lists for item in one.getElementsByTagNameNS(_NAMESPACES["rdf"], "li")]

    def _add(self, parent: minidom.Element, prefix: str, name: str, text: str = "") -> minidom.Element:
        element = self._document.createElementNS(_NAMESPACES[prefix], f"{prefix}:{name}")
        self._declare(prefix, parent, element)
        if text:
            element.appendChild(self._document.createTextNode(_FORBIDDEN.sub("\ufffd", encodable(text))))
        parent.appendChild(element)
        return element

    def _declare(self, prefix: str, parent: minidom.Element, element: minidom.Element) -> None:
        """Let `prefix` mean our namespace in `element`, whatever the packet means by it elsewhere."""
        name, wanted = f"xmlns:{prefix}", _NAMESPACES[prefix]
        node: minidom.Node | None = parent
        place = element
        while isinstance(node, minidom.Element):
            if node.hasAttribute(name):
                if node.getAttribute(name) != wanted:
                    element.setAttribute(name, wanted)
                return
            place = node if node is self._holder else place  # once for all that is in it
            node = node.parentNode
        place.setAttribute(name, wanted)


def _remove(element: minidom.Element) -> None:
    if element.parentNode is not None:
        element.parentNode.removeChild(element)


def _text(element: minidom.Element) -> str:
    return "".join(node.data for node in element.childNodes if isinstance(node, minidom.Text))

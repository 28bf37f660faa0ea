"""An XMP packet (ISO 16684-1) as a tree: changed by its data model, with everything kept that is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias
from xml.dom import minidom
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from avistar.formats.rows import encodable
from avistar.message import Message

ROOT = "Avistar"
"""Above every hierarchical keyword, by which later runs find their own."""

NAMESPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "avistar": "urn:x-avistar:xmp:1.0/",
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML can't hold."""

Place: TypeAlias = tuple[str, str, Literal["Bag", "Seq", "Alt"]]
SUBJECT: Place = ("dc", "subject", "Bag")
LIGHTROOM: Place = ("lr", "hierarchicalSubject", "Bag")
DIGIKAM: Place = ("digiKam", "TagsList", "Seq")
DESCRIPTION: Place = ("dc", "description", "Alt")
OURS: Place = ("avistar", "keywords", "Bag")
"""Where words stand, and as which kind of list."""

HIERARCHIES = ((LIGHTROOM, "|"), (DIGIKAM, "/"))
"""Lists of paths, and the sign between their levels."""

_EMPTY = (
    f'<x:xmpmeta xmlns:x="{NAMESPACES["x"]}"><rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}">'
    '<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>'
)
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END = '\n<?xpacket end="w"?>'
_LARGEST = 16_000_000
_LANG = "xml:lang"


def checked(written: Packet) -> bytes:
    """The packet, read with a second parser, and by the data model, before it is written.

    Raises `ValueError` where a property would be there twice: as an attribute and as an element, or in two
    descriptions. Readers of XMP then take nothing at all.
    """
    packet, rdf, seen = written.encoded(), f"{{{NAMESPACES['rdf']}}}", set[str]()
    model = next(ElementTree.fromstring(packet).iter(f"{rdf}RDF"), None)
    for description in [] if model is None else model.iterfind(f"{rdf}Description"):
        attributes = [name for name in description.attrib if not name.startswith(rdf)]
        for name in (*attributes, *(child.tag for child in description)):
            if name in seen:
                raise ValueError(Message("the property {name} is there twice", name=name))
            seen.add(name)
    return packet


class Packet:
    """An XMP packet as a tree that keeps what it doesn't understand."""

    def __init__(self, data: bytes | None) -> None:
        data = _EMPTY.encode() if data is None else data.strip(b"\0 \r\n\t")
        if len(data) > _LARGEST or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise ValueError(Message("too large, or it defines entities"))
        try:
            self._document = minidom.parseString(data)
        except ExpatError as error:
            raise ValueError(str(error)) from error
        holders = self._document.getElementsByTagNameNS(NAMESPACES["rdf"], "Description")
        if not holders:
            raise ValueError(Message("no rdf:Description in it"))
        self._holder = holders[0]

    def texts(self, prefix: str, name: str) -> set[str]:
        """The items of a list property."""
        return {_text(item) for item in self._items(prefix, name)}

    def renew(self, place: Place, former: set[str], wanted: Iterable[str]) -> None:
        """Take the items `former` out of a list property and put `wanted` in, once each; make it where it isn't."""
        prefix, name, kind = place
        lists, wanted = self._lists(prefix, name), list(wanted)
        if not lists and not wanted:
            return
        items = lists[0] if lists else self._add(self._add(self._holder, prefix, name), "rdf", kind)
        for item in self._items(prefix, name):
            if _text(item) in former:
                _remove(item)
        there = self.texts(prefix, name)
        for text in wanted:
            if text not in there:
                self._add(items, "rdf", "li", text)

    def drop_if_empty(self, place: Place) -> None:
        """Take a list property out that has no items."""
        for each in self._lists(*place[:2]):
            if not each.getElementsByTagNameNS(NAMESPACES["rdf"], "li") and isinstance(
                each.parentNode, minidom.Element
            ):
                _remove(each.parentNode)

    @property
    def description(self) -> str:
        """The description in the default language, else the first; "" for none."""
        items = self._items(*DESCRIPTION[:2])
        default = [one for one in items if one.getAttribute(_LANG) == "x-default"]
        return next((_text(one) for one in (*default, *items)), "")

    def describe(self, text: str) -> None:
        """Let the description in the default language be `text`; "" takes it out."""
        for one in self._items(*DESCRIPTION[:2]):
            if one.getAttribute(_LANG) in ("x-default", ""):
                _remove(one)
        self.renew(DESCRIPTION, set(), [text] if text else [])
        for one in self._items(*DESCRIPTION[:2]):
            if not one.getAttribute(_LANG):
                one.setAttribute(_LANG, "x-default")
        self.drop_if_empty(DESCRIPTION)

    def fact(self, name: str) -> str:
        """One of Avistar's own simple properties, however it is spelt; "" for none."""
        elements = self._document.getElementsByTagNameNS(NAMESPACES["avistar"], name)
        holders = self._document.getElementsByTagNameNS(NAMESPACES["rdf"], "Description")
        attributes = (one.getAttributeNS(NAMESPACES["avistar"], name) for one in holders)
        return next((text for text in (*map(_text, elements), *attributes) if text), "")

    @property
    def is_ours(self) -> bool:
        """Whether Avistar wrote into it."""
        return bool(self.fact("software") or self.texts(*OURS[:2]))

    @property
    def says_nothing(self) -> bool:
        """Whether no property is in it."""
        for one in self._document.getElementsByTagNameNS(NAMESPACES["rdf"], "Description"):
            own = (NAMESPACES["rdf"], "http://www.w3.org/2000/xmlns/")
            if any(attribute.namespaceURI not in own for attribute in one.attributes.values()):
                return False
            if any(isinstance(child, minidom.Element) for child in one.childNodes):
                return False
        return True

    def replace_facts(self, facts: Mapping[str, str]) -> None:
        """Put Avistar's own properties in, instead of all former ones."""
        for element in self._document.getElementsByTagNameNS(NAMESPACES["avistar"], "*"):
            _remove(element)
        # Other programs write simple properties as attributes: to XMP the two are one.
        for description in self._document.getElementsByTagNameNS(NAMESPACES["rdf"], "Description"):
            ours = [one for one in description.attributes.values() if one.namespaceURI == NAMESPACES["avistar"]]
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
        properties = self._document.getElementsByTagNameNS(NAMESPACES[prefix], name)
        inside = (node for each in properties for node in each.childNodes)
        kinds = ("Bag", "Seq", "Alt")
        return [node for node in inside if isinstance(node, minidom.Element) and node.localName in kinds]

    def _items(self, prefix: str, name: str) -> list[minidom.Element]:
        lists = self._lists(prefix, name)
        return [item for one in lists for item in one.getElementsByTagNameNS(NAMESPACES["rdf"], "li")]

    def _add(self, parent: minidom.Element, prefix: str, name: str, text: str = "") -> minidom.Element:
        element = self._document.createElementNS(NAMESPACES[prefix], f"{prefix}:{name}")
        self._declare(prefix, parent, element)
        if text:
            element.appendChild(self._document.createTextNode(_FORBIDDEN.sub("\ufffd", encodable(text))))
        parent.appendChild(element)
        return element

    def _declare(self, prefix: str, parent: minidom.Element, element: minidom.Element) -> None:
        """Let `prefix` mean our namespace in `element`, whatever the packet means by it elsewhere."""
        name, wanted = f"xmlns:{prefix}", NAMESPACES[prefix]
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

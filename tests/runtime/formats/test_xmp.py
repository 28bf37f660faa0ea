from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from avistar import UsageError
from avistar.formats.xmp import Keywords, Xmp, merged, with_packet
from avistar.records import Medium, Record
from records_support import FACTS, answer, failed, group, medium, record, reviewed, unknown
from support import encoded, picture

NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "avistar": "urn:x-avistar:xmp:1.0/",
}
FOREIGN = b"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:darktable="http://darktable.sf.net/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  darktable:history_end="7">
  <dc:subject><rdf:Bag><rdf:li>r\xc3\xado</rdf:li></rdf:Bag></dc:subject>
  <darktable:history><rdf:Seq><rdf:li darktable:operation="exposure"/></rdf:Seq></darktable:history>
 </rdf:Description></rdf:RDF></x:xmpmeta>
"""


REWRITTEN = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:avistar="urn:x-avistar:xmp:1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/" avistar:software="Avistar 9.8" avistar:result="species" xmp:Rating="5">
   <avistar:keywords><rdf:Bag><rdf:li>wolf</rdf:li></rdf:Bag></avistar:keywords>
   <dc:subject><rdf:Bag><rdf:li>wolf</rdf:li><rdf:li>mine</rdf:li></rdf:Bag></dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""
"""A sidecar of ours after exiv2 (darktable, digiKam) rewrote it: simple properties have become attributes."""


def listed(packet: bytes, name: str) -> list[str]:
    root = ElementTree.fromstring(packet)
    return [item.text or "" for item in root.findall(f".//{name}//rdf:li", NAMES)]


def inside(jpeg: bytes) -> bytes:
    packet: bytes = Image.open(io.BytesIO(jpeg)).info["xmp"]
    return packet


def fact(packet: bytes, name: str) -> str | None:
    return ElementTree.fromstring(packet).findtext(f".//avistar:{name}", None, NAMES)


def on_disk(folder: Path, name: str, data: bytes) -> Medium:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return Medium(str(path), name)


def keywords(*flat: str) -> Keywords:
    return Keywords(flat, (("Avistar", *flat[:1]),), {"software": "Avistar 9.9"})


def test_a_sidecar_holds_the_keywords_where_each_program_looks(tmp_path: Path) -> None:
    Xmp().write([record("cam1/a.jpg")], FACTS, tmp_path)
    packet = (tmp_path / "cam1" / "a.jpg.xmp").read_bytes()
    assert listed(packet, "dc:subject") == ["Wolf", "Canis lupus"]
    assert listed(packet, "lr:hierarchicalSubject") == ["Avistar|canid|Wolf"]
    assert listed(packet, "digiKam:TagsList") == ["Avistar/canid/Wolf"]
    assert (fact(packet, "bundle"), fact(packet, "confidence"), fact(packet, "software")) == (
        "field", "0.9000", "Avistar 9.9",
    )  # fmt: skip


def test_keywords_in_spanish(tmp_path: Path) -> None:
    Xmp("es").write([record("a.jpg", answer("german_shepherd")), record("b.jpg", unknown())], FACTS, tmp_path)
    assert listed((tmp_path / "a.jpg.xmp").read_bytes(), "dc:subject") == ["Pastor alemán", "Canis familiaris"]
    assert listed((tmp_path / "b.jpg.xmp").read_bytes(), "dc:subject") == ["desconocido"]


def test_groups_and_reviews(tmp_path: Path) -> None:
    Xmp().write([record("a.jpg", group()), reviewed("b.jpg")], FACTS, tmp_path)
    assert listed((tmp_path / "a.jpg.xmp").read_bytes(), "lr:hierarchicalSubject") == ["Avistar|canid"]
    assert fact((tmp_path / "b.jpg.xmp").read_bytes(), "reviewer") == "Ana Ruiz"


def test_the_time_in_a_sidecar_is_that_of_what_was_said(tmp_path: Path) -> None:
    answered = replace(record("a.jpg"), answered_at=datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC))
    Xmp().write(
        [answered, replace(reviewed("b.jpg"), answered_at=answered.answered_at), record("c.jpg")], FACTS, tmp_path
    )
    times = [fact((tmp_path / f"{name}.jpg.xmp").read_bytes(), "createdAt") for name in "abc"]
    assert times == ["2026-05-06T07:08:09+00:00", "2026-03-03T00:00:00+00:00", None]


def test_what_another_program_wrote_stays_and_a_second_run_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jpg.xmp").write_bytes(FOREIGN)
    for _ in range(2):
        Xmp().write([record("a.jpg")], FACTS, tmp_path)
    packet = (tmp_path / "a.jpg.xmp").read_bytes()
    assert b'darktable:operation="exposure"' in packet
    assert b'darktable:history_end="7"' in packet
    assert listed(packet, "dc:subject") == ["río", "Wolf", "Canis lupus"]
    assert listed(packet, "lr:hierarchicalSubject") == ["río", "Avistar|canid|Wolf"]


def test_a_correction_replaces_our_keywords_and_only_ours(tmp_path: Path) -> None:
    (tmp_path / "a.jpg.xmp").write_bytes(FOREIGN)
    Xmp().write([record("a.jpg")], FACTS, tmp_path)
    Xmp().write([reviewed("a.jpg")], FACTS, tmp_path)
    packet = (tmp_path / "a.jpg.xmp").read_bytes()
    assert listed(packet, "dc:subject") == ["río", "Otter", "Lutrinae"]
    assert listed(packet, "digiKam:TagsList") == ["río", "Avistar/mustelid/Otter"]


@pytest.mark.parametrize("content", [b"", b"not xml", b"<a/>", b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'])
def test_a_file_that_is_no_xmp_is_left_alone_and_said_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg.xmp").write_bytes(content)
    written = Xmp().write([record("a.jpg"), record("b.jpg")], FACTS, tmp_path)
    assert (tmp_path / "a.jpg.xmp").read_bytes() == content
    assert written.media == 1
    assert "left as it is" in written.notes[0]


def test_originals_are_never_changed_by_sidecars_nor_by_copies(tmp_path: Path) -> None:
    card, copies = tmp_path / "card", tmp_path / "copies"
    data = {"a.jpg": encoded(picture(1)), "b.png": encoded(picture(2), "PNG")}
    survey = [Record(on_disk(card, name, bytes_), record().observations) for name, bytes_ in data.items()]
    Xmp().write(survey, FACTS, card)
    Xmp(copies=True).write(survey, FACTS, copies)
    for name, original in data.items():
        assert hashlib.sha256((card / name).read_bytes()).digest() == hashlib.sha256(original).digest()
    assert sorted(path.name for path in copies.iterdir()) == ["a.jpg", "b.png", "b.png.xmp"]
    assert (copies / "b.png").read_bytes() == data["b.png"]
    assert listed(inside((copies / "a.jpg").read_bytes()), "dc:subject") == ["Wolf", "Canis lupus"]


def test_a_copy_has_the_originals_pixels_and_exif() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Reconyx"
    original = encoded(picture(3), exif=exif)
    copy = with_packet(original, keywords("Wolf"))
    first, second = (Image.open(io.BytesIO(data)) for data in (original, copy))
    assert second.getexif()[0x010F] == "Reconyx"
    np.testing.assert_array_equal(np.asarray(first), np.asarray(second))


def test_a_packet_inside_a_photo_is_merged_into() -> None:
    original = encoded(picture(4), xmp=FOREIGN)
    again = with_packet(with_packet(original, keywords("Wolf")), keywords("Seal"))
    assert listed(inside(again), "dc:subject") == ["río", "Seal"]


def test_copies_beside_the_originals_are_refused(tmp_path: Path) -> None:
    facts = replace(FACTS, folder=str(tmp_path))
    with pytest.raises(UsageError, match="holds the originals"):
        Xmp(copies=True).write([record()], facts, tmp_path)


def test_failed_and_vanished_media_get_no_sidecar(tmp_path: Path) -> None:
    gone = Record(medium("gone.jpg"), record().observations, present=False)
    assert Xmp().write([failed(), gone], FACTS, tmp_path).media == 0
    assert list(tmp_path.rglob("*.xmp")) == []


words = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1)


@settings(max_examples=50)
@given(st.lists(words, min_size=1, max_size=3, unique=True))
def test_any_words_survive_and_are_taken_out_again(said: list[str]) -> None:
    packet = merged(FOREIGN, keywords(*said))
    assert set(listed(packet, "dc:subject")) == {"río", *said}
    again = merged(packet, keywords("Wolf"))
    assert set(listed(again, "dc:subject")) == {"río", "Wolf"}


def test_prefixes_that_mean_something_else_or_are_called_otherwise_are_minded() -> None:
    odd = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:lr="urn:other" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<r:RDF><r:Description r:about="" lr:a="1"/><r:Description r:about="">'
        b'<d:subject xmlns:d="http://purl.org/dc/elements/1.1/"><r:Bag><r:li>mine</r:li></r:Bag></d:subject>'
        b"</r:Description></r:RDF></x:xmpmeta>"
    )
    packet = merged(merged(odd, keywords("Wolf")), keywords("Seal"))
    assert listed(packet, "dc:subject") == ["mine", "Seal"]
    assert listed(packet, "lr:hierarchicalSubject") == ["mine", "Avistar|Seal"]
    assert b'lr:a="1"' in packet


def test_what_xml_cannot_hold_is_shown_with_a_mark() -> None:
    assert listed(merged(None, keywords("a\x01b\udcff")), "dc:subject") == ["a\ufffdb\ufffd"]


def test_a_name_too_long_for_a_sidecar_is_noted_and_the_others_are_written(tmp_path: Path) -> None:
    long = [on_disk(tmp_path / "card", "x" * length + ".jpg", encoded(picture(1))) for length in (248, 247, 251)]
    fits, *rest = [Record(one, record().observations) for one in (long[1], long[0], long[2])]
    for form, target in ((Xmp(), tmp_path / "beside"), (Xmp(copies=True), tmp_path / "copies")):
        target.mkdir()
        done = form.write([*rest, fits], replace(FACTS, folder=str(tmp_path / "card")), target)
        assert (done.media, len(done.notes)) == (1, 2)
        assert all("too long for a sidecar" in note for note in done.notes)
        assert {path.name for path in target.iterdir()} <= {fits.medium.relative, f"{fits.medium.relative}.xmp"}


def properties(packet: bytes) -> list[str]:
    """The name of each property of the first description, however it is spelt."""
    description = ElementTree.fromstring(packet).find(".//rdf:Description", NAMES)
    assert description is not None
    return [name.split("}")[1] for name in (*description.attrib, *(child.tag for child in description))]


def test_facts_that_another_program_spelt_as_attributes_are_replaced_not_doubled() -> None:
    packet = merged(REWRITTEN, keywords("fox"))
    assert sorted(properties(packet)) == [
        "Rating", "TagsList", "about", "hierarchicalSubject", "keywords", "software", "subject",
    ]  # fmt: skip
    assert fact(packet, "software") == "Avistar 9.9"
    assert sorted(listed(packet, "dc:subject")) == ["fox", "mine"]


def test_a_sidecar_that_was_made_invalid_before_is_mended() -> None:
    doubled = REWRITTEN.replace(b"<dc:subject>", b"<avistar:software>Avistar 9.7</avistar:software><dc:subject>")
    assert properties(merged(doubled, keywords("fox"))).count("software") == 1


def test_what_no_reader_would_take_is_not_written() -> None:
    doubled = REWRITTEN.replace(b"<dc:subject>", b"<xmp:Rating>4</xmp:Rating><dc:subject>")
    with pytest.raises(ValueError, match="Rating is there twice"):
        merged(doubled, keywords("fox"))


@pytest.mark.parametrize("program", ["exiv2", "exiftool"])
def test_a_users_properties_survive_any_number_of_round_trips(tmp_path: Path, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_bytes(merged(None, keywords("wolf")))
    change = {
        "exiv2": ["exiv2", "-M", "set Xmp.xmp.Rating 5", "-M", "set Xmp.dc.subject XmpBag mine"],
        "exiftool": ["exiftool", "-q", "-overwrite_original", "-XMP-xmp:Rating=5", "-XMP-dc:Subject+=mine"],
    }[program]
    show = {"exiv2": ["exiv2", "-px"], "exiftool": ["exiftool", "-XMP:all"]}[program]
    for said in ("fox", "bear", "lynx"):
        subprocess.run([*change, str(sidecar)], check=True, capture_output=True, timeout=60)
        sidecar.write_bytes(merged(sidecar.read_bytes(), keywords(said)))
        shown = subprocess.run([*show, str(sidecar)], check=True, capture_output=True, text=True, timeout=60).stdout
        assert "Rating" in shown
        assert said in shown
        assert "mine" in shown
        assert properties(sidecar.read_bytes()).count("software") == 1
    assert not {"fox", "wolf", "bear"} & set(listed(sidecar.read_bytes(), "dc:subject"))


@pytest.mark.parametrize(
    "before", [b"\xff\xfe\x00\x07hello", b"\xff\xff\xfe\x00\x04hi", b"\xff\xdb\x00\x43" + b"\x00" + b"\x01" * 64]
)
def test_a_packet_behind_a_comment_or_a_table_is_found(before: bytes) -> None:
    jpeg = encoded(picture(1))
    packet = b"http://ns.adobe.com/xap/1.0/\x00" + REWRITTEN
    segment = b"\xff\xe1" + (len(packet) + 2).to_bytes(2, "big") + packet
    copy = with_packet(jpeg[:2] + before + segment + jpeg[2:], keywords("fox"))
    assert copy.count(b"http://ns.adobe.com/xap/1.0/\x00") == 1
    assert sorted(listed(inside(copy), "dc:subject")) == ["fox", "mine"]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(copy))), np.asarray(Image.open(io.BytesIO(jpeg))))

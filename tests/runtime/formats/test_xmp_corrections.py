from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avistar.formats.xmp import Xmp, take_keywords_out, without_keywords
from avistar.formats.xmp_corrections import KeywordCorrection, UnclearKeywords, keyword_corrections
from avistar.formats.xmp_packet import SUBJECT, Packet
from avistar.records import Medium, Record, Remark, Review, Sighting
from avistar.species import Species, known_species
from records_support import FACTS, record
from support import encoded, picture

AT = datetime(2026, 3, 3, tzinfo=UTC)
FOX = Species("red_fox", "Red fox", "Zorro", "Vulpes vulpes", "canid")


def shot(folder: Path, name: str = "a.jpg", **changes: object) -> Record:
    path = folder / name
    path.write_bytes(encoded(picture(1, (64, 48))))
    return replace(record(name), medium=Medium(str(path), name), **changes)


def export(folder: Path, *survey: Record) -> bytes:
    Xmp().write(list(survey), replace(FACTS, folder=str(folder)), folder)
    return (folder / f"{survey[0].medium.relative}.xmp").read_bytes()


def read_back(folder: Path, *survey: Record) -> list[KeywordCorrection | UnclearKeywords]:
    return list(keyword_corrections(survey, folder, (*known_species(), FOX)))


def ids(found: Sequence[KeywordCorrection | UnclearKeywords]) -> list[list[str]]:
    return [[said.species or said.kind for said in one.sightings] for one in found]


def change(sidecar: Path, *pairs: tuple[str, str]) -> None:
    """Change what another program would: all but Avistar's own list."""
    theirs, mark, ours = sidecar.read_text("utf-8").partition("<avistar:keywords")
    for old, new in pairs:
        assert old in theirs
        theirs = theirs.replace(old, new)
    sidecar.write_text(theirs + mark + ours, "utf-8")


def test_all_species_persons_and_tags_are_keywords_and_the_comment_a_description(tmp_path: Path) -> None:
    things = (Sighting("species", "wolf", tags=("collar",)), Sighting("species", "red_fox"), Sighting("person"))
    said = shot(
        tmp_path, review=Review.of(things, "Ana", AT), species=(FOX,), remark=Remark("at dusk", ("night",), "Ana", AT)
    )
    packet = Packet(export(tmp_path, said))
    assert packet.texts("dc", "subject") == {
        "Wolf", "Canis lupus", "Red fox", "Vulpes vulpes", "person", "night", "collar"
    }  # fmt: skip
    assert packet.texts("lr", "hierarchicalSubject") == {
        "Avistar|canid|Wolf",
        "Avistar|canid|Red fox",
        "Avistar|person",
    }
    assert packet.description == "at dusk"


def test_a_description_of_somebody_else_stays_and_ours_follows_the_comment(tmp_path: Path) -> None:
    first = shot(tmp_path, remark=Remark("at dusk", (), "Ana", AT))
    export(tmp_path, first)
    assert Packet(export(tmp_path, replace(first, remark=Remark("at dawn", (), "Ana", AT)))).description == "at dawn"
    change(tmp_path / "a.jpg.xmp", (">at dawn</rdf:li>", ">theirs</rdf:li>"))
    assert Packet(export(tmp_path, first)).description == "theirs"
    change(tmp_path / "a.jpg.xmp", (">theirs</rdf:li>", ">at dusk</rdf:li>"))
    assert Packet(export(tmp_path, replace(first, remark=None))).description == ""


def test_unchanged_keywords_are_no_correction_also_when_the_catalogue_knows_better_by_now(tmp_path: Path) -> None:
    first = shot(tmp_path)
    export(tmp_path, first)
    assert read_back(tmp_path, first, shot(tmp_path, "none.jpg")) == []
    assert read_back(tmp_path, replace(first, review=Review("species", "moose", "Ana", AT))) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("<rdf:li>Wolf<", "<rdf:li>Zorro<"), ("<rdf:li>Canis lupus<", "<rdf:li>trip 3<")], [["red_fox"]]),
        ([("<rdf:li>Canis lupus<", "<rdf:li>Moose<")], [["moose", "wolf"]]),
        ([("<rdf:li>Avistar|canid|Wolf<", "<rdf:li>Avistar|Vulpes vulpes<")], [["red_fox"]]),
        ([("<rdf:li>Avistar/canid/Wolf<", "<rdf:li>Animals/person<")], [["person"]]),
        ([("<rdf:li>Wolf<", "<rdf:li>vacía<"), ("<rdf:li>Canis lupus<", "<rdf:li>trip 3<")], [["empty"]]),
        ([("<rdf:li>Wolf<", "<rdf:li>trip 3<"), ("<rdf:li>Canis lupus<", "<rdf:li>trip 4<")], []),
    ],
)
def test_changed_keywords_are_corrections(
    tmp_path: Path, changes: list[tuple[str, str]], expected: list[list[str]]
) -> None:
    first = shot(tmp_path)
    export(tmp_path, first)
    change(tmp_path / "a.jpg.xmp", *changes)
    assert ids(read_back(tmp_path, first)) == expected


def test_what_was_said_of_a_species_that_stays_is_kept(tmp_path: Path) -> None:
    things = (Sighting("species", "wolf", count=3), Sighting("species", "moose", count=2))
    first = shot(tmp_path, review=Review.of(things, "Ana", AT))
    export(tmp_path, first)
    change(tmp_path / "a.jpg.xmp", ("<rdf:li>Alces alces</rdf:li>", ""), ("<rdf:li>Moose</rdf:li>", ""))
    [found] = read_back(tmp_path, first)
    assert found.sightings == things[:1]


def test_keywords_inside_annotated_copies_are_read_back_too(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    first, copies = shot(tmp_path / "card"), tmp_path / "copies"
    copies.mkdir()
    Xmp(copies=True).write([first], replace(FACTS, folder=str(tmp_path / "card")), copies)
    assert read_back(copies, first) == []
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    subprocess.run([*EDITS["exiftool"], str(copies / "a.jpg")], check=True)
    assert ids(read_back(copies, first)) == [["moose"]]


def test_contradictions_and_damaged_sidecars_are_told(tmp_path: Path) -> None:
    first, other = shot(tmp_path), shot(tmp_path, "b.jpg")
    export(tmp_path, first, other)
    change(tmp_path / "a.jpg.xmp", ("<rdf:li>Canis lupus</rdf:li>", "<rdf:li>empty</rdf:li>"))
    (tmp_path / "b.jpg.xmp").write_text("no XML")
    assert [isinstance(one, UnclearKeywords) for one in read_back(tmp_path, first, other)] == [True, True]


def test_keywords_are_taken_out_again_and_nothing_else(tmp_path: Path) -> None:
    first, other, third = shot(tmp_path), shot(tmp_path, "b.jpg"), shot(tmp_path, "c.jpg")
    theirs = tmp_path / "b.jpg.xmp"
    theirs.write_bytes(USERS)
    (tmp_path / "c.jpg.xmp").write_bytes(b"no XML")
    export(tmp_path, replace(first, remark=Remark("at dusk", (), "Ana", AT)), other)
    done = take_keywords_out([first, other, third], tmp_path)
    assert (done.media, len(done.notes)) == (2, 1)
    assert not (tmp_path / "a.jpg.xmp").exists()
    packet = Packet(theirs.read_bytes())
    assert packet.texts(*SUBJECT[:2]) == {"river"}
    assert b"Rating" in theirs.read_bytes()
    assert b"Avistar" not in theirs.read_bytes()
    assert without_keywords(USERS) == USERS


USERS = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmp:Rating="4"><dc:subject><rdf:Bag><rdf:li>river</rdf:li></rdf:Bag></dc:subject></rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def test_a_users_flat_words_are_in_new_lists_too_which_some_programs_read_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg.xmp").write_bytes(USERS)
    packet = Packet(export(tmp_path, shot(tmp_path)))
    assert packet.texts("lr", "hierarchicalSubject") == {"Avistar|canid|Wolf", "river"}
    assert packet.texts("digiKam", "TagsList") == {"Avistar/canid/Wolf", "river"}


def test_words_that_darktable_made_of_our_paths_are_ours(tmp_path: Path) -> None:
    first = shot(tmp_path)
    export(tmp_path, first)
    made = "".join(f"<rdf:li>{word}</rdf:li>" for word in ("Avistar", "canid", "mine"))
    change(tmp_path / "a.jpg.xmp", ("<rdf:li>Canis lupus</rdf:li>", made))
    assert read_back(tmp_path, first) == []
    assert Packet(export(tmp_path, first)).texts(*SUBJECT[:2]) == {"Wolf", "Canis lupus", "mine"}


def test_what_darktable_makes_of_a_sidecar_is_read_and_written_again(tmp_path: Path) -> None:
    if shutil.which("darktable-cli") is None:
        pytest.skip("needs darktable")
    (tmp_path / "a.jpg.xmp").write_bytes(USERS)
    first = shot(tmp_path)
    export(tmp_path, first)
    apart = ["--core", "--configdir", str(tmp_path / "config"), "--library", str(tmp_path / "library.db")]
    command = ["darktable-cli", str(tmp_path / "a.jpg"), str(tmp_path / "out.jpg"), *apart]
    home = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run([*command, "--conf", "write_sidecar_files=on import"], check=True, capture_output=True, env=home)
    assert "darktable:history" in (tmp_path / "a.jpg.xmp").read_text("utf-8")
    assert read_back(tmp_path, first) == []
    packet = Packet(export(tmp_path, first))
    assert packet.texts(*SUBJECT[:2]) == {"Wolf", "Canis lupus", "river"}
    assert packet.texts("lr", "hierarchicalSubject") == {"Avistar|canid|Wolf", "river"}
    written = (tmp_path / "a.jpg.xmp").read_text("utf-8")
    assert 'xmp:Rating="4"' in written
    assert "darktable:history" in written


EDITS = {
    "exiftool": ["exiftool", "-q", "-overwrite_original", "-XMP-dc:Subject-=Wolf", "-XMP-dc:Subject-=Canis lupus",
                 "-XMP-dc:Subject+=Moose"],
    "exiv2": ["exiv2", "-M", "del Xmp.dc.subject", "-M", "set Xmp.dc.subject XmpBag Moose"],
}  # fmt: skip


@pytest.mark.parametrize("program", EDITS)
def test_a_keyword_that_another_program_changed_is_read_back_and_ours_go_again(tmp_path: Path, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    first = shot(tmp_path)
    export(tmp_path, first)
    sidecar = tmp_path / "a.jpg.xmp"
    subprocess.run([*EDITS[program], str(sidecar)], check=True)
    assert ids(read_back(tmp_path, first)) == [["moose"]]
    take_keywords_out([first], tmp_path)
    packet = Packet(sidecar.read_bytes())
    assert packet.texts("dc", "subject") == {"Moose"}
    assert not packet.is_ours

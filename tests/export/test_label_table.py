from __future__ import annotations

from pathlib import Path

import pytest

from avistar.errors import UsageError
from avistar_export.label_table import identifier, label_table, labels_in, read_labels

SPECIESNET = """\
aaaa;mammalia;carnivora;felidae;lynx;rufus;bobcat
bbbb;mammalia;carnivora;felidae;lynx;lynx;eurasian lynx
cccc;mammalia;carnivora;felidae;;;felidae family
dddd;mammalia;rodentia;;;;rodent
eeee;mammalia;rodentia;sciuridae;sciurus;vulgaris;red squirrel
ffff;;;;;;blank
gggg;mammalia;primates;hominidae;homo;sapiens;human
hhhh;;;;;;vehicle
iiii;;;;;;animal
jjjj;mammalia;rodentia;muridae;hylomyscus;stella;
kkkk;mammalia;rodentia;nesomyidae;cricetomys;;cricetomys species
llll;mammalia;rodentia;nesomyidae;cricetomys;ansorgei;savanna pouched rat
"""


def test_a_label_in_each_line_becomes_a_species_and_known_ones_get_all_their_names() -> None:
    table = label_table(labels_in("raccoon\nGiant  Panda\n7: red_fox\n", ".txt", "labels"))
    assert [one.id for one in table.species] == ["raccoon", "giant_panda", "red_fox"]
    assert table.species[0].spanish == "Mapache"
    assert table.species[0].group == "procyonid"
    assert table.species[1].group == ""
    assert table.labels == 3


def test_speciesnet_labels_know_their_families_and_what_is_no_animal() -> None:
    table = label_table(labels_in(SPECIESNET, ".txt", "labels"))
    by_id = {one.id: one for one in table.species}
    groups = {group.id: group for group in table.groups}
    assert by_id["bobcat"].scientific == "Lynx rufus"
    assert (by_id["bobcat"].group, groups["felid"].parent) == ("felid", "carnivora")
    assert (groups["carnivora"].parent, groups["mammalia"].parent) == ("mammalia", "animal")
    assert {id: by_id[id].kind for id in ("blank", "human", "vehicle", "bobcat")} == {
        "blank": "blank", "human": "human", "vehicle": "vehicle", "bobcat": "animal"
    }  # fmt: skip
    assert [(by_id[id].kind, by_id[id].group) for id in ("felidae_family", "rodent", "animal")] == [
        ("group", "felid"), ("group", "rodent"), ("group", "animal")
    ]  # fmt: skip
    assert by_id["hylomyscus_stella"].english == "Hylomyscus stella"
    assert by_id["savanna_pouched_rat"].group == "cricetomys"
    assert groups["cricetomys"].parent == "nesomyidae"


def test_a_table_tells_names_groups_and_kinds() -> None:
    text = "scientific,English,Spanish,group,kind\nLynx rufus,Bobcat,Lince rojo,felids,\n,Nothing,Nada,,blank\n"
    table = label_table(labels_in(text, ".csv", "labels"))
    bobcat, nothing = table.species
    assert (bobcat.english, bobcat.spanish, bobcat.scientific, bobcat.group) == (
        "Bobcat", "Lince rojo", "Lynx rufus", "felids"
    )  # fmt: skip
    assert (nothing.kind, nothing.spanish, nothing.group) == ("blank", "Nada", "")


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("{0: 'cat', 1: 'dog', 2: 'empty'}", ".txt"),
        ('{"0": "cat", "1": "dog", "2": "empty"}', ".json"),
        ('["cat", "dog", "empty"]', ".json"),
        ("path: x\nnames:\n  0: cat\n  1: dog\n  2: empty\nnc: 3\n", ".yaml"),
        ("names:\n- cat\n- dog\n- empty\n", ".yml"),
        ('names: ["cat", "dog", "empty"]\n', ".yaml"),
        ("n02121620 cat\nn02084071 dog\nn00000000 empty\n", ".txt"),
    ],
)
def test_lists_of_other_programs_are_read(text: str, suffix: str) -> None:
    table = label_table(labels_in(text, suffix, "labels"))
    assert [one.id for one in table.species] == ["cat", "dog", "empty"]
    assert table.species[2].kind == "blank"


def test_a_label_that_comes_twice_is_one_species_with_two_outputs() -> None:
    labels = labels_in("crane\nfox\ncrane\nowl\n", ".txt", "labels")
    table = label_table(labels)
    assert [one.id for one in table.species] == ["crane", "fox", "owl"]
    assert table.outputs == ((0, 2), (1,), (3,))
    assert table.repeated == ("crane",)
    apart = label_table(labels, keep_repeated=True)
    assert [one.id for one in apart.species] == ["crane", "fox", "crane_3", "owl"]
    assert all(len(numbers) == 1 for numbers in apart.outputs)


def test_names_without_a_latin_letter_get_a_numbered_id() -> None:
    table = label_table(labels_in("狐\n熊\n", ".txt", "labels"))
    assert [(one.id, one.english) for one in table.species] == [("label_1", "狐"), ("label_2", "熊")]


def test_twenty_thousand_labels_are_read() -> None:
    table = label_table(labels_in("\n".join(f"bird {i}" for i in range(20_000)), ".txt", "labels"))
    assert len({one.id for one in table.species}) == 20_000


@pytest.mark.parametrize(
    ("text", "suffix", "said"),
    [
        ("", ".txt", "no label"),
        ("only\n", ".txt", "a classifier has two or more"),
        ("{0: 'cat', 2: 'dog'}", ".txt", "counts from 0 without gaps"),
        ("{cat: dog", ".json", "neither JSON nor a dictionary"),
        ("[1, 2]", ".json", "neither a list of names"),
        ("scientific,english\nLynx rufus\n", ".csv", "line 2 has 1 columns"),
        ("scientific,english,kind\nLynx rufus,Bobcat,cat\n", ".csv", "the kind 'cat'"),
        ("scientific,english\nLynx lynx,Lynx,x\n", ".csv", "3 columns"),
        ("\n".join(map(str, range(20_001))), ".txt", "at most 20,000"),
        ("nc: 3\n", ".yaml", "no `names:`"),
    ],
)
def test_lists_that_make_no_sense_are_refused_with_a_reason(text: str, suffix: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        label_table(labels_in(text, suffix, "labels"))


def test_a_file_that_is_no_text_is_refused_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(b"fox\xff\xfe")
    with pytest.raises(UsageError, match=r"labels\.txt is no text in UTF-8"):
        read_labels(file)
    with pytest.raises(UsageError, match="can't be read"):
        read_labels(tmp_path / "nothing.txt")


def test_ids_are_names_for_folders() -> None:
    assert identifier("Pastor alemán (perro)") == "pastor_aleman_perro"
    assert identifier("white/crandall's saddleback tamarin") == "white_crandalls_saddleback_tamarin"

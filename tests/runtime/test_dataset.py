import os
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from avistar import UsageError
from avistar.dataset import photo_place, read_data
from avistar.images.decode import prepare
from avistar.manifest import Preprocessing
from avistar.scan import Scan
from avistar.species_file import paper_species, read_species
from avistar.split import Split, decode_split, encode_split
from avistar_train.pixel_cache import load_pixels
from support import encoded, picture


def read(path):
    return read_data(path, paper_species())


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(encoded(picture(len(name))))
    return folder


def labelled(data):
    return {photo.file: photo.species for photo in data.photos}


def test_folders_are_matched_to_species_whatever_their_spelling(tmp_path):
    put(tmp_path, "German Shepherd/a.jpg", "grizzly+bear/a.JPG", "Mono araña/deep/b.png", "wolf/._a.jpg", "wolf/x.txt")
    assert labelled(read(tmp_path)) == {
        "German Shepherd/a.jpg": "german_shepherd",
        "grizzly+bear/a.JPG": "grizzly_bear",
        "Mono araña/deep/b.png": "spider_monkey",
    }
    assert [one.id for one in read(tmp_path).species] == ["german_shepherd", "grizzly_bear", "spider_monkey"]


def test_an_unknown_species_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(UsageError, match="wolf"):
        read(put(tmp_path, "wolff/a.jpg"))


def test_an_unknown_species_of_the_30_names_the_option_for_others(tmp_path):
    with pytest.raises(UsageError, match=r"'okapi' is none of the 30 species.*: --species FILE"):
        read(put(tmp_path, "okapi/a.jpg"))


def test_a_name_alone_gets_its_other_names_from_the_checklist_or_none(tmp_path):
    (tmp_path / "list.txt").write_text("Red fox\nwolf\nOdd beast\n", "utf-8")
    fox, wolf, beast = read_species(tmp_path / "list.txt").species
    assert (fox.id, fox.scientific, fox.spanish) == ("red_fox", "Vulpes vulpes", "Zorro rojo")
    assert (wolf.id, wolf.scientific, wolf.spanish) == ("wolf", "Canis lupus", "Lobo")
    assert (beast.id, beast.english, beast.spanish, beast.scientific) == ("odd_beast", "Odd beast", "Odd beast", "")


def test_the_species_file_of_the_guide_is_one(tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "training.md").read_text("utf-8")
    (tmp_path / "species.json").write_text(guide.partition("```json\n")[2].partition("```")[0], "utf-8")
    listed = read_species(tmp_path / "species.json")
    assert [one.scientific for one in listed.species] == ["Vulpes vulpes", "Lycalopex culpaeus", "Rhea americana"]
    assert [(one.id, one.spanish) for one in listed.groups] == [("canid", "cánidos"), ("ratite", "ratites")]


def test_what_holds_no_photos_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no photos"):
        read(tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        read(tmp_path / "none")


def test_scenes_come_from_the_sources_file(tmp_path):
    put(tmp_path, "wolf/a.jpg", "seal/a.jpg")
    (tmp_path / "SOURCES.csv").write_text("file,group\nwolf/a.jpg,9\n", "utf-8")
    assert {p.file: p.group for p in read(tmp_path).photos} == {"wolf/a.jpg": "9", "seal/a.jpg": "seal/a.jpg"}
    (tmp_path / "SOURCES.csv").write_text("name\n", "utf-8")
    with pytest.raises(UsageError, match="needs the columns"):
        read(tmp_path)


LIST = "Image_id,Animal\nImg-1.jpg,german+shepherd\nImg-2.jpg,Oso pardo\n"


@pytest.mark.parametrize("place", ["", "train/", "images/deep/"])
def test_the_papers_list_finds_its_pictures_beside_or_below_it(tmp_path, place):
    put(tmp_path, f"{place}Img-1.jpg", f"{place}Img-2.jpg")
    (tmp_path / "train.csv").write_text(LIST.replace("Oso pardo", "grizzly+bear"), "utf-8-sig")
    expected = {f"{place}Img-1.jpg": "german_shepherd", f"{place}Img-2.jpg": "grizzly_bear"}
    assert labelled(read(tmp_path)) == expected
    assert labelled(read(tmp_path / "train.csv")) == expected


def test_the_papers_test_pictures_of_the_same_names_are_not_taken(tmp_path):
    put(tmp_path, "test/Img-1.jpg", "test/Img-2.jpg", "train/Img-1.jpg", "train/Img-2.jpg")
    (tmp_path / "train.csv").write_text(LIST.replace("Oso pardo", "ox"), "utf-8")
    assert set(labelled(read(tmp_path))) == {"train/Img-1.jpg", "train/Img-2.jpg"}


def test_a_listed_picture_that_is_missing_is_named_when_it_is_loaded(tmp_path):
    put(tmp_path, "Img-1.jpg")
    (tmp_path / "train.csv").write_text(LIST.replace("Oso pardo", "ox"), "utf-8")
    data = read(tmp_path)
    with pytest.raises(UsageError, match=r"1 of 2 photos can't be read.*\n.*Img-2\.jpg"):
        load_pixels(data, data.photos, Preprocessing(8, 8), tmp_path / "cache", progress=lambda *_: None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Image_id,Label\nImg-1.jpg,wolf\n", "needs the columns"),
        ("Image_id,Animal\n", "has no rows"),
        ("Image_id,Animal\nImg-1.jpg,wolf\nImg-1.jpg,seal\n", "more than once"),
        ("Image_id,Animal\nImg-1.jpg,wolverine\n", "'wolverine' is none of the 30"),
        ("Image_id,Animal\nImg-1.jpg,\n", "'' is none of the 30"),
    ],
)
def test_a_bad_list_is_refused_with_its_reason(tmp_path, text, message):
    (tmp_path / "train.csv").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read(tmp_path)


def test_awa2_gives_the_papers_species_and_says_what_it_passes_over(tmp_path):
    put(tmp_path, *(f"JPEGImages/{n}/{n}_1.jpg" for n in ("killer+whale", "persian+cat", "giant+panda", "tiger")))
    for place in (tmp_path, tmp_path / "JPEGImages"):
        data = read(place)
        assert {photo.species for photo in data.photos} == {"killer_whale", "persian_cat"}
        assert data.passed_over == {"giant+panda": 1, "tiger": 1}
    put(tmp_path, "JPEGImages/unicorn/1.jpg")
    with pytest.raises(UsageError, match="unicorn"):
        read(tmp_path)


PICTURES = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)


def test_arrays_give_the_pixels_that_they_hold(tmp_path):
    np.savez(tmp_path / "set.npz", pictures=PICTURES, labels=["wolf", "Lobo", "ox"])
    np.save(tmp_path / "pictures.npy", PICTURES)
    np.save(tmp_path / "labels.npy", np.array(["wolf", "Lobo", "ox"]))
    for place in (tmp_path / "set.npz", tmp_path / "pictures.npy", tmp_path):
        data = read(place)
        assert labelled(data) == {"#0": "wolf", "#1": "wolf", "#2": "ox"}
        pixels = load_pixels(data, data.photos[1:], Preprocessing(16, 16), tmp_path / "c", progress=lambda *_: None)
        np.testing.assert_array_equal(pixels[1], prepare(PICTURES[2], Preprocessing(16, 16))[0])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": PICTURES}, "needs the arrays"),
        ({"pictures": PICTURES.astype(float), "labels": ["wolf"] * 3}, "uint8"),
        ({"pictures": PICTURES[..., 0], "labels": ["wolf"] * 3}, "uint8"),
        ({"pictures": PICTURES, "labels": ["wolf"] * 2}, "each picture needs one"),
        ({"pictures": PICTURES, "labels": [1, 2, 3]}, "give the species' names"),
        ({"pictures": PICTURES, "labels": np.array(["wolf", "ox", {}], object)}, "never loaded"),
    ],
)
def test_bad_arrays_are_refused_with_their_reason(tmp_path, arrays, message):
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "set.npz")


def test_a_file_that_only_calls_itself_an_array_is_refused(tmp_path):
    (tmp_path / "set.npz").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(UsageError, match="can't be read"):
        read(tmp_path / "set.npz")
    np.save(tmp_path / "pictures.npy", PICTURES)
    with pytest.raises(UsageError, match=r"labels\.npy beside it"):
        read(tmp_path)


def test_the_fingerprint_changes_with_a_photo_and_with_a_label_but_not_with_the_order(tmp_path):
    data = read(put(tmp_path, "wolf/a.jpg", "seal/a.jpg"))
    first = data.fingerprint()
    assert read(tmp_path).fingerprint() == first
    (tmp_path / "seal").rename(tmp_path / "rat")
    assert read(tmp_path).fingerprint() != first
    (tmp_path / "rat").rename(tmp_path / "seal")
    (tmp_path / "wolf" / "a.jpg").write_bytes(encoded(picture(99)))
    assert read(tmp_path).fingerprint() != first


def test_other_species_than_the_30_can_be_listed_by_name(tmp_path):
    (tmp_path / "list.txt").write_text("Red fox\nPolar bear\n\nÑandú\n", "utf-8")
    listed = read_species(tmp_path / "list.txt")
    assert [one.id for one in listed.species] == ["red_fox", "polar_bear", "ñandú"]
    data = read_data(put(tmp_path / "photos", "RED FOX/a.jpg", "nandu/b.jpg"), listed)
    assert labelled(data) == {"RED FOX/a.jpg": "red_fox", "nandu/b.jpg": "ñandú"}
    with pytest.raises(UsageError, match="'wolf' is none of the 3"):
        read_data(put(tmp_path / "photos", "wolf/a.jpg"), listed)
    (tmp_path / "train.csv").write_text("Image_id,Animal\na.jpg,\n", "utf-8")
    with pytest.raises(UsageError, match="'' is none of the 3"):
        read_data(tmp_path / "train.csv", listed)


@pytest.mark.parametrize("names", [("หมี", "หมู"), ("शेर", "शीरा"), ("タカ", "ダカ"), ("волк", "вол")])
def test_letters_of_every_script_keep_species_apart(tmp_path, names):
    (tmp_path / "list.txt").write_text("\n".join(names), "utf-8")
    listed = read_species(tmp_path / "list.txt")
    data = read_data(put(tmp_path / "photos", *(f"{name}/a.jpg" for name in names)), listed)
    assert labelled(data) == {f"{name}/a.jpg": name for name in names}


@pytest.mark.parametrize("names", [("Ñandú", "Nandu"), ("deer (male)", "deer-male"), ("deer ♂", "deer ♀")])
def test_names_that_labels_cannot_tell_apart_are_refused_with_both(tmp_path, names):
    (tmp_path / "list.txt").write_text("\n".join((*names, "wolf")), "utf-8")
    with pytest.raises(UsageError, match="differ only in accents") as caught:
        read_species(tmp_path / "list.txt")
    assert all(name.casefold().replace(" ", "_").replace("-", "_") in str(caught.value) for name in names)


def test_a_list_with_names_and_groups_is_the_runtimes_own_form(tmp_path):
    from importlib import resources

    file = tmp_path / "species.json"
    file.write_bytes(resources.files("avistar").joinpath("species.json").read_bytes())
    assert read_species(file) == paper_species() == read_species(None)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("one.txt", "wolf\n", "two species at least"),
        ("twice.txt", "wolf\nWolf\n", "each once"),
        ("bad.json", "{}", "no list of species"),
        ("groups.json", '{"species": [{"id": "a", "english": "A", "spanish": "A", "scientific": "A", "group": "x"},'
         ' {"id": "b", "english": "B", "spanish": "B", "scientific": "B", "group": "x"}], "groups": []}', "1 groups"),
    ],
)  # fmt: skip
def test_a_bad_list_of_species_is_refused(tmp_path, name, text, message):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_species(tmp_path / name)
    with pytest.raises(UsageError, match="can't be read"):
        read_species(tmp_path / "none.txt")


NUISANCES = (
    ".ipynb_checkpoints/a.jpg", "@eaDir/a.jpg", ".thumbnails/a.jpg", "__MACOSX/a.jpg", "._a.jpg", "Thumbs.db", "x.txt",
)  # fmt: skip


def test_only_what_identify_would_find_is_a_photo(tmp_path):
    put(tmp_path, "wolf/a.JPG", "wolf/deep/b.jpeg", "seal/c.png", *(f"wolf/{name}" for name in NUISANCES))
    put(tmp_path, "@eaDir/wolf/a.jpg", "__MACOSX/wolf/a.jpg", ".ipynb_checkpoints/a.jpg", "notes/read.me")
    found = {str(tmp_path / file) for file in labelled(read(tmp_path))}
    assert found == set(Scan([str(tmp_path / name) for name in ("wolf", "seal")]))
    assert len(found) == 3


def test_linked_folders_are_read_once(tmp_path):
    put(tmp_path / "elsewhere", "a.jpg", "b.jpg")
    put(tmp_path / "set", "seal/a.jpg")
    (tmp_path / "set" / "wolf").mkdir()
    (tmp_path / "set" / "wolf" / "card").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "set" / "wolf" / "again").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert set(labelled(read(tmp_path / "set"))) == {"seal/a.jpg", "wolf/again/a.jpg", "wolf/again/b.jpg"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_utf8_is_read_and_survives_the_split(tmp_path):
    put(tmp_path, "wolf/a.jpg", "seal/b.jpg")
    odd = os.fsencode(tmp_path / "wolf") + b"/lobo_\xf1.jpg"
    (tmp_path / "wolf" / "a.jpg").rename(os.fsdecode(odd))
    data = read(tmp_path)
    assert labelled(data) == {"seal/b.jpg": "seal", "wolf/lobo_\\xf1.jpg": "wolf"}
    assert data.fingerprint()
    kept = decode_split(encode_split(Split(1, tuple(data.photos), (), ())), "split.json")
    assert os.fsencode(photo_place(tmp_path).path(kept.train[1].file)) == odd


def test_a_folder_that_cannot_be_opened_is_said(tmp_path, monkeypatch):
    put(tmp_path, "wolf/a.jpg", "wolf/deep/a.jpg", "seal/b.jpg")
    scandir = os.scandir

    def closed(folder):
        if str(folder).endswith("deep"):
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr("avistar.scan.os.scandir", closed)
    with pytest.raises(UsageError, match=r"deep can't be opened \(Permission denied\)"):
        read(tmp_path)


def folders(folder):
    return put(folder, "wolf/a.jpg", "seal/b.jpg")


def kaggle_list(folder):
    put(folder, "train/Img-1.jpg", "train/Img-2.jpg", "test/Img-1.jpg")
    (folder / "train.csv").write_text("Image_id,Animal\nImg-1.jpg,wolf\nImg-2.jpg,seal\n", "utf-8")
    return folder


def kaggle_table(folder):
    return kaggle_list(folder) / "train.csv"


def kaggle_paths(folder):
    kaggle_list(folder)
    (folder / "train.csv").write_text("Image_id,Animal\ntrain/Img-1.jpg,wolf\n./train/Img-2.jpg,seal\n", "utf-8")
    return folder


def kaggle_folders(folder):
    return put(folder, "train/wolf/a.jpg", "train/seal/b.jpg", "test/1.jpg", "valid/wolf/c.jpg")


def awa2(folder):
    return put(folder, "JPEGImages/wolf/a.jpg", "JPEGImages/seal/b.jpg", "JPEGImages/tiger/c.jpg")


def inside_paths(folder):
    folders(folder)
    rows = "".join(f"{folder / name},{animal}\n" for name, animal in (("wolf/a.jpg", "wolf"), ("seal/b.jpg", "seal")))
    (folder / "labels.csv").write_text(f"Image_id,Animal\n{rows}", "utf-8")
    return folder / "labels.csv"


def outside_paths(folder):
    folders(folder / "card")
    (folder / "lists").mkdir()
    rows = f"{folder / 'card' / 'wolf' / 'a.jpg'},wolf\n../card/seal/b.jpg,seal\n"
    (folder / "lists" / "labels.csv").write_text(f"Image_id,Animal\n{rows}", "utf-8")
    return folder / "lists" / "labels.csv"


def archive(folder):
    folder.mkdir()
    np.savez(folder / "set.npz", pictures=PICTURES[:2], labels=["wolf", "seal"])
    return folder / "set.npz"


def mapped(folder):
    folder.mkdir()
    np.save(folder / "pictures.npy", PICTURES[:2])
    np.save(folder / "labels.npy", np.array(["wolf", "seal"]))
    return folder


LAYOUTS = (
    folders, kaggle_list, kaggle_table, kaggle_paths, kaggle_folders, awa2, inside_paths, outside_paths, archive,
    mapped,
)  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_what_training_reads_is_found_again_by_the_names_in_its_split(tmp_path, layout):
    path = layout(tmp_path / "my set")
    data, place = read(path), photo_place(path)
    assert {photo.species for photo in data.photos} == {"wolf", "seal"}
    assert len(data.photos) == 2
    for photo in data.photos:
        assert place.holds(photo.file)
        expected = prepare(data.source(photo), Preprocessing(16, 16))[0]
        np.testing.assert_array_equal(prepare(place.source(photo.file), Preprocessing(16, 16))[0], expected)
    assert not place.holds("none.jpg")


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd"])
def test_a_name_never_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(UsageError, match="points outside"):
        photo_place(folders(tmp_path)).source(name)


@pytest.mark.parametrize("name", ["#2", "#-1", "wolf/a.jpg"])
def test_a_name_that_is_no_row_of_an_array_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="has no picture"):
        photo_place(archive(tmp_path / "set")).source(name)


def listed(folder, *names):
    rows = "".join(f"{name},{('wolf', 'seal')[i % 2]}\n" for i, name in enumerate(names))
    (folder / "train.csv").write_text(f"Image_id,Animal\n{rows}", "utf-8")
    return folder


def test_one_name_in_two_folders_is_refused_until_its_folder_is_told(tmp_path):
    put(tmp_path, "north/Img-1.jpg", "south/Img-1.jpg", "south/Img-2.jpg")
    with pytest.raises(UsageError, match=r"Img-1\.jpg, which may be north/Img-1\.jpg or south/Img-1\.jpg"):
        read(listed(tmp_path, "Img-1.jpg", "Img-2.jpg"))
    assert labelled(read(listed(tmp_path, "south/Img-1.jpg", "Img-2.jpg"))) == {
        "south/Img-1.jpg": "wolf", "south/Img-2.jpg": "seal",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("ñandú.jpg", unicodedata.normalize("NFD", "ñandú.jpg")),
        (unicodedata.normalize("NFD", "ñandú.jpg"), "ñandú.jpg"),
        ("card/img.jpg", "card\\img.jpg"),
        ("IMG_1.JPG", "img_1.jpg"),
        ("card/img.jpg", "img"),
        ("card/img.v2.jpg", "card/img.v2"),
    ],
)
def test_names_of_other_machines_mean_the_same_file(tmp_path, file, name):
    put(tmp_path, file, "b.jpg")
    assert labelled(read(listed(tmp_path, name, "b.jpg"))) == {file: "wolf", "b.jpg": "seal"}


def test_two_spellings_of_one_file_are_one_row_too_many(tmp_path):
    put(tmp_path, "card/img.jpg")
    with pytest.raises(UsageError, match="more than once, in several spellings"):
        read(listed(tmp_path, "img.jpg", "card\\img.jpg"))


def test_the_spelling_decides_between_names_that_differ_in_case(tmp_path):
    put(tmp_path, "a.jpg", "A.jpg")
    assert labelled(read(listed(tmp_path, "a.jpg", "A.jpg"))) == {"a.jpg": "wolf", "A.jpg": "seal"}

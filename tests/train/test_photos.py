import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import UsageError
from avistar.species import known_species, match_species
from avistar_train.photos import Photo, data_hash, read_folder, split
from support import encoded, picture

LABELS = Path(__file__).parents[2].parent / "shared" / "labels" / "train.csv"


def folder_of(tmp_path, names):
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(encoded(picture(len(name))))
    return tmp_path


def test_folders_are_matched_to_species_whatever_their_spelling(tmp_path):
    folder = folder_of(tmp_path, ["German Shepherd", "grizzly+bear", "Mono araña"])
    assert {p.species for p in read_folder(folder, known_species())} == {
        "german_shepherd",
        "grizzly_bear",
        "spider_monkey",
    }


def test_an_unknown_species_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(UsageError, match="wolf"):
        read_folder(folder_of(tmp_path, ["wolff"]), known_species())


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no photos"):
        read_folder(tmp_path, known_species())
    with pytest.raises(UsageError, match="no folder"):
        read_folder(tmp_path / "none", known_species())


def test_scenes_come_from_the_sources_file(tmp_path):
    folder = folder_of(tmp_path, ["wolf", "seal"])
    (folder / "SOURCES.csv").write_text("file,group\nwolf/a.jpg,9\n", "utf-8")
    assert {p.file: p.group for p in read_folder(folder, known_species())} == {
        "wolf/a.jpg": "9",
        "seal/a.jpg": "seal/a.jpg",
    }
    (folder / "SOURCES.csv").write_text("name\n", "utf-8")
    with pytest.raises(UsageError, match="needs the columns"):
        read_folder(folder, known_species())


photos = st.lists(
    st.tuples(st.sampled_from(["wolf", "seal", "rat"]), st.integers(0, 40)), min_size=1, max_size=120
).map(lambda rows: [Photo(f"{s}/{i}.jpg", s, str(g)) for i, (s, g) in enumerate(rows)])


@given(photos, st.integers(0, 5))
def test_no_scene_is_ever_on_two_sides_and_no_photo_is_lost(photos, seed):
    divided = split(photos, seed)
    parts = [divided.train, divided.validation, divided.test]
    assert sorted(p.file for part in parts for p in part) == sorted(p.file for p in photos)
    groups = [{p.group for p in part} for part in parts]
    assert not (groups[0] & groups[1])
    assert not (groups[0] & groups[2])
    assert not (groups[1] & groups[2])
    assert split(photos, seed) == divided


def test_a_species_with_three_photos_has_one_on_each_side():
    photos = [Photo(f"mole/{i}.jpg", "mole", str(i)) for i in range(3)]
    divided = split(photos, 1)
    assert (len(divided.train), len(divided.validation), len(divided.test)) == (1, 1, 1)


@pytest.mark.photos
@pytest.mark.skipif(not LABELS.is_file(), reason="the paper's label file isn't beside the repository")
def test_the_papers_labels_give_the_papers_1950_test_images():
    with LABELS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    photos = [Photo(row["Image_id"], match_species(row["Animal"]).id, row["Image_id"]) for row in rows]
    divided = split(photos, 7)
    assert len(divided.test) == 1950
    tested, all_ = Counter(p.species for p in divided.test), Counter(p.species for p in photos)
    assert all(abs(tested[name] - 0.15 * all_[name]) < 1 for name in all_)


def test_the_data_hash_changes_with_a_photo_and_with_a_label(tmp_path):
    folder = folder_of(tmp_path, ["wolf", "seal"])
    photos = read_folder(folder, known_species())
    first = data_hash(folder, photos)
    assert data_hash(folder, photos[::-1]) == first
    assert data_hash(folder, [Photo(p.file, "rat", p.group) for p in photos]) != first
    (folder / "wolf" / "a.jpg").write_bytes(encoded(picture(99)))
    assert data_hash(folder, photos) != first

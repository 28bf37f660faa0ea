from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import UsageError
from avistar.cli.main import main
from avistar.dataset import DatasetPhoto, read_data
from avistar.species_file import paper_species
from avistar.split import decode_split, encode_split
from avistar_train import scenes
from avistar_train.inspect_data import inspect
from avistar_train.scenes import with_scenes
from avistar_train.split import check_parts, divide, load_split
from support import picture

LABELS = Path(__file__).parents[2].parent / "shared" / "labels" / "train.csv"


photos = st.lists(
    st.tuples(st.sampled_from(["wolf", "seal", "rat"]), st.integers(0, 40)), min_size=1, max_size=120
).map(lambda rows: [DatasetPhoto(f"{s}/{i}.jpg", s, str(g)) for i, (s, g) in enumerate(rows)])


@given(photos, st.integers(0, 5))
def test_no_scene_is_ever_on_two_sides_and_no_photo_is_lost(photos, seed):
    divided = divide(photos, seed)
    parts = [divided.train, divided.validation, divided.test]
    assert sorted(p.file for part in parts for p in part) == sorted(p.file for p in photos)
    scene = {p.file: p.group for p in photos}
    groups = [{scene[p.file] for p in part} for part in parts]
    assert not (groups[0] & groups[1])
    assert not (groups[0] & groups[2])
    assert not (groups[1] & groups[2])
    assert divide(photos, seed) == divided


def test_a_species_with_three_photos_has_one_on_each_side():
    photos = [DatasetPhoto(f"mole/{i}.jpg", "mole", str(i)) for i in range(3)]
    divided = divide(photos, 1)
    assert (len(divided.train), len(divided.validation), len(divided.test)) == (1, 1, 1)


@pytest.mark.photos
@pytest.mark.skipif(not LABELS.is_file(), reason="the paper's label file isn't beside the repository")
def test_the_papers_labels_give_the_papers_1950_test_images():
    photos = read_data(LABELS, paper_species()).photos
    assert len(photos) == 13_000
    divided = divide(photos, 7)
    assert len(divided.test) == 1950
    tested, all_ = Counter(p.species for p in divided.test), Counter(p.species for p in photos)
    assert len(all_) == 30
    assert all(abs(tested[name] - 0.15 * all_[name]) < 1 for name in all_)
    assert not {p.file for p in divided.validation} & {p.file for p in (*divided.train, *divided.test)}


@given(photos, st.integers(0, 5))
def test_a_stored_split_divides_the_same_photos_the_same_way(photos, seed):
    divided = divide(photos, seed)
    assert decode_split(encode_split(divided), "split.json") == divided


@pytest.fixture
def wolves():
    return [DatasetPhoto(f"wolf/{i}.jpg", "wolf", f"scene {i // 2}") for i in range(20)]


def test_a_split_given_back_is_the_same(tmp_path, wolves):
    file = tmp_path / "split.json"
    file.write_bytes(encode_split(divide(wolves, 3)))
    assert load_split(file, wolves) == divide(wolves, 3)


def test_a_split_of_other_photos_is_refused_by_name(tmp_path, wolves):
    file = tmp_path / "split.json"
    file.write_bytes(encode_split(divide(wolves[:-1], 3)))
    with pytest.raises(UsageError, match=r"1 of these aren't in it.*wolf/19\.jpg"):
        load_split(file, wolves)
    relabelled = [DatasetPhoto(p.file, "seal" if p.file == "wolf/4.jpg" else "wolf", p.group) for p in wolves[:-1]]
    with pytest.raises(UsageError, match=r"wolf/4\.jpg shows wolf, its label says seal"):
        load_split(file, relabelled)


def test_a_file_that_is_no_split_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is no split"):
        decode_split(b"[]", "split.json")
    with pytest.raises(UsageError, match="can't be read"):
        load_split(tmp_path / "none.json", [])


def many(**counts):
    return [DatasetPhoto(f"{s}/{i}.jpg", s, f"{s}/{i}") for s, count in counts.items() for i in range(count)]


def test_species_without_a_photo_to_judge_or_choose_by_are_named():
    sentences = check_parts(divide([*many(wolf=400, seal=2), *many(rat=400)], 1))
    assert [str(one).partition(":")[2] for one in sentences] == [
        " no photo of seal chooses",
        " no photo of seal judges, so nobody will know how well the network tells it",
    ]
    assert check_parts(divide(many(wolf=400, seal=200), 1)) == []
    (few,) = check_parts(divide(many(wolf=40, seal=40), 1))
    assert str(few) == "only 8 photos calibrate: don't trust the confidences much"


def test_a_split_that_cannot_judge_at_all_is_refused_with_its_numbers():
    with pytest.raises(UsageError, match="of 4 photos, 0 are left to choose temperature and threshold and 0 to judge"):
        check_parts(divide(many(wolf=2, seal=2), 1))


def test_the_command_says_what_the_split_lacks(tmp_path, capsys):
    for name, count in (("wolf", 2), ("seal", 2)):
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(count):
            (tmp_path / "set" / name / f"{i}.png").write_text(f"{name} {i}")
    command = ["train", "split", str(tmp_path / "set"), "--out", str(tmp_path / "split.json")]
    assert main([*command, "--no-duplicates"]) == 2
    assert not (tmp_path / "split.json").exists()
    for i in range(2, 30):
        (tmp_path / "set" / "wolf" / f"{i}.png").write_text(f"wolf {i}")
    assert main(command) == 0
    assert "no photo of seal judges" in capsys.readouterr().err


def test_copies_are_kept_on_one_side_unless_told_otherwise(tmp_path):
    for name in ("wolf", "seal"):
        (tmp_path / name).mkdir()
        for i in range(20):
            image = picture(100 * len(name) + 50 * (name == "seal") + i // 2)  # each twice, once recompressed
            image.save(tmp_path / name / f"{i:02d}.jpg", quality=95 - 30 * (i % 2))
    data = read_data(tmp_path, paper_species())
    grouped, sentence, _ = with_scenes(data, progress=lambda *_: None)
    assert str(sentence) == "40 photos that nearly equal another one were kept on one side."
    divided = divide(grouped.photos, 3)
    side = {photo.file: part for part in ("train", "validation", "test") for photo in getattr(divided, part)}
    assert all(side[f"{name}/{i:02d}.jpg"] == side[f"{name}/{i + 1:02d}.jpg"] for name in ("wolf", "seal")
               for i in range(0, 20, 2))  # fmt: skip
    parted = divide(data.photos, 3)
    side = {photo.file: part for part in ("train", "validation", "test") for photo in getattr(parted, part)}
    assert any(side[f"wolf/{i:02d}.jpg"] != side[f"wolf/{i + 1:02d}.jpg"] for i in range(0, 20, 2))


def test_a_run_that_goes_on_searches_no_near_duplicates_again(tmp_path, monkeypatch):
    for name in ("wolf", "seal"):
        (tmp_path / name).mkdir()
        for i in range(4):
            picture(10 * len(name) + (name == "seal") + i // 2).save(tmp_path / name / f"{i}.png")
    data = read_data(tmp_path, paper_species())
    sought = []
    monkeypatch.setattr(
        scenes, "inspect", lambda data, progress: (sought.append(1), inspect(data, progress=progress))[1]
    )

    def searched(fingerprint):
        known = [tmp_path / "none.json", tmp_path / scenes.SCENES]
        return with_scenes(data, progress=lambda *_: None, fingerprint=fingerprint, known=known)

    grouped, sentence, found = searched("one")
    found.keep(tmp_path)
    again, said, _ = searched("one")
    assert (again.photos, str(said), len(sought)) == (grouped.photos, str(sentence), 1)
    searched("another")  # other photos
    assert len(sought) == 2
    (tmp_path / scenes.SCENES).write_text("{damaged")
    assert searched("one")[0].photos == grouped.photos
    assert len(sought) == 3

import csv
import io
import json
import re
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

pytest.importorskip("imagehash", reason="the train extra isn't installed")

from avistar.dataset import read_data
from avistar.species_file import paper_species
from avistar_train.inspect_data import NEAR, _near, inspect, summary, write_inspection
from avistar_train.split import divide
from support import encoded


def scene(seed):
    """A picture with structure at several scales, as photos have it and smooth colours don't."""
    rng = np.random.default_rng(seed)
    total = sum(
        np.asarray(Image.fromarray(rng.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((192, 144)), float) / n
        for n in (3, 6, 12, 24)
    )
    return Image.fromarray(np.uint8(255 * (total - total.min()) / np.ptp(total)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("photos")
    files = {
        "wolf/a.jpg": encoded(scene(1)),
        "wolf/again.jpg": encoded(scene(1)),
        "wolf/small.jpg": encoded(scene(1).resize((96, 72)), quality=40),
        "wolf/other.jpg": encoded(scene(2)),
        "ox/b.png": encoded(scene(3), "PNG"),
        "seal/squeezed.jpg": encoded(scene(3).resize((128, 128)).convert("L"), quality=60),
        "seal/c.jpg": encoded(scene(4)),
        "seal/cut.jpg": encoded(scene(5))[:-900],
        "ox/empty.jpg": b"",
        "ox/text.jpg": b"no picture",
        "rat/dark.png": encoded(Image.new("RGB", (80, 60)), "PNG"),
        "rat/light.png": encoded(Image.new("RGB", (80, 60), "white"), "PNG"),
    }
    for name, content in files.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(content)
    return place


@pytest.fixture(scope="module")
def data(folder):
    return read_data(folder, paper_species())


@pytest.fixture(scope="module")
def found(data):
    return inspect(data, progress=lambda *_: None)


def test_every_photo_is_counted_with_its_size(found):
    assert {name: count for name, count in found.counts.items() if count} == {"wolf": 4, "ox": 3, "seal": 3, "rat": 2}
    assert len(found.counts) == 30
    sizes = {photo.file: (photo.width, photo.height) for photo in found.photos}
    assert sizes["wolf/small.jpg"] == (96, 72)
    assert sizes["ox/b.png"] == (192, 144)


def test_broken_files_are_findings_with_their_reason(found):
    problems = {photo.file: photo.problem for photo in found.broken}
    assert set(problems) == {"seal/cut.jpg", "ox/empty.jpg", "ox/text.jpg"}
    assert "cut off" in problems["seal/cut.jpg"]
    assert "empty" in problems["ox/empty.jpg"]


def test_equal_files_and_near_duplicates_are_found_and_nothing_else(found):
    assert {(one.exact, one.files) for one in found.alike} == {
        (True, ("wolf/a.jpg", "wolf/again.jpg")),
        (False, ("wolf/a.jpg", "wolf/small.jpg")),
        (False, ("ox/b.png", "seal/squeezed.jpg")),
    }


def test_duplicates_under_different_labels_come_first(found):
    assert [one.files for one in found.contradictions] == [("ox/b.png", "seal/squeezed.jpg")]
    assert found.alike[0].contradicts


def test_a_missing_file_is_a_finding(tmp_path):
    (tmp_path / "train.csv").write_text("Image_id,Animal\ngone.jpg,wolf\n", "utf-8")
    found = inspect(read_data(tmp_path, paper_species()), progress=lambda *_: None)
    assert [photo.file for photo in found.broken] == ["gone.jpg"]
    assert "no photos of: antelope" in summary(found)


def test_pictures_in_arrays_are_inspected_too(tmp_path):
    pictures = np.stack([np.asarray(scene(seed)) for seed in (1, 1, 2)])
    np.savez(tmp_path / "set.npz", pictures=pictures, labels=["wolf", "ox", "ox"])
    found = inspect(read_data(tmp_path / "set.npz", paper_species()), progress=lambda *_: None)
    assert [(one.exact, one.files) for one in found.alike] == [(True, ("#0", "#1"))]
    assert found.broken == ()


@given(st.integers(0, 99), st.integers(0, 128))
def test_hashes_are_near_when_few_bits_differ(seed, bits):
    rng = np.random.default_rng(seed)
    first = rng.random(128) < 0.5
    second = first.copy()
    second[rng.choice(128, bits, replace=False)] ^= True
    assert (list(_near(np.stack([first, second]))) == [[0, 1]]) == (bits <= NEAR)


def test_near_pairs_are_found_across_blocks_of_the_comparison():
    hashes = np.random.default_rng(0).random((2500, 128)) < 0.5
    hashes[2400], hashes[1200] = hashes[3], hashes[1100]
    assert sorted(_near(hashes)) == [[3, 2400], [1100, 1200]]


def test_page_charts_and_data_are_written_and_need_nothing_else(data, found, tmp_path):
    page = write_inspection(data, found, tmp_path / "out")
    html = page.read_text("utf-8")
    assert html.count("<svg") == 2
    assert "data:image/jpeg;base64" in html
    assert not re.search(r'(src|href)="(?!data:|#)', html)
    assert "ox/text.jpg" in html
    stored = json.loads((tmp_path / "out" / "inspection.json").read_bytes())
    assert stored["counts"]["wolf"] == 4
    assert len(stored["photos"]) == 12
    for name in ("species.png", "sizes.png"):
        with Image.open(tmp_path / "out" / name) as chart:
            assert chart.width > 600


def test_the_groups_file_keeps_duplicates_and_known_scenes_on_one_side(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "photos")
    known = tmp_path / "photos" / "SOURCES.csv"
    known.write_text("file,group\nwolf/other.jpg,s\nwolf/small.jpg,s\n", "utf-8")
    data = read_data(tmp_path / "photos", paper_species())
    write_inspection(data, inspect(data, progress=lambda *_: None), tmp_path / "out")
    known.write_bytes((tmp_path / "out" / "SOURCES.csv").read_bytes())
    groups = {row["file"]: row["group"] for row in csv.DictReader(io.StringIO(known.read_text("utf-8")))}
    assert len({groups[f"wolf/{name}.jpg"] for name in ("a", "again", "small", "other")}) == 1
    divided = divide(read_data(tmp_path / "photos", paper_species()).photos, 1)
    assert (
        sum(any(p.species == "wolf" for p in part) for part in (divided.train, divided.validation, divided.test)) == 1
    )


def test_the_terminal_is_told_what_must_be_seen_to(found):
    text = summary(found)
    assert "ox/text.jpg" in text
    assert "one picture, different labels: ox/b.png (ox), seal/squeezed.jpg (seal)" in text

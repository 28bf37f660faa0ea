"""Folders and runs: what lies on real disks, and what happens to the machine meanwhile."""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from avistar import Classifier, FunctionBackend, ModelBundle, Outputs
from avistar.manifest import Calibration
from avistar.scan import Scan
from support import encoded, picture

NAMES = ["año ñandú.jpg", "日本.jpg", "🦊.jpg", "' ; rm -rf.jpg", "a\nb.jpg", "=cmd|' !A0.jpg", "trailing .jpg"]


def sources(classifier: Classifier, folder: Path) -> dict[str, bool]:
    """Each picture's name, and whether it was answered."""
    answers = classifier.stream(Scan([str(folder)]))
    return {Path(answer.source).name: answer.failure is None for answer in answers}


@pytest.mark.skipif(os.name == "nt", reason="such names aren't possible on this system")
def test_pictures_with_any_name_are_answered_under_that_name(classifier: Classifier, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_bytes(encoded(picture(1)))
    assert sources(classifier, tmp_path) == dict.fromkeys(NAMES, True)


@pytest.mark.skipif(os.name == "nt", reason="such names aren't possible on this system")
def test_two_spellings_of_one_accent_are_two_files(classifier: Classifier, tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "ñandú.jpg") for form in ("NFC", "NFD")]
    for name in names:
        (tmp_path / name).write_bytes(encoded(picture(1)))
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system holds them for one name")
    assert set(sources(classifier, tmp_path)) == set(names)


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode on this system")
def test_a_name_that_is_no_utf8_is_scanned_and_answered(classifier: Classifier, tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(encoded(picture(1)))
    except OSError:
        pytest.skip("names are Unicode on this file system")
    assert sources(classifier, tmp_path) == {"��.jpg": True}


def test_a_name_of_255_bytes_and_a_path_of_over_a_thousand_are_answered(classifier: Classifier, tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(5):
        folder /= "d" * 200
    try:
        folder.mkdir(parents=True)
        (folder / ("n" * 251 + ".jpg")).write_bytes(encoded(picture(1)))
    except OSError:
        pytest.skip("this system has no such long names")
    assert sources(classifier, tmp_path) == {"n" * 251 + ".jpg": True}


def test_fifty_folders_deep_is_found(classifier: Classifier, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["x"] * 50)
    deep.mkdir(parents=True)
    (deep / "photo.jpg").write_bytes(encoded(picture(1)))
    assert sources(classifier, tmp_path) == {"photo.jpg": True}


def test_photos_of_telephones_and_raw_photos_are_never_passed_over(classifier: Classifier, tmp_path: Path) -> None:
    for name in ("a.HEIC", "b.nef", "c.CR3"):
        (tmp_path / name).write_bytes(b"x")
    assert sources(classifier, tmp_path) == {"a.HEIC": False, "b.nef": False, "c.CR3": False}


def test_a_link_to_a_picture_outside_is_followed_and_both_are_answered(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "outside.jpg").write_bytes(encoded(picture(1)))
    try:
        (tmp_path / "card" / "link.jpg").symlink_to(tmp_path / "outside.jpg")
    except OSError:
        pytest.skip("links need rights on this system")
    assert sources(classifier, tmp_path / "card") == {"link.jpg": True}


def test_a_clock_that_is_set_back_during_a_run_changes_nothing(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(10**9, 0, -3600))
    monkeypatch.setattr(time, "time", lambda: float(next(times)))
    answers = classifier.identify_many([picture(seed) for seed in range(20)])
    assert all(0 < answer.elapsed_ms < 60_000 for answer in answers)


def test_memory_stays_flat_over_a_long_stream(tiny: ModelBundle) -> None:
    def answer(images: np.ndarray) -> Outputs:
        return Outputs(np.zeros((len(images), 30), np.float32), np.zeros((len(images), 4), np.float32))

    pixels = np.zeros((32, 32, 3), np.uint8)
    with Classifier(tiny, FunctionBackend(answer), Calibration()) as classifier:
        stream = classifier.stream(pixels for _ in range(1500))
        tracemalloc.start()
        try:
            for number, _ in enumerate(stream):
                if number == 300:
                    gc.collect()
                    before = tracemalloc.get_traced_memory()[0]
            gc.collect()
            after = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert after - before < 300_000  # 1,200 answers held would be 5 MB

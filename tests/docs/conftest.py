"""A folder with everything that the examples of README and docs speak of, small and made on the spot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from docs_support import ROOT
from support import encoded, picture, tiny_bundle

DETECTIONS = {
    "info": {"format_version": "1.4", "detector": "md_v5a.0.0.pt"},
    "detection_categories": {"1": "animal", "2": "person", "3": "vehicle"},
    "images": [
        {"file": "raccoon.jpg", "detections": [{"category": "1", "conf": 0.9, "bbox": [0.1, 0.1, 0.8, 0.8]}]},
        {"file": "coffee.jpg", "detections": []},
    ],
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, made the working directory; English, and a wide terminal."""
    samples = [ROOT / "samples" / f"{name}.jpg" for name in ("cat", "coffee", "raccoon", "rocket")]
    for folder in ("samples", "CARD", "FOLDER"):
        (tmp_path / folder).mkdir()
        for sample in samples:
            shutil.copy(sample, tmp_path / folder)
    shutil.copy(samples[2], tmp_path / "photo.jpg")
    for folder, species in (("PHOTOS", ("raccoon", "wolf")), ("OTHERS", ("badger",))):
        for name in species:
            (tmp_path / folder / name).mkdir(parents=True)
            for seed in range(2):
                (tmp_path / folder / name / f"{seed}.jpg").write_bytes(encoded(picture(seed)))
    (tmp_path / "md.json").write_text(json.dumps(DETECTIONS))
    (tmp_path / "site.txt").write_text("wolf\nmoose\nraccoon\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "default").symlink_to(ROOT / "models" / "default", target_is_directory=True)
    tiny_bundle(tmp_path / "models" / "mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path

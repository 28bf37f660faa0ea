from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from avistar import ModelBundle
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from media_support import write_video

pytest.importorskip("cv2", reason="needs the extra 'live'")


def live(bundle: ModelBundle, *arguments: object) -> int:
    return main(["live", "--model", str(bundle.folder), "--language", "en", *map(str, arguments)])


def test_a_video_stands_in_for_a_camera(tiny: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video = write_video(tmp_path / "clip.avi", frames=8)
    assert live(tiny, video) == 0
    lines, notes = capsys.readouterr()
    assert "ms" in lines
    assert "answers in" in notes


def test_spanish_is_spoken(tiny: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video = write_video(tmp_path / "clip.avi", frames=3)
    assert main(["live", str(video), "--model", str(tiny.folder), "--language", "es"]) == 0
    assert "respuestas en" in capsys.readouterr().err


def test_snapshots_go_to_a_folder_and_a_catalogue(tiny: ModelBundle, tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.avi", frames=8)
    before = hashlib.sha256(video.read_bytes()).digest()
    folder, file = tmp_path / "seen", tmp_path / "seen.avistar"
    assert live(tiny, video, "--snapshots", folder, "--catalogue", file, "--every", 0) == 0
    pictures = sorted(folder.iterdir())
    assert pictures
    with Image.open(pictures[0]) as image:
        assert image.size == (64, 48)
    with Catalogue.read(file) as catalogue:
        records = list(catalogue.records())
    assert sorted(record.medium.relative for record in records) == [path.name for path in pictures]
    for record in records:
        assert record.identification is not None
        assert record.identification.decision.id in record.medium.relative
        assert record.medium.capture.taken_at.utcoffset() is not None
    assert hashlib.sha256(video.read_bytes()).digest() == before


def test_a_site_list_holds_for_a_camera_too(
    tiny: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = write_video(tmp_path / "clip.avi", frames=3)
    assert live(tiny, video, "--only", "racoon") == 2
    assert "the nearest are raccoon" in capsys.readouterr().err
    assert live(tiny, video, "--only", "lobo, alce", "--snapshots", tmp_path / "seen", "--every", 0) == 0
    if (tmp_path / "seen").exists():
        assert {path.stem.partition("_")[2].partition("_")[2] for path in (tmp_path / "seen").iterdir()} <= {
            "wolf", "moose", "canid", "bovid", "deer",
        }  # fmt: skip


def test_a_camera_that_is_not_there_ends_with_five_and_a_way_out(
    tiny: ModelBundle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert live(tiny, 99) == 5
    assert "a video file works too" in capsys.readouterr().err


def test_one_may_wait_for_a_camera(tiny: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert live(tiny, 99, "--wait", "--seconds", 0.2) == 0
    assert "camera lost" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, b"", b"<html>"])
def test_a_file_that_is_no_video_is_refused(
    tiny: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    assert live(tiny, path) == 1
    assert "clip.mp4" in capsys.readouterr().err


def test_a_catalogue_without_a_folder_is_refused(
    tiny: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert live(tiny, 0, "--catalogue", tmp_path / "a.avistar") == 2
    assert "--snapshots FOLDER" in capsys.readouterr().err

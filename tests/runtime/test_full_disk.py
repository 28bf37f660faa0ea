"""A disk that is full: each step that writes, on a file system of two megabytes with less and less room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from avistar import ModelBundle
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from support import encoded, picture

MAY_MOUNT = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("mount") is not None
PHOTOS = 20
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of two megabytes."""
    if not MAY_MOUNT:
        pytest.skip("only root may mount a small file system")
    folder = tmp_path_factory.mktemp("small")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory, tiny: ModelBundle) -> Path:
    """A catalogue of photos that lie beside it."""
    folder = tmp_path_factory.mktemp("survey")
    (folder / "card").mkdir()
    for seed in range(PHOTOS):
        (folder / "card" / f"{seed:02d}.jpg").write_bytes(encoded(picture(seed, (320, 240)), quality=90))
    words = ["--model", str(tiny.folder), "--device", "cpu", "-q"]
    assert main(["identify", str(folder / "card"), "--catalogue", str(folder / "s.avistar"), *words]) == 0
    return folder / "s.avistar"


def files_in(folder: Path) -> Files:
    """What counts: not SQLite's locks and journals without anything in them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "ballast" and not path.name.endswith((".lock", "-shm", "-wal"))
    }


def leave(folder: Path, room: int) -> None:
    """Fill the file system up to `room` bytes."""
    facts = os.statvfs(folder)
    (folder / "ballast").write_bytes(bytes(max(0, facts.f_bavail * facts.f_frsize - room)))


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def photos_of(survey: Path) -> Files:
    return files_in(survey.parent / "card")


ROOM = (0, 4096, 12_288)
MAKING = {
    "csv": ["survey", "export", "{survey}", "{small}/t.csv"],
    "xlsx": ["survey", "export", "{survey}", "{small}/t.xlsx"],
    "jsonl": ["survey", "export", "{survey}", "{small}/t.jsonl"],
    "megadetector": ["survey", "export", "{survey}", "{small}/t.json"],
    "sidecars": ["survey", "export", "{survey}", "{small}/x", "--format", "xmp"],
    "copies": ["survey", "export", "{survey}", "{small}/x", "--format", "xmp", "--copies"],
    "page": ["survey", "summary", "{survey}", "--out", "{small}/t.html"],
    "template": ["survey", "deployments-template", "{survey}", "{small}"],
    "merge": ["survey", "merge", "{survey}", "{survey}", "--out", "{small}/m.avistar"],
    "repair": ["survey", "repair", "{survey}", "--out", "{small}/m.avistar"],
    "identify": ["identify", "{card}", "--out", "{small}/t.csv", "--device", "cpu", "--model", "{bundle}", "-q"],
}


@pytest.mark.parametrize("what", MAKING)
def test_what_has_no_room_is_not_there_or_whole_and_said(
    what: str, small: Path, survey: Path, tiny: ModelBundle, capfd: pytest.CaptureFixture[str]
) -> None:
    before = photos_of(survey)
    values = {"survey": survey, "small": small, "card": survey.parent / "card", "bundle": tiny.folder}
    command = [word.format(**values) for word in MAKING[what]]
    empty(small)
    assert main(command) == 0
    whole = files_in(small)
    refused = 0
    for room in ROOM:
        empty(small)
        leave(small, room)
        capfd.readouterr()
        code, said = main(command), capfd.readouterr().err
        refused += code != 0
        if code:
            assert "unforeseen" not in said
            assert any(word in said for word in ("room", "full", "rows are in")), said
            if what != "identify":  # keeps what was answered, and says where
                left = files_in(small)
                assert left.keys() <= whole.keys()
                assert all(len(data) == len(whole[name]) for name, data in left.items())
    assert refused
    assert photos_of(survey) == before


OVER = {"csv": "t.csv", "xlsx": "t.xlsx", "jsonl": "t.jsonl", "megadetector": "t.json"}


@pytest.mark.parametrize("what", OVER)
def test_an_earlier_export_stays_where_a_new_one_has_no_room(what: str, small: Path, survey: Path) -> None:
    empty(small)
    (small / OVER[what]).write_text("an earlier one")
    leave(small, 4096)
    assert main(["survey", "export", str(survey), str(small / OVER[what]), "--overwrite"]) == 1
    assert files_in(small) == {OVER[what]: b"an earlier one"}


def backed_up(survey: Path) -> Path:
    assert main(["survey", "backup", str(survey)]) == 0
    return next(survey.parent.glob("*.backups/*.avistar"))


CHANGES: dict[str, Callable[[Path], list[str]]] = {
    "a species": lambda survey: ["survey", "species", str(survey), "--add", "Oncilla"],
    "a backup": lambda survey: ["survey", "backup", str(survey)],
    "a restored backup": lambda survey: ["survey", "restore", str(survey), "--backup", str(backed_up(survey))],
}


@pytest.mark.parametrize("room", [0, 4096])
@pytest.mark.parametrize("what", CHANGES)
def test_a_survey_on_a_full_disk_can_be_read_and_loses_nothing(
    what: str, room: int, small: Path, survey: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    empty(small)
    shutil.copy(survey, small / "s.avistar")
    command = CHANGES[what](small / "s.avistar")
    before = files_in(small)
    leave(small, room)
    capfd.readouterr()
    assert main(command) == 1
    said = capfd.readouterr().err
    assert "unforeseen" not in said
    assert "room" in said or "full" in said, said
    assert files_in(small) == before
    with Catalogue.read(small / "s.avistar") as catalogue:
        assert catalogue.counts().answered == PHOTOS
    (small / "ballast").unlink()
    assert main(command) == 0

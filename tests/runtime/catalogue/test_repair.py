"""Ways back from a damaged catalogue: backups, and what can still be read."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avistar import AvistarError, Classifier, UsageError
from avistar.catalogue import CameraFolder, Catalogue, Model
from avistar.catalogue.backup import KEPT, backup, backup_due, backups, daily_backup, restore
from avistar.catalogue.repair import repair
from avistar.errors import CatalogueDamaged, CatalogueError
from avistar.species import Species
from avistar.survey import back_up, open_survey
from survey_support import WOLF, answered, facts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def survey(tmp_path: Path, card: Path, model: Model) -> Path:
    path = tmp_path / "a.avistar"
    with Catalogue.open(path, new=facts(card)) as catalogue:
        catalogue.write([answered(card, f"{number}.jpg", model, number) for number in range(200)], model)
        catalogue.review([1, 2, 3], WOLF)
        catalogue.species.add([Species("fox", "Fox", "Zorro", "", "")], "Ana")
        catalogue.deployments.replace([CameraFolder("cam1", {"locationName": "Puente"})])
    return path


def figures(path: Path) -> tuple[int, int]:
    with Catalogue.read(path) as catalogue:
        counts = catalogue.counts()
        return counts.total, counts.reviewed


def test_a_whole_catalogue_is_rebuilt_as_it_is(survey: Path) -> None:
    done = repair(survey, survey.with_name("b.avistar"))
    assert (done.lost, done.saved["medium"], done.saved["review"]) == ({}, 200, 3)
    with Catalogue.read(survey) as before, Catalogue.open(survey.with_name("b.avistar")) as after:
        assert after.counts() == before.counts()
        assert after.facts == before.facts
        assert after.reviews(1) == before.reviews(1)
        assert after.species.own() == before.species.own()
        assert after.deployments.all() == before.deployments.all()
    with pytest.raises(UsageError, match="exists"):
        repair(survey, survey.with_name("b.avistar"))


def test_flipped_bytes_are_said_or_change_no_figure_and_what_can_be_read_is_saved(survey: Path) -> None:
    right, whole = figures(survey), survey.read_bytes()
    said = saved = 0
    for number, page in enumerate(range(4096, len(whole), 4096)):
        data = bytearray(whole)
        data[page : page + 100] = b"\xaa" * 100
        survey.write_bytes(data)
        try:
            assert figures(survey) == right
        except CatalogueError as error:
            said += "damaged" in str(error) or "catalogue" in str(error)
            target = survey.with_name(f"saved{number}.avistar")
            try:
                done = repair(survey, target)
            except AvistarError:
                continue
            saved += 1
            total, _ = figures(target)
            assert total == done.saved.get("medium", 0) <= right[0]
    assert said > 5
    assert saved > said / 2


def test_a_survey_that_was_backed_up_today_is_not_counted(survey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    counts = Catalogue.counts
    monkeypatch.setattr(Catalogue, "counts", lambda self: counted.append(self.path) or counts(self))
    with Catalogue.open(survey) as catalogue:
        assert backup_due(survey)
        back_up(catalogue)
        assert (len(counted), len(backups(survey)), backup_due(survey)) == (1, 1, False)
        back_up(catalogue)
        assert (len(counted), len(backups(survey))) == (1, 1)


def test_backups_are_made_once_a_day_few_are_kept_and_one_comes_back(survey: Path) -> None:
    first = daily_backup(survey, NOON)
    assert first is not None
    assert daily_backup(survey, NOON + timedelta(hours=23)) is None
    for day in range(1, 10):
        assert daily_backup(survey, NOON + timedelta(days=day)) is not None
    assert len(backups(survey)) == KEPT
    right = figures(survey)
    survey.write_bytes(b"\0" * 10_000)
    with pytest.raises(CatalogueDamaged):
        figures(survey)
    aside = restore(survey, backups(survey)[0])
    assert figures(survey) == right
    assert aside is not None
    assert aside.read_bytes() == b"\0" * 10_000


def test_a_damaged_file_replaces_no_backup_and_a_damaged_backup_no_file(survey: Path) -> None:
    good = backup(survey, NOON)
    whole = survey.read_bytes()
    data = bytearray(whole)
    data[8192 : len(data) // 2] = b"\xaa" * (len(data) // 2 - 8192)
    survey.write_bytes(data)
    with pytest.raises(CatalogueError, match="earlier backups are kept"):
        backup(survey, NOON + timedelta(days=1))
    assert backups(survey) == [good]
    survey.write_bytes(whole)
    good.write_bytes(bytes(data))
    with pytest.raises(CatalogueError, match="choose another backup"):
        restore(survey, good)
    assert survey.read_bytes() == whole
    assert not list(survey.parent.glob("*.partial*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.name != "posix" or os.geteuid() != 0 or mount is None:
        pytest.skip("mounting a small file system needs root")
    ran = subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], check=False, capture_output=True)
    if ran.returncode:
        pytest.skip("this machine mounts no small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_catalogue_and_earlier_backups_as_they_are(survey: Path, small_disk: Path) -> None:
    path = small_disk / "a.avistar"
    shutil.copy(survey, path)
    (small_disk / "filler").write_bytes(b"x" * (1_000_000 - path.stat().st_size))
    with pytest.raises(AvistarError):
        backup(path, NOON)
    assert backups(path) == []
    with pytest.raises(AvistarError):
        repair(path, small_disk / "b.avistar")
    left = {one.name for one in small_disk.iterdir() if not one.name.endswith(("-wal", "-shm"))}
    assert left == {"a.avistar", "filler", "a.avistar.backups"}
    assert figures(path) == (200, 3)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_catalogue_is_backed_up_when_it_is_opened_for_a_run_and_before_a_migration(
    survey: Path, card: Path, classifier: Classifier, tmp_path: Path
) -> None:
    for _ in range(2):
        open_survey(survey, [str(card)], classifier).close()
    assert len(backups(survey)) == 1
    released = next(iter(sorted((Path(__file__).parent / "released").glob("*.avistar"))))
    old = tmp_path / "old.avistar"
    shutil.copy(released, old)
    Catalogue.open(old).close()
    (kept,) = backups(old)
    with contextlib.closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1

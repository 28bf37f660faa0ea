from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from avistar import Classifier, UsageError
from avistar.media.camera import CameraShot
from avistar.media.live import Moment, Snapshots
from media_support import frame

NOW = datetime(2026, 5, 6, 7, 8, 9, 250_000, tzinfo=timezone(timedelta(hours=2)))


def moment(classifier: Classifier, seed: int, at: float, *, unknown: bool = False) -> Moment:
    shot = CameraShot(frame(seed), 1, at)
    answer = classifier.identify(shot.frame.pixels)
    policy = classifier.policy
    if unknown:
        from dataclasses import replace

        answer = answer.under(replace(policy, familiarity_floor=1e9))
    else:
        answer = answer.under(policy.limited([answer.candidates[0].species.id]))
    return Moment("live", "", shot, answer, answer)


def test_a_named_animal_is_kept_with_its_time(classifier: Classifier, tmp_path: Path) -> None:
    record = Snapshots(tmp_path / "new" / "folder").keep(moment(classifier, 1, 0.0), NOW)
    assert record is not None
    name = record.identification.decision.id
    assert record.medium.relative == f"2026-05-06_07-08-09-250_{name}.jpg"
    assert record.medium.capture.taken_at == NOW
    assert Path(record.medium.path).is_file()
    assert record.medium.width == 64


def test_the_same_animal_is_kept_again_only_after_a_while(classifier: Classifier, tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, apart_s=10.0)
    kept = [snapshots.keep(moment(classifier, 1, at), NOW) is not None for at in (0.0, 1.0, 9.9, 10.0, 11.0)]
    assert kept == [True, False, False, True, False]
    assert len(list(tmp_path.iterdir())) == 2  # at the same moment, under two names


def test_nothing_is_kept_of_the_unknown_and_of_no_frame(classifier: Classifier, tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    assert snapshots.keep(moment(classifier, 1, 0.0, unknown=True), NOW) is None
    assert snapshots.keep(Moment("lost", "gone"), NOW) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="file can't hold snapshots"):
        Snapshots(tmp_path / "file").keep(moment(classifier, 1, 0.0), NOW)

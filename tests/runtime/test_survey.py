from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import records_support
from avistar import Classifier, UsageError, survey
from avistar.catalogue import Catalogue, Changes, Query
from avistar.errors import CatalogueError
from avistar.options import MediaChoices
from avistar.pipeline import Pace
from avistar.scan import Scan
from avistar.survey import begin_run, decide_again, identify_pending, join_bursts, open_survey, retry_failures, take_in
from support import encoded, picture
from survey_support import WOLF, contents

PACE = Pace(batch=2, workers=2)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    (folder / "100").mkdir(parents=True)
    for seed in range(6):
        (folder / ("100" if seed % 2 else ".") / f"IMG_{seed}.jpg").write_bytes(encoded(picture(seed)))
    (folder / "broken.jpg").write_bytes(b"<html>")
    return folder


def run(path: Path, folder: Path, classifier: Classifier, *, stop_after: int | None = None) -> Changes:
    with open_survey(path, [str(folder)], classifier) as catalogue:
        changes = take_in(catalogue, Scan([str(folder)]))
        batches = identify_pending(catalogue, classifier, PACE)
        for done, _ in enumerate(batches, 1):
            if done == stop_after:
                break
        batches.close()
    return changes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "survey.avistar"


def names(catalogue: Catalogue, **question: Any) -> list[str]:
    return [record.medium.relative for record in catalogue.records(Query(**question))]


def test_a_folder_becomes_a_catalogue(path: Path, card: Path, classifier: Classifier) -> None:
    assert run(path, card, classifier) == Changes(new=7)
    with Catalogue.read(path) as catalogue:
        assert names(catalogue) == [
            "broken.jpg",
            *(f"IMG_{i}.jpg" for i in (0, 2, 4)),
            *(f"100/IMG_{i}.jpg" for i in (1, 3, 5)),
        ]
        assert names(catalogue, state=("failed",)) == ["broken.jpg"]
        for record in catalogue.records(Query(state=("answered",))):
            expected = classifier.identify(record.medium.path)
            assert record.identification is not None
            np.testing.assert_allclose(record.identification.probabilities, expected.probabilities, atol=1e-6)


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_run_that_was_stopped_goes_on_where_it_was(
    path: Path, card: Path, classifier: Classifier, stop_after: int, tmp_path: Path
) -> None:
    run(path, card, classifier, stop_after=stop_after)
    with Catalogue.read(path) as catalogue:
        counts = catalogue.counts()
    assert (counts.answered + counts.failed, counts.pending) == (2 * stop_after, 7 - 2 * stop_after)
    assert run(path, card, classifier) == Changes(known=7)
    run(tmp_path / "whole.avistar", card, classifier)
    with Catalogue.read(path) as stopped, Catalogue.read(tmp_path / "whole.avistar") as whole:
        assert names(stopped) == names(whole)
        assert stopped.counts() == whole.counts()


def test_a_finished_survey_has_nothing_to_do(path: Path, card: Path, classifier: Classifier) -> None:
    run(path, card, classifier)
    with open_survey(path, [str(card)], classifier) as catalogue:
        before = contents(catalogue)
        take_in(catalogue, Scan([str(card)]))
        assert list(identify_pending(catalogue, classifier)) == []
        assert contents(catalogue) == before


def test_failures_are_tried_again_when_asked(path: Path, card: Path, classifier: Classifier) -> None:
    run(path, card, classifier)
    with open_survey(path, [str(card)], classifier) as catalogue:
        assert retry_failures(catalogue) == 1
        (card / "broken.jpg").write_bytes(encoded(picture(9)))
        list(identify_pending(catalogue, classifier))
        assert catalogue.counts().failed == 0


def test_other_thresholds_or_lists_decide_what_is_stored_without_identifying_it_again(
    path: Path, card: Path, classifier: Classifier, tmp_path: Path
) -> None:
    run(path, card, classifier)
    with Catalogue.open(path) as catalogue:
        catalogue.review([2], WOLF)
    site = classifier.under(classifier.policy.limited(["wolf", "moose", "horse"]))
    with open_survey(path, [str(card)], site) as catalogue:
        assert catalogue.facts.only == ()
        assert begin_run(catalogue, site, {"zone": "UTC"}) == 6
        assert catalogue.facts.only == ("horse", "moose", "wolf")
        assert catalogue.facts.settings == {"zone": "UTC"}
        assert begin_run(catalogue, site) == 0
        assert catalogue.facts.settings == {"zone": "UTC"}
        assert decide_again(catalogue, site) == 0
        assert catalogue.counts().pending == 0
        stored = contents(catalogue)
        assert catalogue.records_of([2])[0].review == WOLF
    run(tmp_path / "fresh.avistar", card, site)
    with Catalogue.read(tmp_path / "fresh.avistar") as fresh:
        decisions = [record.identification.decision for record in fresh.records() if record.identification]
    with Catalogue.read(path) as catalogue:
        again = [record.identification.decision for record in catalogue.records() if record.identification]
        assert contents(catalogue) == stored
    assert [(one.kind, one.id) for one in again if one] == [(one.kind, one.id) for one in decisions if one]


def test_a_part_of_the_folder_says_nothing_of_the_rest(path: Path, card: Path, classifier: Classifier) -> None:
    run(path, card, classifier)
    shutil.rmtree(card / "100")
    (card / "100").mkdir()
    (card / "IMG_0.jpg").unlink()
    with open_survey(path, [str(card / "100")], classifier) as catalogue:
        assert take_in(catalogue, Scan([str(card / "100")])) == Changes(vanished=3)
        pattern = [str(card / "*.jpg")]
        assert take_in(catalogue, Scan(pattern)) == Changes(known=3)


def test_a_cancelled_scan_changes_nothing(path: Path, card: Path, classifier: Classifier) -> None:
    run(path, card, classifier)
    shutil.rmtree(card / "100")
    with open_survey(path, [str(card)], classifier) as catalogue:
        assert take_in(catalogue, Scan([str(card)], cancelled=lambda: True)) == Changes()
        assert catalogue.counts().vanished == 0


def test_what_lies_in_a_folder_that_cannot_be_read_has_not_vanished(
    path: Path, card: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(path, card, classifier)
    scandir = os.scandir

    def refusing(folder: str) -> object:
        if Path(folder).name == "100":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    with open_survey(path, [str(card)], classifier) as catalogue:
        monkeypatch.setattr(os, "scandir", refusing)
        assert take_in(catalogue, Scan([str(card)])) == Changes(known=4)


def test_a_catalogue_of_another_folder_is_refused(
    path: Path, card: Path, classifier: Classifier, tmp_path: Path
) -> None:
    run(path, card, classifier)
    (tmp_path / "other").mkdir()
    with pytest.raises(UsageError, match="lies elsewhere: name another catalogue, or say --moved"):
        open_survey(path, [str(tmp_path / "other")], classifier)
    with pytest.raises(UsageError, match="there is no such file or folder"):
        open_survey(path, [str(tmp_path / "nowhere")], classifier)


def test_a_folder_that_was_moved_is_followed_when_asked(
    path: Path, card: Path, classifier: Classifier, tmp_path: Path
) -> None:
    run(path, card, classifier)
    with Catalogue.open(path) as catalogue:
        catalogue.review([1], WOLF)
    there = card.rename(tmp_path / "drive")
    with open_survey(path, [str(there)], classifier, moved=True) as catalogue:
        assert take_in(catalogue, Scan([str(there)])) == Changes(known=7)
        [record] = catalogue.records_of([1])
        assert (record.review, Path(record.medium.path).parent) == (WOLF, there)


def test_files_of_several_folders_share_what_they_have_in_common(
    path: Path, card: Path, classifier: Classifier
) -> None:
    some = [str(card / "100" / "IMG_1.jpg"), str(card / "IMG_0.jpg")]
    with open_survey(path, some, classifier) as catalogue:
        assert catalogue.facts.folder == str(card)
        assert take_in(catalogue, Scan(some)) == Changes(new=2)
        assert names(catalogue) == ["100/IMG_1.jpg", "IMG_0.jpg"]


@pytest.mark.skipif(os.name == "nt", reason="names of any bytes need another system")
def test_names_that_are_no_text_are_identified_and_known_again(path: Path, card: Path, classifier: Classifier) -> None:
    (card / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(encoded(picture(8)))
    run(path, card, classifier)
    assert run(path, card, classifier) == Changes(known=8)
    with Catalogue.read(path) as catalogue:
        assert catalogue.counts().answered == 7


def test_the_file_in_the_catalogue_is_the_one_that_was_read(path: Path, card: Path, classifier: Classifier) -> None:
    """A photo replaced between the scan and its turn is stored as what was identified."""
    with open_survey(path, [str(card)], classifier) as catalogue:
        take_in(catalogue, Scan([str(card)]))
        (card / "IMG_0.jpg").write_bytes(encoded(picture(50)))
        list(identify_pending(catalogue, classifier, PACE))
        assert take_in(catalogue, Scan([str(card)])) == Changes(known=7)


@pytest.mark.skipif(os.name == "nt", reason="limits of file sizes need another system")
def test_a_full_disk_ends_the_run_and_nothing_unstored_counts_as_done(
    path: Path, card: Path, classifier: Classifier, tmp_path: Path
) -> None:
    for seed in range(60):
        (card / f"more_{seed}.jpg").write_bytes(encoded(picture(seed)))
    words = ["identify", str(card), "--catalogue", str(path), "--model", str(classifier.bundle.folder), "-q"]
    code = f"""
import resource, signal, sys
from avistar.cli.main import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(main({words!r}))
"""
    for limit in (20_000, 140_000, 160_000):
        process = subprocess.run([sys.executable, "-c", code, str(limit)], capture_output=True, text=True, check=False)
        assert process.returncode == 1
        assert f"avistar: {path}: " in process.stderr
        assert "nothing that was stored is lost" in process.stderr
    run(path, card, classifier)
    run(tmp_path / "whole.avistar", card, classifier)
    with Catalogue.read(path) as catalogue, Catalogue.read(tmp_path / "whole.avistar") as whole:
        assert catalogue.counts() == whole.counts()
        assert catalogue.counts().pending == 0
        assert names(catalogue) == names(whole)


def test_a_disk_that_fills_up_is_explained(path: Path, card: Path, classifier: Classifier) -> None:
    run(path, card, classifier)
    with Catalogue.open(path) as catalogue:
        pages = catalogue._store.rows("PRAGMA page_count")[0][0]
        catalogue._store.rows(f"PRAGMA max_page_count = {pages}")  # what SQLite reports as a full disk
        records = [
            replace(record, medium=replace(record.medium, relative=f"{i}.jpg"))
            for i in range(500)
            for record in catalogue.records_of([1])
        ]
        model = catalogue.models()[0][0]
        with pytest.raises(CatalogueError, match="the disk is full: free some space"):
            catalogue.write(records, model)
        assert catalogue.counts().total == 7


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(closed_folder: Path, card: Path, classifier: Classifier) -> None:
    with pytest.raises(CatalogueError, match="can't be opened or made here"):
        open_survey(closed_folder / "s.avistar", [str(card)], classifier)


@pytest.fixture
def joined(path: Path, tmp_path: Path, classifier: Classifier) -> Iterator[Catalogue]:
    """Five photos of one camera, a second apart, the last two after a pause; joined where two seconds lie between."""
    folder = tmp_path / "trap"
    folder.mkdir()
    for i, second in enumerate((0, 1, 2, 30, 31)):
        exif = Image.Exif()
        exif[0x8769] = {0x9003: f"2024:07:06 07:08:{second:02}"}
        (folder / f"IMG_{i}.jpg").write_bytes(encoded(picture(i), exif=exif))
    with open_survey(path, [str(folder)], classifier) as catalogue:
        take_in(catalogue, Scan([str(folder)]))
        for _ in identify_pending(catalogue, classifier, PACE):
            pass
        assert join_bursts(catalogue, classifier, timedelta(seconds=2)) == 2
        yield catalogue


def sequences(catalogue: Catalogue) -> list[str]:
    return [row.sequence for row in catalogue.rows(catalogue.ids())]


def test_bursts_follow_the_gap_and_are_parted_without_one(joined: Catalogue, classifier: Classifier) -> None:
    assert sequences(joined) == ["IMG_0.jpg"] * 3 + ["IMG_3.jpg"] * 2
    assert join_bursts(joined, classifier, timedelta(seconds=60)) == 1
    assert sequences(joined) == ["IMG_0.jpg"] * 5
    assert join_bursts(joined, classifier, None) == 0
    assert sequences(joined) == [""] * 5
    assert all(record.together is None and len(record.observations) == 1 for record in joined.records())


def test_a_burst_that_stayed_as_it_was_is_not_written_again(
    joined: Catalogue, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "write_sequence", lambda *_: pytest.fail("nothing changed"))
    assert join_bursts(joined, classifier, timedelta(seconds=2)) == 2


def test_a_photo_of_a_burst_that_is_identified_again_joins_it_again(joined: Catalogue, classifier: Classifier) -> None:
    joined.forget_answers([2])
    for _ in identify_pending(joined, classifier, PACE):
        pass
    assert sequences(joined)[:3] == ["IMG_0.jpg", "", "IMG_0.jpg"]
    join_bursts(joined, classifier, timedelta(seconds=2))
    assert sequences(joined)[:3] == ["IMG_0.jpg"] * 3


def test_joining_ends_when_it_is_cancelled_and_changes_nothing(joined: Catalogue, classifier: Classifier) -> None:
    assert join_bursts(joined, classifier, None, cancelled=lambda: True) == 0
    assert sequences(joined)[0] == "IMG_0.jpg"


def test_a_few_photos_can_be_identified_first(path: Path, card: Path, classifier: Classifier) -> None:
    with open_survey(path, [str(card)], classifier) as catalogue:
        take_in(catalogue, Scan([str(card)]))
        batches = identify_pending(catalogue, classifier, PACE, sample=3)
        assert sum(len(records) for records in batches) == 3
        assert catalogue.counts().pending == 4


def test_what_was_chosen_is_read_back_from_what_a_survey_remembers(tmp_path: Path) -> None:
    chosen = MediaChoices(burst_gap=2.5, timezone="+02:00", frames_per_second=0.5, videos=False)
    assert MediaChoices.of(chosen.settings(chosen.opening(tmp_path))) == chosen
    assert MediaChoices.of({"burst_gap_s": "soon", "frames_per_second": ""}) == MediaChoices()


def test_answers_of_a_burst_that_surely_differ_are_not_averaged() -> None:
    sure = [records_support.answer(id, confidence) for id, confidence in (("moose", 0.95), ("raccoon", 0.97))]
    unsure = records_support.answer("wolf", 0.6)
    assert survey._alike([*sure, unsure, sure[0]]) == [[0, 3], [1], [2]]
    assert survey._alike([sure[0], unsure, sure[0]]) == [[0, 1, 2]]

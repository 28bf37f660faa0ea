"""`kill -9` at random moments: what is there afterwards, and after the same command again."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from avistar import Classifier
from avistar.catalogue import Catalogue, Counts
from support import encoded, picture
from survey_support import WOLF

ROUNDS = int(os.environ.get("AVISTAR_KILLS", "6"))
"""50 in the measured figure: AVISTAR_KILLS=50 pytest tests/runtime/test_killed.py"""

PHOTOS = 600


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    some = [encoded(picture(seed)) for seed in range(20)]
    for i in range(PHOTOS):
        # Something of its own in each file, behind the picture, as cameras leave it.
        (folder / f"IMG_{i}.jpg").write_bytes(some[i % 20] + f"photo {i}".encode() if i % 50 else b"broken")
    return folder


def command(card: Path, catalogue: Path, bundle: Path) -> list[str]:
    words = [str(card), "--catalogue", str(catalogue), "--model", str(bundle), "--device", "cpu", "--batch", "4", "-q"]
    code = "import sys; from avistar.cli.main import main; sys.exit(main(['identify', *sys.argv[1:]]))"
    return [sys.executable, "-c", code, *words]


def stored(path: Path) -> Counts:
    """What a killed run left; a catalogue that was only begun holds nothing."""
    connection = sqlite3.connect(path)
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] if path.exists() else 0
    if tables:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    if not tables:
        return Counts()
    with Catalogue.read(path) as catalogue:
        return catalogue.counts()


def rounded(path: Path) -> list[Any]:
    """Everything but times, with probabilities to four digits: batches of other sizes differ behind that."""
    with Catalogue.read(path) as catalogue:
        return [
            (
                record.medium,
                [(one.region, one.identification.probabilities.round(4).tolist()) for one in record.observations],
                record.identification.decision.id if record.identification and record.identification.decision else None,
                record.failure,
                record.present,
            )
            for record in catalogue.records()
        ]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills otherwise")
def test_after_any_kill_the_same_command_ends_where_an_uninterrupted_run_does(
    card: Path, tmp_path: Path, classifier: Classifier
) -> None:
    whole = tmp_path / "whole.avistar"
    begun = time.monotonic()
    subprocess.run(command(card, whole, classifier.bundle.folder), stdout=subprocess.DEVNULL, check=False)
    duration_s = time.monotonic() - begun
    chance = random.Random(2026)
    expected, kills, interrupted, attempt = rounded(whole), 0, 0, 0
    while kills < ROUNDS:
        attempt += 1
        path = tmp_path / f"killed_{attempt}.avistar"
        before, reviewed, ended = Counts(), False, None
        while ended is None and kills < ROUNDS:
            process = subprocess.Popen(command(card, path, classifier.bundle.folder), stdout=subprocess.DEVNULL)
            try:
                ended = process.wait(chance.uniform(0.1, 1.0) * duration_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
            after = stored(path)
            interrupted += ended is None and 0 < after.answered < expected_answers(expected)
            assert after.answered + after.failed >= before.answered + before.failed
            assert after.reviewed == int(reviewed)
            before = after
            if after.answered and not reviewed:
                with Catalogue.open(path) as catalogue:
                    catalogue.review([2], WOLF)
                reviewed = True
        subprocess.run(command(card, path, classifier.bundle.folder), stdout=subprocess.DEVNULL, check=False)
        assert rounded(path) == expected
        assert stored(path).reviewed == int(reviewed)
    print(f"{kills} kills in {attempt} surveys, {interrupted} of them between the first and the last answer")


def expected_answers(records: list[Any]) -> int:
    return sum(1 for record in records if record[3] is None)

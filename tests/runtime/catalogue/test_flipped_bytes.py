"""A catalogue in which bits flipped: right figures or a clear sentence, from reading it and from repairing it."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from avistar import Classifier
from avistar.catalogue import Catalogue, Counts
from avistar.catalogue.repair import repair
from avistar.cli.main import main
from avistar.errors import CatalogueError
from support import encoded, picture

FLIPS = int(os.environ.get("AVISTAR_FLIPS", "60"))
"""200 in the measured figure: AVISTAR_FLIPS=200"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, classifier: Classifier) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "card").mkdir()
    for seed in range(24):
        (folder / "card" / f"{seed}.jpg").write_bytes(encoded(picture(seed)))
    words = ["--model", str(classifier.bundle.folder), "--device", "cpu", "-q"]
    assert main(["identify", str(folder / "card"), "--catalogue", str(folder / "s.avistar"), *words]) == 0
    return folder / "s.avistar"


def contents(path: Path) -> tuple[Counts, list[Any]]:
    with Catalogue.read(path) as catalogue:
        records = list(catalogue.records())
        assert len(catalogue.rows(catalogue.ids())) == len(records)
        answers = [one.identification.decision for one in records if one.identification is not None]
        return catalogue.counts(), [one.id if one else None for one in answers]


def test_a_flipped_bit_never_gives_wrong_counts_silently(whole: Path, tmp_path: Path) -> None:
    data, chance = whole.read_bytes(), random.Random(2026)
    expected, said, mended = contents(whole), [], 0
    for number in range(FLIPS):
        broken = bytearray(data)
        broken[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path, target = tmp_path / f"{number}.avistar", tmp_path / f"{number}.mended.avistar"
        path.write_bytes(broken)
        try:
            assert contents(path)[0] == expected[0]
        except CatalogueError as error:
            said.append(str(error))
        try:
            done = repair(path, target)
            mended += 1
            counts, _ = contents(target)
            assert done.lost or counts == expected[0]
        except CatalogueError:
            assert not target.exists() or said
    assert all(str(tmp_path) in sentence for sentence in said)
    print(f"{FLIPS} flips: {len(said)} said, {mended} rebuilt")

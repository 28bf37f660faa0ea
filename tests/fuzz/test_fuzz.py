"""A few seconds of fuzzing for each reader; people run it for hours (docs/fuzzing.md)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avistar

PLACE = Path(__file__).parent / "targets.py"
SECONDS = 3

_spec = importlib.util.spec_from_file_location("fuzz_targets", PLACE)
assert _spec is not None
assert _spec.loader is not None
targets = importlib.util.module_from_spec(_spec)
sys.modules["fuzz_targets"] = targets
_spec.loader.exec_module(targets)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_every_seed_is_read_or_refused(name: str) -> None:
    target = targets.TARGETS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in target.seeds():
            target.run(seed)
            target.run(seed[: len(seed) // 2])


@pytest.mark.parametrize("name", targets.TARGETS)
def test_altered_seeds_are_read_or_refused(name: str) -> None:
    target = targets.TARGETS[name]
    seeds = target.seeds()

    @settings(max_examples=60)
    @given(
        seed=st.sampled_from(range(len(seeds))),
        edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=4),
    )
    def altered(seed: int, edits: list[tuple[float, bytes]]) -> None:
        data = bytearray(seeds[seed])
        for place, piece in edits:
            start = int(place * len(data))
            data[start : start + len(piece)] = piece
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.run(bytes(data))

    altered()


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="Atheris has no wheel for this Python")
@pytest.mark.parametrize("name", targets.TARGETS)
def test_a_coverage_guided_fuzzer_finds_nothing_in_seconds(name: str, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])}
    command = [sys.executable, str(PLACE), name, "--seconds", str(SECONDS), "--crashes", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert list(tmp_path.iterdir()) == []

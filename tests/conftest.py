"""What every test folder shares: a tiny real bundle, and no deadlines on a busy machine."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from avistar import Classifier, ModelBundle
from support import tiny_bundle

# A shell's background jobs ignore Ctrl-C, and so would every program that a test starts and stops by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_TESTS = itertools.count()

settings.register_profile("avistar", deadline=None, max_examples=50)
settings.load_profile("avistar")


@pytest.fixture(autouse=True)
def own_key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation of the tests' own: none makes a key for the person who runs them, nor uses theirs."""
    key = tmp_path_factory.getbasetemp() / "installation" / "engine.key"
    monkeypatch.setattr("avistar.installation.key_file", lambda: key)


@pytest.fixture(autouse=True)
def own_measurements(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured of models belongs to the test, not to the person who runs it."""
    file = tmp_path_factory.getbasetemp() / "measured" / f"{next(_TESTS)}.json"
    monkeypatch.setattr("avistar.evaluation.measured_here.measurements_file", lambda: file)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """A tiny real bundle; not to be altered: make your own with `tiny_bundle` for that."""
    return tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture
def bundle(tmp_path: Path) -> ModelBundle:
    """A tiny real bundle of the test's own, in `tmp_path / "bundle"`."""
    return tiny_bundle(tmp_path / "bundle")


@pytest.fixture(scope="session")
def classifier(tiny: ModelBundle) -> Iterator[Classifier]:
    """The tiny bundle on the CPU."""
    with Classifier.open(tiny.folder, "cpu", threads=1) as opened:
        yield opened

"""A tiny bundle that carries embeddings, and photos of animals that it knows and doesn't know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adaptation_support import write_base
from avistar import ModelBundle
from avistar.adaptation import cross_validation
from avistar.adaptation.embedding_store import STORE_FILE
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.bundle import commit, draft


@pytest.fixture(autouse=True)
def _few_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve mean colours can't tell photos apart as finely as a real network's features do."""
    monkeypatch.setattr(cross_validation, "ALIKE", 0.99999)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """A bundle that tells wolf, otter and moose apart, with the embeddings of photos that it was made from."""
    return write_base(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def without_embeddings(base: ModelBundle, tmp_path: Path) -> ModelBundle:
    """The same bundle as somebody made it who kept no embeddings."""
    with draft(tmp_path / "bare", base) as temporary:
        (temporary / STORE_FILE).unlink()
        return commit(temporary, replace(base.manifest, files={}), tmp_path / "bare")


@pytest.fixture
def keeping(tmp_path: Path) -> Callable[[], KeptEmbeddings]:
    """Opens a place for embeddings of the test's own."""
    return lambda: KeptEmbeddings(tmp_path / "kept.sqlite")

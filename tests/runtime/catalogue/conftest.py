from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from avistar import Classifier
from avistar.catalogue import Catalogue, Model
from survey_support import facts


@pytest.fixture(scope="session")
def model(classifier: Classifier) -> Model:
    return Model.of(classifier)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    return folder


@pytest.fixture
def catalogue(tmp_path: Path, card: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "survey.avistar", new=facts(card)) as opened:
        yield opened

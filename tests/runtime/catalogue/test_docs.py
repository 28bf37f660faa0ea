"""What docs/catalogue.md tells other programs is true."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from avistar.catalogue import Catalogue, Model, schema
from survey_support import WOLF, answered

TEXT = (Path(__file__).parents[3] / "docs" / "catalogue.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def filled(catalogue: Catalogue, model: Model, card: Path) -> Catalogue:
    catalogue.write([answered(card, f"{i}.jpg", model, i, sure=9) for i in range(5)], model)
    catalogue.review([1], WOLF)
    return catalogue


def test_every_sql_example_runs_beside_the_writer(filled: Catalogue) -> None:
    connection = sqlite3.connect(f"{filled.path.as_uri()}?mode=ro", uri=True)
    statements = [one for block in blocks("sql") for one in block.split(";") if one.strip()]
    assert len(statements) == 4
    answers = [connection.execute(one).fetchall() for one in statements]
    connection.close()
    assert sum(number for _, number in answers[0]) == 5
    assert len(answers[1]) == 5
    assert answers[2][0][1] == "wolf"
    assert answers[3][0][-1] == 5


def test_the_python_examples_run(filled: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(filled.path.parent)
    observing, searching, reading = blocks("python")
    for example in (reading, searching):
        exec(example, {"print": lambda *_: None})
    filled.close()
    exec(observing, {})


def test_probabilities_read_as_described(filled: Catalogue, model: Model) -> None:
    connection = sqlite3.connect(filled.path)
    blob = connection.execute("SELECT probabilities FROM observation WHERE medium = 1").fetchone()[0]
    connection.close()
    [record] = filled.records_of([1])
    assert record.identification is not None
    np.testing.assert_array_equal(np.frombuffer(blob, "<f4"), record.identification.probabilities)


def test_every_table_is_described(filled: Catalogue) -> None:
    connection = sqlite3.connect(filled.path)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    names = {row[0] for row in tables}
    connection.close()
    assert all(f"`{name}`" in TEXT for name in names)
    assert f"0x{schema.APPLICATION_ID:X}" in TEXT

"""The figures of camera-trap frames: what was right, named, and named though it is no species."""

from __future__ import annotations

import numpy as np
import pytest

from avistar.adaptation.lesson import Answers
from avistar.manifest import Artifact, Calibration, DecisionRule
from avistar_train.field import FieldAnswers, field_figures
from avistar_train.field_tables import field_table, species_table

NAMES = ("wolf", "otter")
FLOOR = 0.0


@pytest.fixture
def answers() -> FieldAnswers:
    """Two wolves by day, an otter by infrared light, a fox and a blank; the boxes see the otter, and name the fox."""
    truth = np.array([0, 0, 1, -1, -1])
    whole = np.array([[4, 0], [0, 1], [1, 0], [0, 0.2], [0, 0]], np.float32)
    box = np.array([[4, 0], [0, 1], [0, 4], [5, 0], [0, 0]], np.float32)
    seen = np.array([1, 1, 1, -1, -1], np.float32)
    close = np.array([1, 1, 1, 3, -1], np.float32)
    return FieldAnswers(
        ("wolf", "wolf", "otter", "other", "blank"),
        ("day", "day", "infrared", "day", "dark"),
        np.array([True, True, True, True, False]),
        Answers(whole, seen, truth),
        Answers(box, close, truth),
    )


def figures(answers: FieldAnswers) -> dict:
    """Of an artifact without a temperature, species named from 80 % on."""
    artifact = Artifact("onnx", "int8", "model.onnx", Calibration(1.0, FLOOR))
    return field_figures(answers, NAMES, artifact, DecisionRule(species_confidence=0.8))


def test_right_answers_are_counted_by_light_and_look(answers: FieldAnswers) -> None:
    found = figures(answers)
    assert (found["frames"], found["boxed"], found["lights"]) == (3, 3, {"day": 2, "infrared": 1, "dark": 0})
    assert [found["looks"][look]["right"] for look in ("whole", "crop", "both")] == [1, 2, 2]
    assert [found["looks"][look]["infrared"] for look in ("whole", "crop", "both")] == [0, 1, 1]
    assert found["species"] == {"wolf": [1, 2], "otter": [1, 1]}


def test_named_needs_confidence_and_familiarity(answers: FieldAnswers) -> None:
    looks = figures(answers)["looks"]
    assert [looks[look]["named"] for look in ("whole", "crop", "both")] == [1, 2, 2]
    assert [looks[look]["named_right"] for look in ("whole", "crop", "both")] == [1, 2, 2]
    assert [looks[look]["strange_named"]["other"] for look in ("whole", "crop", "both")] == [0, 1, 1]
    assert looks["crop"]["strange_named"]["blank"] == 0


def test_the_table_gives_counts_and_intervals(answers: FieldAnswers) -> None:
    head, _, whole, *_ = field_table(figures(answers))
    assert head.startswith("| look | right (of 3) | day (2) | infrared (1) | dark (0) | named | of these right |")
    assert "| 1 of 3, 33% (6%–79%) | 1 of 2, 50% (9%–91%) | 0 of 1, 0% (0%–79%) | – |" in whole
    assert species_table(figures(answers))[2:] == [
        "| wolf | 1 of 2, 50% (9%–91%) |",
        "| otter | 1 of 1, 100% (21%–100%) |",
    ]

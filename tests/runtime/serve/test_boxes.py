from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from avistar import AsyncClassifier, Classifier, ModelBundle
from avistar.detector import Detector
from avistar.serve.app import make_app
from avistar.serve.cli import access_for
from detector_support import detector_of
from support import encoded, picture


def ask(tiny: ModelBundle, detector: Detector | None, data: bytes) -> dict[str, object]:
    classifier = AsyncClassifier(Classifier.open(tiny.folder, "cpu", threads=1))
    app = make_app(classifier, access_for("127.0.0.1", None), detector=detector)
    with TestClient(app, base_url="http://127.0.0.1:8765") as client:
        response = client.post("/v1/identify", content=data)
    assert response.status_code == 200, response.text
    [answer] = response.json()["answers"]
    return answer


def test_answers_carry_the_boxes_that_were_found(tiny: ModelBundle, tmp_path: Path) -> None:
    detector = detector_of([(0.0, 0.0, 0.5, 0.375, 0.9), (0.6, 0.4, 0.9, 0.7, 0.6)])
    answer = ask(tiny, detector, encoded(picture(1)))
    first, second = answer["boxes"]
    assert first["category"] == "animal"
    assert (first["left"], first["top"], first["width"], first["height"]) == pytest.approx((0, 0, 0.5, 0.5))
    assert second["confidence"] == pytest.approx(0.6)
    assert answer["decision"] is not None


def test_a_person_alone_is_a_box_and_no_species(tiny: ModelBundle) -> None:
    answer = ask(tiny, detector_of([(0, 0, 0.5, 0.5, 0.1, 0.9)], "animal", "person"), encoded(picture(1)))
    assert [one["category"] for one in answer["boxes"]] == ["person"]
    assert (answer["decision"], answer["failure"], answer["text"]) == (None, None, "no animal")


def test_a_picture_that_can_not_be_read_has_its_failure(tiny: ModelBundle) -> None:
    answer = ask(tiny, detector_of([(0, 0, 0.5, 0.5, 0.9)]), b"no picture")
    assert answer["failure"]["fault"] == "not_an_image"
    assert answer["boxes"] == []


def test_without_a_detector_there_are_no_boxes(tiny: ModelBundle) -> None:
    grey = Image.fromarray(np.full((40, 40, 3), 90, np.uint8))
    assert ask(tiny, None, encoded(grey))["boxes"] == []

"""The bundle that ships: intact, right on what it should know, honest on what it shouldn't."""

import json
from pathlib import Path

import numpy as np
import pytest

from avistar import Classifier, ModelBundle
from avistar.bundle import default_bundle

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT.parent / "shared" / "species"


@pytest.fixture(scope="module")
def classifier():
    with Classifier.open(device="cpu") as opened:
        yield opened


def test_every_file_of_it_is_intact():
    assert ModelBundle.open(default_bundle()).damaged_files() == []


def test_it_is_light_enough_to_ship():
    bundle = ModelBundle.open(default_bundle())
    assert sum(record.bytes for record in bundle.manifest.files.values()) < 85_000_000


def test_every_artifact_was_admitted_by_a_passed_parity_report():
    bundle = ModelBundle.open(default_bundle())
    assert bundle.manifest.artifacts
    for artifact in bundle.manifest.artifacts:
        assert artifact.parity is not None
        assert json.loads(bundle.checked(artifact.parity))["passed"] is True


def test_it_knows_the_raccoon_by_its_face(classifier):
    (evidence,) = classifier.evidence(ROOT / "samples" / "raccoon.jpg")
    heat = evidence.over(1024, 768)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert evidence.clear
    assert evidence.elsewhere - evidence.without > 0.2
    assert 0.5 < column / 1024 < 0.75
    assert 0.25 < row / 768 < 0.65


def test_it_recognises_a_raccoon(classifier):
    answer = classifier.identify(ROOT / "samples" / "raccoon.jpg")
    assert answer.decision.kind == "species"
    assert answer.decision.id == "raccoon"


@pytest.mark.parametrize("name", ["coffee.jpg", "rocket.jpg"])
def test_a_picture_without_an_animal_is_unknown(classifier, name):
    assert classifier.identify(ROOT / "samples" / name).decision.kind == "unknown"


def test_a_common_cat_is_not_called_one_of_the_two_breeds(classifier):
    assert classifier.identify(ROOT / "samples" / "cat.jpg").decision.kind != "species"


def test_the_card_speaks_of_every_species(classifier):
    card = classifier.bundle.checked("README.md").decode()
    assert all(f"| {species.id} |" in card for species in classifier.species)


@pytest.mark.photos
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the training photos aren't beside the repository")
def test_the_published_figures_are_what_it_does_from_files(classifier):
    rows = json.loads(classifier.bundle.checked("analysis/split.json"))["test"]
    answers = classifier.identify_many([PHOTOS / row["file"] for row in rows])
    right = np.mean([a.candidates[0].species.id == row["species"] for a, row in zip(answers, rows, strict=True)])
    published = classifier.bundle.artifact("onnx", classifier.provenance.precision).accuracy
    assert len(rows) == published["photos"]
    # Other processors round int8 differently: two photos of 524 may fall on the other side.
    assert right == pytest.approx(published["top1"], abs=2.5 / len(rows))

"""Bundles are published complete or not at all; the analysis of a bundle is renewed from its photos."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from avistar import BundleError, Classifier, ModelBundle, UsageError
from avistar.bundle import commit, draft
from avistar.dataset import read_data
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import read_analysis
from avistar.manifest import Artifact
from avistar.species_file import paper_species
from avistar.split import encode_split
from avistar_train.publish import finished, learning_curves, publish, shortcomings
from avistar_train.reevaluate import rejudge
from avistar_train.split import divide
from support import encoded, picture, tiny_bundle

SPECIES = ("wolf", "seal", "ox")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for n, name in enumerate(SPECIES):
        (folder / name).mkdir()
        for i in range(20):
            (folder / name / f"{i}.png").write_bytes(encoded(picture(100 * n + i), "PNG"))
    return folder


def silent(*_):
    pass


def judged_bundle(folder, photos):
    """The tiny bundle with a split, a parity report and an analysis, as training and export leave it."""
    bundle = tiny_bundle(folder)
    divided = divide(read_data(photos, paper_species()).photos, 1)
    artifact = bundle.manifest.artifacts[0]
    admitted = Artifact("onnx", "fp32", artifact.file, artifact.calibration, parity="parity/onnx-fp32.json")
    with draft(folder, bundle) as temporary:
        sha256 = bundle.manifest.files[artifact.file].sha256
        report = json.dumps({"passed": True, "artifact_sha256": sha256}).encode()
        for name, content in (("analysis/split.json", encode_split(divided)), (admitted.parity, report)):
            (temporary / name).parent.mkdir(exist_ok=True)
            (temporary / name).write_bytes(content)
        commit(temporary, replace(bundle.manifest, artifacts=(admitted,)), folder)
    return rejudge(folder, photos, progress=silent)


@pytest.fixture(scope="module")
def judged(photos, tmp_path_factory):
    return judged_bundle(tmp_path_factory.mktemp("judged") / "bundle", photos)


@pytest.fixture
def mine(judged, tmp_path):
    """A copy of the judged bundle, to be altered."""
    shutil.copytree(judged.folder, tmp_path / "mine")
    return ModelBundle.open(tmp_path / "mine")


def altered(bundle, changes):
    """`bundle` with files written anew (None removes one), its manifest true again."""
    with draft(bundle.folder, bundle) as folder:
        for name, content in changes.items():
            (folder / name).unlink(missing_ok=True)
            if content is not None:
                (folder / name).write_bytes(content)
        return commit(folder, bundle.manifest, bundle.folder)


def test_an_analysis_says_what_the_classifier_answers_to_each_test_photo(judged, photos):
    analysis = read_analysis(judged)
    with Classifier.open(judged.folder, "cpu", threads=1) as classifier:
        answers = classifier.identify_many([photos / file for file in analysis.files])
    np.testing.assert_allclose(analysis.probabilities, [a.probabilities for a in answers], atol=1e-6)
    np.testing.assert_allclose(analysis.familiarity, [a.familiarity for a in answers], rtol=1e-5)
    assert [analysis.species[i] for i in analysis.truth] == [file.split("/")[0] for file in analysis.files]
    assert analysis.judged.sha256 == judged.manifest.files["model.onnx"].sha256
    assert analysis.map.shape == (9, 2)


def test_the_test_photos_of_the_split_judge_and_no_others(judged):
    split = json.loads(judged.checked("analysis/split.json"))
    assert set(read_analysis(judged).files) == {row["file"] for row in split["test"]}


def test_judging_again_gives_the_same_bytes(judged, photos, mine):
    again = rejudge(mine.folder, photos, progress=silent)
    for name in ("analysis/evaluation.json", "analysis/photos.json", "README.md"):
        assert again.checked(name) == judged.checked(name)
    before, after = read_analysis(judged), read_analysis(again)
    np.testing.assert_array_equal(before.logits, after.logits)
    np.testing.assert_allclose(before.map, after.map, rtol=1e-4)


def test_a_photo_of_the_split_that_is_gone_is_named(mine, photos, tmp_path):
    shutil.copytree(photos, tmp_path / "fewer")
    (tmp_path / "fewer" / read_analysis(mine).files[0]).unlink()
    with pytest.raises(UsageError, match="the bundle's split lists it"):
        rejudge(mine.folder, tmp_path / "fewer", progress=silent)
    assert mine.damaged_files() == []


def test_a_finished_run_is_published_under_its_new_name(judged, tmp_path):
    (tmp_path / "run").mkdir()
    shutil.copytree(judged.folder, tmp_path / "run" / "bundle")
    published = publish(tmp_path / "run", tmp_path / "models" / "field")
    assert published.manifest.name == "field"
    assert published.damaged_files() == []
    assert published.checked("README.md").decode().startswith("# field:")
    assert shortcomings(published) == []


@pytest.mark.parametrize(
    ("report", "fault"),
    [
        ({"passed": True, "artifact_sha256": "0" * 64}, "parity/onnx-fp32.json judged another file than model.onnx"),
        ({"passed": True}, "parity/onnx-fp32.json doesn't say which file it judged: export model.onnx again"),
        ({"passed": False}, "model.onnx has no passed parity report"),
    ],
)
def test_a_parity_report_of_another_file_proves_nothing(mine, tmp_path, report, fault):
    altered(mine, {"parity/onnx-fp32.json": json.dumps(report).encode()})
    with pytest.raises(UsageError, match=fault):
        publish(mine.folder, tmp_path / "published")
    assert not (tmp_path / "published").exists()


def test_a_run_without_a_result_says_how_to_go_on(tmp_path):
    with pytest.raises(UsageError, match="avistar train fit"):
        finished(tmp_path)
    with pytest.raises(UsageError, match="is no folder"):
        finished(tmp_path / "none")
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(UsageError, match="damaged"):
        finished(tmp_path)


def flipped(judged):
    report = json.loads(judged.checked("analysis/evaluation.json"))
    report["confusion"][0][0] += 1
    return json.dumps(report).encode()


def other_split(judged):
    split = json.loads(judged.checked("analysis/split.json"))
    split["test"], split["validation"] = split["validation"], split["test"]
    return json.dumps(split).encode()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("analysis/split.json", lambda _: None, "split.json is missing"),
        ("README.md", lambda _: None, "README.md is missing"),
        ("analysis/photos.npz", lambda _: None, "no analysis"),
        ("analysis/photos.npz", lambda _: b"no array", "can't be read"),
        ("parity/onnx-fp32.json", lambda _: None, "no passed parity report"),
        ("parity/onnx-fp32.json", lambda _: b'{"passed": false}', "no passed parity report"),
        ("parity/onnx-fp32.json", lambda _: b"...", "no passed parity report"),
        ("wolf.jpg", lambda _: b"\xff\xd8", "looks like a photo"),
        ("analysis/evaluation.json", flipped, "isn't that of its answers"),
        ("analysis/split.json", other_split, "judged on other photos"),
    ],
)
def test_an_incomplete_or_contradicting_bundle_is_not_published(judged, mine, tmp_path, name, content, message):
    altered(mine, {name: content(judged)})
    with pytest.raises(UsageError, match=message):
        publish(mine.folder, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_damaged_file_is_not_published(mine, tmp_path):
    (mine.folder / "model.onnx").write_bytes(b"")
    with pytest.raises(UsageError, match="SHA-256 differs"):
        publish(mine.folder, tmp_path / "target")


def test_learning_curves_are_the_epochs_of_the_runs_log(tmp_path):
    assert learning_curves(tmp_path) == ()
    rows = [{"blend": 0.5, "top1": 1.0}, {"stage": "head", "epoch": 2, "loss": 0.5, "val_loss": 1}]
    (tmp_path / "history.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    (curve,) = learning_curves(tmp_path)
    assert (curve.stage, curve.epoch, curve.figures) == ("head", 2, {"loss": 0.5, "val_loss": 1.0})


def test_the_model_card_tells_of_each_species_and_of_the_worst_pairs(judged):
    card = judged.checked("README.md").decode()
    report = read_analysis(judged).report
    assert report == evaluate(read_analysis(judged).logits, read_analysis(judged).truth, read_analysis(judged).species)
    for score in report.species:
        assert f"| {score.id} |" in card
    assert "As `onnx fp32` answers" in card
    assert "| onnx fp32 | `model.onnx` |" in card


def test_a_bundle_without_onnx_artifacts_cannot_be_judged_without_its_training_library(mine, photos):
    with draft(mine.folder, mine) as folder:
        commit(folder, replace(mine.manifest, artifacts=()), mine.folder)
    with pytest.raises(BundleError, match="avistar export onnx"):
        rejudge(mine.folder, photos, progress=silent)

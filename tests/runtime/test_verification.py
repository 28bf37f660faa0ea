from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from avistar import BundleError, Classifier, FunctionBackend, ModelBundle, Outputs, UsageError
from avistar.bundle import commit, draft
from avistar.images.decode import prepare
from avistar.manifest import Calibration
from avistar.verification import FILE
from support import encoded, picture


def with_golden(bundle: ModelBundle, *, pixels: int = 0, reverse: bool = False) -> ModelBundle:
    """`bundle` with two golden pictures, whose expectations are shifted or turned around."""
    pictures = {f"{seed}.png": encoded(picture(seed), "PNG") for seed in (1, 2)}
    images = np.stack([prepare(data, bundle.manifest.preprocessing)[0] for data in pictures.values()])
    with Classifier.open(bundle.folder, "cpu", threads=1) as classifier:
        expected = classifier._backend.run(images).logits
    if reverse:
        expected[1] = expected[1, ::-1].copy()
    stream = io.BytesIO()
    arrays = {"names": np.array(list(pictures)), "images": np.roll(images, pixels, axis=1)}
    np.savez(stream, **arrays, **{"logits/model.onnx": expected})
    with draft(bundle.folder, bundle) as temporary:
        (temporary / "golden").mkdir()
        (temporary / FILE).write_bytes(stream.getvalue())
        for name, data in pictures.items():
            (temporary / "golden" / name).write_bytes(data)
        return commit(temporary, bundle.manifest, bundle.folder)


def test_an_intact_bundle_that_answers_as_expected_passes(bundle: ModelBundle) -> None:
    with Classifier.open(with_golden(bundle).folder, "cpu", threads=1) as classifier:
        found = classifier.verify()
    assert found.passed
    assert found.problems == ()
    assert [check.artifact for check in found.checks] == ["decoding and geometry", "onnx fp32"]
    assert found.checks[1].change == pytest.approx(0, abs=1e-6)


def test_a_machine_that_answers_otherwise_is_found_out(bundle: ModelBundle) -> None:
    with Classifier.open(with_golden(bundle, reverse=True).folder, "cpu", threads=1) as classifier:
        found = classifier.verify()
    assert not found.passed
    (problem,) = found.problems
    assert problem.startswith("onnx fp32: picture 2 moves a probability by")


def test_a_machine_that_decodes_otherwise_is_found_out(bundle: ModelBundle) -> None:
    with Classifier.open(with_golden(bundle, pixels=3).folder, "cpu", threads=1) as classifier:
        (problem,) = classifier.verify().problems
    assert "is decoded differently" in problem


def test_a_golden_picture_that_cannot_be_decoded_here_is_a_problem_not_an_exception(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_golden(bundle).folder
    monkeypatch.setattr("avistar.images.decode.FORMATS", ("JPEG",))
    with Classifier.open(folder, "cpu", threads=1) as classifier:
        (problem,) = classifier.verify().problems
    assert problem.startswith("decoding and geometry: ")


def test_with_a_damaged_file_nothing_is_executed(bundle: ModelBundle) -> None:
    with Classifier.open(with_golden(bundle).folder, "cpu", threads=1) as classifier:
        (bundle.folder / "golden" / "1.png").write_bytes(b"altered")
        found = classifier.verify()
    assert not found.passed
    assert "1.png" in found.damaged_files[0]
    assert found.checks == ()


def test_a_bundle_without_expectations_says_how_to_get_them(classifier: Classifier) -> None:
    with pytest.raises(BundleError, match="export it again"):
        classifier.verify()


def test_a_backend_without_an_artifact_cannot_be_verified(bundle: ModelBundle) -> None:
    backend = FunctionBackend(lambda images: Outputs(np.zeros((len(images), 30)), np.zeros((len(images), 4))))
    with pytest.raises(UsageError, match=r"Classifier\.open"):
        Classifier(with_golden(bundle), backend, Calibration()).verify()


def test_the_facts_of_a_classifier(tiny: ModelBundle) -> None:
    with Classifier.open(tiny.folder, "cpu", threads=1) as classifier:
        info = classifier.info
    assert (info.bundle, info.architecture, info.folder) == ("tiny", "tiny", Path(tiny.folder))
    assert (info.artifact.precision, info.device, info.threads) == ("fp32", "cpu", 1)
    assert info.artifact_sha256 == tiny.manifest.files["model.onnx"].sha256
    assert info.runs_on.startswith("cpu · onnxruntime")
    assert info.policy.rule == tiny.manifest.decision
    assert info.calibration == info.artifact.calibration
    assert len(info.policy.species) == 30


def test_auto_says_what_it_rejected_and_what_it_runs_on(tiny: ModelBundle) -> None:
    with Classifier.open(tiny.folder) as classifier:
        info = classifier.info
    assert info.device in {"cpu", "cuda", "tensorrt"}
    assert info.device != "cpu" or all("cuda" in reason for reason in info.rejected)
    assert info.threads is None or info.threads >= 1

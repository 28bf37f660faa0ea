"""Bundles that are damaged, foreign or hostile: refused with a sentence, before anything of them runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from avistar import BackendUnavailable, BundleError, Classifier, FunctionBackend, ModelBundle, Outputs
from avistar.bundle import MANIFEST, commit, draft
from avistar.manifest import Calibration, FileRecord, decode, encode
from support import picture, tiny_graph


def with_network(bundle: ModelBundle, data: bytes) -> ModelBundle:
    """`bundle` with another network, its hash as it should be."""
    with draft(bundle.folder, bundle) as temporary:
        (temporary / "model.onnx").write_bytes(data)
        return commit(temporary, bundle.manifest, bundle.folder)


@pytest.mark.parametrize("content", [None, b"", b"\x08", b"<!doctype html><html>404</html>", tiny_graph()[:500]])
def test_a_network_that_is_missing_empty_cut_or_a_web_page_is_refused_by_its_hash(
    bundle: ModelBundle, content: bytes | None
) -> None:
    path = bundle.folder / "model.onnx"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.onnx .*copy the bundle again"):
        Classifier.open(bundle.folder, "cpu")


def test_one_broken_bundle_leaves_the_others_alone(bundle: ModelBundle, tiny: ModelBundle) -> None:
    (bundle.folder / "model.onnx").write_bytes(b"")
    with pytest.raises(BundleError):
        Classifier.open(bundle.folder, "cpu")
    with Classifier.open(tiny.folder, "cpu", threads=1) as other:
        assert other.identify(picture(1)).failure is None


def changed(change: Callable[[onnx.ModelProto], None]) -> bytes:
    model = onnx.load_from_string(tiny_graph())
    change(model)
    return model.SerializeToString()


def newer_opset(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 99


def unknown_operator(model: onnx.ModelProto) -> None:
    model.graph.node[2].op_type = "Sparkle"


@pytest.mark.parametrize(
    "data", [b"", b"no graph", tiny_graph()[:500], changed(newer_opset), changed(unknown_operator)]
)
def test_a_file_that_onnx_runtime_cannot_load_is_a_bundle_error(bundle: ModelBundle, data: bytes) -> None:
    with pytest.raises(BundleError, match="ONNX Runtime can't load the artifact"):
        Classifier.open(with_network(bundle, data).folder, "cpu")


def test_a_network_of_another_number_of_species_says_both_numbers(bundle: ModelBundle) -> None:
    classifier = Classifier.open(with_network(bundle, tiny_graph(species=27)).folder, "cpu", threads=1)
    with classifier, pytest.raises(BundleError, match=r"answers \[1, 27\] for 1 pictures and 30 species"):
        classifier.identify(picture(1))


def test_a_network_for_pictures_of_another_size_is_a_readable_error(bundle: ModelBundle) -> None:
    manifest = replace(bundle.manifest, preprocessing=replace(bundle.manifest.preprocessing, width=48, height=48))
    (bundle.folder / MANIFEST).write_bytes(encode(manifest))
    classifier = Classifier.open(bundle.folder, "cpu", threads=1)
    with classifier, pytest.raises(BackendUnavailable, match=r"inference of \[1, 48, 48, 3\] failed"):
        classifier.identify(picture(1))


@pytest.mark.parametrize("location", ["../secret", "/etc/passwd", "weights.bin", "link", "", "missing"])
def test_a_network_whose_values_lie_in_another_file_is_refused_before_it_is_parsed(
    bundle: ModelBundle, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outside(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[1]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", "-8"), ("length", "1440")):
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value

    folder = with_network(bundle, changed(outside)).folder
    (folder / "weights.bin").write_bytes(bytes(1440))
    (folder.parent / "secret").write_bytes(bytes(1440))
    monkeypatch.chdir(folder)
    with pytest.raises(BundleError, match="refers to a file outside of it"):
        Classifier.open(folder, "cpu")


def test_equal_scores_are_unknown_and_every_share_is_a_number(tiny: ModelBundle) -> None:
    def undecided(images: np.ndarray) -> Outputs:
        return Outputs(np.zeros((len(images), 30), np.float32), np.zeros((len(images), 4), np.float32))

    answer = Classifier(tiny, FunctionBackend(undecided), Calibration()).identify(picture(1))
    assert answer.decision is not None
    assert answer.decision.kind == "unknown"
    assert answer.probabilities == pytest.approx(np.full(30, 1 / 30))


HUGE = "1" + "0" * 400


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + b'{"schema": 1}',
        b'{"schema": ' + HUGE.encode() + b"}",
        b'{"schema": NaN}',
        b'{"schema": 1e999}',
        b'{"schema": true}',
        b'{"schema": 1, "schema": 1}',
        b'{"schema": 1} {"schema": 1}',
        "{'schema': 1}".encode("utf-16"),
        b"null",
        b"",
    ],
    ids=["mark", "huge", "nan", "infinite", "boolean", "twice", "tail", "utf-16", "null", "empty"],
)
def test_odd_json_is_one_clear_sentence(bundle: ModelBundle, raw: bytes) -> None:
    (bundle.folder / MANIFEST).write_bytes(raw)
    with pytest.raises(BundleError) as caught:
        ModelBundle.open(bundle.folder)
    assert MANIFEST in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -1])
def test_numbers_that_make_no_sense_are_refused(bundle: ModelBundle, value: float) -> None:
    document = json.loads(encode(bundle.manifest))
    document["artifacts"][0]["calibration"]["temperature"] = value
    with pytest.raises(BundleError):
        decode(json.dumps(document).encode(), "here")


def test_a_species_listed_among_thirty_twice_is_refused(bundle: ModelBundle) -> None:
    document = json.loads(encode(bundle.manifest))
    document["species"][7] = document["species"][8]
    with pytest.raises(BundleError, match="30 species, 29 of them different"):
        decode(json.dumps(document).encode(), "here")


def test_a_bundle_may_not_name_a_file_of_the_machine_as_its_network(bundle: ModelBundle, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(tiny_graph())
    record = FileRecord(hashlib.sha256(secret.read_bytes()).hexdigest(), secret.stat().st_size)
    artifact = replace(bundle.manifest.artifacts[0], file="../secret")
    manifest = replace(bundle.manifest, artifacts=(artifact,), files={"../secret": record})
    (bundle.folder / MANIFEST).write_bytes(encode(manifest))
    with pytest.raises(BundleError, match="points outside its folder"):
        Classifier.open(bundle.folder, "cpu")


def test_the_graph_of_these_tests_is_sound(bundle: ModelBundle) -> None:
    kernel = numpy_helper.to_array(onnx.load_from_string(tiny_graph()).graph.initializer[1])
    assert kernel.shape == (12, 30)
    assert helper.make_opsetid("", 17).version == 17

"""Nothing is tied to thirty species or to square pictures: bundles of 2, 3,000 and 20,000 labels."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from avistar import AsyncClassifier, Classifier, ModelBundle, Preprocessing
from avistar.bundle import commit, draft
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from avistar.evaluation.metrics import evaluate, most_confused
from avistar.manifest import Artifact, Calibration, DecisionRule, Manifest
from avistar.species import Group, Species
from support import encoded, picture

SIZES = [(2, 64, 64), (3_000, 320, 192), (20_000, 640, 480)]


def many_labels(folder: Path, labels: int, width: int, height: int) -> ModelBundle:
    """A bundle whose label n is the likeliest for the n-th direction of mean colours."""
    kernel = np.random.default_rng(0).normal(0, 20, (3, labels)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float", "scale"], ["scaled"]),
        helper.make_node("ReduceMean", ["scaled"], ["embedding"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["embedding", "kernel"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "many",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", height, width, 3])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", labels]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 3]),
        ],
        [numpy_helper.from_array(kernel, "kernel"), numpy_helper.from_array(np.float32(1 / 255).reshape(()), "scale")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    species = tuple(
        Species(f"label_{n}", f"Label {n}", f"Etiqueta {n}", f"Genus{n % 500} species{n}", f"family_{n % 500}")
        for n in range(labels)
    )
    manifest = Manifest(
        name=f"many_{labels}",
        architecture="many",
        species=species,
        groups=tuple(Group(f"family_{n}", f"Family {n}", f"Familia {n}", "") for n in range(min(500, labels))),
        preprocessing=Preprocessing(width, height, "stretch"),
        artifacts=(Artifact("onnx", "fp32", "model.onnx", Calibration(1.0)),),
        decision=DecisionRule(species_confidence=0.3, group_confidence=0.5),
    )
    with draft(folder) as temporary:
        (temporary / "model.onnx").write_bytes(model.SerializeToString())
        return commit(temporary, manifest, folder)


@pytest.mark.parametrize(("labels", "width", "height"), SIZES)
def test_identify_export_evaluate_and_serve_take_any_number_of_labels(
    tmp_path: Path, labels: int, width: int, height: int, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = many_labels(tmp_path / "many", labels, width, height)
    card, survey = tmp_path / "card", tmp_path / "survey.avistar"
    card.mkdir()
    for number in range(4):
        (card / f"{number}.jpg").write_bytes(encoded(picture(number)))
    arguments = ["identify", str(card), "--catalogue", str(survey), "--model", str(bundle.folder), "--quiet"]
    assert main(arguments) == 0
    with Classifier.open(bundle.folder) as classifier:
        expected = [classifier.identify(card / f"{number}.jpg").candidates[0].species.id for number in range(4)]
    _serve(bundle, (card / "0.jpg").read_bytes(), expected[0])
    with Catalogue.read(survey) as catalogue:
        records = catalogue.records_of(catalogue.ids())
        assert [one.identification.probabilities.shape for one in records if one.identification] == [(labels,)] * 4
    for name in ("table.csv", "lines.jsonl", "megadetector.json", "table.xlsx"):
        assert main(["survey", "export", str(survey), str(tmp_path / name), "--quiet"]) == 0
    with (tmp_path / "table.csv").open(encoding="utf-8-sig") as stream:
        assert [row["top1"] for row in csv.DictReader(stream)] == expected
    photos = tmp_path / "photos"
    for number, id in enumerate(expected):
        (photos / id).mkdir(parents=True, exist_ok=True)
        (photos / id / f"{number}.jpg").write_bytes((card / f"{number}.jpg").read_bytes())
    capsys.readouterr()
    assert main(["evaluate", str(photos), "--model", str(bundle.folder), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["report"]
    assert (report["photos"], report["top1"], len(report["species"])) == (4, 1.0, labels)


def _serve(bundle: ModelBundle, photo: bytes, expected: str) -> None:
    testclient = pytest.importorskip("fastapi.testclient", reason="the serve extra isn't installed")
    from avistar.serve.app import make_app
    from avistar.serve.cli import access_for

    app = make_app(AsyncClassifier(Classifier.open(bundle.folder, "cpu", threads=1)), access_for("127.0.0.1", None))
    with testclient.TestClient(app, base_url="http://127.0.0.1:8765") as client:
        answer = client.post("/v1/identify", content=photo, headers={"content-type": "image/jpeg"})
        assert answer.status_code == 200, answer.text
        assert expected in answer.text
        assert client.get("/v1/model").status_code == 200


def test_twenty_thousand_labels_are_judged_as_the_few_that_occur_are() -> None:
    """Figures of the labels that occur are those of a model that knows no others, and the matrix stays small."""
    rng = np.random.default_rng(1)
    few, places = rng.normal(0, 3, (60, 5)).astype(np.float32), np.array([7, 300, 4_000, 12_345, 19_999])
    truth = rng.integers(0, 5, 60)
    many = np.full((60, 20_000), -60, np.float32)
    many[:, places] = few
    small = evaluate(few, truth, [f"label_{n}" for n in places])
    large = evaluate(many, places[truth], [f"label_{n}" for n in range(20_000)])
    for name in ("top1", "top3", "macro_f1", "macro_f1_low", "macro_f1_high"):
        assert getattr(large, name) == pytest.approx(getattr(small, name), rel=1e-9), name
    assert [large.species[n] for n in places] == list(small.species)
    assert [[large.confusion[i][j] for j in places] for i in places] == [list(row) for row in small.confusion]
    assert sum(map(bool, large.confusion)) == 5
    assert most_confused(large) == most_confused(small)

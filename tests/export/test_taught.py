"""A taught bundle is one like any other: exported, verified, served, sent to a cluster, analysed and evaluated."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

pytest.importorskip("tensorflow", reason="the export extra isn't installed")

from avistar import Classifier, ModelBundle
from avistar.adaptation import cross_validation
from avistar.adaptation.embedding_store import STORE_FILE, EmbeddingStore, Role, encode_store, encoded, scale_of
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.onnx_head import body_sha256
from avistar.adaptation.session import plan_lesson, teach
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import commit, draft
from avistar.cli.main import main
from avistar.cluster.worker import ClusterPlan, Identity, Worker
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import Analysis, JudgedArtifact, read_analysis, write_analysis
from avistar.images.decode import prepare
from avistar_export.cli import app
from avistar_export.triton import write_repository
from export_support import COLOURS, contents, photo

PARTS = {Role.TRAIN: range(20, 45), Role.VALIDATION: range(50, 65), Role.TEST: range(70, 110)}
STRIPED = {"striped_cat": (235, 235, 20), "dark_boar": (15, 15, 15)}


def striped(animal: str, number: int) -> Image.Image:
    """A picture of an animal that the network doesn't know: stripes of its colour."""
    rng = np.random.default_rng([number, *STRIPED[animal]])
    pixels = np.full((36, 44, 3), STRIPED[animal], float) + rng.normal(0, 12, 3)
    pixels[:, ::4] = 128
    return Image.fromarray(np.clip(pixels + rng.normal(0, 10, pixels.shape), 0, 255).astype(np.uint8))


def with_store(bundle: ModelBundle, folder: Path) -> ModelBundle:
    """The bundle in `folder` as training publishes it: with embeddings of its photos and its analysis."""
    artifact = bundle.artifact("onnx", "int8")
    model = bundle.checked(artifact.file)
    named = [(animal, role, i) for role, numbers in PARTS.items() for animal in COLOURS for i in numbers if i % 9]
    pictures = [prepare(photo(animal, i), bundle.manifest.preprocessing)[0] for animal, _, i in named]
    backend = OnnxBackend(model, label="int8")
    outputs = [backend.run(np.stack(pictures[i : i + 16])) for i in range(0, len(pictures), 16)]
    backend.close()
    embedding = np.concatenate([one.embedding for one in outputs])
    logits = np.concatenate([one.logits for one in outputs])
    scale = scale_of(embedding)
    store = EmbeddingStore(
        codes=encoded(embedding, scale),
        scale=scale,
        species=tuple(animal for animal, _, _ in named),
        roles=np.array([role for _, role, _ in named], np.uint8),
        groups=("",) * len(named),
        photos=("",) * len(named),
        precision="int8",
        body=body_sha256(model),
    )
    ids = tuple(one.id for one in bundle.manifest.species)
    rows = store.rows(Role.TEST)
    truth = np.array([ids.index(named[i][0]) for i in rows], np.int64)
    record = bundle.manifest.files[artifact.file]
    judged = JudgedArtifact("onnx int8", record.sha256, artifact.calibration.temperature, -1e9)
    analysis = Analysis(
        judged, ids, tuple(f"{named[i][0]}/{named[i][2]}.png" for i in rows), truth, logits[rows],
        logits[rows].max(axis=1), np.zeros((0, 2), np.float32),
        evaluate(logits[rows], truth, list(ids), artifact.calibration.temperature),
    )  # fmt: skip
    with draft(folder, bundle) as temporary:
        (temporary / STORE_FILE).write_bytes(encode_store(store))
        write_analysis(temporary, analysis)
        return commit(temporary, bundle.manifest, folder)


@pytest.fixture(scope="module")
def base(exported: ModelBundle, tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    folder = tmp_path_factory.mktemp("base") / "tiny"
    shutil.copytree(exported.folder, folder)
    return with_store(ModelBundle.open(folder), folder)


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviewed")
    for animal in STRIPED:
        (folder / animal).mkdir()
        for number in range(12):
            striped(animal, number).save(folder / animal / f"{number:02}.png")
    return folder


@pytest.fixture(scope="module")
def taught(base: ModelBundle, reviewed: Path, tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:  # twelve features can't tell photos apart as a real network's do
        patch.setattr(cross_validation, "ALIKE", 1.1)
        outcome = teach(plan_lesson([reviewed], base), kept=KeptEmbeddings(folder / "kept.sqlite"))
    assert outcome.verdict.passed, outcome.verdict.criteria
    return outcome.write(folder / "mine")


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_each_artifact_that_the_base_has_knows_the_new_species(base: ModelBundle, taught: ModelBundle) -> None:
    forms = [(one.format, one.precision) for one in base.manifest.artifacts if one.format in ("onnx", "openvino")]
    assert [(one.format, one.precision) for one in taught.manifest.artifacts] == forms
    assert taught.damaged_files() == []
    for precision in ("fp32", "fp16", "int8"):
        with Classifier.open(taught.folder, "cpu", precision=precision) as classifier:
            for animal in STRIPED:
                answers = [classifier.identify(striped(animal, 500 + i)) for i in range(8)]
                assert sum(one.top(1)[0].species.id == animal for one in answers) >= 7, (animal, precision)
            known = [classifier.identify(photo("blue_whale", 200 + i)) for i in range(1, 8)]
            assert sum(one.top(1)[0].species.id == "blue_whale" for one in known) >= 6, precision


def test_verify_runs_its_golden_pictures(taught: ModelBundle) -> None:
    result = run("verify", taught.folder)
    assert result.exit_code == 0, result.output
    assert "WRONG" not in result.output
    assert result.output.count("ok; largest change") >= 3


def test_triton_serves_it_with_its_labels(taught: ModelBundle, tmp_path: Path) -> None:
    write_repository(taught, tmp_path / "repository", lambda line: None)
    names = sorted(one.name for one in (tmp_path / "repository").iterdir())
    assert names == [f"mine_onnx_{precision}" for precision in ("fp16", "fp32", "int8")]
    labels = (tmp_path / "repository" / names[0] / "labels.txt").read_text("utf-8").split()
    assert labels == [one.id for one in taught.manifest.species]
    assert set(STRIPED) <= set(labels)


def test_an_engine_is_asked_for_as_of_any_bundle(taught: ModelBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, module, None)
    before = contents(taught.folder)
    result = run("engine", "--bundle", taught.folder)
    assert result.exit_code == 5
    assert "pip install" in result.output
    assert contents(taught.folder) == before


def test_a_cluster_tells_it_from_its_base(base: ModelBundle, taught: ModelBundle) -> None:
    introduction = Worker(ClusterPlan("/photos", str(taught.folder), "cpu")).introduce()
    assert introduction.identity == Identity.of(taught)
    assert "copy the same bundle there" in introduction.identity.differs_from(Identity.of(base))


def test_the_analysis_is_that_of_the_new_last_layer(base: ModelBundle, taught: ModelBundle) -> None:
    before, now = read_analysis(base), read_analysis(taught)
    assert now.species == tuple(one.id for one in taught.manifest.species)
    assert (now.files, now.truth.tolist()) == (before.files, before.truth.tolist())
    artifact = taught.artifact("onnx", "int8")
    assert now.judged.sha256 == taught.manifest.files[artifact.file].sha256
    assert (now.answers == now.truth).mean() >= (before.answers == before.truth).mean() - 0.005
    assert taught.manifest.accuracy["top1"] == pytest.approx((now.answers == now.truth).mean())


def test_evaluate_and_models_take_it(taught: ModelBundle, reviewed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(reviewed), "--model", str(taught.folder), "--device", "cpu"]) == 0
    assert "24" in capsys.readouterr().out
    assert main(["models", str(taught.folder)]) == 0
    assert "mine" in capsys.readouterr().out
    assert str(datetime.now(UTC).year) in str(taught.manifest.provenance["taught"])

"""What *unknown* compares with is fitted to other animals, and judged by animals that it never met."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from adaptation_support import write_photos
from avistar import UsageError
from avistar.adaptation.base_model import BaseModel, OtherClasses, familiarity
from avistar.adaptation.embedding_store import EmbeddingStore, Role, encoded, read_store
from avistar.adaptation.last_layer import Lessons
from avistar.adaptation.onnx_head import Head
from avistar.backends import Outputs
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle, commit, draft
from avistar.dataset import read_data
from avistar.evaluation.metrics import ranking_area
from avistar.evaluation.stored import read_analysis
from avistar.familiarity import familiarity_of
from avistar.manifest import Artifact
from avistar.species_file import paper_species
from avistar.split import encode_split
from avistar_train.bundle_embeddings import add_embeddings
from avistar_train.publish import shortcomings
from avistar_train.reevaluate import rejudge
from avistar_train.split import divide
from avistar_train.unknown import add_background, fit_background, fit_from_store
from support import images, picture, tiny_bundle

STRANGERS = ("fox", "puma", "ibex", "tapir", "crane", "newt")
FEATURES = 12


def silent(*_):
    pass


def stamped_bundle(folder):
    """The tiny bundle, with the facts in its ONNX file that a lone file needs."""
    bundle = tiny_bundle(folder)
    model = onnx.load_from_string(bundle.checked("model.onnx"))
    model.metadata_props.add(key="avistar", value=json.dumps({"familiarity_floor": 0.0, "name": "tiny"}))
    with draft(folder, bundle) as temporary:
        (temporary / "model.onnx").write_bytes(model.SerializeToString())
        return commit(temporary, bundle.manifest, folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A bundle that was judged, with embeddings of its photos and of six other animals."""
    folder = tmp_path_factory.mktemp("trained")
    photos = write_photos(folder / "photos", {"wolf": 24, "otter": 24, "moose": 24})
    for number, kind in enumerate(STRANGERS):
        (folder / "others" / kind).mkdir(parents=True)
        for i in range(4):
            picture(100 * number + i).save(folder / "others" / kind / f"{i}.png")
    bundle = stamped_bundle(folder / "bundle")
    divided = divide(read_data(photos, paper_species()).photos, 1)
    artifact = bundle.manifest.artifacts[0]
    admitted = Artifact("onnx", "fp32", artifact.file, artifact.calibration, parity="parity/onnx-fp32.json")
    with draft(bundle.folder, bundle) as temporary:
        report = json.dumps({"passed": True, "artifact_sha256": bundle.manifest.files[artifact.file].sha256}).encode()
        for name, content in (("analysis/split.json", encode_split(divided)), ("parity/onnx-fp32.json", report)):
            (temporary / name).parent.mkdir(exist_ok=True)
            (temporary / name).write_bytes(content)
        commit(temporary, replace(bundle.manifest, artifacts=(admitted,)), bundle.folder)
    rejudge(bundle.folder, photos, progress=silent)
    return add_embeddings(bundle.folder, photos, folder / "others", progress=silent)


@pytest.fixture(scope="module")
def before(trained):
    """Logits for some pictures, and the hash of the ONNX file, before anything was fitted."""
    return logits_of(trained), trained.manifest.files["model.onnx"].sha256


@pytest.fixture(scope="module")
def fitted(trained, before):
    return add_background(trained.folder)


def logits_of(bundle):
    backend = OnnxBackend(bundle.checked("model.onnx"))
    try:
        return backend.run(images()).logits
    finally:
        backend.close()


def test_a_class_for_each_other_animal_is_what_unknown_compares_with(fitted):
    assert (fitted.manifest.decision.familiarity, fitted.manifest.decision.reference) == (
        "background", "background.npz",
    )  # fmt: skip
    with np.load(fitted.folder / "background.npz") as held:
        assert held["kernel"].shape[1] == len(STRANGERS) == held["bias"].size
    assert fitted.manifest.accuracy["other_animals"] == 6
    assert fitted.manifest.provenance["unknown"]["photos"] == 24
    assert "24 photos of 6 other animals" in (fitted.folder / "README.md").read_text("utf-8")


def test_the_network_stays_and_its_file_names_the_new_floor(fitted, before):
    logits, sha256 = before
    np.testing.assert_array_equal(logits_of(fitted), logits)
    assert fitted.manifest.files["model.onnx"].sha256 != sha256
    floor = fitted.manifest.artifacts[0].calibration.familiarity_floor
    assert -20 < floor < 20
    facts = json.loads(onnx.load_from_string(fitted.checked("model.onnx")).metadata_props[0].value)
    assert facts == {"familiarity_floor": floor, "name": "tiny"}


def test_the_bundle_stays_publishable_and_its_analysis_holds_the_new_scores(fitted):
    assert fitted.damaged_files() == []
    assert shortcomings(fitted) == []
    analysis, store = read_analysis(fitted), read_store(fitted)
    outputs = Outputs(analysis.logits, store.embedding(store.rows(Role.TEST)))
    np.testing.assert_allclose(analysis.familiarity, familiarity_of(fitted)(outputs), atol=2e-3)
    assert analysis.judged.sha256 == fitted.manifest.files["model.onnx"].sha256
    assert analysis.judged.familiarity_floor == fitted.manifest.artifacts[0].calibration.familiarity_floor


def synthetic(bundle, kinds=STRANGERS):
    """Two species along features 0 and 1; strangers look like both, and each kind has a feature that is its alone."""
    rng = np.random.default_rng(1)
    parts = {Role.TRAIN: 80, Role.VALIDATION: 40, Role.TEST: 60, Role.OTHER: 10 * len(kinds)}
    embedding, names, roles = [], [], []
    for role, count in parts.items():
        own = np.abs(rng.normal(0, 0.2, (count, FEATURES))).astype(np.float32)
        shown = np.arange(count) % 2
        own[np.arange(count), shown] += 2
        if role is Role.OTHER:
            kind = np.arange(count) % len(kinds)
            own[np.arange(count), 4 + kind] += 2
        names += [kinds[i % len(kinds)] if role is Role.OTHER else ("wolf", "otter")[i % 2] for i in range(count)]
        roles += [role] * count
        embedding.append(own)
    rows = np.concatenate(embedding)
    scale = rows.max(axis=0)
    blank = ("",) * len(rows)
    store = EmbeddingStore(
        encoded(rows, scale), scale, tuple(names), np.array(roles, np.uint8), blank, blank, "fp32", ""
    )
    ids = [species.id for species in bundle.manifest.species]
    kernel, bias = np.zeros((FEATURES, len(ids)), np.float32), np.full(len(ids), -9, np.float32)
    for feature, id in enumerate(("wolf", "otter")):
        kernel[feature, ids.index(id)], bias[ids.index(id)] = 4, 0
    return BaseModel(bundle, bundle.manifest.artifacts[0], b"", Head(kernel, bias), "", store, None)


def test_figures_are_of_animals_that_the_fit_had_not_met(trained):
    base = synthetic(trained)
    fitted = fit_from_store(base)
    strange = base.store.embedding(base.store.rows(Role.OTHER))
    met = familiarity(base.head.logits(strange), strange, fitted.others)
    assert ranking_area(fitted.scores, met) > 0.99
    assert 0.3 < fitted.figures["unknown_auroc"] < 0.75  # nothing tells an animal that was never shown from a species
    assert fitted.figures["true_accepted"] > 0.8


def test_species_and_earlier_classes_stay_as_they_are():
    rng = np.random.default_rng(0)
    head = Head(np.eye(FEATURES, 2, dtype=np.float32), np.zeros(2, np.float32))
    earlier = OtherClasses(rng.normal(0, 1, (FEATURES, 3)).astype(np.float32), np.ones(3, np.float32))
    known = Lessons(np.eye(FEATURES, dtype=np.float32)[[0, 1] * 5], np.array([0, 1] * 5), np.ones(10))
    strange = Lessons(np.eye(FEATURES, dtype=np.float32)[[4, 5] * 5], np.array([7, 3] * 5), np.ones(10))
    others = fit_background(head, known, strange, earlier)
    assert others.kernel.shape == (FEATURES, 5)
    np.testing.assert_array_equal(others.kernel[:, :3], earlier.kernel)
    assert others.kernel[5, 3] > 1 > others.kernel[4, 3]  # kind 3 comes first
    assert others.kernel[4, 4] > 1 > others.kernel[5, 4]


def test_too_few_other_animals_are_refused_with_what_to_do(trained):
    with pytest.raises(UsageError, match=r"3 other animals.*5 animals at least.*--others FOLDER"):
        fit_from_store(synthetic(trained, STRANGERS[:3]))


def test_a_bundle_without_embeddings_is_refused(tmp_path):
    bundle = tiny_bundle(tmp_path / "bare")
    with pytest.raises(UsageError, match="holds no embeddings"):
        add_background(bundle.folder)


def test_engines_are_refused_since_they_hold_the_floor(tmp_path):
    bundle = tiny_bundle(tmp_path / "engines")
    engine = Artifact("tensorrt", "fp16", "model.onnx", bundle.manifest.artifacts[0].calibration)
    with draft(bundle.folder, bundle) as temporary:
        both = (*bundle.manifest.artifacts, engine)
        changed = commit(temporary, replace(bundle.manifest, artifacts=both), bundle.folder)
    assert isinstance(changed, ModelBundle)
    with pytest.raises(UsageError, match="engines"):
        add_background(bundle.folder)

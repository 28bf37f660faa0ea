"""A whole run, from a folder of pictures to a bundle, with a small stand-in for the backbone."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar import BundleError, Classifier, FunctionBackend, ModelBundle, UsageError  # noqa: E402
from avistar.evaluation.labelled_folder import other_photos  # noqa: E402
from avistar_train import training_run  # noqa: E402
from avistar_train.backbones import BACKBONES, Backbone  # noqa: E402
from avistar_train.finetune import predict  # noqa: E402
from avistar_train.publish import rewrite_card  # noqa: E402
from avistar_train.recipes import read_recipe  # noqa: E402

COLOURS = {"wolf": (90, 90, 100), "grizzly bear": (120, 70, 30), "seal": (40, 60, 120)}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for i in range(20):
            noise = rng.normal(0, 12, (72, 96, 3))
            pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def plan(photos, tmp_path_factory):
    place = tmp_path_factory.mktemp("run")
    patch = pytest.MonkeyPatch()
    row = Backbone("resnet50", "MobileNetV2", 1280, 1 / 127.5, (-1.0, -1.0, -1.0), None)
    patch.setitem(BACKBONES, "resnet50", row)
    keras.utils.set_random_seed(2)
    base = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.save_weights(place / "resnet50_notop.weights.h5")
    changes = (
        "size=32", "cache_size=40", "stages.0.size=32", "stages.1.size=32", "stages.0.epochs=1",
        "stages.1.epochs=1", "stages.0.unfreeze_from=block_16", "stages.1.unfreeze_from=block_16",
        "head.epochs=10", "training.blends=[0.5, 1.0]",
    )  # fmt: skip
    yield training_run.TrainingPlan(
        data=photos, out=place / "bundle", recipe="resnet50_field", changes=changes, weights=str(place),
        seed=1, imagenet_layer=None, others=None, run=place / "run",
    )  # fmt: skip
    patch.undo()


@pytest.fixture(scope="module")
def bundle(plan):
    return training_run.fit(plan, progress=lambda *_: None)


def test_a_folder_of_photos_becomes_an_intact_bundle(bundle):
    assert bundle.damaged_files() == []
    manifest = ModelBundle.open(bundle.folder).manifest
    assert [s.id for s in manifest.species] == ["grizzly_bear", "seal", "wolf"]
    assert manifest.artifacts[0].format == "keras"
    assert manifest.accuracy["photos"] == 9
    assert 0.05 <= manifest.artifacts[0].calibration.temperature <= 20


def test_a_run_leaves_its_curves_and_a_report(bundle, plan):
    rows = json.loads(bundle.checked("analysis/history.json"))
    assert "val_loss" in json.dumps(rows)
    assert (plan.run / "report" / "report.html").is_file()


def test_a_stored_split_and_other_species_are_taken(plan, photos, bundle, tmp_path):
    (tmp_path / "split.json").write_bytes(bundle.checked("analysis/split.json"))
    (tmp_path / "species.txt").write_text("wolf\nseal\ngrizzly bear\n", "utf-8")
    changed = {
        "split": tmp_path / "split.json", "species": tmp_path / "species.txt", "seed": 5, "run": tmp_path / "run",
        "out": tmp_path / "out", "changes": (*plan.changes, "stages=[]", "precision=mixed_bfloat16", "top.dense=[8]"),
    }  # fmt: skip
    other = training_run.fit(replace(plan, **changed), progress=lambda *_: None)
    assert other.checked("analysis/split.json") == bundle.checked("analysis/split.json")
    assert other.manifest.accuracy["photos"] == 9


def test_an_imagenet_layer_and_new_layers_exclude_each_other(plan, tmp_path):
    odd = replace(plan, changes=(*plan.changes, "top.dense=[8]"), imagenet_layer=tmp_path / "layer.npz")
    with pytest.raises(UsageError, match=r"top\.dense"):
        training_run.fit(odd, progress=lambda *_: None)


def test_a_recipe_and_the_command_must_agree_on_a_teacher(plan, tmp_path):
    taught = replace(plan, changes=(*plan.changes, "teacher.share=0.5"))
    with pytest.raises(UsageError, match="give its bundle as --teacher"):
        training_run.fit(taught, progress=lambda *_: None)
    with pytest.raises(UsageError, match=r"set teacher\.share"):
        training_run.fit(replace(plan, teacher=tmp_path), progress=lambda *_: None)


def test_the_split_is_kept_and_names_every_photo_once(bundle, photos):
    split = json.loads(bundle.checked("analysis/split.json"))
    files = [row["file"] for part in ("train", "validation", "test") for row in split[part]]
    assert sorted(files) == sorted(p.relative_to(photos).as_posix() for p in photos.rglob("*.png"))


def test_a_bundle_tells_which_file_of_weights_its_base_started_from(bundle, plan):
    file = Path(plan.weights) / "resnet50_notop.weights.h5"
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert bundle.manifest.provenance["base_weights"] == f"resnet50_notop.weights.h5, SHA-256 {sha256}"


def test_the_model_card_has_a_row_for_each_species(bundle):
    card = bundle.checked("README.md").decode()
    for name in ("wolf", "grizzly_bear", "seal"):
        assert f"| {name} |" in card


def test_a_card_can_be_written_anew_with_the_photos_origin(bundle, tmp_path):
    shutil.copytree(bundle.folder, tmp_path / "copy")
    rewritten = rewrite_card(tmp_path / "copy", "Sixty painted squares.")
    card = rewritten.checked("README.md").decode()
    assert "Sixty painted squares." in card
    assert "| keras fp32 |" in card
    assert rewritten.damaged_files() == []


def test_the_published_network_runs_through_the_same_classifier_as_every_other(bundle, photos):
    network = keras.saving.load_model(bundle.folder / "model.keras", safe_mode=True)
    backend = FunctionBackend(lambda images: predict(network, images))
    with Classifier(bundle, backend, bundle.manifest.artifacts[0].calibration) as classifier:
        answer = classifier.identify(next((photos / "seal").iterdir()))
    assert answer.failure is None
    assert answer.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_another_plan_may_not_use_the_same_run_folder(plan, bundle):
    with pytest.raises(UsageError, match=r"another plan; what differs: .*the seed \(1 became 2\)"):
        training_run.fit(replace(plan, seed=2), progress=lambda *_: None)


def test_a_run_does_not_go_on_with_its_species_in_another_order(plan, bundle, tmp_path):
    (tmp_path / "species.txt").write_text("wolf\nseal\ngrizzly bear\n", "utf-8")
    with pytest.raises(UsageError, match="grizzly_bear, seal, wolf became wolf, seal, grizzly_bear"):
        training_run.fit(replace(plan, species=tmp_path / "species.txt"), progress=lambda *_: None)


def test_a_broken_photo_is_named_before_any_training(plan, photos, tmp_path):
    bad = tmp_path / "photos"
    shutil.copytree(photos, bad)
    (bad / "wolf" / "broken.jpg").write_bytes(b"\xff\xd8 nothing more")
    with pytest.raises(UsageError, match=r"broken\.jpg"):
        training_run.fit(
            replace(plan, data=bad, run=tmp_path / "run", out=tmp_path / "out", seed=3), progress=lambda *_: None
        )
    assert not Path(tmp_path / "out").exists()


def untrained(*_, **__):
    raise AssertionError("training began")


def test_a_broken_test_photo_is_named_before_any_training_and_can_be_mended(
    plan, photos, bundle, tmp_path, monkeypatch
):
    for step in ("fit_head", "fit_stages"):
        monkeypatch.setattr(training_run, step, untrained)
    bad = tmp_path / "photos"
    shutil.copytree(photos, bad)
    judges = json.loads(bundle.checked("analysis/split.json"))["test"][0]["file"]
    (bad / judges).write_bytes(b"\x89PNG nothing more")
    mended = replace(plan, data=bad, run=tmp_path / "run", out=tmp_path / "out")
    with pytest.raises(UsageError, match=f"1 of 60 photos can't be read.*\n.*{judges}"):
        training_run.fit(mended, progress=lambda *_: None)
    (bad / judges).unlink()
    with pytest.raises(AssertionError, match="training began"):
        training_run.fit(mended, progress=lambda *_: None)


@pytest.mark.parametrize("taken", ["file", "folder", "bundle"])
def test_a_taken_out_is_said_before_any_training(plan, bundle, tmp_path, monkeypatch, taken):
    for step in ("fit_head", "fit_stages"):
        monkeypatch.setattr(training_run, step, untrained)
    out = tmp_path / "out"
    if taken == "bundle":
        shutil.copytree(bundle.folder, out)
    elif taken == "folder":
        (out / "holiday").mkdir(parents=True)
    else:
        out.write_text("mine")
    with pytest.raises((UsageError, BundleError), match=r"out (holds a bundle already|exists and is no bundle)"):
        training_run.fit(replace(plan, seed=9, run=tmp_path / "run", out=out), progress=lambda *_: None)


def test_another_out_goes_on_with_the_same_run(plan, bundle, tmp_path, monkeypatch):
    shutil.copytree(plan.run, tmp_path / "runs" / "first")
    monkeypatch.chdir(tmp_path)
    before = (plan.run / "epochs.csv").read_bytes()
    said = []
    moved = training_run.fit(replace(plan, run=None, out=tmp_path / "b"), progress=lambda *_: None, say=said.append)
    assert said[-1] == f"going on with {Path('runs/first')}, a run of the same plan"
    assert "only 6 photos calibrate: don't trust the confidences much" in said
    assert (tmp_path / "runs" / "first" / "epochs.csv").read_bytes() == before
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["first"]
    assert moved.manifest.accuracy == bundle.manifest.accuracy


def test_a_folder_of_other_animals_without_photos_is_said_before_anything_is_trained(plan, tmp_path):
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "notes.txt").write_text("none")
    with pytest.raises(UsageError, match="holds no photos of other animals"):
        training_run.fit(replace(plan, others=tmp_path / "others", run=tmp_path / "run"), progress=lambda *_: None)
    assert not (tmp_path / "run").exists()


def test_other_animals_are_read_in_every_format_that_identify_reads(plan, tmp_path):
    for name in ("a.PNG", "b.jpeg", "c.webp"):
        kind = {"a.PNG": "PNG", "b.jpeg": "JPEG", "c.webp": "WEBP"}[name]
        Image.new("RGB", (48, 48), (90, 60, 30)).save(tmp_path / name, kind)
    (tmp_path / "._a.png").write_bytes(b"a system's file")
    assert sorted(Path(one.file).name for one in other_photos(tmp_path)) == ["a.PNG", "b.jpeg", "c.webp"]
    training_run._check(replace(plan, others=tmp_path), read_recipe(plan.recipe, plan.changes))

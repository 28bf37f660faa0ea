import json

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar_train.finetune import blend, fit_head, fit_stages  # noqa: E402
from avistar_train.imagenet_head import Prior  # noqa: E402
from avistar_train.network import computing_in  # noqa: E402
from avistar_train.recipes import read_recipe  # noqa: E402
from avistar_train.run_folder import RunFolder, TrainingFailed, stopped  # noqa: E402
from avistar_train.sampling import LabelledArrays, TrainingData  # noqa: E402
from training_support import SHORT, tiny_network  # noqa: E402


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    truth = np.arange(32) % 3
    pixels = rng.integers(0, 90, (32, 24, 24, 3), dtype=np.uint8)
    pixels[np.arange(32), :, :, truth] += 120
    photos = LabelledArrays(pixels, truth.astype(np.int64))
    return TrainingData(photos, LabelledArrays(pixels[::4], photos.truth[::4]))


def run(data, folder, progress=lambda *_: None, changes=()):
    folder.mkdir(exist_ok=True)
    recipe = read_recipe("resnet50_field", SHORT + changes)
    with computing_in(recipe.precision):
        network = tiny_network()
    fit_stages(network, data, recipe, RunFolder(folder, progress), seed=3)
    return network.get_weights()


class Killed(Exception):
    pass


@pytest.mark.parametrize("stop", ["stage 1 epoch 2", "stage 2 epoch 2"])
def test_a_killed_run_ends_where_an_uninterrupted_one_ends(data, tmp_path, stop):
    whole = run(data, tmp_path / "whole")

    def kill(what, done, total):
        if what.startswith(stop) and done == 2:
            raise Killed

    with pytest.raises(Killed):
        run(data, tmp_path / "killed", kill)
    resumed = run(data, tmp_path / "killed")
    for a, b in zip(whole, resumed, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_finished_run_is_not_run_again(data, tmp_path):
    first = run(data, tmp_path / "run")
    steps = []
    second = run(data, tmp_path / "run", lambda *facts: steps.append(facts))
    assert steps == []
    np.testing.assert_array_equal(first[0], second[0])


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_an_exploding_loss_stops_with_the_epochs_facts_and_the_cures(data, tmp_path, precision):
    changes = ("stages.0.learning_rate=1e38", "stages.0.warmup=0", f"precision={precision}")
    with pytest.raises(TrainingFailed, match=r"stage 1, epoch 1, step \d+.*learning rate") as failed:
        run(data, tmp_path / "run", changes=changes)
    assert ("train in float32" in str(failed.value)) == (precision != "float32")


def test_the_head_learns_and_keeps_its_prior_for_what_it_never_saw():
    rng = np.random.default_rng(0)
    truth = np.arange(60) % 2
    features = rng.normal(0, 0.1, (60, 4)).astype(np.float32)
    features[np.arange(60), truth] += 1
    start = np.zeros((4, 3), np.float32)
    start[2, 2] = 5.0
    prior = Prior(start, np.zeros(3, np.float32), np.zeros((4, 0), np.float32), np.zeros(0, np.float32))
    changes = ("head.epochs=40", "head.batch=16", "head.learning_rate=0.02", "head.prior_strength=1e-3")
    kernel, bias = fit_head(features, truth, prior, read_recipe("resnet50_field", changes), seed=1)
    assert ((features @ kernel + bias).argmax(axis=1) == truth).all()
    unseen = np.array([[0, 0, 2, 0]], np.float32)
    assert (unseen @ kernel + bias).argmax() == 2


def test_a_blend_lies_between_its_ends():
    network = tiny_network()
    start = network.get_weights()
    tuned = [w + 1 for w in start]
    blend(network, start, tuned, 0.25)
    np.testing.assert_allclose(network.get_weights()[0], start[0] + 0.25, atol=1e-6)


PLATEAU = tuple(
    f"stages.{i}.{change}"
    for i in (0, 1)
    for change in ("warmup=0", "schedule=constant", "plateau_factor=0.5", "plateau_patience=1", "decay=0.01")
)
STOPPING = ("training.average=0", "stages.0.stop_patience=1", "stages.1.stop_patience=1")


def rates(folder):
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return [(row["stage"], row["epoch"], row["learning_rate"]) for row in rows]


def test_a_killed_run_remembers_how_long_its_plateau_has_lasted(data, tmp_path):
    changes = (*PLATEAU, "training.average=0", "stages.0.epochs=5", "stages.0.learning_rate=0.5")
    whole = run(data, tmp_path / "whole", changes=changes)
    assert min(rate for _, _, rate in rates(tmp_path / "whole")) < 0.2

    for epoch in (2, 3, 4, 5):

        def kill(what, done, total, epoch=epoch):
            if what.startswith(f"stage 1 epoch {epoch}"):
                raise Killed

        with pytest.raises(Killed):
            run(data, tmp_path / "killed", kill, changes)
    resumed = run(data, tmp_path / "killed", changes=changes)
    assert rates(tmp_path / "killed") == rates(tmp_path / "whole")
    for a, b in zip(whole, resumed, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_stage_stops_early_and_ends_with_its_best_epochs_weights(data, tmp_path):
    changes = (*STOPPING, "stages.0.epochs=30", "stages.0.learning_rate=3", "stages.0.warmup=0", "stages.1.epochs=1")
    run(data, tmp_path / "run", changes=changes)
    rows = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    losses = [row["val_loss"] for row in rows if row["stage"] == "stage 1"]
    assert len(losses) < 30
    assert np.argmin(losses) == len(losses) - 2
    network = tiny_network()
    network.load_weights(tmp_path / "run" / "stage1.weights.h5")
    shown = keras.layers.Resizing(16, 16, antialias=True)(data.validation.pixels.astype(np.float32))
    logits = network.predict_on_batch(np.asarray(shown))["logits"]
    wanted = np.eye(3)[data.validation.truth]
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05)(wanted, logits)
    assert float(loss) == pytest.approx(min(losses), rel=0.02)


def test_patience_counts_from_the_best_epoch():
    rows = [{"val_loss": loss} for loss in (3.0, 2.0, 2.5, 2.0)]
    assert stopped(rows, 2)
    assert not stopped(rows, 3)
    assert not stopped(rows, 0)


def test_every_epoch_leaves_its_figures_as_rows_and_as_csv(data, tmp_path):
    run(data, tmp_path / "run")
    row = json.loads((tmp_path / "run" / "history.jsonl").read_text().splitlines()[0])
    assert {"stage", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"} <= row.keys()
    table = (tmp_path / "run" / "epochs.csv").read_text().splitlines()
    assert table[0].split(",") == list(row)
    assert len(table) == 5


def test_a_network_with_new_layers_learns_from_oversampled_and_mixed_photos(data, tmp_path):
    rare = LabelledArrays(data.train.pixels[2:], data.train.truth[2:])
    changes = ("training.balance=0", "training.oversampling=true", "augmentation.varies=copies", "training.mixup=0.2",
               "top.dense=[6]", "top.l2=1e-4", "stages.0.epochs=12", "stages.0.learning_rate=0.02")  # fmt: skip
    recipe = read_recipe("resnet50_field", SHORT + changes)
    network = tiny_network(recipe.top)
    assert network.get_layer("embedding").output.shape[-1] == 6
    fit_stages(network, TrainingData(rare, data.validation), recipe, RunFolder(tmp_path, lambda *_: None), seed=3)
    rows = RunFolder(tmp_path, lambda *_: None).epochs("stage 1")
    assert rows[-1]["val_loss"] < 0.8 * rows[0]["val_loss"]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_learns_what_full_precision_learns(data, tmp_path, precision):
    from avistar_train.network import computing_in

    recipe = read_recipe("resnet50_field", (*SHORT, f"precision={precision}", "stages.0.learning_rate=0.02"))
    with computing_in(precision):
        network = tiny_network()
    assert keras.config.dtype_policy().name == "float32"
    fit_stages(network, data, recipe, RunFolder(tmp_path, lambda *_: None), seed=3)
    assert all(weights.dtype == np.float32 for weights in network.get_weights())
    assert RunFolder(tmp_path, lambda *_: None).epochs("stage 2")[-1]["loss"] < 1.2


def test_tensorboard_gets_every_epoch_of_a_killed_run_from_its_own_library(data, tmp_path):
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="TensorBoard isn't installed"
    )
    recipe = read_recipe("resnet50_field", SHORT)

    def kill(what, done, total):
        if what.startswith("stage 1 epoch 2"):
            raise Killed

    with pytest.raises(Killed):
        fit_stages(tiny_network(), data, recipe, RunFolder(tmp_path, kill, tensorboard=True), seed=3)
    fit_stages(tiny_network(), data, recipe, RunFolder(tmp_path, lambda *_: None, tensorboard=True), seed=3)
    rows = RunFolder(tmp_path, lambda *_: None).epochs("stage 1")
    for run, figure in (("train", "loss"), ("validation", "val_accuracy")):
        events = accumulator.EventAccumulator(str(tmp_path / "tensorboard" / "stage1" / run)).Reload()
        points = events.Tensors(figure.removeprefix("val_"))
        logged = {point.step: point.tensor_proto.float_val[0] for point in points}
        assert logged == pytest.approx({row["epoch"]: row[figure] for row in rows})

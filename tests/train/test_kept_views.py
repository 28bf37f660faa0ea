import msgspec
import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar.errors import AvistarError, UsageError  # noqa: E402
from avistar_train import view_cache  # noqa: E402
from avistar_train.augmentation import Varying, begin_random_layers  # noqa: E402
from avistar_train.backbones import BACKBONES, make_base, unfreeze  # noqa: E402
from avistar_train.finetune import compiled_trainer, fit_stages  # noqa: E402
from avistar_train.frozen_part import last_frozen  # noqa: E402
from avistar_train.imagenet_head import empty_prior  # noqa: E402
from avistar_train.network import base_of, make_network, top_of, varied_pictures, with_dropout  # noqa: E402
from avistar_train.recipes import read_recipe  # noqa: E402
from avistar_train.run_folder import RunFolder  # noqa: E402
from avistar_train.sampling import LabelledArrays, TrainingData  # noqa: E402
from avistar_train.view_cache import ViewSampler, keep_views  # noqa: E402
from training_support import ROW  # noqa: E402

PLACE = 1_000_003
SETTINGS = (
    "cache_size=24", "size=16", "training.average=0", "training.weight_decay=0", "trap.infrared=0.5",
    "stages=[{unfreeze_from='upper', size=16, epochs=2, batch=8, learning_rate=0.05, views=3}]",
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(view_cache, "BATCH", 4)
    monkeypatch.setattr(view_cache, "FLUSH", 2)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    truth = (np.arange(22) % 3).astype(np.int64)
    pixels = rng.integers(0, 90, (22, 24, 24, 3), dtype=np.uint8)
    pixels[np.arange(22), :, :, truth] += 120
    return TrainingData(LabelledArrays(pixels, truth), LabelledArrays(pixels[::4], truth[::4]))


def recipe_with(*changes):
    return read_recipe("resnet50_field", (*SETTINGS, *changes))


def two_blocks():
    """A base whose lower convolution is frozen where the recipe unfreezes `upper`."""
    keras.utils.set_random_seed(5)
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(6, 3, strides=2, activation="relu", name="lower_conv")(image)
    x = keras.layers.Conv2D(8, 3, activation="relu", name="upper_conv")(x)
    base = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x), name="tiny")
    return make_network(ROW, base, empty_prior(8, ["a", "b", "c"]))


def learned(data, folder, recipe, progress=lambda *_: None):
    folder.mkdir(exist_ok=True)
    network = two_blocks()
    fit_stages(network, data, recipe, RunFolder(folder, progress), seed=3)
    return network


def pictures_of(view, data, recipe, seed):
    """A view as pictures float32 [N, size, size, 3], in the batches in which the cache looks at them."""
    inputs, x = varied_pictures(recipe, size=16, seed=seed)
    model = keras.Model(inputs, x)
    for layer in model.layers:
        if isinstance(layer, Varying):
            layer.always = True
    camera = view_cache.TrapCamera(recipe.trap)
    rows = []
    for start in range(0, len(data.truth), 4):
        pixels = data.pixels[start : start + 4]
        if view:
            rng = np.random.default_rng((seed, view, start, 1))
            pixels = np.stack([camera(one, rng) for one in pixels])
        begin_random_layers(model, view * PLACE + start)
        rows.append(model.predict_on_batch({"picture": pixels, "varied": np.full((len(pixels), 1), view > 0)}))
    return np.concatenate(rows)


def learned_from_pictures(data, recipe, kept):
    """The same stage without a cache: the whole network sees each batch's pictures anew."""
    network, stage, seed = two_blocks(), recipe.stages[0], 4
    unfreeze(base_of(network), stage.unfreeze_from)
    pictures = [pictures_of(view, data.train, recipe, seed) for view in range(stage.views)]
    sampler = ViewSampler(kept, data.train, 3, recipe, stage=stage, seed=seed)
    keras.utils.set_random_seed(seed)
    picture = keras.Input((16, 16, 3))
    x = network.get_layer("features")(base_of(network)(network.get_layer("arithmetic")(picture), training=False))
    logits = with_dropout(top_of(network, recipe.top), x, recipe.top.dropout, seed=seed)
    trainer = compiled_trainer(keras.Model(picture, logits), recipe, stage, len(sampler))
    for epoch in range(stage.epochs):
        sampler.begin(epoch)
        begin_random_layers(trainer, epoch * PLACE)
        for index in range(len(sampler)):
            photos, views = sampler.drawn(index)
            shown = np.stack([pictures[view][photo] for photo, view in zip(photos, views, strict=True)])
            trainer.train_on_batch(shown, sampler[index][1])
    return network


def test_training_from_kept_views_equals_training_that_sees_the_same_views_anew(data, tmp_path):
    recipe = recipe_with()
    cached = learned(data, tmp_path / "run", recipe)
    network = two_blocks()
    unfreeze(base_of(network), "upper")
    (tmp_path / "again").mkdir()
    kept = keep_views(network, data, recipe, RunFolder(tmp_path / "again", lambda *_: None), number=1, seed=4)
    whole = learned_from_pictures(data, recipe, kept)
    moved = np.abs(whole.get_weights()[2] - two_blocks().get_weights()[2]).max()
    assert moved > 0.02
    for one, other in zip(cached.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=0.002)  # outputs are kept as float16


class Killed(Exception):
    pass


@pytest.mark.parametrize("stop", [("stage 1 view 2", 16), ("stage 1 validation", 4), ("stage 1 epoch 2", 1)])
def test_a_killed_run_ends_where_an_uninterrupted_one_ends(data, tmp_path, stop):
    recipe = recipe_with()
    whole = learned(data, tmp_path / "whole", recipe)
    again = []

    def kill(what, done, total):
        if what.startswith(stop[0]) and done == stop[1]:
            raise Killed

    with pytest.raises(Killed):
        learned(data, tmp_path / "killed", recipe, kill)
    resumed = learned(data, tmp_path / "killed", recipe, lambda what, done, total: again.append((what, done)))
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert ("stage 1 view 1", 4) not in again
    if stop[0] == "stage 1 view 2":
        assert [done for what, done in again if what == "stage 1 view 2"] == [12, 16, 20, 22]


def test_what_was_kept_is_gone_when_its_stage_is_done(data, tmp_path):
    learned(data, tmp_path / "run", recipe_with())
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == [
        "epochs.csv", "history.jsonl", "stage1.weights.h5",
    ]  # fmt: skip


def test_the_first_view_is_the_photo_as_it_is_and_others_are_varied(data, tmp_path):
    network, recipe = two_blocks(), recipe_with()
    unfreeze(base_of(network), "upper")
    kept = keep_views(network, data, recipe, RunFolder(tmp_path, lambda *_: None), number=1, seed=4)
    small = keras.layers.Resizing(16, 16, antialias=True)(data.train.pixels.astype(np.float32))
    wanted = base_of(network).get_layer("lower_conv")(network.get_layer("arithmetic")(small))
    np.testing.assert_allclose(kept.views[0], keras.ops.convert_to_numpy(wanted), atol=1e-3)
    assert kept.views[0].dtype == np.float16
    np.testing.assert_array_equal(kept.watched, kept.views[0][::4])
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(kept.views[a].astype(np.float32) - kept.views[b]).max(axis=(1, 2, 3)).min() > 0.01


def test_originals_come_as_they_are_where_only_copies_are_varied(data, tmp_path):
    rare = TrainingData(LabelledArrays(data.train.pixels[:9], np.array([0, 0, 0, 0, 0, 0, 1, 2, 2])), data.validation)
    recipe = recipe_with("training.oversampling=true", "training.balance=0", "augmentation.varies=copies")
    kept = view_cache.KeptViews(tuple(np.full((9, 1), v, np.float16) for v in range(3)), np.zeros((1, 1), np.float16))
    sampler = ViewSampler(
        kept, rare.train, 3, recipe, stage=msgspec.structs.replace(recipe.stages[0], batch=18), seed=1
    )
    photos, views = sampler.drawn(0)
    assert len(photos) == 18
    originals = [views[np.flatnonzero(photos == photo)].min() for photo in range(9)]
    assert originals == [0] * 9
    assert (views > 0).sum() == 9
    assert sampler[0][0]["kept"].ravel().tolist() == views.tolist()


@pytest.mark.parametrize(
    ("backbone", "first", "cut"),
    [
        ("inception_v3", "mixed8", "mixed8"),
        ("inception_v3", "mixed9", "mixed9"),
        ("resnet50", "conv4_block1", "conv3_block4_out"),
        ("vgg16", "block4_conv1", "block3_pool"),
        ("vgg16", "none", "global_average_pooling2d"),
    ],
)
def test_the_cut_is_the_last_layer_that_all_above_goes_through(backbone, first, cut):
    keras.backend.clear_session()
    base = make_base(BACKBONES[backbone], None)
    unfreeze(base, first)
    assert last_frozen(base).name.startswith(cut)


def test_a_base_that_learns_from_its_first_layer_on_has_nothing_to_keep(data, tmp_path):
    recipe = recipe_with("stages.0.unfreeze_from=all")
    with pytest.raises(UsageError, match="tiny has none"):
        learned(data, tmp_path / "run", recipe)


def test_values_too_large_for_the_cache_are_refused(data, tmp_path):
    network, recipe = two_blocks(), recipe_with()
    kernel, bias = base_of(network).get_layer("lower_conv").get_weights()
    base_of(network).get_layer("lower_conv").set_weights([kernel * 1e6, bias])
    unfreeze(base_of(network), "upper")
    with pytest.raises(AvistarError, match="too large to be kept"):
        keep_views(network, data, recipe, RunFolder(tmp_path, lambda *_: None), number=1, seed=4)


def test_mixed_pictures_and_kept_views_contradict_each_other():
    with pytest.raises(UsageError, match="mixup"):
        recipe_with("training.mixup=0.2")

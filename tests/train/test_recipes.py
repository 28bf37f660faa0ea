import pytest

from avistar import UsageError
from avistar_train.recipes import read_recipe, recipe_names


def test_every_recipe_that_ships_can_be_read():
    assert recipe_names()
    for name in recipe_names():
        assert read_recipe(name).stages, name


def test_a_field_can_be_changed_from_the_command_line():
    recipe = read_recipe("resnet50_field", ("stages.1.epochs=3", "training.balance=0", "fit=stretch"))
    assert recipe.stages[1].epochs == 3
    assert recipe.training.balance == 0
    assert recipe.fit == "stretch"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("stages.9.epochs=3", "no field 'stages.9.epochs'"),
        ("training.typo=3", "no field 'training.typo'"),
        ("training.balance=lots", "no value"),
        ("training.balance='lots'", "Expected `float`"),
        ("fit=squeeze", "Invalid enum value"),
        ("epochs", "write field=value"),
        ("augmentation.varies=copies", "needs training.oversampling"),
        ("training.oversampling=true", "choose one"),
        ("stages.0.stop_patience=3", "choose one"),
        ("stages.0.decay=1e-7", 'need schedule = "constant"'),
        ("stages.0.schedule=constant", 'warmup needs schedule = "cosine"'),
        ("training.blends=[]", "length >= 1"),
        ("training.mixup=-1", ">= 0"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(change, words):
    with pytest.raises(UsageError, match=words):
        read_recipe("resnet50_field", (change,))


def test_an_unknown_recipe_is_answered_with_those_there_are():
    with pytest.raises(UsageError, match="resnet50_field"):
        read_recipe("resnet51")


def test_an_unknown_field_in_a_file_is_refused(tmp_path):
    from importlib import resources

    text = resources.files("avistar_train").joinpath("recipes/resnet50_field.toml").read_text("utf-8")
    file = tmp_path / "mine.toml"
    file.write_text("leraning_rate = 1\n" + text, "utf-8")
    with pytest.raises(UsageError, match="leraning_rate"):
        read_recipe(str(file))
    with pytest.raises(UsageError, match="can't be read"):
        read_recipe(str(tmp_path / "none.toml"))


def test_a_field_that_the_file_leaves_out_can_be_changed_too():
    assert read_recipe("vgg16_v1", ("training.mixup=0.2",)).training.mixup == 0.2


def test_a_recipe_by_which_nothing_learns_is_refused(tmp_path):
    file = tmp_path / "idle.toml"
    file.write_text('backbone = "vgg16"\nsize = 64\nfit = "crop"\ncache_size = 64\n', "utf-8")
    with pytest.raises(UsageError, match="nothing would learn"):
        read_recipe(str(file))


def test_what_the_paper_says_is_in_its_recipes():
    v1, v2, resnet, inception = map(read_recipe, ("vgg16_v1", "vgg16_v2", "resnet50", "inception_v3"))
    assert (v1.size, v1.fit, v1.stages[0].epochs) == (64, "stretch", 40)
    assert not v1.augmentation.flip
    assert v1.stages[0].plateau_factor == 0
    assert {r.size for r in (v2, resnet, inception)} == {128}
    assert {r.fit for r in (v2, resnet, inception)} == {"crop"}
    assert v2.stages[0].epochs == 100
    assert v2.top.l1 > 0 < v2.top.l2
    assert resnet.top.l1 == resnet.top.l2 == 0
    assert resnet.stages[0].batch < v2.stages[0].batch
    assert resnet.stages[0].epochs < v2.stages[0].epochs
    stage = inception.stages[0]
    assert (stage.learning_rate, stage.decay, stage.batch, stage.epochs) == (1e-4, 1e-7, 32, 50)
    assert (stage.plateau_factor, stage.plateau_patience, stage.unfreeze_from) == (0.5, 2, "all")
    assert inception.top.l1 == 1e-4

import pytest

from avistar import UsageError
from avistar_train.recipes import read_recipe, recipe_names


def test_every_recipe_that_ships_can_be_read():
    assert recipe_names()
    for name in recipe_names():
        assert read_recipe(name).stages


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

"""Recipes: everything that decides how a network is trained, in small commented TOML files."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import msgspec

from avistar.errors import UsageError
from avistar.manifest import Fit


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Training of the last layer on features of the frozen base."""

    epochs: int
    batch: int
    learning_rate: float
    prior_strength: float = 0.0


class Augmentation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How training pictures are varied; shares of the side or of the pictures, 0 to 1."""

    rotation_degrees: float = 0.0
    zoom_in: float = 0.0
    translation: float = 0.0
    jitter: float = 0.0
    grey: float = 0.0


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all stages share."""

    label_smoothing: float = 0.0
    balance: float = 0.0
    weight_decay: float = 0.0
    average: float = 0.0
    blends: tuple[float, ...] = (1.0,)


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stage of fine-tuning: which layers learn, at which picture size, how fast."""

    unfreeze_from: str
    size: int
    epochs: int
    batch: int
    learning_rate: float
    warmup: float = 0.0


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole recipe; the fields are explained in the TOML files beside this module."""

    backbone: Literal["resnet50", "vgg16", "inception_v3"]
    size: int
    fit: Fit
    cache_size: int
    dropout: float
    head: Head
    augmentation: Augmentation
    training: Training
    stages: tuple[Stage, ...] = ()


def recipe_names() -> list[str]:
    """Names of the recipes that come with Avistar."""
    folder = resources.files("avistar_train").joinpath("recipes")
    return sorted(Path(str(entry)).stem for entry in folder.iterdir() if str(entry).endswith(".toml"))


def read_recipe(name_or_file: str, changes: tuple[str, ...] = ()) -> Recipe:
    """Read a recipe by name or from a TOML file, with `changes` such as "stages.0.epochs=2" applied.

    Raises `UsageError` naming what is unknown or of the wrong type.
    """
    if name_or_file.endswith(".toml"):
        try:
            text = Path(name_or_file).read_text("utf-8")
        except OSError as error:
            raise UsageError(f"the recipe {name_or_file} can't be read ({error.strerror})") from error
    elif name_or_file in recipe_names():
        text = resources.files("avistar_train").joinpath("recipes", f"{name_or_file}.toml").read_text("utf-8")
    else:
        raise UsageError(f"no recipe '{name_or_file}': there are {', '.join(recipe_names())}, or name a .toml file")
    try:
        table = tomllib.loads(text)
        for change in changes:
            _apply(table, change)
        return msgspec.convert(table, Recipe)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"recipe '{name_or_file}': {error}") from error


def _apply(table: dict[str, Any], change: str) -> None:
    path, separator, text = change.partition("=")
    if not separator:
        raise UsageError(f"'{change}' is no change of a recipe: write field=value, such as stages.0.epochs=2")
    *parents, last = path.strip().split(".")
    place: Any = table
    try:
        for parent in parents:
            place = place[int(parent)] if isinstance(place, list) else place[parent]
        old = place[last]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise UsageError(f"the recipe has no field '{path.strip()}'") from error
    place[last] = text.strip() if isinstance(old, str) else _value(text, path)


def _value(text: str, path: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"'{text}' is no value for '{path}': write it as in TOML") from error

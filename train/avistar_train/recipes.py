"""Recipes: everything that decides how a network is trained, in small commented TOML files."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from avistar.errors import UsageError
from avistar.manifest import Fit
from avistar.message import Message, reason_of

Count = Annotated[int, Meta(ge=1)]
CountOrNone = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Strength = Annotated[float, Meta(ge=0)]
Rate = Annotated[float, Meta(gt=0)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a recipe: a field that isn't known is refused."""


class Top(_Table, frozen=True):
    """The new layers on the base, the last of which gives a logit for each species.

    `dense`: widths of layers with ReLU before the last one; `dropout`: share of their inputs that is dropped in the
    stages, of the base's features only where no dense layer sees them; `l1` and `l2`: penalties on their kernels.
    """

    dense: tuple[Count, ...] = ()
    dropout: Share = 0.0
    l1: Strength = 0.0
    l2: Strength = 0.0


LINEAR = Top()
"""The layer of species alone."""


class Head(_Table, frozen=True):
    """Training of the new layers alone on features of the frozen base, by Adam with cosine decay; 0 epochs: none.

    `prior_strength` pulls the last layer towards the ImageNet layer's own vectors.
    """

    epochs: CountOrNone = 0
    batch: Count = 256
    learning_rate: Rate = 1e-3
    dropout: Share = 0.0
    prior_strength: Strength = 0.0


class Augmentation(_Table, frozen=True):
    """How training pictures are varied; shares of the side or of the pictures.

    `varies`: all pictures, or only the copies that oversampling makes. `jitter` is of brightness, contrast and
    saturation; `grey` the share of pictures that lose their colours.
    """

    varies: Literal["all", "copies"] = "all"
    flip: bool = False
    rotation_degrees: Annotated[float, Meta(ge=0, le=180)] = 0.0
    zoom_in: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    translation: Share = 0.0
    jitter: Share = 0.0
    grey: Share = 0.0


class TrapLook(_Table, frozen=True):
    """How often training pictures are made to look like a camera trap's: shares of the varied pictures, each by itself.

    `small`: the animal small, often at the edge, in a frame without one; `occlusion`: blades, twigs or a trunk before
    it; `infrared`: lit by infrared diodes; `cast`: dusk, dawn or flash; `motion`: blurred by moving; `jpeg`: stored at
    a low quality; `stamp`: a bar with date and time.
    """

    small: Share = 0.0
    occlusion: Share = 0.0
    infrared: Share = 0.0
    cast: Share = 0.0
    motion: Share = 0.0
    jpeg: Share = 0.0
    stamp: Share = 0.0


class Teacher(_Table, frozen=True):
    """How far the stages learn from the answers of a larger bundle (Hinton et al. 2015, arXiv:1503.02531).

    `share`: of a photo's label that its answer makes up, where its first species is the photo's own; elsewhere the
    label stands alone. `temperature`: its logits are divided by it, so that above 1 more is seen of what each animal
    resembles.
    """

    share: Share = 0.0
    temperature: Rate = 1.0


class Training(_Table, frozen=True):
    """What all stages share.

    `balance`: a species is drawn ~ photos^(1 - balance): 0 as it comes, 1 all equal. `oversampling`: rare species
    are lifted to the most frequent one with copies. `mixup`: alpha of the Beta distribution (Zhang et al. 2018,
    arXiv:1710.09412), 0 for none. `average`: momentum of the running mean of the weights, 0 for none. `blends`:
    shares of the tuned weights against the starting ones, of which validation chooses.
    """

    label_smoothing: Share = 0.0
    balance: Share = 0.0
    oversampling: bool = False
    mixup: Strength = 0.0
    weight_decay: Strength = 0.0
    average: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    blends: Annotated[tuple[Share, ...], Meta(min_length=1)] = (1.0,)


class Stage(_Table, frozen=True):
    """One stage of fine-tuning by AdamW: which layers learn, at which picture size, how fast, until when.

    `unfreeze_from`: the name with which the first learning layer begins, "all" or "none". `warmup` (share of the
    steps) belongs to the cosine; to the constant rate belong `decay` (rate / (1 + decay * steps done), renewed each
    epoch) and `plateau_factor`, applied after `plateau_patience` epochs without a better validation loss (0: never).
    `stop_patience`: epochs without a better validation loss after which the stage ends with its best epoch's
    weights (0: never). `views`: how many views of each photo the frozen part looks at, once, before the stage
    learns from what it made of them; the first is the photo as it is (0: pictures are varied anew at each step).
    """

    unfreeze_from: str
    size: Count
    epochs: Count
    batch: Count
    learning_rate: Rate
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup: Share = 0.0
    decay: Strength = 0.0
    plateau_factor: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    plateau_patience: Count = 2
    stop_patience: CountOrNone = 0
    views: CountOrNone = 0

    def __post_init__(self) -> None:
        """Refuse fields that belong to the other schedule."""
        if self.schedule == "cosine" and (self.decay or self.plateau_factor):
            raise ValueError(
                Message('decay and plateau_factor need schedule = "constant": the cosine decays by itself')
            )
        if self.schedule == "constant" and self.warmup:
            raise ValueError(Message('warmup needs schedule = "cosine"'))


class Recipe(_Table, frozen=True):
    """A whole recipe.

    `size`: px of the square that the network sees; `cache_size`: px of the square that augmentation cuts from;
    `precision`: in what the base computes while it trains (what is published is float32).
    """

    backbone: Literal["resnet50", "vgg16", "inception_v3", "efficientnet_lite0"]
    size: Count
    fit: Fit
    cache_size: Count
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    top: Top = LINEAR
    head: Head = Head()
    augmentation: Augmentation = Augmentation()
    trap: TrapLook = TrapLook()
    teacher: Teacher = Teacher()
    training: Training = Training()
    stages: tuple[Stage, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.augmentation.varies == "copies" and not self.training.oversampling:
            raise ValueError(Message('augmentation.varies = "copies" needs training.oversampling = true'))
        if self.training.oversampling and self.training.balance:
            raise ValueError(Message("training.oversampling and training.balance both lift rare species: choose one"))
        if self.training.average and any(stage.stop_patience for stage in self.stages):
            raise ValueError(
                Message("stop_patience keeps the best epoch's weights, training.average their mean: choose one")
            )
        if self.training.mixup and any(stage.views for stage in self.stages):
            raise ValueError(Message("training.mixup mixes pictures, and a stage with views sees none: choose one"))
        if not self.head.epochs and not self.stages:
            raise ValueError(Message("nothing would learn: give head.epochs or stages"))


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
            raise UsageError(
                "the recipe {recipe} can't be read ({reason})", recipe=name_or_file, reason=reason_of(error)
            ) from error
    elif name_or_file in recipe_names():
        text = resources.files("avistar_train").joinpath("recipes", f"{name_or_file}.toml").read_text("utf-8")
    else:
        raise UsageError(
            "no recipe '{recipe}': there are {names}, or name a .toml file",
            recipe=name_or_file,
            names=", ".join(recipe_names()),
        )
    try:
        # Every field has its place from here on, so that one the file leaves out can be changed too.
        table = msgspec.json.decode(msgspec.json.encode(msgspec.convert(tomllib.loads(text), Recipe)))
        for change in changes:
            _apply(table, change)
        return msgspec.convert(table, Recipe)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError("recipe '{recipe}': {error}", recipe=name_or_file, error=error) from error


def _apply(table: dict[str, Any], change: str) -> None:
    path, separator, text = change.partition("=")
    if not separator:
        raise UsageError(
            "'{change}' is no change of a recipe: write field=value, such as stages.0.epochs=2", change=change
        )
    *parents, last = path.strip().split(".")
    place: Any = table
    try:
        for parent in parents:
            place = place[int(parent)] if isinstance(place, list) else place[parent]
        old = place[last]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise UsageError("the recipe has no field '{field}'", field=path.strip()) from error
    place[last] = text.strip() if isinstance(old, str) else _value(text, path)


def _value(text: str, path: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise UsageError("'{value}' is no value for '{field}': write it as in TOML", value=text, field=path) from error

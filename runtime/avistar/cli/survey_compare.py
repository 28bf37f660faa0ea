"""`avistar survey compare`: what a second model says of a survey's photos, beside the answers that stand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import Steps, note, tell
from avistar.cli.options import CatalogueArgument, DeviceName, JsonOption, LanguageOption
from avistar.cli.texts import locale_language
from avistar.files import printable
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.comparison import StoredComparison
    from avistar.species import Language

_PAIRS = 10
"""Pairs of answers that the terminal shows; --json has every photo."""


def add_to(app: typer.Typer) -> None:
    """Make the command part of `avistar survey`."""
    app.command()(compare)


def compare(
    catalogue: CatalogueArgument,
    *,
    model: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Let this bundle answer the photos too; answers that stand stay."),
    ] = None,
    device: Annotated[DeviceName, typer.Option(help="What to run it on.")] = DeviceName.AUTO,
    files: Annotated[bool, typer.Option("--files", help="List each photo of which two models say otherwise.")] = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Compare two models photo by photo: how often they differ, on what, and who is right where people reviewed.

    Without --model, what the survey holds: a survey that another model answered again keeps the first one's answers.
    """
    from avistar.catalogue import Catalogue
    from avistar.comparison import stored_comparisons

    spoken = language.value if language else locale_language()
    if model is not None:
        _answer(catalogue, model, device, spoken)
    with Catalogue.read(catalogue) as opened:
        found = stored_comparisons(opened)
    if as_json:
        tell(json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False))
    elif not found:
        note(Message("no photo was answered by two models: name a second one with --model").to(spoken))
    else:
        for one in found:
            _show(one, spoken, files=files)


def _answer(path: Path, model: Path, device: DeviceName, spoken: Language) -> None:
    from avistar.catalogue import Catalogue
    from avistar.classifier import Classifier
    from avistar.comparison import answer_beside

    steps, what = Steps(), Message("answering beside").to(spoken)
    with Catalogue.open(path) as opened, Classifier.open(model, device.value) as classifier:
        done = answer_beside(opened, classifier, progress=lambda number, total: steps(what, number, total))
    note(Message("{photos:,} photos were answered by {model} too", photos=done.photos, model=model).to(spoken))
    if done.unread:
        note(Message("{number:,} photos can't be read now and were left out", number=done.unread).to(spoken))


def _show(one: StoredComparison, spoken: Language, *, files: bool) -> None:
    tell(
        Message(
            "{first} and {second} answered {photos:,} photos, {number:,} of them otherwise",
            first=one.first,
            second=one.second,
            photos=one.photos,
            number=len(one.differing),
        ).to(spoken)
    )
    if one.reviewed:
        tell(
            Message(
                "of {reviewed:,} that people reviewed, only {first} is right on {only_first:,}, only {second} on "
                "{only_second:,} (sign test: p = {chance:.3f})",
                reviewed=one.reviewed,
                first=one.first,
                second=one.second,
                only_first=one.only_first,
                only_second=one.only_second,
                chance=one.chance,
            ).to(spoken)
        )
    if files:
        for photo in one.differing:
            tell("\t".join((printable(photo.file), photo.first, photo.second, photo.reviewed)))
        return
    pairs = Counter((photo.first, photo.second) for photo in one.differing)
    for (first, second), number in pairs.most_common(_PAIRS):
        tell(f"{number:>9,}  {first} / {second}")
    if len(pairs) > _PAIRS:
        tell(Message("… and {number:,} more pairs: --json has all", number=len(pairs) - _PAIRS).to(spoken))

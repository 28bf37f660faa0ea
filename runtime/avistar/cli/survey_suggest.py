"""`avistar survey suggest`: which photos to review next, so that a lesson learns most from them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from avistar.cli.console import note, tell
from avistar.cli.options import CatalogueArgument, JsonOption, LanguageOption
from avistar.cli.texts import locale_language
from avistar.message import Message


def add_to(app: typer.Typer) -> None:
    """Make the command part of `avistar survey`."""
    app.command()(suggest)


def suggest(
    catalogue: CatalogueArgument,
    *,
    number: Annotated[int, typer.Option(min=1, max=1000, help="How many photos.")] = 20,
    seed: Annotated[int, typer.Option(help="Another seed picks others that teach as much.")] = 0,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """List the unreviewed photos that would teach most, the most telling first: unsure ones, none like another.

    After BADGE (Ash et al. 2020), from the answers and from what the network saw, where that was kept; a burst gives
    one of its photos.
    """
    from avistar.adaptation.suggestion import review_next
    from avistar.catalogue import Catalogue
    from avistar.files import printable

    spoken = language.value if language else locale_language()
    with Catalogue.read(catalogue) as opened:
        rows = opened.rows(review_next(opened, number, seed=seed))
    if as_json:
        facts = [{"file": printable(row.path), "answer": row.decided or "unknown", "confidence": row.confidence}
                 for row in rows]  # fmt: skip
        tell(json.dumps(facts, indent=1, ensure_ascii=False))
        return
    for row in rows:
        tell(printable(row.path))
    if not rows:
        note(Message("every photo that was answered is reviewed").to(spoken))

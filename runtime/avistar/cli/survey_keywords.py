"""`avistar survey keywords`: what people changed of our keywords in other programs, and our keywords out again."""

from __future__ import annotations

import getpass
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note, tell, visible
from avistar.cli.options import CatalogueArgument, LanguageOption
from avistar.cli.texts import locale_language
from avistar.message import Message, localized

if TYPE_CHECKING:
    from avistar.catalogue import Catalogue
    from avistar.formats.xmp_corrections import KeywordCorrection
    from avistar.species import Language

_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Make the command part of `avistar survey`."""
    app.command()(keywords)


def keywords(
    catalogue: CatalogueArgument,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Where the sidecars are. Default: beside the photos.")
    ] = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Store what was read; without, only show.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take Avistar's keywords out of the sidecars again.")
    ] = False,
    reviewer: Annotated[str, typer.Option(help="Who changed them. Default: you.", show_default=False)] = "",
    language: LanguageOption = None,
) -> None:
    """Read back what people corrected by changing the keywords beside their photos in another program.

    Sidecars are read only, except with --remove: it takes out what `survey export --format xmp` put there, and
    removes sidecars that hold nothing else. Ends with 1 when something could not be read or is not clear.
    """
    from avistar.catalogue import Catalogue

    spoken = language.value if language else locale_language()
    with Catalogue.open(catalogue) if apply else Catalogue.read(catalogue) as opened:
        target = folder or Path(opened.facts.folder)
        raise typer.Exit(
            _remove(opened, target, spoken) if remove else _corrections(opened, target, reviewer, spoken, apply=apply)
        )


def _remove(catalogue: Catalogue, folder: Path, language: Language) -> int:
    from avistar.catalogue import Query
    from avistar.formats.xmp import take_keywords_out

    done = take_keywords_out(catalogue.records(Query(present=None)), folder)
    for remark in done.notes:
        note(localized(remark, language))
    tell(Message("{number:,} sidecars are without Avistar's keywords now", number=done.media).to(language))
    return int(bool(done.notes))


def _corrections(catalogue: Catalogue, folder: Path, reviewer: str, language: Language, *, apply: bool) -> int:
    from avistar.cli.survey_reviews import store
    from avistar.formats.xmp_corrections import KeywordCorrection, UnclearKeywords, keyword_corrections
    from avistar.records import Review

    found = list(keyword_corrections(catalogue.records(), folder, catalogue.species.all()))
    clear = [one for one in found if isinstance(one, KeywordCorrection)]
    unclear = [one for one in found if isinstance(one, UnclearKeywords)]
    for one in unclear[:_SHOWN]:
        note(f"{visible(one.medium)}: {localized(one.reason, language)}")
    if len(unclear) > _SHOWN:
        note(Message("and {count} more", count=f"{len(unclear) - _SHOWN:,}").to(language))
    _show(clear, language)
    if clear and apply:
        now, who = datetime.now(UTC), reviewer or getpass.getuser()
        ids = catalogue.ids_of(one.medium for one in clear)
        store(catalogue, [(ids[one.medium], Review.of(one.sightings, who, now)) for one in clear], language)
    elif clear:
        tell(Message("nothing was stored: add --apply").to(language))
    return int(bool(unclear))


def _show(clear: list[KeywordCorrection], language: Language) -> None:
    if not clear:
        tell(Message("no keyword was changed").to(language))
    for what, number in Counter(one.species or one.kind for each in clear for one in each.sightings).most_common():
        tell(f"{what}: {number:,}")

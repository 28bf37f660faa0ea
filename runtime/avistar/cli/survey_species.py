"""`avistar survey species`: the survey's list of species, shown and changed."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note, tell
from avistar.cli.options import CatalogueArgument, JsonOption, LanguageOption
from avistar.cli.texts import locale_language
from avistar.errors import UsageError
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.catalogue import Catalogue
    from avistar.species import Language, Species

_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Make the command part of `avistar survey`."""
    app.command()(species)


def species(
    catalogue: CatalogueArgument,
    *,
    read: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE",
            help="Add those of a table with scientific, english, spanish, group, or of one name a line.",
        ),
    ] = None,
    add: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Add one; may be given again.")] = None,
    rename: Annotated[
        str, typer.Option(metavar="SPECIES", help="Give it the names below; those not given stay.", show_default=False)
    ] = "",
    english: Annotated[str | None, typer.Option(help="--rename: its English name.")] = None,
    spanish: Annotated[str | None, typer.Option(help="--rename: its Spanish name.")] = None,
    scientific: Annotated[str | None, typer.Option(help="--rename: its Latin name.")] = None,
    group: Annotated[str | None, typer.Option(help="--rename: the group it belongs to.")] = None,
    merge: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="SPECIES INTO", help="Let all that was said to be the first be the second."),
    ] = None,
    reviewer: Annotated[str, typer.Option(help="Who says so. Default: you.", show_default=False)] = "",
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """The survey's species: the model's, and those that people add; listed, added to, renamed or merged.

    Each change is one step: `avistar survey reviews CATALOGUE --undo` takes the last one back.
    """
    from avistar.catalogue import Catalogue
    from avistar.formats.species_table import read_species
    from avistar.species import Species

    spoken = language.value if language else locale_language()
    names = {"english": english, "spanish": spanish, "scientific": scientific, "group": group}
    given = {name: text for name, text in names.items() if text is not None}
    changes = [bool(read), bool(add), bool(rename), bool(merge)].count(True)
    if changes > 1:
        raise UsageError("one change at a time: --import, --add, --rename or --merge")
    if bool(rename) != bool(given):
        raise UsageError("--rename SPECIES needs a new name, and a name --rename: --english, --spanish or --scientific")
    with Catalogue.open(catalogue) if changes else Catalogue.read(catalogue) as opened:
        who = reviewer or (getpass.getuser() if changes else "")
        if read:
            _add(opened, read_species(read), who, spoken)
        elif add:
            _add(opened, [Species("", name, "", "", "") for name in add], who, spoken)
        elif rename:
            _rename(opened, rename, given, who, spoken)
        elif merge:
            _merge(opened, merge, who, spoken)
        else:
            _tell_species(opened.species.all(), set(opened.species.own()), spoken, as_json=as_json)


def _tell_species(species: tuple[Species, ...], own: set[str], language: Language, *, as_json: bool) -> None:
    if as_json:
        tell(json.dumps([{**asdict(one), "own": one.id in own} for one in species], indent=2))
        return
    for one in species:
        tell("\t".join((one.id, one.name(language), one.scientific)))


def _add(catalogue: Catalogue, species: Sequence[Species], reviewer: str, language: Language) -> None:
    new, listed = catalogue.species.unlisted(species)
    added = catalogue.species.add(new, reviewer)
    for one, there in listed[:_SHOWN]:
        name = one.english or one.scientific or one.spanish
        as_which = there.id or there.english or there.scientific or there.spanish
        said = Message("passed over, since it is in the list already: {name} ({species})", name=name, species=as_which)
        note(said.to(language))
    if len(listed) > _SHOWN:
        note(Message("… and {number:,} more rows", number=len(listed) - _SHOWN).to(language))
    tell(Message("{number:,} species added", number=len(added)).to(language))


def _rename(catalogue: Catalogue, name: str, given: dict[str, str], reviewer: str, language: Language) -> None:
    from avistar.formats.species_table import group_id
    from avistar.species import match_species

    known = match_species(name, catalogue.species.all())
    renamed = replace(
        known,
        english=given.get("english", known.english),
        spanish=given.get("spanish", known.spanish),
        scientific=given.get("scientific", known.scientific),
        group=group_id(given["group"]) if "group" in given else known.group,
    )
    media = catalogue.species.rename(renamed, reviewer)
    said = Message("{species} is renamed in {number:,} media", species=renamed.id, number=len(media))
    tell(said.to(language))


def _merge(catalogue: Catalogue, merge: tuple[str, str], reviewer: str, language: Language) -> None:
    from avistar.species import match_species

    there = catalogue.species.all()
    one, into = (match_species(name, there).id for name in merge)
    media = catalogue.species.merge(one, into, reviewer)
    tell(
        Message("{species} is {other} now in {number:,} media", species=one, other=into, number=len(media)).to(language)
    )

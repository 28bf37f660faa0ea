"""`avistar survey reviews`: what people said, out to a table and in from one."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from avistar.cli.console import note, tell, visible
from avistar.cli.options import CatalogueArgument, LanguageOption, OverwriteOption
from avistar.cli.texts import locale_language
from avistar.files import check_new
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.catalogue import Catalogue
    from avistar.formats.reviews import BadRow, ReviewRow
    from avistar.records import Verdict
    from avistar.species import Language

    Said: TypeAlias = tuple[int, Verdict, str, str]
    """A medium's id, the verdict, the species' id or "", and who said so or ""."""

_ROWS_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Make the command part of `avistar survey`."""
    app.command()(reviews)


def reviews(
    catalogue: CatalogueArgument,
    *,
    out: Annotated[Path | None, typer.Option(metavar="CSV", help="Write every review to this table.")] = None,
    read: Annotated[
        Path | None, typer.Option("--import", metavar="CSV", help="Read a table with the columns file and review.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Store what was read; without, only show.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last step of reviewing back.")] = False,
    reviewer: Annotated[
        str, typer.Option(help="Who says so. Default: the table says, or you.", show_default=False)
    ] = "",
    overwrite: OverwriteOption = False,
    language: LanguageOption = None,
) -> None:
    """What people said of the photos: counted, written to a table, or read from one.

    A row that makes no sense is told with its number; nothing is stored before --apply. Ends with 1 when
    rows were passed over.
    """
    from avistar.catalogue import Catalogue, Query
    from avistar.formats.reviews import ReviewTable

    spoken = language.value if language else locale_language()
    if out is not None:
        check_new(out, overwrite=overwrite)
    changes = undo or (read is not None and apply)
    with Catalogue.open(catalogue) if changes else Catalogue.read(catalogue) as opened:
        if undo:
            tell(Message("{number:,} media are as before the last review", number=len(opened.undo())).to(spoken))
        elif read is not None:
            raise typer.Exit(_take_in(opened, read, reviewer, spoken, apply=apply))
        elif out is not None:
            written = ReviewTable().write(opened.records(Query(reviewed=True, present=None)), opened.facts, out)
            note(Message("{media:,} media written to {files}", media=written.media, files=out).to(spoken))
        else:
            _tell_reviews(opened, spoken)


def _tell_reviews(catalogue: Catalogue, language: Language) -> None:
    from avistar.catalogue import Query

    reviews = (record.review for record in catalogue.records(Query(reviewed=True, present=None)))
    said = Counter((one.species or one.verdict, one.reviewer) for one in reviews if one)
    for (what, who), number in said.most_common():
        tell(f"{what}: {number:,} ({visible(who)})")
    if not said:
        tell(Message("nobody has reviewed anything yet").to(language))


def _take_in(catalogue: Catalogue, path: Path, reviewer: str, language: Language, *, apply: bool) -> int:
    said, bad, unlisted = _understood(catalogue, path)
    for one in bad[:_ROWS_SHOWN]:
        note(Message("row {number:,}: {reason}", number=one.number, reason=one.reason).to(language))
    if len(bad) > _ROWS_SHOWN:
        note(Message("… and {number:,} more rows", number=len(bad) - _ROWS_SHOWN).to(language))
    if unlisted:
        note(
            Message(
                "{number:,} rows name files that are not in the catalogue, such as {file}",
                number=len(unlisted),
                file=unlisted[0],
            ).to(language)
        )
    for what, number in Counter(species or verdict for _, verdict, species, _ in said).most_common():
        tell(f"{what}: {number:,}")
    if apply:
        store(catalogue, said, reviewer)
        tell(
            Message(
                "{number:,} reviews stored; `avistar survey reviews {catalogue} --undo` takes the last step back",
                number=len(said),
                catalogue=catalogue.path,
            ).to(language)
        )
    else:
        unsaid = Message("nothing was stored: add --apply") if said else Message("nothing to do")
        tell(unsaid.to(language))
    return int(bool(bad or unlisted))


def _understood(catalogue: Catalogue, path: Path) -> tuple[list[Said], list[BadRow], list[str]]:
    """What the table says, its rows that make no sense or contradict an earlier one, and files nobody knows."""
    from avistar.formats.reviews import BadRow, possible_names, read_reviews
    from avistar.species import species_known_as

    said: list[Said] = []
    bad: list[BadRow] = []
    unlisted: list[str] = []
    first: dict[int, ReviewRow] = {}
    for row in read_reviews(path, species_known_as(catalogue.facts.species)):
        if isinstance(row, BadRow):
            bad.append(row)
        elif not (found := catalogue.ids_of(possible_names(row.file, catalogue.facts.folder))):
            unlisted.append(row.file)
        elif (earlier := first.setdefault(id := next(iter(found.values())), row)).says != row.says:
            bad.append(BadRow(row.number, Message("it contradicts row {number:,}", number=earlier.number)))
        else:
            said.append((id, row.verdict, row.species, row.reviewer))
    return said, bad, unlisted


def store(catalogue: Catalogue, said: Iterable[Said], reviewer: str) -> None:
    """Add reviews, those that say the same as one step; `reviewer` overrides who each one names."""
    from avistar.records import Review

    now = datetime.now(UTC)
    steps: dict[Review, list[int]] = {}
    for id, verdict, species, who in said:
        steps.setdefault(Review(verdict, species, reviewer or who or getpass.getuser(), now), []).append(id)
    for review, ids in steps.items():
        catalogue.review(ids, review)

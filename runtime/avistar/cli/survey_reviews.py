"""`avistar survey reviews`: what people said, out to a table and in from one."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note, tell, visible
from avistar.cli.options import CatalogueArgument, LanguageOption, OverwriteOption
from avistar.cli.texts import locale_language
from avistar.files import check_new
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.catalogue import Catalogue
    from avistar.formats.review_import import ReviewImport
    from avistar.records import Record, Remark, Review
    from avistar.species import Language

_ROWS_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Make the command part of `avistar survey`."""
    app.command()(reviews)


def reviews(
    catalogue: CatalogueArgument,
    *,
    out: Annotated[Path | None, typer.Option(metavar="CSV", help="Write every review to this table.")] = None,
    read: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="CSV",
            help="Read a table with the columns file and review, and what else --out writes; or Timelapse's.",
        ),
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
    from avistar.catalogue import Catalogue
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
            written = ReviewTable().write(_Said(opened), opened.facts, out)
            note(Message("{media:,} media written to {files}", media=written.media, files=out).to(spoken))
        else:
            _tell_reviews(opened, spoken)


@dataclass(frozen=True, slots=True)
class _Said:
    """The media of which people said something."""

    catalogue: Catalogue

    def __iter__(self) -> Iterator[Record]:
        from avistar.catalogue import Query

        yield from self.catalogue.records(Query(reviewed=True, present=None))
        yield from self.catalogue.records(Query(reviewed=False, commented=True, present=None))
        if tags := tuple(self.catalogue.counts().tags):
            yield from self.catalogue.records(Query(reviewed=False, commented=False, tag=tags, present=None))


def _tell_reviews(catalogue: Catalogue, language: Language) -> None:
    from avistar.catalogue import Query

    reviews = (record.review for record in catalogue.records(Query(reviewed=True, present=None)))
    said = Counter(
        (one.species or one.kind, review.reviewer) for review in reviews if review for one in review.statement
    )
    for (what, who), number in said.most_common():
        tell(f"{what}: {number:,} ({visible(who)})")
    if not said:
        tell(Message("nobody has reviewed anything yet").to(language))


def _take_in(catalogue: Catalogue, path: Path, reviewer: str, language: Language, *, apply: bool) -> int:
    from avistar.formats.reviews import possible_names

    folder = catalogue.facts.folder

    def place(file: str) -> int | None:
        return next(iter(catalogue.ids_of(possible_names(file, folder)).values()), None)

    found = _read(catalogue, path, place, reviewer, language)
    for one in found.bad[:_ROWS_SHOWN]:
        note(Message("row {number:,}: {reason}", number=one.number, reason=one.reason).to(language))
    if len(found.bad) > _ROWS_SHOWN:
        note(Message("… and {number:,} more rows", number=len(found.bad) - _ROWS_SHOWN).to(language))
    if unnamed := found.unnamed:
        _tell_unnamed(catalogue, unnamed, language)
    if found.unlisted:
        note(
            Message(
                "{number:,} rows name files that are not in the catalogue, such as {file}",
                number=len(found.unlisted),
                file=found.unlisted[0],
            ).to(language)
        )
    _tell_import(found, language)
    if apply and (found.reviews or found.remarks):
        store(catalogue, found.reviews, language, found.remarks)
    else:
        unsaid = (
            Message("nothing was stored: add --apply") if found.reviews or found.remarks else Message("nothing to do")
        )
        tell(unsaid.to(language))
    return int(bool(found.bad or found.unlisted))


def _read(
    catalogue: Catalogue, path: Path, place: Callable[[str], int | None], reviewer: str, language: Language
) -> ReviewImport:
    """What a table says: one of ours, or Timelapse's, of which more is told."""
    from avistar.formats.review_import import put_together
    from avistar.formats.reviews import read_reviews
    from avistar.formats.timelapse_import import Speaker, is_timelapse, read_timelapse, told_of

    species, now, user = catalogue.species.all(), datetime.now(UTC), getpass.getuser()
    if not is_timelapse(path):
        return put_together(read_reviews(path, species), place, now, reviewer=reviewer, user=user)
    speaker = Speaker(reviewer or user, now, alone=bool(reviewer))
    found = read_timelapse(path, species, place, catalogue.records_of, speaker=speaker)
    for said in told_of(found):
        note(said.to(language))
    return found.said


def _tell_unnamed(catalogue: Catalogue, names: Sequence[str], language: Language) -> None:
    """What to do about names that are none of the survey's species."""
    said = Message(
        "not in the survey's list: {names}. Add them with `avistar survey species {catalogue} --add NAME`, or a list "
        "with `--import LIST`, then import the table again",
        names=", ".join(map(visible, names[:_ROWS_SHOWN])),
        catalogue=catalogue.path,
    )
    note(said.to(language))


def _tell_import(found: ReviewImport, language: Language) -> None:
    said = Counter(one.species or one.kind for _, review in found.reviews for one in review.statement)
    for what, number in said.most_common():
        tell(f"{what}: {number:,}")
    if found.remarks:
        tell(Message("comments and tags: {number:,}", number=len(found.remarks)).to(language))


def store(
    catalogue: Catalogue,
    said: Sequence[tuple[int, Review]],
    language: Language,
    remarks: Sequence[tuple[int, Remark]] = (),
) -> None:
    """Add reviews and remarks as one step, and say how to take it back."""
    catalogue.review_each(said, remarks)
    stored = Message.counted(
        "{number:,} review stored; `avistar survey reviews {catalogue} --undo` takes the last step back",
        "{number:,} reviews stored; `avistar survey reviews {catalogue} --undo` takes the last step back",
        len(said),
        catalogue=catalogue.path,
    )
    tell(stored.to(language))

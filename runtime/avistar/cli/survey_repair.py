"""`avistar survey repair`, `backup`, `restore` and `merge`: what keeps catalogues whole, and makes two one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from avistar.cli.console import tell
from avistar.cli.options import CatalogueArgument, LanguageOption
from avistar.cli.texts import locale_language
from avistar.message import Message


def add_to(app: typer.Typer) -> None:
    """Make the commands part of `avistar survey`."""
    for command in (repair, backup, restore, merge):
        app.command()(command)


def repair(
    catalogue: CatalogueArgument,
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the rebuilt catalogue goes.")],
    language: LanguageOption = None,
) -> None:
    """Rebuild a damaged catalogue from what can be read of it, as a new file; ends with 1 where something is lost."""
    from avistar.catalogue.repair import repair as rebuild

    spoken = language.value if language else locale_language()
    done = rebuild(catalogue, out)
    for table, number in done.saved.items():
        lost = done.lost.get(table, 0)
        tell(Message("{table}: {number} rows saved, {lost} lost", table=table, number=number, lost=lost).to(spoken))
    tell(Message("rebuilt: {file}", file=out).to(spoken))
    raise typer.Exit(int(bool(done.lost)))


def backup(catalogue: CatalogueArgument, *, language: LanguageOption = None) -> None:
    """Copy the catalogue beside it; the newest seven copies are kept."""
    from avistar.catalogue.backup import backup as copy

    spoken = language.value if language else locale_language()
    tell(Message("backed up: {file}", file=copy(catalogue)).to(spoken))


def restore(
    catalogue: CatalogueArgument,
    *,
    backup: Annotated[Path | None, typer.Option(metavar="FILE", help="Which one; without, the list of them.")] = None,
    language: LanguageOption = None,
) -> None:
    """Put a backup in the catalogue's place; the present file steps aside, nothing is deleted."""
    from avistar.catalogue.backup import backups
    from avistar.catalogue.backup import restore as bring_back

    spoken = language.value if language else locale_language()
    if backup is None:
        for one in backups(catalogue):
            tell(str(one))
        return
    aside = bring_back(catalogue, backup)
    tell(Message("restored from {backup}; what was there is {aside}", backup=backup, aside=aside or "-").to(spoken))


def merge(
    catalogue: CatalogueArgument,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="Another catalogue of the same photos.")],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the new catalogue goes.")],
    language: LanguageOption = None,
) -> None:
    """Make two catalogues of the same photos one, as a new file, with what people said in both.

    Both stay as they are. Folder, options and answers are the first one's.
    """
    from avistar.catalogue.merge import merge as make_one

    spoken = language.value if language else locale_language()
    done = make_one(catalogue, other, out)
    tell(
        Message(
            "{media:,} media: {shared:,} in both, {added:,} only in the second; {steps:,} steps of reviewing came from "
            "it, and people disagree on {disagreed:,}",
            media=done.media,
            shared=done.shared,
            added=done.added,
            steps=done.steps,
            disagreed=done.disagreed,
        ).to(spoken)
    )
    tell(Message("merged: {file}", file=out).to(spoken))

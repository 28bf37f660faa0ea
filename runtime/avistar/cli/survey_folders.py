"""`avistar survey sort`, `undo` and `corrections`: species folders, there and back."""

from __future__ import annotations

import getpass
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note, tell, visible
from avistar.cli.options import CatalogueArgument, HowName, LanguageOption, NameStyleName, SeveralName
from avistar.cli.texts import locale_language
from avistar.message import Message, localized

if TYPE_CHECKING:
    from avistar.sorting import Corrections, SortingOptions, SortingPlan
    from avistar.species import Language

_FOLDERS_SHOWN = 40
_FILES_SHOWN = 20

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder that holds the species folders.")]


def add_to(app: typer.Typer) -> None:
    """Make the commands part of `avistar survey`."""
    for command in (sort, undo, corrections):
        app.command()(command)


def sort(
    catalogue: CatalogueArgument,
    folder: FolderArgument,
    *,
    how: Annotated[HowName, typer.Option(help="How the photos get there.")] = HowName.COPY,
    names: Annotated[NameStyleName, typer.Option(help="What the folders are called.")] = NameStyleName.ID,
    blur_persons: Annotated[
        bool, typer.Option("--blur-persons", help="Make persons unrecognisable in the copies.")
    ] = False,
    leave_out_persons: Annotated[
        bool, typer.Option("--leave-out-persons", "--without-persons", help="Leave out photos of persons.")
    ] = False,
    several: Annotated[
        SeveralName, typer.Option(help="Photos with several species: apart in a folder of their own, or in each.")
    ] = SeveralName.APART,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it; without, only the plan is shown.")] = False,
    language: LanguageOption = None,
) -> None:
    """Put each photo into a folder of its species, with the folders it lay in below that, and its sidecars beside it.

    Nothing is ever overwritten, and a manifest written before each step lets `avistar survey undo` take it
    back, also after a power cut. Ends with 1 when some files could not be placed.
    """
    from avistar.catalogue import Catalogue
    from avistar.formats.persons import NO_PERSONS, persons_choice
    from avistar.sorting import SortingOptions, carry_out, plan_sorting

    spoken = language.value if language else locale_language()
    with Catalogue.read(catalogue) as opened:
        facts = opened.facts
        persons = persons_choice(leave_out=leave_out_persons, blur=blur_persons)
        options = SortingOptions(how.value, names.value, spoken, persons, several.value)
        plan = plan_sorting(opened.records(), facts, folder, options)
    _show(plan, spoken)
    if _no_persons(plan, options):
        note(NO_PERSONS.to(spoken))
    if not plan.placements or not _agreed(plan, spoken, yes=yes):
        return
    done = carry_out(plan, facts)
    _list(done.failed, spoken)
    tell(
        Message(
            "{placed:,} files placed; `avistar survey undo {root}` takes it back", placed=done.placed, root=folder
        ).to(spoken)
    )
    raise typer.Exit(int(bool(done.failed)))


def undo(folder: FolderArgument, *, language: LanguageOption = None) -> None:
    """Take back what `avistar survey sort` did in FOLDER; what people changed there stays.

    Ends with 1 when something had to stay.
    """
    from avistar.sorting import undo as take_back

    spoken = language.value if language else locale_language()
    undone = take_back(folder)
    _list(undone.kept, spoken)
    tell(
        Message(
            "{restored:,} moved back, {removed:,} removed, {kept:,} kept",
            restored=undone.restored,
            removed=undone.removed,
            kept=len(undone.kept),
        ).to(spoken)
    )
    raise typer.Exit(int(bool(undone.kept)))


def corrections(
    catalogue: CatalogueArgument,
    folder: FolderArgument,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Store them as reviews; without, only show.")] = False,
    reviewer: Annotated[str, typer.Option(help="Who moved the photos. Default: you.", show_default=False)] = "",
    language: LanguageOption = None,
) -> None:
    """Read back what people corrected by moving photos from one species folder to another."""
    from avistar.catalogue import Catalogue
    from avistar.cli.survey_reviews import store
    from avistar.records import Review
    from avistar.sorting import find_corrections, note_corrections

    spoken = language.value if language else locale_language()
    with Catalogue.open(catalogue) if apply else Catalogue.read(catalogue) as opened:
        found = find_corrections(folder, opened.species.all())
        _show_corrections(found, spoken)
        if not apply:
            if found.clear:
                tell(Message("nothing was stored: add --apply").to(spoken))
            return
        ids = opened.ids_of(one.medium for one in found.clear)
        who, now = reviewer or getpass.getuser(), datetime.now(UTC)
        clear = [one for one in found.clear if one.medium in ids]
        if clear:
            store(opened, [(ids[one.medium], Review(one.verdict, one.species, who, now)) for one in clear], spoken)
    note_corrections(folder, clear)


def _show(plan: SortingPlan, language: Language) -> None:
    from avistar.files import in_megabytes
    from avistar.formats.persons import blurred_whole

    folders = plan.folders
    for name, share in list(folders.items())[:_FOLDERS_SHOWN]:
        tell(f"{share.files:>9,}  {in_megabytes(share.bytes):>12}  {visible(name)}")
    if len(folders) > _FOLDERS_SHOWN:
        tell(Message("… and {number:,} more folders", number=len(folders) - _FOLDERS_SHOWN).to(language))
    for reason, number in plan.left_out.items():
        tell(_left_out(reason, number).to(language))
    if plan.blurred_whole:
        tell(blurred_whole(plan.blurred_whole).to(language))
    if plan.placements:
        size = in_megabytes(plan.bytes)
        tell(
            Message(
                "{files:,} files, {size}, into {root} ({how})",
                files=len(plan.placements),
                size=size,
                root=plan.root,
                how=plan.how,
            ).to(language)
        )
    else:
        tell(Message("nothing to do").to(language))


def _no_persons(plan: SortingPlan, options: SortingOptions) -> bool:
    """Whether persons were to be blurred or left out and none are known; of photos sorted before nothing is told."""
    found = {"persons", "sorted_before"} & set(plan.left_out) or any(one.blurred for one in plan.placements)
    return options.persons != "keep" and bool(plan.placements) and not found


def _left_out(reason: str, number: int) -> Message:
    from avistar.formats.persons import left_out_for_persons

    if reason == "sorted_before":
        return Message("{number:,} are there already", number=number)
    if reason == "sorted_elsewhere":
        return Message("{number:,} are there in another species' folder: `avistar survey undo` first", number=number)
    if reason == "persons":
        return left_out_for_persons(number)
    if reason == "gone":
        return Message("{number:,} left out: the file is gone", number=number)
    return Message("{number:,} left out: nothing is known of them", number=number)


def _agreed(plan: SortingPlan, language: Language, *, yes: bool) -> bool:
    if yes:
        return True
    if sys.stdin.isatty() and sys.stdout.isatty():
        moving = Message("The originals will leave their folders. Go ahead?")
        return typer.confirm((moving if plan.how == "move" else Message("Go ahead?")).to(language))
    note(Message("nothing was done: add --yes").to(language))
    return False


def _list(files: list[tuple[str, str]], language: Language) -> None:
    for file, reason in files[:_FILES_SHOWN]:
        note(f"{file}: {localized(reason, language)}")
    if len(files) > _FILES_SHOWN:
        note(Message("… and {number:,} more rows", number=len(files) - _FILES_SHOWN).to(language))


def _show_corrections(found: Corrections, language: Language) -> None:
    moves = Counter((one.was, one.now) for one in found.clear)
    for (was, now), number in moves.most_common():
        tell(f"{visible(was)} → {visible(now)}: {number:,}")
    _list(list(found.unclear), language)
    if found.gone:
        tell(Message("{number:,} files are no longer there: no review", number=len(found.gone)).to(language))
    if not (found.clear or found.unclear or found.gone):
        tell(Message("nothing to do").to(language))

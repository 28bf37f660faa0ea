"""`avistar survey`: what to do with a catalogue once `identify` has filled it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avistar.cli import (
    survey_compare,
    survey_deployments,
    survey_folders,
    survey_keywords,
    survey_repair,
    survey_reviews,
    survey_species,
    survey_suggest,
    survey_summary,
)
from avistar.cli.console import note, tell
from avistar.cli.options import CatalogueArgument, FormatName, JsonOption, LanguageOption, OverwriteOption
from avistar.cli.texts import locale_language
from avistar.errors import UsageError
from avistar.message import Message, localized

if TYPE_CHECKING:
    from avistar.catalogue import Catalogue
    from avistar.formats.base import Format
    from avistar.species import Language

_PROBLEMS_SHOWN = 40
_KINDS = {
    "person": Message("person"),
    "vehicle": Message("vehicle"),
    "unknown": Message("unknown"),
    "empty": Message("empty"),
}

survey = typer.Typer(
    help="What a catalogue holds, as files and folders: info, summary, export, sort, undo, corrections, reviews, "
    "keywords, species, compare.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@survey.command()
def info(catalogue: CatalogueArgument, *, as_json: JsonOption = False, language: LanguageOption = None) -> None:
    """What the catalogue holds: media by state, what was found, and what answered."""
    from avistar.catalogue import Catalogue

    spoken = language.value if language else locale_language()
    with Catalogue.read(catalogue) as opened:
        facts = describe(opened)
    if as_json:
        tell(json.dumps(facts, indent=2))
        return
    tell(
        Message(
            "{total:,} media: {answered:,} identified, {blank:,} empty, {failed:,} failed, {pending:,} waiting",
            **facts["counts"],
        ).to(spoken)
    )
    tell(Message("{reviewed:,} reviewed by people, {vanished:,} no longer in the folder", **facts["counts"]).to(spoken))
    for model in facts["models"]:
        tell(Message("{number:,} answered by {bundle} {precision}, {runs_on}", **model).to(spoken))
    for found, number in sorted(facts["findings"].items(), key=lambda pair: -pair[1]):
        tell(f"{number:>9,}  {_KINDS[found].to(spoken) if found in _KINDS else found}")


def describe(catalogue: Catalogue) -> dict[str, Any]:
    """What `info --json` prints."""
    from dataclasses import asdict

    from avistar.files import printable

    counts = asdict(catalogue.counts())
    return {
        "folder": printable(catalogue.facts.folder),
        "created_at": catalogue.facts.created_at.isoformat(),
        "software": catalogue.facts.software,
        "only": list(catalogue.facts.only),
        "settings": catalogue.facts.settings,
        "findings": counts.pop("findings"),
        "counts": counts,
        "models": [{**asdict(model.provenance), "number": number} for model, number in catalogue.models() if number],
    }


@survey.command()
def export(
    catalogue: CatalogueArgument,
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TARGET]",
            help="A file (.csv, .xlsx, .jsonl, .json for MegaDetector's format) or, for camtrap-dp and xmp, a folder. "
            "xmp without a target writes its sidecars beside the photos.",
        ),
    ] = None,
    *,
    format: Annotated[
        FormatName | None, typer.Option(help="What to write. Default: what the target's suffix says.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=100, help="Likeliest species in tables.")] = 3,
    deployments: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="camtrap-dp: where the cameras stood, instead of the survey's table."),
    ] = None,
    project: Annotated[
        Path | None, typer.Option(metavar="TOML", help="camtrap-dp: whose survey it is, instead of what it keeps.")
    ] = None,
    media_url: Annotated[str, typer.Option(help="camtrap-dp: the address below which the media are published.")] = "",
    leave_out_undated: Annotated[
        bool, typer.Option("--leave-out-undated", help="camtrap-dp: leave out media without a time of capture.")
    ] = False,
    copies: Annotated[
        bool,
        typer.Option(
            "--copies",
            help="xmp: annotated copies instead of sidecars. camtrap-dp: the media in the package.",
        ),
    ] = False,
    blur_persons: Annotated[
        bool, typer.Option("--blur-persons", help="With --copies: make persons unrecognisable in them.")
    ] = False,
    leave_out_persons: Annotated[
        bool, typer.Option("--leave-out-persons", help="Leave out photos and videos of persons.")
    ] = False,
    include_vanished: Annotated[
        bool, typer.Option("--include-vanished", help="Also what is known of files that are no longer in the folder.")
    ] = False,
    overwrite: OverwriteOption = False,
    language: LanguageOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Write everything in the catalogue as a table, for another program, or as keywords.

    A target is replaced whole or not at all; photos are only ever read.
    """
    from avistar.catalogue import Catalogue, Query
    from avistar.files import check_new
    from avistar.formats import format_named
    from avistar.formats.base import without_vanished
    from avistar.formats.camtrap_dp import CamtrapDp, MissingFacts
    from avistar.formats.deployment_table import cameras_of
    from avistar.formats.persons import ShareableRecords, persons_choice
    from avistar.formats.xmp import Xmp

    spoken = language.value if language else locale_language()
    if target is None and (format is not FormatName.XMP or copies):
        raise UsageError("name what to write: avistar survey export {catalogue} TARGET", catalogue=catalogue)
    name = format_named(target or Path(), format.value if format else None)
    _check_copies(name, copies=copies, blur=blur_persons)
    if target is not None and name != "xmp":
        check_new(target / "datapackage.json" if name == "camtrap-dp" else target, overwrite=overwrite)
    try:
        with Catalogue.read(catalogue) as opened:
            if name == "camtrap-dp":
                given = cameras_of(opened, deployments, project)
                writer: Format = CamtrapDp(*given, media_url, leave_out_undated, copies, blur_persons)
            else:
                writer = _writer(name, top, spoken, Xmp(spoken, copies, blur_persons))
            everything = opened.records(Query(present=None if include_vanished else True))
            records = ShareableRecords(everything, persons_choice(leave_out=leave_out_persons, blur=blur_persons))
            vanished = 0 if include_vanished else opened.counts().vanished
            written = writer.write(records, opened.facts, target or Path(opened.facts.folder))
    except MissingFacts as missing:
        _tell_missing(missing.problems, spoken)
        raise typer.Exit(2) from missing
    for remark in (*written.notes, *records.notes):
        note(localized(remark, spoken), quiet=quiet)
    if vanished:
        note(without_vanished(vanished).to(spoken), quiet=quiet)
    files = ", ".join(str(file) for file in written.files)
    note(Message("{media:,} media written to {files}", media=written.media, files=files).to(spoken), quiet=quiet)


def _tell_missing(problems: Sequence[str], language: Language) -> None:
    missing = Message.counted(
        "Camtrap DP needs {number} fact that only you know; `avistar survey deployments` takes it:",
        "Camtrap DP needs {number} facts that only you know; `avistar survey deployments` takes them:",
        len(problems),
    )
    note(f"avistar: {missing.to(language)}")
    for problem in problems[:_PROBLEMS_SHOWN]:
        note(f"  - {localized(problem, language)}")
    if len(problems) > _PROBLEMS_SHOWN:
        note(f"  … {len(problems) - _PROBLEMS_SHOWN:,}")


def _check_copies(name: str, *, copies: bool, blur: bool) -> None:
    if copies and name not in ("xmp", "camtrap-dp"):
        raise UsageError("--copies goes with --format xmp or camtrap-dp: {name} carries no pictures", name=name)
    if blur and not copies:
        raise UsageError("only copies can be blurred: add --copies (with --format xmp or camtrap-dp)")


def _writer(name: str, top: int, language: Language, xmp: Format) -> Format:
    from avistar.formats.jsonl import Jsonl
    from avistar.formats.megadetector import MegaDetector
    from avistar.formats.spreadsheet import Csv, Xlsx
    from avistar.formats.timelapse import Timelapse

    writers: dict[str, Format] = {
        "csv": Csv(top),
        "xlsx": Xlsx(top),
        "jsonl": Jsonl(top),
        "megadetector": MegaDetector(top),
        "xmp": xmp,
        "timelapse": Timelapse(language),
    }
    return writers[name]


@survey.command("deployments-template")
def deployments_template(
    catalogue: CatalogueArgument,
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to write the two files.")] = Path(),
    *,
    language: LanguageOption = None,
) -> None:
    """Write deployments.csv and project.toml to fill in, with all that the photos tell already in them."""
    from avistar.catalogue import Catalogue, Query
    from avistar.formats.camtrap_dp import write_template

    spoken = language.value if language else locale_language()
    with Catalogue.read(catalogue) as opened:
        zone = opened.facts.settings.get("timezone", "")
        files = write_template(
            opened.records(Query(present=None)), folder, zone, tell=lambda said: note(said.to(spoken))
        )
    tell(
        Message(
            "fill in {files}, then: avistar survey export {catalogue} FOLDER --format camtrap-dp "
            "--deployments … --project …",
            files=", ".join(map(str, files)),
            catalogue=catalogue,
        ).to(spoken)
    )


@survey.command("import")
def import_results(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `avistar identify --cluster` wrote.")],
    catalogue: CatalogueArgument,
    *,
    language: LanguageOption = None,
) -> None:
    """Take what a cluster answered into a catalogue; what people said of the photos stays."""
    from avistar.cluster.run import import_parts

    spoken = language.value if language else locale_language()
    _, media = import_parts(folder, catalogue)
    tell(Message("{media:,} media taken in", media=media).to(spoken))


survey_folders.add_to(survey)
survey_reviews.add_to(survey)
survey_keywords.add_to(survey)
survey_species.add_to(survey)
survey_suggest.add_to(survey)
survey_compare.add_to(survey)
survey_deployments.add_to(survey)
survey_summary.add_to(survey)
survey_repair.add_to(survey)

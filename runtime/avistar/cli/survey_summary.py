"""`avistar survey summary`: what a survey says, as text, tables and a page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note, rich_console, tell
from avistar.cli.options import CatalogueArgument, LanguageOption, OverwriteOption
from avistar.cli.texts import locale_language
from avistar.errors import UsageError
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.species import Language
    from avistar.summary import SurveySummary


def add_to(app: typer.Typer) -> None:
    """Make the command part of `avistar survey`."""
    app.command()(summary)


def summary(
    catalogue: CatalogueArgument,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="HTML", help="Write a page with all pictures, in one file.")
    ] = None,
    gap: Annotated[
        float,
        typer.Option(min=0, metavar="MINUTES", help="Least time between two independent events of a species."),
    ] = 30,
    tables: Annotated[
        Path | None, typer.Option("--csv", metavar="FOLDER", help="Write the numbers behind each picture as tables.")
    ] = None,
    species: Annotated[
        str,
        typer.Option(
            metavar="SPECIES,...",
            help="Whose activity the page shows. Default: those with the most events.",
            show_default=False,
        ),
    ] = "",
    overwrite: OverwriteOption = False,
    language: LanguageOption = None,
) -> None:
    """What a survey says: species and events, activity over the day, cameras over time, a map, how far the review is.

    People's word counts before the machine's; files that are no longer in the folder don't count.
    """
    from avistar.catalogue import Catalogue
    from avistar.summary import summarised, write_report, write_tables

    spoken: Language = language.value if language else locale_language()
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise UsageError("{file} is no page: give --out a name that ends in .html", file=out)
    with Catalogue.read(catalogue) as opened:
        figures = summarised(opened, timedelta(minutes=gap))
    assert figures is not None  # noqa: S101 nobody cancels
    curves = _indices(figures, species)
    if out is not None:
        write_report(figures, out, spoken, curves=curves, overwrite=overwrite)
        note(Message("written: {file}", file=out).to(spoken))
    if tables is not None:
        files = write_tables(figures, tables, overwrite=overwrite)
        note(Message("{number} tables written to {folder}", number=len(files), folder=tables).to(spoken))
    if out is None and tables is None:
        _tell(figures, spoken)


def _indices(figures: SurveySummary, names: str) -> list[int]:
    """The species that somebody named, by their places in the figures."""
    from avistar.species import match_species

    if not names:
        return []
    seen = [one.species for one in figures.species]
    ids = [match_species(name.strip(), seen).id for name in names.split(",") if name.strip()]
    return [[one.id for one in seen].index(id) for id in ids]


def _tell(figures: SurveySummary, language: Language) -> None:
    from rich.table import Table

    from avistar.summary import wording
    from avistar.summary.report import tiles

    tell(" · ".join(f"{value} {label}" for value, label in tiles(figures, language)))
    for remark in wording.remarks(figures, language):
        note(remark)
    if not figures.species:
        return
    titles = (
        Message("Species"), Message("Events"), Message("Photos"), Message("Animals"),
        Message("Events in 100 trap nights"), Message("Cameras"),
    )  # fmt: skip
    table = Table(box=None, pad_edge=False)
    for place, title in enumerate(titles):
        table.add_column(title.to(language), justify="right" if place else "left")
    for one in figures.species:
        rate = figures.per_100_nights(one.events)
        numbers = (wording.number(value, language) for value in (one.events, one.photos, one.animals))
        table.add_row(
            wording.species_name(one, language), *numbers,
            "–" if rate is None else wording.number(rate, language, 1), wording.number(one.cameras, language),
        )  # fmt: skip
    rich_console().print(table)

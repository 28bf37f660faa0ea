"""Sentences of the Summary screen in the language of the moment. Knows no widget."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from avistar.files import printable
from avistar.summary import SurveySummary, wording
from avistar_gui.summary.choice import ALL
from avistar_gui.texts import language

translate = QCoreApplication.translate

PICTURES = ("activity", "map", "timeline", "days")
"""The pictures by name, in the order of their buttons."""


def picture_name(name: str) -> str:
    """What a picture is called."""
    return {
        "activity": translate("Summary", "Activity"),
        "map": translate("Summary", "Map"),
        "timeline": translate("Summary", "Cameras"),
        "days": translate("Summary", "Days"),
    }[name]


def picture_sentence(name: str) -> str:
    """How to read a picture."""
    return {
        "activity": translate(
            "Summary",
            "When independent events begin, by the cameras' clocks. The curve is a kernel density over the clock "
            "(Ridout & Linkie 2009, bandwidth after Taylor 2008).",
        ),
        "map": translate(
            "Summary", "A circle's area grows with the events of the chosen species. Distances are true in the middle."
        ),
        "timeline": translate(
            "Summary", "All photos and videos: the stronger the colour, the more of them on that day."
        ),
        "days": translate("Summary", "An event belongs to the day on which it begins."),
    }[name]


def headings() -> list[str]:
    """The columns of the table of species."""
    return [
        translate("Summary", "Species"),
        translate("Summary", "Events"),
        translate("Summary", "Photos"),
        translate("Summary", "Animals"),
        translate("Summary", "/ 100 nights"),
    ]


def rows(summary: SurveySummary) -> list[tuple[int, str, str, list[str]]]:
    """Index, name, Latin name and figures of all animals together and of each species."""
    found = [(ALL, choice_name(summary, ALL), "", _cells(summary, ALL))] if summary.animals else []
    return found + [
        (i, choice_name(summary, i), one.species.scientific, _cells(summary, i))
        for i, one in enumerate(summary.species)
    ]


def choice_name(summary: SurveySummary, species: int) -> str:
    """What a species is called, or all animals together."""
    if species == ALL:
        return translate("Summary", "All animals")
    return wording.species_name(summary.species[species], language())


def _cells(summary: SurveySummary, species: int) -> list[str]:
    chosen = summary.animals if species == ALL else (summary.species[species],)
    events, animals = sum(one.events for one in chosen), sum(one.animals for one in chosen)
    timed = events or any(one.undated < one.photos for one in chosen)
    rate = summary.per_100_nights(events)
    photos = (
        "" if species == ALL else wording.number(chosen[0].photos, language())
    )  # one photo may show several species
    return [
        wording.number(events, language()) if timed else "–",
        photos,
        wording.number(animals, language()) if timed else "–",
        "–" if rate is None or not timed else wording.number(rate, language(), 1),
    ]


def period(summary: SurveySummary) -> str:
    """From when to when."""
    if summary.first is None or summary.last is None:
        return ""
    return f"{wording.day(summary.first, language())} – {wording.day(summary.last, language())}"


def nothing_open() -> str:
    """What to do before there is anything to sum up."""
    return translate("Summary", "Open a survey first: what it says is summed up here.")


def counting() -> str:
    """The figures are being made."""
    return translate("Summary", "Counting …")


def written(file: str) -> str:
    """What was written."""
    return translate("Summary", "Written: {file}").format(file=printable(file))


def no_coordinates() -> str:
    """Why there is no map, and how to get it."""
    return translate(
        "Summary",
        "No camera's place is known. Write latitude and longitude under Deployments; photos that hold coordinates "
        "don't need it.",
    )


def replacing(folder: str) -> str:
    """Ask before tables are replaced."""
    return translate("Summary", "Tables already exist in {folder}. Replace them?").format(folder=printable(folder))

"""Numbers, dates and names as a report writes them, in English or Spanish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from avistar.message import Language, Message
from avistar.summary.effort import CameraFigures, silent_cameras
from avistar.summary.figures import SpeciesFigures, SurveySummary

_MONTHS: dict[Language, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}


def number(value: float, language: Language, decimals: int = 0) -> str:
    """A number with its thousands apart; in Spanish from five digits on, as the Academy has it."""
    text = f"{value:,.{decimals}f}" if language == "en" or abs(value) >= 10_000 else f"{value:.{decimals}f}"
    return text.translate({ord(","): ".", ord("."): ","}) if language == "es" else text


def share(part: int, whole: int) -> str:
    """A share in percent; nothing short of all is 100 %, and nothing above nothing is 0 %."""
    if not whole or part in (0, whole):
        percent = 100 if whole and part == whole else 0
    else:
        percent = min(max(round(100 * part / whole), 1), 99)
    return f"{percent}\u00a0%"


def day(value: date, language: Language, *, year: bool = True) -> str:
    """A date in short: 3 May 2026."""
    text = f"{value.day} {_MONTHS[language][value.month - 1]}"
    return f"{text} {value.year}" if year else text


def month(value: date, language: Language) -> str:
    """A date that begins a month: May, or the year with January."""
    return str(value.year) if value.month == 1 else _MONTHS[language][value.month - 1]


def tick(value: date, language: Language) -> str:
    """A date below an axis."""
    return month(value, language) if value.day == 1 else day(value, language, year=False)


def length(metres: float, language: Language) -> str:
    """A round length: 500 m, 2 km."""
    return f"{number(metres, language)} m" if metres < 1000 else f"{number(metres / 1000, language)} km"


def species_name(one: SpeciesFigures, language: Language) -> str:
    """The common name; a group says that it is one."""
    name = one.species.name(language) or one.species.scientific or one.species.id
    name = name[:1].upper() + name[1:]
    return Message("{name} (group)", name=name).to(language) if one.kind == "group" else name


def remarks(summary: SurveySummary, language: Language) -> list[str]:
    """What these figures lack or what looks wrong, and what to do about it."""
    return [_sentence(one.to(language)) for one in _remarks(summary, language)]


def _remarks(summary: SurveySummary, language: Language) -> list[Message]:
    said = []
    if summary.undated:
        said.append(
            Message.counted(
                "{count} photo has no time: it is counted as a photo, but belongs to no event, day or hour",
                "{count} photos have no time: they are counted as photos, but belong to no event, day or hour",
                summary.undated,
                count=number(summary.undated, language),
            )
        )
    outside = [one for one in summary.cameras if one.outside]
    if outside:
        said.append(
            Message(
                "photos lie outside the dates of {names}: a date is wrong there, or the camera's clock was",
                names=_names(outside),
            )
        )
    if stopped := silent_cameras(summary.cameras):
        said.append(Message("no photo until the end, so that it seems to have stopped: {names}", names=_names(stopped)))
    unplaced = [one for one in summary.cameras if not one.placed]
    if unplaced and len(unplaced) < len(summary.cameras):
        said.append(Message("not on the map, for want of coordinates: {names}", names=_names(unplaced)))
    if summary.unanswered:
        said.append(
            Message.counted(
                "{count} photo isn't identified yet, or couldn't be read",
                "{count} photos aren't identified yet, or couldn't be read",
                summary.unanswered,
                count=number(summary.unanswered, language),
            )
        )
    return said


_NAMED = 5


def _names(cameras: Sequence[CameraFigures]) -> str:
    names = ", ".join(one.name for one in cameras[:_NAMED])
    return names if len(cameras) <= _NAMED else f"{names} … (+{len(cameras) - _NAMED})"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def events(value: int, language: Language) -> str:
    """How many events: 1 event, 2,345 events."""
    return Message.counted("{count} event", "{count} events", value, count=number(value, language)).to(language)


def review_sentence(summary: SurveySummary, language: Language) -> str:
    """How far people are, and how they judge the answers."""
    reviewed, media = number(summary.reviewed, language), number(summary.media, language)
    said = [Message("{reviewed} of {media} photos are reviewed.", reviewed=reviewed, media=media)]
    if summary.reviewed:
        corrected = number(summary.corrected, language)
        said.append(Message("People said something else than the machine of {count}.", count=corrected))
    if summary.disagreed:
        said.append(Message("They disagree about {count}.", count=number(summary.disagreed, language)))
    return " ".join(one.to(language) for one in said)


def no_photos(language: Language) -> str:
    """Why there are no figures at all."""
    return Message("This survey holds no photos yet.").to(language)


def no_animals(language: Language) -> str:
    """Why no species is listed."""
    return Message("No animal, person or vehicle was found yet.").to(language)


def no_times(language: Language) -> str:
    """Why nothing is shown over time, and how to get it."""
    return Message(
        "No photo has a time. Cameras write it into their photos; copies sent by messengers have lost it: identify "
        "the originals from the card."
    ).to(language)


def no_coordinates(language: Language) -> str:
    """Why there is no map, and how to get it."""
    return Message(
        "No camera's place is known. Give latitude and longitude with `avistar survey deployments`; photos that hold "
        "coordinates don't need it."
    ).to(language)

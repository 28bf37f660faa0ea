"""One page with everything that a survey says: no script, nothing fetched, readable in twenty years."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from pathlib import Path

from avistar import __version__
from avistar.files import check_new, writing
from avistar.message import Language, Message
from avistar.summary import pictures, wording
from avistar.summary.definitions import definitions
from avistar.summary.figures import SurveySummary
from avistar.summary.tables import table_text

CURVES = 12
"""Species whose activity is drawn where nobody chose any: those with the most events."""

_HEAT_SPECIES, _HEAT_CAMERAS = 25, 24
_LINKED_EVENTS = 20_000
"""Of a table of events that the page carries itself; the folder of tables has larger ones."""

_STRIPES = """<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>
<pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<line x1="0" y1="0" x2="0" y2="8" class="stripes"/></pattern>
<pattern id="alarm" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<line x1="0" y1="0" x2="0" y2="8" class="alarm"/></pattern></defs></svg>"""


def write_report(
    summary: SurveySummary, target: Path, language: Language, *, curves: Sequence[int] = (), overwrite: bool = False
) -> None:
    """Write the page to `target`, whole or not at all.

    Args:
        summary: What it says.
        target: An HTML file.
        language: Of the page.
        curves: Indices of the species whose activity is drawn; by default, of those with the most events.
        overwrite: Whether a file that is there may be replaced.
    """
    check_new(target, overwrite=overwrite)
    with writing(target) as stream:
        stream.writelines(_page(summary, language, curves))


def _page(summary: SurveySummary, language: Language, curves: Sequence[int]) -> Iterator[str]:
    css = resources.files("avistar.summary").joinpath("page.css").read_text("utf-8")
    title = escape(summary.name)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    yield f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{css}</style></head><body>{_STRIPES}<main>"
    yield from _head(summary, language)
    if summary.media or summary.cameras:
        yield from _sections(summary, language, curves)
    else:
        yield _missing(wording.no_photos(language))
    made = summary.made.astimezone().strftime("%Y-%m-%d %H:%M")
    yield f"<footer>Avistar {escape(__version__)} · {made}</footer></main></body></html>\n"


def _sections(summary: SurveySummary, language: Language, curves: Sequence[int]) -> Iterator[str]:
    yield from _species(summary, language)
    yield from _activity(summary, language, curves)
    yield from _over_time(summary, language)
    yield from _map(summary, language)
    yield from _by_day(summary, language)
    yield from _by_camera(summary, language)
    yield from _review(summary, language)
    yield from _definitions(summary, language)


def _head(summary: SurveySummary, language: Language) -> Iterator[str]:
    yield f"<h1>{escape(summary.name)}</h1>"
    if summary.first and summary.last:
        yield f'<p class="lead">{wording.day(summary.first, language)} – {wording.day(summary.last, language)}</p>'
    yield '<div class="tiles">'
    for value, label in tiles(summary, language):
        yield f'<div class="tile"><b>{escape(value)}</b><span>{escape(label)}</span></div>'
    yield "</div>"
    remarks = wording.remarks(summary, language)
    if remarks:
        yield f'<ul class="notes">{"".join(f"<li>{escape(one)}</li>" for one in remarks)}</ul>'


def tiles(summary: SurveySummary, language: Language) -> list[tuple[str, str]]:
    """The figures that stand above all: each with what it counts."""
    animals = summary.animals
    species = sum(one.kind == "species" for one in animals)
    events, nights = sum(one.events for one in animals), summary.nights
    cameras = len(summary.cameras)

    counted = (
        (species, Message.counted("species of animals", "species of animals", species)),
        (events, Message.counted("independent event", "independent events", events)),
        (summary.media, Message.counted("photo or video", "photos and videos", summary.media)),
        (cameras, Message.counted("camera", "cameras", cameras)),
    )
    return [
        *((wording.number(value, language), label.to(language)) for value, label in counted),
        ("–" if nights is None else wording.number(nights, language), Message("trap nights").to(language)),
        (wording.share(summary.reviewed, summary.media), Message("reviewed by people").to(language)),
    ]


def _section(summary: SurveySummary, language: Language, title: Message, text: str, *tables: str) -> str:
    """The head of a section, with a link to each table behind it."""
    links = []
    for name in tables:
        if name != "events" or len(summary.events) <= _LINKED_EVENTS:
            data = base64.b64encode(table_text(summary, name).encode("utf-8-sig")).decode()
            links.append(f'<a download="{name}.csv" href="data:text/csv;charset=utf-8;base64,{data}">{name}.csv</a>')
    head = f'<div class="head"><h2>{escape(title.to(language))}</h2><nav>{"".join(links)}</nav></div>'
    return f"<section>{head}" + (f'<p class="muted">{escape(text)}</p>' if text else "")


def _missing(text: str) -> str:
    """What stands in place of a picture: why there is none, and how to get it. `…` marks commands."""
    pieces = escape(text).split("`")
    return f'<div class="missing">{"".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))}</div>'


def _species(summary: SurveySummary, language: Language) -> Iterator[str]:
    minutes = summary.gap.total_seconds() / 60
    text = Message(
        "Events are independent when at least {minutes:g} minutes lie between their beginnings, for each species at "
        "each camera.",
        minutes=minutes,
    )
    yield _section(summary, language, Message("Species and events"), text.to(language), "species", "events")
    if not summary.species:
        yield _missing(wording.no_animals(language)) + "</section>"
        return
    titles = (
        Message("Species"), Message("Events"), Message(""), Message("Photos"), Message("Animals"),
        Message("Events in 100 trap nights"), Message("Cameras"),
    )  # fmt: skip
    shown = "".join(f"<th>{escape(one.to(language)) if one else ''}</th>" for one in titles)
    yield f'<div class="scroll"><table><thead><tr>{shown}</tr></thead><tbody>'
    most = max(one.events for one in summary.species) or 1
    for one in summary.species:
        rate = summary.per_100_nights(one.events)
        timed = one.events or one.undated < one.photos
        events, animals = (wording.number(value, language) if timed else "–" for value in (one.events, one.animals))
        cells = [wording.number(one.photos, language), animals]
        cells += ["–" if rate is None else wording.number(rate, language, 1), wording.number(one.cameras, language)]
        name = escape(wording.species_name(one, language))
        yield f"<tr><td>{name}<i>{escape(one.species.scientific)}</i></td><td>{events}</td>"
        yield f'<td class="graph">{_meter(one.events / most)}</td>'
        yield "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table></div></section>"


def _meter(part: float) -> str:
    return f'<span class="meter"><span style="width:{100 * part:.1f}%"></span></span>'


def curves_by_default(summary: SurveySummary) -> list[int]:
    """The species whose activity is drawn where nobody chose any."""
    return [i for i, one in enumerate(summary.species) if one.kind == "species" and one.events][:CURVES]


def _activity(summary: SurveySummary, language: Language, curves: Sequence[int]) -> Iterator[str]:
    text = Message(
        "When events begin, by the cameras' clocks: bars are hours, the curve a kernel density over the clock "
        "(Ridout & Linkie 2009)."
    )
    title = Message("Activity over the day")
    yield _section(summary, language, title, text.to(language), "activity", "events_by_hour")
    chosen = list(curves) or curves_by_default(summary)
    if chosen:
        drawn = "".join(f"<div>{pictures.activity(summary, one, language)}</div>" for one in chosen)
        yield f'<div class="several">{drawn}</div></section>'
    else:
        yield _missing((wording.no_times if summary.animals else wording.no_animals)(language)) + "</section>"


def _over_time(summary: SurveySummary, language: Language) -> Iterator[str]:
    text = Message("Each row is a camera; the darker, the more photos on that day.")
    title = Message("Photos over time")
    yield _section(summary, language, title, text.to(language), "photos_by_day", "gaps", "effort")
    drawn = pictures.photos_over_time(summary, language)
    if not drawn:
        yield _missing(wording.no_times(language)) + "</section>"
        return
    legend = (
        ("shade4", Message("photos")),
        ("frame", Message("at work, no photo")),
        ("silent", Message("no photo for 7 days or more")),
        ("stopped", Message("none until the end: it seems to have stopped")),
    )
    keys = "".join(
        f'<span><svg viewBox="0 0 30 14"><rect width="30" height="14" class="{kind}"/></svg>'
        f"{escape(label.to(language))}</span>"
        for kind, label in legend
    )
    yield f'{drawn}<div class="legend">{keys}</div></section>'


def _map(summary: SurveySummary, language: Language) -> Iterator[str]:
    text = Message("A circle's area grows with the camera's events. North is up; distances are true in the middle.")
    drawn = pictures.cameras_map(summary, language)
    yield _section(summary, language, Message("Map"), text.to(language) if drawn else "", "effort")
    yield (drawn or _missing(wording.no_coordinates(language))) + "</section>"


def _by_day(summary: SurveySummary, language: Language) -> Iterator[str]:
    drawn = pictures.events_by_day(summary, language)
    if drawn:
        text = Message("Independent events of animals, by the day on which they begin.")
        yield _section(summary, language, Message("Events by day"), text.to(language), "species_by_day")
        yield drawn + "</section>"


def _by_camera(summary: SurveySummary, language: Language) -> Iterator[str]:
    species = [i for i, one in enumerate(summary.species) if one.events][:_HEAT_SPECIES]
    cameras = sorted(range(len(summary.cameras)), key=lambda i: -summary.cameras[i].events)[:_HEAT_CAMERAS]
    if not species:
        return
    text = Message("Independent events of each species at each camera.")
    if len(cameras) < len(summary.cameras):
        text = Message("Independent events of each species at the cameras with the most; the table has all of them.")
    title = Message("Species by camera")
    yield _section(summary, language, title, text.to(language), "species_by_deployment")
    heads = "".join(f"<th><span>{escape(summary.cameras[i].name)}</span></th>" for i in sorted(cameras))
    yield f'<div class="scroll"><table class="heat"><thead><tr><th></th>{heads}</tr></thead><tbody>'
    numbers = Counter(zip(summary.events.species.tolist(), summary.events.camera.tolist(), strict=True))
    most = max(numbers[s, c] for s in species for c in cameras) or 1
    for s in species:
        yield f"<tr><td>{escape(wording.species_name(summary.species[s], language))}</td>"
        for c in sorted(cameras):
            number = numbers[s, c]
            level = pictures.shade(number, most) if number else 0
            yield f'<td class="heat{level}">{number or "·"}</td>'
        yield "</tr>"
    yield "</tbody></table></div></section>"


def _review(summary: SurveySummary, language: Language) -> Iterator[str]:
    said = wording.review_sentence(summary, language)
    yield _section(summary, language, Message("Review progress"), said, "effort")
    yield '<div class="scroll"><table><tbody>'
    for one in summary.cameras:
        part = one.reviewed / one.media if one.media else 0.0
        share = wording.share(one.reviewed, one.media)
        yield f'<tr><td>{escape(one.name)}</td><td class="graph">{_meter(part)}</td><td>{share}</td></tr>'
    yield "</tbody></table></div>"
    if summary.reviewers:
        people = ", ".join(f"{name} {wording.number(n, language)}" for name, n in summary.reviewers.items())
        yield f'<p class="muted" style="margin:14px 0 0">{escape(people)}</p>'
    yield "</section>"


def _definitions(summary: SurveySummary, language: Language) -> Iterator[str]:
    title = Message("How these figures are made")
    yield f"<section><h2>{escape(title.to(language))}</h2><dl>"
    for term, meaning in definitions(summary, language):
        yield f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>"
    yield "</dl></section>"

"""The pictures of a report: activity, photos over time, a map, events by day."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np

from avistar.message import Language, Message
from avistar.summary import svg, wording
from avistar.summary.effort import CameraFigures
from avistar.summary.events import days_until
from avistar.summary.figures import SurveySummary
from avistar.summary.layout import CameraMap, camera_map, column_counts, date_ticks, scale_bar, strip_days

WIDTH = 1040
"""Of a picture that is as wide as the page, in px."""

LEVELS = 5
"""Shades of a strip: 1 (few photos) to 5 (the most of any day)."""

_LABELS = 190
_ROW, _GAP = 24, 5
_MAP = 620
_MARGIN = 70
_LETTER = 6.2

_Across: TypeAlias = Callable[[date], float]


def activity(summary: SurveySummary, species: int, language: Language, width: int = 330) -> str:
    """The activity of one species: bars of hours, and the density above them where there is a curve."""
    curve, one = summary.curves[species], summary.species[species]
    height, left, bottom, top = 190, 10, 160, 40
    shares = curve.by_hour / max(curve.events, 1)
    most = max(float(shares.max()), float(curve.density.max(initial=0.0))) or 1.0

    def across(hour: float) -> float:
        return left + hour / 24 * (width - 2 * left)

    def up(value: float) -> float:
        return bottom - value / most * (bottom - top)

    parts = [svg.text(left, 16, wording.species_name(one, language), "name")]
    events = wording.events(curve.events, language)
    parts.append(svg.text(width - left, 16, events, "", anchor="end"))
    for hour, part in enumerate(shares.tolist()):
        hint = f"{hour:02}–{hour + 1:02} h: {int(curve.by_hour[hour])}"
        step = across(hour + 1) - across(hour)
        parts.append(svg.bar(across(hour) + 1, up(part), step - 2, bottom - up(part), kind="soft", hint=hint))
    if len(curve.density):
        points = [(across(h), up(d)) for h, d in zip(curve.hours.tolist(), curve.density.tolist(), strict=True)]
        parts += [svg.area([(across(0), bottom), *points, (across(24), bottom)]), svg.curve(points)]
    elif curve.events:
        few = Message("too few events for a curve").to(language)
        parts.append(svg.text(width / 2, top - 8, few, "", anchor="middle"))
    parts.append(svg.line(left, bottom, width - left, bottom, kind="axis"))
    for hour in range(0, 25, 6):
        anchor = "start" if not hour else "end" if hour == 24 else "middle"
        parts += [svg.line(across(hour), bottom, across(hour), bottom + 4, kind="axis")]
        parts.append(svg.text(across(hour), bottom + 18, f"{hour:02}:00", "", anchor=anchor))
    return svg.picture(width, height, parts, f"{wording.species_name(one, language)}: {events}")


def photos_over_time(summary: SurveySummary, language: Language) -> str:
    """A row for each camera: shades for days with photos, an empty frame at work, stripes where it was silent."""
    first, days, columns = strip_days(summary)
    if not columns:
        return ""
    top, right = 30, WIDTH - 10
    step = (right - _LABELS) / columns
    bottom = top + len(summary.cameras) * (_ROW + _GAP)
    parts = []
    for offset, day in date_ticks(first, columns * days, 12):
        x = _LABELS + offset / days * step
        parts += [svg.line(x, top - 6, x, bottom), svg.text(x, top - 12, wording.tick(day, language))]
    counts = [column_counts(one, first, days, columns) for one in summary.cameras]
    most = max((max(row) for row in counts), default=1) or 1
    for place, one in enumerate(summary.cameras):
        y = top + place * (_ROW + _GAP)
        parts.append(svg.text(_LABELS - 12, y + _ROW * 0.68, _short(one.name, 28), "t", anchor="end"))
        parts += _camera_row(
            one, counts[place], most, across=lambda day: _LABELS + (day - first).days / days * step, y=y
        )
    label = Message("Photos of each camera by day").to(language)
    return svg.picture(WIDTH, bottom + 6, parts, label)


def _camera_row(one: CameraFigures, counts: Sequence[int], most: int, *, across: _Across, y: float) -> Iterator[str]:
    if one.start is not None and one.end is not None:
        left, right = across(one.start.date()), across(one.end.date() + timedelta(days=1))
        yield svg.bar(left, y, right - left, _ROW, kind="frame")
    for gap in one.gaps:
        left, right = across(gap.first), across(gap.last + timedelta(days=1))
        hint = f"{gap.first} – {gap.last}: {gap.days} d"
        yield svg.bar(left, y, right - left, _ROW, kind="stopped" if gap.end and one.stated else "silent", hint=hint)
    width = (WIDTH - 10 - _LABELS) / len(counts)
    for level in range(1, LEVELS + 1):
        chosen = [i for i, number in enumerate(counts) if number and shade(number, most) == level]
        inset = 0.5 if width > 4 else 0
        boxes = [(_LABELS + i * width + inset, y, width - 2 * inset, float(_ROW)) for i in chosen]
        yield svg.cells(boxes, f"shade{level}")


def shade(number: int, most: int) -> int:
    """1 to `LEVELS` for a number of photos: by its root, since few and many are orders of magnitude apart."""
    return min(1 + int(LEVELS * math.sqrt(number / most)), LEVELS)


def cameras_map(summary: SurveySummary, language: Language) -> str:
    """The cameras where they stood, each as large as the number of its events, with a scale bar and north."""
    drawn = camera_map(summary.cameras)
    if drawn is None:
        return ""
    pixels = min((WIDTH / 2 - 2 * _MARGIN) / drawn.half_width, (_MAP / 2 - _MARGIN) / drawn.half_height)
    most = max(one.events for one in summary.cameras) or 1
    parts = [svg.bar(0.5, 0.5, WIDTH - 1, _MAP - 1, kind="sheet")]
    circles = []
    for one in sorted(drawn.places, key=lambda place: -summary.cameras[place.camera].events):
        camera = summary.cameras[one.camera]
        radius = circle_radius(camera.events, most)
        x, y = WIDTH / 2 + one.x * pixels, _MAP / 2 - one.y * pixels
        events = wording.events(camera.events, language)
        parts.append(svg.circle(x, y, radius, "place" if camera.events else "bare", hint=f"{camera.name}: {events}"))
        circles.append((x, y, radius, camera.name))
    parts += _map_names(circles)
    parts += _map_furniture(drawn, pixels, language)
    return svg.picture(WIDTH, _MAP, parts, Message("Map of the cameras").to(language))


def circle_radius(events: int, most: int, largest: float = 30.0) -> float:
    """The radius of a camera's circle in px: its area grows with the events."""
    return 5 + (largest - 5) * math.sqrt(events / most)


def _map_names(circles: Sequence[tuple[float, float, float, str]]) -> Iterator[str]:
    """Names beside their circles; where there is no room for one, its hint still says it."""
    taken = [(x - r, y - r, x + r, y + r) for x, y, r, _ in circles]
    for x, y, radius, name in circles:
        label = _short(name, 26)
        width = len(label) * _LETTER
        for left, base in ((x + radius + 5, y + 4), (x - radius - 5 - width, y + 4), (x - width / 2, y - radius - 6),
                           (x - width / 2, y + radius + 14)):  # fmt: skip
            box = (left, base - 11, left + width, base + 3)
            inside = box[0] > 4 and box[2] < WIDTH - 4 and box[1] > 4 and box[3] < _MAP - 4
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                yield svg.text(left, base, label, "t")
                break


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _map_furniture(drawn: CameraMap, pixels: float, language: Language) -> Iterator[str]:
    metres = scale_bar(220 / pixels)
    left, base = 24, _MAP - 26
    yield svg.line(left, base, left + metres * pixels, base, kind="scale")
    for x in (left, left + metres * pixels):
        yield svg.line(x, base - 5, x, base + 5, kind="scale")
    yield svg.text(left, base - 12, wording.length(metres, language), "t")
    x, y = WIDTH - 34, 60
    yield svg.area([(x, y - 30), (x + 9, y), (x, y - 7), (x - 9, y)], "north")
    yield svg.text(x, y + 16, "N", "t", anchor="middle")
    west = "O" if language == "es" else "W"
    parallel = _degrees(drawn.latitude, ("N", "S"), language)
    middle = f"{parallel}, {_degrees(drawn.longitude, ('E', west), language)}"
    yield svg.text(WIDTH - 20, _MAP - 20, middle, anchor="end")


def _degrees(value: float, sides: tuple[str, str], language: Language) -> str:
    return f"{wording.number(abs(value), language, 4)}° {sides[value < 0]}"


def events_by_day(summary: SurveySummary, language: Language) -> str:
    """How many events begin on each day, or in each week of a long survey."""
    days = summary.animal_events.days
    first, width, columns = strip_days(summary, 180)
    if not len(days):
        return ""
    numbers = np.bincount((days - days_until(first)) // width, minlength=columns).tolist()
    top, bottom, left = 20, 170, 46
    step = (WIDTH - 10 - left) / len(numbers)
    most = max(numbers)
    parts = []
    for value in _round_ticks(most):
        y = bottom - value / most * (bottom - top)
        parts += [
            svg.line(left, y, WIDTH - 10, y),
            svg.text(left - 8, y + 4, wording.number(value, language), "", anchor="end"),
        ]
    for i, number in enumerate(numbers):
        height = number / most * (bottom - top)
        when = wording.day(first + timedelta(days=i * width), language)
        parts.append(
            svg.bar(left + i * step, bottom - height, max(step - 1, 0.6), height, kind="bar", hint=f"{when}: {number}")
        )
    for offset, day in date_ticks(first, len(numbers) * width, 12):
        parts.append(svg.text(left + offset / width * step, bottom + 18, wording.tick(day, language)))
    return svg.picture(WIDTH, bottom + 26, parts, Message("Events by day").to(language))


def _round_ticks(most: int) -> list[int]:
    """At most six round numbers from 0 to `most`."""
    power = 10 ** max(math.floor(math.log10(most)) - 1, 0)
    step = next(factor * power for factor in (1, 2, 5, 10, 20, 50) if most / (factor * power) <= 5)
    return list(range(0, most + 1, step))


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"

"""Elements of a vector graphic, as text; colours are the page's, by class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def picture(width: float, height: float, parts: Iterable[str], label: str) -> str:
    """A graphic of this size, which shrinks with the page; `label` says it to people who don't see it."""
    size = f'viewBox="0 0 {width:g} {height:g}" style="max-width:{width:g}px"'
    return f'<svg {size} role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def text(x: float, y: float, what: str, kind: str = "", *, anchor: str = "start") -> str:
    """A line of text at its baseline; `anchor` start, middle or end."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(what)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str = "grid") -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def bar(x: float, y: float, width: float, height: float, *, kind: str = "bar", hint: str = "") -> str:
    """A rectangle with a hint for the pointer."""
    box = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect {box} class="{kind}">{_hint(hint)}</rect>'


def circle(x: float, y: float, radius: float, kind: str, *, hint: str = "") -> str:
    """A circle with a hint for the pointer."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" class="{kind}">{_hint(hint)}</circle>'


def curve(points: Sequence[tuple[float, float]], kind: str = "curve") -> str:
    """A line through points."""
    return f'<polyline points="{_points(points)}" class="{kind}"/>'


def area(points: Sequence[tuple[float, float]], kind: str = "area") -> str:
    """A filled polygon."""
    return f'<polygon points="{_points(points)}" class="{kind}"/>'


def cells(boxes: Iterable[tuple[float, float, float, float]], kind: str) -> str:
    """Many rectangles (left, top, width, height) of one kind as one element."""
    path = "".join(f"M{x:.1f} {y:.1f}h{w:.1f}v{h:.1f}h{-w:.1f}z" for x, y, w, h in boxes)
    return f'<path d="{path}" class="{kind}"/>' if path else ""


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _hint(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""

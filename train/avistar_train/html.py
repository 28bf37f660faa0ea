"""Pages that need nothing else: HTML with everything inside, for a screen and for paper."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light; --ink: #22302a; --soft: #5d6b64; --line: #dde5e0; --green: #2f7d5b; }
* { box-sizing: border-box; }
body { margin: 0; background: #f3f6f4; color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; margin: 0 0 4px; letter-spacing: -.01em; }
h2 { font-size: 18px; margin: 0 0 12px; }
p { margin: 0 0 10px; max-width: 75ch; }
.lead, figcaption, .note { color: var(--soft); }
section { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 20px 24px; margin-top: 20px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 20px; }
.tile { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.tile b { display: block; font-size: 24px; line-height: 1.2; color: var(--green); font-variant-numeric: tabular-nums; }
.tile small { color: var(--soft); display: block; }
figure { margin: 0 0 12px; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; display: block; margin: 0 auto; }
figcaption { font-size: 13px; margin-top: 6px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: 4px 20px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; }
th.n:not(:first-child), td.n:not(:first-child) { width: 8em; }
.facts td:first-child { width: 16em; color: var(--soft); }
.strip { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 14px; }
.strip figure { margin: 0; width: 150px; font-size: 12px; overflow-wrap: anywhere; }
.strip img { width: 150px; height: 110px; object-fit: contain; background: #eef2ef; border-radius: 6px; }
footer { color: var(--soft); font-size: 13px; margin-top: 24px; }
@media print {
  body { background: #fff; font-size: 10.5pt; } main { padding: 0; max-width: none; }
  section, .tile { border-color: #ccc; break-inside: avoid; } section.long { break-inside: auto; }
  thead { display: table-header-group; } tr, figure { break-inside: avoid; } h2 { break-after: avoid; }
  figure svg { max-height: 16.5cm; } table { font-size: 9pt; }
}
"""


def page(title: str, lead: str, parts: Iterable[str]) -> str:
    """A whole HTML document of `parts`, which are HTML already; `title` and `lead` are plain text."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f'<body><main><h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p>\n'
        + "\n".join(parts)
        + "\n<footer>Written by Avistar. The page holds everything that it shows.</footer></main></body></html>\n"
    )


def section(heading: str, *parts: str, long: bool = False) -> str:
    """A headed card of HTML parts; a `long` one may be broken across printed pages."""
    kind = ' class="long"' if long else ""
    return f"<section{kind}><h2>{escape(heading)}</h2>{''.join(parts)}</section>"


def tiles(figures: Iterable[tuple[str, str, str]]) -> str:
    """Headline figures: (name, value, small print)."""
    made = (
        f'<div class="tile"><small>{escape(name)}</small><b>{escape(value)}</b><small>{escape(small)}</small></div>'
        for name, value, small in figures
    )
    return f'<div class="tiles">{"".join(made)}</div>'


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def chart(svg: str, caption: str) -> str:
    """A chart (an SVG element) with what it shows, for readers and for screen readers."""
    return f'<figure role="img" aria-label="{escape(caption)}">{svg}<figcaption>{escape(caption)}</figcaption></figure>'


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of plain values; numbers and columns that are headed by them stand to the right."""
    listed = [[_cell(value) for value in row] for row in rows]
    right = [bool(listed) and all(row[i][1] for row in listed) for i in range(len(head))]
    heading = "".join(f"<th{_align(right[i])}>{escape(name)}</th>" for i, name in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f"<td{_align(number)}>{text}</td>" for text, number in row) + "</tr>" for row in listed
    )
    return f'<div class="scroll"><table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table></div>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Named facts, a row each."""
    body = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows)
    return f'<table class="facts"><tbody>{body}</tbody></table>'


def pictures(files: Iterable[tuple[bytes, str]]) -> str:
    """A row of small JPEG pictures with their captions."""
    made = (
        f'<figure><img alt="" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for data, caption in files
    )
    return f'<div class="strip">{"".join(made)}</div>'


def _cell(value: object) -> tuple[str, bool]:
    if isinstance(value, int):
        return f"{value:,}", True
    if isinstance(value, float):
        return f"{value:.3f}", True
    return escape(str(value)), False


def _align(right: bool) -> str:
    return ' class="n"' if right else ""

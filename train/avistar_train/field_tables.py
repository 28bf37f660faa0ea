"""The field figures of a bundle as Markdown tables: for its card, the documents, and the terminal."""

from __future__ import annotations

from typing import Any

from avistar.evaluation.metrics import wilson

LIGHTS = ("day", "infrared", "dark")


def field_table(figures: dict[str, Any]) -> list[str]:
    """The figures as Markdown, 95 % Wilson intervals in brackets."""
    count, strange = figures["frames"], figures["strange"]
    lights = {name: figures["lights"][name] for name in LIGHTS}  # a manifest sorts its keys
    head = [f"{name} ({lights[name]})" for name in lights]
    others = [f"{name} named ({strange[name]})" for name in strange]
    titles = ["look", f"right (of {count})", *head, "named", "of these right", "calibration error", *others]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for look, one in figures["looks"].items():
        cells = [
            look,
            _share(one["right"], count),
            *(_share(one[name], lights[name]) for name in lights),
            _share(one["named"], count),
            _share(one["named_right"], one["named"]),
            f"{one['calibration_error']:.3f}",
            *(_share(one["strange_named"][name], strange[name]) for name in strange),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def species_table(figures: dict[str, Any]) -> list[str]:
    """Right answers by species, both looks together."""
    rows = [f"| {name} | {_share(right, count)} |" for name, (right, count) in figures["species"].items()]
    return ["| species | right |", "|---|---|", *rows]


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    low, high = wilson(part, whole)
    return f"{part} of {whole}, {part / whole:.0%} ({low:.0%}–{high:.0%})"

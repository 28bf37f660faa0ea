"""The section of a model card that lists a bundle's artifacts: written by whoever adds or drops one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from avistar.manifest import Artifact

_START, _END = "<!-- artifacts -->", "<!-- /artifacts -->"


def with_artifacts(card: str, folder: Path, artifacts: Sequence[Artifact]) -> str:
    """`card` (Markdown) with its table of artifacts renewed, or added at the end; sizes are read in `folder`."""
    section = "\n".join([_START, "## Artifacts", "", *_table(folder, artifacts), "", _END])
    head, start, rest = card.partition(_START)
    tail = rest.partition(_END)[2] if start else "\n"
    return head.rstrip() + "\n\n" + section + tail


def _table(folder: Path, artifacts: Sequence[Artifact]) -> list[str]:
    lines = [
        "Each but the trained network was compared with its reference on held-out photos before it was written:",
        "see `parity/`.",
        "Accuracy on the test photos, with each artifact's own temperature:",
        "",
        "| artifact | file | MB | top-1 | top-3 | macro-F1 | calibration error | test photos |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in artifacts:
        figures = one.accuracy
        cells = [f"{figures[key]:.3f}" if key in figures else "" for key in _MEASURES]
        size = (folder / one.file).stat().st_size / 1e6
        photos = f"{figures['photos']:.0f}" if "photos" in figures else ""
        row = [f"{one.format} {one.precision}", f"`{one.file}`", f"{size:.1f}", *cells, photos]
        lines.append("| " + " | ".join(row) + " |")
    return [*lines, *_unjudged(folder, artifacts)]


def _unjudged(folder: Path, artifacts: Sequence[Artifact]) -> list[str]:
    """A sentence on species of which no photo was held out, as the parity reports tell."""
    names: dict[str, None] = {}
    for one in artifacts:
        with suppress(OSError, msgspec.MsgspecError, TypeError):
            report = msgspec.json.decode((folder / (one.parity or "")).read_bytes(), type=_Report)
            names |= {row.species: None for row in report.species if not row.photos}
    if not names:
        return []
    listed = list(names)
    more = f" and {len(listed) - _NAMED:,} more, named in `parity/`" if len(listed) > _NAMED else ""
    return ["", f"**Not judged**, since none of their photos were held out: {', '.join(listed[:_NAMED])}{more}."]


class _Row(msgspec.Struct):
    species: str
    photos: int


class _Report(msgspec.Struct):
    species: tuple[_Row, ...] = ()


_NAMED = 100
"""Species that weren't judged and are named; a network of others may have thousands."""

_MEASURES = ("top1", "top3", "macro_f1", "calibration_error")

"""The table of species as a file that a spreadsheet program opens. Knows no Qt."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from avistar.evaluation import SpeciesScore
from avistar.files import writing

MEASURES = ("recall", "precision", "f1")


def save_species(path: Path, scores: Sequence[SpeciesScore], names: Sequence[str]) -> None:
    """Write one line for each species: figures as fractions with their 95 % intervals; empty without photos.

    Raises `UsageError` and `AvistarError` where it can't be written.
    """
    columns = [f"{measure}{end}" for measure in MEASURES for end in ("", "_low", "_high")]
    with writing(path, encoding="utf-8-sig") as stream:  # with a mark, or Excel takes it for another encoding
        table = csv.writer(stream)
        table.writerow(["species", "name", "photos", *columns, "roc_auc"])
        for score, name in zip(scores, names, strict=True):
            figures = [f"{getattr(score, column):.6f}" if score.photos else "" for column in columns]
            area = "" if score.roc_auc is None else f"{score.roc_auc:.6f}"
            table.writerow([score.id, name, score.photos, *figures, area])

"""What classifiers see in the field, as tables: frames whole, in a detector's boxes, both; by species; calibration.

    python benchmarks/field.py --frames ../shared/trap/SOURCES.csv models/default models/vgg16_field …

A bundle that keeps its answers to the frames (`avistar train field`, `avistar train refit`) is only read; one that
was fitted to them keeps what layers said that met neither the camera nor, for other animals, their kind.
"""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from avistar.adaptation.base_model import BaseModel
from avistar.bundle import ModelBundle
from avistar_train.field import field_answers, field_figures, kept_frames
from avistar_train.field_tables import field_table, species_table
from avistar_train.refit_material import boxed_frames
from avistar_train.refit_views import looker_of


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument("--frames", type=Path, default=Path("../shared/trap/SOURCES.csv"))
    parser.add_argument("--detector", type=Path)
    parser.add_argument("--kept", type=Path, help="a file in which embeddings wait for the next run")
    asked = parser.parse_args()
    found = None
    for folder in asked.bundles:
        bundle = ModelBundle.open(folder)
        base = BaseModel.of(bundle)
        answers = kept_frames(bundle)
        if answers is None:
            found = found or boxed_frames(asked.frames, asked.detector, progress=quiet)
            with closing(looker_of(base, base.artifact, asked.kept, quiet)) as looker:
                answers = field_answers(base, found, looker)
        figures = field_figures(answers, base.ids, base.artifact, bundle.manifest.decision)
        print(f"\n{bundle.manifest.name} ({folder}), {base.artifact.format} {base.artifact.precision}\n")
        print("\n".join([*field_table(figures), "", *species_table(figures)]), flush=True)


def quiet(what: str, done: int, total: int) -> None:
    """Nobody waits for a benchmark's progress."""


if __name__ == "__main__":
    main()

"""From a cluster's parts into a catalogue, where they are reviewed and exported like any survey."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import avistar
from avistar.catalogue import Catalogue
from avistar.cluster.job import Job
from avistar.cluster.table import read_parquet
from avistar.errors import UsageError
from avistar.records import SurveyFacts


def import_parts(
    folder: Path, catalogue_file: Path, advance: Callable[[int], None] = lambda photos: None
) -> tuple[int, int]:
    """Write what a run left in `folder` to a catalogue, new or begun; the numbers of parts and of media.

    A medium that is there already gets these answers; what people said of it stays. `advance` hears of the
    photos of each part. Raises `UsageError` where `folder` holds no run, or the catalogue is of other photos.
    """
    root, parts = Job.results(folder)
    if not parts:
        raise UsageError(f"{folder} holds no finished parts yet: run `avistar identify` with --cluster first")
    model, _ = read_parquet(parts[0], root)
    species = tuple(one.id for one in model.policy.species)
    facts = SurveyFacts(
        root, datetime.now(UTC), f"avistar {avistar.__version__}", species, tuple(sorted(model.policy.only))
    )
    media = 0
    with Catalogue.open(catalogue_file, new=facts) as catalogue:
        if catalogue.facts.folder != root:
            raise UsageError(
                f"{catalogue_file} is the catalogue of {catalogue.facts.folder}, these answers are about {root}: "
                "name another catalogue"
            )
        for part in parts:
            model, coming = read_parquet(part, root)
            records = list(coming)
            catalogue.write(records, model)
            media += len(records)
            advance(len(records))
    return len(parts), media

"""Small surveys for their summary, written down photo by photo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from avistar.catalogue import Catalogue, Model
from avistar.decision import Policy
from avistar.manifest import DecisionRule
from avistar.records import Capture, Medium, Observation, Record, Region
from avistar.species import known_groups, known_species
from records_support import FACTS, ORIGIN, answer

MODEL = Model(ORIGIN, Policy(known_species(), DecisionRule(0.8, 0.7), groups=known_groups()), known_groups())


def photo(relative: str, at: str = "", what: str = "wolf", place: tuple[float, float] | None = None) -> Record:
    """A photo at `relative` of the time `at` (ISO 8601, "" for none) that shows the species `what`, "" for nothing."""
    latitude, longitude = place or (None, None)
    capture = Capture(datetime.fromisoformat(at) if at else None, latitude=latitude, longitude=longitude)
    medium = Medium(f"/card/{relative}", relative, capture=capture)
    seen = (Observation(Region(), answer(what)),) if what else ()
    return Record(medium, seen, blank=not what)


def survey(path: Path, records: Iterable[Record], **changes: Any) -> Catalogue:
    """A catalogue at `path` that holds `records`, open for writing."""
    catalogue = Catalogue.open(path, new=FACTS)
    catalogue.write(list(records), MODEL)
    return catalogue

"""A survey's figures, from one pass over its catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath

import numpy as np

from avistar.catalogue import Catalogue
from avistar.files import printable
from avistar.formats.deployment_table import deployment_rows
from avistar.message import Message
from avistar.species import Group, Species, known_groups
from avistar.summary.activity import ActivityCurve, activity_curve
from avistar.summary.effort import CameraFigures, total_nights
from avistar.summary.events import Events, Integers, independent_events
from avistar.summary.tally import ANIMALS, Tally

GAP = timedelta(minutes=30)
"""What camera-trap studies use mostly, since O'Brien et al. (2003), Animal Conservation 6:131-139."""

_OTHERS = {"person": (Message("Person"), "Homo sapiens"), "vehicle": (Message("Vehicle"), "")}


@dataclass(frozen=True, slots=True)
class SpeciesFigures:
    """What there is of one species, or of a group, of persons or of vehicles.

    Attributes:
        species: By its present names in the survey; of a group, the group's.
        kind: species, group, person or vehicle.
        photos: Photos and videos that show it.
        events: Independent events; media without a time are in none.
        animals: The most that one photo of each event shows, added up.
        undated: Photos that are in no event, for they have no time.
        cameras: At how many deployments.
    """

    species: Species
    kind: str
    photos: int
    events: int
    animals: int
    undated: int
    cameras: int


@dataclass(frozen=True, slots=True, eq=False)
class SurveySummary:
    """What a survey says. S species, in the order of their events; C cameras, in the order of their folders.

    Attributes:
        name: What the survey's folder is called.
        made: When these figures were made; aware, UTC.
        gap: Between the beginnings of two independent events of a species at a camera.
        media: Photos and videos that are in the folder.
        undated: Those without a time.
        empty: Those in which nothing is.
        unknown: Those with something that nobody named.
        unanswered: Those of which nothing is known yet, failed ones included.
        reviewed: Those of which a person said what is there.
        corrected: Of these, those where the person said something else than the machine.
        disagreed: Those of which two people said different things last.
        reviewers: How many media each person's word counts for.
        species: S rows; animals first.
        cameras: C deployments.
        events: Of all species; `events.species` and `events.camera` are indices of the two above.
        photos: How many photos show a species at a camera, by (species, camera).
        curves: S activities over the day.
    """

    name: str
    made: datetime
    gap: timedelta
    media: int
    undated: int
    empty: int
    unknown: int
    unanswered: int
    reviewed: int
    corrected: int
    disagreed: int
    reviewers: Mapping[str, int]
    species: tuple[SpeciesFigures, ...]
    cameras: tuple[CameraFigures, ...]
    events: Events
    photos: Mapping[tuple[int, int], int]
    curves: tuple[ActivityCurve, ...]

    @property
    def animals(self) -> tuple[SpeciesFigures, ...]:
        """The rows of species and groups."""
        return tuple(one for one in self.species if one.kind in ANIMALS)

    @property
    def animal_events(self) -> Events:
        """Those of species and groups."""
        return _of_animals(self.events, self.species)

    @property
    def nights(self) -> float | None:
        """Trap nights of all cameras; None where nothing is known of them."""
        return total_nights(self.cameras)

    @property
    def first(self) -> date | None:
        """The first day of any camera."""
        return min((one.start.date() for one in self.cameras if one.start), default=None)

    @property
    def last(self) -> date | None:
        """The last day of any camera."""
        return max((one.end.date() for one in self.cameras if one.end), default=None)

    def per_100_nights(self, events: int) -> float | None:
        """Events in 100 trap nights, the relative abundance index of O'Brien et al. (2003); None below one night."""
        return 100 * events / self.nights if self.nights is not None and self.nights >= 1 else None


def summarised(
    catalogue: Catalogue, gap: timedelta = GAP, *, cancelled: Callable[[], bool] = lambda: False
) -> SurveySummary | None:
    """The figures of a survey, made in one pass over its media; None once `cancelled`.

    What people said counts before what a machine said, and files that are no longer in the folder don't count.
    """
    folders = [row.folder for row in deployment_rows(catalogue)]
    tally = Tally({one.folder: one for one in catalogue.deployments.all()}, folders)
    for number, one in enumerate(catalogue.occurrences()):
        if number % 4096 == 0 and cancelled():
            return None
        tally.add(one)
    tally.close()
    return _summary(catalogue, tally, gap)


def _summary(catalogue: Catalogue, tally: Tally, gap: timedelta) -> SurveySummary:
    what, place, seconds, animals = (np.array(column, np.int64) for column in tally.columns)
    events = independent_events(what, place, seconds, animals, gap_s=int(gap.total_seconds()))
    survey = PurePath(printable(catalogue.facts.folder)).name or printable(catalogue.facts.folder)
    names = _names(catalogue)
    rows = [_species_figures(names, tally, events, key) for key in tally.whats]
    order = sorted(range(len(rows)), key=lambda i: _rank(rows[i]))
    cameras = tally.cameras_of(survey)
    places = sorted(range(len(cameras)), key=lambda i: cameras[i].folder)
    events = _renumbered(events, order, places)
    species = tuple(rows[i] for i in order)
    of_animals = _of_animals(events, species)
    shown = tuple(_with_events(cameras[i], of_animals, c, species) for c, i in enumerate(places))
    new_species, new_place = _inverse(order), _inverse(places)
    counts = catalogue.counts()
    return SurveySummary(
        name=survey,
        made=datetime.now(UTC),
        gap=gap,
        media=tally.numbers["media"],
        undated=sum(one.undated for one in cameras),
        empty=tally.numbers["empty"],
        unknown=tally.numbers["unknown"],
        unanswered=tally.numbers["unanswered"],
        reviewed=sum(one.reviewed for one in cameras),
        corrected=counts.corrected,
        disagreed=counts.disagreed,
        reviewers=dict(counts.reviewers),
        species=species,
        cameras=shown,
        events=events,
        photos={(int(new_species[w]), int(new_place[c])): n for (w, c), n in tally.photos.items()},
        curves=tuple(activity_curve(events.of(i).seconds) for i in range(len(species))),
    )


def _species_figures(
    names: Mapping[tuple[str, str], Species], tally: Tally, events: Events, key: tuple[str, str]
) -> SpeciesFigures:
    number = tally.whats[key]
    mask = events.species == number
    places = [n for (what, _), n in tally.photos.items() if what == number]
    kind, what = key
    return SpeciesFigures(
        species=names.get(key, Species(what, what, what, "", "")),
        kind=kind,
        photos=sum(places),
        events=int(mask.sum()),
        animals=int(events.animals[mask].sum()),
        undated=tally.undated[number],
        cameras=len(places),
    )


def _rank(one: SpeciesFigures) -> tuple[bool, int, int, str]:
    """Animals first; the most events first."""
    return one.kind not in ANIMALS, -one.events, -one.photos, one.species.id


def _inverse(order: list[int]) -> Integers:
    """Where each old index stands now."""
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def _renumbered(events: Events, species: list[int], cameras: list[int]) -> Events:
    one, place = _inverse(species)[events.species], _inverse(cameras)[events.camera]
    return replace(events, species=one, camera=place).chosen(np.lexsort((events.start, place, one)))


def _of_animals(events: Events, species: tuple[SpeciesFigures, ...]) -> Events:
    animals = [i for i, one in enumerate(species) if one.kind in ANIMALS]
    return events.chosen(np.isin(events.species, animals))


def _with_events(
    camera: CameraFigures, events: Events, place: int, species: tuple[SpeciesFigures, ...]
) -> CameraFigures:
    here = events.species[events.camera == place]
    named = {i for i in here.tolist() if species[i].kind == "species"}
    return replace(camera, events=len(here), species=len(named))


def _names(catalogue: Catalogue) -> Mapping[tuple[str, str], Species]:
    """What each thing is called: species by the survey's names, groups by those of the models that answered."""
    groups: dict[str, Group] = {one.id: one for one in known_groups()}
    species, own = {one.id: one for one in catalogue.species.all()}, catalogue.species.own()
    for model, _ in catalogue.models():
        groups |= {one.id: one for one in model.policy.groups}
        species |= {one.id: one for one in model.policy.species if one.id not in own}
    named = {("species", id): one for id, one in species.items()}
    named |= {("group", id): Species(id, one.english, one.spanish, one.scientific, "") for id, one in groups.items()}
    for kind, (name, scientific) in _OTHERS.items():
        named[kind, kind] = Species(kind, str(name), name.to("es"), scientific, "")
    return named

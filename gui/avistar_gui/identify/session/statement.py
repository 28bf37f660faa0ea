"""What is said to be in a photo, thing by thing, and what it comes to once a person says something of it.

A person's word on one thing is stored as a review of all that is there: the functions here make that review's sightings
from what counted before. They read and give plain values, and touch no catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from avistar import Identification
from avistar.boxes import Box
from avistar.records import BoxCategory, Record, Sighting, Verdict
from avistar.standing import Standing, standing_of

Shape = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that somebody said is in a medium.

    Attributes:
        kind: What it is: species, group, unknown, empty, person or vehicle; "animal" where a detector saw one that
            nothing identified.
        what: A species' or group's id, else the kind.
        count: How many; None where nobody counted.
        confidence: Of the machine, 0 to 1; None for a person's word.
        box: Where it is, None for somewhere in the picture.
        sighting: The person's word, None for a machine's.
        answer: The machine's answer to the same place, None where there is none.
        counts: Whether it counts; if not, a person's word stands in its place.
    """

    kind: str
    what: str
    count: int | None = None
    confidence: float | None = None
    box: Box | None = None
    sighting: Sighting | None = None
    answer: Identification | None = None
    counts: bool = True

    @property
    def named(self) -> bool:
        """Whether it is said what it is: a species, a person or a vehicle."""
        return self.kind in ("species", "person", "vehicle")

    @property
    def bare(self) -> bool:
        """Whether nothing is said of it but what it is: neither a number nor any detail."""
        said = self.sighting
        details = said is not None and any((said.sex, said.life_stage, said.behavior, said.individual, said.comment))
        return (self.count or 1) == 1 and not details

    def same(self, other: Thing) -> bool:
        """Whether both are the same word on the same place, whenever they were read."""
        return (self.sighting, self.what, shape(self.box)) == (other.sighting, other.what, shape(other.box))


@dataclass(frozen=True, slots=True)
class Statement:
    """What a review says: each thing that is there, and whether it speaks of the whole medium."""

    sightings: tuple[Sighting, ...]
    whole: bool = True


Change = Callable[[Record], Statement | None]
"""What a person says of a medium, given what is known of it; None leaves it as it is."""


def shape(box: Box | None) -> Shape | None:
    """Where a box lies, whatever it holds."""
    return (box.left, box.top, box.width, box.height) if box is not None else None


def placed(sighting: Sighting, box: Box | None) -> Sighting:
    """`sighting` at `box`, as it is read again from a catalogue: a person's box has a place and says what it holds."""
    if box is None:
        return replace(sighting, box=None)
    category: BoxCategory = sighting.kind if sighting.kind in ("person", "vehicle") else "animal"
    return replace(sighting, box=Box(box.left, box.top, box.width, box.height, category))


def things_of(record: Record) -> tuple[Thing, ...]:
    """Everything that was said of a medium: what counts first, then what a machine said and a person overruled."""
    answers = {shape(one.region.box): one.identification for one in record.observations}
    whole = answers.get(None) or record.together or (record.identification if len(answers) == 1 else None)
    counting = [_thing(one, answers.get(shape(one.box)) if one.box else whole) for one in standing_of(record)]
    counting = _at_the_only_box(record, counting, answers)
    return (*counting, *_overruled(record, counting))


def _at_the_only_box(
    record: Record, counting: list[Thing], answers: Mapping[Shape | None, Identification]
) -> list[Thing]:
    """A person's word on the whole of a photo in which a detector saw one animal speaks of that animal."""
    animals = [box for box in record.detections if box.category == "animal"]
    loose = [one for one in counting if one.sighting and not one.box and one.kind in ("species", "unknown")]
    if len(animals) != 1 or len(loose) != 1 or any(shape(one.box) == shape(animals[0]) for one in counting):
        return counting
    at = replace(loose[0], box=animals[0], answer=answers.get(shape(animals[0])))
    return [at if one is loose[0] else one for one in counting]


def _thing(one: Standing, answer: Identification | None) -> Thing:
    return Thing(one.kind, one.what, one.count, one.confidence, one.box, one.sighting, answer)


def _overruled(record: Record, counting: Iterable[Thing]) -> list[Thing]:
    """What the machine says and no longer counts; a detector's box that nothing answered is an animal."""
    if record.review is None:
        return []
    before = [_thing(one, None) for one in standing_of(replace(record, review=None))]
    # What a person says, too, is not overruled; an answer to the whole picture is about anything in it.
    still = {(one.what, where) for one in counting for where in (shape(one.box), None)}
    answers = {shape(one.region.box): one.identification for one in record.observations}
    left = [
        one
        for one in before
        if (one.what, shape(one.box)) not in still and (one.kind not in ("empty", "unknown") or one.box)
    ]
    return [replace(one, answer=answers.get(shape(one.box)), counts=False) for one in left]


def rejected(record: Record) -> frozenset[Shape]:
    """The boxes of which a person says that nothing is there."""
    return frozenset(where for one in _rejections(record) if (where := shape(one.box)))


def naming(sighting: Sighting, thing: Thing | None = None) -> Change:
    """To say that a medium shows `sighting`, or that this is what its `thing` is.

    Of a medium as a whole it replaces everything. Where several things are named already, none of them by a person,
    and the sighting is one of these, all of them are what it says: nobody loses the second animal by a key.
    """

    def change(record: Record) -> Statement | None:
        if thing is not None:
            return _replaced(record, thing, sighting)
        things = [one for one in things_of(record) if one.counts]
        listed = (sighting.species or sighting.kind) in {one.what for one in things}
        open_to_it = record.review is None and len(things) > 1 and sighting.count is None
        if open_to_it and listed and all(one.named for one in things):
            return Statement(_ordered(things))
        return Statement((sighting,))

    return change


def addition(sighting: Sighting) -> Change:
    """To say that a medium shows `sighting`, too."""

    def change(record: Record) -> Statement:
        before = _whole(record, keep_unnamed=False)
        return Statement((*before.sightings, sighting), before.whole)

    return change


def correction(thing: Thing, sighting: Sighting) -> Change:
    """To say something else of a `thing`: its count or sex, for instance, or where it is."""
    return lambda record: _replaced(record, thing, sighting)


def removal(thing: Thing) -> Change:
    """To say that a `thing` is not there. Of a machine's box, and one that lies on it, that is kept in mind."""

    def change(record: Record) -> Statement | None:
        found = _found(record, thing)
        if found is None:
            return None
        before = _whole(record, keep_unnamed=True, without=found)
        seen = {shape(box) for box in record.detections}
        if found.box is not None and shape(found.box) in seen:
            return Statement((*before.sightings, placed(Sighting("empty"), found.box)), before.whole)
        return before

    return change


def located(box: Box) -> Change:
    """To draw `box`: it is where the one thing lies whose place nobody knows, else something yet to be named."""

    def change(record: Record) -> Statement | None:
        things = [one for one in things_of(record) if one.counts and one.kind != "empty"]
        if len(things) == 1 and things[0].box is None and things[0].named:
            return Statement((placed(sighting_of(things[0]), box),))
        return addition(placed(Sighting("unknown"), box))(record)

    return change


def sighting_of(thing: Thing) -> Sighting:
    """The same as a person says it; what is a group to a machine is unknown to a person."""
    if thing.sighting is not None:
        return thing.sighting
    if thing.kind == "species":
        return placed(Sighting("species", thing.what, thing.count), thing.box)
    if thing.kind in ("person", "vehicle"):
        kind: Verdict = "person" if thing.kind == "person" else "vehicle"
        return placed(Sighting(kind, "", thing.count), thing.box)
    return placed(Sighting("unknown"), thing.box)


def _found(record: Record, thing: Thing) -> Thing | None:
    """The thing as the record has it; what was said of it meanwhile makes it no other."""
    things = things_of(record)
    alike = [one for one in things if one.counts and (one.what, shape(one.box)) == (thing.what, shape(thing.box))]
    return next((one for one in things if one.same(thing)), alike[0] if len(alike) == 1 else None)


def _replaced(record: Record, thing: Thing, sighting: Sighting) -> Statement | None:
    """`sighting` in place of `thing`; None where that is no longer said of the medium."""
    found = _found(record, thing)
    if found is None:
        return None
    sighting = placed(sighting, sighting.box or found.box)
    before = record.review
    if found.sighting is not None and before is not None:
        said = list(before.statement)
        said[said.index(found.sighting)] = sighting
        return Statement(tuple(said), before.whole)
    if found.box is None or not found.counts:
        rest = _whole(record, keep_unnamed=True, without=found)
        return Statement((sighting, *_apart(rest.sightings, found.box)))
    if before is None:
        return Statement((sighting,), whole=False)
    return Statement((*_apart(before.statement, found.box), sighting), before.whole)


def _apart(said: Iterable[Sighting], box: Box | None) -> tuple[Sighting, ...]:
    """Those of `said` that don't speak of `box`, and of something."""
    where = shape(box)
    return tuple(one for one in said if (one.kind != "empty" or one.box) and (where is None or shape(one.box) != where))


def _whole(record: Record, *, keep_unnamed: bool, without: Thing | None = None) -> Statement:
    """All that counts for a medium, as a person says it; an answer to the whole picture that names nothing, at will."""
    things = [one for one in things_of(record) if one.counts and one.kind != "empty"]
    if without is not None:
        index = next((i for i, one in enumerate(things) if one.same(without)), None)
        things = [one for i, one in enumerate(things) if i != index]
    kept = [one for one in things if keep_unnamed or one.named or one.box is not None or one.sighting is not None]
    nothing = [Sighting("empty", box=one.box) for one in _rejections(record)]
    return Statement((*_ordered(kept), *nothing))


def _rejections(record: Record) -> list[Sighting]:
    said = record.review.sightings if record.review is not None else ()
    return [one for one in said if one.kind == "empty" and one.box is not None]


def _ordered(things: Iterable[Thing]) -> tuple[Sighting, ...]:
    """People's words as they stand, then a machine's, surest first: what leads its answer leads the review."""
    ranked = sorted(things, key=lambda one: -1.0 if one.sighting else 1.0 - (one.confidence or 0.0))
    return tuple(sighting_of(one) for one in ranked)

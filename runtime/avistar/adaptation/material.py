"""What a user gives to learn from: reviewed photos of surveys, and folders named by species."""

from __future__ import annotations

import contextlib
import csv
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from avistar.adaptation.survey_embeddings import medium_key
from avistar.catalogue import Catalogue, Query
from avistar.errors import UsageError
from avistar.files import content_key, printable
from avistar.media.photo import read_photo
from avistar.message import Message
from avistar.records import Box, Medium, Record, Sighting
from avistar.scan import Scan, sub_folders
from avistar.species import Species, match_species, plain_id, tell_names_apart

_PAGE = 500
MOST_PHOTOS = 20_000
"""Photos that one lesson takes: memory and time stay bounded, and more of one camera teach little."""

NO_ANIMALS = {
    "empty": Species("empty", "No animal", "Ningún animal", "", "empty"),
    "person": Species("person", "Person", "Persona", "Homo sapiens", "person"),
    "vehicle": Species("vehicle", "Vehicle", "Vehículo", "", "vehicle"),
}
"""What may be taught although it is no animal."""


@dataclass(frozen=True, slots=True)
class TaughtPhoto:
    """A photo and what a person says it shows.

    `species` is an id; `group` names what it must not be parted from in a split (a camera's day, a burst),
    `camera` the camera or place; `content` is `files.content_key`; `box` where the animal is, if anybody said.
    `survey` is the catalogue that it comes from, "" for a folder, and `kept` its key in the embeddings beside that.
    """

    path: str
    species: str
    group: str
    camera: str
    content: str
    box: Box | None = None
    survey: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """The photos to learn from, and names of the species that they show.

    `notes` are sentences on what was left out.
    """

    photos: tuple[TaughtPhoto, ...]
    species: tuple[Species, ...]
    notes: tuple[str, ...] = ()


class NothingReviewed(UsageError):
    """There is no reviewed photo to learn from."""


def read_material(sources: Sequence[Path], known: Sequence[Species], listed: Sequence[Species] = ()) -> Material:
    """The photos in `sources`, surveys' files or folders with a sub-folder for each species.

    `known` are the base's species, whose names in any spelling are theirs; `listed` names new ones. A photo that
    comes twice counts once, as it was said last. Raises `NothingReviewed`, `UsageError`, and what a damaged catalogue
    raises.
    """
    names = _Names(known, listed)
    photos: dict[tuple[str, Box | None], TaughtPhoto] = {}
    notes: list[str] = []
    for source in sources:
        found = _folder(source, names) if source.is_dir() else _survey(source, names, notes)
        for photo in found:
            photos[photo.content, photo.box] = photo
    if not photos:
        raise NothingReviewed(
            "{names}: no reviewed photo is there to learn from: review some, or name a folder with a sub-folder "
            "of photos for each species",
            names=", ".join(map(str, sources)),
        )
    kept = _bounded(list(photos.values()))
    if len(kept) < len(photos):
        notes.append(
            Message(
                "{number:,} of {number2:,} photos are taken, evenly from species, cameras and days",
                number=len(kept),
                number2=len(photos),
            )
        )
    return Material(tuple(kept), names.used(kept), tuple(notes))


def read_species_table(file: Path) -> tuple[Species, ...]:
    """New species from a CSV with the columns `english`, `spanish`, `scientific`, `group`; one name a line also does.

    Raises `UsageError`.
    """
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("{file} is no list of species in UTF-8: {error}", file=file, error=error) from error
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows or not {"english", "scientific"} & set(rows[0]):
        names = [line.strip() for line in text.splitlines() if line.strip()]
        tell_names_apart(((plain_id(name), name) for name in names), str(file))
        return tuple(map(_named, names))
    found = []
    for row in rows:
        facts = {key: (row.get(key) or "").strip() for key in ("id", "english", "spanish", "scientific", "group")}
        name = facts["english"] or facts["scientific"]
        if name:
            id = facts["id"] or slug(name)
            found.append(Species(id, name, facts["spanish"] or name, facts["scientific"], slug(facts["group"]) or id))
    tell_names_apart(((plain_id(one.english), name) for one in found for name in (one.english, one.spanish)), str(file))
    return tuple(found)


def slug(name: str) -> str:
    """An id for a name, which keeps every letter: 'Zorro rojo' → 'zorro_rojo', 'Ñandú' → 'ñandú'."""
    letters = unicodedata.normalize("NFC", name).casefold()
    kept = (one if one.isalnum() or unicodedata.category(one).startswith("M") else " " for one in letters)
    return "_".join("".join(kept).split())


def _named(name: str) -> Species:
    spoken = name.replace("_", " ").strip()
    spoken = spoken[:1].upper() + spoken[1:]
    return Species(slug(name), spoken, spoken, "", slug(name))


@dataclass(slots=True)
class _Names:
    """Species by any of their names; one that nobody knows is new, and goes by what it was called."""

    known: Sequence[Species]
    listed: Sequence[Species]
    new: dict[str, Species] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    def id(self, name: str) -> str:
        """The id of what is called `name`. Never the name of an old species in another spelling."""
        for among in (self.known, self.listed, tuple(NO_ANIMALS.values()), tuple(self.new.values())):
            try:
                found = match_species(name, among) if among else None
            except UsageError:
                continue
            if found is not None:
                self.new.setdefault(found.id, found)
                return found.id
        made = _named(name)
        self.new[made.id] = made
        self.made.add(made.id)
        return made.id

    def taken(self, species: Species) -> str:
        """The id of a species of a survey's list: the old one's that has any of its names, else its own."""
        for among in (self.known, self.listed):
            for name in (species.id, species.scientific, species.english, species.spanish):
                with contextlib.suppress(UsageError):
                    if name and among:
                        return self._listed(match_species(name, among))
        return self._listed(replace(species, group=slug(species.group) if species.group else species.id))

    def _listed(self, species: Species) -> str:
        self.new.setdefault(species.id, species)
        return species.id

    def used(self, photos: Iterable[TaughtPhoto]) -> tuple[Species, ...]:
        """The species that `photos` show, in order of their ids."""
        return tuple(self.new[id] for id in sorted({photo.species for photo in photos}))


def _folder(folder: Path, names: _Names) -> Iterator[TaughtPhoto]:
    subs = sub_folders(folder)
    ids = {sub: names.id(sub.name) for sub in subs}
    # New species only: in two folders, one of the base's may well go by two of its names.
    new = [sub.name for sub in subs if ids[sub] in names.made]
    tell_names_apart(((plain_id(name), name) for name in new), str(folder))
    for sub, id in ids.items():
        for path in Scan([str(sub)]):
            medium = _readable(path, sub)
            if medium is not None:
                yield _photo(medium, id, "", None)


def _readable(path: str, folder: Path) -> Medium | None:
    medium = read_photo(path, folder)
    try:
        return replace(medium, content=content_key(path, medium.bytes))
    except OSError:  # gone since it was listed; counted with those that can't be read
        return None


def _survey(file: Path, names: _Names, notes: list[str]) -> Iterator[TaughtPhoto]:
    left: Counter[str] = Counter()
    ids: dict[tuple[str, str], str] = {}
    with Catalogue.read(file) as catalogue:
        own = {one.id: one for one in catalogue.species.all()}
        merged = catalogue.species.merged()
        for record in _reviewed(catalogue):
            said = _statement(record)
            if not said:
                left["undecided"] += 1
            elif record.medium.kind == "video":
                left["videos"] += 1
            elif len(said) > 1 and any(one.box is None for one in said):
                left["mixed"] += 1
            elif (medium := _present(record.medium)) is None:
                left["gone"] += 1
            else:
                for one in said:
                    species = merged.get(one.species, one.species)
                    if (one.kind, species) not in ids:  # as many as there are species, not photos
                        named = own.get(species) or _named(species)
                        ids[one.kind, species] = names.taken(named) if one.kind == "species" else names.id(one.kind)
                    taught = _photo(medium, ids[one.kind, species], record.sequence, one.box)
                    yield replace(taught, survey=str(file), kept=medium_key(record))
    notes.extend(_left_out(printable(file), left))


def _left_out(file: str, left: Counter[str]) -> Iterator[Message]:
    gone, undecided, videos, mixed = (left[key] for key in ("gone", "undecided", "videos", "mixed"))
    if gone:
        yield Message.counted(
            "{file}: {number:,} reviewed photo isn't where it was: it teaches nothing",
            "{file}: {number:,} reviewed photos aren't where they were: they teach nothing",
            gone,
            file=file,
        )
    if undecided:
        yield Message.counted(
            "{file}: {number:,} photo was reviewed as unknown: it teaches nothing",
            "{file}: {number:,} photos were reviewed as unknown: they teach nothing",
            undecided,
            file=file,
        )
    if videos:
        yield Message.counted(
            "{file}: {number:,} reviewed video teaches nothing",
            "{file}: {number:,} reviewed videos teach nothing",
            videos,
            file=file,
        )
    if mixed:
        yield Message.counted(
            "{file}: {number:,} photo shows several things and no boxes where: it teaches nothing",
            "{file}: {number:,} photos show several things and no boxes where: they teach nothing",
            mixed,
            file=file,
        )


def _statement(record: Record) -> list[Sighting]:
    """What a person said is in the photo, where that can be learned: each thing once, with its box if there is one."""
    review = record.review
    if review is None:
        return []
    known = [one for one in review.statement if one.kind != "unknown"]
    boxed = [one for one in known if one.box is not None]
    plain = {(one.kind, one.species): one for one in known if one.box is None}
    if boxed and not plain:
        return boxed
    if len(plain) == 1 and not boxed:
        return [replace(next(iter(plain.values())), box=_box(record))]
    return [*plain.values(), *boxed]


def _reviewed(catalogue: Catalogue) -> Iterator[Record]:
    """What people reviewed, a page at a time: the one place that knows how a catalogue keeps it."""
    ids = catalogue.ids(Query(order="reviewed"))
    for start in range(0, len(ids), _PAGE):
        records = catalogue.records_of(ids[start : start + _PAGE])
        yield from (record for record in records if record.review is not None)
        if records and all(record.review is None for record in records):
            return


def _present(medium: Medium) -> Medium | None:
    path = Path(medium.path)
    if not path.is_file():
        return None
    if medium.content:
        return medium
    try:
        return replace(medium, content=content_key(path, path.stat().st_size))
    except OSError:
        return None


def _box(record: Record) -> Box | None:
    """Where the animal is, if the photo has one box of an animal: a review speaks of the whole photo."""
    boxes = [one.region.box for one in record.observations if one.region.box is not None]
    animals = [box for box in boxes if box.category == "animal"]
    return animals[0] if len(animals) == 1 else None


def _photo(medium: Medium, species: str, sequence: str, box: Box | None) -> TaughtPhoto:
    capture, folder = medium.capture, medium.relative.rpartition("/")[0]
    camera = "/".join(filter(None, (folder, capture.camera, capture.serial)))
    day = capture.taken_at.date().isoformat() if capture.taken_at else ""
    group = f"{camera} {day}" if camera else sequence or medium.path
    return TaughtPhoto(medium.path, species, group, camera or group, medium.content, box)


def _bounded(photos: list[TaughtPhoto]) -> list[TaughtPhoto]:
    """At most `MOST_PHOTOS`: in turn from every species, and of each in turn from every group."""
    if len(photos) <= MOST_PHOTOS:
        return photos
    waiting: dict[str, dict[str, list[TaughtPhoto]]] = defaultdict(lambda: defaultdict(list))
    for photo in photos:
        waiting[photo.species][photo.group].append(photo)
    kept: list[TaughtPhoto] = []
    while len(kept) < MOST_PHOTOS:
        for groups in waiting.values():
            if groups:
                group, some = next(iter(groups.items()))
                kept.append(some.pop())
                del groups[group]
                if some:
                    groups[group] = some
    return kept[:MOST_PHOTOS]


def cameras_of(photos: Iterable[TaughtPhoto]) -> Counter[str]:
    """How many cameras saw each species."""
    return Counter(species for species, _ in {(photo.species, photo.camera) for photo in photos})

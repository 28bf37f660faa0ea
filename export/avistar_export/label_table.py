"""The labels of a network that others trained, in the forms that people keep them, as species and groups."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avistar.errors import UsageError
from avistar.species import Group, LabelKind, Species, known_groups, known_species, normalised

RANKS = ("class", "order", "family", "genus", "species")
MOST_LABELS = 20_000

_KINDS: dict[LabelKind, tuple[str, str, frozenset[str]]] = {
    "blank": ("Blank", "Vacía", frozenset({"blank", "empty", "vacia", "vacio", "vide", "leer", "noanimal", "nothing"})),
    "human": (
        "Human", "Humano",
        frozenset({"human", "humans", "person", "people", "homosapiens", "humano", "persona", "humain", "mensch"}),
    ),
    "vehicle": ("Vehicle", "Vehículo", frozenset({"vehicle", "vehiculo", "vehicule", "fahrzeug"})),
}  # fmt: skip
_KIND_NAMES: dict[str, LabelKind] = {"animal": "animal", "group": "group", **{kind: kind for kind in _KINDS}}
_ANIMAL = Group("animal", "animal", "animal", "Animalia")
_COLUMNS = {
    "scientific": "scientific", "scientificname": "scientific", "binomial": "scientific", "latin": "scientific",
    "english": "english", "commonname": "english", "name": "english", "label": "english", "common": "english",
    "spanish": "spanish", "nombre": "spanish", "group": "group", "kind": "kind",
    **{rank: rank for rank in RANKS},
}  # fmt: skip
_SYNSET = re.compile(r"n\d{8}\s+")
_NUMBERED = re.compile(r"\d+\s*[:;,\t ]\s*(?=\D)")


@dataclass(frozen=True, slots=True)
class Label:
    """One label as its file has it; `taxa` are the names of `RANKS`, "" where not given."""

    name: str
    scientific: str = ""
    spanish: str = ""
    group: str = ""
    kind: LabelKind | None = None
    taxa: tuple[str, ...] = ("", "", "", "", "")


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Species in the bundle's order, their groups, and for each species the network's outputs that mean it.

    `outputs[i]` has several numbers where a label came twice: their probabilities are added.
    """

    species: tuple[Species, ...]
    groups: tuple[Group, ...]
    outputs: tuple[tuple[int, ...], ...]

    @property
    def labels(self) -> int:
        """How many outputs the network has."""
        return sum(map(len, self.outputs))

    @property
    def repeated(self) -> tuple[str, ...]:
        """English names of the labels that come more than once."""
        pairs = zip(self.species, self.outputs, strict=True)
        return tuple(species.english for species, numbers in pairs if len(numbers) > 1)


def read_labels(file: Path) -> list[Label]:
    """The labels in `file`, in the order of the network's outputs. Raises `UsageError` naming file and line."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(
            "{file} can't be read ({strerror}): --labels names the file of the labels",
            file=file,
            strerror=error.strerror,
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            "{file} is no text in UTF-8 (byte {start}): save it as UTF-8", file=file, start=error.start
        ) from error
    return labels_in(text, file.suffix.lower(), str(file))


def labels_in(text: str, suffix: str, where: str) -> list[Label]:
    """The labels in `text`: JSON, a dictionary of ultralytics', SpeciesNet's lines, CSV, or a line each."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise UsageError(
            "{where} holds no label: write one in each line, in the order of the network's outputs", where=where
        )
    if suffix == ".json" or text.lstrip().startswith(("{", "[")):
        found = _structured(text, where)
    elif suffix in (".yaml", ".yml"):
        found = _yaml(lines, where)
    elif all(line.count(";") >= 6 for line in lines):
        found = [_speciesnet(line) for line in lines]
    elif (columns := _header(lines[0])) is not None:
        found = _table(text, columns, where)
    else:
        found = [_plain(line) for line in lines]
    if len(found) > MOST_LABELS:
        raise UsageError(
            "{where} holds {found:,} labels; at most {most_labels:,} are possible",
            where=where,
            found=len(found),
            most_labels=MOST_LABELS,
        )
    for number, label in enumerate(found, 1):
        if not label.name:
            raise UsageError("{where}: label {number:,} has no name: give each label one", where=where, number=number)
    return found


def label_table(labels: Sequence[Label], *, keep_repeated: bool = False) -> LabelTable:
    """What the labels mean. A label that comes twice is one species, unless `keep_repeated`."""
    places: dict[Label, list[int]] = {}
    for number, label in enumerate(labels):
        places.setdefault(label if not keep_repeated else replace(label, name=f"{label.name}\n{number}"), []).append(
            number
        )
    own = [replace(label, name=label.name.partition("\n")[0]) for label in places]
    taxonomy = _Taxonomy(own)
    taken: set[str] = set()
    species = []
    for number, label in enumerate(own):
        made = taxonomy.species(label)
        identity = _free(made.id, label, number, taken)
        taken.add(identity)
        species.append(replace(made, id=identity))
    if len(species) < 2:
        raise UsageError("{species} label is no choice: a classifier has two or more", species=len(species))
    return LabelTable(tuple(species), taxonomy.used(species), tuple(tuple(numbers) for numbers in places.values()))


def identifier(name: str) -> str:
    """A name for folders and columns: 'Pastor alemán' → 'pastor_aleman'; "" where no letter or digit is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "_", plain.replace("'", "")).strip("_")


def _free(wanted: str, label: Label, number: int, taken: set[str]) -> str:
    choices = [wanted, identifier(label.scientific), f"{wanted or 'label'}_{number + 1}"]
    return next(one for one in choices if one and one not in taken)


def _structured(text: str, where: str) -> list[Label]:
    try:
        try:
            data = json.loads(text)
        except ValueError:
            data = ast.literal_eval(text)  # ultralytics writes Python's form
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise UsageError(
            "{where} is neither JSON nor a dictionary of names: {error}", where=where, error=error
        ) from error
    if isinstance(data, Mapping) and isinstance(data.get("names"), (Mapping, list)):
        data = data["names"]
    if isinstance(data, Mapping):
        data = _numbered(data, where)
    if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
        raise UsageError(
            '{where} holds neither a list of names nor a dictionary {{"0": "cat", "1": "dog"}}', where=where
        )
    return [_plain(name) for name in data]


def _numbered(data: Mapping[object, object], where: str) -> list[object]:
    try:
        by_number = {int(str(key)): name for key, name in data.items()}
    except ValueError as error:
        raise UsageError(
            "{where}: the keys of a dictionary of names are 0, 1, 2, …: {error}", where=where, error=error
        ) from error
    missing = sorted(set(range(len(by_number))) - set(by_number))
    if missing or len(by_number) != len(data):
        raise UsageError(
            "{where}: a dictionary of names counts from 0 without gaps; {one} is missing",
            where=where,
            one=missing[:1] or "one",
        )
    return [by_number[number] for number in range(len(by_number))]


def _yaml(lines: Iterable[str], where: str) -> list[Label]:
    """The `names:` of ultralytics' data files: '  0: cat' or '  - cat'."""
    names: dict[object, object] = {}
    inside = False
    for line in lines:
        if not line[0].isspace() and not line.startswith("-"):
            inside = line.startswith("names:")
            inline = line.partition(":")[2].strip()
            if inside and inline:
                return _structured(inline, where)
            continue
        match = re.fullmatch(r"\s*(?:(\d+)\s*:|-)\s*(.+?)\s*", line.partition(" #")[0])
        if inside and match:
            names[match[1] or len(names)] = match[2].strip("'\"")
    if not names:
        raise UsageError("{where} has no `names:` with a label in each line below it", where=where)
    return [_plain(str(name)) for name in _numbered(names, where)]


def _speciesnet(line: str) -> Label:
    """'uuid;class;order;family;genus;species;common name', blank where a rank isn't told."""
    parts = [part.strip() for part in line.split(";")]
    taxa, common = tuple(parts[1:6]), parts[6]
    scientific = _scientific(taxa)
    return Label(common or scientific, scientific, taxa=taxa, kind=_kind(common) if not any(taxa) else None)


def _scientific(taxa: Sequence[str]) -> str:
    """The name of the lowest rank that is given; a species' name has two words."""
    given = [name for name in taxa if name]
    if not given:
        return ""
    if taxa[4]:
        return f"{taxa[3]} {taxa[4]}".strip().capitalize()
    return given[-1].capitalize()


def _header(line: str) -> list[str] | None:
    """What the columns of a table mean, None where the line is none of its header."""
    separator = next((one for one in "\t;," if one in line), ",")
    cells = [cell.strip().strip('"') for cell in line.split(separator)]
    meant = [_COLUMNS.get(normalised(cell), "") for cell in cells]
    return meant if sum(map(bool, meant)) >= min(2, len(cells)) and (len(cells) > 1 or meant[0] != "english") else None


def _table(text: str, columns: Sequence[str], where: str) -> list[Label]:
    first = text.lstrip().splitlines()[0]
    separator = next((one for one in "\t;," if one in first), ",")
    rows = list(csv.reader(io.StringIO(text.lstrip()), delimiter=separator))[1:]
    found = []
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(columns):
            raise UsageError(
                "{where}: line {number:,} has {row} columns, the first line {columns}",
                where=where,
                number=number,
                row=len(row),
                columns=len(columns),
            )
        cells = {name: cell.strip() for name, cell in zip(columns, row, strict=True) if name}
        taxa = tuple(cells.get(rank, "") for rank in RANKS)
        if " " in taxa[4]:  # 'Lynx rufus' as the species
            taxa = (*taxa[:3], taxa[3] or taxa[4].split()[0], taxa[4].split(maxsplit=1)[1])
        scientific = cells.get("scientific") or _scientific(taxa)
        name = cells.get("english") or scientific
        kind = cells.get("kind", "")
        if kind and kind not in _KIND_NAMES:
            raise UsageError(
                "{where}: line {number:,} has the kind '{kind}'; it is {kind_names}",
                where=where,
                number=number,
                kind=kind,
                kind_names=", ".join(_KIND_NAMES),
            )
        found.append(
            Label(
                name, scientific, cells.get("spanish", ""), cells.get("group", ""),
                _KIND_NAMES.get(kind), taxa,
            )
        )  # fmt: skip
    return found


def _plain(line: str) -> Label:
    """'raccoon', '7: raccoon' or ImageNet's 'n02508021 raccoon, coon'."""
    name = line.strip()
    if _SYNSET.match(name):
        name = _SYNSET.sub("", name)
    elif _NUMBERED.match(name):
        name = _NUMBERED.sub("", name, count=1)
    return Label(name.replace("_", " ").strip())


def _kind(name: str) -> LabelKind | None:
    key = normalised(name)
    return next((kind for kind, (_, _, names) in _KINDS.items() if key in names), None)


class _Taxonomy:
    """Groups that the labels' taxa make: a genus only where it is a label itself."""

    def __init__(self, labels: Sequence[Label]) -> None:
        self._known = {normalised(one.id): one for one in known_species()}
        self._known |= {normalised(one.english): one for one in known_species()}
        self._table = {normalised(group.scientific): group for group in known_groups()}
        self._genera = {label.taxa[3].casefold() for label in labels if label.taxa[3] and not label.taxa[4]}
        self._common = {label.scientific.casefold(): label.name for label in labels if not label.taxa[4]}
        self._animal = any(normalised(label.name) == "animal" and not any(label.taxa) for label in labels)
        self.groups: dict[str, Group] = {}

    def species(self, label: Label) -> Species:
        """The label as a species, with its group made."""
        plain = not any(label.taxa) and not label.scientific
        kind = label.kind or (_kind(label.name) if plain else _kind(label.scientific)) or "animal"
        if kind in _KINDS:
            english, spanish, _ = _KINDS[kind]
            own = label.spanish or spanish
            return Species(identifier(label.name) or kind, label.name or english, own, label.scientific, "", kind)
        group = self._group(label)
        named = next((one for one in known_groups() if normalised(one.english) == normalised(label.name)), None)
        known = self._known.get(normalised(label.name)) if plain else None
        if known is not None:
            return replace(known, group=group or self._of_table(known.group))
        if plain and named is not None:  # "rodent": all of them
            return Species(named.id, label.name, named.spanish, named.scientific, self._of_table(named.id), "group")
        wider = kind == "group" or normalised(label.name) == "animal" or (any(label.taxa) and not label.taxa[4])
        spanish = label.spanish or label.scientific or label.name
        made: LabelKind = "group" if wider and group else "animal"
        return Species(identifier(label.name), label.name, spanish, label.scientific, group, made)

    def used(self, species: Iterable[Species]) -> tuple[Group, ...]:
        """The groups that some species rolls up to, and what these roll up to."""
        waiting, kept = [one.group for one in species if one.group], set[str]()
        while waiting:
            id = waiting.pop()
            if id not in kept:
                kept.add(id)
                waiting.extend([self.groups[id].parent] if self.groups[id].parent else [])
        return tuple(group for id, group in self.groups.items() if id in kept)

    def _group(self, label: Label) -> str:
        if label.group:
            return self._named(label.group, "")
        chain = [name for name in label.taxa[:3] if name]
        if label.taxa[3] and label.taxa[3].casefold() in self._genera:
            chain.append(label.taxa[3])
        parent = self._add(_ANIMAL) if self._animal else ""
        for name in chain:
            parent = self._named(name, parent)
        return parent if chain or normalised(label.name) == "animal" else ""

    def _named(self, name: str, parent: str) -> str:
        known = self._table.get(normalised(name))
        if known is not None:
            return self._add(replace(known, parent=parent))
        scientific = name.capitalize()
        common = self._common.get(name.casefold(), scientific)
        return self._add(Group(identifier(name), common, scientific, scientific, parent))

    def _of_table(self, id: str) -> str:
        return next((self._add(group) for group in known_groups() if group.id == id), "")

    def _add(self, group: Group) -> str:
        return self.groups.setdefault(group.id, group).id

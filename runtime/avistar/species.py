"""Species and the groups that they roll up to, and Avistar's own 30. Knows nothing of models or pictures."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from avistar.errors import UsageError
from avistar.message import Language as Language
from avistar.message import Message, TwoNames

LabelKind = Literal["animal", "group", "blank", "human", "vehicle"]
"""What a label of a network stands for: a species, a whole group ("rodent"), or a picture without any animal."""

_PROPER = frozenset(
    [
        "African",
        "American",
        "Andean",
        "Arctic",
        "Asian",
        "Asiatic",
        "Australian",
        "Baird's",
        "Bengal",
        "Bornean",
        "Brazilian",
        "Canada",
        "Canadian",
        "Chihuahua",
        "Chinese",
        "Cuban",
        "Dalmatian",
        "Egyptian",
        "Eurasian",
        "European",
        "German",
        "Grant's",
        "Himalayan",
        "Iberian",
        "Indian",
        "Japanese",
        "Javan",
        "Malayan",
        "Mexican",
        "Mongolian",
        "North",
        "Nubian",
        "Père",
        "Persian",
        "Philippine",
        "Przewalski's",
        "Siamese",
        "Siberian",
        "South",
        "Sri",
        "Sumatran",
        "Tasmanian",
        "Thomson's",
        "Tibetan",
        "Virginia",
    ]
)
"""First words of English names of animals that keep their capital inside a sentence: places, peoples, persons."""


def inside_sentence(name: str, language: Language) -> str:
    """A common name as it is written inside a sentence: 'wolf', 'German shepherd', 'pastor alemán'."""
    if not name or (language == "en" and name.split()[0] in _PROPER):
        return name
    return name[0].lower() + name[1:]


def name_of(id: str, among: Iterable[Species]) -> Message:
    """What the species `id` among some is called inside a sentence, in whichever language; the id where it is none."""
    one = next((one for one in among if one.id == id), None)
    if one is None:
        return TwoNames.of(id, id)
    english, spanish = one.english or one.id, one.spanish or one.english or one.id
    return TwoNames.of(inside_sentence(english, "en"), inside_sentence(spanish, "es"))


_ID_BYTES = 200


def check_names(id: str, *names: str) -> None:
    """Raise `UsageError` where `id` can't be a folder's name everywhere, or a name would steer a terminal."""
    strange = id.startswith((".", " ")) or id.endswith((".", " ")) or any(sign in id for sign in "/\\")
    if strange or len(id.encode("utf-8", "surrogatepass")) > _ID_BYTES:
        raise UsageError(
            "the id {id} names a folder, and can't: no slashes, no dots or spaces at its ends, {most} bytes at most",
            id=repr(id),
            most=_ID_BYTES,
        )
    for name in (id, *names):
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
            raise UsageError("the name {name} holds control characters: write it without", name=ascii(name))


@dataclass(frozen=True, slots=True)
class Species:
    """One species.

    Attributes:
        id: Its folder name, such as "german_shepherd".
        english: Common name.
        spanish: Common name.
        scientific: Latin name.
        group: Id of the `Group` that it rolls up to, "" for none.
        kind: What the label stands for; of the kind "group" (a family, "rodent"), for the group that it rolls up to.
    """

    id: str
    english: str
    spanish: str
    scientific: str
    group: str
    kind: LabelKind = "animal"

    def __post_init__(self) -> None:
        check_names(self.id, self.english, self.spanish, self.scientific, self.group)

    def name(self, language: Language = "en") -> str:
        """The common name.

        Args:
            language: "en" or "es".

        Returns:
            The name as a title: with a capital.
        """
        return self.spanish if language == "es" else self.english


@dataclass(frozen=True, slots=True)
class Group:
    """A taxonomic group that an unsure answer can roll up to.

    Attributes:
        id: Such as "canid".
        english: Common name.
        spanish: Common name.
        scientific: Latin name, "" in bundles that lack it.
        parent: Id of the wider group around it, "" for none.
    """

    id: str
    english: str
    spanish: str
    scientific: str = ""
    parent: str = ""

    def __post_init__(self) -> None:
        check_names(self.id, self.english, self.spanish, self.scientific)

    def name(self, language: Language = "en") -> str:
        """The common name.

        Args:
            language: "en" or "es".

        Returns:
            The name as a title: with a capital.
        """
        return self.spanish if language == "es" else self.english


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    text = resources.files("avistar").joinpath("species.json").read_text("utf-8")
    table: dict[str, list[dict[str, Any]]] = json.loads(text)
    return table


@cache
def known_species() -> tuple[Species, ...]:
    """Avistar's own 30 species, those of the paper, in alphabetical order of `id`."""
    return tuple(Species(**row) for row in _table()["species"])


@cache
def known_groups() -> tuple[Group, ...]:
    """The groups that the 30 species roll up to."""
    return tuple(Group(**row) for row in _table()["groups"])


def normalised(name: str) -> str:
    """A spelling-proof key: no case, separators, or accents of Latin and Greek ('Pastor alemán' → 'pastoraleman').

    Marks of other scripts stay, for there they make another letter: หมี is no หมู, ダカ no タカ.
    """
    kept, accented = [], False
    for c in unicodedata.normalize("NFKD", name):
        if unicodedata.category(c).startswith("M"):
            kept += [] if accented else [c]
        elif c.isalnum():
            kept.append(c)
            accented = unicodedata.name(c, "").startswith(("LATIN", "GREEK"))
    return "".join(kept).casefold()


def plain_id(name: str) -> str:
    """A name as an id, which keeps every letter and sign: 'Zorro Rojo' → 'zorro_rojo'."""
    return unicodedata.normalize("NFC", name).lower().translate(_BLANKS)


_BLANKS = str.maketrans("+- ", "___")


def tell_apart(species: Iterable[Species], where: str) -> None:
    """Refuse species whose names folders and labels, in whatever spelling, can't tell apart.

    `where` names their list in errors. Raises `UsageError` with both names.
    """
    tell_names_apart(((one.id, name) for one in species for name in (one.id, one.english, one.spanish)), where)


def tell_names_apart(names: Iterable[tuple[str, str]], where: str) -> None:
    """Refuse names (each behind the id of what it names) of different things that only accents, case or signs part."""
    owners: dict[str, tuple[str, str]] = {}
    for id, name in names:
        other, spelled = owners.setdefault(normalised(name), (id, name)) if name else (id, name)
        if other != id:
            raise UsageError(
                "'{first}' and '{second}' in {file} differ only in accents, case or signs: give one another name",
                file=where,
                first=spelled,
                second=name,
            )


def match_species(name: str, among: Sequence[Species] | None = None) -> Species:
    """Find the species called `name` in any spelling, by id, English, Spanish or scientific name.

    Raises `UsageError` naming the nearest species when there is none, and all that it may mean when there are more.
    """
    among = known_species() if among is None else among
    found = _meant(name, among)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            "'{name}' may mean {species}: use a name that only one of them has",
            name=name,
            species=", ".join(one.id for one in found),
        )
    keys = {key: species for species in among for key in name_keys(species)}
    near = list(dict.fromkeys(keys[key].id for key in get_close_matches(normalised(name), keys, n=5, cutoff=0.5)))
    hint = Message("; the nearest are {names}", names=", ".join(near[:3])) if near else ""
    raise UsageError("'{name}' is none of the {number} species{hint}", name=name, number=len(among), hint=hint)


def _meant(name: str, among: Sequence[Species]) -> list[Species]:
    """The species that `name` may mean: by its key as an id, else as any name; of several, those spelled just so."""
    key = normalised(name)
    ids = {one.id: one for one in among if normalised(one.id) == key}
    found = list((ids or {one.id: one for one in among if key in name_keys(one)}).values())
    if len(found) < 2:
        return found
    spelled = unicodedata.normalize("NFC", name).casefold()
    exact = [
        one
        for one in found
        if spelled in {unicodedata.normalize("NFC", own).casefold() for own in (one.id, one.english, one.spanish)}
    ]
    return exact or found


def species_list(text: str, among: Sequence[Species] | None = None) -> tuple[Species, ...]:
    """The species that `text` names, in any spelling: separated by commas, semicolons or line ends.

    `text` may also be the path of such a list as a UTF-8 file, in which `#` starts a comment. Each species
    comes once, in the order of `among`. Raises `UsageError` for an unknown name, an empty list or a file
    that can't be read.
    """
    among = known_species() if among is None else among
    try:
        is_file = Path(text).is_file()
    except (OSError, ValueError):  # a long list is no possible file name
        is_file = False
    where = f"{text}: " if is_file else ""
    lines = _text_of(Path(text)).splitlines() if is_file else text.splitlines()
    names = [name for line in lines for name in re.split("[,;]", line.partition("#")[0]) if name.strip()]
    if not names:
        raise UsageError("{where}a list of species needs at least one name", where=where)
    try:
        found = {match_species(name.strip(), among).id for name in names}
    except UsageError as error:
        raise UsageError("{where}{error}", where=where, error=error) from error
    return tuple(species for species in among if species.id in found)


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("{file} is no list of species in UTF-8: {error}", file=file, error=error) from error


def name_keys(species: Species) -> frozenset[str]:
    """The spelling-proof keys of all that a species is called."""
    names = map(normalised, (species.id, species.english, species.spanish, species.scientific))
    return frozenset(name for name in names if name)


def species_known_as(ids: Iterable[str]) -> tuple[Species, ...]:
    """The species with these ids; one that Avistar's own table lacks goes by its id."""
    table = {one.id: one for one in known_species()}
    return tuple(table.get(id) or Species(id, id, id, "", "") for id in ids)

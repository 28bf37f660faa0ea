"""What other networks answer to a survey's media, kept beside the answers that stand, and where the two differ.

Decision record 0137 says why these are single decisions, and when two of them are the same animal.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import TypeAlias

import msgspec

from avistar.catalogue.sql import AMONG
from avistar.decision import Decision
from avistar.records import OtherAnswer
from avistar.species import Group, Species, normalised

FIFTH = (
    """CREATE TABLE other_answer (      -- what another network answers to a medium
        medium INTEGER NOT NULL REFERENCES medium ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES model,
        decision TEXT NOT NULL CHECK (decision IN ('species', 'group', 'unknown')),
        decided TEXT NOT NULL,          -- the species' or group's id in that model, '' for unknown
        confidence REAL NOT NULL,       -- of the decision, 0 to 1
        differs INTEGER NOT NULL,       -- whether the answer that stands names something else
        PRIMARY KEY (medium, model)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX other_answer_differs ON other_answer (medium) WHERE differs",
)
"""Statements that bring a catalogue from version 4 to 5."""

_Taxa: TypeAlias = Mapping[tuple[str, str], Species | Group]
"""Species and groups by the kind of a decision and its id."""

_NETWORK = ("bundle", "artifact_sha256", "precision", "temperature", "familiarity", "reference")
"""The columns of `model` that say which network it is: `codec.Model.sees_like`."""

_SAME_NETWORK = " AND ".join(f"one.{name} IS other.{name}" for name in _NETWORK)
_ALIKE = f"SELECT other.id FROM model AS one JOIN model AS other ON {_SAME_NETWORK} WHERE one.id = ?"
"""The models of the same network: whatever runs it, and however it decides."""

_STANDING = f"""SELECT medium.id AS id, decision, decided, confidence, coalesce(
        (SELECT model FROM together WHERE together.medium = medium.id),
        (SELECT model FROM observation WHERE observation.medium = medium.id AND fault IS NULL LIMIT 1)) AS model
    FROM medium WHERE decision IS NOT NULL AND medium.id {AMONG}"""


def keep(connection: sqlite3.Connection, media: Sequence[int], successor: int | None = None) -> None:
    """Keep the answers that stand for `media` as other networks': they are about to be forgotten.

    `successor`: the model that answers now; answers of its own network are not kept.
    """
    alike = json.dumps([row[0] for row in connection.execute(_ALIKE, (successor,))])
    connection.execute(
        f"INSERT OR REPLACE INTO other_answer SELECT id, model, decision, decided, confidence, 0 FROM ({_STANDING}) "
        f"WHERE model NOT IN (SELECT value FROM json_each(?))",
        (json.dumps(list(media)), alike),
    )


def write(connection: sqlite3.Connection, answers: Sequence[tuple[int, Decision]], model: int) -> None:
    """Say what `model` answers to some media, in place of what its network answered before."""
    media = json.dumps([id for id, _ in answers])
    connection.execute(f"DELETE FROM other_answer WHERE medium {AMONG} AND model IN ({_ALIKE})", (media, model))
    rows = [(id, model, one.kind, one.id, one.confidence) for id, one in answers]
    connection.executemany("INSERT INTO other_answer VALUES (?, ?, ?, ?, ?, 0)", rows)


def settle(connection: sqlite3.Connection, media: Sequence[int]) -> None:
    """Say of the other networks' answers to `media` whether they differ from what stands now.

    What the network answered that answers now is dropped, and all but the last of several by one network.
    """
    chosen = (json.dumps(list(media)),)
    rows = connection.execute(f"SELECT * FROM other_answer WHERE medium {AMONG} ORDER BY model", chosen).fetchall()
    if not rows:
        return
    standing = {row["id"]: row for row in connection.execute(_STANDING, chosen)}
    networks, taxa = _networks(connection), _taxa_of_models(connection)
    last = {(row["medium"], networks[row["model"]]): row["model"] for row in rows}
    stale, differing = [], []
    for row in rows:
        key, now = (row["medium"], row["model"]), standing.get(row["medium"])
        network = networks[row["model"]]
        if last[row["medium"], network] != row["model"] or (now is not None and networks[now["model"]] == network):
            stale.append(key)
        else:
            differs = now is not None and not _same(taxa, now, row)
            differing.append((differs, *key))
    connection.executemany("DELETE FROM other_answer WHERE medium = ? AND model = ?", stale)
    connection.executemany("UPDATE other_answer SET differs = ? WHERE medium = ? AND model = ?", differing)


def forget(connection: sqlite3.Connection, media: Sequence[int]) -> None:
    """Forget what others answered to `media`: their files hold something else now."""
    connection.execute(f"DELETE FROM other_answer WHERE medium {AMONG}", (json.dumps(list(media)),))


def read(connection: sqlite3.Connection, media: Sequence[int]) -> Mapping[int, tuple[OtherAnswer, ...]]:
    """What others answer to `media`, by their ids, in the order in which the models came."""
    sql = f"SELECT * FROM other_answer WHERE medium {AMONG} ORDER BY medium, model"
    rows = connection.execute(sql, (json.dumps(list(media)),)).fetchall()
    if not rows:
        return {}
    models = {row[0]: (row[1], row[2]) for row in connection.execute("SELECT id, bundle, precision FROM model")}
    taxa = _taxa_of_models(connection)
    found: dict[int, list[OtherAnswer]] = defaultdict(list)
    for row in rows:
        bundle, precision = models[row["model"]]
        taxon = taxa(row["model"]).get((row["decision"], row["decided"]))
        decision = Decision(row["decision"], row["decided"], row["confidence"], (), "")
        found[row["medium"]].append(OtherAnswer(bundle, precision, decision, taxon, bool(row["differs"])))
    return {id: tuple(answers) for id, answers in found.items()}


def _networks(connection: sqlite3.Connection) -> dict[int, tuple[object, ...]]:
    """By which network each model answers."""
    return {row[0]: tuple(row)[1:] for row in connection.execute(f"SELECT id, {', '.join(_NETWORK)} FROM model")}


def _same(taxa_of: Callable[[int], _Taxa], one: sqlite3.Row, other: sqlite3.Row) -> bool:
    """Whether two models name the same thing.

    By its id where both know that, so that breeds of a species stay two; else by any of its names.
    """
    key, key_too = ((row["decision"], row["decided"]) for row in (one, other))
    if key == key_too:
        return True
    taxa, taxa_too = (taxa_of(row["model"]) for row in (one, other))
    if key in taxa_too or key_too in taxa:
        return False
    found, found_too = taxa.get(key), taxa_too.get(key_too)
    return found is not None and found_too is not None and bool(_names(found) & _names(found_too))


def _names(one: Species | Group) -> frozenset[str]:
    return frozenset(filter(None, map(normalised, (one.id, one.english, one.scientific))))


def _taxa_of_models(connection: sqlite3.Connection) -> Callable[[int], _Taxa]:
    """What gives a model's species and groups; its lists, megabytes of text, are read once, not for each medium."""

    @cache
    def taxa(model: int) -> _Taxa:
        row = connection.execute("SELECT species, groups FROM model WHERE id = ?", (model,)).fetchone()
        return _decoded(row["species"], row["groups"])

    return taxa


@lru_cache(maxsize=8)
def _decoded(species: str, groups: str) -> _Taxa:
    """Decoded once, not for each page of media: a model may know twenty thousand."""
    taxa: dict[tuple[str, str], Species | Group] = {
        ("group", one.id): one for one in msgspec.json.decode(groups, type=tuple[Group, ...])
    }
    return taxa | {("species", one.id): one for one in msgspec.json.decode(species, type=tuple[Species, ...])}

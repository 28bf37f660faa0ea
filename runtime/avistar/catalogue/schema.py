"""The tables of a catalogue and how older ones become the present ones."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from avistar.catalogue.found import settle_all
from avistar.catalogue.other_answers import FIFTH
from avistar.catalogue.reconcile import settle_paths
from avistar.catalogue.review_history import settle_disagreement
from avistar.catalogue.schema_cameras import THIRD
from avistar.catalogue.schema_people import SECOND
from avistar.errors import CatalogueError

APPLICATION_ID = 0x41564953
"""`PRAGMA application_id`: "AVIS" in ASCII, by which `file` and Avistar know a catalogue."""

_ANSWER = """
    model INTEGER NOT NULL REFERENCES model,
    probabilities BLOB NOT NULL,    -- float32, little-endian, in the order of model.species, before the site's
                                    -- list is applied; empty if failed
    familiarity REAL,               -- NULL where there is none
    decision TEXT CHECK (decision IN ('species', 'group', 'unknown')),
    decided TEXT NOT NULL,          -- the species' or group's id, '' for unknown
    confidence REAL,                -- of the decision, 0 to 1
    candidates TEXT NOT NULL,       -- JSON: the species of a group that carry it, likeliest first
    reason TEXT NOT NULL,           -- of unknown: 'unfamiliar', 'unsure' or 'off_list'
    flags TEXT NOT NULL,            -- JSON
    elapsed_ms REAL NOT NULL,
    fault TEXT,                     -- avistar.errors.Fault, where there is no answer
    message TEXT NOT NULL
"""

_FIRST = (
    """CREATE TABLE survey (            -- one row
        id INTEGER PRIMARY KEY CHECK (id = 1),
        folder BLOB NOT NULL,           -- absolute, in the file system's bytes
        created_at TEXT NOT NULL,       -- ISO 8601, UTC
        software TEXT NOT NULL,
        species TEXT NOT NULL,          -- JSON: ids
        only TEXT NOT NULL,             -- JSON: the site's list, [] for all
        settings TEXT NOT NULL          -- JSON: texts by name
    ) STRICT""",
    """CREATE TABLE model (             -- what gave an answer
        id INTEGER PRIMARY KEY,
        bundle TEXT NOT NULL,
        artifact_sha256 TEXT NOT NULL,
        precision TEXT NOT NULL,
        runs_on TEXT NOT NULL,
        temperature REAL NOT NULL,
        familiarity_floor REAL NOT NULL,
        species_confidence REAL NOT NULL,
        group_confidence REAL NOT NULL,
        familiarity TEXT NOT NULL,      -- the score behind unknown, and the bundle's file that it needs
        reference TEXT,
        only TEXT NOT NULL,             -- JSON: the site's list, [] for all
        species TEXT NOT NULL,          -- JSON: id and names, in the order of probabilities
        groups TEXT NOT NULL            -- JSON
    ) STRICT""",
    """CREATE TABLE medium (            -- a photo or video file
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL UNIQUE,      -- below survey.folder, in the file system's bytes, '/' between parts
        position INTEGER NOT NULL,      -- in the order of the folder's listing
        kind TEXT NOT NULL CHECK (kind IN ('photo', 'video')),
        bytes INTEGER NOT NULL,
        modified_ns INTEGER NOT NULL,   -- Unix time
        content TEXT NOT NULL,          -- by which a moved file is known; '' until it is read
        width INTEGER NOT NULL,         -- pixels after orientation, 0 if not known
        height INTEGER NOT NULL,
        duration_s REAL NOT NULL,
        frame_rate REAL NOT NULL,       -- of a video, in frames a second; 0 where unknown
        taken_at TEXT,                  -- ISO 8601; without an offset it is the camera's own clock
        camera TEXT NOT NULL,
        serial TEXT NOT NULL,
        latitude REAL,                  -- degrees, WGS 84
        longitude REAL,
        unreadable TEXT NOT NULL,       -- JSON: capture fields that held nonsense
        present INTEGER NOT NULL,       -- 0 once the file vanished
        state TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'blank', 'failed')),
        fault TEXT,                     -- avistar.errors.Fault of a failed one
        message TEXT NOT NULL,
        sequence TEXT NOT NULL,         -- the burst it belongs to, '' for none
        decision TEXT,                  -- the answer that stands: its burst's, else its surest region's
        decided TEXT,
        confidence REAL,
        review INTEGER REFERENCES review,   -- the review that counts, and what it says
        verdict TEXT,
        verdict_species TEXT,
        finding TEXT GENERATED ALWAYS AS (  -- what counts: a species' or group's id, 'unknown' or 'empty'
            CASE WHEN verdict = 'species' THEN verdict_species
                 WHEN verdict IS NOT NULL THEN verdict
                 WHEN state = 'blank' THEN 'empty'
                 WHEN state = 'answered' AND decision = 'unknown' THEN 'unknown'
                 WHEN state = 'answered' THEN decided END) VIRTUAL
    ) STRICT""",
    "CREATE INDEX medium_by_finding ON medium (finding, confidence)",
    "CREATE INDEX medium_by_confidence ON medium (confidence)",
    "CREATE INDEX medium_by_state ON medium (state, position)",
    "CREATE INDEX medium_by_time ON medium (taken_at)",
    "CREATE INDEX medium_by_sequence ON medium (sequence) WHERE sequence <> ''",
    """CREATE TABLE detection (         -- what a detector found, fractions of the oriented picture
        medium INTEGER NOT NULL REFERENCES medium ON DELETE CASCADE,
        position INTEGER NOT NULL,
        "left" REAL NOT NULL, top REAL NOT NULL, width REAL NOT NULL, height REAL NOT NULL,
        category TEXT NOT NULL,         -- animal, person or vehicle
        confidence REAL NOT NULL,
        PRIMARY KEY (medium, position)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE observation (      -- the answer to one region of a medium
        medium INTEGER NOT NULL REFERENCES medium ON DELETE CASCADE,
        position INTEGER NOT NULL,
        box_left REAL, box_top REAL, box_width REAL, box_height REAL,   -- NULL for the whole picture
        box_category TEXT, box_confidence REAL,
        time_s REAL,                    -- seconds from a video's start, NULL for a photo
        {_ANSWER},
        PRIMARY KEY (medium, position)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE together (         -- the answer to a burst or video as a whole
        medium INTEGER PRIMARY KEY REFERENCES medium ON DELETE CASCADE,
        {_ANSWER}
    ) STRICT""",
    """CREATE TABLE step (              -- what people did, in order; never altered
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        action TEXT NOT NULL CHECK (action IN ('review', 'undo', 'redo')),
        target INTEGER REFERENCES step, -- the reviewing step that is undone or redone
        at TEXT NOT NULL                -- ISO 8601, UTC
    ) STRICT""",
    "CREATE INDEX step_by_target ON step (target, id)",
    """CREATE TABLE review (            -- one medium in one reviewing step; never altered
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        step INTEGER NOT NULL REFERENCES step,
        medium INTEGER NOT NULL REFERENCES medium,
        verdict TEXT NOT NULL CHECK (verdict IN ('species', 'unknown', 'empty')),
        species TEXT NOT NULL,
        reviewer TEXT NOT NULL,
        at TEXT NOT NULL                -- ISO 8601, UTC
    ) STRICT""",
    "CREATE INDEX review_by_medium ON review (medium, id)",
    "CREATE INDEX review_by_step ON review (step)",
    *(
        f"CREATE TRIGGER {table}_is_kept_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'what people said is never altered'); END"
        for table in ("step", "review")
        for action in ("UPDATE", "DELETE")
    ),
)

_FOURTH = ("ALTER TABLE medium ADD COLUMN second_opinion TEXT NOT NULL DEFAULT ''",)
"""What another program said of a medium, as JSON: label, confidence, source; '' for nothing."""

MIGRATIONS: list[Sequence[str]] = [_FIRST, SECOND, THIRD, _FOURTH, FIFTH]
"""Statement lists: the n-th brings a catalogue from version n to n + 1. Never change one that was released."""

_FOUND_SINCE = 2
"""The version from which on paths are kept as text too, and what counts in a table."""


def bring_up_to_date(connection: sqlite3.Connection, where: str) -> None:
    """Make or migrate the tables, within the transaction that the caller has begun.

    Raises `CatalogueError` for a file that is something else or comes from a newer Avistar.
    """
    version = checked_version(connection, where)
    if version == len(MIGRATIONS):
        return
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    if version < _FOUND_SINCE:
        settle_paths(connection)
        settle_all(connection)
        settle_disagreement(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def checked_version(connection: sqlite3.Connection, where: str) -> int:
    """The catalogue's schema version, 0 for a file without tables. Raises `CatalogueError` as above."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables:
        return 0
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise CatalogueError("{where} is a database, but no catalogue of Avistar's: name another file", where=where)
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise CatalogueError(
            "{where} was written by a newer Avistar (catalogue version {version}; this one knows "
            "{known}): update Avistar. The file was left as it is",
            where=where,
            version=version,
            known=len(MIGRATIONS),
        )
    return version

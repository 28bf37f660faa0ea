"""The second version of a catalogue's tables: what people observe, a survey's own species, its deployments."""

from __future__ import annotations

_KEPT = ("step", "review", "sighting", "remark", "naming")

SECOND = (
    "DROP TRIGGER review_is_kept_update",
    "DROP TRIGGER review_is_kept_delete",
    "DROP TRIGGER step_is_kept_update",
    "DROP TRIGGER step_is_kept_delete",
    """CREATE TABLE review_2 (          -- what a person says of one medium in one step; never altered
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        step INTEGER NOT NULL REFERENCES step,
        medium INTEGER NOT NULL REFERENCES medium,
        verdict TEXT NOT NULL CHECK (verdict IN ('species', 'unknown', 'empty', 'person', 'vehicle')),
        species TEXT NOT NULL,
        reviewer TEXT NOT NULL,
        at TEXT NOT NULL,               -- ISO 8601, UTC
        whole INTEGER NOT NULL DEFAULT 1    -- 0: only of the boxes of its sightings; the machine's others count
    ) STRICT""",
    "INSERT INTO review_2 SELECT id, step, medium, verdict, species, reviewer, at, 1 FROM review",
    "DROP TABLE review",
    "ALTER TABLE review_2 RENAME TO review",
    "CREATE INDEX review_by_medium ON review (medium, id)",
    "CREATE INDEX review_by_step ON review (step)",
    """CREATE TABLE sighting (          -- one thing that a review says is there; none where the verdict says all
        review INTEGER NOT NULL REFERENCES review,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('species', 'unknown', 'empty', 'person', 'vehicle')),
        species TEXT NOT NULL,
        count INTEGER,
        sex TEXT NOT NULL,              -- '', 'female', 'male'
        life_stage TEXT NOT NULL,       -- '', 'adult', 'subadult', 'juvenile'
        behavior TEXT NOT NULL,
        individual TEXT NOT NULL,
        tags TEXT NOT NULL,             -- JSON
        comment TEXT NOT NULL,
        "left" REAL, top REAL, width REAL, height REAL,     -- fractions of the upright picture, NULL for all of it
        time_s REAL,                    -- seconds from a video's start
        PRIMARY KEY (review, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE remark (            -- comment and tags of a medium in one step; never altered
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        step INTEGER NOT NULL REFERENCES step,
        medium INTEGER NOT NULL REFERENCES medium,
        comment TEXT NOT NULL,
        tags TEXT NOT NULL,             -- JSON
        reviewer TEXT NOT NULL,
        at TEXT NOT NULL                -- ISO 8601, UTC
    ) STRICT""",
    "CREATE INDEX remark_by_medium ON remark (medium, id)",
    "CREATE INDEX remark_by_step ON remark (step)",
    """CREATE TABLE naming (            -- what a species of the survey's own was called or merged into; never altered
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        step INTEGER NOT NULL REFERENCES step,
        species TEXT NOT NULL,
        english TEXT NOT NULL,
        spanish TEXT NOT NULL,
        scientific TEXT NOT NULL,
        "group" TEXT NOT NULL,
        merged_into TEXT NOT NULL,      -- the id of another species, '' for none
        reviewer TEXT NOT NULL,
        at TEXT NOT NULL                -- ISO 8601, UTC
    ) STRICT""",
    "CREATE INDEX naming_by_species ON naming (species, id)",
    "CREATE INDEX naming_by_step ON naming (step)",
    """CREATE TABLE taxon (             -- the survey's own species, as the last naming that counts says
        id TEXT PRIMARY KEY,
        english TEXT NOT NULL,
        spanish TEXT NOT NULL,
        scientific TEXT NOT NULL,
        "group" TEXT NOT NULL,
        merged_into TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE deployment (        -- a camera's folder
        folder TEXT PRIMARY KEY,        -- below the survey's, '' for all of it
        facts TEXT NOT NULL,            -- JSON: texts by Camtrap DP's names (deploymentID, latitude, ...) and timezone
        shift_s REAL NOT NULL           -- what is added to the camera's clock
    ) STRICT""",
    """CREATE TABLE found (             -- what counts: people's word before the machine's; made of the other tables
        medium INTEGER NOT NULL REFERENCES medium ON DELETE CASCADE,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,             -- species, group, unknown, empty, person or vehicle
        what TEXT NOT NULL,             -- a species' or group's id, else the kind
        count INTEGER,
        confidence REAL,
        "left" REAL, top REAL, width REAL, height REAL,
        time_s REAL,
        review INTEGER,                 -- the review that says so, NULL for a machine
        sighting INTEGER,               -- its position in the review
        PRIMARY KEY (medium, position)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX found_by_what ON found (what, medium)",
    "DROP INDEX medium_by_finding",
    "ALTER TABLE medium DROP COLUMN finding",
    "ALTER TABLE medium ADD COLUMN file TEXT NOT NULL DEFAULT ''",  # the path as text, � for what is no UTF-8
    "ALTER TABLE medium ADD COLUMN recorded_at TEXT",  # the camera's clock, where a deployment shifts it
    "ALTER TABLE medium ADD COLUMN answered_at TEXT",  # ISO 8601, UTC; NULL where not known
    "ALTER TABLE medium ADD COLUMN seen TEXT",  # person or vehicle, where a detector found nothing else
    "ALTER TABLE medium ADD COLUMN reviewer TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE medium ADD COLUMN disagreed INTEGER NOT NULL DEFAULT 0",  # people say different things of it
    "ALTER TABLE medium ADD COLUMN animals INTEGER NOT NULL DEFAULT 0",  # a thing without a count is one
    "ALTER TABLE medium ADD COLUMN remark INTEGER REFERENCES remark",
    "ALTER TABLE medium ADD COLUMN comment TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE medium ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'",
    """ALTER TABLE medium ADD COLUMN finding TEXT GENERATED ALWAYS AS (
        CASE WHEN verdict = 'species' THEN verdict_species
             WHEN verdict IS NOT NULL THEN verdict
             WHEN state = 'blank' THEN 'empty'
             WHEN state = 'answered' AND decision = 'unknown' THEN 'unknown'
             WHEN state = 'answered' AND decision IS NOT NULL THEN decided
             WHEN state = 'answered' THEN seen END) VIRTUAL""",
    "CREATE INDEX medium_by_finding ON medium (finding, confidence)",
    """UPDATE medium SET reviewer = (SELECT reviewer FROM review WHERE review.id = medium.review)
        WHERE review IS NOT NULL""",
    *(
        f"CREATE TRIGGER {table}_is_kept_{action.lower()} BEFORE {action} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'what people said is never altered'); END"
        for table in _KEPT
        for action in ("UPDATE", "DELETE")
    ),
    """CREATE VIEW photos AS SELECT id, file, kind, taken_at, coalesce(recorded_at, taken_at) AS camera_time, camera,
        serial, latitude, longitude, state, finding, confidence, review IS NOT NULL AS reviewed, reviewer, animals,
        disagreed, comment, tags, sequence AS burst FROM medium WHERE present""",
    """CREATE VIEW observations AS SELECT file, taken_at, found.kind, what AS species, taxon.scientific,
        coalesce(found.count, 1) AS count, sex, life_stage, behavior, individual, sighting.comment,
        found."left", found.top, found.width, found.height, found.confidence,
        CASE WHEN found.review IS NULL THEN '' ELSE medium.reviewer END AS reviewer, medium.id AS photo
        FROM found JOIN medium ON medium.id = found.medium
        LEFT JOIN sighting ON sighting.review = found.review AND sighting.position = found.sighting
        LEFT JOIN taxon ON taxon.id = what WHERE present""",
    """CREATE VIEW reviews AS SELECT file, review.verdict, review.species, review.reviewer, review.at,
        review.id = medium.review AS counts, medium.id AS photo FROM review JOIN medium ON medium.id = review.medium""",
)
"""Statements that bring a catalogue from version 1 to 2; `standing.settle` then fills `found`."""

"""The third version of a catalogue's tables: what people say of cameras is history too, undone like a review."""

from __future__ import annotations

_NOW = "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"

THIRD = (
    """CREATE TABLE placement (         -- what a person says of a camera's folder in one step; never altered
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        step INTEGER NOT NULL REFERENCES step,
        folder TEXT,                    -- below the survey's, '' for all of it; NULL for the survey's project
        facts TEXT NOT NULL,            -- JSON: texts by Camtrap DP's names, and timezone
        shift_s REAL NOT NULL,          -- what is added to the camera's clock
        dropped INTEGER NOT NULL,       -- 1: the folder is no deployment any more
        reviewer TEXT NOT NULL,
        at TEXT NOT NULL                -- ISO 8601, UTC
    ) STRICT""",
    "CREATE INDEX placement_by_folder ON placement (folder, id)",
    "CREATE INDEX placement_by_step ON placement (step)",
    f"INSERT INTO step (action, at) SELECT 'review', {_NOW} WHERE EXISTS (SELECT 1 FROM deployment)",
    f"""INSERT INTO placement (step, folder, facts, shift_s, dropped, reviewer, at)
        SELECT (SELECT max(id) FROM step), folder, facts, shift_s, 0, '', {_NOW} FROM deployment""",
    *(
        f"CREATE TRIGGER placement_is_kept_{action.lower()} BEFORE {action} ON placement "
        f"BEGIN SELECT RAISE(ABORT, 'what people said is never altered'); END"
        for action in ("UPDATE", "DELETE")
    ),
    """CREATE TABLE project (           -- one row at most: what the survey's project is, as the last placement says
        id INTEGER PRIMARY KEY CHECK (id = 1),
        facts TEXT NOT NULL             -- JSON
    ) STRICT""",
    """CREATE VIEW deployments AS SELECT folder, json_extract(facts, '$.deploymentID') AS deployment,
        json_extract(facts, '$.locationName') AS place, json_extract(facts, '$.locationID') AS place_id,
        json_extract(facts, '$.latitude') AS latitude, json_extract(facts, '$.longitude') AS longitude,
        json_extract(facts, '$.deploymentStart') AS "start", json_extract(facts, '$.deploymentEnd') AS "end",
        json_extract(facts, '$.timezone') AS timezone, json_extract(facts, '$.cameraID') AS camera,
        json_extract(facts, '$.cameraModel') AS model, shift_s FROM deployment""",
)
"""Statements that bring a catalogue from version 2 to 3."""

"""Records as Parquet and back: one row a medium, with the columns and the provenance of the catalogue.

What belongs to a medium in tables of its own there is nested here; the models, which every row of a part
shares, are in the file's metadata under `avistar.models`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from avistar.catalogue import codec
from avistar.catalogue.codec import Model
from avistar.errors import AvistarError
from avistar.records import Medium, Record

_MODELS = b"avistar.models"

_DETECTION = [
    ("left", pa.float64()), ("top", pa.float64()), ("width", pa.float64()), ("height", pa.float64()),
    ("category", pa.string()), ("confidence", pa.float64()),
]  # fmt: skip
_ANSWER = [
    ("model", pa.int32()), ("probabilities", pa.binary()), ("familiarity", pa.float64()), ("decision", pa.string()),
    ("decided", pa.string()), ("confidence", pa.float64()), ("candidates", pa.string()), ("reason", pa.string()),
    ("flags", pa.string()), ("elapsed_ms", pa.float64()), ("fault", pa.string()), ("message", pa.string()),
]  # fmt: skip
_OBSERVATION = [
    ("box_left", pa.float64()), ("box_top", pa.float64()), ("box_width", pa.float64()), ("box_height", pa.float64()),
    ("box_category", pa.string()), ("box_confidence", pa.float64()), ("time_s", pa.float64()), *_ANSWER,
]  # fmt: skip
SCHEMA = pa.schema(
    [
        ("path", pa.binary()), ("file", pa.string()),
        ("kind", pa.string()), ("bytes", pa.int64()), ("modified_ns", pa.int64()),
        ("content", pa.string()), ("width", pa.int32()), ("height", pa.int32()), ("duration_s", pa.float64()),
        ("frame_rate", pa.float64()),
        ("taken_at", pa.string()), ("recorded_at", pa.string()),
        ("camera", pa.string()), ("serial", pa.string()), ("latitude", pa.float64()),
        ("longitude", pa.float64()), ("unreadable", pa.string()), ("state", pa.string()), ("fault", pa.string()),
        ("message", pa.string()), ("sequence", pa.string()), ("second_opinion", pa.string()),
        ("decision", pa.string()), ("decided", pa.string()),
        ("confidence", pa.float64()), ("bundle", pa.string()), ("artifact_sha256", pa.string()),
        ("precision", pa.string()), ("runs_on", pa.string()),
        ("detections", pa.list_(pa.struct(_DETECTION))), ("observations", pa.list_(pa.struct(_OBSERVATION))),
        ("together", pa.struct(_ANSWER)),
    ]
)  # fmt: skip
"""The catalogue's columns by the same names (docs/catalogue.md); `bundle` to `runs_on` as of its `model`."""


def as_parquet(records: Iterable[Record], model: Model) -> bytes:
    """`records`, answered by `model`, as a Parquet file."""
    rows = [_row(record, model) for record in records]
    table = pa.Table.from_pylist(rows, SCHEMA.with_metadata({_MODELS: json.dumps([codec.model_values(model)])}))
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def read_parquet(path: Path, root: str) -> tuple[Model, Iterator[Record]]:
    """The model and the records of a part; `root` is the folder or address that the paths are below.

    Raises `AvistarError` for a file that is no part of a run.
    """
    try:
        table = pq.read_table(path)
        model = codec.model_of(json.loads((table.schema.metadata or {})[_MODELS])[0])
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise AvistarError(
            "{path} is damaged, or no part of a run: remove it and start the run again", path=path
        ) from error
    return model, (_record(row, root, model) for row in table.to_pylist())


def _row(record: Record, model: Model) -> dict[str, Any]:
    origin = model.provenance
    return {
        **codec.medium_values(record.medium),
        **codec.state_values(record),
        "bundle": origin.bundle,
        "artifact_sha256": origin.artifact_sha256,
        "precision": origin.precision,
        "runs_on": origin.runs_on,
        "detections": [codec.detection_values(box) for box in record.detections],
        "observations": [
            codec.region_values(one.region) | codec.answer_values(one.identification, 0) for one in record.observations
        ],
        "together": codec.answer_values(record.together, 0) if record.together else None,
    }


def _record(row: dict[str, Any], root: str, model: Model) -> Record:
    medium: Medium = codec.medium_of({"recorded_at": None} | row, root)  # parts of earlier versions lack it
    source, models = codec.source_of(medium), {0: model}
    return Record(
        medium,
        tuple(codec.observation_of(one, source, models) for one in row["observations"]),
        tuple(codec.detection_of(one) for one in row["detections"]),
        codec.failure_of(row),
        row["state"] == "blank",
        row["sequence"],
        codec.answer_of(row["together"], source, models) if row["together"] else None,
        opinion=codec.opinion_of({"second_opinion": None} | row),
    )

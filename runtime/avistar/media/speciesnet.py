"""SpeciesNet's own results (`predictions`): its detector's boxes, and its classification as a second opinion.

The format: github.com/google/cameratrapai, "Output schemas". Its ensemble's `prediction` stands in each entry;
`run_model` of later versions gives each detection a `processed_classification` instead, and the whole picture one as
a detection of the category 0. Read as the same entries that MegaDetector's files have.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from avistar.message import Message

CATEGORIES = {"1": "animal", "2": "human", "3": "vehicle", "4": "unknown"}
_WHOLE_PICTURE = "0"
_NOTHING = ("blank", "no cv result")


class OpinionEntry(msgspec.Struct):
    """What another program says of a file, as it stands in an entry."""

    label: str
    confidence: float | None = None
    source: str = ""


class _Processed(msgspec.Struct):
    label: str = msgspec.field(name="class")
    score: float | None = None


class _Detection(msgspec.Struct):
    category: str | int
    conf: float
    bbox: list[float]
    processed_classification: _Processed | None = None


class _Prediction(msgspec.Struct):
    filepath: str
    detections: list[_Detection] | None = None
    prediction: str | None = None
    prediction_score: float | None = None
    model_version: str = ""
    failures: list[str] = msgspec.field(default_factory=list)


class _Predictions(msgspec.Struct):
    predictions: list[msgspec.Raw]


class _Found(msgspec.Struct):
    category: str
    conf: float
    bbox: list[float]


class _Entry(msgspec.Struct, omit_defaults=True):
    """An entry as MegaDetector's files have them."""

    file: str
    detections: list[_Found] | None = None
    failure: str | None = None
    second_opinion: OpinionEntry | None = None


@dataclass(frozen=True, slots=True)
class SpeciesNetResults:
    """The entries in MegaDetector's form, and what gave them."""

    entries: list[msgspec.Raw]
    version: str


def speciesnet_results(data: bytes) -> SpeciesNetResults | None:
    """What a file of SpeciesNet holds; None where `data` is none. Raises `ValueError` for an entry without sense."""
    try:
        predictions = msgspec.json.decode(data, type=_Predictions).predictions
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    entries, version = [], ""
    for index, raw in enumerate(predictions):
        try:
            one = msgspec.json.decode(raw, type=_Prediction)
            entries.append(msgspec.Raw(msgspec.json.encode(_entry(one))))
        except (ValueError, RecursionError) as error:
            raise ValueError(Message("predictions[{index}]: {error}", index=index, error=error)) from error
        version = version or one.model_version
    return SpeciesNetResults(entries, version)


def _entry(one: _Prediction) -> _Entry:
    if "DETECTOR" in one.failures:
        return _Entry(one.filepath, failure=", ".join(one.failures))
    if one.detections is None:
        raise ValueError(Message("it has no detections: let SpeciesNet's detector run too, not its classifier alone"))
    opinion = _opinion(one)
    found = [_Found(str(box.category), box.conf, box.bbox) for box in one.detections]
    found = [box for box in found if box.category != _WHOLE_PICTURE]
    if not found and opinion is not None and not opinion.label.endswith(_NOTHING):
        # Its classifier saw something where its detector saw nothing: the picture is looked at as a whole.
        found = [_Found("4", opinion.confidence or 0.0, [0.0, 0.0, 1.0, 1.0])]
    return _Entry(one.filepath, found, second_opinion=opinion)


def _opinion(one: _Prediction) -> OpinionEntry | None:
    source = " ".join(("SpeciesNet", one.model_version)).strip()
    if one.prediction:
        return OpinionEntry(one.prediction, one.prediction_score, source)
    said = [(box.category == _WHOLE_PICTURE, box.conf, box) for box in one.detections or ()]
    for _, _, box in sorted(said, key=lambda each: each[:2], reverse=True):
        if (processed := box.processed_classification) is not None:
            return OpinionEntry(processed.label, processed.score, source)
    return None

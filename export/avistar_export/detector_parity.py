"""The gate for detectors: does an artifact still find the same as its reference? Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import msgspec
import numpy as np

from avistar.boxes import Box, iou
from avistar.detector_verification import rows_of
from avistar.manifest import Precision
from avistar_export.parity import Criterion
from avistar_export.statistics import net_loss_bound

Content = Literal["animal", "blank", ""]
"""What a held-out photo shows; "" counts neither as found nor as a false alarm."""

FIRM = 2.0
"""How many times the threshold a reference's score has at least for its box to be firm."""
MATCH = 0.5
"""Least IoU of two boxes around the same thing."""


@dataclass(frozen=True, slots=True)
class BoxTolerances:
    """The most that each measure may reach, inclusive, in fractions; the names are those of the criteria."""

    firm: float
    place: float
    score: float
    recall: float
    false_alarms: float


BOX_TOLERANCES: dict[Precision, BoxTolerances] = {
    "fp32": BoxTolerances(firm=0.0, place=1e-3, score=1e-3, recall=0.0, false_alarms=0.0),
    # Half precision rounds scores by less than 0.01; a box at the threshold may fall either way.
    "fp16": BoxTolerances(firm=0.005, place=0.02, score=0.01, recall=0.005, false_alarms=0.02),
    # Eight bits: recall within a point is what is promised. Blanks are few, so one photo is some points.
    "int8": BoxTolerances(firm=0.02, place=0.1, score=0.06, recall=0.01, false_alarms=0.1),
}

_QUESTIONS = {
    "firm": "firm boxes of the reference that are missed",
    "place": "1 - IoU of matched boxes, on average",
    "score": "change of a matched box's score, on average",
    "recall": "net loss of photos with an animal that have a box",
    "false_alarms": "net growth of blank photos that have a box",
}


@dataclass(frozen=True, slots=True)
class BoxReport:
    """The verdict on one artifact; shares are fractions.

    Attributes:
        precision: Of the artifact.
        photos: How many were looked at.
        animals: Photos that show an animal, and how many have a box by reference and candidate.
        blanks: The same of photos that show nothing.
        firm_boxes: Boxes of the reference that are far above the threshold.
        recall_loss_bound: What the loss of recall is below with 95 % confidence.
        criteria: One line each of the verdict.
        notes: How the artifact was made.
        artifact_sha256: Of the file that was judged; the report says nothing of any other.
    """

    precision: Precision
    photos: int
    animals: tuple[int, int, int]
    blanks: tuple[int, int, int]
    firm_boxes: int
    recall_loss_bound: float
    criteria: tuple[Criterion, ...]
    notes: tuple[str, ...] = ()
    artifact_sha256: str = ""

    @property
    def passed(self) -> bool:
        """Whether every criterion is met."""
        return all(one.passed for one in self.criteria)

    @property
    def summary(self) -> str:
        """The verdict in one line."""
        refused = ", ".join(f"{one.name} {one.measured:.3g}" for one in self.criteria if not one.passed)
        return (
            f"{self.precision}: animals found {self.animals[2]} of {self.animals[0]} (reference {self.animals[1]}), "
            f"blanks boxed {self.blanks[2]} of {self.blanks[0]} (reference {self.blanks[1]}): "
            + (f"REFUSED: {refused}" if refused else "passed")
        )


def compare_boxes(
    reference: Sequence[tuple[Box, ...]],
    candidate: Sequence[tuple[Box, ...]],
    content: Sequence[Content],
    *,
    precision: Precision,
    threshold: float,
    notes: tuple[str, ...] = (),
) -> BoxReport:
    """Judge what `candidate` found in photos by what `reference` found in them; both from `threshold` on."""
    overlaps, changes, firm, missed = _matched(reference, candidate, threshold)
    animals, blanks = _counts(reference, candidate, content, "animal"), _counts(reference, candidate, content, "blank")
    lost, gained = _changed(reference, candidate, content)
    measured = {
        "firm": missed / max(firm, 1),
        "place": float(np.mean(1 - np.array(overlaps))) if overlaps else 0.0,
        "score": float(np.mean(changes)) if changes else 0.0,
        "recall": (animals[1] - animals[2]) / max(animals[0], 1),
        "false_alarms": (blanks[2] - blanks[1]) / max(blanks[0], 1),
    }
    allowed = asdict(BOX_TOLERANCES[precision])
    criteria = tuple(
        Criterion(name, _QUESTIONS[name], value, allowed[name], value <= allowed[name], value)
        for name, value in measured.items()
    )
    bound = net_loss_bound(lost, gained, animals[0]) if animals[0] else 1.0
    return BoxReport(precision, len(reference), animals, blanks, firm, bound, criteria, notes)


def as_json(report: BoxReport) -> bytes:
    """Indented UTF-8 JSON of the whole report, with the verdict."""
    return msgspec.json.format(msgspec.json.encode({"passed": report.passed, **asdict(report)}), indent=1) + b"\n"


def as_markdown(report: BoxReport) -> str:
    """The report as a page."""
    verdict = "**Passed.**" if report.passed else "**Refused.**"
    lines = [
        f"# Detector parity, {report.precision}",
        "",
        f"{verdict} Compared with the network in fp32 on {report.photos} photos that set no ranges.",
        "",
        f"- Photos with an animal that have a box: {report.animals[2]} of {report.animals[0]}, "
        f"reference {report.animals[1]}; with 95 % confidence the loss is below {report.recall_loss_bound:.1%}.",
        f"- Blank photos that have a box: {report.blanks[2]} of {report.blanks[0]}, reference {report.blanks[1]}.",
        f"- Firm boxes of the reference: {report.firm_boxes}.",
        "",
        "| | criterion | measured | allowed |",
        "|---|---|---|---|",
        *(
            f"| {'✓' if one.passed else '✗'} | {one.name}: {one.question} | {one.measured:.3g} | {one.tolerance:g} |"
            for one in report.criteria
        ),
        "",
        *(f"- {note}" for note in report.notes),
        *([f"- The file that was judged has SHA-256 `{report.artifact_sha256}`."] if report.artifact_sha256 else []),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _matched(
    reference: Sequence[tuple[Box, ...]], candidate: Sequence[tuple[Box, ...]], threshold: float
) -> tuple[list[float], list[float], int, int]:
    """IoU and change of score of each matched box; firm boxes of the reference, and those of them without a match."""
    overlaps: list[float] = []
    changes: list[float] = []
    firm = missed = 0
    for before, after in zip(reference, candidate, strict=True):
        rows, others = rows_of([before]), rows_of([after])
        for row, box in zip(rows, before, strict=True):
            shared = iou(row[1:5], others[:, 1:5])
            best = int(shared.argmax()) if len(others) else -1
            found = best >= 0 and shared[best] >= MATCH
            if found:
                overlaps.append(float(shared[best]))
                changes.append(abs(float(others[best, 5] - row[5])))
            if box.confidence >= FIRM * threshold:
                firm += 1
                missed += not found
    return overlaps, changes, firm, missed


def _counts(
    reference: Sequence[tuple[Box, ...]], candidate: Sequence[tuple[Box, ...]], content: Sequence[Content], kind: str
) -> tuple[int, int, int]:
    chosen = [i for i, one in enumerate(content) if one == kind]
    return len(chosen), sum(bool(reference[i]) for i in chosen), sum(bool(candidate[i]) for i in chosen)


def _changed(
    reference: Sequence[tuple[Box, ...]], candidate: Sequence[tuple[Box, ...]], content: Sequence[Content]
) -> tuple[int, int]:
    """Photos with an animal whose only boxes vanished, and that got some."""
    pairs = [(bool(b), bool(a)) for b, a, c in zip(reference, candidate, content, strict=True) if c == "animal"]
    return pairs.count((True, False)), pairs.count((False, True))

"""A parity report for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from math import inf

import msgspec

from avistar.manifest import Precision
from avistar.message import Message
from avistar_export.errors import ParityRefused
from avistar_export.parity import TOLERANCES, Criterion, ParityReport
from avistar_export.statistics import AnswerCounts

BOUNDS = ("disagreement", "accuracy bound")
"""Criteria that few photos can't meet, however equal the answers."""


def as_json(report: ParityReport) -> bytes:
    """Indented UTF-8 JSON of the whole report, with the verdict."""
    data = {"passed": report.passed, **asdict(report)}
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def as_markdown(report: ParityReport) -> str:
    """The report as a page: verdict, what the photo count proves, criteria, species, flipped photos."""
    parts = [_head(report), _criteria(report), _species(report), _logits(report), _unjudged(report), _flips(report)]
    if report.notes:
        parts.append("## Notes\n\n" + "\n".join(f"- {note}" for note in report.notes))
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(report: ParityReport) -> str:
    """The verdict in one line."""
    verdict = "passed" if report.passed else "REFUSED: " + ", ".join(c.name for c in report.failed())
    return (
        f"{report.precision}: {report.flipped} of {report.photos} answers differ "
        f"(at most {report.disagreement_bound:.2%} with 95 % confidence), "
        f"top-1 {report.top1_candidate:.2%} against {report.top1_reference:.2%}: {verdict}"
    )


def _head(report: ParityReport) -> str:
    verdict = "**Passed.**" if report.passed else "**Refused.**"
    return (
        f"# Parity of {report.candidate}\n\n"
        f"{verdict} {report.candidate} was compared with {report.reference} on {report.photos} "
        f"{report.basis}. Both saw the same pixels.\n\n"
        f"- {report.flipped} top answers differ. With 95 % confidence, fewer than {report.disagreement_bound:.2%} of "
        f"all such photos would: {report.photos} photos can't prove less than "
        f"{1 - 0.05 ** (1 / max(report.photos, 1)):.2%}.\n"
        f"- Top-1 accuracy {report.top1_candidate:.2%}, reference {report.top1_reference:.2%}.\n"
        f"- On average, a photo's probabilities move by {_figure(report.mean_probability_change)}."
        + (f"\n- The file that was judged has SHA-256 `{report.artifact_sha256}`." if report.artifact_sha256 else "")
    )


def _criteria(report: ParityReport) -> str:
    lines = ["## Criteria", "", "| | criterion | measured | allowed | would pass with |", "|---|---|---|---|---|"]
    for one in report.criteria:
        would = "" if one.passed else ("nothing" if one.would_pass is None else _figure(one.would_pass))
        lines.append(
            f"| {'✓' if one.passed else '✗'} | {one.name}: {one.question} | {_measured(one)} "
            f"| {_figure(one.tolerance)} | {would} |"
        )
    lacking = shortage(report)
    return "\n".join([*lines, "", f"{lacking}."] if lacking else lines)


def shortage(report: ParityReport) -> Message | None:
    """How many photos would have proved what these could not; None where that is not what was wrong.

    Where answers differ, it is supposed that of more photos the same share would.
    """
    bounds = {one.name: one.tolerance for one in report.failed()}
    if not bounds or bounds.keys() - set(BOUNDS):
        return None
    needed = report.counts.needed(*map(bounds.get, BOUNDS))
    if needed is None:
        return None
    few = Message(
        "{photos} held-out photos are too few to prove {precision} the same: {needed} would do",
        photos=report.photos, precision=report.precision, needed=needed,
    )  # fmt: skip
    easier = least_photos("int8")
    if report.precision != "fp16" or easier > report.photos:
        return few
    return Message("{few}; int8 asks for {easier} only", few=few, easier=easier)


def bound(report: ParityReport, data: bytes) -> ParityReport:
    """The report as that of the artifact with the bytes `data`."""
    return replace(report, artifact_sha256=hashlib.sha256(data).hexdigest())


def refusal(report: ParityReport) -> ParityRefused:
    """The error that says what a report found, and how many photos would have proved more."""
    said, lacking = summary(report), shortage(report)
    if lacking is None:
        return ParityRefused("refused: {summary}", report, summary=said)
    return ParityRefused("refused: {summary}; {lacking}", report, summary=said, lacking=lacking)


def hopeless(refused: ParityRefused) -> bool:
    """Whether no other int8 graph would pass: the photos are too few even where no answer differs."""
    report = refused.report
    return report is not None and shortage(report) is not None and report.photos < least_photos("int8")


def least_photos(precision: Precision) -> int:
    """The photos that prove an artifact of `precision` the same where no answer differs."""
    usual = TOLERANCES[precision]
    return AnswerCounts(0).needed(usual.disagreement, usual.loss_bound) or 0


def _measured(one: Criterion) -> str:
    return _figure(one.measured) if one.would_pass is not None or one.name == "finite" else "not a number"


def _figure(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e6 else f"{value:.3g}"


def _species(report: ParityReport) -> str:
    changed = [one for one in report.species if one.lost or one.gained]
    if not changed:
        return "## Species\n\nNo photo of any species became right or wrong."
    lines = [
        "## Species",
        "",
        "| species | photos | became wrong | became right | chance of it |",
        "|---|---|---|---|---|",
    ]
    for one in sorted(changed, key=lambda c: (c.p_value, c.species)):
        mark = " **significant**" if one.significant else ""
        lines.append(f"| {one.species} | {one.photos} | {one.lost} | {one.gained} | {one.p_value:.3f}{mark} |")
    return "\n".join(lines)


def _logits(report: ParityReport) -> str:
    """The species on whose logits the gate failed."""
    allowed = {one.name: one.tolerance for one in report.failed()}
    rows = [
        f"| {one.species} | {_figure(one.shift or 0)} | {_figure(one.own_logit or 0)} | {'yes' * one.vanished} |"
        for one in report.species
        if (one.shift or 0) > allowed.get("logits", inf)
        or (one.own_logit or 0) > allowed.get("own logits", inf)
        or one.vanished
    ]
    if not rows:
        return ""
    head = [
        "## Species whose logits moved",
        "",
        "| species | on all photos | on its own | vanished |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def _unjudged(report: ParityReport) -> str:
    if not report.unjudged:
        return ""
    compared = [f"{one.species} ({one.stand_ins})" for one in report.unjudged if one.stand_ins]
    strange = [one.species for one in report.unjudged if not one.stand_ins]
    lines = [
        "## Species that weren't judged",
        "",
        "None of their photos were held out: how right the answers are is unknown.",
    ]
    if compared:
        lines.append(f"Logits were compared on training photos (so many): {', '.join(compared)}.")
    if strange:
        lines.append(f"No photo of them was there; logits were compared on those of others: {', '.join(strange)}.")
    return "\n".join(lines)


def _flips(report: ParityReport) -> str:
    if not report.flips:
        return ""
    lines = [
        "## Photos whose answer differs", "",
        "The firmest first: the lead is what separates the reference's first answer from its second.", "",
        "| photo | true species | reference | candidate | lead |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for flip in report.flips:
        file = flip.file.replace("|", "\\|")
        lines.append(
            f"| {file} | {flip.truth} | {flip.reference} {flip.reference_confidence:.0%} "
            f"| {flip.candidate} {flip.candidate_confidence:.0%} | {flip.margin:.3f} |"
        )
    if report.flipped > len(report.flips):
        lines += ["", f"… and {report.flipped - len(report.flips)} more."]
    return "\n".join(lines)

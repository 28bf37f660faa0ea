"""A parity report for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

from dataclasses import asdict

import msgspec

from avistar_export.parity import Criterion, ParityReport
from avistar_export.statistics import photos_needed, photos_needed_for_loss


def as_json(report: ParityReport) -> bytes:
    """Indented UTF-8 JSON of the whole report, with the verdict."""
    data = {"passed": report.passed, **asdict(report)}
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def as_markdown(report: ParityReport) -> str:
    """The report as a page: verdict, what the photo count proves, criteria, species, flipped photos."""
    parts = [_head(report), _criteria(report), _species(report), _flips(report)]
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
    )


def _criteria(report: ParityReport) -> str:
    lines = ["## Criteria", "", "| | criterion | measured | allowed | would pass with |", "|---|---|---|---|---|"]
    for one in report.criteria:
        would = "" if one.passed else ("nothing" if one.would_pass is None else _figure(one.would_pass))
        lines.append(
            f"| {'✓' if one.passed else '✗'} | {one.name}: {one.question} | {_measured(one)} "
            f"| {_figure(one.tolerance)} | {would} |"
        )
    needed = _photos_needed(report)
    if needed > report.photos and report.flipped == 0:
        lines += ["", f"No answer differs, but {report.photos} photos are too few to prove it: {needed} would."]
    return "\n".join(lines)


def _photos_needed(report: ParityReport) -> int:
    """The photos that prove every bound that was missed, where none of their answers differs; 0: none was missed."""
    needs = {"disagreement": photos_needed, "accuracy bound": photos_needed_for_loss}
    return max((needs[one.name](one.tolerance) for one in report.failed() if one.name in needs), default=0)


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

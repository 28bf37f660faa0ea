"""`avistar teach`: a bundle learns from reviewed photos, and proves that it got better before it is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avistar.cli.console import Steps, note, tell
from avistar.cli.options import JsonOption, LanguageOption
from avistar.cli.teach_texts import say
from avistar.cli.texts import locale_language
from avistar.message import localized

if TYPE_CHECKING:
    from avistar.adaptation.gate import Verdict
    from avistar.adaptation.session import LessonPlan
    from avistar.species import Language

REFUSED = 3


def teach(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SURVEY|FOLDER...", help="Surveys with reviewed photos, or folders with a sub-folder for a species."
        ),
    ],
    *,
    base: Annotated[
        Path | None, typer.Option(metavar="BUNDLE", help="The bundle to start from. Default: the one with Avistar.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The bundle to write, such as models/mine.")],
    species: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Names of new species: columns english, spanish, scientific, group."),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what there is to learn from.")] = False,
    seed: Annotated[int, typer.Option(help="Decides which photos are kept apart together.")] = 7,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """Teach a bundle the animals of your place: new species, and known ones as your cameras see them.

    Only its last layer is fitted again. Ends with 3, and writes nothing, when the result is not better on photos that
    were kept apart, or worse elsewhere.
    """
    from avistar.adaptation.material import read_species_table
    from avistar.adaptation.session import plan_lesson
    from avistar.adaptation.session import teach as learn
    from avistar.bundle import ModelBundle, default_bundle

    spoken = language.value if language else locale_language()
    bundle = ModelBundle.open(base or default_bundle())
    lesson = plan_lesson(sources, bundle, listed=read_species_table(species) if species else (), seed=seed)
    _show_plan(spoken, lesson)
    if plan:
        note(say(spoken, "dry"))
        return
    steps = Steps()
    outcome = learn(lesson, progress=lambda what, done, total: steps(say(spoken, what), done, total))
    for warning in outcome.warnings:
        note(localized(warning, spoken))
    if as_json:
        tell(json.dumps({"passed": outcome.verdict.passed} | asdict(outcome.verdict), indent=1, ensure_ascii=False))
    else:
        listed = (*(one.species for one in lesson.stock), *bundle.manifest.species)
        _show_verdict(spoken, outcome.verdict, {one.id: one.name(spoken) for one in reversed(listed)})
    if not outcome.verdict.passed:
        note(say(spoken, "refused"))
        for what in outcome.verdict.advice[:5]:
            note(say(spoken, "advice", what=localized(what, spoken)))
        raise typer.Exit(REFUSED)
    written = outcome.write(out)
    note(say(spoken, "written", folder=written.folder, species=len(written.manifest.species)))
    if any(one.format.startswith("tensorrt") for one in bundle.manifest.artifacts):
        note(say(spoken, "engines", folder=written.folder))


def _show_plan(spoken: Language, lesson: LessonPlan) -> None:
    for one in lesson.stock:
        lacking = say(spoken, "lacking", reason=localized(one.lacking, spoken)) if one.lacking else ""
        facts: dict[str, Any] = {"photos": one.photos, "cameras": one.cameras, "lacking": lacking}
        note(say(spoken, "stock", name=one.species.name(spoken), new=say(spoken, "new") if one.new else "", **facts))
    for warning in lesson.warnings:
        note(localized(warning, spoken))


def _show_verdict(spoken: Language, verdict: Verdict, names: Mapping[str, str]) -> None:
    for one in verdict.species:
        tell(say(spoken, "species" if one.judged else "unjudged", name=names.get(one.id, one.id), **_figures(one)))
    before, after = verdict.here
    tell(say(spoken, "here", photos=after.photos, before=before.top1, after=after.top1))
    if verdict.base is not None:
        before, after = verdict.base
        facts = {"error_before": before.calibration_error, "error": after.calibration_error}
        tell(say(spoken, "base", photos=after.photos, before=before.top1, after=after.top1, **facts))
    if verdict.unknown is not None:
        tell(say(spoken, "unknown", before=verdict.unknown[0], after=verdict.unknown[1]))
    for criterion in verdict.criteria:
        key = {"base": "lost", "unknown": "strangers"}.get(criterion.name, criterion.name)
        told_ = say(spoken, key, measured=criterion.measured, allowed=criterion.allowed)
        tell(f"{'✓' if criterion.passed else '✗'} {told_}")


def _figures(one: Any) -> dict[str, Any]:
    return {key: getattr(one, key) for key in ("judged", "before", "after", "low", "high")}

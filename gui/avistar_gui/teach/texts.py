"""Sentences of the Teach screen in the language of the moment. Knows no widget."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QObject

from avistar.adaptation.gate import ChangedPhoto, Side, SpeciesProgress, TaughtCriterion, Verdict
from avistar.adaptation.session import LessonPlan, SpeciesStock
from avistar.species import Group, Species
from avistar_gui.teach.lessons import Origin
from avistar_gui.texts import Names, count, finding_name, language, locale, text_of

translate = QCoreApplication.translate

MOST_NAMED = 6
"""Species that a sentence names."""


def names_of(plan: LessonPlan) -> Names:
    """The names of everything that a lesson speaks of."""
    manifest = plan.base.bundle.manifest
    species: dict[str, Species] = {one.species.id: one.species for one in plan.stock}
    groups: dict[str, Group] = {one.id: one for one in manifest.groups}
    return Names(species | {one.id: one for one in manifest.species}, groups)


def species_name(id: str, names: Names) -> str:
    """What a species is called, "empty" and its like too."""
    found = names.species.get(id)
    return found.name(language()) if found is not None else finding_name(id, names)


def points(share: float) -> str:
    """A fraction as '72.5 %'."""
    return f"{locale().toString(100 * share, 'f', 1)}\u00a0%"


def whole(share: float) -> str:
    """A fraction as '72 %'."""
    return f"{round(100 * share)}\u00a0%"


def answers(photo: ChangedPhoto, names: Names) -> str:
    """Both answers to a photo: 'Wolf 61 % → Red fox 88 %'."""
    before = f"{species_name(photo.before, names)} {whole(photo.before_confidence)}"
    return f"{before} → {species_name(photo.after, names)} {whole(photo.after_confidence)}"


def in_use(origin: Origin, names: Names) -> str:
    """The model in use, and what it was taught."""
    if not origin.date:
        text = translate("Teach", "In use: {name}, {species}. It was taught nothing here yet.")
        return text.format(name=origin.name, species=Numbers().species(origin.species))
    text = translate("Teach", "In use: {name}, {species}. Taught on {date} from {photos} of {cameras}: {taught}.")
    day = QDate.fromString(origin.date, "yyyy-MM-dd")
    listed = [species_name(id, names) for id in origin.taught[:MOST_NAMED]]
    more = ["…"] if len(origin.taught) > MOST_NAMED else []
    said = text.format(
        name=origin.name,
        species=Numbers().species(origin.species),
        date=locale().toString(day, QLocale.FormatType.LongFormat) if day.isValid() else origin.date,
        photos=Numbers().photos(origin.photos),
        cameras=Numbers().cameras(origin.cameras),
        taught=", ".join([*listed, *more]),
    )
    return said.replace("….", "…")


def go_back(origin: Origin) -> str:
    """The button that goes back."""
    return translate("Teach", "Go back to {name}").format(name=origin.before)


def stock_row(one: SpeciesStock, progress: SpeciesProgress | None, names: Names) -> tuple[str, ...]:
    """Species, photos, cameras, and what is to be said of it: before a lesson, and after. Details in a second line."""
    name = species_name(one.species.id, names)
    said = text_of(one.lacking) if one.lacking else translate("Teach", "new") if one.new else ""
    if progress is not None:
        said = _fared(progress)
    return (name, count(one.photos), count(one.cameras), said)


def _fared(one: SpeciesProgress) -> str:
    if not one.judged:
        return translate("Teach", "can't be judged: one camera and day only")
    text = translate("Teach", "{before} → {after}\nWith 95 % certainty between {low} and {high} now")
    figures = {name: whole(getattr(one, name)) for name in ("before", "after", "low", "high")}
    return text.format(**figures)


def readiness(plan: LessonPlan) -> str:
    """What a lesson would learn from."""
    photos = plan.material.photos
    if not photos:
        return translate("Teach", "There is too little to learn from yet. What is missing stands beside each species.")
    text = translate("Teach", "Ready to learn from {photos} of {cameras}: {species}.")
    cameras = len({photo.camera for photo in photos})
    new = sum(one.new and not one.lacking for one in plan.stock)
    species = Numbers().species(len(plan.material.species))
    if new:
        species = translate("Teach", "{species}, {new} of them new").format(species=species, new=count(new))
    return text.format(photos=Numbers().photos(len(photos)), cameras=Numbers().cameras(cameras), species=species)


def step(what: str) -> str:
    """What a lesson is doing."""
    return {
        "looking at photos": translate("Teach", "Looking at photos"),
        "learning": translate("Teach", "Learning and judging"),
    }.get(what, what)


def headline(verdict: Verdict) -> str:
    """What came of a lesson, in a line."""
    before, after = verdict.here
    if verdict.passed:
        text = translate("Teach", "It got better: {before} right before, {after} now.")
        return text.format(before=points(before.top1), after=points(after.top1))
    return translate("Teach", "Not better, so it can't be used.")


def method(verdict: Verdict) -> str:
    """How it was judged."""
    text = translate(
        "Teach",
        "Judged on {photos}, each by a model that saw neither it nor another photo of that camera's day or burst.",
    )
    return text.format(photos=Numbers().photos(verdict.here[1].photos))


def reasons(verdict: Verdict) -> list[str]:
    """Why a lesson is refused, a sentence each."""
    return [_reason(one, verdict) for one in verdict.criteria if not one.passed]


def _reason(one: TaughtCriterion, verdict: Verdict) -> str:
    before, after = verdict.here
    if one.name == "gain":
        if not after.photos:
            return translate("Teach", "All of these photos taught this model before. Review others.")
        text = translate("Teach", "On your photos: {before} right before, {after} now. That may be chance.")
        return text.format(before=points(before.top1), after=points(after.top1))
    if one.name == "known":
        return translate("Teach", "Animals that the model knows would be named less often here.")
    if one.name == "base":
        text = translate("Teach", "It would forget: {lost} points of its own test photos lost, at most {allowed}.")
        lost, allowed = (locale().toString(100 * value, "f", 1) for value in (one.measured, one.allowed))
        return text.format(lost=lost, allowed=allowed)
    if one.name == "unknown":
        return translate("Teach", "It would take more animals that it doesn't know for some that it knows.")
    text = translate(
        "Teach",
        "The model carries no photos of its own to prove that it forgets nothing: review {number} photos of animals "
        "that it knows.",
    )
    return text.format(number=count(round(one.allowed)))


def advice(verdict: Verdict) -> list[str]:
    """What would help, a few lines."""
    return [text_of(one) for one in verdict.advice[:MOST_NAMED]]


def figures(verdict: Verdict) -> list[tuple[str, str, str]]:
    """What was measured, before and now: a row each."""
    rows = _side(translate("Teach", "Your photos: right"), verdict.here)
    if verdict.base is not None:
        rows += _side(translate("Teach", "Its own test photos: right"), verdict.base)
    if verdict.unknown is not None:
        before, after = (locale().toString(value, "f", 3) for value in verdict.unknown)
        rows.append((translate("Teach", "Other animals told apart (area under ROC)"), before, after))
    errors = [locale().toString(one.calibration_error, "f", 3) for one in verdict.here]
    rows.append((translate("Teach", "Your photos: calibration error"), errors[0], errors[1]))
    return rows


def _side(title: str, sides: tuple[Side, Side]) -> list[tuple[str, str, str]]:
    before, after = sides
    return [(f"{title}  ({count(after.photos)})", points(before.top1), points(after.top1))]


def better(number: int) -> str:
    """The title of the photos that are answered rightly now."""
    return translate("Teach", "Better: {number}").format(number=count(number))


def worse(number: int) -> str:
    """The title of the photos that are answered wrongly now."""
    return translate("Teach", "Worse: {number}").format(number=count(number))


def kept(name: str) -> str:
    """A taught model was written, and is not used."""
    return translate("Teach", "Kept as {name}. Models lists it; the one in use stays.").format(name=name)


def used(name: str) -> str:
    """A taught model is used from now on."""
    return translate("Teach", "{name} is in use from now on.").format(name=name)


class Numbers(QObject):
    """Each method says one thing of so many."""

    def photos(self, number: int) -> str:
        """Reviewed photos."""
        return self.tr("{number} photo(s)", "", number).format(number=count(number))

    def cameras(self, number: int) -> str:
        """Cameras or places."""
        return self.tr("{number} camera(s) or places", "", number).format(number=count(number))

    def species(self, number: int) -> str:
        """Species of a model or lesson."""
        return self.tr("%n species", "", number)

    def reviewed(self, number: int) -> str:
        """Reviewed photos of a survey, behind its name."""
        return self.tr("{number} reviewed", "", number).format(number=count(number))

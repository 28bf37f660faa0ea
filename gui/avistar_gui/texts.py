"""Sentences in the reader's language: what a decision, a fault or a progress is called. Knows no widget.

Species and groups carry their own names; everything else goes through Qt's translations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime

from avistar import Classifier, Fault, Group, Identification, Species
from avistar.catalogue import Row
from avistar.message import localized
from avistar.records import Review
from avistar.species import Language, inside_sentence, known_groups, known_species
from avistar_gui.progress import Progress

translate = QCoreApplication.translate

# English names keep these capitals inside a sentence.


def language() -> Language:
    """The language of the moment, as the translations say it."""
    #: Code of the language of this file: en or es
    return "es" if translate("Wording", "en") == "es" else "en"


def locale() -> QLocale:
    """Numbers as the language of the moment writes them."""
    return QLocale(QLocale.Language.Spanish if language() == "es" else QLocale.Language.English)


def percent(share: float) -> str:
    """`share` (0 to 1) as '93 %'; never a hundred or zero, which nobody can be sure of."""
    number = round(share * 100)
    if number >= 100:
        return ">\u00a099\u00a0%"
    if number < 1:
        return "<\u00a01\u00a0%"
    return f"{number}\u00a0%"


def certainty(share: float) -> str:
    """A calibrated confidence (0 to 1) in words."""
    if share >= 0.95:
        return translate("Wording", "almost certain")
    if share >= 0.8:
        return translate("Wording", "very likely")
    if share >= 0.5:
        return translate("Wording", "likely")
    if share >= 0.2:
        return translate("Wording", "possible")
    return translate("Wording", "unlikely") if share >= 0.05 else translate("Wording", "very unlikely")


def count(number: int) -> str:
    """`number` with the separators of the language."""
    return locale().toString(number)


def text_of(reason: object) -> str:
    """What the runtime said of a fault, or an error of it, in the language of the moment."""
    return localized(reason, language())


def theme_name(name: str) -> str:
    """What a theme is called."""
    return {
        "system": translate("Wording", "As the system"),
        "light": translate("Wording", "Light"),
        "dark": translate("Wording", "Dark"),
    }.get(name, name)


def inside(one: Species | Group) -> str:
    """A name as it is written inside a sentence: 'wolf', 'German shepherd', 'pastor alemán'."""
    return inside_sentence(one.name(language()), language())


@dataclass(frozen=True, slots=True)
class Names:
    """Looks up what a decision's ids are called.

    `calibrated`: whether the confidences of the model that knows them were held against photos.
    """

    species: dict[str, Species]
    groups: dict[str, Group]
    calibrated: bool = True

    @classmethod
    def of(cls, classifier: Classifier) -> Names:
        """The names that `classifier`'s bundle carries."""
        return cls(
            {one.id: one for one in classifier.species},
            {one.id: one for one in classifier.groups},
            classifier.info.calibration.calibrated,
        )


_survey_species: dict[str, Species] = {}


def use_survey_species(species: Iterable[Species]) -> None:
    """Call these by their names from now on: the list of the open survey, with what people added to it."""
    _survey_species.clear()
    _survey_species.update({one.id: one for one in species})
    known_names.cache_clear()


@cache
def known_names() -> Names:
    """The names of Avistar's own species and groups, and of the open survey's species."""
    species = {one.id: one for one in known_species()} | _survey_species
    return Names(species, {one.id: one for one in known_groups()})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a photo: one headline, and one sentence that says why."""

    headline: str
    reason: str


def verdict(identification: Identification, names: Names) -> Verdict:
    """The decision in words; a failure in the words of its fault."""
    decision = identification.decision
    if identification.failure is not None or decision is None:
        fault = identification.failure.fault if identification.failure else Fault.NO_VALID_ANSWER
        return Verdict(translate("Wording", "Not identified"), fault_sentence(fault))
    names = _with_own(names, identification)
    if decision.kind == "species":
        name = finding_name(decision.id, names)
        return Verdict(name, translate("Wording", "Clear enough to name the species."))
    if decision.kind == "group":
        return Verdict(_group_headline(decision.id, decision.candidates, names), _group_reason(decision.confidence))
    return Verdict(translate("Wording", "Unknown"), _unknown_reason(decision.reason, len(names.species)))


def _with_own(names: Names, identification: Identification) -> Names:
    """`names` and those of the model that answered, which may be another than the one in use."""
    species = {one.species.id: one.species for one in identification.candidates}
    return Names(species | names.species, {one.id: one for one in identification.groups} | names.groups)


def _group_headline(group_id: str, candidates: tuple[str, ...], names: Names) -> str:
    group = finding_name(group_id, names)
    known = [names.species[one] for one in candidates if one in names.species]
    if len(known) < 2:
        return group
    first, second = (inside(one) for one in known[:2])
    # Spanish says "u" instead of "o" before that sound.
    or_u = second.startswith(("o", "ho"))
    pair = (
        translate("Wording", "{first} or {second}", "the second name begins with the sound o")
        if or_u
        else translate("Wording", "{first} or {second}")
    )
    text = translate("Wording", "{group}, probably {pair}")
    return text.format(group=group, pair=pair.format(first=first, second=second))


def group_name(group: Group) -> str:
    """What people call a group; the name in its bundle where that is one that people use."""
    families = {
        "canid": translate("Wording", "Dog family"),
        "felid": translate("Wording", "Cat family"),
        "mustelid": translate("Wording", "Weasel family"),
        "procyonid": translate("Wording", "Raccoon family"),
        "pinniped": translate("Wording", "Seal or walrus"),
        "cetacean": translate("Wording", "Whale or dolphin"),
    }
    name = families.get(group.id) or group.name(language())
    return name[:1].upper() + name[1:]


def _group_reason(confidence: float) -> str:
    text = translate("Wording", "No single species is clear enough; the group as a whole reaches {percent}.")
    return text.format(percent=percent(confidence))


def _unknown_reason(reason: str, known: int) -> str:
    if reason == "unfamiliar":
        text = translate("Wording", "It looks like none of the {known} species that this model knows.")
        return text.format(known=known)
    if reason == "off_list":
        return translate("Wording", "It looks like a species that is not on this site's list.")
    return translate("Wording", "Several species of different groups are possible; none is clear enough.")


def fault_sentence(fault: Fault) -> str:
    """Why a photo could not be identified."""
    return {
        Fault.MISSING: translate("Wording", "The file has disappeared."),
        Fault.UNREADABLE: translate("Wording", "The file can't be opened."),
        Fault.EMPTY: translate("Wording", "The file is empty (0 bytes)."),
        Fault.NOT_AN_IMAGE: translate("Wording", "This is not a picture."),
        Fault.UNSUPPORTED: translate("Wording", "This kind of picture can't be read; save it as JPEG or PNG."),
        Fault.DAMAGED: translate("Wording", "The file is too damaged to be read."),
        Fault.TOO_LARGE: translate("Wording", "The picture is too large to be read."),
        Fault.TOO_SMALL: translate("Wording", "The picture is too small to show an animal."),
        Fault.NO_VALID_ANSWER: translate("Wording", "The model gave no valid answer."),
        Fault.CRASHED: translate("Wording", "Reading it ends the program that does so."),
    }[fault]


def not_calibrated() -> str:
    """What is said of a model whose confidences nobody has held against photos."""
    return translate("Wording", "not calibrated")


def confidence_note(*, calibrated: bool) -> str:
    """What a confidence means: how often such answers are right, where anybody knows."""
    if calibrated:
        text = translate("Wording", "Confidences are calibrated: of photos at 80 %, about 80 in 100 are right.")
    else:
        text = translate(
            "Wording",
            "Not calibrated: nobody held these confidences against photos. Of those at 80 %, far fewer may be right.",
        )
    return text.replace(" %", "\u00a0%")


def unreadable_folder() -> str:
    """What is said of a folder that can't be listed."""
    return translate("Wording", "The folder can't be opened.")


def partly_readable() -> str:
    """What is said of a file of which a part is identified."""
    return translate("Wording", "Only a part of it could be read.")


def flag_sentence(flag: str) -> str:
    """What a picture's flag means, "" for one without words."""
    return {
        "incomplete": translate("Wording", "incomplete file"),
        "preview": translate("Wording", "the camera's preview of a raw photo"),
        "video_frame": translate("Wording", "one frame of the video"),
        "first_frame": translate("Wording", "first frame of an animation"),
    }.get(flag, "")


def finding_name(finding: str, names: Names | None = None) -> str:
    """What a species' or group's id, "unknown" or "empty" is called."""
    if finding == "unknown":
        return translate("Wording", "Unknown")
    if finding == "empty":
        return translate("Wording", "No animal")
    seen = {
        "animal": translate("Wording", "Animal"),
        "person": translate("Wording", "Person"),
        "vehicle": translate("Wording", "Vehicle"),
    }
    if finding in seen:
        return seen[finding]
    known = names or known_names()
    if finding in known.groups:
        return group_name(known.groups[finding])
    found = known.species.get(finding) or _survey_species.get(finding)
    return found.name(language()) if found is not None else finding


def badge(row: Row) -> str:
    """The few words under a thumbnail."""
    if row.verdict:
        return _with_number(row, finding_name(row.finding))
    if row.state == "pending":
        return translate("Wording", "Waiting")
    if row.state == "failed":
        return translate("Wording", "Failed")
    return _with_number(row, finding_name(row.finding or "empty"))


def _with_number(row: Row, name: str) -> str:
    """'3 × Roe deer', or 'Roe deer +1' where something else is there, too."""
    if row.things > 1:
        return f"{name} +{row.things - 1}"
    return f"{count(row.animals)} × {name}" if row.animals > 1 else name


def row_sentence(row: Row) -> str:
    """A photo's state in a few words, for tool tips and screen readers."""
    if row.verdict:
        said = translate("Wording", "{finding}, reviewed").format(finding=badge(row))
        return "\n".join(filter(None, (said, row.comment, " ".join(f"#{tag}" for tag in row.tags))))
    if row.decision in ("species", "group") and row.confidence is not None:
        return f"{badge(row)} {percent(row.confidence)}"
    return badge(row)


def review_sentence(review: Review) -> str:
    """What a person said, and who and when: 'Reviewed: Wolf (Ana, 5/1/26 12:00)'."""
    said = finding_name(review.species if review.verdict == "species" else review.verdict)
    when = locale().toString(QDateTime.fromSecsSinceEpoch(int(review.at.timestamp())), QLocale.FormatType.ShortFormat)
    by = ", ".join(part for part in (review.reviewer, when) if part)
    return translate("Wording", "Reviewed: {finding} ({by})").format(finding=said, by=by)


def moment(at: datetime, *, fully: bool = False) -> str:
    """A camera's time as its own clock showed it, whatever the time zone here; `fully` with weekday and seconds."""
    day, time = QDate(at.year, at.month, at.day), QTime(at.hour, at.minute, at.second)
    form = QLocale.FormatType.LongFormat if fully else QLocale.FormatType.ShortFormat
    clock = locale().toString(time, "H:mm:ss") if fully else locale().toString(time, form)
    return f"{locale().toString(day, form)} {clock}"


def duration(seconds: float) -> str:
    """A rough time, as people say it."""
    if seconds < 60:
        return translate("Wording", "{number} s").format(number=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return translate("Wording", "{number} min").format(number=minutes)
    return translate("Wording", "{number} h").format(number=locale().toString(seconds / 3600, "f", 1))


def _rest(progress: Progress) -> str:
    """Why nothing goes on though photos wait."""
    if not progress.asked:
        return translate("Wording", "paused")
    return translate("Wording", "waiting for you") if progress.done else translate("Wording", "not started yet")


def progress_sentence(progress: Progress) -> str:
    """How far the run is: '214 of 1,204 photos · 12.3 a second · 1 min left'."""
    if progress.total == 0:
        return translate("Wording", "Ready")
    text = translate("Wording", "{done} of {total} photos")
    parts = [text.format(done=count(progress.done), total=count(progress.total))]
    if progress.running and progress.per_second > 0:
        rate = locale().toString(progress.per_second, "f", 1)
        parts.append(translate("Wording", "{rate} per second").format(rate=rate))
        if progress.seconds_left is not None:
            parts.append(translate("Wording", "{time} left").format(time=duration(progress.seconds_left)))
    elif not progress.running and progress.waiting:
        parts.append(_rest(progress))
    if progress.reviewed:
        parts.append(translate("Wording", "{number} reviewed").format(number=count(progress.reviewed)))
    return "  ·  ".join(parts)

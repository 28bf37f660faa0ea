"""What Identify says in its banner: each message with what to do about it.

Numbers with their nouns, as Identify says them. Qt's tools find plurals only in a `tr`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QObject

from avistar.catalogue import Changes, Counts
from avistar.files import printable
from avistar.records import Record, Sighting
from avistar_gui.identify import care_texts
from avistar_gui.identify.session.survey import ScanSummary
from avistar_gui.texts import Names, count, finding_name, language, percent
from avistar_gui.widgets.banner import Message

translate = QCoreApplication.translate

MOST_NAMED = 6
"""Folders that a message names; the problems panel lists all of them."""

MOST_FINDINGS = 4
"""Kinds that the panel counts among chosen photos; the rest is one number."""

Act = Callable[[], None]


def nothing_usable() -> Message:
    """What was dropped is not on this computer."""
    return Message(lambda: translate("IdentifyController", "Only files and folders on this computer can be opened."))


def engine_failed(reason: str, *, another: bool, choose: Act) -> Message:
    """A model can't be used; `another` stays open, and the session says so next."""

    def title() -> str:
        if another:
            return translate("IdentifyController", "This model can't be used; the previous one stays in use.")
        return translate("IdentifyController", "The model can't be used, so photos can't be identified yet.")

    return Message(title, reason, "error", lambda: translate("IdentifyController", "Choose a model…"), choose)


def scanned(seen: ScanSummary, folder: str, *, show_problems: Act, look_again: Act, locate: Act) -> Message | None:
    """What a scan of the survey in `folder` met that is worth a word; None for nothing."""
    closed = seen.unreadable

    def unopened() -> str:
        return Numbers().closed_folders(len(closed))

    if seen.absent:
        return Message(_absent, printable(folder), action=care_texts.locate, on_action=locate)
    if closed and not seen.photos:  # never "no photos" for what could not be looked into
        named = "\n".join(f"{one}: {reason}" for one, reason in closed[:MOST_NAMED])
        return Message(unopened, named, "error", lambda: translate("IdentifyController", "Try again"), look_again)
    if closed:
        return Message(
            unopened, action=lambda: translate("IdentifyController", "Show problems"), on_action=show_problems
        )
    if not seen.photos:
        return Message(lambda: _none(seen))
    return Message(lambda: _differences(seen.changes), severity="done") if seen.differs else None


def _differences(changes: Changes) -> str:
    """'Since the last look: 3 new, 1 moved, 5 no longer there; what was said of those is kept.'."""
    parts = [
        (changes.new, translate("IdentifyController", "{number} new")),
        (changes.changed, translate("IdentifyController", "{number} changed, identified again")),
        (changes.moved, translate("IdentifyController", "{number} moved")),
        (changes.vanished, translate("IdentifyController", "{number} no longer there")),
    ]
    said = ", ".join(text.format(number=count(number)) for number, text in parts if number)
    text = translate("IdentifyController", "Since the last look: {changes}.").format(changes=said)
    if changes.vanished:
        text += " " + translate("IdentifyController", "What was said of missing photos is kept.")
    return text


def _absent() -> str:
    return translate(
        "IdentifyController", "This survey's folder can't be found. Insert its memory card to see the photos."
    )


def _none(seen: ScanSummary) -> str:
    if seen.unread_videos:
        return Numbers().only_videos(seen.unread_videos)
    return Numbers().searched(seen.folders)


def by_others(number: int, again: Act) -> Message:
    """Another model answered some photos."""
    return Message(
        title=lambda: Numbers().by_others(number),
        action=lambda: translate("IdentifyController", "Identify them again"),
        on_action=again,
    )


def answered_again(number: int, left: int) -> Message:
    """Another model answers now: at once where the network had seen the photos, the rest is identified again."""

    def title() -> str:
        said = [Numbers().answered_again(number), Numbers().identified_again(left)]
        return " ".join(text for text, of in zip(said, (number, left), strict=True) if of)

    return Message(title, severity="done")


def accepted(number: int, left: int, undo: Act) -> Message:
    """Answers that were accepted together, and how many of the chosen were not."""

    def title() -> str:
        said = [Numbers().accepted(number), Numbers().need_a_look(left)]
        return " ".join(text for text, of in zip(said, (number, left), strict=True) if of)

    undoing = (lambda: translate("IdentifyController", "Undo")) if number else None
    return Message(title, severity="done" if number else "note", action=undoing, on_action=undo)


def all_reviewed(counts: Counts, export: Act | None) -> Message:
    """Every photo is reviewed: what came of it, and what to do next."""

    def title() -> str:
        return f"{Numbers().all_reviewed(counts.reviewed)} {Numbers().corrected(counts.corrected)}"

    def detail() -> str:
        return Numbers().disagreed(counts.disagreed) if counts.disagreed else ""

    action = (lambda: translate("IdentifyController", "Export…")) if export is not None else None
    return Message(title, detail(), "done", action, export)


def card_gone(folder: str, go_on: Act, locate: Act) -> Message:
    """The survey's folder disappeared in the middle of a run."""
    return Message(
        title=lambda: translate(
            "IdentifyController", "The folder has disappeared. Was the card removed? Everything done so far is saved."
        ),
        detail=printable(folder),
        severity="error",
        action=lambda: translate("IdentifyController", "Continue"),
        on_action=go_on,
        other=care_texts.locate,
        on_other=locate,
    )


def list_saved(name: str) -> Message:
    """A list of problems was written."""
    return Message(lambda: translate("IdentifyController", "Saved as {file}.").format(file=name))


def refused(reason: str) -> Message:
    """Choices for a survey can't be kept."""
    return Message(
        lambda: translate("IdentifyController", "These options can't be used. Nothing was changed."), reason, "error"
    )


def unsaved(number: int, reason: str, retry: Act) -> Message:
    """Reviews that could not be stored; they are tried again and again while the app is open."""
    return Message(
        title=lambda: Numbers().unsaved(number),
        detail=reason,
        severity="error",
        action=lambda: translate("IdentifyController", "Try again"),
        on_action=retry,
    )


def run_failed(reason: str, go_on: Act) -> Message:
    """A run, a scan or a review broke off."""
    return Message(
        title=lambda: translate("IdentifyController", "Identification stopped. Everything done so far is saved."),
        detail=reason,
        severity="error",
        action=lambda: translate("IdentifyController", "Continue"),
        on_action=go_on,
    )


def sex_name(sex: str) -> str:
    """What a sex is called."""
    names = {"female": translate("Sighting", "female"), "male": translate("Sighting", "male")}
    return names.get(sex, "")


def life_stage_name(stage: str) -> str:
    """What a stage of life is called."""
    names = {
        "adult": translate("Sighting", "adult"),
        "subadult": translate("Sighting", "subadult"),
        "juvenile": translate("Sighting", "juvenile"),
    }
    return names.get(stage, "")


def said_of(one: Sighting) -> str:
    """What a person says of an animal beside its name, in a line."""
    parts = (sex_name(one.sex), life_stage_name(one.life_stage), one.behavior, one.individual, one.comment)
    return ", ".join(filter(None, parts))


def opinions_sentence(opinions: Mapping[str, frozenset[str]], names: Names | None) -> str:
    """'Ana: Wolf · Luis: Dog' where several people said something of a photo; "" else."""
    if len(opinions) < 2:
        return ""
    said = []
    for person, what in opinions.items():
        who = person or translate("Sighting", "nobody named")
        said.append(f"{who}: {' + '.join(sorted(finding_name(one, names) for one in what))}")
    return "  ·  ".join(said)


def models_sentence(record: Record | None, names: Names | None) -> str:
    """'theirs: Gray wolf 93 % (differs)' for each other model that answered a photo; "" where none did."""
    parts = []
    for one in record.others if record is not None else ():
        taxon = one.taxon
        name = finding_name("unknown", names) if taxon is None else taxon.name(language())
        said = f"{one.bundle}: {name} {percent(one.decision.confidence)}"
        parts.append(translate("Sighting", "{said} (differs)").format(said=said) if one.differs else said)
    return "  ·  ".join(parts)


def findings_sentence(findings: Mapping[str, int], names: Names | None) -> str:
    """'Raccoon 5 · Wolf 2 · Unknown 1', most first; the rest in one number."""
    ranked = sorted(findings.items(), key=lambda one: -one[1])
    parts = [f"{finding_name(what, names)} {count(number)}" for what, number in ranked[:MOST_FINDINGS]]
    rest = sum(number for _, number in ranked[MOST_FINDINGS:])
    return "  ·  ".join([*parts, *([f"… {count(rest)}"] if rest else [])])


class Numbers(QObject):
    """Each method says one thing of so many."""

    def photos(self, number: int) -> str:
        """'1 photo', '8,012 photos'."""
        return self.tr("{number} photo(s)", "", number).format(number=count(number))

    def videos(self, number: int) -> str:
        """'1 video', '14 videos'."""
        return self.tr("{number} video(s)", "", number).format(number=count(number))

    def burst(self, number: int) -> str:
        """'burst of 3 photos'."""
        return self.tr("burst of {number} photo(s)", "", number).format(number=count(number))

    def identified(self, number: int) -> str:
        """'1,204 identified already'."""
        return self.tr("{number} identified already", "", number).format(number=count(number))

    def identified_again(self, number: int) -> str:
        """What has to be done once more."""
        return self.tr("{number} photo(s) will be identified again.", "", number).format(number=count(number))

    def closed_folders(self, number: int) -> str:
        """Folders that a scan could not look into."""
        return self.tr("{number} folder(s) could not be opened.", "", number).format(number=count(number))

    def not_counted(self, number: int) -> str:
        """The same, before their names."""
        text = self.tr("{number} folder(s) can't be opened; the photos in there are not counted:", "", number)
        return text.format(number=count(number))

    def more_closed(self, number: int) -> str:
        """Closed folders that are not named."""
        return self.tr("and {number} more, listed under Problems", "", number).format(number=count(number))

    def searched(self, number: int) -> str:
        """Folders in which there is nothing."""
        text = self.tr("There are no photos there; {number} folder(s) were searched.", "", number)
        return text.format(number=count(number))

    def only_videos(self, number: int) -> str:
        """Videos where there is nothing else, and nothing that reads them."""
        text = self.tr("There are no photos there, but {number} video(s), passed over.", "", number)
        return text.format(number=count(number))

    def unread_videos(self, number: int) -> str:
        """Videos that nothing here can read; a command follows."""
        text = self.tr("{number} video(s) can't be read without the extra “live”. This installs it:", "", number)
        return text.format(number=count(number))

    def by_others(self, number: int) -> str:
        """Photos whose answers came from another model."""
        return self.tr("{number} photo(s) were answered by another model.", "", number).format(number=count(number))

    def answered_again(self, number: int) -> str:
        """Photos that another model has answered without reading them."""
        return self.tr("{number} photo(s) answered again; reviews stay.", "", number).format(number=count(number))

    def accepted(self, number: int) -> str:
        """Answers that were accepted together."""
        return self.tr("{number} answer(s) accepted.", "", number).format(number=count(number))

    def unsaved(self, number: int) -> str:
        """Reviews that are not on the disk yet."""
        return self.tr("Not saved: {number} review(s). Trying again every few seconds.", "", number).format(
            number=count(number)
        )

    def need_a_look(self, number: int) -> str:
        """Photos that can't be accepted unseen."""
        text = self.tr("{number} photo(s) need a look: reviewed before, or without a clear species.", "", number)
        return text.format(number=count(number))

    def all_reviewed(self, number: int) -> str:
        """The review is at its end."""
        return self.tr("All {number} photo(s) are reviewed.", "", number).format(number=count(number))

    def corrected(self, number: int) -> str:
        """Photos of which people say something else than the model."""
        return self.tr("{number} answer(s) corrected.", "", number).format(number=count(number))

    def disagreed(self, number: int) -> str:
        """Photos of which two people say different things."""
        text = self.tr("{number} photo(s) in dispute: More filters, Disagreement shows them.", "", number)
        return text.format(number=count(number))

    def chosen(self, number: int) -> str:
        """'8 photos chosen'."""
        return self.tr("{number} photo(s) chosen", "", number).format(number=count(number))

    def next_key(self, number: int) -> str:
        """How many photos a key speaks of."""
        text = self.tr("The next key speaks of all {number}; V accepts each one's own answer.", "", number)
        return text.format(number=count(number))

    def next_count(self, number: int) -> str:
        """How many animals the next key names."""
        return self.tr("{number} animal(s): now the species", "", number).format(number=count(number))

    def things(self, number: int, *, named: bool) -> str:
        """How much is to be seen in a photo; where something is not `named`, V accepts nothing."""
        if named:
            text = self.tr("{number} found; V accepts all of them, Tab chooses one.", "", number)
        else:
            text = self.tr("{number} found, not all of them named; Tab chooses one.", "", number)
        return text.format(number=count(number))

    def species(self, number: int) -> str:
        """The length of a site's list, on a button."""
        return self.tr("{number} species at the &site…", "", number).format(number=count(number))

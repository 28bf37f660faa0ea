"""What is said of surveys' files: moved, damaged, restored and merged ones."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject

from avistar.catalogue.merge import Merged
from avistar.files import printable
from avistar_gui.identify.session.survey_care import Rescue
from avistar_gui.identify.session.survey_library import LibraryEntry
from avistar_gui.texts import count
from avistar_gui.widgets.banner import Message

translate = QCoreApplication.translate

Act = Callable[[], None]


def recognised(survey: LibraryEntry, go_on: Act, start_new: Act) -> Message:
    """A survey whose photos lie in another folder by now."""

    def title() -> str:
        text = translate("SurveyCare", "This is {name}, last seen at {folder}. {reviewed} of {total} reviewed.")
        return text.format(
            name=printable(survey.name),
            folder=printable(survey.folder),
            reviewed=count(survey.counts.reviewed),
            total=count(survey.counts.total),
        )

    return Message(
        title,
        action=lambda: translate("SurveyCare", "Continue it"),
        on_action=go_on,
        other=lambda: translate("SurveyCare", "Start a new one"),
        on_other=start_new,
    )


def locate() -> str:
    """On the button that asks for a survey's folder."""
    return translate("SurveyCare", "Locate…")


def foreign(folder: str, again: Act) -> Message:
    """A folder that holds other photos than the survey's."""
    return Message(
        lambda: translate("SurveyCare", "The photos of this survey aren't in that folder."),
        printable(folder),
        "error",
        action=locate,
        on_action=again,
    )


def damaged(reason: str, restore: Act) -> Message:
    """A survey's file can't be read any more."""
    return Message(
        lambda: translate("SurveyCare", "The file of this survey is damaged."),
        reason,
        "error",
        action=lambda: translate("SurveyCare", "Restore…"),
        on_action=restore,
    )


def rescued(rescue: Rescue) -> Message:
    """A damaged survey is whole again."""

    def title() -> str:
        text = translate("SurveyCare", "Restored: {photos} photos, {reviewed} reviewed.")
        said = text.format(photos=count(rescue.photos), reviewed=count(rescue.reviewed))
        if rescue.lost:
            said += " " + CareNumbers().lost(rescue.lost)
        return said

    return Message(title, rescue.aside, "done")


def merged(merging: Merged) -> Message:
    """Two surveys are one."""

    def title() -> str:
        numbers = CareNumbers()
        said = [numbers.steps(merging.steps)]
        if merging.disagreed:
            said.append(numbers.disagreed(merging.disagreed))
        if merging.added:
            said.append(numbers.absent(merging.added))
        return " ".join(said)

    return Message(title, severity="done")


def not_done(reason: str) -> Message:
    """Nothing was changed, and why."""
    return Message(lambda: translate("SurveyCare", "That was not possible. Nothing was changed."), reason, "error")


class CareNumbers(QObject):
    """Each method says one thing of so many. Qt's tools find plurals only in a `tr`."""

    def steps(self, number: int) -> str:
        """What came in from another survey."""
        return self.tr("Merged: {number} step(s) of reviewing came in.", "", number).format(number=count(number))

    def disagreed(self, number: int) -> str:
        """Photos of which people say different things."""
        return self.tr("People disagree on {number} photo(s).", "", number).format(number=count(number))

    def absent(self, number: int) -> str:
        """Photos that only the other survey knows."""
        text = self.tr("{number} photo(s) of the other survey aren't in this folder.", "", number)
        return text.format(number=count(number))

    def lost(self, number: int) -> str:
        """What could not be read of a damaged survey."""
        text = self.tr("{number} row(s) could not be read; photos without an answer wait again.", "", number)
        return text.format(number=count(number))

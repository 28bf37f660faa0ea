"""What the command line says of pictures, in English and Spanish."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from avistar.message import Message, localized
from avistar.species import inside_sentence

if TYPE_CHECKING:
    from avistar.classifier import Classifier
    from avistar.identification import Identification
    from avistar.species import Group, Language, Species

_FLAGS = {
    "incomplete": Message("only a part of the file can be read"),
    "first_frame": Message("first frame of an animation"),
    "preview": Message("the camera's preview of a raw photo"),
    "video_frame": Message("one frame of the video"),
}


def locale_language(environment: Mapping[str, str] = os.environ) -> Language:
    """Spanish where the environment (or, on Windows, the user's settings) asks for it, else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return "es" if environment[variable].lower().startswith("es") else "en"
    name = (locale.getlocale()[0] or "").lower()
    return "es" if name.startswith(("es_", "spanish")) else "en"


@dataclass(frozen=True, slots=True)
class Sentences:
    """Everything that is said of pictures, in one language, with one model's species and groups."""

    language: Language
    species: Mapping[str, Species]
    groups: Mapping[str, Group]

    @classmethod
    def of(cls, classifier: Classifier, language: Language) -> Sentences:
        """Words for what `classifier` knows."""
        return cls(language, {one.id: one for one in classifier.species}, {one.id: one for one in classifier.groups})

    def percent(self, share: float) -> str:
        """A share (0 to 1) for people; nothing short of certainty is rounded up to 100 %."""
        text = f"{min(100 * share, 99.9):.1f}"
        return f"{text.replace('.', ',')} %" if self.language == "es" else f"{text}%"

    def species_name(self, id: str) -> str:
        """A species' common name."""
        return self.species[id].name(self.language)

    def group_name(self, id: str) -> str:
        """A group's name."""
        return self.groups[id].name(self.language)

    def decision(self, answer: Identification) -> str:
        """What is decided of an answered picture: 'species', 'a canid, probably wolf or collie', 'unknown: …'."""
        decision = answer.decision
        if decision is None:
            return ""
        if decision.kind == "species":
            return Message("species").to(self.language)
        if decision.kind == "unknown":
            return self._unknown(decision.reason).to(self.language)
        group = self.group_name(decision.id)
        names = Message(" or ").to(self.language).join(self._in_a_sentence(one) for one in decision.candidates)
        if group[0] in "aeiou":
            said = Message("an {group}, probably {names}", group=group, names=names)
        else:
            said = Message("a {group}, probably {names}", group=group, names=names)
        return f"{said.to(self.language)} ({self.percent(decision.confidence)})"

    def _unknown(self, reason: str) -> Message:
        if reason == "unfamiliar":
            return Message("unknown: looks like none of the {number} species", number=len(self.species))
        if reason == "off_list":
            return Message("unknown: looks like a species that isn't on the list")
        return Message("unknown: could be several species")

    def failure(self, answer: Identification) -> str:
        """Why a picture has no answer, without the file's name."""
        failure = answer.failure
        if failure is None:
            return ""
        return localized(failure.message, self.language).removeprefix(f"{answer.source}: ")

    def flags(self, answer: Identification) -> str:
        """What else there is to say of a picture: 'the file is cut off'."""
        return ", ".join(_FLAGS[flag].to(self.language) for flag in answer.flags)

    def _in_a_sentence(self, id: str) -> str:
        return inside_sentence(self.species_name(id), self.language)


def pictures(number: int) -> Message:
    """'1 picture', '2 pictures'."""
    return Message.counted("{number:,} picture", "{number:,} pictures", number)


def folders(number: int) -> Message:
    """'1 folder', '2 folders'."""
    return Message.counted("{number:,} folder", "{number:,} folders", number)


def other_files(number: int) -> Message:
    """'1 other file', '2 other files'."""
    return Message.counted("{number:,} other file", "{number:,} other files", number)


def bursts(number: int) -> Message:
    """'1 burst', '2 bursts'."""
    return Message.counted("{number:,} burst", "{number:,} bursts", number)

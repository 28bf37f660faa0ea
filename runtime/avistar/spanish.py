"""What Avistar says of faults, in the reader's language.

Errors are made in English, wherever they arise. Their Spanish is found by the form of the sentence, which
`messages_es.json` lists with its holes; what stands in a hole is translated in the same way. A test holds the
list against every error in the code, so a sentence without Spanish can't enter.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from avistar.species import Language

HOLE = "{}"
_DEPTH = 4
"""Messages in messages in messages: an error's cause may have one of its own."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A sentence with holes: what it looks like in English, and how it is said in Spanish."""

    pattern: re.Pattern[str]
    spanish: str

    @classmethod
    def of(cls, english: str, spanish: str) -> _Form:
        """The form as two texts, holes as {} in English and as {0}, {1} … in Spanish."""
        parts = [re.escape(part) for part in english.split(HOLE)]
        return cls(re.compile("(.*?)".join(parts), re.DOTALL), spanish)


def told(text: str, language: Language) -> str:
    """`text`, which Avistar said of a fault, in `language`; as it is where it is somebody else's sentence."""
    return text if language == "en" else _spanish(text, _DEPTH)


def _spanish(text: str, depth: int) -> str:
    plain = _plain().get(text)
    if plain is not None or depth == 0 or " " not in text:
        return plain if plain is not None else text
    for form in _forms():
        match = form.pattern.fullmatch(text)
        if match is not None:
            return form.spanish.format(*(_spanish(held, depth - 1) for held in match.groups()))
    return _pieces(text, depth - 1)


def _pieces(text: str, depth: int) -> str:
    """Several sentences in one, or one about something: 'card.avistar: it is damaged (…)'."""
    first, found, detail = text.rpartition(" (")
    detailed = found and detail.endswith(")")
    if detailed and (spanish := _spanish(first, depth)) != first:
        return f"{spanish} ({_spanish(detail[:-1], depth)})"
    for mark in ("; ", ": "):
        before, found, after = text.partition(mark)
        pieces = [_spanish(before, depth), _spanish(after, depth)]
        if found and pieces != [before, after]:
            return mark.join(pieces)
    return f"{first} ({_spanish(detail[:-1], depth)})" if detailed else text


@cache
def _listed() -> dict[str, dict[str, str]]:
    listed: dict[str, dict[str, str]] = json.loads(
        resources.files("avistar").joinpath("messages_es.json").read_text("utf-8")
    )
    return listed


@cache
def _plain() -> dict[str, str]:
    """Sentences without a hole."""
    return {english: text for part in _listed().values() for english, text in part.items() if HOLE not in english}


@cache
def _forms() -> tuple[_Form, ...]:
    """Sentences with holes, the most particular first: the one with the most words of its own."""
    found = {english: text for part in _listed().values() for english, text in part.items() if HOLE in english}
    return tuple(_Form.of(english, found[english]) for english in sorted(found, key=_own_letters, reverse=True))


def _own_letters(english: str) -> tuple[int, int]:
    return sum(c.isalpha() for c in english), len(english)

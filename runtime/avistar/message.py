"""What Avistar says to people: English sentences that remember what they are made of, and their Spanish.

    raise UsageError("{folder} is no folder: make it first", folder=folder)     # an error takes sentence and values
    problems.append(Message("{file} has no rows", file=path.name))              # so does anything else that is said

The sentence is the key: no f-string, fields have names. Its Spanish stands in `locale/es/LC_MESSAGES/avistar.po`;
`python scripts/translations.py` adds new sentences there and compiles the file, and a test names those without Spanish.

A `Message` is the English text, so whatever takes a text takes it; `to` says it in another language. Values that are
errors or messages are said in that language too. What comes back as a mere text (from a catalogue on disk, or from
another process) is recognised by `localized`, with the same sentences.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from numbers import Real
from typing import Literal, Self

Language = Literal["en", "es"]
Value = str | Real

_DEPTH = 4
"""Messages in messages in messages: an error's cause may have one of its own."""


class Message(str):
    """An English sentence about something, which can be said in another language.

    Attributes:
        key: The sentence with its fields: `"{file} has no rows"`.
        many: The sentence for every number but one, where it has two forms, else "".
        values: What stands in the fields.
    """

    __slots__ = ("key", "many", "values")

    key: str
    many: str
    values: Mapping[str, Value]

    def __new__(cls, key: str, /, **values: object) -> Self:
        """`key` with `values` in its fields; without values, `key` as it is, braces and all."""
        return cls._made(key, "", values)

    @classmethod
    def counted(cls, one: str, many: str, number: int, /, **values: object) -> Self:
        """The sentence `one` where `number` is 1, else `many`; both may have a field {number}."""
        return cls._made(one, many, {"number": number, **values})

    @classmethod
    def _made(cls, key: str, many: str, values: Mapping[str, object]) -> Self:
        kept = {name: _kept(value) for name, value in values.items()}
        form = many if many and kept["number"] != 1 else key
        message = super().__new__(cls, form.format_map(kept) if kept else form)
        message.key, message.many, message.values = key, many, kept
        return message

    def __reduce__(self) -> tuple[object, ...]:
        return type(self)._made, (self.key, self.many, self.values)

    def to(self, language: Language) -> str:
        """The sentence in `language`, and what stands in it as far as it is a message too."""
        if language == "en":
            return str(self)
        catalogue = _catalogue(language)
        form = catalogue.ngettext(self.key, self.many, self._number()) if self.many else catalogue.gettext(self.key)
        if not self.values:
            return form
        return form.format_map({name: _in(value, language) for name, value in self.values.items()})

    def _number(self) -> int:
        number = self.values["number"]
        return number if isinstance(number, int) else 0


class TwoNames(Message):
    """The name of something in both languages: what stands in a sentence where no translation can know it."""

    __slots__ = ()

    @classmethod
    def of(cls, english: str, spanish: str) -> Self:
        """It reads as `english`, and as `spanish` in a Spanish sentence."""
        return cls._made("{en}", "", {"en": english, "es": spanish or english})

    def to(self, language: Language) -> str:
        """The name in `language`."""
        return str(self.values[language])


def localized(said: object, language: Language) -> str:
    """A message, an error or a text that Avistar once made, in `language`; somebody else's sentence as it is."""
    if language == "en":
        return str(said)
    message = message_of(said) if isinstance(said, BaseException) else said
    if isinstance(message, Message) and message.values:
        return message.to(language)
    return _recognised(str(message), language, _DEPTH)


def message_of(error: BaseException) -> Message:
    """What an error says; for one that isn't Avistar's, the system's sentence as far as it is known."""
    carried = error.args[0] if error.args else None
    if isinstance(carried, Message):
        return carried
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        number, reason = error.errno, Message(error.strerror)
        for known in (
            Message("[Errno {number}] {reason}: {file!r}", number=number, reason=reason, file=error.filename),
            Message("[Errno {number}] {reason}", number=number, reason=reason),
        ):
            if known == text:
                return known
    return Message(text)


def reason_of(error: BaseException) -> Message:
    """Why a file can't be read or written, without its name: 'Permission denied'."""
    reason = getattr(error, "strerror", None)
    if not reason:
        return message_of(error)
    return reason if isinstance(reason, Message) else Message(reason)


def joined(separator: str, parts: Iterable[str]) -> Message:
    """Several messages in one: 'it was changed since; its original is gone'."""
    named = {f"part{number}": part for number, part in enumerate(parts)}
    return Message(separator.join(f"{{{name}}}" for name in named), **named)


def _kept(value: object) -> Value:
    """A value as a message holds it: plain, so that it can go to another process."""
    if isinstance(value, BaseException):
        return message_of(value)
    return value if isinstance(value, (str, Real)) else format(value)


def _in(value: Value, language: Language) -> Value:
    return value.to(language) if isinstance(value, Message) else value


@cache
def _catalogue(language: Language) -> gettext.GNUTranslations:
    with resources.files("avistar").joinpath("locale", language, "LC_MESSAGES", "avistar.mo").open("rb") as stream:
        return gettext.GNUTranslations(stream)


def _recognised(text: str, language: Language, depth: int) -> str:
    plain, forms = _sentences(language)
    if text in plain or depth == 0 or " " not in text:
        return plain.get(text, text)
    for pattern, form in forms:
        match = pattern.fullmatch(text)
        if match is not None:
            held = {name: _recognised(part, language, depth - 1) for name, part in match.groupdict().items()}
            return form.format_map(held)
    return _in_pieces(text, language, depth - 1)


def _in_pieces(text: str, language: Language, depth: int) -> str:
    """Several sentences in one, or one about something: 'card.avistar: it is damaged (…)'."""
    first, found, detail = text.rpartition(" (")
    detailed = found and detail.endswith(")")
    if detailed and (said := _recognised(first, language, depth)) != first:
        return f"{said} ({_recognised(detail[:-1], language, depth)})"
    for mark in ("; ", ": "):
        before, found, after = text.partition(mark)
        pieces = [_recognised(before, language, depth), _recognised(after, language, depth)]
        if found and pieces != [before, after]:
            return mark.join(pieces)
    return f"{first} ({_recognised(detail[:-1], language, depth)})" if detailed else text


@cache
def _sentences(language: Language) -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Sentences without a field, and those with fields by what they look like, the most particular first."""
    listed: dict[str | tuple[str, int], str] = vars(_catalogue(language))["_catalog"]
    known = {key: said for key, said in listed.items() if isinstance(key, str) and key}
    worded = (key for key in known if _FIELD.search(key) and _own_letters(key) > (0, 0))
    fielded = sorted(worded, key=_own_letters, reverse=True)
    plain = {key: said for key, said in known.items() if not _FIELD.search(key)}
    return plain, tuple((_pattern(key), _FIELD.sub(r"{\1}", known[key])) for key in fielded)


_FIELD = re.compile(r"(?<!\{)\{(\w+)(?:![rsa])?(?::[^{}]*)?\}")


def _pattern(key: str) -> re.Pattern[str]:
    found, seen, last = "", set[str](), 0
    for field in _FIELD.finditer(key):
        found += re.escape(_plain(key[last : field.start()]))
        found += f"(?P={field[1]})" if field[1] in seen else f"(?P<{field[1]}>.*?)"
        seen.add(field[1])
        last = field.end()
    return re.compile(found + re.escape(_plain(key[last:])), re.DOTALL)


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def _own_letters(key: str) -> tuple[int, int]:
    bare = _FIELD.sub("{}", key)
    letters = sum(letter.isalpha() for letter in bare)
    return letters, len(bare) if letters else 0


_OF_THE_SYSTEM = (
    Message("Cannot allocate memory"),
    Message("Connection refused"),
    Message("Connection timed out"),
    Message("Device or resource busy"),
    Message("Directory not empty"),
    Message("Disk quota exceeded"),
    Message("File exists"),
    Message("File name too long"),
    Message("File too large"),
    Message("Host is down"),
    Message("Input/output error"),
    Message("Invalid argument"),
    Message("Invalid cross-device link"),
    Message("Is a directory"),
    Message("No space left on device"),
    Message("No such device"),
    Message("No such device or address"),
    Message("No such file or directory"),
    Message("Not a directory"),
    Message("Operation not permitted"),
    Message("Permission denied"),
    Message("Read-only file system"),
    Message("Stale file handle"),
    Message("Too many levels of symbolic links"),
    Message("Too many open files"),
    Message("Transport endpoint is not connected"),
    Message("attempt to write a readonly database"),
    Message("database disk image is malformed"),
    Message("database is locked"),
    Message("database or disk is full"),
    Message("disk I/O error"),
    Message("file is not a database"),
    Message("unable to open database file"),
)
"""What systems and SQLite say of files, so that it has its Spanish too."""

"""The files of a multipart form (RFC 7578), and their names in each of the ways in which clients write them."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterable
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

# A broken form is answered; a line in the log for each would help nobody.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_EXTENDED = re.compile(r";\s*filename\*\s*=\s*(?P<charset>[^';\s]*)'[^';\s]*'(?P<value>[^;\s]*)", re.IGNORECASE)
_CHARSETS = frozenset(("utf-8", "iso-8859-1"))
"""What RFC 5987 has recipients know; RFC 8187 leaves the first."""


class FormError(ValueError):
    """A form that can't be read; its text says why and what to do."""


async def files_of(chunks: AsyncIterable[bytes], content_type: str, most: int) -> list[tuple[str, bytes]]:
    """The name and the bytes of each file of a form, in their order.

    Args:
        chunks: The body as it comes.
        content_type: The header that names the form's boundary.
        most: How many files, and how many other fields, the form may have.

    Returns:
        A pair for each part that has a file's name, which may be empty.

    Raises:
        FormError: It is no form, has too many parts, or ends before its last boundary.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise FormError("its Content-Type names no boundary")
    form = _Form(most)
    try:
        parser = form.parser(boundary)
        async for chunk in chunks:
            parser.write(chunk)
    except FormParserError as error:
        raise FormError(str(error)) from error
    if not form.whole:
        raise FormError("it was cut: its last boundary is missing, so a part of a picture may be, too. Send it again")
    return form.files


class _Form:
    """Gathers what the parser finds."""

    def __init__(self, most: int) -> None:
        self.files: list[tuple[str, bytes]] = []
        self.whole = False
        self._most = most
        self._fields = 0
        self._name: str | None = None
        self._header, self._value, self._data = bytearray(), bytearray(), bytearray()

    def parser(self, boundary: bytes) -> MultipartParser:
        """A parser that hands its findings to this form."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._name = None
        self._data = bytearray()

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._name = file_name(bytes(self._value))
        self._header.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        if self._name is None:
            self._fields += 1
        if max(self._fields, len(self.files) + (self._name is not None)) > self._most:
            raise FormError(f"a form may have {self._most} files and as many other fields at most")

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self._name is not None:
            self._data += memoryview(data)[start:end]

    def _end_part(self) -> None:
        if self._name is not None:
            self.files.append((self._name, bytes(self._data)))
            self._data = bytearray()

    def _end(self) -> None:
        self.whole = True


def file_name(disposition: bytes) -> str | None:
    """The file's name in a Content-Disposition header.

    Args:
        disposition: The header's value. `filename*` (RFC 5987) comes before `filename`, which may be UTF-8 as it is or
            encoded as .NET does it (RFC 2047); a name that can't be decoded is given as it was sent.

    Returns:
        None where the part has no file's name, so is no file.
    """
    header = disposition.decode("latin-1")
    extended = _EXTENDED.search(_QUOTED.sub('""', header))
    if extended is not None and extended["charset"].lower() in _CHARSETS:
        try:
            return unquote(extended["value"], extended["charset"], "strict")
        except UnicodeDecodeError:
            pass  # the plain one, if there is one
    plain = parse_options_header(header)[1].get(b"filename")
    if plain is None:
        return None if extended is None else extended["value"]
    return _decoded(plain.decode("utf-8", "replace"))


def _decoded(name: str) -> str:
    """`name` without RFC 2047's encoding; as it is where that can't be read."""
    try:
        return str(make_header(decode_header(name))) if name.startswith("=?") else name
    except (HeaderParseError, ValueError, LookupError):  # no such encoding, or bytes that it doesn't have
        return name

"""Text on any terminal, pipe or encoding: what can't be shown is spelt plainly, never an error."""

from __future__ import annotations

import codecs
import io
import os
import shlex
import subprocess
import sys
import unicodedata
import warnings
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN = {"×": "x", "·": "-", "–": "-", "—": "-", "…": "...", "’": "'", "\u202f": " "}

_HIDDEN = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def prepare_streams() -> None:
    """Hide warnings, and let stdout and stderr spell what their encoding lacks: 'alemán' is 'aleman' in ASCII."""
    # Pillow's remarks on odd metadata are for programmers; what matters is in the answers.
    warnings.simplefilter("ignore")
    codecs.register_error("avistar", _spell_plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="avistar")


def visible(text: str) -> str:
    """`text` without what would steer a terminal: a file's name may hold escape sequences or line ends."""
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" or c in _HIDDEN else c for c in text)


def tell(text: str) -> None:
    """One line of the answer, on stdout."""
    # Named, since typer writes UTF-8 to a stream that it finds by itself and that is ASCII.
    typer.echo("\n".join("\t".join(map(visible, line.split("\t"))) for line in text.split("\n")), file=sys.stdout)


def note(text: str, *, quiet: bool = False) -> None:
    """A remark for people, on stderr: a line, and below it what it lists, each entry indented by two."""
    if not quiet:
        typer.echo("\n  ".join(map(visible, text.split("\n  "))), file=sys.stderr)


def command_line(*words: str | os.PathLike[str]) -> str:
    """A command as it can be typed: what holds blanks or signs is quoted."""
    plain = [os.fspath(word) for word in words]
    return subprocess.list2cmdline(plain) if sys.platform == "win32" else shlex.join(plain)


def rich_console(*, stderr: bool = False) -> Console:
    """A rich console for a terminal; a pipe gets lines of any length, not 80 columns."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 400, highlight=False, markup=False)


def _spell_plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    plain = "".join(_plain(c) for c in error.object[error.start : error.end])
    return plain, error.end


def _plain(character: str) -> str:
    spelt = _PLAIN.get(character) or unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return spelt or "?"


class Steps:
    """The progress of long steps on stderr: one line written over on a terminal, `lines` a step elsewhere."""

    def __init__(self, lines: int = 1) -> None:
        self._lines = lines
        self._terminal = sys.stderr.isatty()

    def __call__(self, what: str, done: int, total: int) -> None:
        """`done` of `total` parts of `what` are done."""
        share = f"{what}: {done} of {total}"
        if self._terminal:
            typer.echo(f"\r\x1b[K{share}", file=sys.stderr, nl=done == total)
        elif done == total or done % max(1, total // self._lines) == 0:
            note(share)

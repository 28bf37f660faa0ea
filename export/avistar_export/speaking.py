"""What a long verb says while it works: lines for people, or JSON lines for the program that started it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from avistar.cli.console import Steps, note, tell

INTERRUPTED = 130
"""What shells give a program that Ctrl-C ended."""
_LEAST_PAUSE_S = 0.1


class Speaker:
    """Text: progress and remarks on stderr, the result on stdout. JSON: one object a line, all on stdout.

    Events: `progress` (what, done, total), `note` (text), and last either `done` (text, file) or `failed`
    (code, text).
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        self._steps = Steps()
        self._told = 0.0

    def progress(self, what: str, done: int, total: int) -> None:
        """`done` of `total` parts of `what` are done."""
        if not self._as_json:
            self._steps(what, done, total)
        elif done == total or time.monotonic() - self._told >= _LEAST_PAUSE_S:
            self._told = time.monotonic()
            self._event("progress", what=what, done=done, total=total)

    def say(self, text: str) -> None:
        """A remark."""
        if self._as_json:
            self._event("note", text=text)
        else:
            note(text)

    def done(self, text: str, file: Path) -> None:
        """The result."""
        if self._as_json:
            self._event("done", text=text, file=str(file))
        else:
            tell(text)

    def failed(self, code: int, text: str) -> None:
        """Why it ends with the exit code `code`."""
        if self._as_json:
            self._event("failed", code=code, text=text)
        else:
            note(f"avistar: {text}")

    def _event(self, event: str, **facts: object) -> None:
        tell(json.dumps({"event": event, **facts}, ensure_ascii=False))
        sys.stdout.flush()


@contextmanager
def stoppable(speaker: Speaker) -> Iterator[None]:
    """End with `INTERRUPTED` on Ctrl-C, and treat a request to terminate, as the app's, like it."""
    own = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if own else None
    try:
        yield
    except KeyboardInterrupt as error:
        speaker.failed(INTERRUPTED, "stopped; the bundle is as it was")
        if any(thread.name == "avistar-build" for thread in threading.enumerate()):
            # A library that doesn't stop can't be left behind in an orderly way.
            sys.stdout.flush()
            os._exit(INTERRUPTED)
        raise typer.Exit(INTERRUPTED) from error
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)

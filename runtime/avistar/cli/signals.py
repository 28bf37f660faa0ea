"""Ctrl-C and requests to end: once everything is closed, twice at once, with the exit codes that shells expect."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

INTERRUPTED = 130
"""What shells give a program that Ctrl-C ended; a verb that was interrupted ends with it."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_LEAVING_S = 3.0
"""Seconds in which threads may end once all is stored."""

_met: list[int] = []


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt as Ctrl-C does; a second signal ends the process at once.

    One that whoever started this process has ignored, as `nohup` does, stays ignored.
    """
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    _met.append(number)
    if len(_met) > 1:
        os._exit(128 + number)
    raise KeyboardInterrupt


def ended_by_signal() -> bool:
    """Whether a signal ended this process's work: what fails then is mostly its consequence."""
    return bool(_met)


def leave(code: int) -> None:
    """End the process with `code`; after a signal with 128 + its number, and without waiting for threads for long.

    What a verb did before the signal came, and what it says of its end, has been stored by then.
    """
    if not _met or code not in (INTERRUPTED, 0, 1):
        sys.exit(code)
    code = 128 + _met[0]
    end = threading.Timer(_LEAVING_S, _exit_now, (code,))
    end.daemon = True
    end.start()
    sys.exit(code)


def _exit_now(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)

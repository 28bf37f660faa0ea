"""uvicorn's server, ended as every verb is: by Ctrl-C, SIGTERM and SIGHUP alike, and within seconds."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn

GRACE_S = 5
"""Seconds that requests may still take once the service is told to end."""

_HARD_END_S = 3
"""Seconds after these in which threads may end by themselves: nothing stops a decoder in the middle of a picture."""


class Server(uvicorn.Server):
    """Answers what was taken, for up to `GRACE_S`, once it is told to end; told so twice, it ends at once.

    Nothing is lost by that: a service stores nothing. `run` ends in SystemExit with 128 + the signal's number.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._met: list[int] = []
        logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """See `uvicorn.Server.capture_signals`."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        # A signal that whoever started us has ignored (nohup, a shell's background job) stays so.
        before = {number: signal.signal(number, self.handle_exit) for number in numbers
                  if signal.getsignal(number) is not signal.SIG_IGN}  # fmt: skip
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if self._met:
            sys.exit(128 + self._met[0])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See `uvicorn.Server.handle_exit`."""
        if self.should_exit:
            os._exit(128 + sig)
        self._met.append(sig)
        self.should_exit = True
        end = threading.Timer(GRACE_S + _HARD_END_S, os._exit, (128 + sig,))
        end.daemon = True
        end.start()


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """False for the trace of a request that was given up at the end: that was meant."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))

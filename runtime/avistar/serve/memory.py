"""Giving back the memory of large pictures: what the C library keeps for later is kept for good in a service."""

from __future__ import annotations

import asyncio
import ctypes
import sys

LARGE_BYTES = 4_000_000
"""Of a request's body; smaller ones leave nothing worth looking for."""

_BLOCK = 1 << 20
_TRIM_S = 1.0
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc


def _library() -> ctypes.CDLL | None:
    """glibc; None where another C library is in use, which has none of this."""
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if library is not None and hasattr(library, "malloc_trim") else None


def return_large_blocks() -> bool:
    """Let blocks of a megabyte and more go back to the system when they are freed; whether that can be had here.

    glibc does so at first, but each large block that is freed raises the size from which it does, up to 32 MB. What
    is smaller then lies between what is still in use, and the heap can't shrink: pixels come in blocks of 16 MB.
    """
    library = _library()
    return library is not None and bool(
        library.mallopt(_M_MMAP_THRESHOLD, _BLOCK) and library.mallopt(_M_TRIM_THRESHOLD, _BLOCK)
    )


class MemoryTrim:
    """Gives free pages back a second after the last large request, at most once for all that came meanwhile."""

    def __init__(self) -> None:
        self._library = _library()
        self._waiting: asyncio.TimerHandle | None = None

    def after(self, body_bytes: int) -> None:
        """A request with so many bytes was answered."""
        if self._library is None or body_bytes < LARGE_BYTES:
            return
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.get_running_loop().call_later(_TRIM_S, self._trim)

    def _trim(self) -> None:
        self._waiting = None
        if self._library is not None:
            self._library.malloc_trim(0)

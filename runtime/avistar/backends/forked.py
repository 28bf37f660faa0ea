"""Children of fork get a copy of a backend without its threads: freeing it would wait for them for ever.

So it is inert there: what it holds is never freed, the child's end frees it, and closing it does nothing.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

_held: WeakKeyDictionary[object, Mapping[str, Callable[[], Any]]] = WeakKeyDictionary()


def inert_in_children(owner: object, attributes: Mapping[str, Callable[[], Any]]) -> None:
    """In a child of fork, never free what `owner` holds in `attributes`; each is then what its function makes."""
    _held[owner] = attributes


def nothing() -> None:
    """What a backend holds that was closed."""


def _leak() -> None:
    for owner, attributes in list(_held.items()):
        for name, made in attributes.items():
            # One reference that nobody gives back: no end of the interpreter destroys it.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(getattr(owner, name)))
            setattr(owner, name, made())


HOLDS_LOCK: Mapping[str, Callable[[], Any]] = {"_lock": threading.Lock}
"""A lock that another thread held at the fork is held in the child for ever."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leak)

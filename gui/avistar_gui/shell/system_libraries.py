"""Which system libraries Qt misses, said before Qt aborts. Needs no Qt itself."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from importlib import util
from pathlib import Path

# Library to Debian/Ubuntu package.
_PACKAGES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libGLX": "libgl1",
    "libOpenGL": "libopengl0",
    "libxkbcommon": "libxkbcommon0",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libxcb-cursor": "libxcb-cursor0",
    "libxcb-icccm": "libxcb-icccm4",
    "libxcb-image": "libxcb-image0",
    "libxcb-keysyms": "libxcb-keysyms1",
    "libxcb-randr": "libxcb-randr0",
    "libxcb-render-util": "libxcb-render-util0",
    "libxcb-render": "libxcb-render0",
    "libxcb-shape": "libxcb-shape0",
    "libxcb-shm": "libxcb-shm0",
    "libxcb-sync": "libxcb-sync1",
    "libxcb-util": "libxcb-util1",
    "libxcb-xfixes": "libxcb-xfixes0",
    "libxcb-xinerama": "libxcb-xinerama0",
    "libxcb-xkb": "libxcb-xkb1",
    "libxcb": "libxcb1",
    "libX11": "libx11-6",
    "libX11-xcb": "libx11-xcb1",
    "libSM": "libsm6",
    "libICE": "libice6",
    "libdbus-1": "libdbus-1-3",
    "libfontconfig": "libfontconfig1",
    "libfreetype": "libfreetype6",
    "libglib-2.0": "libglib2.0-0",
    "libgthread-2.0": "libglib2.0-0",
    "libwayland-client": "libwayland-client0",
    "libwayland-cursor": "libwayland-cursor0",
    "libwayland-egl": "libwayland-egl1",
}
# One missing library is seldom alone: these together are what a fresh machine needs.
USUAL = (
    "libegl1", "libgl1", "libxkbcommon0", "libxkbcommon-x11-0", "libdbus-1-3", "libfontconfig1",
    "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0", "libxcb-xkb1",
)  # fmt: skip
_MISSING = re.compile(r"(lib[\w.+-]+?)\.so[\w.]*: cannot open shared object file")


def missing_library(message: str) -> str | None:
    """The library that a loader's message misses ('libEGL'), None for another message."""
    found = _MISSING.search(message)
    return found.group(1) if found else None


def cure(library: str) -> str:
    """One line: which library is missing, and the command that installs it."""
    package = _PACKAGES.get(library)
    packages = [*([package] if package else []), *(one for one in USUAL if one != package)]
    return (
        f"the desktop app needs the system library {library}, which is not installed. "
        f"On Debian or Ubuntu: sudo apt install {' '.join(packages)}"
    )


def display_problem() -> str | None:
    """Why no window can be opened on this Linux machine, as one line; None where nothing is known to be wrong.

    Qt ends the process when its platform plugin misses a library, so the plugin is loaded here first.
    """
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "xcb") not in ("xcb", "wayland"):
        return None
    x11, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if not (x11 or wayland):
        return "there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): use `avistar identify`"
    wanted = [plugin for plugin, there in (("libqwayland.so", wayland), ("libqxcb.so", x11)) if there]
    messages = [message for plugin in wanted if (message := _load_error(plugin)) is not None]
    if len(messages) < len(wanted):  # Qt tries one after the other: one that loads is enough
        return None
    library = next((name for message in messages if (name := missing_library(message))), None)
    return cure(library) if library else None


def _load_error(plugin: str) -> str | None:
    spec = util.find_spec("PySide6")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        path = Path(folder, "Qt", "plugins", "platforms", plugin)
        if path.is_file():
            try:
                ctypes.CDLL(str(path))
            except OSError as error:
                return str(error)
            return None
    return None  # not where it is expected: let Qt look

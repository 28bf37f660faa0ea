"""Puts the app into the menu of a Linux desktop: its entry, icon and AppStream description."""

from __future__ import annotations

import os
import sys
from importlib import resources
from pathlib import Path

from avistar.errors import UsageError

PLACES = {
    "avistar.desktop": "applications/avistar.desktop",
    "avistar.metainfo.xml": "metainfo/avistar.metainfo.xml",
    "avistar.svg": "icons/hicolor/scalable/apps/avistar.svg",
}


def install(share: Path | None = None) -> list[Path]:
    """Write the files below `share` (default: the user's own, by XDG_DATA_HOME); where they are now.

    The entry starts the `avistar` beside this Python, wherever it was installed. Raises `UsageError` on
    systems without such menus.
    """
    if sys.platform != "linux":
        raise UsageError("menu entries of this kind are for Linux desktops: on this system, pin the running app")
    share = share or Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    package = resources.files("avistar_gui")
    written = []
    for name, place in PLACES.items():
        text = package.joinpath("icons" if name.endswith(".svg") else "desktop", name).read_text("utf-8")
        target = share / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace("Exec=avistar ", f"Exec={_command()} "), "utf-8")
        written.append(target)
    return written


def _command() -> str:
    """The program, quoted as the Desktop Entry Specification 1.5 asks (a literal per cent sign is doubled)."""
    beside = Path(sys.executable).with_name("avistar")
    if not beside.exists():
        return "avistar"
    escaped = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in str(beside))
    return '"' + escaped.replace("%", "%%") + '"'

"""How the app starts another `avistar`: for work that is long, needs other libraries, or could crash."""

from __future__ import annotations

import sys


def avistar_command(*arguments: str) -> list[str]:
    """The command line of `avistar` with `arguments`, by this interpreter or by the built program itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-c", "from avistar.cli.main import run; run()", *arguments]

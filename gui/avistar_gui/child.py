"""How the app starts another `avistar`: for work that is long, needs other libraries, or could crash."""

from __future__ import annotations

import sys
from pathlib import Path


def avistar_command(*arguments: str) -> list[str]:
    """The command line of `avistar` with `arguments`, by this interpreter or by the built program.

    In the built program the window may be `avistar-app`; the command line is the `avistar` beside it.
    """
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        return [str(program.with_name(f"avistar{program.suffix}")), *arguments]
    return [sys.executable, "-c", "from avistar.cli.main import run; run()", *arguments]

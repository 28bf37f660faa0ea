"""Where the one-folder program starts: `avistar` is the command line, `avistar-app` the window."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

from avistar.cli.main import run

if __name__ == "__main__":
    multiprocessing.freeze_support()
    # The loader points Linux at its own libraries; programs of the system that we start must not take those.
    if getattr(sys, "frozen", False) and sys.platform == "linux":
        before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
        os.environ.pop("LD_LIBRARY_PATH", None)
        if before:
            os.environ["LD_LIBRARY_PATH"] = before
    # A program without a console has no streams on Windows; whatever is said goes nowhere, instead of failing.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as we run
    if Path(sys.executable).stem == "avistar-app":
        sys.argv.insert(1, "gui")
    run()

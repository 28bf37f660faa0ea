"""Build a TensorRT engine on the machine that will run it: `python export/build_engine.py --bundle models/default …`.

The same as `avistar export engine`; also runs from a checkout that was never installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(_ROOT / "runtime"), str(_ROOT / "export")]

if __name__ == "__main__":
    import typer

    from avistar_export.cli import engine

    typer.run(engine)

"""Brings the app's translations up to date: texts from the code into .ts, .ts into the .qm that the app loads.

python scripts/translations.py            write both
python scripts/translations.py --check    exit 1, naming what is stale, and write nothing
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "gui" / "avistar_gui"
FOLDER = PACKAGE / "translations"
LANGUAGES = {"es": (), "en": ("-pluralonly",)}
"""English is in the code already; only its plurals need a file."""


def build(folder: Path) -> None:
    """Update the .ts files in `folder` from the code, then compile them."""
    sources = [str(path) for path in sorted(PACKAGE.rglob("*.py"))]
    for code, options in LANGUAGES.items():
        ts = folder / f"avistar_{code}.ts"
        languages = ["-source-language", "en", "-target-language", code]
        update = [_tool("pyside6-lupdate"), *sources, *options, *languages, "-locations", "none", "-no-obsolete"]
        _call([*update, "-ts", str(ts)])
        _call([_tool("pyside6-lrelease"), "-silent", str(ts), "-qm", str(ts.with_suffix(".qm"))])


def stale() -> list[str]:
    """Names of the committed files that differ from what the code gives."""
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        for ts in FOLDER.glob("*.ts"):
            shutil.copy(ts, fresh)
        build(fresh)
        names = [f"avistar_{code}{suffix}" for code in LANGUAGES for suffix in (".ts", ".qm")]
        return [name for name in names if not _same(FOLDER / name, fresh / name)]


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()


def _tool(name: str) -> str:
    """The program that PySide6 installed beside this Python, or on the path."""
    found = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is missing: pip install 'avistar[gui]'")
    return found


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stdout}{done.stderr}")


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    if not parser.parse_args().check:
        build(FOLDER)
        return 0
    names = stale()
    if names:
        print(f"stale: {', '.join(names)}; run python scripts/translations.py")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())

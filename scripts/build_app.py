"""Builds the one-folder program: dist/avistar/, for the system that this runs on.

python scripts/build_app.py            make it
python scripts/build_app.py --check    and try it: another folder, no Python on the path, every screen

Everything happens in a fresh environment below build/app with the pins of requirements/app.txt; nothing is
installed elsewhere. What goes in and what stays out: scripts/app/parts.py.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from app import check, parts

ROOT = parts.ROOT
WORK = ROOT / "build" / "app"
TARGET = ROOT / "dist" / "avistar"
ALONE = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
"""Our environment without what would let the fresh Python see other packages than its own."""


def environment(folder: Path) -> Path:
    """A fresh virtual environment with the pinned packages and Avistar as its wheel; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], env=ALONE, check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--require-hashes", "-r", str(ROOT / "requirements" / "app.txt")], env=ALONE, check=True)
    subprocess.run([*install, "--no-deps", "--no-build-isolation", str(ROOT)], env=ALONE, check=True)
    return python


def freeze(python: Path) -> None:
    """Let PyInstaller make the folder, and put the licences of what is inside beside the programs."""
    icon = WORK / "avistar.png"
    screenless = ALONE | {"QT_QPA_PLATFORM": "offscreen", "AVISTAR_APP_ICON": str(icon)}
    subprocess.run([str(python), str(ROOT / "scripts" / "app" / "icon.py"), str(icon)], env=screenless, check=True)
    make = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    places = ["--distpath", str(TARGET.parent), "--workpath", str(WORK / "work")]
    subprocess.run([*make, *places, str(ROOT / "scripts" / "app" / "avistar.spec")], env=screenless, check=True)
    for folder in folders_made():
        subprocess.run([str(python), str(ROOT / "scripts" / "app" / "licences.py"), str(folder)], env=ALONE, check=True)


def folders_made() -> list[Path]:
    """The folder, and on macOS the application that Finder shows."""
    application = TARGET.with_name("Avistar.app") / "Contents" / "Resources"
    return [folder for folder in (TARGET, application) if folder.is_dir()]


def size_mb(folder: Path) -> float:
    """What the files of `folder` take together, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def main() -> int:
    """Build, say how large it is, and try it if wished."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="try the program that was built")
    parser.add_argument("--only-check", action="store_true", help="try the program that is there")
    options = parser.parse_args()
    if not options.only_check:
        shutil.rmtree(TARGET, ignore_errors=True)
        WORK.mkdir(parents=True, exist_ok=True)
        freeze(environment(WORK / "venv"))
    print(f"{TARGET}: Avistar {parts.version()}, {size_mb(TARGET):.0f} MB")
    return check.tried(TARGET) if options.check or options.only_check else 0


if __name__ == "__main__":
    sys.exit(main())

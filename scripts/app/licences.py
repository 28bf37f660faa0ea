"""Writes LICENCES.txt into the built folder: whose work is inside, under which terms, with the full texts."""

from __future__ import annotations

import re
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

FILE = "LICENCES.txt"
TOOLS = frozenset(
    ("pip", "setuptools", "hatchling", "pluggy", "pathspec", "trove-classifiers", "tomlkit", "altgraph", "macholib")
)
"""They build the folder and are not in it. PyInstaller's own loader is."""
QT = """Qt and PySide6 are used under the GNU Lesser General Public License, version 3. They are separate shared
libraries in the folder PySide6 and can be replaced there by others of the same interface. Their sources:
https://download.qt.io/official_releases/ (Qt) and https://code.qt.io/cgit/pyside/pyside-setup.git (PySide6);
the licence's text: https://www.gnu.org/licenses/lgpl-3.0.txt and https://www.gnu.org/licenses/gpl-3.0.txt."""
_LICENCE = re.compile(r"(^|/)(licen[cs]es?|copying|notices?|authors|thirdpartynotices|license-3rd-party)", re.I)


def texts(one: Distribution) -> Iterator[tuple[str, str]]:
    """The licence files that a package brings, name and content."""
    for file in one.files or ():
        name = str(file)
        if _LICENCE.search(name) and not name.endswith((".py", ".pyc", ".h")):
            path = Path(str(one.locate_file(file)))
            if path.is_file():
                yield name, path.read_text("utf-8", errors="replace")


def terms(one: Distribution) -> str:
    """A package's licence in a few words."""
    said = one.metadata.get("License-Expression") or (one.metadata.get("License") or "").strip().partition("\n")[0]
    classified = [c.rpartition(" :: ")[2] for c in one.metadata.get_all("Classifier") or () if c.startswith("License")]
    return said or ", ".join(classified) or "see its text"


def write(folder: Path) -> Path:
    """Write the file and return where it is."""
    found = {one.name.lower(): one for one in distributions() if one.name.lower() not in TOOLS}
    lines = ["Avistar is under the MIT licence. This folder also holds the work of others:", ""]
    lines += [f"  {found[name].name} {found[name].version}: {terms(found[name])}" for name in sorted(found)]
    lines += [f"  Python {sys.version.split()[0]}: PSF-2.0", "", QT]
    for name in sorted(found):
        for file, text in texts(found[name]):
            lines += ["", "=" * 100, f"{found[name].name}: {file}", "", text.strip()]
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if python.is_file():
        lines += ["", "=" * 100, "Python", "", python.read_text("utf-8", errors="replace").strip()]
    target = folder / FILE
    target.write_text("\n".join(lines) + "\n", "utf-8")
    return target


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))

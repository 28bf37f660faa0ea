"""Brings translations up to date: sentences from the code into .po and .ts, those into the files that are loaded.

python scripts/translations.py            write all, then name the sentences that have no Spanish yet
python scripts/translations.py --check    exit 1, naming what is stale or lacks its Spanish, and write nothing

What the program says, errors above all, is a `Message`: its Spanish stands in `runtime/avistar/locale`, by Babel.
The app's own widgets speak through Qt: `gui/avistar_gui/translations`, by Qt's tools.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gui" / "avistar_gui"
FOLDER = PACKAGE / "translations"
LANGUAGES = {"es": (), "en": ("-pluralonly",)}
"""English is in the code already; only its plurals need a file."""

PO = ROOT / "runtime" / "avistar" / "locale" / "es" / "LC_MESSAGES" / "avistar.po"
MO = PO.with_suffix(".mo")
SOURCES = ("runtime/avistar", "train/avistar_train", "export/avistar_export", "gui/avistar_gui")
ERRORS = (
    "AvistarError", "UsageError", "BundleError", "BackendUnavailable", "DeviceMemoryFull", "CatalogueError",
    "CatalogueBusy", "CatalogueDamaged", "BuildFailed", "ParityRefused", "TrainingFailed",
)  # fmt: skip
KEYWORDS = {**dict.fromkeys((*ERRORS, "Message"), None), "ImageError": (2,), "counted": (1, 2)}
"""What is called with a sentence, and where among its arguments the sentence stands: first, unless said otherwise."""


def sentences() -> Iterator[str | tuple[str, str]]:
    """Every sentence in the code, one and many as a pair."""
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            with contextlib.redirect_stderr(io.StringIO()):  # it warns of f-strings among the values
                extracted = extract_from_file("python", path, keywords=KEYWORDS)
            for _, found, _, _ in extracted:
                if any(found):
                    yield found if isinstance(found, str) else (found[0], found[1])


def catalogue() -> Catalog:
    """The sentences of the code with the Spanish that the committed file has for them."""
    wanted = Catalog(locale="es", domain="avistar")
    for sentence in sentences():
        wanted.add(sentence)
    with PO.open("rb") as stream:
        known = read_po(stream, locale="es", domain="avistar")
    known.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
    return known


def written(found: Catalog) -> dict[Path, bytes]:
    """Both files of `found`."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, found, width=116, sort_output=True, ignore_obsolete=True)
    write_mo(mo, found)
    return {PO: po.getvalue(), MO: mo.getvalue()}


def lacking(found: Catalog) -> Iterator[str]:
    """What is wrong with the Spanish: a sentence has none, or it has other fields."""
    for message in found:
        keys = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if not message.id:
            continue
        if not all(said):
            yield f"no Spanish for: {keys[0]}"
        elif message.fuzzy or any(fields(one) != fields(keys[-1]) for one in said):
            yield f"other fields in Spanish: {keys[0]}"


def fields(sentence: str) -> set[tuple[str, str, str]]:
    """The fields of a sentence, each with its conversion and format."""
    try:
        parts = list(string.Formatter().parse(sentence))
    except ValueError:  # a sentence without values may hold any braces
        return set()
    return {(name, conversion or "", form or "") for _, name, form, conversion in parts if name}


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
        found = [name for name in names if not _same(FOLDER / name, fresh / name)]
    return found + [path.name for path, data in written(catalogue()).items() if _content(path) != data]


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


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
    parser.add_argument("--check", action="store_true", help="only say what is stale or lacks its Spanish")
    names: list[str] = []
    if parser.parse_args().check:
        names = stale()
    else:
        for path, data in written(catalogue()).items():
            path.write_bytes(data)
        build(FOLDER)
    if names:
        print(f"stale: {', '.join(names)}; run python scripts/translations.py")
    problems = list(lacking(catalogue()))
    print("\n".join(problems))
    return 1 if names or problems else 0


if __name__ == "__main__":
    sys.exit(main())

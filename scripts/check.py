"""The one check command: format, lint, types, import contracts, budgets, translations, site, tests.

python scripts/check.py            everything
python scripts/check.py --fast     everything but the tests
python scripts/check.py -- -k cli  arguments after -- go to pytest
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("runtime", "train", "export", "gui")
FUNCTION_LINES, FILE_LINES = 40, 500
FILE_BYTES = 1_000_000
MODELS_BYTES = 160_000_000


WIDGETLESS = ("gui/avistar_gui/analysis/data", "gui/avistar_gui/identify/session")
"""What screens show, apart from what it looks like: import-linter can't name a part of PySide6, so it is asked here."""


def widgets_in_data() -> Iterator[str]:
    """Imports of QtWidgets where only data and state belong."""
    for folder in WIDGETLESS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                if any(name.startswith("PySide6.QtWidgets") for name in names):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} imports QtWidgets; {folder} knows no widget"


QT_METHOD = re.compile(r"_|[a-z]+[A-Z]|paint$")
"""Names of methods that Qt calls, and private ones: what they do stands in Qt's documentation."""


def silent_methods() -> Iterator[str]:
    """Public methods of the desktop app, Qt's own apart, without a docstring."""
    for path in sorted((ROOT / "gui").rglob("*.py")):
        for owner in ast.walk(ast.parse(path.read_text("utf-8"))):
            for node in owner.body if isinstance(owner, ast.ClassDef) and not owner.name.startswith("_") else ():
                if not isinstance(node, ast.FunctionDef) or QT_METHOD.match(node.name):
                    continue
                setter = any(isinstance(one, ast.Attribute) for one in node.decorator_list)
                if not setter and ast.get_docstring(node) is None:
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {owner.name}.{node.name} has no docstring"


def over_budget() -> Iterator[str]:
    """Functions, files and repository contents that are larger than we allow ourselves."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text("utf-8")
            name = path.relative_to(ROOT)
            if text.count("\n") > FILE_LINES:
                yield f"{name}: {text.count(chr(10))} lines; a file has at most {FILE_LINES}"
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = _own_lines(node)
                    if lines > FUNCTION_LINES:
                        yield f"{name}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES}"
    yield from _heavy_files()


def _own_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body: a command's options are documented in its signature and don't count."""
    first = node.body[0].lineno if node.args.kwonlyargs or len(node.args.args) > 6 else node.lineno
    return (node.end_lineno or node.lineno) - first + 1


def _heavy_files() -> Iterator[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    models = [path for path in files if (ROOT / "models") in path.parents]
    for path in files:
        if path not in models and path.stat().st_size > FILE_BYTES:
            yield f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes; only models may be over {FILE_BYTES:,}"
    total = sum(path.stat().st_size for path in models)
    if total > MODELS_BYTES:
        yield f"models/: {total:,} bytes; at most {MODELS_BYTES:,}"


def main(arguments: list[str]) -> int:
    """Run all checks; the number of those that failed."""
    python = [sys.executable, "-m"]
    commands = {
        "format": [*python, "ruff", "format", "--check", "."],
        "lint": [*python, "ruff", "check", "."],
        "types": [*python, "mypy"],
        "import contracts": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        "translations": [sys.executable, "scripts/translations.py", "--check"],
        "site": [*python, "mkdocs", "build", "--strict", "--site-dir", "build/site"],
    }
    if "--fast" not in arguments:
        extra = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
        commands["tests"] = [*python, "pytest", *extra]
    failed = []
    problems = [*over_budget(), *widgets_in_data(), *silent_methods()]
    print("\n".join(["== budgets, widgets and docstrings", *problems]), flush=True)
    if problems:
        failed.append("budgets")
    for name, command in commands.items():
        print(f"== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

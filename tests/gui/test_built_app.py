"""What the one-folder program is made of is there; building it takes minutes: python scripts/build_app.py --check."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from avistar.errors import MissingExtra
from avistar_gui import child_process
from avistar_gui.shell import screenshot_tour as tour_module

ROOT = Path(__file__).resolve().parents[2]
HOMES = {"avistar": ROOT / "runtime" / "avistar", "avistar_gui": ROOT / "gui" / "avistar_gui"}


def load(name: str):
    spec = importlib.util.spec_from_file_location(f"built_{name}", ROOT / "scripts" / "app" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


parts = load("parts")


def source(module: str) -> Path:
    package, _, inside = module.partition(".")
    path = HOMES[package].joinpath(*inside.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def top_imports(path: Path) -> set[str]:
    """Modules that `path` imports as soon as it is imported itself."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_the_launcher_imports_what_exists():
    ours = {name for name in parts.launched() if name.startswith("avistar")}
    assert ours == {"avistar.cli.main"}
    assert all(source(name).is_file() for name in ours)


def test_every_verb_is_inside_or_is_left_out_on_purpose():
    for verb, entry in parts.verbs().items():
        module, _, function = entry.partition(":")
        if module.startswith(parts.LEFT_OUT):
            continue
        text = source(module).read_text("utf-8")
        assert f"def {function}(" in text or f"{function} = " in text, verb


def test_only_training_exporting_and_the_service_are_left_out():
    out = {verb for verb, entry in parts.verbs().items() if entry.startswith(parts.LEFT_OUT)}
    assert out == {"train", "export", "serve"}


@pytest.mark.parametrize("name", parts.LATE)
def test_what_is_imported_late_can_be_found(name):
    assert importlib.util.find_spec(name) is not None


def test_nothing_inside_imports_at_its_start_what_is_left_out():
    for package in parts.PACKAGES:
        for path in HOMES[package].rglob("*.py"):
            module = ".".join((package, *path.relative_to(HOMES[package]).with_suffix("").parts))
            if not module.startswith(parts.LEFT_OUT):
                tops = {name.partition(".")[0] for name in top_imports(path)}
                assert not tops & set(parts.LEFT_OUT) or module.startswith("avistar.cluster"), module


@pytest.mark.parametrize(
    "file",
    [
        "gui/avistar_gui/translations/avistar_es.qm",
        "gui/avistar_gui/translations/avistar_en.qm",
        "gui/avistar_gui/desktop/avistar.desktop",
        "runtime/avistar/species.json",
        "runtime/avistar/locale/es/LC_MESSAGES/avistar.mo",
        "requirements/app.txt",
        "scripts/app/avistar.spec",
    ],
)
def test_the_files_that_go_in_exist(file):
    assert (ROOT / file).is_file()


def test_the_icon_is_a_drawing():
    assert parts.ICON.read_text("utf-8").startswith("<svg")


def test_the_pins_hold_the_same_versions_as_those_of_the_field():
    def pins(file: str) -> set[str]:
        lines = (ROOT / "requirements" / file).read_text("utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if "==" in line}

    assert pins("field.txt") <= pins("app.txt")
    assert any(line.startswith("pyinstaller==") for line in pins("app.txt"))


def test_the_licences_of_what_is_inside_are_listed_with_their_texts(tmp_path):
    text = load("licences").write(tmp_path).read_text("utf-8")
    for name in ("numpy", "PySide6", "onnxruntime", "Lesser General Public License", "Python Software Foundation"):
        assert name in text


@pytest.mark.parametrize("program", ["avistar", "avistar-app"])
def test_a_child_of_the_built_program_is_its_command_line(monkeypatch, tmp_path, program):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / program))
    assert child_process.avistar_command("doctor") == [str(tmp_path / "avistar"), "doctor"]


def test_the_built_program_says_that_nothing_can_be_added_to_it(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "not in the one-folder program" in str(MissingExtra("train", "Training"))


def test_a_tour_shows_every_screen_and_ends(controller, qtbot, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(tour_module, "STEP_MS", 20)
    ended = []
    monkeypatch.setattr(tour_module.QApplication, "exit", lambda code: ended.append(code))
    controller.tour(tmp_path / "tour")
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: bool(ended))
    told = json.loads((tmp_path / "tour" / tour_module.RESULT).read_bytes())
    assert ended == [0]
    assert told["screens"] == ["identify", "camera", "summary", "deployments", "export", "analysis", "teach", "models"]
    assert told["photos"] == 10
    assert all((tmp_path / "tour" / f"{name}.png").stat().st_size > 5000 for name in told["screens"])

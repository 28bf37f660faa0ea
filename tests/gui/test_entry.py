"""The door to the app: light, and plain about what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from avistar.errors import BackendUnavailable, MissingExtra, UsageError
from avistar_gui import cli, desktop
from avistar_gui.shell import system_libraries

ROOT = Path(__file__).parents[2]
PATHS = [str(ROOT / part) for part in ("runtime", "gui")]


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a fresh process that finds the packages."""
    start = f"import sys; sys.path[:0] = {PATHS!r}\n"
    return subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=False)


def test_the_verb_loads_without_qt_and_without_anything_heavy():
    done = python(
        "import avistar_gui.cli\n"
        "heavy = {'PySide6', 'numpy', 'PIL', 'onnxruntime', 'tensorflow', 'cv2'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_app_never_loads_a_training_library_nor_an_engine_at_its_start():
    done = python(
        "import avistar_gui.app\n"
        "heavy = {'tensorflow', 'keras', 'torch', 'cv2', 'onnx', 'onnxruntime', 'sklearn'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_without_qt_the_pip_line_is_told(monkeypatch):
    monkeypatch.setattr(cli.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'avistar\[gui\]'"):
        cli.gui()


def test_a_missing_system_library_is_told_with_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "avistar_gui.app", None)
    monkeypatch.delattr("avistar_gui.app", raising=False)
    monkeypatch.setattr(system_libraries, "display_problem", lambda: None)

    class Refuse:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "avistar_gui.app":
                raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.delitem(sys.modules, "avistar_gui.app")
    monkeypatch.setattr(sys, "meta_path", [Refuse, *sys.meta_path])
    with pytest.raises(BackendUnavailable, match=r"libEGL.*sudo apt install libegl1 libgl1"):
        cli.gui()


@pytest.mark.parametrize(
    ("message", "library"),
    [
        ("libEGL.so.1: cannot open shared object file: No such file or directory", "libEGL"),
        ("libxcb-cursor.so.0: cannot open shared object file: No such file", "libxcb-cursor"),
        ("libglib-2.0.so.0: cannot open shared object file: No such file", "libglib-2.0"),
        ("DLL load failed while importing QtWidgets", None),
    ],
)
def test_the_missing_library_is_read_from_the_loaders_words(message, library):
    assert system_libraries.missing_library(message) == library


def test_an_unknown_library_still_gets_the_usual_packages():
    assert "libsomething" in system_libraries.cure("libsomething")
    assert "libxcb-cursor0" in system_libraries.cure("libsomething")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux starts without a screen")
def test_without_a_screen_it_is_said_before_qt_ends_the_process(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert "no screen" in (system_libraries.display_problem() or "")


@pytest.mark.skipif(sys.platform != "linux", reason="looks for Linux libraries")
def test_a_library_that_the_platform_plugin_misses_is_named(monkeypatch):
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":99")
    words = "libxcb-cursor.so.0: cannot open shared object file: No such file or directory"
    monkeypatch.setattr(system_libraries, "_load_error", lambda plugin: words)
    assert "libxcb-cursor0" in (system_libraries.display_problem() or "")


def test_asking_a_model_for_nothing_very_often_does_not_end_the_process():
    # PySide6 6.12 on Python 3.11 loses a reference to None at each such call and aborts within 200,000.
    done = python(
        "from PySide6.QtCore import QCoreApplication, Qt\n"
        "from avistar_gui.identify.photo_model import PhotoList\n"
        "application = QCoreApplication([])\n"
        "rows = PhotoList(lambda ids: [], lambda path: None)\n"
        "rows.show_ids([1])\n"
        "index = rows.index(0)\n"
        "for _ in range(200_000):\n"
        "    index.data(Qt.ItemDataRole.DecorationRole)\n"
        "print('alive')\n"
    )
    assert done.stdout.strip() == "alive", done.stderr[-500:]
    assert done.returncode == 0


def test_the_app_is_put_into_the_menu_of_a_linux_desktop(tmp_path, monkeypatch):
    monkeypatch.setattr(desktop.sys, "platform", "linux")
    monkeypatch.setattr(desktop.sys, "executable", str(tmp_path / "a folder" / "python"))
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "avistar").touch()
    entry, metainfo, icon = desktop.install(tmp_path / "share")
    assert f'Exec="{tmp_path}/a folder/avistar" gui %F' in entry.read_text("utf-8")
    assert "Comment[es]=" in entry.read_text("utf-8")
    assert ElementTree.parse(metainfo).getroot().findtext("launchable") == "avistar.desktop"
    assert icon.read_text("utf-8").startswith("<svg")


def test_elsewhere_a_menu_entry_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(desktop.sys, "platform", "win32")
    with pytest.raises(UsageError, match="Linux"):
        desktop.install(tmp_path)

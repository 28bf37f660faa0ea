"""The report for support: a zip that a person looks through, saves, and sends if they like. Knows no widget."""

from __future__ import annotations

import io
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import QIODevice, QSaveFile, qVersion
from PySide6.QtGui import QGuiApplication

from avistar import __version__
from avistar.message import Message
from avistar_gui.child_process import avistar_command
from avistar_gui.shell import log_file

PACKAGES = ("PySide6-Essentials", "numpy", "Pillow", "onnxruntime", "onnxruntime-gpu", "opencv-python-headless")
PATIENCE_S = 60


def collect(settings: Mapping[str, str], problems: Mapping[str, int]) -> dict[str, str]:
    """The report's files, name to text. Slow: tries what this machine can run.

    `settings` as they are shown to the user; `problems` counts photos by fault. No photo, no name of one and
    no path below the home folder is in it.
    """
    texts = {
        "about.txt": _about(),
        "settings.txt": _lines(settings),
        "problems.txt": _lines({fault: str(number) for fault, number in problems.items()}) or "none\n",
        "doctor.txt": _doctor(),
        "journal.txt": log_file.tail() or "empty\n",
    }
    return {name: _without_home(text) for name, text in texts.items()}


def zipped(texts: Mapping[str, str]) -> bytes:
    """The report as the bytes of a zip file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def save(texts: Mapping[str, str], target: Path) -> None:
    """Write the zip, whole or not at all. Raises `OSError`."""
    file = QSaveFile(str(target))
    data = zipped(texts)
    written = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(data) == len(data)
    if not (written and file.commit()):
        raise OSError(Message("{target} can't be written: {reason}", target=target, reason=file.errorString()))


def _about() -> str:
    facts = {
        "Avistar": __version__,
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "System": platform.platform(),
        "Machine": platform.machine(),
        "Qt": f"{qVersion()}, {QGuiApplication.platformName()}",
        "Language": os.environ.get("LANG", ""),
        "Built": "yes" if getattr(sys, "frozen", False) else "no",
    }
    for number, screen in enumerate(QGuiApplication.screens(), start=1):
        size = screen.size()
        facts[f"Screen {number}"] = f"{size.width()} x {size.height()} at {screen.devicePixelRatio():g}"
    for package in PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            continue
    return _lines(facts)


def _doctor() -> str:
    try:
        done = subprocess.run(
            avistar_command("doctor"), capture_output=True, text=True, errors="replace", timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"`avistar doctor` did not answer: {error}\n"
    return done.stdout + done.stderr


def _lines(facts: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in facts.items())


def _without_home(text: str) -> str:
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text

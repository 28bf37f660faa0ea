"""The system's file manager, opened where a file lies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_in_folder(path: str) -> None:
    """Open the file manager where `path` lies; with the file selected where the system knows how."""
    if sys.platform == "win32":
        subprocess.Popen(["explorer", "/select,", path])
    elif sys.platform == "darwin":
        subprocess.Popen(["open", "-R", path])
    else:
        place = Path(path) if Path(path).is_dir() else Path(path).parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(place)))

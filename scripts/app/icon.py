"""Draws Avistar's icon as a picture of 1024 px, from which PyInstaller makes what each system wants."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication

from avistar_gui.widgets import icons

if __name__ == "__main__":
    application = QGuiApplication(sys.argv)
    if not icons.pixmap("avistar", 1024, "#000000").save(sys.argv[1]):
        raise SystemExit(f"{sys.argv[1]} can't be written")

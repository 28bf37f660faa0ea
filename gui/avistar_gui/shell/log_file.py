"""What the app writes down about itself, for a report: warnings, and errors that nobody foresaw.

A small file on this computer, replaced when it is full; it holds no photo and goes nowhere by itself.
"""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

LIMIT_BYTES = 200_000
log = logging.getLogger("avistar.gui")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def path() -> Path:
    """Where the journal lies."""
    return Path(platformdirs.user_log_dir("avistar", appauthor=False)) / "app.log"


def start(file: Path | None = None) -> None:
    """Write down warnings of Qt and of the app, and errors that would otherwise only be printed."""
    file = file or path()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(file, maxBytes=LIMIT_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        return  # a read-only home must not keep the app from starting
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    qInstallMessageHandler(_from_qt)
    sys.excepthook = _unforeseen
    threading.excepthook = lambda told: _unforeseen(told.exc_type, told.exc_value, told.exc_traceback)


def tail(file: Path | None = None) -> str:
    """The newest part of the journal, "" where there is none."""
    try:
        return (file or path()).read_text("utf-8", errors="replace")[-LIMIT_BYTES:]
    except OSError:
        return ""


def _from_qt(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


def _unforeseen(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    log.error("unforeseen", exc_info=(kind, error or kind(), trace))
    sys.__excepthook__(kind, error or kind(), trace)

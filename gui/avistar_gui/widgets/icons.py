"""Monochrome icons from SVG drawings, tinted with the theme's colours; sharp on every screen."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

_SIZES = (16, 20, 24, 32, 40, 48, 64, 96, 128)


def folder() -> Path:
    """Where the drawings lie."""
    return Path(str(resources.files("avistar_gui"))) / "icons"


@cache
def _drawing(name: str) -> str:
    return (folder() / f"{name}.svg").read_text("utf-8")


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour).encode()))


def draw(painter: QPainter, name: str, where: QRectF, colour: QColor | str) -> None:
    """Paint the icon `name` into the square `where`."""
    _renderer(name, QColor(colour).name()).render(painter, where)


def pixmap(name: str, size: int, colour: QColor | str, ratio: float = 1.0) -> QPixmap:
    """The icon as a pixmap of `size` logical px; drawn once, as screens ask for the same ones again and again."""
    key = f"avistar {name} {size} {QColor(colour).name()} {ratio}"
    known = QPixmap()
    if QPixmapCache.find(key, known):
        return known
    result = QPixmap(QSize(size, size) * ratio)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    draw(painter, name, QRectF(result.rect()), colour)
    painter.end()
    result.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, result)
    return result


def icon(name: str, colour: QColor | str, disabled: QColor | str | None = None) -> QIcon:
    """The icon in `colour`, and in `disabled` where it can't be used."""
    result = QIcon()
    for size in (16, 20, 24, 32, 40, 48):
        result.addPixmap(pixmap(name, size, colour), QIcon.Mode.Normal)
        if disabled is not None:
            result.addPixmap(pixmap(name, size, disabled), QIcon.Mode.Disabled)
    return result


def application_icon() -> QIcon:
    """Avistar's own icon."""
    result = QIcon()
    for size in _SIZES:
        result.addPixmap(pixmap("avistar", size, "#000000"))
    return result

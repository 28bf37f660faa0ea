"""What is known of a photo beside its answer, line by line: when, where and with what it was taken, and its file.

The lines about a photo, beside each other in two columns; what is worth it can be copied.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLabel, QToolButton, QWidget

from avistar.files import printable
from avistar.media.exif import Shot
from avistar.records import Capture, Record
from avistar_gui.photo.photo_loader import LargePhoto
from avistar_gui.texts import count, duration, flag_sentence, locale, moment
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, set_font

translate = QCoreApplication.translate

_UNREADABLE = {"taken_at": "taken", "camera": "camera", "serial": "camera", "latitude": "place", "longitude": "place"}


@dataclass(frozen=True, slots=True)
class Detail:
    """One line: what it is, what it says, and what is put on the clipboard for it, "" for nothing."""

    name: str
    text: str
    copied: str = ""


def details(record: Record, large: LargePhoto | None, together: int = 0) -> list[Detail]:
    """Every line about a photo. `together`: how many photos its burst has, 0 where nobody counted.

    What the camera wrote, but nobody can make sense of, is said to be unreadable.
    """
    capture, shot = record.medium.capture, large.shot if large is not None else Shot()
    lines = [*_when_and_where(capture), *_how(shot), *_burst(record, shot, together), *_file(record, large)]
    return [line for line in lines if line.text]


def place_text(capture: Capture) -> str:
    """The coordinates in degrees, as maps and spreadsheets take them; "" for none."""
    if capture.latitude is None or capture.longitude is None:
        return ""
    return f"{capture.latitude:.5f}, {capture.longitude:.5f}"


def _when_and_where(capture: Capture) -> list[Detail]:
    bad = {_UNREADABLE.get(name, "") for name in capture.unreadable}
    unreadable = translate("Details", "unreadable in this file")
    taken = moment(capture.taken_at, fully=True) if capture.taken_at is not None else ""
    if taken and capture.taken_at is not None and capture.taken_at.tzinfo is not None:
        taken += f" ({capture.taken_at:%z})"
    said = capture.recorded_at if capture.recorded_at != capture.taken_at else None
    camera = "  ·  ".join(part for part in (capture.camera, capture.serial) if part)
    place = place_text(capture)
    return [
        Detail(translate("Details", "Taken"), taken or (unreadable if "taken" in bad else "")),
        Detail(translate("Details", "Camera's clock"), moment(said, fully=True) if said else ""),
        Detail(translate("Details", "Place"), place or (unreadable if "place" in bad else ""), place),
        Detail(translate("Details", "Camera"), camera or (unreadable if "camera" in bad else "")),
    ]


def _how(shot: Shot) -> list[Detail]:
    parts = []
    if shot.exposure_s is not None:
        seconds = (
            f"1/{round(1 / shot.exposure_s)}" if shot.exposure_s < 0.4 else locale().toString(shot.exposure_s, "g", 3)
        )
        parts.append(f"{seconds}\u00a0s")
    if shot.f_number is not None:
        parts.append(f"f/{locale().toString(shot.f_number, 'g', 3)}")
    if shot.iso is not None:
        parts.append(f"ISO\u00a0{shot.iso}")
    if shot.flash is not None:
        parts.append(translate("Details", "flash") if shot.flash else translate("Details", "no flash"))
    warm = "" if shot.temperature_c is None else f"{locale().toString(shot.temperature_c, 'g', 3)}\u00a0°C"
    return [
        Detail(translate("Details", "Exposure"), "  ·  ".join(parts)),
        Detail(translate("Details", "Temperature"), warm),
    ]


def _burst(record: Record, shot: Shot, together: int) -> list[Detail]:
    parts = []
    if shot.burst is not None:
        text = translate("Details", "{number} of {total} by the camera")
        parts.append(text.format(number=shot.burst[0], total=shot.burst[1]))
    if together > 1:
        parts.append(translate("Details", "{number} photos answered together").format(number=count(together)))
    elif record.sequence:
        parts.append(translate("Details", "answered together with others"))
    return [Detail(translate("Details", "Burst"), "  ·  ".join(parts))]


def _file(record: Record, large: LargePhoto | None) -> list[Detail]:
    medium = record.medium
    width, height = large.full_size if large is not None else (medium.width, medium.height)
    parts = [f"{count(width)} × {count(height)} px"] if width else []
    if medium.duration_s > 0:
        parts.append(duration(medium.duration_s))
    if medium.bytes:
        parts.append(locale().formattedDataSize(medium.bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat))
    parts.extend(said for said in map(flag_sentence, large.flags if large is not None else ()) if said)
    folder = printable(os.path.dirname(medium.relative))  # noqa: PTH120 - undecodable bytes stay as they are
    path = printable(medium.path)
    return [
        Detail(translate("Details", "Picture"), "  ·  ".join(parts)),
        Detail(translate("Details", "Folder"), folder),
        Detail(translate("Details", "File"), printable(os.path.basename(medium.path)), path),  # noqa: PTH119
    ]


class DetailsPanel(QFrame):
    """Shows `Detail` lines; texts can be selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 10, 10, 10)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[Detail] = []
        self._built = True

    @property
    def lines(self) -> list[Detail]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: Sequence[Detail]) -> None:
        """Show these in place of those before; they are built when they are seen: most people go on without."""
        self._lines = list(lines)
        self._built = False
        if self.isVisible():
            self._build()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._built = False
            if self.isVisible():
                self._build()

    def _build(self) -> None:
        if self._built:
            return
        self._built = True
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, line in enumerate(self._lines):
            self._add(row, line)

    def _add(self, row: int, line: Detail) -> None:
        name, text = QLabel(line.name), QLabel(line.text)
        name.setProperty("muted", True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setAccessibleName(f"{line.name}: {line.text}")
        for label in (name, text):
            set_font(label, 0.92)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, row, 1)
        if line.copied:
            button = QToolButton()
            button.setProperty("tiny", True)
            button.setIcon(icons.icon("copy", current().muted))
            button.setIconSize(QSize(14, 14))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(self.tr("Copy: {text}").format(text=line.copied))
            button.setAccessibleName(button.toolTip())
            button.clicked.connect(lambda _=False, text=line.copied: QApplication.clipboard().setText(text))
            self._grid.addWidget(button, row, 2, Qt.AlignmentFlag.AlignTop)

"""Small dialogs of the Deployments screen: a clock that was wrong, and whose survey it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, Signal
from PySide6.QtGui import QImageReader, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from avistar.catalogue.clock_shift import ClockShift, offset_text, read_offset, shift_at, shift_onward, time_text
from avistar.formats.deployment_table import DeploymentRow, shift_for
from avistar.periods import TimeSpan
from avistar.records import Medium
from avistar_gui.widgets.theme import tidy

_PREVIEW = 360
_SAMPLING = ("simpleRandom", "systematicRandom", "clusteredRandom", "experimental", "targeted", "opportunistic")


def _arrange(form: QFormLayout) -> None:
    """Room between the lines, and labels in the middle of their fields."""
    form.setHorizontalSpacing(18)
    form.setVerticalSpacing(10)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)


class ClockDialog(QDialog):
    """By how much a camera's clock was wrong: by one photo of which the true time is known, or as a shift."""

    shifted = Signal(object)  # ClockShift

    def __init__(
        self,
        camera: DeploymentRow,
        media: Sequence[Medium],
        spans: Sequence[TimeSpan] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._camera, self._spans = camera, spans
        self._media = [one for one in media if one.capture.taken_at is not None]
        self.setWindowTitle(self.tr("Clock of {camera}").format(camera=camera.name))
        self.photo, self.taken, self.offset = QComboBox(), QDateTimeEdit(), QLineEdit(offset_text(camera.shift))
        self.preview, self.effect, self.which = QLabel(), QLabel(), QComboBox()
        self.which.addItems([self.tr("all photos of the camera"), self.tr("this photo and those after it")])
        self.taken.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        self.photo.addItems([one.relative for one in self._media])
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.effect.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        tidy(self.taken)
        form = QFormLayout()
        _arrange(form)
        form.addRow(self.tr("This &photo"), self.photo)
        form.addRow(self.preview)
        form.addRow(self.tr("was &taken at"), self.taken)
        form.addRow(self.tr("so to the clock is &added"), self.offset)
        form.addRow(self.tr("&for"), self.which)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(self.effect)
        layout.addWidget(self.buttons)
        self.photo.currentIndexChanged.connect(lambda _: self._show_photo())
        self.taken.dateTimeChanged.connect(lambda _: self._by_time())
        self.offset.textEdited.connect(lambda _: self._by_offset())
        self.which.activated.connect(lambda _: self._say())
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self._show_photo()

    @property
    def shift(self) -> ClockShift | None:
        """What is to be added to the clock, and for which photos; None where it makes no sense."""
        offset, at = read_offset(self.offset.text()), self._recorded()
        if offset is None:
            return None
        if self.which.currentIndex() > 0 and at is not None and self._spans:
            return shift_onward(offset, at, self._spans)
        return ClockShift(offset)

    def _recorded(self) -> datetime | None:
        """What the camera wrote into the photo, without a zone."""
        medium = self._medium()
        said = medium.capture.recorded_at or medium.capture.taken_at if medium else None
        return said.replace(tzinfo=None) if said else None

    def _medium(self) -> Medium | None:
        row = self.photo.currentIndex()
        return self._media[row] if 0 <= row < len(self._media) else None

    def _show_photo(self) -> None:
        medium = self._medium()
        if medium is None:
            return
        reader = QImageReader(medium.path)
        reader.setAutoTransform(True)
        size = reader.size()
        if size.isValid():
            reader.setScaledSize(size.scaled(_PREVIEW, _PREVIEW, Qt.AspectRatioMode.KeepAspectRatio))
        self.preview.setPixmap(QPixmap.fromImage(reader.read()))
        said = self._recorded()
        if said is not None:
            clock = (ClockShift(self._camera.shift), *self._camera.parts)
            self.offset.setText(offset_text(shift_at(clock, said)))
        self._by_offset()

    def _by_time(self) -> None:
        medium = self._medium()
        if medium is not None:
            at = self.taken.dateTime().toPython()
            assert isinstance(at, datetime)  # noqa: S101 what Qt gives
            self.offset.setText(offset_text(shift_for(medium, at)))
            self._say()

    def _by_offset(self) -> None:
        said, offset = self._recorded(), read_offset(self.offset.text())
        if said is not None and offset is not None:
            self.taken.blockSignals(True)
            at = said + offset
            self.taken.setDateTime(QDateTime(QDate(at.year, at.month, at.day), QTime(at.hour, at.minute, at.second)))
            self.taken.blockSignals(False)
        self._say()

    def _say(self) -> None:
        shift = self.shift
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(shift is not None)
        self.effect.setText(
            self.tr("Write a shift such as +1:00:00, -0:30 or 3 d 0:00.") if shift is None else self._effect(shift)
        )

    def _effect(self, shift: ClockShift) -> str:
        if shift.since is None:
            return self.tr("This is for all photos of the camera. What the camera said is kept.")
        since = time_text(shift.since)
        if shift.until is None:
            return self.tr("This is for photos that the camera dates {since} or later. What it said is kept.").format(
                since=since
            )
        text = self.tr("This is for photos that the camera dates {since} to {until}. What it said is kept.")
        return text.format(since=since, until=time_text(shift.until))

    def _accept(self) -> None:
        if self.shift is not None:
            self.shifted.emit(self.shift)
            self.accept()


class ProjectDialog(QDialog):
    """What Camtrap DP must know of a survey as a whole."""

    stated = Signal(object)  # dict: what project.toml holds

    def __init__(self, known: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = known
        project = known.get("project", {})
        people = known.get("contributors", [])
        self.setWindowTitle(self.tr("Project"))
        self.title = QLineEdit(str(project.get("title", "")))
        self.person = QLineEdit(str(people[0].get("title", "")) if people else "")
        self.sampling = QComboBox()
        for name, text in self._sampling().items():
            self.sampling.addItem(text, name)
        self.sampling.setCurrentIndex(max(self.sampling.findData(project.get("samplingDesign", "")), 0))
        captured = project.get("captureMethod", ["activityDetection"])
        self.motion, self.lapse = QCheckBox(self.tr("by a sensor")), QCheckBox(self.tr("at fixed times"))
        self.motion.setChecked("activityDetection" in captured)
        self.lapse.setChecked("timeLapse" in captured)
        self.individuals = QCheckBox(self.tr("Animals are marked or recognised one by one"))
        self.individuals.setChecked(bool(project.get("individualAnimals", False)))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        form = QFormLayout(self)
        form.setContentsMargins(24, 20, 24, 18)
        _arrange(form)
        form.addRow(self.tr("&Title"), self.title)
        form.addRow(self.tr("&Person or organisation"), self.person)
        form.addRow(self.tr("&How places were chosen"), self.sampling)
        form.addRow(self.tr("Photos are taken"), self.motion)
        form.addRow("", self.lapse)
        form.addRow("", self.individuals)
        form.addRow(self.buttons)
        for field in (self.title.textChanged, self.person.textChanged, self.motion.toggled, self.lapse.toggled):
            field.connect(lambda *_: self._allow())
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self._allow()

    def _allow(self) -> None:
        named = bool(self.title.text().strip()) and bool(self.person.text().strip())
        captured = self.motion.isChecked() or self.lapse.isChecked()
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(named and captured)

    def _accept(self) -> None:
        methods = [("activityDetection", self.motion), ("timeLapse", self.lapse)]
        project = dict(self._known.get("project", {})) | {
            "title": self.title.text().strip(),
            "samplingDesign": self.sampling.currentData(),
            "captureMethod": [name for name, box in methods if box.isChecked()],
            "individualAnimals": self.individuals.isChecked(),
        }
        people = [dict(one) for one in self._known.get("contributors", [])] or [{}]
        people[0]["title"] = self.person.text().strip()
        self.stated.emit({**self._known, "project": project, "contributors": people})
        self.accept()

    def _sampling(self) -> dict[str, str]:
        names = (
            self.tr("at random"), self.tr("on a grid"), self.tr("at random in clusters"), self.tr("as an experiment"),
            self.tr("where animals were expected"), self.tr("where it was convenient"),
        )  # fmt: skip
        return dict(zip(_SAMPLING, names, strict=True))

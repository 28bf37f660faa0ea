"""What else a person says of one thing: how many, sex, life stage, behaviour, which one, and a comment."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLineEdit, QSpinBox, QWidget

from avistar.records import LifeStage, Sex, Sighting
from avistar_gui.identify.texts import life_stage_name, sex_name
from avistar_gui.widgets.field_keys import FieldKeys
from avistar_gui.widgets.theme import tidy

SEXES: tuple[Sex, ...] = ("", "female", "male")
STAGES: tuple[LifeStage, ...] = ("", "adult", "subadult", "juvenile")
MOST = 9999
"""Nobody counts more animals in a photo."""


class ThingEditor(QFrame):
    """Fields of one `Sighting`; `changed` (a `Sighting`) once another value stands there, `left` for Enter and Esc."""

    changed = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sighting = Sighting("unknown")
        self._quiet = False
        self.count, self.sex, self.stage = QSpinBox(), QComboBox(), QComboBox()
        self.behavior, self.individual, self.comment = QLineEdit(), QLineEdit(), QLineEdit()
        self._lines = (self.behavior, self.individual, self.comment)
        self.count.setRange(0, MOST)
        self.count.setKeyboardTracking(False)
        tidy(self.count)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 4)
        grid.setSpacing(6)
        fields = (self.count, self.sex, self.stage, self.behavior, self.individual, self.comment)
        for place, field in enumerate(fields):
            if place < 4:
                grid.addWidget(field, place // 2, place % 2)
            else:  # a name or a sentence takes the whole width
                grid.addWidget(field, place - 2, 0, 1, 2)
            field.setMinimumWidth(60)
        keys = FieldKeys(fields, self)
        keys.confirmed.connect(self._confirm)
        keys.dismissed.connect(self._dismiss)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        self.sex.addItems([""] * len(SEXES))
        self.stage.addItems([""] * len(STAGES))
        self.count.valueChanged.connect(lambda _: self.commit())
        for box in (self.sex, self.stage):
            box.activated.connect(lambda _: self.commit())
        for line in self._lines:
            line.editingFinished.connect(self.commit)
        self.retranslate()

    def show_sighting(self, sighting: Sighting) -> None:
        """Show what is said of a thing."""
        self._quiet, self._sighting = True, sighting
        self.count.setValue(sighting.count or 0)
        self.sex.setCurrentIndex(SEXES.index(sighting.sex))
        self.stage.setCurrentIndex(STAGES.index(sighting.life_stage))
        for line, text in zip(self._lines, (sighting.behavior, sighting.individual, sighting.comment), strict=True):
            if line.text() != text:
                line.setText(text)
        self._quiet = False

    def commit(self) -> None:
        """Say what stands in the fields, if it is something else than before."""
        said = replace(
            self._sighting,
            count=self.count.value() or None,
            sex=SEXES[max(0, self.sex.currentIndex())],
            life_stage=STAGES[max(0, self.stage.currentIndex())],
            behavior=self.behavior.text().strip(),
            individual=self.individual.text().strip(),
            comment=self.comment.text().strip(),
        )
        if not self._quiet and said != self._sighting:
            self._sighting = said
            self.changed.emit(said)

    def enter(self) -> None:
        """The count takes the keys."""
        self.count.setFocus()
        self.count.selectAll()

    def _confirm(self) -> None:
        self.count.interpretText()
        self.commit()
        self.left.emit()

    def _dismiss(self) -> None:
        self.show_sighting(self._sighting)
        self.left.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.count.setSpecialValueText(self.tr("Count: –"))
        self.count.setPrefix(self.tr("Count: "))
        for index, sex in enumerate(SEXES):
            self.sex.setItemText(index, sex_name(sex) if sex else self.tr("Sex: –"))
        for index, stage in enumerate(STAGES):
            self.stage.setItemText(index, life_stage_name(stage) if stage else self.tr("Life stage: –"))
        for field, name in (
            (self.count, self.tr("Number of animals")),
            (self.sex, self.tr("Sex")),
            (self.stage, self.tr("Life stage")),
            (self.behavior, self.tr("Behaviour")),
            (self.individual, self.tr("Individual")),
            (self.comment, self.tr("Comment on this animal")),
        ):
            field.setAccessibleName(name)
            field.setToolTip(name)
            if isinstance(field, QLineEdit):
                field.setPlaceholderText(name)

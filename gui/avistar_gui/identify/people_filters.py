"""Conditions on what people said of the photos shown: how many animals, comments, tags, and whose word counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from avistar.catalogue import Counts, Query

MOST = 1_000_000
"""More animals than any photo shows."""
CHECKS = ("several", "number", "commented", "corrected", "disagreed", "models_differ")


class PeopleFilters(QWidget):
    """Says `changed` when one of its conditions is another; `narrow` adds them to a question."""

    changed = Signal()
    left = Signal()  # a choice was made: the keys belong to the photos again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.checks = {name: QCheckBox() for name in CHECKS}
        self.tag, self.reviewer = QComboBox(), QComboBox()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for check in self.checks.values():
            check.toggled.connect(lambda _: self.changed.emit())
            row.addWidget(check)
        for box in (self.tag, self.reviewer):
            box.addItem("", "")
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(14)
            box.activated.connect(lambda _: self.changed.emit())
            box.activated.connect(lambda _: self.left.emit())
            row.addWidget(box)
        row.addStretch(1)
        self.checks["models_differ"].hide()
        self.retranslate()

    @property
    def number(self) -> int:
        """How many conditions there are."""
        return sum(one.isChecked() for one in self.checks.values()) + sum(
            box.currentIndex() > 0 for box in (self.tag, self.reviewer)
        )

    def narrow(self, query: Query) -> Query:
        """`query` with these conditions, too."""
        on = {name: check.isChecked() or None for name, check in self.checks.items()}
        return replace(
            query,
            number=(2, MOST) if on["number"] else None,
            several=on["several"],
            commented=on["commented"],
            corrected=on["corrected"],
            disagreed=on["disagreed"],
            models_differ=on["models_differ"],
            tag=tuple(filter(None, (self.tag.currentData(),))),
            reviewer=tuple(filter(None, (self.reviewer.currentData(),))),
        )

    def show_counts(self, counts: Counts) -> None:
        """Offer the tags and people of the survey; what is chosen stays."""
        for box, names in ((self.tag, counts.tags), (self.reviewer, counts.reviewers)):
            _fill(box, sorted(filter(None, names), key=str.casefold))
        self.reviewer.setEnabled(bool(counts.reviewers))
        differ = self.checks["models_differ"]
        differ.setVisible(counts.compared > 0 or differ.isChecked())
        self.tag.setEnabled(bool(counts.tags) or self.tag.currentIndex() > 0)

    def reset(self) -> None:
        """No condition; says nothing."""
        for part in (*self.checks.values(), self.tag, self.reviewer):
            part.blockSignals(True)
        for check in self.checks.values():
            check.setChecked(False)
        for box in (self.tag, self.reviewer):
            box.setCurrentIndex(0)
        for part in (*self.checks.values(), self.tag, self.reviewer):
            part.blockSignals(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        texts = {
            "several": self.tr("Several species"),
            "number": self.tr("2 animals or more"),
            "commented": self.tr("With comment"),
            "corrected": self.tr("Corrected"),
            "disagreed": self.tr("Disagreement"),
            "models_differ": self.tr("Models differ"),
        }
        for name, check in self.checks.items():
            check.setText(texts[name])
        self.checks["disagreed"].setToolTip(self.tr("The last words of two people differ"))
        self.checks["models_differ"].setToolTip(self.tr("Another model names something else"))
        self.tag.setItemText(0, self.tr("Any tag"))
        self.reviewer.setItemText(0, self.tr("Any reviewer"))
        self.tag.setAccessibleName(self.tr("Tag"))
        self.reviewer.setAccessibleName(self.tr("Reviewer"))


def _fill(box: QComboBox, names: Iterable[str]) -> None:
    chosen, wanted = box.currentData(), list(names)
    if chosen and chosen not in wanted:
        wanted.append(chosen)
    if [box.itemData(index) for index in range(1, box.count())] == wanted:
        return
    while box.count() > 1:
        box.removeItem(1)
    for name in wanted:
        box.addItem(name, name)
    box.setCurrentIndex(max(0, box.findData(chosen)))

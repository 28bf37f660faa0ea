"""What colour each point of the map has, and what the legend says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

from avistar_gui.analysis import texts
from avistar_gui.analysis.data.study import Study, ordered
from avistar_gui.widgets.paint import kind_colour
from avistar_gui.widgets.theme import Tokens

By = Literal["truth", "answer", "right"]
translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class MapColours:
    """`kind` int64 [N] of each point, name and colour of each kind; wrong answers are `ringed`, whatever the kind."""

    kind: NDArray[np.int64]
    names: tuple[str, ...]
    colours: tuple[QColor, ...]
    ringed: NDArray[np.bool_]

    def rgb(self) -> NDArray[np.uint8]:
        """The colour of each point, uint8 [N, 3]."""
        table = np.array([(one.red(), one.green(), one.blue()) for one in self.colours], np.uint8)
        result: NDArray[np.uint8] = table[self.kind]
        return result


def colour_by(study: Study, by: By, tokens: Tokens) -> MapColours:
    """Colour the photos of `study` by what they show, by what they were called, or by right and wrong."""
    wrong = ~study.right
    if by == "right":
        names = (translate("Analysis", "Right"), translate("Analysis", "Wrong"))
        return MapColours(wrong.astype(np.int64), names, (QColor(tokens.accent), QColor(tokens.error)), wrong)
    known = texts.names(study)
    kind = study.truth if by == "truth" else study.answers
    # Neighbours in the legend are relatives; their colours are far apart.
    place = {species: number for number, species in enumerate(ordered(study, "group", known))}
    colours = tuple(kind_colour(place[species], tokens) for species in range(len(known)))
    return MapColours(kind, tuple(known), colours, wrong)


def by_name(by: By) -> str:
    """What a way to colour is called."""
    return {
        "truth": translate("Analysis", "By species"),
        "answer": translate("Analysis", "By answer"),
        "right": translate("Analysis", "Right or wrong"),
    }[by]

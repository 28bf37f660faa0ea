"""Whether labels stand in the order of a network's outputs: told from photos whose species are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.message import Message

LEAST_PHOTOS = 3
"""Photos of a species from which what most of them are called says something."""

LEAST_SHARE = 0.75
"""Of such photos: so many must agree on what their species are called, each by a name of its own."""

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """Judges labels by `answers`, the likeliest species of N photos int64 [N], whose `truth` int64 [N] is known."""

    answers: NDArray[np.int64]
    truth: NDArray[np.int64]
    names: tuple[str, ...]

    def check(self, *, insist: bool, say: Callable[[str], None]) -> None:
        """Raise `UsageError` where species are told apart well, each by the name of another; `insist`: only `say` so.

        A network that was trained badly mixes species up; one with labels in another order calls each of them always
        the same, wrongly.
        """
        called = self._called()
        judged = np.isin(self.truth, list(called))
        if len(called) < 2 or len(set(called.values())) < len(called):
            return
        meant = np.array([called.get(int(one), -1) for one in self.truth])
        agreeing, right = (float((self.answers == one)[judged].mean()) for one in (meant, self.truth))
        wrong = [(one, other) for one, other in called.items() if one != other]
        if len(wrong) < 2 or agreeing < max(LEAST_SHARE, 2 * right):
            return
        pairs = ", ".join(f"{self.names[one]} → {self.names[other]}" for one, other in wrong[:_SHOWN])
        problem = Message(
            "the labels seem to stand in another order than the network's outputs: {right:.0%} of {number} photos are "
            "called what they are, but {agreeing:.0%} what most of their species are called ({pairs})",
            right=right,
            number=int(judged.sum()),
            agreeing=agreeing,
            pairs=pairs,
        )
        if not insist:
            raise UsageError(
                "{problem}: put the lines of --labels in order (folders' names sorted by the alphabet are usual), or "
                "say --insist if they are right",
                problem=problem,
            )
        say(f"{problem}; kept as they are")

    def _called(self) -> dict[int, int]:
        """What most photos of each species are called, of those with enough photos."""
        found = {}
        for one in np.unique(self.truth[self.truth >= 0]):
            answers = self.answers[self.truth == one]
            if len(answers) >= LEAST_PHOTOS:
                found[int(one)] = int(np.bincount(answers).argmax())
        return found

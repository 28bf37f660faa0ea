"""Whether a network sees best with the preset that was declared: the same labelled photos under each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.evaluation.significance import sign_test
from avistar_export.preset import Arithmetic, Preset

RISK = 0.01
"""Chance that a right preset is called wrong: of the photos that only one of two presets answers rightly, so many
would have to be on the other's side."""


@dataclass(frozen=True, slots=True)
class PresetCheck:
    """Compares `presets`; `right` tells for each photo whether the top answer is, under an arithmetic."""

    presets: Sequence[Preset]
    right: Callable[[Arithmetic], NDArray[np.bool_]]
    say: Callable[[str], None]

    def best(self, own: Arithmetic) -> Arithmetic:
        """The arithmetic that the photos speak for, where none was declared; `own` where none is better."""
        before, name, other, found = self._compared(own)
        if found.mean() <= before.mean():
            return own
        self.say(f"taken: {name}, which the photos speak for")
        return other

    def declared(self, own: Arithmetic, *, insist: bool) -> Arithmetic:
        """The declared one. Raises `UsageError` where another is better by more than chance and nobody insists."""
        before, name, _, found = self._compared(own)
        chance = sign_test(int((found & ~before).sum()), int((before & ~found).sum()), two_sided=False)
        if chance >= RISK or found.mean() <= before.mean():
            return own
        problem = (
            f"with the preset '{name}' the network is right on {found.mean():.0%} of {len(before)} photos, as declared "
            f"on {before.mean():.0%}"
        )
        if not insist:
            raise UsageError(
                "{problem}: say --preset {name}, or --insist if the declared one is right all the same",
                problem=problem,
                name=name,
            )
        self.say(f"{problem}; kept as declared")
        return own

    def _compared(self, own: Arithmetic) -> tuple[NDArray[np.bool_], str, Arithmetic, NDArray[np.bool_]]:
        """What is right as declared; name, arithmetic and right answers of the best of the others."""
        before = self.right(own)
        presets = [one for one in self.presets if not one.arithmetic.same_as(own)]
        others = {one.name: (one.arithmetic, self.right(one.arithmetic)) for one in presets}
        shares = {name: float(found.mean()) for name, (_, found) in others.items()}
        best = max(shares, key=lambda name: shares[name])
        told = ", ".join(f"{name} {share:.0%}" for name, share in sorted(shares.items(), key=lambda pair: -pair[1]))
        name = next((one.name for one in self.presets if one.arithmetic.same_as(own)), "as declared")
        self.say(f"right on {len(before)} photos: {name} {before.mean():.0%}; instead: {told}")
        return before, best, *others[best]

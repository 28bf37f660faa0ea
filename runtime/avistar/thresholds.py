"""What a user decides by instead of a model's own thresholds; crosses to other machines as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from avistar.classifier import Classifier
from avistar.decision import Policy
from avistar.species import Species, species_list


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What decides instead of the model's own thresholds; None leaves one as it is.

    `only`: the species of a site, as `species_list` reads them: names in any language, or a file of them.
    """

    only: str | None = None
    species_confidence: float | None = None
    group_confidence: float | None = None
    familiarity_floor: float | None = None

    def applied(self, classifier: Classifier) -> Classifier:
        """The classifier as the user wants it to decide. Raises `UsageError` for an unknown species."""
        return classifier.under(self._policy(classifier.policy))

    def resolved(self, species: Sequence[Species]) -> Self:
        """The same with ids for names, so that no file is needed where it goes. Raises `UsageError` as above."""
        if self.only is None:
            return self
        return replace(self, only=",".join(one.id for one in species_list(self.only, species)))

    def _policy(self, policy: Policy) -> Policy:
        rule, floor = policy.rule, self.familiarity_floor
        if self.species_confidence is not None:
            rule = replace(rule, species_confidence=self.species_confidence)
        if self.group_confidence is not None:
            rule = replace(rule, group_confidence=self.group_confidence)
        policy = replace(policy, rule=rule, familiarity_floor=policy.familiarity_floor if floor is None else floor)
        if self.only is None:
            return policy
        return policy.limited(species.id for species in species_list(self.only, policy.species))

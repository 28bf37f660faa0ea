"""The answer to one picture, and what it is made of. Plain values: no file, no network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from avistar.decision import Decision, Policy
from avistar.errors import Fault
from avistar.images.geometry import Pixels
from avistar.species import Group, Species

MOST_CANDIDATES = 100
"""Species that an answer lists; a network with thousands of labels has a probability for each all the same."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One species with its confidence.

    Attributes:
        species: The species.
        confidence: Its calibrated probability, 0 to 1.
    """

    species: Species
    confidence: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a picture was not identified.

    Attributes:
        fault: The kind of fault, with a stable name for programs.
        message: A sentence for people: what is wrong with which file.
    """

    fault: Fault
    message: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What gave an answer.

    Attributes:
        bundle: The bundle's name.
        artifact_sha256: SHA-256 of the artifact in hexadecimal, "" for a backend that executes none.
        precision: "fp32", "fp16" or "int8", "" for a backend that executes no artifact.
        runs_on: What truly executed it, for people: "cpu · onnxruntime 1.32.0 · int8 · 2 threads".
    """

    bundle: str
    artifact_sha256: str
    precision: str
    runs_on: str


INCOMPLETE = "incomplete"
"""The flag of a file that is cut or damaged, so that only a part of it could be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """The answer to one picture, or the `failure` of it.

    Attributes:
        source: The picture's path as text, "" where it had none.
        provenance: What gave the answer.
        candidates: The species that the policy allows, likeliest first, at most `MOST_CANDIDATES`; empty where
            `failure` is set.
        decision: What is said of the picture; None where `failure` is set.
        probabilities: float32 [species], 0 to 1, in the bundle's order, whatever the policy; [0] where `failure` is
            set.
        familiarity: The score behind *unknown*: the higher, the more the picture looks like any of the species. Its
            scale is the bundle's own; NaN where `failure` is set.
        flags: Remarks on the file that do not stop it: "incomplete" for one of which only a part could be read.
        elapsed_ms: The picture's share of decoding and inference, in milliseconds.
        failure: Why there is no answer, None where there is one.
        groups: The groups of the bundle that answered.
    """

    source: str
    provenance: Provenance
    candidates: tuple[Candidate, ...] = ()
    decision: Decision | None = None
    probabilities: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32), repr=False)
    familiarity: float = float("nan")
    flags: tuple[str, ...] = ()
    elapsed_ms: float = 0.0
    failure: Failure | None = None
    groups: tuple[Group, ...] = field(default=(), repr=False)

    def top(self, count: int = 3) -> tuple[Candidate, ...]:
        """The likeliest species.

        Args:
            count: How many at most, 0 or more.

        Returns:
            The candidates, likeliest first; fewer than `count` where the model or the site has fewer.

        Examples:
            >>> from avistar import Classifier
            >>> with Classifier.open() as classifier:
            ...     best = classifier.identify("samples/raccoon.jpg").top(1)[0]
            >>> best.species.english
            'Raccoon'
        """
        return self.candidates[:count]

    def under(self, policy: Policy) -> Identification:
        """The same answer as another policy decides it.

        Args:
            policy: Thresholds and a site's species; for the species of the bundle that answered.

        Returns:
            A new identification with other candidates and another decision; a failure stays as it is.
        """
        if self.decision is None:
            return self
        return replace(
            self,
            candidates=ranked(policy, self.probabilities),
            decision=policy.decide(self.probabilities, self.familiarity),
            groups=policy.groups,
        )


def ranked(policy: Policy, probabilities: NDArray[np.float32]) -> tuple[Candidate, ...]:
    """The species that `policy` allows, likeliest first, with their shares of `probabilities` [species]."""
    shares = np.where(policy.listed, policy.shares(probabilities), -1)
    if len(shares) > MOST_CANDIDATES:
        leading = np.sort(np.argpartition(-shares, MOST_CANDIDATES)[:MOST_CANDIDATES])
        order = leading[np.argsort(-shares[leading], kind="stable")]
    else:
        order = np.argsort(-shares, kind="stable")
    return tuple(Candidate(policy.species[i], float(shares[i])) for i in order if policy.listed[i])


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPicture:
    """A picture between its two halves, decoding and inference: `pixels` as the network takes them, or a failure."""

    source: str
    pixels: Pixels | None
    flags: tuple[str, ...]
    failure: Failure | None
    elapsed_ms: float

"""The one class that programs embed: a bundle and a backend, from pictures to identifications."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Backend, Outputs
from avistar.backends.factory import BackendChoice, Device, open_backend
from avistar.bundle import ModelBundle, default_bundle
from avistar.decision import Decision, Policy, softmax
from avistar.errors import BundleError, DeviceMemoryFull, Fault, ImageError, UsageError
from avistar.familiarity import Familiarity, familiarity_of
from avistar.files import printable
from avistar.images.decode import load_for, prepare
from avistar.images.geometry import Crop, Pixels, Source, fit
from avistar.manifest import Artifact, Calibration, Precision, Preprocessing
from avistar.occlusion import Evidence, MaskedPicture, seen_box
from avistar.parallel import in_order, usable_cpus
from avistar.species import Group, Species
from avistar.verification import Verification, check_artifact, check_decoding, read_golden


@dataclass(frozen=True, slots=True)
class Candidate:
    """One species with its calibrated confidence, 0 to 1."""

    species: Species
    confidence: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a picture was not identified: `fault` for programs, `message` for people."""

    fault: Fault
    message: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What gave an answer: the bundle, the artifact's SHA-256 and what executed it."""

    bundle: str
    artifact_sha256: str
    precision: str
    runs_on: str


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """The answer to one picture, or the `failure` of it.

    `source` is the path, as text, where there was one. `candidates` holds every species that the policy
    allows, likeliest first; `probabilities` float32 [species] in the bundle's order, whatever the policy;
    `familiarity` is the score behind *unknown*. `elapsed_ms` is the picture's share of decoding and
    inference. All are empty where `failure` is set.
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

    def top(self, count: int = 3) -> tuple[Candidate, ...]:
        """The `count` likeliest species."""
        return self.candidates[:count]

    def under(self, policy: Policy) -> Identification:
        """The same answer as `policy` decides it; a failure stays as it is."""
        if self.decision is None:
            return self
        return replace(
            self,
            candidates=ranked(policy, self.probabilities),
            decision=policy.decide(self.probabilities, self.familiarity),
        )


def ranked(policy: Policy, probabilities: NDArray[np.float32]) -> tuple[Candidate, ...]:
    """The species that `policy` allows, likeliest first, with their shares of `probabilities` [species]."""
    shares = policy.shares(probabilities)
    order = np.argsort(-shares, kind="stable")
    candidates = (Candidate(policy.species[i], float(shares[i])) for i in order)
    return tuple(one for one in candidates if not policy.only or one.species.id in policy.only)


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPicture:
    """A picture between its two halves, decoding and inference: `pixels` as the network takes them, or a failure."""

    source: str
    pixels: Pixels | None
    flags: tuple[str, ...]
    failure: Failure | None
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class ClassifierInfo:
    """What a classifier is made of and truly runs on.

    `artifact` is None for a backend that executes none (a function in tests). `device` is "cpu", "cuda", …,
    "" where unknown; `rejected` has a sentence for each better device that was tried in vain. `threads` are the
    CPU threads of inference, None on a GPU. `policy` holds the species and the thresholds in use.
    """

    bundle: str
    folder: Path
    architecture: str
    preprocessing: Preprocessing
    artifact: Artifact | None
    artifact_sha256: str
    device: str
    runs_on: str
    rejected: tuple[str, ...]
    threads: int | None
    calibration: Calibration
    policy: Policy


class Classifier:
    """Identifies pictures with one bundle on one backend; safe to share between threads.

    Made by `Classifier.open`, or from a bundle and any backend (`FunctionBackend` in tests).
    """

    def __init__(
        self,
        bundle: ModelBundle,
        backend: Backend,
        calibration: Calibration,
        *,
        choice: BackendChoice | None = None,
        rejected: tuple[str, ...] = (),
    ) -> None:
        self._bundle = bundle
        self._backend = backend
        self._calibration = calibration
        self._familiarity: Familiarity = familiarity_of(bundle)
        self.policy = Policy(bundle.manifest.species, bundle.manifest.decision, calibration.familiarity_floor)
        self._choice = choice
        self.provenance = Provenance(bundle.manifest.name, "", "", backend.runs_on)
        if choice is not None:
            record = bundle.manifest.files[choice.artifact.file]
            self.provenance = replace(
                self.provenance, artifact_sha256=record.sha256, precision=choice.artifact.precision
            )
        self.rejected = choice.rejected if choice is not None else rejected

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str] | None = None,
        device: Device = "auto",
        *,
        precision: Precision | None = None,
        threads: int | None = None,
    ) -> Classifier:
        """Open the bundle in `folder` (default: the one that ships with Avistar) on `device`.

        `auto` takes the best device that truly works; `classifier.rejected` says what didn't and why.
        `threads` are CPU threads of inference (default: every CPU that the process may use). Raises
        `BundleError` for a missing or altered bundle, `BackendUnavailable` for a device that isn't there.
        """
        bundle = ModelBundle.open(default_bundle() if folder is None else folder)
        choice = open_backend(bundle, device, precision=precision, threads=threads)
        return cls(bundle, choice.backend, choice.artifact.calibration, choice=choice)

    @property
    def species(self) -> tuple[Species, ...]:
        """The species that it knows, in the order of `Identification.probabilities`."""
        return self._bundle.manifest.species

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that its species roll up to."""
        return self._bundle.manifest.groups

    def under(self, policy: Policy) -> Classifier:
        """The same classifier, deciding by `policy`: a site's species, other thresholds.

        Both share the backend: closing one closes the other.
        """
        other = copy(self)
        other.policy = policy
        return other

    @property
    def temperature(self) -> float:
        """What divides the logits before the softmax."""
        return self._calibration.temperature

    @property
    def bundle(self) -> ModelBundle:
        """The bundle in use."""
        return self._bundle

    @property
    def info(self) -> ClassifierInfo:
        """What it is made of and truly runs on."""
        manifest, choice = self._bundle.manifest, self._choice
        return ClassifierInfo(
            bundle=manifest.name,
            folder=self._bundle.folder,
            architecture=manifest.architecture,
            preprocessing=manifest.preprocessing,
            artifact=choice.artifact if choice else None,
            artifact_sha256=self.provenance.artifact_sha256,
            device=choice.device if choice else "",
            runs_on=self.provenance.runs_on,
            rejected=self.rejected,
            threads=choice.threads if choice else None,
            calibration=self._calibration,
            policy=self.policy,
        )

    def verify(self) -> Verification:
        """Check every file of the bundle, and this machine's answers to its golden pictures.

        Raises `BundleError` where the bundle carries no expected outputs for the artifact in use.
        """
        damaged = tuple(self._bundle.damaged_files())
        if damaged:
            return Verification(damaged, ())
        if self._choice is None:
            raise UsageError("only a classifier made by Classifier.open can be verified: this one executes no artifact")
        golden = read_golden(self._bundle)
        answers = check_artifact(self._bundle, self._choice.artifact, self._backend, golden)
        return Verification((), (check_decoding(self._bundle, golden), answers))

    def identify(self, picture: Source) -> Identification:
        """Identify one picture: a path, encoded bytes, a Pillow image, or uint8 RGB [H, W, 3].

        A picture that can't be read gives an `Identification` with `failure` set, never an exception.
        """
        return self.answer([self.prepare(picture)])[0]

    def identify_many(
        self, pictures: Iterable[Source], *, batch: int = 8, workers: int | None = None
    ) -> list[Identification]:
        """Identify pictures and return all answers; the n-th belongs to the n-th picture, failures included.

        For more pictures than answers fit in memory (4 kB each), or to see answers as they come: `stream`.
        """
        return list(self.stream(pictures, batch=batch, workers=workers))

    def stream(
        self, pictures: Iterable[Source], *, batch: int = 8, workers: int | None = None
    ) -> Generator[Identification, None, None]:
        """Identify pictures lazily; the n-th answer belongs to the n-th picture, failures included.

        `workers` threads (default: as many as there are CPUs) decode and identify a batch each; at most one
        batch more than that is held. To stop early, leave the loop and `close()` the stream: no thread of it
        is left afterwards.
        """
        workers = usable_cpus() if workers is None else workers
        if batch < 1 or workers < 1:
            raise UsageError(f"batch ({batch}) and workers ({workers}) must be at least 1")
        return self._stream(pictures, batch, workers)

    def _stream(self, pictures: Iterable[Source], batch: int, workers: int) -> Generator[Identification, None, None]:
        with closing(in_order(pictures, self._identify_batch, batch=batch, workers=workers)) as answers:
            for some in answers:
                yield from some

    def _identify_batch(self, pictures: Iterator[Source]) -> list[Identification]:
        return self.answer([self.prepare(picture) for picture in pictures])

    def prepare(self, picture: Source) -> PreparedPicture:
        """The first half of `identify`, for programs with queues of their own: decode and fit, in any thread."""
        start = time.perf_counter()
        whole = picture.whole if isinstance(picture, Crop) else picture
        source = printable(whole) if isinstance(whole, (str, os.PathLike)) else ""
        pixels: Pixels | None = None
        flags: tuple[str, ...] = ()
        failure: Failure | None = None
        try:
            pixels, flags = prepare(picture, self._bundle.manifest.preprocessing)
        except ImageError as error:
            failure = Failure(error.fault, str(error))
        return PreparedPicture(source, pixels, flags, failure, (time.perf_counter() - start) * 1000)

    def answer(self, prepared: Sequence[PreparedPicture]) -> list[Identification]:
        """The second half of `identify`: one batch through the network, one answer for each, in order."""
        readable = [one.pixels for one in prepared if one.pixels is not None]
        answers: Iterator[Identification] = iter(())
        if readable:
            start = time.perf_counter()
            outputs = self._checked_outputs(np.stack(readable))
            share_ms = (time.perf_counter() - start) * 1000 / len(readable)
            with np.errstate(all="ignore"):  # `_answer` finds what is no number
                probabilities = softmax(outputs.logits, self._calibration.temperature)
                scores = self._familiarity(outputs)
            sources = [one for one in prepared if one.pixels is not None]
            answers = iter(
                [self._answer(o, p, float(s), share_ms) for o, p, s in zip(sources, probabilities, scores, strict=True)]
            )
        return [
            Identification(one.source, self.provenance, failure=one.failure, elapsed_ms=one.elapsed_ms)
            if one.failure is not None
            else next(answers)
            for one in prepared
        ]

    def evidence(
        self, picture: Source, species: Sequence[str] = (), *, progress: Callable[[float], object] | None = None
    ) -> tuple[Evidence, ...]:
        """Which part of a picture the answer for each of `species` (ids; none: the likeliest) rests on.

        An aid, not proof. Takes as long as about 70 pictures; `progress` gets the share that is done (0 to 1) after
        each batch, and what it raises ends the work. Raises `ImageError` for a picture that can't be read,
        `UsageError` for a species that is unknown or that the policy does not allow.
        """
        allowed = [i for i, one in enumerate(self.species) if not self.policy.only or one.id in self.policy.only]
        listed = [self.species[i] for i in allowed]
        ids = [one.id for one in listed]
        strangers = sorted(set(species) - set(ids))
        if strangers:
            raise UsageError(f"{', '.join(strangers)}: not among the {len(ids)} species of this model or site")

        def network(images: Pixels) -> NDArray[np.floating]:
            logits = self._checked_outputs(images).logits[:, allowed]
            if not np.isfinite(logits).all():
                raise ImageError(Fault.NO_VALID_ANSWER, "the model gave no valid answer for this picture")
            return logits / self._calibration.temperature

        shown = load_for(picture, self._bundle.manifest.preprocessing)
        pixels = fit(shown.pixels, self._bundle.manifest.preprocessing)
        seen = seen_box(shown, self._bundle.manifest.preprocessing)
        return MaskedPicture(pixels, network, progress).evidence(listed, [ids.index(one) for one in species], seen)

    def _checked_outputs(self, images: Pixels) -> Outputs:
        outputs = self._outputs(images)
        if outputs.logits.shape != (len(images), len(self.species)):
            raise BundleError(
                f"the network of '{self._bundle.manifest.name}' answers {list(outputs.logits.shape)} for "
                f"{len(images)} pictures and {len(self.species)} species"
            )
        return outputs

    def _outputs(self, images: Pixels) -> Outputs:
        """What the network says of uint8 [N, H, W, 3]; a device without room for all gets them in halves.

        The answers are the same: parity proves that they don't depend on the batch.
        """
        try:
            return self._backend.run(images)
        except DeviceMemoryFull:
            if len(images) == 1:
                raise
            first, second = self._outputs(images[: len(images) // 2]), self._outputs(images[len(images) // 2 :])
            return Outputs(
                np.concatenate([first.logits, second.logits]), np.concatenate([first.embedding, second.embedding])
            )

    def close(self) -> None:
        """Free the backend."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(
        self, one: PreparedPicture, probabilities: NDArray[np.float32], score: float, share_ms: float
    ) -> Identification:
        elapsed_ms = one.elapsed_ms + share_ms
        if not (np.isfinite(probabilities).all() and np.isfinite(score)):
            failure = Failure(Fault.NO_VALID_ANSWER, f"{one.source or 'the picture'}: the model gave no valid answer")
            return Identification(one.source, self.provenance, failure=failure, elapsed_ms=elapsed_ms)
        return Identification(
            source=one.source,
            provenance=self.provenance,
            candidates=ranked(self.policy, probabilities),
            decision=self.policy.decide(probabilities, score),
            probabilities=probabilities,
            familiarity=score,
            flags=one.flags,
            elapsed_ms=elapsed_ms,
        )

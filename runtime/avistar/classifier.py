"""The one class that programs embed: a bundle and a backend, from pictures to identifications."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Backend, Floats, Outputs, halved
from avistar.backends.factory import BackendChoice, Device, open_backend
from avistar.bundle import ModelBundle, default_bundle
from avistar.decision import Policy, softmax
from avistar.errors import BundleError, Fault, ImageError, UsageError
from avistar.familiarity import Familiarity, familiarity_of
from avistar.files import printable
from avistar.identification import Failure, Identification, PreparedPicture, Provenance, ranked
from avistar.images.decode import load_for, prepare
from avistar.images.geometry import Crop, Pixels, Source, fit
from avistar.manifest import Artifact, Calibration, Precision, Preprocessing
from avistar.message import Message
from avistar.occlusion import Evidence, MaskedPicture, seen_box
from avistar.parallel import in_order, usable_cpus
from avistar.species import Group, Species
from avistar.verification import Verification, check_artifact, check_decoding, read_golden


@dataclass(frozen=True, slots=True)
class ClassifierInfo:
    """What a classifier is made of and truly runs on.

    Attributes:
        bundle: The bundle's name.
        folder: Where the bundle lies.
        architecture: The network, such as "resnet50".
        preprocessing: The geometry of its pictures.
        executed: The artifact in use, None for a backend that executes none (a function in tests).
        artifact_sha256: SHA-256 of the artifact in hexadecimal, "" without one.
        device: "cpu", "cuda", …, "" where unknown.
        runs_on: The same for people, with library, precision and threads.
        rejected: A sentence for each better device that was tried in vain.
        threads: CPU threads of inference, None on a GPU.
        calibration: The artifact's temperature and familiarity floor.
        policy: The species and the thresholds in use.
    """

    bundle: str
    folder: Path
    architecture: str
    preprocessing: Preprocessing
    executed: Artifact | None
    artifact_sha256: str
    device: str
    runs_on: str
    rejected: tuple[str, ...]
    threads: int | None
    calibration: Calibration
    policy: Policy

    @property
    def artifact(self) -> Artifact:
        """The artifact in use.

        Returns:
            What is executed; whatever `Classifier.open` made has one.

        Raises:
            UsageError: The classifier was made of a backend that executes none.
        """
        if self.executed is None:
            raise UsageError("this classifier was not made by Classifier.open: it executes no artifact")
        return self.executed


class Classifier:
    """Identifies pictures with one bundle on one backend; safe to share between threads.

    Made by `Classifier.open`, or from a bundle and any backend (`FunctionBackend` in tests). Close it, or use it as a
    context manager.

    Attributes:
        policy: The species and the thresholds that decide.
        provenance: What gives the answers.
        rejected: A sentence for each better device that was tried in vain, empty where the best is in use.

    Examples:
        >>> from avistar import Classifier
        >>> with Classifier.open() as classifier:
        ...     answer = classifier.identify("samples/raccoon.jpg")
        >>> answer.decision.kind, answer.decision.id
        ('species', 'raccoon')
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
        manifest = bundle.manifest
        self.policy = Policy(manifest.species, manifest.decision, calibration.familiarity_floor, groups=manifest.groups)
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
        """Open a bundle on a device.

        Args:
            folder: The bundle's folder; None for the one that ships with Avistar.
            device: "auto" takes the best that truly works, and `rejected` says what did not and why. Any other name
                ("cpu", "cuda", "openvino", …) is that device or an error: never silently another.
            precision: "fp32", "fp16" or "int8"; None for the best that the bundle has for the device.
            threads: CPU threads of inference, 1 or more; None for every CPU that the process may use.

        Returns:
            A classifier that holds the backend until it is closed.

        Raises:
            BundleError: The bundle is missing, damaged, altered, or written for another version.
            BackendUnavailable: The device, or the precision on it, cannot be had on this machine.
            UsageError: There is no such device.
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
        """The same classifier deciding by another policy: a site's species, other thresholds.

        Args:
            policy: For the species of this classifier, such as `classifier.policy.limited(["wolf", "moose"])`.

        Returns:
            A classifier that shares the backend: closing one closes the other.
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
            executed=choice.artifact if choice else None,
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

        Returns:
            What was checked; `passed` says whether this machine can be trusted with the bundle.

        Raises:
            BundleError: The bundle carries no expected outputs for the artifact in use.
            UsageError: The classifier was not made by `Classifier.open`, and so executes no artifact.
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
        """Identify one picture.

        Args:
            picture: A path, the encoded bytes of a file, a Pillow image, an array uint8 [H, W, 3] RGB (0 to 255), or a
                `Crop` of any of these. EXIF orientation is applied.

        Returns:
            The answer. A picture that cannot be read gives one with `failure` set, never an exception.

        Raises:
            BackendUnavailable: The device was lost, or has no room for a single picture.
            BundleError: The network's output does not fit its bundle.
        """
        return self.answer([self.prepare(picture)])[0]

    def identify_many(
        self, pictures: Iterable[Source], *, batch: int = 8, workers: int | None = None
    ) -> list[Identification]:
        """Identify pictures and return all answers.

        For more pictures than answers fit in memory (4 kB each), or to see answers as they come: `stream`.

        Args:
            pictures: As `identify` takes them.
            batch: Pictures in one call of the network, 1 or more.
            workers: Threads that decode and identify a batch each, 1 or more; None for as many as there are CPUs.

        Returns:
            The n-th answer belongs to the n-th picture, failures included.

        Raises:
            UsageError: `batch` or `workers` is below 1.
            BackendUnavailable: As `identify`.
        """
        return list(self.stream(pictures, batch=batch, workers=workers))

    def stream(
        self, pictures: Iterable[Source], *, batch: int = 8, workers: int | None = None
    ) -> Generator[Identification, None, None]:
        """Identify pictures lazily, in order, holding at most one batch more than there are workers.

        Args:
            pictures: As `identify` takes them; advanced as answers are taken.
            batch: Pictures in one call of the network, 1 or more.
            workers: Threads that decode and identify a batch each, 1 or more; None for as many as there are CPUs.

        Returns:
            A generator: its n-th answer belongs to the n-th picture, failures included. To stop early, leave the loop
            and `close()` it: no thread of it is left afterwards.

        Raises:
            UsageError: `batch` or `workers` is below 1; at the call, not at the first answer.
            BackendUnavailable: As `identify`.

        Examples:
            >>> from avistar import Classifier
            >>> with Classifier.open() as classifier:
            ...     for answer in classifier.stream(["samples/cat.jpg", "samples/missing.jpg"]):
            ...         print(answer.source, answer.failure is None)
            samples/cat.jpg True
            samples/missing.jpg False
        """
        workers = usable_cpus() if workers is None else workers
        if batch < 1 or workers < 1:
            raise UsageError("batch ({batch}) and workers ({workers}) must be at least 1", batch=batch, workers=workers)
        return self._stream(pictures, batch, workers)

    def _stream(self, pictures: Iterable[Source], batch: int, workers: int) -> Generator[Identification, None, None]:
        with closing(in_order(pictures, self._identify_batch, batch=batch, workers=workers)) as answers:
            for some in answers:
                yield from some

    def _identify_batch(self, pictures: Iterator[Source]) -> list[Identification]:
        return self.answer([self.prepare(picture) for picture in pictures])

    def prepare(self, picture: Source) -> PreparedPicture:
        """The first half of `identify`, for programs with queues of their own: decode and fit, in any thread.

        Args:
            picture: As `identify` takes it.

        Returns:
            The pixels as the network takes them, or the failure: never an exception for a picture.
        """
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
        except MemoryError:
            what = Message("{name}: too large for the memory", name=source or "the picture")
            failure = Failure(Fault.TOO_LARGE, str(what))
        return PreparedPicture(source, pixels, flags, failure, (time.perf_counter() - start) * 1000)

    def answer(self, prepared: Sequence[PreparedPicture]) -> list[Identification]:
        """The second half of `identify`: one batch through the network.

        Args:
            prepared: What `prepare` gave, failures included; any number.

        Returns:
            One answer for each, in order.

        Raises:
            BackendUnavailable: As `identify`.
            BundleError: As `identify`.
        """
        return [answer for answer, _ in self.answer_with_embeddings(prepared)]

    def answer_with_embeddings(self, prepared: Sequence[PreparedPicture]) -> list[tuple[Identification, Floats | None]]:
        """`answer`, with what the last layer saw: what it takes to answer again with another last layer.

        Args:
            prepared: What `prepare` gave, failures included; any number.

        Returns:
            One answer for each, in order, with its embedding float32 [features]; None for a failure.

        Raises:
            BackendUnavailable: As `identify`.
            BundleError: As `identify`.
        """
        readable = [one for one in prepared if one.pixels is not None]
        found: Iterator[tuple[Identification, Floats | None]] = iter(())
        if readable:
            start = time.perf_counter()
            outputs = self._checked_outputs(np.stack([one.pixels for one in readable if one.pixels is not None]))
            share_ms = (time.perf_counter() - start) * 1000 / len(readable)
            found = zip(self.answer_outputs(readable, outputs, share_ms), outputs.embedding, strict=True)
        return [
            (Identification(one.source, self.provenance, failure=one.failure, elapsed_ms=one.elapsed_ms), None)
            if one.failure is not None
            else next(found)
            for one in prepared
        ]

    def answer_outputs(
        self, seen: Sequence[PreparedPicture], outputs: Outputs, share_ms: float = 0.0
    ) -> list[Identification]:
        """The last step of `identify`: what a network's outputs say, calibrated and decided.

        Args:
            seen: The pictures that the outputs are of; their pixels are not looked at.
            outputs: Logits float32 [N, species] and embeddings float32 [N, features].
            share_ms: Milliseconds that each took in the network.

        Returns:
            One answer for each, in order.
        """
        with np.errstate(all="ignore"):  # `_answer` finds what is no number
            probabilities = softmax(outputs.logits, self._calibration.temperature)
            scores = self._familiarity(outputs)
        return [
            self._answer(one, row, float(score), share_ms)
            for one, row, score in zip(seen, probabilities, scores, strict=True)
        ]

    def evidence(
        self, picture: Source, species: Sequence[str] = (), *, progress: Callable[[float], object] | None = None
    ) -> tuple[Evidence, ...]:
        """Which part of a picture the answers rest on, found by hiding parts of it. An aid, not proof.

        Takes as long as about 70 pictures. See `avistar.occlusion` for the method and its source.

        Args:
            picture: As `identify` takes it.
            species: Ids of the species to ask about; none for the likeliest one.
            progress: Called with the share that is done (0 to 1) after each batch; what it raises ends the work.

        Returns:
            One piece of evidence for each species asked about.

        Raises:
            ImageError: The picture cannot be read, or the model gives no valid answer for it.
            UsageError: A species is unknown, or the policy does not allow it.
        """
        allowed = [i for i, one in enumerate(self.species) if not self.policy.only or one.id in self.policy.only]
        listed = [self.species[i] for i in allowed]
        ids = [one.id for one in listed]
        strangers = sorted(set(species) - set(ids))
        if strangers:
            raise UsageError(
                "{strangers}: not among the {number} species of this model or site",
                strangers=", ".join(strangers),
                number=len(ids),
            )

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
        text = any(one.dtype.kind not in "fiu" for one in (outputs.logits, outputs.embedding))
        if text or outputs.logits.shape != (len(images), len(self.species)):
            raise BundleError(
                "the network of '{name}' answers {shape} for {pictures} pictures and {species} species",
                name=self._bundle.manifest.name,
                shape=list(outputs.logits.shape),
                pictures=len(images),
                species=len(self.species),
            )
        return outputs

    def _outputs(self, images: Pixels) -> Outputs:
        """What the network says of uint8 [N, H, W, 3]; a device without room for all gets them in halves."""

        def arrays(part: Pixels) -> tuple[Floats, Floats]:
            outputs = self._backend.run(part)
            return outputs.logits, outputs.embedding

        return Outputs(*halved(arrays, images))

    def close(self) -> None:
        """Free the backend; safe to call twice."""
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
            groups=self.policy.groups,
        )

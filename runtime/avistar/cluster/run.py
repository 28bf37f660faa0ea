"""A run from a source to its parts: what `avistar identify --cluster` does.

From a cluster's parts into a catalogue, where they are reviewed and exported like any survey.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import avistar
from avistar.bundle import DetectorBundle, ModelBundle, default_bundle, default_detector
from avistar.catalogue import Catalogue, Model
from avistar.classifier import Classifier
from avistar.cluster.job import ClusterJob, Piece
from avistar.cluster.parquet import read_parquet
from avistar.cluster.photo_source import PhotoSource, open_source
from avistar.cluster.ray_workers import RayCrew, connect
from avistar.cluster.scheduler import ClusterMember, ClusterProgress, Scheduler
from avistar.cluster.worker import ClusterPlan, Identity, given_up
from avistar.errors import AvistarError, UsageError
from avistar.manifest import Precision
from avistar.options import DetectorOptions, Thresholds
from avistar.parallel import usable_cpus
from avistar.records import SurveyFacts
from avistar.survey_choices import outdated_answers


@dataclass(frozen=True, slots=True)
class ClusterRun:
    """What is asked for: the photos of `source`, on the cluster at `address`, into the folder `out`.

    `address`: "auto" for the cluster that runs here, "local" for one of this machine alone, or Ray's own form.
    `cpus` go to each worker; None: four, or all of this machine where it has fewer. `shard` photos are
    given out at once.
    """

    source: str
    address: str
    out: Path
    bundle: Path | None = None
    device: str = "auto"
    precision: Precision | None = None
    batch: int = 8
    cpus: int | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    shard: int = 256
    detector: DetectorOptions | None = None

    @property
    def cpus_of_worker(self) -> int:
        """The CPUs of each worker."""
        return self.cpus or min(4, usable_cpus())


@dataclass(slots=True)
class ClusterOutcome:
    """What became of a run: its numbers, who took part or was refused, folders that could not be looked into."""

    progress: ClusterProgress
    members: list[ClusterMember]
    refused: list[tuple[str, str]]
    unreadable: list[tuple[str, str]]


@dataclass(slots=True)
class _Listing:
    """Writes the listing in a thread of its own; keeps what went wrong for the one who waits."""

    job: ClusterJob
    source: PhotoSource
    error: BaseException | None = None
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._list, name="avistar-listing", daemon=True)
        self.thread.start()

    def _list(self) -> None:
        try:
            self.job.list_photos(self.source)
        except BaseException as error:
            self.error = error
        finally:
            self.job.end_listing()

    def finish(self) -> None:
        """Wait for the end. Raises what ended it early: photos would be missing in silence."""
        self.thread.join()
        if self.error is not None:
            raise AvistarError(
                "{root} could not be listed to its end ({error}): what is done is kept; start the same command again",
                root=self.source.root,
                error=self.error,
            ) from self.error


def run_on_cluster(asked: ClusterRun, report: Callable[[ClusterProgress, RayCrew], None]) -> ClusterOutcome:
    """Identify every photo that has no answer in `asked.out` yet; `report` hears of it twice a second.

    Raises `UsageError` for a source, a cluster or a folder that can't be used, `MissingExtra` without Ray,
    `Impossible` when no machine can take part.
    """
    source = open_source(asked.source)
    bundle = ModelBundle.open(asked.bundle or default_bundle())
    finder = DetectorBundle.open(asked.detector.folder or default_detector()) if asked.detector else None
    job = ClusterJob(asked.out, _question(asked, source, bundle, finder), shard=asked.shard)
    plan = ClusterPlan(
        source.root, str(asked.bundle.absolute()) if asked.bundle else None, asked.device, asked.precision,
        asked.cpus_of_worker, asked.batch, asked.thresholds.resolved(bundle.manifest.species),
        asked.detector,
    )  # fmt: skip
    ray = connect(asked.address, cpus=usable_cpus())
    crew = RayCrew(plan, Identity.of(bundle, finder), cpus=asked.cpus_of_worker)
    try:
        listing = _Listing(job, source)
        dispatch = Scheduler(job, crew, lambda piece: _given_up(piece, plan))
        progress = dispatch.run(lambda progress: report(progress, crew))
        listing.finish()
        return ClusterOutcome(progress, crew.members, crew.refused, source.unreadable)
    finally:
        crew.close()
        ray.shutdown()


def _question(
    asked: ClusterRun, source: PhotoSource, bundle: ModelBundle, finder: DetectorBundle | None
) -> dict[str, str]:
    """What must be the same for a run to be taken up: anything that changes the photos or their answers."""
    found = {}
    if finder is not None and asked.detector is not None:
        least = finder.manifest.threshold if asked.detector.threshold is None else asked.detector.threshold
        found = {"detector_sha256": finder.sha256, "detector": str(asked.detector)}
        found |= {"detector_name": finder.manifest.name, "detection_confidence": f"{least:g}"}
        found |= {"detector_folder": asked.detector.folder} if asked.detector.folder else {}
    return found | {
        "root": source.root,
        "source": asked.source,
        "bundle": bundle.manifest.name,
        "bundle_sha256": bundle.sha256,
        "precision": asked.precision or "each machine's fastest",
        "thresholds": str(asked.thresholds.resolved(bundle.manifest.species)),
        "software": f"avistar {avistar.__version__}",
    }


def _given_up(piece: Piece, plan: ClusterPlan) -> bytes:
    """Written by this process: no worker outlives such a photo. It happens once in a million photos or less."""
    with Classifier.open(plan.bundle, "cpu", threads=1) as classifier:
        return given_up(piece, plan, Model.of(plan.thresholds.applied(classifier)))


def import_parts(
    folder: Path, catalogue_file: Path, advance: Callable[[int], None] = lambda photos: None
) -> tuple[int, int]:
    """Write what a run left in `folder` to a catalogue, new or begun; the numbers of parts and of media.

    A medium that is there already gets these answers; what people said of it stays. `advance` hears of the
    photos of each part. Raises `UsageError` where `folder` holds no run, the catalogue is of other photos, or its
    answers came about otherwise: its settings hold for all of them.
    """
    question, parts = ClusterJob.results(folder)
    root = question["root"]
    if not parts:
        raise UsageError(
            "{folder} holds no finished parts yet: run `avistar identify` with --cluster first", folder=folder
        )
    model, _ = read_parquet(parts[0], root)
    species = tuple(one.id for one in model.policy.species)
    facts = SurveyFacts(
        root, datetime.now(UTC), f"avistar {avistar.__version__}", species, tuple(sorted(model.policy.only)),
        _settings(question),
    )  # fmt: skip
    media = 0
    with Catalogue.open(catalogue_file, new=facts) as catalogue:
        if catalogue.facts.folder != root:
            raise UsageError(
                "{catalogue} is the catalogue of {folder}, these answers are about {root}: name another catalogue",
                catalogue=catalogue_file,
                folder=catalogue.facts.folder,
                root=root,
            )
        _check_alike(catalogue, facts.settings)
        for part in parts:
            model, coming = read_parquet(part, root)
            records = list(coming)
            catalogue.write(records, model)
            media += len(records)
            advance(len(records))
    return len(parts), media


def _check_alike(catalogue: Catalogue, settings: Mapping[str, str]) -> None:
    outdated = outdated_answers(catalogue, settings, catalogue.facts.settings)
    if outdated is not None and outdated.number:
        raise UsageError(
            "the answers in {catalogue} came about by {before}, these by {now}: name another catalogue",
            catalogue=catalogue.path,
            before=outdated.before,
            now=outdated.now,
        )


def _settings(question: dict[str, str]) -> dict[str, str]:
    """How the run looked at photos, as a survey remembers it."""
    if "detector_name" not in question:
        return {}
    kept: dict[str, str] = {
        name: question[name] for name in ("detection_confidence", "detector_folder") if name in question
    }
    return {"frames_per_second": "1", "detect": "yes", "detector": question["detector_name"], **kept}

"""Real clusters: machines that come and go, photos that kill, answers equal to one machine's."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avistar import Classifier, ModelBundle
from avistar.cluster.job import ClusterJob, Piece
from avistar.cluster.photo_source import open_source
from support import encoded, picture, tiny_bundle

pytest.importorskip("ray", reason="needs the extra 'cluster'")

from ray import cloudpickle

from avistar.catalogue import Model
from avistar.cluster.parquet import read_parquet
from avistar.cluster.ray_workers import RayCrew, connect
from avistar.cluster.scheduler import ClusterProgress, NoWorker, Scheduler
from avistar.cluster.worker import ClusterPlan, Identity, Worker, WorkerAnswers, given_up
from avistar.errors import Fault, UsageError
from avistar.records import Record

# The workers' processes don't have the tests on their path: classes from here travel whole.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class SlowWorker(Worker):
    """Needs a third of a second for a piece, so that there is time to lose it, on a busy machine too."""

    def identify(self, piece: Piece) -> WorkerAnswers:
        time.sleep(0.3)
        return super().identify(piece)


class FragileWorker(Worker):
    """Ends its process, as a fault in a decoder would, when it meets a photo called poison."""

    def identify(self, piece: Piece) -> WorkerAnswers:
        if any("poison" in photo.relative for photo in piece.photos):
            os._exit(139)
        return super().identify(piece)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(40):
        (folder / f"{i:03}.jpg").write_bytes(encoded(picture(i)))
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def run(
    tmp_path: Path,
    photos: Path,
    bundle: ModelBundle,
    *,
    worker: Callable[..., Any] = Worker,
    watch: Callable[[ClusterProgress], None] = lambda progress: None,
    shard: int = 4,
) -> tuple[ClusterProgress, list[Record], RayCrew]:
    """Identify `photos` on the cluster that was joined, into a new or begun job."""
    plan = ClusterPlan(str(photos), str(bundle.folder), "cpu")
    expected = Identity.of(bundle)
    job = ClusterJob(tmp_path / "out", {"source": str(photos)}, shard=shard)
    job.list_photos(open_source(str(photos)))
    with Classifier.open(bundle.folder, "cpu") as classifier:
        model = Model.of(classifier)
    crew = RayCrew(plan, expected, cpus=1, worker=worker)
    try:
        progress = Scheduler(job, crew, lambda piece: given_up(piece, plan, model)).run(watch)
    finally:
        crew.close()
    records = [record for part in job.parts for record in read_parquet(part, str(photos))[1]]
    return progress, records, crew


def names(records: list[Record]) -> list[str]:
    return sorted(record.medium.relative for record in records)


def test_answers_equal_one_machine_photo_by_photo(
    machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle
) -> None:
    progress, records, crew = run(tmp_path, photos, tiny)
    assert names(records) == sorted(path.name for path in photos.iterdir())
    assert (progress.done, progress.failed) == (41, 1)
    assert {member.precision for member in crew.members} <= {"fp32"}
    with Classifier.open(tiny.folder, "cpu", threads=1) as classifier:
        for record in records:
            alone = classifier.identify(record.medium.path)
            if alone.failure:
                assert record.failure == alone.failure
                continue
            answer = record.identification
            assert answer is not None
            assert (answer.probabilities == alone.probabilities).all()
            assert (answer.decision, answer.provenance) == (alone.decision, alone.provenance)
            assert (record.medium.width, record.medium.height) == (64, 48)


def test_a_machine_lost_in_the_middle_costs_no_photo(
    machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle
) -> None:
    extra = machines.add_node(num_cpus=2, object_store_memory=100 * 2**20)
    lost = []

    def lose(progress: ClusterProgress) -> None:
        if progress.workers >= 3 and progress.done >= 8 and not lost:
            lost.append(progress.done)
            machines.remove_node(extra, allow_graceful=False)

    progress, records, _ = run(tmp_path, photos, tiny, worker=SlowWorker, watch=lose, shard=2)
    assert lost
    assert names(records) == sorted(path.name for path in photos.iterdir())
    assert progress.given_up == 0


def test_a_machine_that_joins_late_is_used(machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle) -> None:
    added: list[Any] = []
    most = []

    def join(progress: ClusterProgress) -> None:
        most.append(progress.workers)
        if progress.done >= 2 and not added:
            added.append(machines.add_node(num_cpus=2, object_store_memory=100 * 2**20))

    class VerySlow(Worker):
        def identify(self, piece: Piece) -> WorkerAnswers:
            time.sleep(0.5)
            return super().identify(piece)

    _, records, _ = run(tmp_path, photos, tiny, worker=VerySlow, watch=join, shard=1)
    machines.remove_node(added[0])
    assert max(most) == 4
    assert len(records) == 41


def test_a_machine_with_a_gpu_has_a_worker_on_it_and_others_on_its_cpus(
    machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle
) -> None:
    lent = machines.add_node(num_cpus=3, num_gpus=1, object_store_memory=100 * 2**20)
    crew = RayCrew(ClusterPlan(str(photos), str(tiny.folder), "auto"), Identity.of(tiny), cpus=1)
    try:
        while len(crew.members) < 5:  # two on the head's CPUs, one on the GPU, two on the CPUs beside it
            crew.hungry()
            assert not list(crew.wait(0.2))
        assert not crew.refused
        on_gpu = [member for member in crew.members if member.rejected]
        assert len(on_gpu) == 1  # there is no real GPU: it says why it runs on the CPU after all
    finally:
        crew.close()
        machines.remove_node(lent)


def test_a_photo_that_kills_its_worker_is_isolated_and_reported(
    machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle
) -> None:
    (photos / "poison.jpg").write_bytes(encoded(picture(99)))
    progress, records, _ = run(tmp_path, photos, tiny, worker=FragileWorker, shard=16)
    assert names(records) == sorted(path.name for path in photos.iterdir())
    assert (progress.given_up, progress.failed) == (1, 2)
    crashed = {record.medium.relative for record in records if record.failure and record.failure.fault is Fault.CRASHED}
    assert crashed == {"poison.jpg"}


def test_a_run_that_ended_early_is_taken_up_where_it_was(
    machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle
) -> None:
    class Stop(Exception):
        pass

    def stop(progress: ClusterProgress) -> None:
        if progress.done >= 12:
            raise Stop

    with pytest.raises(Stop):
        run(tmp_path, photos, tiny, worker=SlowWorker, watch=stop)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out" / "parts").iterdir()}
    progress, records, _ = run(tmp_path, photos, tiny)
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out" / "parts").iterdir()}
    assert before.items() <= after.items()
    assert len(before) < len(after)
    assert names(records) == sorted(path.name for path in photos.iterdir())
    assert (progress.done, progress.failed) == (41, 1)


def test_a_worker_with_another_bundle_is_refused(
    machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle
) -> None:
    other = tiny_bundle(tmp_path / "other", name="other")
    plan = ClusterPlan(str(photos), str(other.folder), "cpu")
    crew = RayCrew(plan, Identity.of(tiny), cpus=1)
    job = ClusterJob(tmp_path / "out", {})
    job.list_photos(open_source(str(photos)))
    try:
        with pytest.raises(NoWorker, match="its bundle is another one"):
            Scheduler(job, crew, lambda piece: b"").run()
    finally:
        crew.close()


def test_a_worker_without_the_bundle_says_so(machines: Any, tmp_path: Path, photos: Path, tiny: ModelBundle) -> None:
    crew = RayCrew(ClusterPlan(str(photos), str(tmp_path / "nothing"), "cpu"), Identity.of(tiny), cpus=1)
    job = ClusterJob(tmp_path / "out", {})
    job.list_photos(open_source(str(photos)))
    try:
        with pytest.raises(NoWorker, match="is no bundle"):
            Scheduler(job, crew, lambda piece: b"").run()
    finally:
        crew.close()


def test_an_address_where_nobody_answers_is_said_at_once() -> None:
    with pytest.raises(UsageError, match=r"nothing answers at 127\.0\.0\.1:9"):
        connect("127.0.0.1:9")

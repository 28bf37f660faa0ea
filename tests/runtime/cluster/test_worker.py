"""What one machine does with a piece, without a cluster around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from avistar import Classifier, ModelBundle
from avistar.bundle import DetectorBundle
from avistar.cluster.job import Piece
from avistar.cluster.photo_source import ListedPhoto
from avistar.errors import Fault
from avistar.options import Thresholds
from avistar.records import Record
from support import encoded, picture

fsspec = pytest.importorskip("fsspec", reason="needs the extra 'cluster'")
pytest.importorskip("pyarrow", reason="needs the extra 'cluster'")

from avistar.cluster.parquet import read_parquet  # noqa: E402
from avistar.cluster.worker import ClusterPlan, Identity, Worker  # noqa: E402


def answers(worker: Worker, names: list[str], tmp_path: Path, root: str) -> tuple[dict[str, Record], int]:
    back = worker.identify(Piece(0, 0, tuple(ListedPhoto(name, 3, 5) for name in names)))
    part = tmp_path / "part.parquet"
    part.write_bytes(back.parquet)
    return {record.medium.relative: record for record in read_parquet(part, root)[1]}, back.failed


def test_photos_of_an_object_store_are_answered_like_files(tmp_path: Path, tiny: ModelBundle) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/park/a.jpg", encoded(picture(1)))
    store.pipe("/park/bad.jpg", b"no picture")
    worker = Worker(ClusterPlan("memory://park", str(tiny.folder), "cpu"))
    records, failed = answers(worker, ["a.jpg", "bad.jpg", "gone.jpg"], tmp_path, "memory://park")
    with Classifier.open(tiny.folder, "cpu") as classifier:
        alone = classifier.identify(encoded(picture(1)))
    answer = records["a.jpg"].identification
    assert answer is not None
    assert (answer.probabilities == alone.probabilities).all()
    assert records["a.jpg"].medium.path == "memory://park/a.jpg"
    assert (records["a.jpg"].medium.bytes, records["a.jpg"].medium.modified_ns) == (3, 5)
    assert (records["a.jpg"].medium.width, records["a.jpg"].medium.height) == (64, 48)
    faults = {name: record.failure.fault for name, record in records.items() if record.failure}
    assert faults == {"bad.jpg": Fault.NOT_AN_IMAGE, "gone.jpg": Fault.MISSING}
    assert failed == 2
    store.rm("/park", recursive=True)


def test_a_site_list_holds_on_every_machine(tmp_path: Path, tiny: ModelBundle) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(picture(1)))
    worker = Worker(
        ClusterPlan(
            str(tmp_path), str(tiny.folder), "cpu", thresholds=Thresholds("lobo, moose").resolved(tiny.manifest.species)
        )
    )
    records, _ = answers(worker, ["a.jpg"], tmp_path, str(tmp_path))
    answer = records["a.jpg"].identification
    assert answer is not None
    assert {one.species.id for one in answer.candidates if one.confidence > 0} <= {"wolf", "moose"}


def test_a_worker_says_what_it_is(tiny: ModelBundle) -> None:
    introduction = Worker(ClusterPlan("/photos", str(tiny.folder), "cpu")).introduce()
    assert introduction.identity == Identity.of(tiny)
    assert introduction.precision == "fp32"
    assert introduction.runs_on.startswith("cpu")
    other = Identity("0.0", introduction.identity.manifest_sha256)
    assert "Avistar 0.0" in other.differs_from(introduction.identity)


def test_a_detector_works_on_every_machine_and_tells_it_from_others(tmp_path: Path, tiny: ModelBundle) -> None:
    from avistar.options import DetectorOptions
    from detector_support import bright_bundle

    folder = bright_bundle(tmp_path / "bright").folder
    Image.new("RGB", (64, 64), "white").save(tmp_path / "white.png")
    store = fsspec.filesystem("memory")
    store.pipe("/bright/white.png", (tmp_path / "white.png").read_bytes())
    for root in (str(tmp_path), "memory://bright"):
        plan = ClusterPlan(root, str(tiny.folder), "cpu", detector=DetectorOptions(str(folder)))
        worker = Worker(plan)
        records, failed = answers(worker, ["white.png"], tmp_path, root)
        [box] = records["white.png"].detections
        assert (box.left, box.width, failed) == (0, 0.5, 0)
    identity = worker.introduce().identity
    assert identity != Identity.of(tiny)
    assert identity == Identity.of(tiny, DetectorBundle.open(folder))
    store.rm("/bright", recursive=True)

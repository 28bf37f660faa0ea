from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base

from avistar import BackendUnavailable, BundleError, Fault, ImageError, ModelBundle, UsageError
from avistar.backends.onnx_io_binding import BoundSession
from avistar.backends.openvino_backend import OpenVinoBackend
from avistar.boxes import MOST_BOXES, Box, iou, suppressed
from avistar.bundle import DetectorBundle, bundle_places, default_detector, find_bundles, find_detectors
from avistar.detector import Detector
from avistar.errors import DeviceMemoryFull
from avistar.manifest import DetectorManifest, Letterbox
from detector_support import SIDE, BoxFunction, bright_bundle, bright_graph, detector_of, manifest

WHITE, BLACK = (np.full((48, 64, 3), grey, np.uint8) for grey in (255, 0))
ROW = (0.25, 0.25, 0.5, 0.5, 0.9)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_of_overlapping_boxes_the_surest_remains_and_others_stay() -> None:
    some = boxes((0, 0, 1, 1), (0.05, 0, 1, 1), (2, 2, 3, 3), (2, 2, 3, 3.1))
    kept = suppressed(some, np.array([0.5, 0.9, 0.8, 0.05], np.float32), threshold=0.1, overlap=0.45)
    assert kept.tolist() == [1, 2]


def test_overlap_is_the_shared_area_of_all_that_both_cover() -> None:
    found = iou(boxes((0, 0, 2, 2))[0], boxes((1, 0, 3, 2), (0, 0, 2, 2), (5, 5, 6, 6), (1, 1, 1, 1)))
    np.testing.assert_allclose(found, [1 / 3, 1, 0, 0], atol=1e-6)


def test_a_wide_picture_is_filled_up_below_and_its_boxes_are_fractions_of_the_picture() -> None:
    # In the input of 64 px a picture of 64 × 48 px takes the upper three quarters.
    [box] = detector_of([(0.5, 0.375, 1.0, 0.75, 0.9)]).detect(WHITE)
    assert (box.left, box.top, box.width, box.height) == pytest.approx((0.5, 0.5, 0.5, 0.5))
    assert (box.category, box.confidence) == ("animal", pytest.approx(0.9))


def test_what_is_filled_up_has_the_grey_of_the_bundle() -> None:
    seen = []

    def keep(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen.append(images)
        return np.zeros((len(images), 1, 4), np.float32), np.zeros((len(images), 1, 1), np.float32)

    made = DetectorManifest("finder", "tiny", ("animal",), Letterbox(SIDE, pad=114), ())
    Detector(DetectorBundle(Path(), made), BoxFunction(keep)).detect_many([WHITE, WHITE.transpose(1, 0, 2)])
    wide, tall = seen[0]
    assert (wide[:48] == 255).all()
    assert (wide[48:] == 114).all()
    assert (tall[:, :48] == 255).all()
    assert (tall[:, 48:] == 114).all()


def test_boxes_beyond_the_picture_are_cut_and_those_outside_are_dropped() -> None:
    [box] = detector_of([(-0.5, -0.5, 0.5, 0.375, 0.9), (0.1, 0.8, 0.9, 0.95, 0.9)]).detect(WHITE)
    assert (box.left, box.top, box.width, box.height) == pytest.approx((0, 0, 0.5, 0.5))


def test_a_camera_that_lies_on_its_side_gives_boxes_of_the_upright_picture(tmp_path: Path) -> None:
    picture = Image.new("RGB", (64, 32), "white")
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    stream = io.BytesIO()
    picture.save(stream, "JPEG", exif=exif)
    # Upright it has 32 × 64 px: it takes the left half of the input.
    [box] = detector_of([(0, 0.5, 0.5, 1, 0.9)]).detect(stream.getvalue())
    assert (box.left, box.top, box.width, box.height) == pytest.approx((0, 0.5, 1, 0.5))


def test_thousands_of_boxes_become_a_few_and_stay_inside() -> None:
    rng = np.random.default_rng(0)
    corner, size = rng.random((9000, 2)), rng.random((9000, 2)) * 0.05
    rows = np.c_[corner, corner + size, rng.random((9000, 1))].tolist()
    found = detector_of([tuple(row) for row in rows], threshold=0.01).detect(WHITE)
    assert 0 < len(found) <= MOST_BOXES
    assert all(one.left >= 0 and one.left + one.width <= 1.000001 for one in found)
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)


@pytest.mark.parametrize("row", [(0.1, 0.1, float("nan"), 0.5, 0.9), (0.1, 0.1, 0.5, 0.5, float("nan"))])
def test_no_number_fails_that_picture_only(row: tuple[float, ...]) -> None:
    def answer(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        both = np.array([[ROW], [row]], np.float32)
        return both[..., :4], both[..., 4:]

    good, bad = Detector(DetectorBundle(Path(), manifest()), BoxFunction(answer)).detect_many([WHITE, WHITE])
    assert isinstance(good, tuple)
    assert isinstance(bad, ImageError)
    assert bad.fault is Fault.NO_VALID_ANSWER


def test_no_number_where_no_box_counts_harms_nothing() -> None:
    assert detector_of([(float("nan"), 0, 1, 1, 0.01)]).detect(WHITE) == ()


@pytest.mark.parametrize(
    ("box_shape", "score_shape"), [((1, 5, 4), (1, 5, 2)), ((1, 5, 6), (1, 5, 1)), ((1, 4), (1, 5))]
)
def test_another_form_of_answer_names_the_detector(box_shape: tuple[int, ...], score_shape: tuple[int, ...]) -> None:
    strange = BoxFunction(lambda images: (np.zeros(box_shape, np.float32), np.zeros(score_shape, np.float32)))
    with pytest.raises(BundleError, match="detector 'finder' answers boxes"):
        Detector(DetectorBundle(Path(), manifest()), strange).detect(WHITE)


def test_each_class_is_suppressed_by_itself() -> None:
    found = detector_of([(0.1, 0.1, 0.5, 0.5, 0.9, 0.8, 0.0)], "animal", "person", "vehicle").detect(WHITE)
    assert [one.category for one in found] == ["animal", "person"]


def test_a_full_device_gets_pictures_in_halves() -> None:
    sizes: list[int] = []

    def answer(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sizes.append(len(images))
        if len(images) > 2:
            raise DeviceMemoryFull("no room")
        both = np.repeat(np.array([[ROW]], np.float32), len(images), axis=0)
        return both[..., :4], both[..., 4:]

    found = Detector(DetectorBundle(Path(), manifest()), BoxFunction(answer)).detect_many([WHITE] * 5)
    assert len(found) == 5
    assert sizes == [5, 2, 3, 1, 2]


def test_an_unreadable_picture_says_why() -> None:
    with pytest.raises(ImageError) as caught:
        detector_of([ROW]).detect(b"no picture")
    assert caught.value.fault is Fault.NOT_AN_IMAGE
    assert detector_of([ROW]).detect_many([]) == []


def test_a_bundle_opens_on_the_cpu_and_closes(tmp_path: Path) -> None:
    bright_bundle(tmp_path / "bright")
    with Detector.open(tmp_path / "bright", "cpu", threads=1) as detector:
        assert detector.provenance.bundle == "bright"
        assert len(detector.provenance.artifact_sha256) == 64
        [box] = detector.detect(np.full((64, 64, 3), 255, np.uint8))
        assert (box.left, box.width) == pytest.approx((0, 0.5))
        assert detector.detect(BLACK) == ()
    with pytest.raises(BackendUnavailable, match="closed"):
        detector.detect(WHITE)


def test_backends_of_graphics_cards_and_openvino_give_the_same_arrays() -> None:
    import onnxruntime

    outputs = DetectorManifest.OUTPUTS
    images = np.random.default_rng(0).integers(0, 256, (9, SIDE, SIDE, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(bright_graph(), providers=["CPUExecutionProvider"])
    expected = session.run(list(outputs), {"image": images})
    found = [BoundSession(onnxruntime, session, "cpu", outputs).arrays(images)]
    if find_spec("openvino"):
        found.append(OpenVinoBackend(bright_graph(), threads=1, outputs=outputs).arrays(images))
    for arrays in found:
        for one, other in zip(arrays, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_detectors_and_classifiers_are_told_apart_with_the_cure(tmp_path: Path, tiny: ModelBundle) -> None:
    folder = bright_bundle(tmp_path / "bright").folder
    with pytest.raises(BundleError, match="give it as --detector"):
        ModelBundle.open(folder)
    with pytest.raises(BundleError, match="give it as --model"):
        DetectorBundle.open(tiny.folder)
    assert list(find_detectors([tmp_path])) == [folder]
    assert list(find_bundles([tmp_path])) == []
    with pytest.raises(BundleError, match="is no bundle"):
        Detector.open(tmp_path / "nothing", "cpu")


def test_without_any_detector_the_cure_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.bundle.bundle_places", lambda: [tmp_path])
    with pytest.raises(BundleError, match="name one with --detector FOLDER, or leave --detect out"):
        default_detector()


def test_an_altered_detector_is_refused(tmp_path: Path) -> None:
    folder = bright_bundle(tmp_path / "bright").folder
    (folder / "detector.onnx").write_bytes(b"other")
    with pytest.raises(BundleError, match="copy the bundle again"):
        Detector.open(folder, "cpu")


@pytest.mark.parametrize("threshold", [0, 1, 1.5])
def test_thresholds_lie_between_nothing_and_everything(threshold: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        Detector(DetectorBundle(Path(), manifest()), BoxFunction(lambda images: (images, images)), threshold=threshold)


@pytest.mark.parametrize("changes", [{"threshold": 0.0}, {"overlap": 1.0}])
def test_a_manifest_with_impossible_numbers_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(BundleError, match="between 0 and 1"):
        manifest(**changes)
    with pytest.raises(BundleError, match="one of each"):
        manifest("animal", "animal")
    with pytest.raises(BundleError, match="letterbox"):
        Letterbox(8)


def test_a_widened_box_stays_inside() -> None:
    wide = Box(0.0, 0.4, 0.2, 0.2).widened(0.5)
    assert (wide.left, wide.top, wide.width, wide.height) == pytest.approx((0, 0.35, 0.25, 0.3))


def test_the_detector_that_ships_is_intact_and_finds_the_raccoon() -> None:
    from avistar.detector_verification import problems

    folder = default_detector()
    assert folder.parent in bundle_places()
    with Detector.open(folder, "cpu") as detector:
        artifact = detector.bundle.artifact("onnx", "int8")
        assert artifact is not None
        assert problems(detector, artifact.file) == []
        assert detector.detect(Path(__file__).parents[2] / "samples" / "raccoon.jpg")


@pytest.mark.parametrize(("shift", "found"), [(0.25, True), (0.5, False)])  # an overlap (IoU) of 0.6, and of 0.33
def test_suppression_may_keep_another_box_of_the_same_animal(
    monkeypatch: pytest.MonkeyPatch, shift: float, found: bool
) -> None:
    from avistar import detector_verification

    monkeypatch.setattr(
        detector_verification, "read_expected", lambda *_: (("a",), np.array([[0, 0, 0, 0.5, 1, 0.47]], np.float32))
    )
    monkeypatch.setattr(DetectorBundle, "damaged_files", lambda _: [])
    monkeypatch.setattr(DetectorBundle, "checked", lambda *_: b"")
    box = Box(left=0.5 * shift, top=0.0, width=0.5, height=1.0, category="animal", confidence=0.469)
    monkeypatch.setattr(Detector, "detect", lambda *_: (box,))
    said = detector_verification.problems(detector_of([(0, 0, 1, 1, 0.5)], threshold=0.15), "detector.onnx")
    assert said == ([] if found else ["a: the box of score 0.47 isn't found"])

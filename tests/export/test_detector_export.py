from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from typer.testing import CliRunner

from avistar.backends.onnx_backend import OnnxBackend
from avistar.boxes import Box
from avistar.bundle import DetectorBundle
from avistar.detector import Detector
from avistar.detector_verification import problems
from avistar.errors import ImageError, UsageError
from avistar.manifest import DetectorManifest, Letterbox
from avistar_export.cli import app
from avistar_export.detector_graph import COCO, DetectorSource, adopt, family_named
from avistar_export.detector_parity import BOX_TOLERANCES, as_json, as_markdown, compare_boxes
from avistar_export.errors import BuildFailed
from support import encoded, picture

SIDE = 64


def foreign(
    rows: np.ndarray, *, names: str = "", opset: int = 13, batch: str | int = "N", side: tuple[int, int] = (SIDE, SIDE)
) -> bytes:
    """Somebody else's detector: a convolution that sees the picture, and `rows` [A, B] plus a little of it."""
    kernel = np.full((1, 3, 1, 1), 1e-9, np.float32)
    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["seen"], kernel_shape=[1, 1]),
        helper.make_node("GlobalAveragePool", ["seen"], ["mean"]),
        helper.make_node("Reshape", ["mean", "shape"], ["flat"]),
        helper.make_node("Add", ["flat", "rows"], ["output"]),
    ]
    constants = {
        "kernel": kernel,
        "shape": np.array([-1 if batch == "N" else batch, 1, 1], np.int64),
        "rows": rows[None].astype(np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, *side])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, *rows.shape])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    if names:
        entry = model.metadata_props.add()
        entry.key, entry.value = "names", names
    data: bytes = model.SerializeToString()
    return data


def answers(data: bytes, source: DetectorSource) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    made = adopt(data, source)
    images = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    boxes, scores = OnnxBackend(made.model.SerializeToString(), threads=1, outputs=DetectorManifest.OUTPUTS).arrays(
        images
    )
    np.testing.assert_allclose(boxes[0], boxes[1])
    return made.classes, boxes[0], scores[0]


CENTRE = [32, 16, 32, 16]  # left 16, top 8, right 48, bottom 24 of 64 px
CORNERS = [0.25, 0.125, 0.75, 0.375]


def test_yolox_multiplies_objectness_and_class() -> None:
    classes, boxes, scores = answers(foreign(np.array([[*CENTRE, 0.5, 0.8]])), DetectorSource("yolox", ("animal",)))
    assert classes == ("animal",)
    np.testing.assert_allclose(boxes, [CORNERS], atol=1e-5)
    np.testing.assert_allclose(scores, [[0.4]], atol=1e-5)


def test_yolov5_names_its_classes_itself_and_persons_come_second() -> None:
    rows = np.array([[*CENTRE, 0.5, 0.2, 0.8, 0.4]])
    names = "{0: 'person', 1: 'animal', 2: 'vehicle'}"
    classes, boxes, scores = answers(foreign(rows, names=names, opset=12), DetectorSource("yolov5"))
    assert classes == ("animal", "person", "vehicle")
    np.testing.assert_allclose(boxes, [CORNERS], atol=1e-5)
    np.testing.assert_allclose(scores, [[0.4, 0.1, 0.2]], atol=1e-5)


def test_yolov8_lies_on_its_side_and_the_surest_animal_counts() -> None:
    rows = np.array([[*CENTRE, 0.9, 0.3, 0.6]]).T
    source = DetectorSource("yolov8", ("chair", "dog", "bear"))
    classes, boxes, scores = answers(foreign(rows), source)
    assert classes == ("animal",)
    np.testing.assert_allclose(boxes, [CORNERS], atol=1e-5)
    np.testing.assert_allclose(scores, [[0.6]], atol=1e-5)


def test_end_to_end_detectors_give_each_box_its_class() -> None:
    rows = np.array([[16, 8, 48, 24, 0.7, 2.0], [0, 0, 64, 64, 0.6, 0.0]])
    classes, boxes, scores = answers(foreign(rows), DetectorSource("end2end", ("animal", "person", "car")))
    assert classes == ("animal", "person", "vehicle")
    np.testing.assert_allclose(boxes, [CORNERS, [0, 0, 1, 1]], atol=1e-5)
    np.testing.assert_allclose(scores, [[0, 0, 0.7], [0.6, 0, 0]], atol=1e-5)


@pytest.mark.parametrize(
    ("bgr", "divided", "expected"), [(False, False, 200.0), (True, False, 10.0), (True, True, 10 / 255)]
)
def test_colours_come_in_the_order_and_range_that_the_network_knows(bgr: bool, divided: bool, expected: float) -> None:
    kernel = np.zeros((1, 3, 1, 1), np.float32)
    kernel[0, 0] = 1  # the first channel alone
    model = onnx.load_model_from_string(foreign(np.array([[0, 0, 0, 0, 1, 0]])))
    for tensor in model.graph.initializer:
        if tensor.name == "kernel":
            tensor.CopyFrom(numpy_helper.from_array(kernel, "kernel"))
    made = adopt(model.SerializeToString(), DetectorSource("yolox", ("animal",), bgr, divided))
    image = np.zeros((1, SIDE, SIDE, 3), np.uint8)
    image[..., 0], image[..., 2] = 200, 10
    _, scores = OnnxBackend(made.model.SerializeToString(), threads=1, outputs=DetectorManifest.OUTPUTS).arrays(image)
    assert scores[0, 0, 0] == pytest.approx((1 + expected) * expected, rel=1e-4)


@pytest.mark.parametrize(
    ("data", "source", "reason"),
    [
        (b"no file", DetectorSource("yolox", ("animal",)), "no ONNX file"),
        (foreign(np.ones((1, 7))), DetectorSource("yolox", ("animal",)), "choose another --family"),
        (foreign(np.ones((1, 6)), side=(64, 32)), DetectorSource("yolox", ("animal",)), "one input"),
        (foreign(np.ones((1, 6))), DetectorSource("yolox"), "name them in order"),
        (foreign(np.ones((1, 6)), names="{0: __import__('os')}"), DetectorSource("yolox"), "name them in order"),
        (foreign(np.ones((1, 6))), DetectorSource("yolox", ("chair",)), "none of the classes chair"),
    ],
)
def test_what_can_not_be_adopted_is_refused_with_a_reason(data: bytes, source: DetectorSource, reason: str) -> None:
    with pytest.raises((BuildFailed, UsageError), match=reason):
        adopt(data, source)


def test_an_unknown_family_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="yolox, yolov5, yolov8, end2end"):
        family_named("rcnn")


BOX = Box(0.1, 0.1, 0.4, 0.4, confidence=0.9)
MOVED = Box(0.6, 0.6, 0.3, 0.3, confidence=0.9)


def test_the_same_boxes_pass() -> None:
    report = compare_boxes([(BOX,)] * 9, [(BOX,)] * 9, ["animal"] * 9, precision="fp32", threshold=0.2)
    assert report.passed
    assert report.firm_boxes == 9
    assert b'"passed": true' in as_json(report)
    assert "**Passed.**" in as_markdown(report)


@pytest.mark.parametrize(
    ("candidate", "name"),
    [
        ([()] * 9, "recall"),
        ([(MOVED,)] * 9, "firm"),
        ([(Box(0.15, 0.15, 0.4, 0.4, confidence=0.9),)] * 9, "place"),
        ([(Box(0.1, 0.1, 0.4, 0.4, confidence=0.7),)] * 9, "score"),
    ],
)
def test_what_finds_otherwise_is_refused_by_name(candidate: list[tuple[Box, ...]], name: str) -> None:
    report = compare_boxes([(BOX,)] * 9, candidate, ["animal"] * 9, precision="int8", threshold=0.2)
    assert name in {one.name for one in report.criteria if not one.passed}
    assert "REFUSED" in report.summary
    assert "**Refused.**" in as_markdown(report)


def test_new_boxes_in_blanks_are_false_alarms() -> None:
    report = compare_boxes([()] * 9, [(BOX,)] * 9, ["blank"] * 9, precision="int8", threshold=0.2)
    assert [one.name for one in report.criteria if not one.passed] == ["false_alarms"]
    assert report.blanks == (9, 0, 9)


def test_smaller_numbers_may_differ_by_more() -> None:
    order = [BOX_TOLERANCES[name] for name in ("fp32", "fp16", "int8")]
    for measure in ("firm", "place", "score", "recall", "false_alarms"):
        allowed = [getattr(one, measure) for one in order]
        assert allowed == sorted(allowed)


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, Path]:
    folders = tmp_path / "judged", tmp_path / "ranges"
    for number, folder in enumerate(folders):
        for i in range(4):
            path = folder / ("blank" if i == 3 else "wolf") / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(picture(10 * number + i), "PNG"))
    return folders


def run(tmp_path: Path, photos: tuple[Path, Path], *more: str, **changes: Any) -> Any:
    file = tmp_path / "foreign.onnx"
    file.write_bytes(foreign(np.array([[*CENTRE, 0.9, 0.9]]), **changes))
    arguments = [
        "adopt-detector",
        str(file),
        "--family",
        "yolox",
        "--classes",
        "animal",
        "--out",
        str(tmp_path / "mine"),
    ]
    return CliRunner().invoke(app, [*arguments, "--photos", str(photos[0]), "--licence", "MIT, me.", *more])


def test_a_file_becomes_a_bundle_that_verifies_itself(tmp_path: Path, photos: tuple[Path, Path]) -> None:
    done = run(tmp_path, photos, "--precision", "fp32", "--precision", "fp16", "--pad", "7", "--threshold", "0.3")
    assert done.exit_code == 0, done.output
    bundle = DetectorBundle.open(tmp_path / "mine")
    assert bundle.damaged_files() == []
    assert [one.precision for one in bundle.manifest.artifacts] == ["fp32", "fp16"]
    assert (bundle.manifest.preprocessing.pad, bundle.manifest.threshold) == (7, 0.3)
    assert "MIT, me." in (tmp_path / "mine" / "README.md").read_text("utf-8")
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "mine")]).exit_code == 0
    with Detector.open(tmp_path / "mine", "cpu", precision="fp32") as detector:
        assert problems(detector, "detector.onnx") == []
        assert len(detector.detect(np.zeros((64, 64, 3), np.uint8))) == 1


def test_a_detector_that_can_only_look_at_one_picture_is_not_adopted(tmp_path: Path, photos: tuple[Path, Path]) -> None:
    done = run(tmp_path, photos, "--precision", "fp32", batch=3)
    assert done.exit_code == 4, done.output
    assert "free batch size" in done.output
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("more", [("--precision", "int8"), ("--precision", "int8", "--ranges", "PHOTOS")])
def test_ranges_come_from_other_photos(tmp_path: Path, photos: tuple[Path, Path], more: tuple[str, ...]) -> None:
    done = run(tmp_path, photos, *(str(photos[0]) if one == "PHOTOS" else one for one in more))
    assert done.exit_code == 2
    assert "--ranges" in done.output
    assert not (tmp_path / "mine").exists()


def test_nanodets_distances_are_the_means_of_their_distributions() -> None:
    classes, bins = 3, 8
    rows = np.full((21, classes + 4 * bins), -20.0)
    rows[:, :classes] = 0.01
    rows[5, 1] = 0.8  # the cell of 8 px around (12, 12)
    for side, distance in enumerate((1, 0, 2, 1)):
        rows[5, classes + side * bins + distance] = 20
    made = adopt(foreign(rows, side=(32, 32)), DetectorSource("nanodet", ("person", "dog", "chair")))
    assert (made.side, made.classes, made.left_out) == (32, ("animal", "person"), ("chair",))
    backend = OnnxBackend(made.model.SerializeToString(), threads=1, outputs=DetectorManifest.OUTPUTS)
    boxes, scores = backend.arrays(np.zeros((1, 32, 32, 3), np.uint8))
    np.testing.assert_allclose(boxes[0, 5] * 32, [12 - 8, 12, 12 + 16, 12 + 8], atol=1e-4)
    np.testing.assert_allclose(scores[0, 5], [0.8, 0.01], atol=1e-6)
    with pytest.raises(BuildFailed, match="don't fit"):
        adopt(foreign(rows[:9], side=(32, 32)), DetectorSource("nanodet", ("person", "dog", "chair")))


def test_nanodet_without_names_is_one_of_coco() -> None:
    made = adopt(foreign(np.zeros((21, 80 + 32)), side=(32, 32)), DetectorSource("nanodet"))
    assert made.classes == ("animal", "person", "vehicle")
    assert len(made.left_out) == 80 - 10 - 1 - 5


MEGADETECTOR = "{0: 'animal', 1: 'person', 2: 'vehicle'}"


def released(data: bytes, **facts: str) -> bytes:
    """The file with metadata as ultralytics writes it."""
    model = onnx.load_model_from_string(data)
    for key, value in {"stride": "32", "task": "detect", **facts}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    made: bytes = model.SerializeToString()
    return made


def looked(data: bytes, source: DetectorSource, side: int) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    made = adopt(data, source)
    assert made.side == side
    backend = OnnxBackend(made.model.SerializeToString(), threads=1, outputs=DetectorManifest.OUTPUTS)
    boxes, scores = backend.arrays(np.zeros((2, side, side, 3), np.uint8))
    np.testing.assert_allclose(boxes[0], boxes[1])
    return made.classes, boxes[0], scores[0]


def test_megadetector_5_as_it_is_released(tmp_path: Path) -> None:
    rows = np.zeros((25_200, 8))
    rows[7] = [640, 320, 640, 320, 0.9, 0.8, 0.05, 0.05]
    rows[8] = [100, 100, 50, 200, 0.7, 0.1, 0.9, 0.0]
    data = released(foreign(rows, opset=12, batch=1, side=(1280, 1280)), names=MEGADETECTOR, imgsz="[1280, 1280]")
    classes, boxes, scores = looked(data, DetectorSource("yolov5"), 1280)
    assert classes == ("animal", "person", "vehicle")
    np.testing.assert_allclose(boxes[7], [0.25, 0.125, 0.75, 0.375], atol=1e-5)
    np.testing.assert_allclose(scores[7:9], [[0.72, 0.045, 0.045], [0.07, 0.63, 0]], atol=1e-5)


def test_ultralytics_raw_head_with_all_of_coco() -> None:
    rows = np.zeros((84, 8400))
    rows[:4, 5] = 320, 160, 320, 160
    rows[4 + 21, 5], rows[4, 5], rows[4 + 56, 5] = 0.6, 0.2, 0.9  # bear, person, chair
    names = str(dict(enumerate(COCO)))
    data = released(foreign(rows, batch=1, side=(640, 640)), names=names, imgsz="[640, 640]")
    classes, boxes, scores = looked(data, DetectorSource("yolov8"), 640)
    assert classes == ("animal", "person", "vehicle")
    np.testing.assert_allclose(boxes[5], [0.25, 0.125, 0.75, 0.375], atol=1e-5)
    np.testing.assert_allclose(scores[5], [0.6, 0.2, 0.0], atol=1e-5)


@pytest.mark.parametrize("batch", [1, "N"])
def test_yolov10_and_exports_with_suppression_give_300_rows(batch: str | int) -> None:
    rows = np.zeros((300, 6))
    rows[0], rows[1] = [160, 80, 480, 240, 0.7, 2], [0, 0, 640, 640, 0.6, 1]
    data = released(foreign(rows, batch=batch, side=(640, 640)), names=MEGADETECTOR, imgsz="[640, 640]", end2end="True")
    _, boxes, scores = looked(data, DetectorSource("end2end"), 640)
    np.testing.assert_allclose(boxes[:2], [[0.25, 0.125, 0.75, 0.375], [0, 0, 1, 1]], atol=1e-5)
    np.testing.assert_allclose(scores[:2], [[0, 0, 0.7], [0, 0.6, 0]], atol=1e-5)
    assert scores[2:].max() == 0


def any_size(data: bytes) -> bytes:
    """The file as an export with dynamic axes."""
    model = onnx.load_model_from_string(data)
    for dim, name in zip(model.graph.input[0].type.tensor_type.shape.dim[2:], ("height", "width"), strict=True):
        dim.dim_param = name
    made: bytes = model.SerializeToString()
    return made


def test_a_file_for_any_size_takes_the_one_that_its_metadata_tells() -> None:
    data = any_size(foreign(np.array([[*CENTRE, 0.5, 0.8]])))
    assert looked(released(data, imgsz="[64, 64]"), DetectorSource("yolox", ("animal",)), 64)[0] == ("animal",)
    assert looked(released(data, imgsz="64"), DetectorSource("yolox", ("animal",)), 64)[0] == ("animal",)
    for strange in ("[64, 32]", "[64]", "['64', 64]", "[[", "None", "[True, True]"):
        with pytest.raises(BuildFailed, match="one input"):
            adopt(released(data, imgsz=strange), DetectorSource("yolox", ("animal",)))


@pytest.mark.parametrize("names", ["{0: 'animal', 2: 'person'}", "[]", "{", "'animal'", "{0: 'a'" * 9000])
def test_names_that_make_no_sense_are_asked_for(names: str) -> None:
    with pytest.raises(UsageError, match="name them in order"):
        adopt(foreign(np.ones((1, 6)), names=names), DetectorSource("yolox"))


def test_names_may_be_a_list_in_any_case() -> None:
    made = adopt(foreign(np.ones((1, 8)), names="['Animal', 'Human', 'drone']"), DetectorSource("yolox"))
    assert (made.classes, made.left_out) == (("animal", "person"), ("drone",))


def test_classes_that_mean_nothing_here_are_told(tmp_path: Path, photos: tuple[Path, Path]) -> None:
    file = tmp_path / "foreign.onnx"
    rows = np.array([[*CENTRE, 0.9, 0.9, 0.1, 0.1]])
    file.write_bytes(foreign(rows, names="{0: 'animal', 1: 'drone', 2: 'tent'}"))
    given = ["--family", "yolov5", "--photos", str(photos[0]), "--licence", "MIT, me.", "--precision", "fp32"]
    done = CliRunner().invoke(app, ["adopt-detector", str(file), *given, "--out", str(tmp_path / "mine")])
    assert done.exit_code == 0, done.output
    assert "foreign.onnx: classes that are left out: drone, tent" in done.output
    assert DetectorBundle.open(tmp_path / "mine").manifest.classes == ("animal",)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([-40, 16, 32, 16, 0.9, 0.9], 0),  # beside the picture
        ([0, 16, 32, 16, 0.9, 0.9], 1),  # half of it inside
        ([32, 16, 0, 16, 0.9, 0.9], 0),  # without width
        ([32, 16, -8, 16, 0.9, 0.9], 0),
        ([32, 16, 1e9, 1e9, 0.9, 0.9], 1),  # larger than any picture
    ],
)
def test_strange_boxes_of_an_adopted_detector_are_cut_or_dropped(row: list[float], found: int) -> None:
    rows = np.array([row, *[[1, 1, 1, 1, 0.01, 0.01]] * 9000])
    detector = opened(rows)
    boxes = detector.detect(np.zeros((64, 64, 3), np.uint8))
    assert len(boxes) == found
    assert all(one.left >= 0 and one.left + one.width <= 1.000001 for one in boxes)


def test_no_number_from_an_adopted_detector_is_a_failure_of_that_photo() -> None:
    detector = opened(np.array([[*CENTRE, 0.9, np.nan]]))
    with pytest.raises(ImageError, match="no valid answer"):
        detector.detect(np.zeros((64, 64, 3), np.uint8))


def opened(rows: np.ndarray) -> Detector:
    made = adopt(foreign(rows), DetectorSource("yolox", ("animal",)))
    manifest = DetectorManifest("mine", "x", made.classes, Letterbox(made.side), ())
    backend = OnnxBackend(made.model.SerializeToString(), threads=1, outputs=DetectorManifest.OUTPUTS)
    return Detector(DetectorBundle(Path(), manifest), backend)

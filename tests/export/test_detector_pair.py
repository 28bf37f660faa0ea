from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from avistar import UsageError
from avistar.backends.onnx_backend import OnnxBackend
from avistar.manifest import DetectorManifest
from avistar_export.detector_graph import AdoptedGraph
from avistar_export.detector_pair import Fusion, paired
from avistar_export.errors import BuildFailed
from avistar_export.onnx_graph import BOXES, INPUT, SCORES

SIDE, SMALLER = 64, 32
POINTS, FEWER = 64 + 16 + 4, 16 + 4 + 1


def member(side: int, scores: np.ndarray, classes: tuple[str, ...] = ("animal",)) -> AdoptedGraph:
    """A detector that says the same of every picture: `scores` [points, classes], each box the cell's place."""
    boxes = np.tile(np.arange(len(scores), dtype=np.float32)[:, None] / len(scores), 4)
    zero = {"zero": np.zeros((), np.float32), "boxes_of": boxes[None], "scores_of": scores[None].astype(np.float32)}
    nodes = [
        helper.make_node("Cast", [INPUT], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["mean"], keepdims=0),
        helper.make_node("Reshape", ["mean", "shape"], ["flat"]),
        helper.make_node("Mul", ["flat", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "boxes_of"], [BOXES]),
        helper.make_node("Add", ["nothing", "scores_of"], [SCORES]),
    ]
    constants = {**zero, "axes": np.array([1, 2, 3]), "shape": np.array([-1, 1, 1])}
    graph = helper.make_graph(
        nodes,
        "member",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["batch", side, side, 3])],
        [
            helper.make_tensor_value_info(BOXES, TensorProto.FLOAT, ["batch", len(scores), 4]),
            helper.make_tensor_value_info(SCORES, TensorProto.FLOAT, ["batch", len(scores), len(classes)]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return AdoptedGraph(model, side, classes)  # type: ignore[arg-type] made of strings


def said(first: AdoptedGraph, second: AdoptedGraph, fusion: Fusion) -> tuple[np.ndarray, np.ndarray]:
    made = paired(first, second, fusion)
    onnx.checker.check_model(made.model, full_check=True)
    backend = OnnxBackend(made.model.SerializeToString(), threads=1, outputs=DetectorManifest.OUTPUTS)
    boxes, scores = backend.arrays(np.zeros((2, SIDE, SIDE, 3), np.uint8))
    np.testing.assert_array_equal(scores[0], scores[1])
    return boxes[0], scores[0]


def logistic(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def field(points: int, classes: int = 1, **scores: float) -> np.ndarray:
    found = np.full((points, classes), 0.001)
    for place, score in scores.items():
        found[int(place[1:]), 0] = score
    return found


def test_a_box_of_one_is_judged_by_what_the_other_sees_around_it() -> None:
    # Cell 9 of 8 × 8 lies around (12, 12) of 64 px, which is (6, 6) of 32 px: the first of the other's 4 × 4 cells.
    one, two = field(POINTS, p9=0.6), field(FEWER, p0=0.4)
    boxes, scores = said(member(SIDE, one), member(SMALLER, two), Fusion((0.5, 2.0), 0.25, reach=1))
    both = logistic(0.5 * logit(0.6) + 2 * logit(0.4) + 0.25)
    assert scores[9, 0] == pytest.approx(both, abs=1e-4)
    assert scores[POINTS, 0] == pytest.approx(both, abs=1e-4)  # the square around (8, 8) is three cells wide
    np.testing.assert_allclose(boxes[:POINTS, 0], np.arange(POINTS) / POINTS)
    np.testing.assert_allclose(boxes[POINTS:, 0], np.arange(FEWER) / FEWER)


def test_reach_says_how_far_away_the_other_may_see_it() -> None:
    one, two = field(POINTS, p9=0.6), field(FEWER, p5=0.4)  # one cell further down and to the right
    for reach, expected in ((1, 0.001), (3, 0.4)):
        _, scores = said(member(SIDE, one), member(SMALLER, two), Fusion((1.0, 1.0), reach=reach))
        assert scores[9, 0] == pytest.approx(logistic(logit(0.6) + logit(expected)), abs=1e-4)


def test_a_coarse_cell_speaks_for_all_fine_ones_in_it() -> None:
    one, two = field(POINTS, p9=0.6), field(FEWER, p20=0.4)  # the other's only cell of 32 px
    _, scores = said(member(SIDE, one), member(SMALLER, two), Fusion((1.0, 1.0), reach=1))
    assert scores[9, 0] == pytest.approx(logistic(logit(0.6) + logit(0.4)), abs=1e-4)


def test_persons_come_from_the_one_that_knows_them_where_no_animal_is_surer() -> None:
    two = np.full((FEWER, 2), 0.001)
    two[3], two[4] = (0.1, 0.5), (0.6, 0.5)
    graph = member(SMALLER, two, ("animal", "person"))
    made = paired(member(SIDE, field(POINTS)), graph, Fusion(shift=-1.0))
    assert made.classes == ("animal", "person")
    _, scores = said(member(SIDE, field(POINTS)), graph, Fusion(shift=-1.0))
    assert scores[:POINTS, 1].max() == 0
    assert scores[POINTS + 3, 1] == pytest.approx(logistic(-1.0), abs=1e-4)
    assert scores[POINTS + 4, 1] == 0


def test_scores_of_nothing_and_of_all_are_numbers() -> None:
    for score in (0.0, 1.0):
        _, scores = said(
            member(SIDE, np.full((POINTS, 1), score)), member(SMALLER, np.full((FEWER, 1), score)), Fusion()
        )
        assert np.isfinite(scores).all()


def test_what_can_not_be_paired_is_refused() -> None:
    with pytest.raises(BuildFailed, match="both find animals"):
        paired(member(SIDE, field(POINTS)), member(SMALLER, field(FEWER), ("person",)), Fusion())
    with pytest.raises(BuildFailed, match="don't fit an input of 64 px"):
        paired(member(SIDE, field(7)), member(SMALLER, field(FEWER)), Fusion())


def test_a_fusion_is_four_numbers() -> None:
    assert Fusion.read("0.3, 0.7,-1,2") == Fusion((0.3, 0.7), -1, shift=2)
    for text in ("", "1,2,3", "1,2,3,x"):
        with pytest.raises(UsageError, match="no fusion"):
            Fusion.read(text)

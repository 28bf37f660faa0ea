"""The parts of a lesson: the file's last layer, the store, the fit, the folds."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from onnx import TensorProto, helper, numpy_helper

from avistar import BundleError, ModelBundle
from avistar.adaptation.cross_validation import alike, folds, merged_groups
from avistar.adaptation.embedding_store import (
    STORE_FILE,
    Role,
    decode_store,
    decoded,
    encode_store,
    encoded,
    read_store,
    scale_of,
)  # fmt: skip
from avistar.adaptation.last_layer import Lessons, fit_head
from avistar.adaptation.onnx_head import Head, body_sha256, read_head, with_head
from avistar.adaptation.suggestion import telling
from avistar.backends.onnx_backend import OnnxBackend
from support import images, tiny_graph


def wider(head: Head, columns: int) -> Head:
    extra = np.random.default_rng(0).normal(0, 1, (len(head.kernel), columns)).astype(np.float32)
    return Head(np.hstack([head.kernel, extra]), np.concatenate([head.bias, np.zeros(columns, np.float32)]))


def half_graph() -> bytes:
    """The last layer as it stands in half precision: MatMul and Add between casts."""
    rng = np.random.default_rng(1)
    weights = {"k": rng.normal(0, 1, (12, 30)).astype(np.float16), "b": np.zeros(30, np.float16)}
    nodes = [
        helper.make_node("Cast", ["image"], ["x"], to=TensorProto.FLOAT16),
        helper.make_node("AveragePool", ["x"], ["pooled"], kernel_shape=[16], strides=[16]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Cast", ["flat"], ["embedding"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["flat", "k"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["sum"]),
        helper.make_node("Cast", ["sum"], ["logits"], to=TensorProto.FLOAT),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
               for name, width in (("logits", 30), ("embedding", 12))]  # fmt: skip
    inputs = [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 3, 64])]
    tensors = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    between = [helper.make_tensor_value_info("product", TensorProto.FLOAT16, ["batch", 30])]
    graph = helper.make_graph(nodes, "half", inputs, outputs, tensors, value_info=between)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("graph", [tiny_graph(), half_graph()], ids=["Gemm", "MatMul in half precision"])
def test_a_replaced_last_layer_gives_a_valid_file_in_which_nothing_else_changed(graph: bytes) -> None:
    head = read_head(graph)
    changed = with_head(graph, wider(head, 3), {"name": "mine"})
    model = onnx.load_from_string(changed)
    onnx.checker.check_model(model, full_check=True)
    assert_allclose(read_head(changed).kernel, wider(head, 3).kernel, atol=2e-3)
    assert body_sha256(changed) == body_sha256(graph)
    before = onnx.load_from_string(graph)
    assert [node.SerializeToString() for node in model.graph.node] == [n.SerializeToString() for n in before.graph.node]
    width = next(one for one in model.graph.output if one.name == "logits").type.tensor_type.shape.dim[1]
    assert width.dim_value == 33


def test_the_changed_file_answers_the_old_species_as_before_and_the_new_ones_by_their_weights() -> None:
    graph = tiny_graph()
    head = read_head(graph)
    before, after = OnnxBackend(graph, threads=1), OnnxBackend(with_head(graph, wider(head, 2), {}), threads=1)
    old, new = before.run(images()), after.run(images())
    assert_allclose(new.logits[:, :30], old.logits, atol=1e-5)
    assert_allclose(new.logits, wider(head, 2).logits(old.embedding), atol=1e-4)


def test_metadata_tells_the_new_facts_and_keeps_the_rest() -> None:
    model = onnx.load_from_string(tiny_graph())
    entry = model.metadata_props.add()
    entry.key, entry.value = "avistar", '{"name": "old", "precision": "fp32"}'
    changed = onnx.load_from_string(with_head(model.SerializeToString(), read_head(tiny_graph()), {"name": "mine"}))
    assert changed.metadata_props[0].value == '{"name": "mine", "precision": "fp32"}'


def test_a_file_that_ends_otherwise_is_refused() -> None:
    model = onnx.load_from_string(tiny_graph())
    model.graph.node.append(helper.make_node("Softmax", ["logits"], ["more"]))
    model.graph.node[5].op_type = "Einsum"
    with pytest.raises(BundleError, match="doesn't end in one linear layer"):
        read_head(model.SerializeToString())


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_refused_and_nothing_else(data: bytes) -> None:
    with pytest.raises(BundleError):
        read_head(data)


def test_a_store_comes_back_as_it_was(base: ModelBundle) -> None:
    store = read_store(base)
    assert store is not None
    taught = replace(store.chosen(np.arange(2)), roles=np.full(2, Role.TAUGHT, np.uint8), groups=("g", "h"),
                     photos=("a", "b"), species=("red_fox", "wolf"))  # fmt: skip
    again = decode_store(encode_store(store.joined(taught)), "store")
    assert again.species[-2:] == ("red_fox", "wolf")
    assert again.groups[-2:] == ("g", "h")
    assert (again.embedding(np.arange(len(store.roles))) == store.embedding(np.arange(len(store.roles)))).all()
    assert again.without({"a"}).photos[-1] == "b"


def test_sixteen_steps_keep_an_embedding_within_a_few_percent() -> None:
    embedding = np.abs(np.random.default_rng(0).normal(0, 1, (500, 33))).astype(np.float32)
    scale = scale_of(embedding)
    again = decoded(encoded(embedding, scale), scale)
    assert np.linalg.norm(again - embedding) < 0.08 * np.linalg.norm(embedding)


@pytest.mark.parametrize("damage", ["cut", "shapes", "empty"])
def test_a_damaged_store_is_named(base: ModelBundle, damage: str) -> None:
    raw = base.checked(STORE_FILE)
    if damage == "shapes":
        with np.load(io.BytesIO(raw)) as arrays:
            held = {name: arrays[name] for name in arrays.files}
        stream = io.BytesIO()
        np.savez_compressed(stream, **{**held, "codes": held["codes"][:, :5]})
        raw = stream.getvalue()
    raw = {"cut": raw[:-100], "shapes": raw, "empty": b""}[damage]
    with pytest.raises(BundleError, match=r"^here "):
        decode_store(raw, "here")


def test_the_fit_finds_the_least_loss_that_another_way_finds() -> None:
    rng = np.random.default_rng(0)
    x, truth = rng.normal(0, 1, (60, 4)).astype(np.float32), rng.integers(0, 3, 60)
    start = Head(rng.normal(0, 1, (4, 3)).astype(np.float32), np.zeros(3, np.float32))
    found = fit_head(Lessons(x, truth, np.ones(60)), start, pull=0.1)
    weight = 0.1 * float((x * x).sum(axis=1).mean()) / 671

    def loss(head: Head) -> float:
        logits = head.logits(x).astype(float)
        fit = float((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(60), truth]).mean())
        kernel, bias = float(((head.kernel - start.kernel) ** 2).sum()), float(((head.bias - start.bias) ** 2).sum())
        return fit + 0.5 * (weight * kernel + 0.01 * bias)

    least = loss(found)
    assert least < loss(start)
    for seed in range(50):
        step = np.random.default_rng(seed).normal(0, 0.05, (5, 3)).astype(np.float32)
        assert loss(Head(found.kernel + step[:-1], found.bias + step[-1])) > least - 1e-4


def test_fixed_species_keep_their_weights() -> None:
    rng = np.random.default_rng(0)
    start = Head(rng.normal(0, 1, (4, 3)).astype(np.float32), np.zeros(3, np.float32))
    lessons = Lessons(rng.normal(0, 1, (30, 4)).astype(np.float32), np.full(30, 2), np.ones(30))
    found = fit_head(lessons, start, fixed=2)
    assert (found.kernel[:, :2] == start.kernel[:, :2]).all()
    assert (found.kernel[:, 2] != start.kernel[:, 2]).any()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 8)), min_size=1, max_size=60), st.integers(0, 5))
def test_no_fold_parts_a_group(photos: list[tuple[str, int]], seed: int) -> None:
    groups = [str(group) for _, group in photos]
    found = folds([species for species, _ in photos], groups, seed)
    for group in set(groups):
        assert len({int(fold) for fold, one in zip(found, groups, strict=True) if one == group}) == 1


def test_each_species_is_spread_over_the_folds() -> None:
    species = ["rare"] * 5 + ["common"] * 50
    found = folds(species, [str(i) for i in range(55)], 0)
    assert sorted(found[:5]) == [0, 1, 2, 3, 4]


def test_photos_that_look_alike_become_one_group() -> None:
    rng = np.random.default_rng(0)
    rows = np.abs(rng.normal(0, 1, (6, 300))).astype(np.float32)
    rows[4] = rows[1] * 1.001
    pairs = alike(rows)
    assert pairs == [(1, 4)]
    groups = merged_groups(list("abcdef"), pairs)
    assert groups[1] == groups[4]
    assert len(set(groups)) == 5


def test_the_most_telling_photos_are_unsure_and_differ() -> None:
    sure = np.tile([0.98, 0.01, 0.01], (50, 1))
    torn = np.tile([0.5, 0.5, 0.0], (50, 1))
    other = np.tile([0.0, 0.5, 0.5], (3, 1))
    probabilities = np.concatenate([sure, torn, other]).astype(np.float32)
    picked = telling(probabilities, count=2)
    assert {"torn" if i < 100 else "other" for i in picked if i >= 50} == {"torn", "other"}
    assert len(set(telling(probabilities, np.eye(103, dtype=np.float32), count=30))) == 30
    assert telling(probabilities, count=5) == telling(probabilities, count=5)

"""Where a foreign network's logits and embedding are: read off its graph, and off its answers to a few pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.message import Message
from avistar_export.errors import BuildFailed
from avistar_export.foreign_network import ForeignNetwork, run_plain

Head = Literal["logits", "softmax removed", "logarithm of probabilities"]

_THROUGH = frozenset(
    ("Exp", "Identity", "Cast", "Dropout", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Transpose", "Relu", "Clip",
     "GlobalAveragePool", "AveragePool", "ReduceMean", "LeakyRelu", "BatchNormalization")
)  # fmt: skip
_SHAPES = frozenset(("Identity", "Cast", "Dropout", "Squeeze", "Reshape", "Flatten"))
_ARITHMETIC = frozenset(("Add", "Sub", "Mul", "Div"))
_LINEAR = frozenset(("Gemm", "MatMul", "Conv"))


@dataclass(frozen=True, slots=True)
class Anatomy:
    """`scores` names the tensor of logits, or of probabilities where no softmax could be taken off; `labels` how many.

    `flat`: they are float32 [N, labels] already. `embedding` names the input of the last linear layer, None where
    there is none; `rank` its dimensions, `convolved` whether they are a convolution's (channels second), `exact`
    whether it is float32, `features` how many numbers it has once it is pooled.
    """

    scores: str
    head: Head
    labels: int
    flat: bool
    embedding: str | None
    rank: int = 2
    convolved: bool = False
    exact: bool = True
    features: int = 0

    def told(self) -> str:
        """Both findings for people."""
        embedding = f"the embedding is '{self.embedding}'" if self.embedding else "no embedding was found"
        return f"{self.labels:,} labels ({self.head}); {embedding}"


def dissect(network: ForeignNetwork, pictures: NDArray[Any], wanted: str | None = None) -> Anatomy:
    """Find both. `pictures` in the form that the file wants; `wanted` names the embedding, 'none' for none.

    Raises `UsageError` for answers that are no classifier's.
    """
    answers = run_plain(network, pictures)[0]
    labels = _labels(network, answers)
    scores, head = _scores(network, answers)
    inner = answers
    if head == "softmax removed":
        inner = run_plain(network, pictures, (scores,))[1]
        if _probabilities(inner.reshape(len(inner), -1)):
            raise UsageError(
                "{file} ends in two softmax layers, which flatten its answers: export it with one at most",
                file=network.file,
            )
    flat = inner.ndim == 2 and inner.dtype == np.float32
    embedding = _named(network, wanted) if wanted else _embedding(network.model.graph, scores)
    if embedding is None:
        return Anatomy(scores, head, labels, flat, None)
    values = run_plain(network, pictures, (embedding,))[1]
    if values.ndim not in (2, 3, 4) or values.dtype.kind != "f":
        raise UsageError(
            "'{embedding}' of {file} holds {dtype} {shape}, which is no embedding: name another with "
            "--embedding NAME, or none with --embedding none",
            embedding=embedding,
            file=network.file,
            dtype=values.dtype,
            shape=list(values.shape),
        )
    convolved = _feeds_convolution(network.model.graph, embedding)
    features = values.shape[1] if values.ndim == 2 or convolved else values.shape[-1]
    return Anatomy(scores, head, labels, flat, embedding, values.ndim, convolved, values.dtype == np.float32, features)


def _labels(network: ForeignNetwork, answers: NDArray[Any]) -> int:
    file = network.file
    if answers.dtype.kind != "f":
        raise UsageError(
            "{file} answers with numbers of classes ({dtype}), not with a score for each label: "
            "export it without its ArgMax or TopK",
            file=file,
            dtype=answers.dtype,
        )
    if answers.ndim not in (2, 4) or answers.size != len(answers) * answers.shape[1]:
        raise UsageError(
            "{file} answers with {shape} numbers a picture, as detectors and segmenters do; a "
            "classifier has a score for each label",
            file=file,
            shape=list(answers.shape[1:]),
        )
    if answers.shape[1] < 2:
        raise UsageError("{file} has a single score; a classifier has one for each of two labels or more", file=file)
    if not np.isfinite(answers).all():
        raise UsageError(
            "{file} answers with numbers that are none (NaN or infinite) on ordinary pictures: check "
            "its preset, or take an earlier state of its training",
            file=file,
        )
    if float(np.ptp(answers, axis=0).max()) < 1e-7:
        raise UsageError(
            "{file} answers the same to every picture: its weights were never loaded, or the preset is wrong", file=file
        )
    return int(answers.shape[1])


def _scores(network: ForeignNetwork, answers: NDArray[Any]) -> tuple[str, Head]:
    """The tensor of logits: what a softmax at the end is given, else the output itself."""
    makers = {name: node for node in network.model.graph.node for name in node.output}
    name = network.output
    while (node := makers.get(name)) is not None and node.op_type in _SHAPES:
        name = node.input[0]
    rows = answers.reshape(len(answers), -1)
    if node is not None and node.op_type in ("Softmax", "LogSoftmax") and _over_labels(node, answers.ndim):
        return str(node.input[0]), "softmax removed"
    if node is not None and node.op_type == "Sigmoid" and not _probabilities(rows):
        raise UsageError(
            "{file} ends in a sigmoid, which judges each label for itself; Avistar's answers are one "
            "label a picture: export the network without it, if its labels exclude each other",
            file=network.file,
        )
    if _probabilities(rows):
        return network.output, "logarithm of probabilities"
    return network.output, "logits"


def _over_labels(node: Any, rank: int) -> bool:
    axis = next((int(a.i) for a in node.attribute if a.name == "axis"), None)
    return axis is None or axis % rank == 1


def _probabilities(rows: NDArray[Any]) -> bool:
    inside = rows.min() >= -1e-6 and rows.max() <= 1 + 1e-6
    return bool(inside and np.abs(rows.astype(np.float64).sum(axis=1) - 1).max() < 2e-3)


def _named(network: ForeignNetwork, wanted: str) -> str | None:
    if wanted == "none":
        return None
    known = {name for node in network.model.graph.node for name in node.output}
    if wanted not in known:
        raise UsageError(
            "{file} has no tensor '{wanted}' that could be the embedding: --embedding none has none",
            file=network.file,
            wanted=wanted,
        )
    return wanted


def _embedding(graph: Any, scores: str) -> str | None:
    """What the last Gemm, MatMul or Conv before the scores is given; None where something else computes them."""
    makers = {name: node for node in graph.node for name in node.output}
    constants = _constants(graph)
    name = scores
    while (node := makers.get(name)) is not None:
        varying = [one for one in node.input if one and one not in constants]
        if not varying or (len(varying) > 1 and node.op_type not in ("Reshape", "Div", "Sub")):
            return None
        if node.op_type in _LINEAR:
            return str(varying[0]) if varying[0] == node.input[0] and varying[0] in makers else None
        if node.op_type not in _THROUGH and node.op_type not in _ARITHMETIC:
            return None
        name = varying[0]  # of a softmax written out (x - max, exp, ÷ sum), its own input
    return None


def _constants(graph: Any) -> set[str]:
    found = {tensor.name for tensor in graph.initializer}
    for node in graph.node:  # in topological order, as ONNX demands
        if all(name in found for name in node.input if name):
            found.update(node.output)
    return found


def _feeds_convolution(graph: Any, name: str) -> bool:
    return any(node.op_type == "Conv" and name in node.input for node in graph.node)


def check_labels(network: ForeignNetwork, anatomy: Anatomy, given: int, where: str) -> None:
    """Raise `UsageError` unless there is a label for each score."""
    if anatomy.labels != given:
        sentence = Message(
            "{where} has {given:,} labels, too few: {file} has {labels:,} scores, and the labels are those of its "
            "training, in their order",
            where=where, given=given, file=network.file, labels=anatomy.labels,
        )  # fmt: skip
        if given > anatomy.labels:
            sentence = Message(
                "{where} has {given:,} labels, too many: {file} has {labels:,} scores, and the labels are those of its "
                "training, in their order",
                where=where, given=given, file=network.file, labels=anatomy.labels,
            )  # fmt: skip
        raise UsageError(sentence)


def unexplained(network: ForeignNetwork, error: Exception) -> BuildFailed:
    """What to say where a library can't rewrite the graph."""
    return BuildFailed(
        "{file} can't be rewritten ({error}): export it again with opset 18, in evaluation mode, without control flow",
        file=network.file,
        error=error,
    )

"""The last layer of an Avistar ONNX file: read, and replaced with every other byte kept.

Works on protobuf's wire format (onnx.proto3), of which a dozen fields matter: see decision record 0095.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.errors import BundleError

# Field numbers of onnx.proto3.
_GRAPH, _METADATA = 7, 14
_NODE, _INITIALIZER, _OUTPUT, _VALUE_INFO = 1, 5, 12, 13
_DIMS, _DATA_TYPE, _TENSOR_NAME, _RAW_DATA = 1, 2, 8, 9
_TYPES: dict[int, type[np.floating[Any]]] = {1: np.float32, 10: np.float16}
_METADATA_KEY = "avistar"


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A last layer: `kernel` float32 [features, species], `bias` float32 [species]."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits float32 [N, species] of embeddings [N, features]."""
        found: NDArray[np.float32] = embedding @ self.kernel + self.bias
        return found


def read_head(model: bytes) -> Head:
    """The last layer of the ONNX file `model`. Raises `BundleError` for a file of another build."""
    found = _Layout.of(model)
    return Head(_values(found.tensors[found.kernel]), _values(found.tensors[found.bias]))


def with_head(model: bytes, head: Head, facts: dict[str, Any]) -> bytes:
    """`model` with another last layer and `facts` in its metadata; the rest is byte for byte the same."""
    found = _Layout.of(model)
    parts = []
    for number, whole, value in _messages(model):
        if number == _GRAPH:
            parts.append(_field(_GRAPH, found.graph_with(head, value)))
        elif number == _METADATA and _text(_first(value, 1)) == _METADATA_KEY:
            known = json.loads(_first(value, 2).decode())
            text = json.dumps(known | facts, ensure_ascii=False, sort_keys=True)
            parts.append(_field(_METADATA, _field(1, _METADATA_KEY.encode()) + _field(2, text.encode())))
        else:
            parts.append(whole)
    return b"".join(parts)


def body_sha256(model: bytes) -> str:
    """The SHA-256 of everything but the last layer: equal for a bundle and all that was taught from it."""
    found = _Layout.of(model)
    digest = hashlib.sha256()
    for number, whole, value in _messages(model):
        if number == _GRAPH:
            for kept in found.body_of(value):
                digest.update(kept)
        elif not (number == _METADATA and _text(_first(value, 1)) == _METADATA_KEY):
            digest.update(whole)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Node:
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, raw: bytes) -> _Node:
        fields = list(_messages(raw))
        names = [tuple(_text(value) for number, _, value in fields if number == wanted) for wanted in (1, 2)]
        return cls(_text(_first(raw, 4)), names[0], names[1])


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where in a file the last layer is: names of its tensors, and of what is as wide as the species are many."""

    tensors: dict[str, bytes]
    kernel: str
    bias: str
    wide: frozenset[str]

    @classmethod
    def of(cls, model: bytes) -> _Layout:
        try:
            graph = _first(model, _GRAPH)
            nodes = {name: node for node in _nodes(graph) for name in node.outputs}
            tensors = {_text(_first(raw, _TENSOR_NAME)): raw for raw in _all(graph, _INITIALIZER)}
            kernel, bias, wide = _last_layer(nodes)
            _values(tensors[kernel])
            _values(tensors[bias])
        except (KeyError, IndexError, ValueError, RecursionError) as error:
            raise BundleError(
                "the ONNX file doesn't end in one linear layer over 'embedding', so it can't be taught: "
                "export the bundle again"
            ) from error
        return cls(tensors, kernel, bias, frozenset(wide))

    def graph_with(self, head: Head, graph: bytes) -> bytes:
        species = len(head.bias)
        new = {self.kernel: head.kernel, self.bias: head.bias}
        parts = []
        for number, whole, value in _messages(graph):
            name = _tensor_name(number, value)
            if number == _INITIALIZER and name in new:
                parts.append(_field(_INITIALIZER, _tensor(value, name, new[name])))
            elif number == _OUTPUT and name in self.wide:
                parts.append(_field(_OUTPUT, _with_width(value, species)))
            elif not (number == _VALUE_INFO and name in self.wide):  # a shape that anybody can infer
                parts.append(whole)
        return b"".join(parts)

    def body_of(self, graph: bytes) -> Iterator[bytes]:
        for number, whole, value in _messages(graph):
            name = _tensor_name(number, value)
            own = (number == _INITIALIZER and name in (self.kernel, self.bias)) or (
                number in (_OUTPUT, _VALUE_INFO) and name in self.wide
            )
            if not own:
                yield whole


def _last_layer(nodes: dict[str, _Node]) -> tuple[str, str, list[str]]:
    """Names of kernel and bias, and of every value from there to the logits."""
    wide = ["logits"]
    node = nodes["logits"]
    if node.kind == "Cast":
        wide.append(node.inputs[0])
        node = nodes[node.inputs[0]]
    if node.kind == "Gemm":
        source, kernel, bias = node.inputs
    elif node.kind == "Add":
        product, bias = node.inputs
        wide.append(product)
        if nodes[product].kind != "MatMul":
            raise ValueError(nodes[product].kind)
        source, kernel = nodes[product].inputs
    else:
        raise ValueError(node.kind)
    embedding = nodes.get("embedding")
    if source != "embedding" and not (embedding and embedding.kind == "Cast" and source in embedding.inputs):
        raise ValueError(source)
    return kernel, bias, wide


def _nodes(graph: bytes) -> Iterator[_Node]:
    return (_Node.of(raw) for raw in _all(graph, _NODE))


def _tensor_name(number: int, value: bytes) -> str:
    if number not in (_INITIALIZER, _OUTPUT, _VALUE_INFO):
        return ""
    return _text(_first(value, _TENSOR_NAME if number == _INITIALIZER else 1))


def _values(tensor: bytes) -> NDArray[np.float32]:
    kind = _TYPES[_number(tensor, _DATA_TYPE)]
    shape = [size for number, _, value in _fields(tensor) if number == _DIMS for size in _sizes(value)]
    return np.frombuffer(_first(tensor, _RAW_DATA), np.dtype(kind).newbyteorder("<")).reshape(shape).astype(np.float32)


def _tensor(old: bytes, name: str, values: NDArray[np.float32]) -> bytes:
    kind = _number(old, _DATA_TYPE)
    raw = np.ascontiguousarray(values, np.dtype(_TYPES[kind]).newbyteorder("<")).tobytes()
    dims = b"".join(_varint_field(_DIMS, size) for size in values.shape)
    return dims + _varint_field(_DATA_TYPE, kind) + _field(_TENSOR_NAME, name.encode()) + _field(_RAW_DATA, raw)


def _with_width(value_info: bytes, species: int) -> bytes:
    """A ValueInfoProto of [batch, species] with another number of species."""
    tensor_type = _first(_first(value_info, 2), 1)
    dims = _all(_first(tensor_type, 2), 1)
    shape = _field(1, dims[0]) + _field(1, _varint_field(1, species))
    new_type = _varint_field(1, _number(tensor_type, 1)) + _field(2, shape)
    return _field(1, _first(value_info, 1)) + _field(2, _field(1, new_type))


def _messages(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, whole field and content of each field; the content of a number is b""."""
    for number, whole, value in _fields(data):
        yield number, whole, value if isinstance(value, bytes) else b""


def _fields(data: bytes) -> Iterator[tuple[int, bytes, bytes | int]]:
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        value: bytes | int
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 2:
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"wire type {wire}")
        if at > len(data):
            raise ValueError("the file is cut off")
        yield number, data[start:at], value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _sizes(value: bytes | int) -> Iterator[int]:
    if isinstance(value, int):
        yield value
        return
    at = 0
    while at < len(value):
        size, at = _varint(value, at)
        yield size


def _all(data: bytes, wanted: int) -> list[bytes]:
    return [value for number, _, value in _messages(data) if number == wanted]


def _first(data: bytes, wanted: int) -> bytes:
    return _all(data, wanted)[0]


def _number(data: bytes, wanted: int) -> int:
    return next(value for number, _, value in _fields(data) if number == wanted and isinstance(value, int))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8")


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint_field(number: int, value: int) -> bytes:
    return _encoded(number << 3) + _encoded(value)


def _field(number: int, value: bytes) -> bytes:
    return _encoded(number << 3 | 2) + _encoded(len(value)) + value

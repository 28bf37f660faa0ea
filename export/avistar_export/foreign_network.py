"""A network that others trained, as an ONNX file: what it wants, what it answers, and why it may not be adopted."""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from avistar.backends.onnx_backend import import_onnxruntime
from avistar.errors import UsageError
from avistar_export.errors import BuildFailed
from avistar_export.preset import Layout

LARGEST_FILE = 2_000_000_000
"""Bytes: protobuf, and so an ONNX file in one piece, ends at 2 GiB."""
LEAST_OPSET = 7
GUIDE = "docs/adopt.md"

InputType = Literal["float32", "float16", "uint8"]

_CONTROL = frozenset({"If", "Loop", "Scan"})
_LOWEST = frozenset({"QuantizeLinear", "DequantizeLinear", "QLinearConv", "ConvInteger", "DynamicQuantizeLinear"})
_STARTS = {
    b"PK\x03\x04": "is a PyTorch or Keras archive; a PyTorch network is written as ONNX by torch.onnx.export",
    b"\x89HDF": "is a Keras HDF5 file: load it and save it as .keras or .h5, or write ONNX with tf2onnx",
    b"\x80\x02": "is a pickle, which may run any program: write the network as ONNX with torch.onnx.export",
}


@dataclass(frozen=True, slots=True, eq=False)
class ForeignNetwork:
    """One loaded ONNX file. `size` (width, height) in pixels, 0 where the file leaves it open; `single` where it
    takes one picture at a time; `metadata` the file's own entries.
    """

    file: Path
    sha256: str
    model: Any
    input: str
    kind: InputType
    layout: Layout
    size: tuple[int, int]
    single: bool
    output: str
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> str:
        """Labels that the file itself tells, as text ('' for none): ultralytics' `names`, or Avistar's own."""
        own = self.metadata.get("avistar")
        if own:
            return json.dumps([one["id"] for one in json.loads(own)["species"]])
        return self.metadata.get("names", "")

    @property
    def told_size(self) -> tuple[int, int] | None:
        """The (width, height) in the file's metadata: ultralytics' `imgsz` is height first."""
        try:
            height, width = ast.literal_eval(self.metadata.get("imgsz", "()"))
        except (ValueError, SyntaxError, TypeError):
            return None
        return int(width), int(height)

    @property
    def preset(self) -> str:
        """The preset that the file's own metadata tells, '' for none."""
        if "avistar" in self.metadata or self.kind == "uint8":
            return "keras"
        return "ultralytics-cls" if self.metadata.get("task") == "classify" and "stride" in self.metadata else ""


def read_network(file: Path, output: str | None = None) -> ForeignNetwork:
    """Load `file` and check that a classifier of pictures can be made of it.

    `output` names the output to take of several. Raises `UsageError` for what can't be adopted, with what to do.
    """
    model = _loaded(file)
    _check_operators(file, model)
    _check_weights(file, model)
    taken = _input(file, model)
    kind, layout, size, single = _form(file, taken)
    return ForeignNetwork(
        file=file,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        model=model,
        input=taken.name,
        kind=kind,
        layout=layout,
        size=size,
        single=single,
        output=_output(file, model, output),
        metadata={entry.key: entry.value for entry in model.metadata_props},
    )


def metadata_of(file: Path) -> dict[str, str]:
    """What the file's own metadata says, {} for none. Raises `UsageError` for what is no ONNX file."""
    return {entry.key: entry.value for entry in _loaded(file).metadata_props}


def run_plain(network: ForeignNetwork, images: NDArray[Any], more: tuple[str, ...] = ()) -> list[NDArray[Any]]:
    """The untouched file's answers under plain ONNX Runtime; `more` names tensors inside that are read beside them.

    `images` in the form that the file wants. One picture at a time where it takes no more.
    """
    session = plain_session(network, more)
    step = 1 if network.single else 8
    parts = []
    for start in range(0, len(images), step):
        batch = images[start : start + step].astype(np.dtype(network.kind))
        parts.append(session.run([network.output, *more], {network.input: batch}))
    return [np.concatenate([np.asarray(part[i]) for part in parts]) for i in range(1 + len(more))]


def plain_session(network: ForeignNetwork, more: tuple[str, ...] = ()) -> Any:
    """A session on the file as it is, with the tensors `more` as outputs beside its own. Raises `BuildFailed`."""
    import onnx

    ort = import_onnxruntime()
    options = ort.SessionOptions()
    options.log_severity_level = 4
    model = onnx.ModelProto()
    model.CopyFrom(network.model)
    own = {value.name for value in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in more if name not in own)
    try:
        return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen types of its own
        raise BuildFailed(
            "{file} can't be run by ONNX Runtime, so nothing can be compared: {error}", file=network.file, error=error
        ) from error


def _loaded(file: Path) -> Any:
    import onnx

    if file.is_dir():
        raise UsageError(
            "{file} is a folder; TensorFlow's SavedModel becomes ONNX with python -m tf2onnx.convert "
            "--saved-model {file} --output network.onnx --opset 18",
            file=file,
        )
    if not file.is_file():
        raise UsageError("there is no file {file}: name the network's .onnx file", file=file)
    with file.open("rb") as stream:
        start = stream.read(8)
    if start[4:8] == b"TFL3":
        raise UsageError(
            "{file} is a TFLite file: python -m tf2onnx.convert --tflite {file} --output network.onnx", file=file
        )
    for magic, meaning in _STARTS.items():
        if start.startswith(magic):
            raise UsageError("{file} {meaning} ({guide})", file=file, meaning=meaning, guide=GUIDE)
    if file.stat().st_size > LARGEST_FILE:
        raise UsageError(
            "{file} has {st_size:.1f} GB; an artifact is one file of at most 2 GB: export the "
            "network in half precision, or a smaller one",
            file=file,
            st_size=file.stat().st_size / 1000000000.0,
        )
    try:
        model = onnx.load(file, load_external_data=False)
    except Exception as error:  # protobuf has types of its own for what is no message
        raise UsageError(
            "{file} is no ONNX file ({error}): write the network with torch.onnx.export ({guide})",
            file=file,
            error=error,
            guide=GUIDE,
        ) from error
    if not model.graph.node:
        raise UsageError("{file} is no ONNX file, or one without any computation: export the network again", file=file)
    _take_in_weights(file, model)
    return onnx.inliner.inline_local_functions(model) if model.functions else model


def _take_in_weights(file: Path, model: Any) -> None:
    """Read weights that lie in files beside `file`; never one outside its folder."""
    import onnx
    from onnx import external_data_helper

    outside = [t for t in model.graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
    total = 0
    for name in sorted({entry.value for t in outside for entry in t.external_data if entry.key == "location"}):
        path = file.parent / PurePosixPath(name)
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or path.is_symlink():
            raise UsageError(
                "{file} keeps weights in '{name}', outside its folder, which is never followed: export "
                "the network again with its weights inside (external_data=False)",
                file=file,
                name=name,
            )
        if not path.is_file():
            raise UsageError(
                "{file} keeps weights in '{name}', which isn't beside it: copy both files", file=file, name=name
            )
        total += path.stat().st_size
    if total > LARGEST_FILE:
        raise UsageError(
            "{file} has {total:.1f} GB of weights; an artifact is one file of at most 2 GB",
            file=file,
            total=total / 1000000000.0,
        )
    if outside:
        try:
            external_data_helper.load_external_data_for_model(model, str(file.parent))
        except (OSError, ValueError, onnx.checker.ValidationError) as error:
            raise UsageError(
                "the weights beside {file} can't be read ({error}): export the network again", file=file, error=error
            ) from error


def _check_operators(file: Path, model: Any) -> None:
    opset = opset_of(model)
    if opset < LEAST_OPSET:
        raise UsageError(
            "{file} has opset {opset}, too old to be converted: export it again with opset_version=18",
            file=file,
            opset=opset,
        )
    foreign = sorted({f"{n.domain}.{n.op_type}" for n in model.graph.node if n.domain not in ("", "ai.onnx")})
    if foreign:
        raise UsageError(
            "{file} needs operators of its own ({foreign}), which devices don't have: export it with "
            "plain ONNX operators, and don't optimise it before",
            file=file,
            foreign=", ".join(foreign[:3]),
        )
    used = {node.op_type for node in model.graph.node}
    if used & _CONTROL:
        raise UsageError(
            "{file} branches while it runs ({control}), which engines don't take: export the network "
            "in evaluation mode, traced with one picture",
            file=file,
            control=", ".join(sorted(used & _CONTROL)),
        )
    if used & _LOWEST:
        raise UsageError(
            "{file} is quantised already: name the network before, Avistar makes int8 of it itself", file=file
        )


def opset_of(model: Any) -> int:
    """The version of ONNX's own operators that `model` is written in."""
    return max((int(one.version) for one in model.opset_import if one.domain in ("", "ai.onnx")), default=1)


def _check_weights(file: Path, model: Any) -> None:
    from onnx import numpy_helper

    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise UsageError(
                "the weights '{name}' of {file} hold numbers that are none (NaN or infinite): its "
                "training failed; take an earlier state of it",
                name=tensor.name,
                file=file,
            )


def _input(file: Path, model: Any) -> Any:
    constants = {tensor.name for tensor in model.graph.initializer}  # old exporters list them as inputs
    inputs = [value for value in model.graph.input if value.name not in constants]
    if len(inputs) != 1:
        raise UsageError(
            "{file} has {inputs} inputs ({inputs2}); a classifier of pictures has one: export it "
            "with what else it takes built in",
            file=file,
            inputs=len(inputs),
            inputs2=", ".join(value.name for value in inputs),
        )
    return inputs[0]


def _form(file: Path, value: Any) -> tuple[InputType, Layout, tuple[int, int], bool]:
    import onnx

    kinds: dict[int, InputType] = {
        onnx.TensorProto.FLOAT: "float32",
        onnx.TensorProto.FLOAT16: "float16",
        onnx.TensorProto.UINT8: "uint8",
    }
    tensor = value.type.tensor_type
    kind = kinds.get(tensor.elem_type)
    if kind is None:
        name = onnx.TensorProto.DataType.Name(tensor.elem_type)
        raise UsageError(
            "{file} takes {name} pictures; float32, float16 and uint8 can be given: export it so", file=file, name=name
        )
    shape = [max(int(d.dim_value), 0) for d in tensor.shape.dim]
    if len(shape) != 4 or 3 not in (shape[1], shape[3]):
        raise UsageError(
            "{file} takes {shape} (0: any); a classifier of colour pictures takes [batch, 3, height, "
            "width] or [batch, height, width, 3]",
            file=file,
            shape=shape,
        )
    layout: Layout = "nchw" if shape[1] == 3 else "nhwc"
    height, width = shape[2:] if layout == "nchw" else shape[1:3]
    if shape[0] > 1:
        raise UsageError(
            "{file} takes {shape} pictures at once, no more and no fewer: export it for a batch of 1",
            file=file,
            shape=shape[0],
        )
    return kind, layout, (width, height), shape[0] == 1


def _output(file: Path, model: Any, wanted: str | None) -> str:
    outputs = [value.name for value in model.graph.output]
    if wanted is not None and wanted not in outputs:
        raise UsageError(
            "{file} has no output '{wanted}', only {outputs}", file=file, wanted=wanted, outputs=", ".join(outputs)
        )
    if wanted is None and len(outputs) != 1:
        raise UsageError(
            "{file} has {outputs} outputs: name the one with the labels, --output {outputs2}",
            file=file,
            outputs=len(outputs),
            outputs2="|".join(outputs),
        )
    return wanted or outputs[0]

"""One builder for TensorRT 10.12+, TensorRT 11 and TensorRT-RTX: strongly typed, so precision comes from the graph."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avistar.backends.tensorrt_library import CURE, Library, last_words
from avistar.errors import BackendUnavailable, UsageError
from avistar.manifest import Letterbox, Preprocessing
from avistar_export.errors import BuildFailed
from avistar_export.onnx_graph import INPUT
from avistar_export.progress import BuildMonitor

Geometry = Preprocessing | Letterbox
"""How a classifier or a detector sees a picture."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What an engine is built for: batches from 1 to `max_batch`, fastest at `opt_batch`; workspace in MB."""

    opt_batch: int = 8
    max_batch: int = 32
    workspace_mb: int = 2048
    timing_cache: Path | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.opt_batch <= self.max_batch:
            raise UsageError(
                "--opt-batch {opt_batch} must lie between 1 and --max-batch {max_batch}",
                opt_batch=self.opt_batch,
                max_batch=self.max_batch,
            )
        if self.workspace_mb < 1:
            raise UsageError("--workspace-mb {workspace_mb} must be at least 1", workspace_mb=self.workspace_mb)


@dataclass(frozen=True, slots=True)
class BuiltEngine:
    """A built engine: its raw plan, the layers of each type before fusion, and how long it took.

    `tensors`: type and shape of each input and output, -1 for the batch; `profile`: the batches it takes.
    """

    data: bytes
    layer_types: dict[str, int]
    elapsed_s: float
    tensors: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    profile: tuple[int, ...] = ()


def build(
    library: Library, model: bytes, preprocessing: Geometry, request: BuildOptions, *, watch: BuildMonitor
) -> BuiltEngine:
    """Build an engine from an ONNX file's bytes.

    Raises `BuildFailed`, naming the node that can't be parsed, `BackendUnavailable`, or `Cancelled` by Ctrl-C.
    """
    return watch.run(lambda: _built(library, model, preprocessing, request, watch=watch))


def _built(
    library: Library, model: bytes, preprocessing: Geometry, request: BuildOptions, *, watch: BuildMonitor
) -> BuiltEngine:
    trt = library.module
    logger, heard = library.listener()
    builder = _builder(library, logger)
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(model):
        raise BuildFailed(
            "{library} {version} can't read the graph: {errors}",
            library=library.name,
            version=library.version,
            errors=_parse_errors(parser),
        )
    config, profile = _configured(library, builder, preprocessing, request)
    config.progress_monitor = monitor = watch.monitor(trt)
    known = _use_timings(library, config, request.timing_cache, watch)
    started = time.perf_counter()
    try:
        serialized = builder.build_serialized_network(network, config)
    except MemoryError:
        serialized = None
        heard.append("out of memory")
    del monitor  # until here the library called it
    if serialized is None:
        cure = ": try a smaller --max-batch or --workspace-mb" if re.search("memory", " ".join(heard), re.I) else ""
        raise BuildFailed(
            "{library} {version} built no engine: {words}{cure}",
            library=library.name,
            version=library.version,
            words=last_words(heard),
            cure=cure,
        )
    if known:
        _keep_timings(config, request.timing_cache)
    elapsed_s = time.perf_counter() - started
    return BuiltEngine(bytes(serialized), _layer_types(network), elapsed_s, _tensors(network), profile)


def _builder(library: Library, logger: Any) -> Any:
    try:
        return library.module.Builder(logger)
    except (RuntimeError, TypeError) as error:  # what the bindings make of a builder that could not be made
        raise BackendUnavailable(
            "{library} {version} can't start here ({error}): {cure}",
            library=library.name,
            version=library.version,
            error=error,
            cure=CURE,
        ) from error


def inspected_types(information: str) -> dict[str, int]:
    """How many layers of a built engine give each type, from the inspector's JSON (DETAILED), 10.x or 11.x."""
    counts: dict[str, int] = {}
    for layer in json.loads(information).get("Layers", []):
        outputs = layer.get("Outputs", []) if isinstance(layer, dict) else []
        for output in outputs[:1]:
            kind = _kind(str(output.get("Format/Datatype") or output.get("Format") or output.get("Datatype") or ""))
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def _kind(text: str) -> str:
    for kind, words in (("HALF", r"half|fp16|float16"), ("INT8", r"int8"), ("FLOAT", r"float|fp32")):
        if re.search(words, text, re.IGNORECASE):
            return kind
    return "OTHER"


def _configured(
    library: Library, builder: Any, preprocessing: Geometry, request: BuildOptions
) -> tuple[Any, tuple[int, ...]]:
    """The builder's configuration, and the batches of its profile as the library understood them."""
    trt = library.module
    config = builder.create_builder_config()
    profile = builder.create_optimization_profile()
    height = preprocessing.side if isinstance(preprocessing, Letterbox) else preprocessing.height
    width = preprocessing.side if isinstance(preprocessing, Letterbox) else preprocessing.width
    picture = (height, width, 3)
    profile.set_shape(INPUT, (1, *picture), (request.opt_batch, *picture), (request.max_batch, *picture))
    if config.add_optimization_profile(profile) < 0:
        raise BuildFailed("{library} refuses batches from 1 to {limit}", library=library.name, limit=request.max_batch)
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, request.workspace_mb << 20)
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED  # or the inspector names no types
    config.clear_flag(trt.BuilderFlag.TF32)  # fp32 means fp32: TF32 keeps ten bits
    return config, tuple(int(tuple(shape)[0]) for shape in profile.get_shape(INPUT))  # noqa: RUF015


def _use_timings(library: Library, config: Any, path: Path | None, watch: BuildMonitor) -> bool:
    """Let the build start from earlier timings; whether there will be new ones to keep."""
    if path is None or library.name == "tensorrt-rtx":  # which measures nothing: it compiles on the device
        return False
    known = path.read_bytes() if path.is_file() else b""
    cache = config.create_timing_cache(known)
    if cache is None or not config.set_timing_cache(cache, False):
        watch.say(f"{path} holds timings of another library or GPU: measuring anew")
        config.set_timing_cache(config.create_timing_cache(b""), False)
    return True


def _keep_timings(config: Any, path: Path | None) -> None:
    timings = config.get_timing_cache() if path is not None else None
    if timings is None or path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(bytes(timings.serialize()))
    temporary.replace(path)


def _layer_types(network: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for i in range(network.num_layers):
        kind = _short(network.get_layer(i).get_output(0).dtype)
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _tensors(network: Any) -> dict[str, tuple[str, tuple[int, ...]]]:
    inputs = [network.get_input(i) for i in range(network.num_inputs)]
    outputs = [network.get_output(i) for i in range(network.num_outputs)]
    return {one.name: (_short(one.dtype), tuple(int(side) for side in one.shape)) for one in (*inputs, *outputs)}


def _short(kind: Any) -> str:
    return str(kind).rpartition(".")[2]


def _parse_errors(parser: Any) -> str:
    messages = []
    for i in range(parser.num_errors):
        error = parser.get_error(i)
        node = error.node_name() if hasattr(error, "node_name") else ""
        messages.append(f"node '{node or error.node()}': {error.desc()}")
    return "; ".join(dict.fromkeys(messages[:3])) or "it gave no reason"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])

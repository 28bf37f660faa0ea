"""One builder for TensorRT 10.12+, TensorRT 11 and TensorRT-RTX: strongly typed, so precision comes from the graph.

The libraries are taken as they come (`Any`): their stubs differ, and most machines have neither.
"""

from __future__ import annotations

import importlib
import json
import platform
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from avistar.errors import BackendUnavailable, UsageError
from avistar.manifest import Preprocessing
from avistar_export.failures import BuildFailed
from avistar_export.graph import INPUT

LibraryName = Literal["tensorrt", "tensorrt-rtx"]
_MODULES: dict[LibraryName, str] = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}
OLDEST = (10, 12)
"""From here on a strongly typed network is the one way that TensorRT 11 kept. TensorRT-RTX always had it."""

CURE = (
    "on a PC with an NVIDIA GPU: pip install 'tensorrt-cu13==10.16.*' (or tensorrt-rtx for an RTX card); "
    "on a Jetson: TensorRT comes with JetPack 6 or later (sudo apt install nvidia-jetpack), "
    "then make the environment with python -m venv --system-site-packages"
)


@dataclass(frozen=True, slots=True)
class Library:
    """A loaded builder library: its name, version and module."""

    name: LibraryName
    version: str
    module: Any


@dataclass(frozen=True, slots=True)
class Request:
    """What an engine is built for: batches from 1 to `max_batch`, fastest at `opt_batch`; workspace in MB."""

    opt_batch: int = 8
    max_batch: int = 32
    workspace_mb: int = 2048
    timing_cache: Path | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.opt_batch <= self.max_batch:
            raise UsageError(f"--opt-batch {self.opt_batch} must lie between 1 and --max-batch {self.max_batch}")
        if self.workspace_mb < 1:
            raise UsageError(f"--workspace-mb {self.workspace_mb} must be at least 1")


@dataclass(frozen=True, slots=True)
class Plan:
    """A built engine: its raw plan, the layers of each type in the network, and how long it took."""

    data: bytes
    layer_types: dict[str, int]
    elapsed_s: float

    @property
    def half_share(self) -> float:
        """Share of half-precision layers among those that compute with floats, 0 to 1, before fusion."""
        half, full = self.layer_types.get("HALF", 0), self.layer_types.get("FLOAT", 0)
        return half / max(half + full, 1)


def find_library(wanted: Literal["auto"] | LibraryName) -> Library:
    """The builder library. Raises `BackendUnavailable` with what to install, for a PC and for a Jetson."""
    names: tuple[LibraryName, ...] = ("tensorrt", "tensorrt-rtx") if wanted == "auto" else (wanted,)
    reasons = []
    for name in names:
        try:
            module = importlib.import_module(_MODULES[name])
        except (ImportError, OSError) as error:
            reasons.append(f"{name}: {error}")
            continue
        library = Library(name, str(getattr(module, "__version__", "0")), module)
        if name == "tensorrt" and _numbers(library.version) < OLDEST:
            reasons.append(f"{name} {library.version} is older than {OLDEST[0]}.{OLDEST[1]}")
            continue
        return library
    raise BackendUnavailable(f"no library that builds engines can be loaded ({'; '.join(reasons)}): {CURE}")


def build(library: Library, model: bytes, preprocessing: Preprocessing, request: Request) -> Plan:
    """Build an engine from an ONNX file's bytes. Raises `BuildFailed`, naming the node that can't be parsed."""
    trt = library.module
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    if builder is None:
        raise BackendUnavailable(f"{library.name} {library.version} can't start here: {CURE}")
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(model):
        raise BuildFailed(f"{library.name} {library.version} can't read the graph: {_parse_errors(parser)}")
    config = _configured(library, builder, preprocessing, request)
    started = time.perf_counter()
    try:
        serialized = builder.build_serialized_network(network, config)
    except MemoryError as error:
        raise BuildFailed(f"{library.name} ran out of memory: try a smaller --max-batch or --workspace-mb") from error
    if serialized is None:
        raise BuildFailed(f"{library.name} {library.version} built no engine: its messages are above")
    _keep_timings(config, request.timing_cache)
    return Plan(bytes(serialized), _layer_types(network), time.perf_counter() - started)


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


def _configured(library: Library, builder: Any, preprocessing: Preprocessing, request: Request) -> Any:
    trt = library.module
    config = builder.create_builder_config()
    profile = builder.create_optimization_profile()
    picture = (preprocessing.height, preprocessing.width, 3)
    profile.set_shape(INPUT, (1, *picture), (request.opt_batch, *picture), (request.max_batch, *picture))
    config.add_optimization_profile(profile)
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, request.workspace_mb << 20)
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED  # or the inspector names no types
    config.clear_flag(trt.BuilderFlag.TF32)  # fp32 means fp32: TF32 keeps ten bits
    cache = request.timing_cache
    if library.name == "tensorrt" and cache is not None:
        known = cache.read_bytes() if cache.is_file() else b""
        config.set_timing_cache(config.create_timing_cache(known), False)
    return config


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
        kind = str(network.get_layer(i).get_output(0).dtype).rpartition(".")[2]
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _parse_errors(parser: Any) -> str:
    messages = []
    for i in range(parser.num_errors):
        error = parser.get_error(i)
        node = error.node_name() if hasattr(error, "node_name") else ""
        messages.append(f"node '{node or error.node()}': {error.desc()}")
    return "; ".join(dict.fromkeys(messages[:3])) or "it gave no reason"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def machine_facts(library: Library, gpu: str, request: Request, model_sha256: str) -> dict[str, str]:
    """What an engine is bound to: it is stale, foreign or for another network when any of these differs."""
    return {
        "model_sha256": model_sha256,
        "library": f"{library.name} {library.version}",
        "gpu": gpu,
        "system": f"{platform.system()} {platform.machine()}",
        "batch": f"1 {request.opt_batch} {request.max_batch}",
        "workspace_mb": str(request.workspace_mb),
    }


def differences(facts: dict[str, str], now: dict[str, str]) -> Sequence[str]:
    """Why an engine built under `facts` must be built again `now`: one sentence each, none if it may be used."""
    names = sorted(facts.keys() | now.keys())
    return [
        f"{n} was {facts.get(n, 'unknown')}, is {now.get(n, 'unknown')}" for n in names if facts.get(n) != now.get(n)
    ]

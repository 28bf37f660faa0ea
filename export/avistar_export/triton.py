"""A model repository for NVIDIA Triton Inference Server: for those who identify in a server room.

Form and field names: Triton's model configuration, https://docs.nvidia.com/deeplearning/triton-inference-server.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from avistar.bundle import ModelBundle
from avistar.errors import UsageError
from avistar.manifest import Artifact, Format
from avistar_export.onnx_graph import EMBEDDING, INPUT, LOGITS

SERVED: dict[Format, tuple[str, str]] = {"onnx": ("onnxruntime", "model.onnx"), "tensorrt": ("tensorrt", "model.plan")}
"""Triton's backend and file name for each form that it serves; it has none for TensorRT-RTX."""
BATCHES = (8, 32)
"""Batches that the server prefers to gather, and the largest, where the artifact takes any."""
LONGEST_WAIT_US = 2000
"""How long a picture waits for company: a few per cent of what a batch takes on a CPU."""
CONFIG, LABELS = "config.pbtxt", "labels.txt"
_HEAD = "# Written by avistar export triton"


def write_repository(bundle: ModelBundle, target: Path, say: Callable[[str], None]) -> list[Path]:
    """Write one model for each artifact that Triton serves into the repository `target`; their folders.

    A model of an earlier run is replaced; any other folder of that name is a `UsageError`.
    """
    served = [artifact for artifact in bundle.manifest.artifacts if artifact.format in SERVED]
    if not served:
        raise UsageError("{folder} has nothing that Triton serves: avistar export onnx {folder}", folder=bundle.folder)
    features = _features(bundle, served)
    target.mkdir(parents=True, exist_ok=True)
    made = []
    for artifact in served:
        folder = target / f"{bundle.manifest.name}_{artifact.format}_{artifact.precision}"
        _write_model(bundle, artifact, folder, features)
        made.append(folder)
        if artifact.format == "tensorrt":
            say(f"{folder.name} runs only on this machine's GPU, with the TensorRT that built it")
    return made


def configuration(bundle: ModelBundle, artifact: Artifact, name: str, features: int) -> str:
    """The model's `config.pbtxt`: uint8 pictures in, logits and embedding out, batches gathered by the server."""
    size = bundle.manifest.preprocessing
    preferred, largest = BATCHES if artifact.batch is None else artifact.batch[1:]
    shape = f"[ {size.height}, {size.width}, 3 ]"
    parameters = {
        "temperature": f"{artifact.calibration.temperature:g}",
        "familiarity_floor": f"{artifact.calibration.familiarity_floor:g}",
        "artifact_sha256": bundle.manifest.files[artifact.file].sha256,
        "confidence": "softmax(logits / temperature)",
        "fit": f"{size.fit} to {size.width}x{size.height}, {size.resampling}, RGB",
    }
    warm = "\n".join(_warmup(count, shape) for count in dict.fromkeys((1, preferred, largest)))
    told = "\n".join(_parameter(key, value) for key, value in parameters.items())
    outputs = (
        f'output [\n  {{ name: "{LOGITS}" data_type: TYPE_FP32 dims: [ {len(bundle.manifest.species)} ] '
        f'label_filename: "{LABELS}" }},\n'
        f'  {{ name: "{EMBEDDING}" data_type: TYPE_FP32 dims: [ {features} ] }}\n]'
    )
    return f"""{_HEAD}
name: {json.dumps(name)}
backend: "{SERVED[artifact.format][0]}"
max_batch_size: {largest}
input [ {{ name: "{INPUT}" data_type: TYPE_UINT8 dims: {shape} }} ]
{outputs}
dynamic_batching {{
  preferred_batch_size: [ {preferred}, {largest} ]
  max_queue_delay_microseconds: {LONGEST_WAIT_US}
}}
{warm}
{told}
"""


def _warmup(count: int, shape: str) -> str:
    """Batches that the server runs before it says that it is ready."""
    return f"""model_warmup {{
  name: "batch of {count}"
  batch_size: {count}
  inputs {{ key: "{INPUT}" value {{ data_type: TYPE_UINT8 dims: {shape} random_data: true }} }}
}}"""


def _parameter(key: str, value: str) -> str:
    return f"parameters {{ key: {json.dumps(key)} value {{ string_value: {json.dumps(value)} }} }}"


def _features(bundle: ModelBundle, served: list[Artifact]) -> int:
    import onnx

    file = next((artifact.file for artifact in served if artifact.format == "onnx"), None)
    if file is None:
        raise UsageError("{folder} has no ONNX artifact that tells the embedding's width", folder=bundle.folder)
    graph = onnx.load_from_string(bundle.checked(file)).graph
    embedding = next(value for value in graph.output if value.name == EMBEDDING)
    return int(embedding.type.tensor_type.shape.dim[-1].dim_value)


def _write_model(bundle: ModelBundle, artifact: Artifact, folder: Path, features: int) -> None:
    """Write the model beside its place, then move it there, so that a server that watches never sees half."""
    earlier = folder / CONFIG
    if folder.exists() and not (earlier.is_file() and earlier.read_text("utf-8", "replace").startswith(_HEAD)):
        raise UsageError("{folder} exists and was not written by Avistar: choose another folder", folder=folder)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        draft = Path(temporary) / "model"
        (draft / "1").mkdir(parents=True)
        (draft / "1" / SERVED[artifact.format][1]).write_bytes(bundle.checked(artifact.file))
        (draft / CONFIG).write_text(configuration(bundle, artifact, folder.name, features), "utf-8")
        names = [species.id for species in bundle.manifest.species]
        (draft / LABELS).write_text("".join(f"{name}\n" for name in names), "utf-8")
        if folder.exists():
            shutil.move(folder, Path(temporary) / "replaced")
        draft.rename(folder)

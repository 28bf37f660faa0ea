"""Which artifact on which device: an explicit wish is met or refused, `auto` explains itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from avistar.backends import Backend
from avistar.backends.onnx_backend import OnnxBackend, Provider, usable_cpus
from avistar.bundle import ModelBundle
from avistar.errors import BackendUnavailable, BundleError, UsageError
from avistar.manifest import Artifact, Precision

Device = Literal["auto", "cpu", "cuda", "tensorrt"]

# Best first: int8 is the fastest form on a CPU, half precision on a GPU.
_PREFERENCE: dict[Provider, tuple[Precision, ...]] = {
    "cpu": ("int8", "fp32", "fp16"),
    "cuda": ("fp16", "fp32", "int8"),
    "tensorrt": ("fp16", "fp32", "int8"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An opened backend, the artifact that it executes, and why: one sentence for each rejected device.

    `threads` are the CPU threads of inference, None on a GPU.
    """

    backend: Backend
    artifact: Artifact
    device: Provider
    rejected: tuple[str, ...] = ()
    threads: int | None = None


def open_backend(
    bundle: ModelBundle,
    device: Device = "auto",
    *,
    precision: Precision | None = None,
    threads: int | None = None,
) -> Choice:
    """Open the best artifact of `bundle` for `device`.

    `auto` tries the GPU where ONNX Runtime was built for one, then the CPU, and says what it rejected.
    Raises `BackendUnavailable` when an explicit device or precision can't be had, `BundleError` for a
    damaged artifact.
    """
    if device not in get_args(Device):
        raise UsageError(f"'{device}' is no device: choose one of {', '.join(get_args(Device))}")
    if device != "auto":
        return _open(bundle, device, precision, threads)
    rejected: list[str] = []
    for candidate in ("cuda", "cpu"):
        try:
            choice = _open(bundle, candidate, precision, threads)
        except BackendUnavailable as error:
            if candidate == "cpu":
                raise
            rejected.append(str(error))
            continue
        return replace(choice, rejected=tuple(rejected))
    raise BackendUnavailable("no device could be opened")  # unreachable: the CPU raises its own


def _open(bundle: ModelBundle, device: Provider, precision: Precision | None, threads: int | None) -> Choice:
    artifact = _artifact(bundle, device, precision)
    model = bundle.checked(artifact.file)
    threads = threads or usable_cpus()
    backend = OnnxBackend(model, provider=device, threads=threads, label=artifact.precision)
    return Choice(backend, artifact, device, threads=threads if device == "cpu" else None)


def _artifact(bundle: ModelBundle, device: Provider, precision: Precision | None) -> Artifact:
    wanted = _PREFERENCE[device] if precision is None else (precision,)
    for candidate in wanted:
        artifact = bundle.artifact("onnx", candidate)
        if artifact is not None:
            return artifact
    have = ", ".join(sorted(f"{a.format} {a.precision}" for a in bundle.manifest.artifacts)) or "nothing"
    if precision is not None:
        raise BackendUnavailable(
            f"the bundle '{bundle.manifest.name}' has no ONNX artifact in {precision}, only {have}: "
            f"avistar export onnx {bundle.folder} --precision {precision}"
        )
    raise BundleError(
        f"the bundle '{bundle.manifest.name}' has no ONNX artifact, only {have}: avistar export onnx {bundle.folder}"
    )

"""Which artifact on which device: an explicit wish is met or refused, `auto` explains itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from avistar.backends import ArrayBackend
from avistar.backends.cuda import load_cuda
from avistar.backends.engine_backend import EngineBackend
from avistar.backends.engine_seal import checked_engine
from avistar.backends.onnx_backend import OnnxBackend, Provider
from avistar.backends.openvino_backend import OpenVinoBackend
from avistar.backends.tensorrt_library import LibraryName, find_library
from avistar.bundle import Bundle
from avistar.errors import BackendUnavailable, BundleError, UsageError
from avistar.manifest import Artifact, Precision
from avistar.message import joined
from avistar.parallel import usable_cpus

Device = Literal["auto", "cpu", "cuda", "tensorrt"]

# Best first: int8 is the fastest form on a CPU, half precision on a GPU.
_PREFERENCE: dict[Provider, tuple[Precision, ...]] = {
    "cpu": ("int8", "fp32", "fp16"),
    "cuda": ("fp16", "fp32", "int8"),
    "tensorrt": ("fp16", "int8", "fp32"),
}
_ENGINES: tuple[LibraryName, ...] = get_args(LibraryName)


@dataclass(frozen=True, slots=True)
class BackendChoice:
    """An opened backend, the artifact that it executes, and why: one sentence for each rejected device.

    `threads` are the CPU threads of inference, None on a GPU.
    """

    backend: ArrayBackend
    artifact: Artifact
    device: Provider
    rejected: tuple[str, ...] = ()
    threads: int | None = None


def open_backend(
    bundle: Bundle[Any],
    device: Device = "auto",
    *,
    precision: Precision | None = None,
    threads: int | None = None,
) -> BackendChoice:
    """Open the best artifact of `bundle` for `device`.

    `cpu` is OpenVINO where the bundle has an artifact judged under it and it is installed, else ONNX Runtime;
    `tensorrt` is an engine of the bundle, or ONNX Runtime's TensorRT provider where the bundle has none.
    `auto` tries an engine where the bundle has one, then the GPU with ONNX Runtime, then the CPU, and says
    what it rejected. Raises `BackendUnavailable` when an explicit device or precision can't be had,
    `BundleError` for a damaged artifact.
    """
    if device not in get_args(Device):
        raise UsageError(
            "'{device}' is no device: choose one of {devices}", device=device, devices=", ".join(get_args(Device))
        )
    if device != "auto":
        return _open(bundle, device, precision, threads)
    rejected: list[str] = []
    candidates: tuple[Provider, ...] = ("tensorrt", "cuda", "cpu") if _engines(bundle, precision) else ("cuda", "cpu")
    for candidate in candidates:
        try:
            choice = _open(bundle, candidate, precision, threads)
        except BackendUnavailable as error:
            if candidate == "cpu":
                raise
            rejected.append(str(error))
            continue
        return replace(choice, rejected=(*rejected, *choice.rejected))
    raise BackendUnavailable("no device could be opened")  # unreachable: the CPU raises its own


def open_artifact(bundle: Bundle[Any], artifact: Artifact, *, threads: int | None = None) -> ArrayBackend:
    """Open one artifact where it belongs: an engine on the GPU, an ONNX file on the CPU.

    Raises `BackendUnavailable` where this machine can't run it or, for an engine, did not build it.
    """
    if artifact.format == "onnx":
        return OnnxBackend(
            bundle.checked(artifact.file), threads=threads, label=artifact.precision, outputs=bundle.manifest.OUTPUTS
        )
    if artifact.format == "openvino":
        return _openvino(bundle, artifact, threads)
    for name in _ENGINES:
        if artifact.format == name:
            library, cuda = find_library(name), load_cuda()
            plan = checked_engine(bundle, artifact, library.facts() | cuda.gpu().facts())
            return EngineBackend(library, plan, cuda, label=artifact.precision, outputs=bundle.manifest.OUTPUTS)
    raise BackendUnavailable(
        "{file} is a {format} file, which only training and export open", file=artifact.file, format=artifact.format
    )


def _open(bundle: Bundle[Any], device: Provider, precision: Precision | None, threads: int | None) -> BackendChoice:
    engines = _engines(bundle, precision) if device == "tensorrt" else []
    if engines:
        return _first_that_opens(bundle, engines)
    artifact = _artifact(bundle, device, precision)
    threads = threads or usable_cpus()
    rejected: tuple[str, ...] = ()
    quicker = bundle.artifact("openvino", artifact.precision) if device == "cpu" else None
    if quicker is not None:
        try:
            return BackendChoice(_openvino(bundle, quicker, threads), quicker, device, threads=threads)
        except BackendUnavailable as error:  # the same file on the same device, only slower
            rejected = (str(error),)
    model = bundle.checked(artifact.file)
    backend = OnnxBackend(
        model, provider=device, threads=threads, label=artifact.precision, outputs=bundle.manifest.OUTPUTS
    )
    return BackendChoice(backend, artifact, device, rejected, threads if device == "cpu" else None)


def _openvino(bundle: Bundle[Any], artifact: Artifact, threads: int | None) -> ArrayBackend:
    return OpenVinoBackend(
        bundle.checked(artifact.file),
        threads=threads or usable_cpus(),
        label=artifact.precision,
        outputs=bundle.manifest.OUTPUTS,
    )


def _engines(bundle: Bundle[Any], precision: Precision | None) -> list[Artifact]:
    """The bundle's engines, best first."""
    wanted = _PREFERENCE["tensorrt"] if precision is None else (precision,)
    found = [bundle.artifact(name, one) for one in wanted for name in _ENGINES]
    return [artifact for artifact in found if artifact is not None]


def _first_that_opens(bundle: Bundle[Any], engines: Sequence[Artifact]) -> BackendChoice:
    reasons: list[str] = []
    for artifact in engines:
        try:
            return BackendChoice(open_artifact(bundle, artifact), artifact, "tensorrt", rejected=tuple(reasons))
        except BackendUnavailable as error:
            reasons.append(str(error))
    raise BackendUnavailable(joined("; ", dict.fromkeys(reasons)))


def _artifact(bundle: Bundle[Any], device: Provider, precision: Precision | None) -> Artifact:
    wanted = _PREFERENCE[device] if precision is None else (precision,)
    for candidate in wanted:
        artifact = bundle.artifact("onnx", candidate)
        if artifact is not None:
            return artifact
    have = ", ".join(sorted(f"{a.format} {a.precision}" for a in bundle.manifest.artifacts)) or "nothing"
    if precision is not None:
        raise BackendUnavailable(
            "the bundle '{name}' has no ONNX artifact in {precision}, only {have}: avistar export {verb} "
            "{folder} --precision {precision}",
            name=bundle.manifest.name,
            precision=precision,
            have=have,
            verb=bundle.manifest.EXPORT,
            folder=bundle.folder,
        )
    raise BundleError(
        "the bundle '{name}' has no ONNX artifact, only {have}: avistar export {verb} {folder}",
        name=bundle.manifest.name,
        have=have,
        verb=bundle.manifest.EXPORT,
        folder=bundle.folder,
    )

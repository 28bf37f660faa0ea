"""`avistar doctor`: what this machine can run, tried rather than asked."""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer

from avistar import __version__
from avistar.cli.console import tell, visible
from avistar.cli.options import JsonOption, ModelOption
from avistar.errors import AvistarError, BackendUnavailable, BundleError, how_to_add
from avistar.message import Message, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from avistar.backends import Backend
    from avistar.backends.onnx_backend import Provider
    from avistar.bundle import ModelBundle
    from avistar.manifest import Format

_ONNXRUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")
_PROVIDERS: tuple[Provider, ...] = ("cpu", "cuda", "tensorrt")
_EXTRAS = {
    "gui": ("PySide6",),
    "train": ("tensorflow", "keras", "sklearn"),
    "export": ("tf2onnx", "onnx", "scipy"),
    "engine": ("cuda", "onnx", "scipy"),
}
_LIBRARIES: dict[Format, tuple[str, str, str]] = {
    "tensorrt-rtx": (
        "tensorrt_rtx",
        Message("on a PC with an RTX card: pip install tensorrt-rtx"),
        Message("avistar export engine --library tensorrt-rtx makes one"),
    ),
    "openvino": (
        "openvino",
        how_to_add("openvino"),
        Message("avistar export onnx makes one, where OpenVINO answers like the model"),
    ),
}
"""Formats with a library of their own: its module, how to get it, and how an artifact for it is made."""
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class DoctorCheck:
    """One thing that was looked at; `detail` says what was found or what is wrong and what to do.

    `ok` is None where nothing can be wrong: a fact, or a part that is simply not installed.
    """

    name: str
    ok: bool | None
    detail: str
    elapsed_ms: float | None = None


def doctor(*, model: ModelOption = None, as_json: JsonOption = False) -> None:
    """Try what this machine can run, and check the bundle's files.

    Ends with 0 when a provider works and the bundle is intact, else with 5.
    """
    bundle, bundle_check = check_bundle(model)
    providers = [check_provider(bundle, provider) for provider in _PROVIDERS]
    libraries = [check_library(bundle, name) for name in _LIBRARIES]
    checks = [*_machine(), check_onnxruntime(), *providers, *libraries, bundle_check, *map(check_extra, _EXTRAS)]
    healthy = bool(bundle_check.ok) and any(check.ok for check in providers)
    if as_json:
        tell(json.dumps({"healthy": healthy, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        _print(checks)
    raise typer.Exit(0 if healthy else 5)


def check_onnxruntime() -> DoctorCheck:
    """Which ONNX Runtime is installed: two of its packages overwrite each other."""
    from avistar.backends.onnx_backend import import_onnxruntime

    installed = {name: found for name in _ONNXRUNTIMES if (found := _version(name))}
    detail = ", ".join(f"{name} {found}" for name, found in installed.items()) or "not installed as a package"
    if len(installed) > 1:
        cure = Message(
            "pip uninstall -y {installed}; pip install 'avistar[cpu]' (or 'avistar[gpu]')",
            installed=" ".join(installed),
        )
        return DoctorCheck(
            "onnxruntime", False, Message("{packages} overwrite each other: {cure}", packages=detail, cure=cure)
        )
    try:
        import_onnxruntime()
    except AvistarError as error:
        return DoctorCheck("onnxruntime", False, str(error))
    return DoctorCheck("onnxruntime", True, detail)


def check_bundle(folder: Path | None) -> tuple[ModelBundle | None, DoctorCheck]:
    """The bundle in use, and whether each of its files is intact."""
    from avistar.bundle import ModelBundle, default_bundle

    try:
        bundle = ModelBundle.open(default_bundle() if folder is None else folder)
    except AvistarError as error:
        return None, DoctorCheck("bundle", False, str(error))
    problems = bundle.damaged_files()
    name = f"{bundle.manifest.name} in {bundle.folder}"
    if problems:
        return bundle, DoctorCheck("bundle", False, joined(": ", [name, joined("; ", problems)]))
    return bundle, DoctorCheck(
        "bundle", True, Message("{name}: {files} files, all intact", name=name, files=len(bundle.manifest.files))
    )


def check_provider(bundle: ModelBundle | None, provider: Provider) -> DoctorCheck:
    """Open `provider` and identify a generated picture with it: a list of providers proves nothing."""
    if bundle is None:
        return DoctorCheck(provider, False, Message("not tried: there is no bundle to run"))
    from avistar.backends.factory import open_backend

    return _tried(provider, bundle, lambda: open_backend(bundle, provider).backend)


def check_library(bundle: ModelBundle | None, format: Format) -> DoctorCheck:
    """Whether the library of `format` is there, which of the bundle's artifacts it runs, and how to get either."""
    module, cure, made = _LIBRARIES[format]
    kin = [one for one in bundle.manifest.artifacts if one.format == format] if bundle is not None else []
    files = ", ".join(one.file for one in kin)
    if find_spec(module) is None:
        if kin:
            return DoctorCheck(
                format, None, Message("not installed, though {files} would run on it: {cure}", files=files, cure=cure)
            )
        return DoctorCheck(
            format, None, Message("not installed, and this bundle has nothing for it: {cure}", cure=cure)
        )
    if bundle is None or not kin:
        found = _version(module.replace("_", "-"))
        return DoctorCheck(
            format,
            None,
            Message("{library} is installed; this bundle has nothing for it: {cure}", library=found, cure=made),
        )
    from avistar.backends.factory import open_artifact

    return _tried(format, bundle, lambda: open_artifact(bundle, kin[0]))


def _tried(name: str, bundle: ModelBundle, opened: Callable[[], Backend]) -> DoctorCheck:
    try:
        backend = opened()
        try:
            elapsed_ms = _measured_ms(backend, bundle)
        finally:
            backend.close()
    except AvistarError as error:
        return DoctorCheck(name, False, str(error))
    except Exception as error:  # a driver's fault takes any form, and must not hide the other checks
        return DoctorCheck(name, False, Message("failed while running ({error})", error=error))
    return DoctorCheck(name, True, backend.runs_on, elapsed_ms=round(elapsed_ms, 1))


def check_extra(extra: str) -> DoctorCheck:
    """Whether the libraries of an optional part are there; none is loaded."""
    lacking = [name for name in _EXTRAS[extra] if find_spec(name) is None]
    if lacking:
        return DoctorCheck(
            extra,
            None,
            Message("not installed (no {module}): {cure}", module=", ".join(lacking), cure=how_to_add(extra)),
        )
    return DoctorCheck(extra, True, "installed")


def _machine() -> list[DoctorCheck]:
    from avistar.parallel import usable_cpus

    python = f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}"
    return [
        DoctorCheck("avistar", None, __version__),
        DoctorCheck("python", None, python),
        DoctorCheck("system", None, f"{platform.system()} {platform.release()}, {platform.machine()}"),
        DoctorCheck("cpus", None, Message("{number} usable", number=usable_cpus())),
    ]


def _measured_ms(backend: Backend, bundle: ModelBundle) -> float:
    """The median time of one picture, after one that warms up."""
    import numpy as np

    shape = bundle.manifest.preprocessing
    ramp = np.linspace(0, 255, shape.width, dtype=np.uint8)[None, None, :, None]
    picture = np.broadcast_to(ramp, (1, shape.height, shape.width, 3)).copy()
    times_ms = []
    for _ in range(_ROUNDS + 1):
        start = time.perf_counter()
        outputs = backend.run(picture)
        times_ms.append((time.perf_counter() - start) * 1000)
    if outputs.logits.shape != (1, len(bundle.manifest.species)):
        raise BundleError(
            "answers {shape} for {species} species",
            shape=list(outputs.logits.shape),
            species=len(bundle.manifest.species),
        )
    if not np.isfinite(outputs.logits).all():
        raise BackendUnavailable("its answer to a generated picture holds NaN or infinity")
    return statistics.median(times_ms[1:])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _print(checks: Sequence[DoctorCheck]) -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark = {True: "ok", False: "NO", None: "--"}[check.ok]
        speed = "" if check.elapsed_ms is None else f": {check.elapsed_ms:.1f} ms for one picture"
        tell(f"{mark}  {check.name.ljust(width)}  {visible(check.detail)}{speed}")

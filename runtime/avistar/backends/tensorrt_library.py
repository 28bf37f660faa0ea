"""TensorRT 10.12+, TensorRT 11 or TensorRT-RTX, whichever is installed: one API as far as Avistar uses it.

The libraries are taken as they come (`Any`): their stubs differ, and most machines have neither.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from avistar.errors import BackendUnavailable
from avistar.message import Message, joined

LibraryName = Literal["tensorrt", "tensorrt-rtx"]
_MODULES: dict[LibraryName, str] = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}
OLDEST = (10, 12)
"""From here on a strongly typed network is the one way that TensorRT 11 kept. TensorRT-RTX always had it."""

CURE = Message(
    "on a PC with an NVIDIA GPU: pip install 'tensorrt-cu13==10.16.*' (or tensorrt-rtx for an "
    "RTX card); on a Jetson: TensorRT comes with JetPack 7 (sudo apt install nvidia-jetpack; "
    "JetPack 6 has 10.3, which needs a newer container), then make the environment with python "
    "-m venv --system-site-packages"
)


@dataclass(frozen=True, slots=True)
class Library:
    """A loaded library: its name, version and module."""

    name: LibraryName
    version: str
    module: Any

    def facts(self) -> dict[str, str]:
        """What a compiled engine depends on."""
        return {"library": f"{self.name} {self.version}"}

    def listener(self) -> tuple[Any, list[str]]:
        """A logger for the library, and the list that its errors are added to.

        The library needs the logger for as long as anything made with it lives.
        """
        trt, heard = self.module, list[str]()

        class Listener(trt.ILogger):  # type: ignore[misc, name-defined]
            def log(self, severity: Any, message: str) -> None:
                if severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                    heard.append(message)

        return Listener(), heard


def find_library(wanted: Literal["auto"] | LibraryName) -> Library:
    """The library. Raises `BackendUnavailable` with what to install, for a PC and for a Jetson."""
    names: Sequence[LibraryName] = get_args(LibraryName) if wanted == "auto" else (wanted,)
    reasons = []
    for name in names:
        try:
            module = importlib.import_module(_MODULES[name])
        except (ImportError, OSError, RuntimeError) as error:
            reasons.append(f"{name}: {error}")
            continue
        library = Library(name, str(getattr(module, "__version__", "0")), module)
        if name == "tensorrt" and _numbers(library.version) < OLDEST:
            reasons.append(
                Message(
                    "{library} {version} is older than {major}.{minor}",
                    library=name,
                    version=library.version,
                    major=OLDEST[0],
                    minor=OLDEST[1],
                )
            )
            continue
        return library
    raise BackendUnavailable(
        "no library for engines can be loaded ({reasons}): {cure}", reasons=joined("; ", reasons), cure=CURE
    )


def last_words(heard: Sequence[str]) -> str:
    """The library's last errors in one line."""
    return "; ".join(dict.fromkeys(message.strip() for message in heard[-2:])) or "it gave no reason"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])

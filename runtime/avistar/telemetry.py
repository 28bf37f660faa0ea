"""Nothing is sent: how the libraries that would report on their users are told not to, before they are loaded.

Every place that loads one of them goes through here. A variable that is set already is left as it is: a program
that embeds Avistar decides for itself. docs/privacy.md lists what each library would send.
"""

from __future__ import annotations

import os
import sys
from typing import Any

REFUSALS = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime 1.29 and later: read once, when the library is loaded
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""What each library reads in the environment, and what refuses."""

_OPENVINO_REPORTER = "openvino_telemetry"


def refuse() -> None:
    """Set every refusal that the environment doesn't hold yet; child processes inherit them."""
    for name, value in REFUSALS.items():
        os.environ.setdefault(name, value)


def import_onnxruntime_quietly() -> Any:
    """The `onnxruntime` module, as it is installed. Raises `ImportError`.

    On Windows it takes a call instead of the variable, before the first session; elsewhere the call ends what a
    program that loaded the library before us began.
    """
    refuse()
    import onnxruntime

    if os.environ["ORT_DISABLE_TELEMETRY"] == REFUSALS["ORT_DISABLE_TELEMETRY"]:
        # Missing in the half of a package that an uninstall left behind, which the caller tells.
        getattr(onnxruntime, "disable_telemetry_events", lambda: None)()
    return onnxruntime


def import_openvino_quietly() -> Any:
    """The `openvino` module without its reporter, for which it has a stub of its own. Raises `ImportError`.

    OpenVINO reports that it was imported, unless a file in the home folder refuses. Whoever loaded it or the
    reporter before us keeps what they have.
    """
    held_back = not {"openvino", _OPENVINO_REPORTER} & sys.modules.keys()
    if held_back:
        sys.modules[_OPENVINO_REPORTER] = None  # type: ignore[assignment]  # makes importing it an ImportError
    try:
        import openvino
    finally:
        if held_back:
            del sys.modules[_OPENVINO_REPORTER]
    return openvino


def import_ray_quietly() -> Any:
    """The `ray` module. Raises `ImportError`."""
    refuse()
    import ray

    return ray

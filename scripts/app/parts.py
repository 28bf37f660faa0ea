"""What the one-folder program is made of: read by the spec, by the script that builds it and by a test."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("launch.py")
ICON = ROOT / "gui" / "avistar_gui" / "icons" / "avistar.svg"
PACKAGES = ("avistar", "avistar_gui")
"""Ours that go in. Training and exporting stay out: they need libraries of gigabytes."""

METADATA = ("avistar", "PySide6-Essentials", "numpy", "Pillow", "onnxruntime", "opencv-python-headless")
"""Packages whose versions are asked for while the program runs; ours lists the verbs as well."""

LATE = ("onnxruntime", "cv2", "xlsxwriter", "PySide6.QtSvg", "PySide6.QtNetwork", "sklearn.manifold")
"""Libraries that are imported only when they are needed; the program is useless without them."""

LEFT_OUT = (
    "avistar_train", "avistar_export", "avistar.serve",
    "tensorflow", "keras", "torch", "jax", "sklearn.datasets", "matplotlib", "pandas", "onnx", "tf2onnx", "ml_dtypes",
    "tensorrt", "tensorrt_rtx", "cuda", "openvino", "ray", "pyarrow", "fsspec", "fastapi", "uvicorn", "skimage",
    "tkinter", "IPython", "pytest", "_pytest", "setuptools", "pip", "pydoc_data", "lib2to3", "ensurepip",
    "onnxruntime.quantization", "onnxruntime.tools", "onnxruntime.transformers", "sympy",
)  # fmt: skip
"""Modules that a library might pull in and that no screen and no verb inside needs."""

UNUSED_FILES = (
    "*Qt6Qml*", "*Qt6Quick*", "*Qt6VirtualKeyboard*", "*Qt6OpenGLWidgets*", "*Qt6Pdf*", "*Qt6Test*", "*Qt6Sql*",
    "*/plugins/platforminputcontexts/*virtualkeyboard*", "*/plugins/platforms/*qeglfs*",
    "*/plugins/platforms/*qlinuxfb*",
    "*/plugins/platforms/*qvkkhrdisplay*", "*/plugins/platforms/*qvnc*", "*/plugins/platforms/*qminimalegl*",
    "*/plugins/egldeviceintegrations/*", "*/plugins/generic/*", "*Qt6EglFS*", "*Qt6EglFsKms*",
    "*/plugins/imageformats/*qpdf*", "*/plugins/tls/*", "*/plugins/networkinformation/*",
    "*/plugins/platformthemes/*qgtk3*", "libpango*", "libcairo*", "libpixman*", "libgdk*", "libgtk*", "libatk*",
    "libharfbuzz*", "libfribidi*", "libthai*", "libdatrie*", "libXcomposite*", "libXdamage*",
)  # fmt: skip
"""What hooks collect and the app never loads: no QML, no embedded screens, no TLS, no GTK."""

KEPT_TRANSLATIONS = ("qtbase_es.qm",)
"""Qt's own texts: the app speaks English, which Qt needs no file for, and Spanish."""


def version() -> str:
    """Avistar's version, as pyproject.toml has it."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


def verbs() -> dict[str, str]:
    """Every verb's entry point, as pyproject.toml has them."""
    with (ROOT / "pyproject.toml").open("rb") as stream:
        found: dict[str, str] = tomllib.load(stream)["project"]["entry-points"]["avistar.verbs"]
    return found


def launched() -> set[str]:
    """The modules that the launcher imports by name."""
    tree = ast.parse(LAUNCHER.read_text("utf-8"))
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}

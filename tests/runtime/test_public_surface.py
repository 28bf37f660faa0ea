from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import avistar

HEAVY = ("tensorflow", "keras", "torch", "cv2", "PySide6", "onnx", "onnxruntime", "sklearn", "scipy", "rich", "fastapi")


def loaded_after(statement: str) -> set[str]:
    """The modules of a fresh process after `statement`."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    folders = [str(Path(avistar.__file__).parents[1])]
    code = f"import sys; sys.path[:0] = {folders!r}\n{code}"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_public_names_are_these() -> None:
    assert sorted(avistar.__all__) == [
        "Artifact", "AsyncClassifier", "AvistarError", "Backend", "BackendUnavailable", "BundleError", "Candidate",
        "Classifier", "ClassifierInfo", "Decision", "Evidence", "Failure", "Fault", "FunctionBackend", "Group",
        "Identification", "ImageError", "Manifest", "MissingExtra", "ModelBundle", "Outputs", "Preprocessing",
        "Provenance", "Species", "UsageError", "Verification", "__version__",
    ]  # fmt: skip


@pytest.mark.parametrize("name", avistar.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(avistar, name)
    assert name == "__version__" or value.__doc__


def test_type_checkers_see_the_names_that_are_loaded_late() -> None:
    tree = ast.parse(Path(avistar.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "typing"]
    typed = {alias.name: node.module for node in imports for alias in node.names if node.module != "importlib"}
    late = {name: f"avistar.{home}" for name, home in avistar._HOME.items()}
    assert typed == late
    assert set(late) == set(avistar.__all__) - {"__version__"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clasifier'"):
        avistar.Clasifier  # noqa: B018
    assert set(avistar.__all__) <= set(dir(avistar))


@pytest.mark.parametrize(
    "statement",
    ["import avistar", "from avistar import *", "from avistar import Classifier", "import avistar.formats.answers"],
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    assert loaded_after(statement).isdisjoint(HEAVY)


def test_the_version_is_the_projects() -> None:
    text = (Path(avistar.__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert f'version = "{avistar.__version__}"' in text

"""Avistar tells which animal is in a photo, on the machine that took it: 30 species, or those of another network.

from avistar import Classifier

with Classifier.open() as classifier:
    print(classifier.identify("photo.jpg").top(3))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avistar.async_classifier import AsyncClassifier
    from avistar.backends import Backend, FunctionBackend, Outputs
    from avistar.bundle import ModelBundle
    from avistar.classifier import Classifier, ClassifierInfo
    from avistar.decision import Decision
    from avistar.errors import (
        AvistarError,
        BackendUnavailable,
        BundleError,
        Fault,
        ImageError,
        MissingExtra,
        UsageError,
    )
    from avistar.identification import Candidate, Failure, Identification, Provenance
    from avistar.manifest import Artifact, Manifest, Preprocessing
    from avistar.occlusion import Evidence
    from avistar.species import Group, Species
    from avistar.verification import Verification

__version__ = "0.1.0"

__all__ = [
    "Artifact", "AsyncClassifier", "AvistarError", "Backend", "BackendUnavailable", "BundleError", "Candidate",
    "Classifier", "ClassifierInfo", "Decision", "Evidence", "Failure", "Fault", "FunctionBackend", "Group",
    "Identification", "ImageError", "Manifest", "MissingExtra", "ModelBundle", "Outputs", "Preprocessing", "Provenance",
    "Species", "UsageError", "Verification", "__version__",
]  # fmt: skip

# Loaded when first asked for, so that `avistar --help` doesn't wait for numpy and Pillow.
_HOMES = {
    "async_classifier": ("AsyncClassifier",),
    "backends": ("Backend", "FunctionBackend", "Outputs"),
    "bundle": ("ModelBundle",),
    "classifier": ("Classifier", "ClassifierInfo"),
    "identification": ("Candidate", "Failure", "Identification", "Provenance"),
    "decision": ("Decision",),
    "errors": (
        "AvistarError", "BackendUnavailable", "BundleError", "Fault", "ImageError", "MissingExtra", "UsageError",
    ),
    "occlusion": ("Evidence",),
    "manifest": ("Artifact", "Manifest", "Preprocessing"),
    "species": ("Group", "Species"),
    "verification": ("Verification",),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'avistar' has no attribute '{name}'")
    value: object = getattr(import_module(f"avistar.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

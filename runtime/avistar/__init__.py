"""Avistar tells which of 30 animal species is in a photo, on the machine that took it.

from avistar import Classifier

with Classifier.open() as classifier:
    print(classifier.identify("photo.jpg").top(3))
"""

from avistar.backends import Backend, FunctionBackend, Outputs
from avistar.bundle import ModelBundle
from avistar.classifier import Candidate, Classifier, Failure, Identification, Provenance
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
from avistar.manifest import Artifact, Manifest, Preprocessing
from avistar.species import Group, Species

__version__ = "0.1.0"

__all__ = [
    "Artifact", "AvistarError", "Backend", "BackendUnavailable", "BundleError", "Candidate", "Classifier",
    "Decision", "Failure", "Fault", "FunctionBackend", "Group", "Identification", "ImageError", "Manifest",
    "MissingExtra", "ModelBundle", "Outputs", "Preprocessing", "Provenance", "Species", "UsageError",
    "__version__",
]  # fmt: skip

"""What can be shown and compared: bundles with their artifacts, and surveys. Knows no Qt."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from avistar import ModelBundle
from avistar.analysis import has_analysis, read_analysis
from avistar.bundle import bundle_places, find_bundles
from avistar.errors import AvistarError, BundleError
from avistar.images import printable
from avistar_gui.analysis.reviewed import read_reviewed
from avistar_gui.analysis.study import Study


@dataclass(frozen=True, slots=True)
class ArtifactChoice:
    """An executable form of a bundle: its `form` ("onnx int8"), its file in the bundle and that file's SHA-256."""

    form: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """A bundle on this computer; `recorded`: its own answers to its test photos are kept in it."""

    name: str
    folder: str
    artifacts: tuple[ArtifactChoice, ...] = ()
    recorded: bool = True

    def with_sha(self, sha256: str) -> ArtifactChoice | None:
        """The artifact with this file, None where the bundle has none such."""
        return next((one for one in self.artifacts if one.sha256 == sha256), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user chose from a list: a kind, and what it takes to open it."""

    kind: Literal["bundle", "artifact", "survey", "none", "ask"]
    place: str = ""
    file: str = ""

    @property
    def key(self) -> str:
        """The wish as text, for lists that hold only that."""
        return json.dumps((self.kind, self.place, self.file))

    @classmethod
    def of(cls, key: str) -> Wish:
        """The wish with this `key`."""
        kind, place, file = json.loads(key)
        return cls(kind, place, file)


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """The survey that is open elsewhere in the app: its file, and the folder that it is of."""

    path: str
    folder: str

    @property
    def name(self) -> str:
        """What people call it: the folder's name."""
        return printable(os.path.basename(self.folder) or self.folder)  # noqa: PTH119 - bytes stay as they are


def known_bundles(more: Iterable[str] = ()) -> list[BundleChoice]:
    """Every bundle that ships or lies in the folders `more`; one that can't be opened is passed over."""
    found = []
    for folder in find_bundles([*bundle_places(), *map(Path, more)]):
        try:
            found.append(choice_of(ModelBundle.open(folder)))
        except BundleError:  # the Models screen says what is wrong with it
            continue
    return found


def choice_of(bundle: ModelBundle) -> BundleChoice:
    """`bundle` as it is offered."""
    manifest = bundle.manifest
    artifacts = tuple(
        ArtifactChoice(f"{one.format} {one.precision}", one.file, manifest.files[one.file].sha256)
        for one in manifest.artifacts
        if one.format != "keras" and one.file in manifest.files
    )
    return BundleChoice(manifest.name, str(bundle.folder), artifacts, has_analysis(bundle))


def read_study(folder: Path) -> Study:
    """The study of the test photos of the bundle in `folder`. Raises `BundleError`."""
    bundle = ModelBundle.open(folder)
    return Study.of(bundle, read_analysis(bundle)).prepare()


def read_survey(path: Path, bundles: Iterable[BundleChoice], cancelled: Callable[[], bool]) -> Study:
    """The study of the photos reviewed in the survey at `path`. Raises `CatalogueError`, `NothingToJudge`.

    Ends soon, without one, once it is `cancelled`: closing the window must not wait for a hundred thousand photos.
    """
    if not path.is_file():
        raise AvistarError(f"{path}: there is no such survey")
    return read_reviewed(path, [Path(one.folder) for one in bundles], cancelled)

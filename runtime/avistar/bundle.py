"""A bundle on disk: opened with every hash checked, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any, Generic

from avistar.errors import BundleError
from avistar.manifest import (
    Artifact,
    DetectorManifest,
    FileRecord,
    Format,
    M,
    Manifest,
    Precision,
    decode,
    decode_detector,
    encode,
    kind_of,
)
from avistar.message import Message, reason_of

MANIFEST = "manifest.json"
MANIFEST_LIMIT_BYTES = 16_000_000
"""20,000 labels with names and groups take 9 MB."""


@dataclass(frozen=True, slots=True)
class Bundle(Generic[M]):
    """A folder and its manifest, of either kind. Change it only through `draft`.

    Attributes:
        folder: Where it lies.
        manifest: What it holds, as its manifest says; files are checked when they are used.
    """

    folder: Path
    manifest: M

    @property
    def sha256(self) -> str:
        """The SHA-256 of the manifest, and so of all that it lists: what tells one bundle from another."""
        return hashlib.sha256((self.folder / MANIFEST).read_bytes()).hexdigest()

    def checked(self, name: str) -> bytes:
        """The bytes of one file, after its size and SHA-256 agree with the manifest.

        Args:
            name: The file's path in the bundle, with forward slashes.

        Returns:
            The whole file.

        Raises:
            BundleError: The file is missing, altered, not listed, or outside the folder; names it.
        """
        record = self.manifest.files.get(name)
        if record is None:
            raise BundleError("the bundle '{name}' lists no file '{file}'", name=self.manifest.name, file=name)
        path = self._inside(name)
        differs = Message(
            "{path} is not the file that the manifest lists (its SHA-256 differs): copy the bundle again", path=path
        )
        try:
            facts = path.stat()
            if not stat.S_ISREG(facts.st_mode):  # reading a pipe could wait for ever, a device never end
                raise BundleError("{path} is no ordinary file: copy the bundle again", path=path)
            if facts.st_size != record.bytes:
                raise BundleError(differs)
            data = path.read_bytes()
        except OSError as error:
            raise BundleError(
                "{path} can't be read ({reason}): copy the bundle again", path=path, reason=reason_of(error)
            ) from error
        except MemoryError as error:
            raise BundleError(
                "{path} doesn't fit into the memory ({size:,} bytes)", path=path, size=record.bytes
            ) from (error)
        if len(data) != record.bytes or hashlib.sha256(data).hexdigest() != record.sha256:
            raise BundleError(differs)
        return data

    def damaged_files(self) -> list[str]:
        """Check every listed file.

        Returns:
            One sentence for every file that is missing or altered; empty when all are intact.
        """
        problems = []
        for name in sorted(self.manifest.files):
            try:
                self.checked(name)
            except BundleError as error:
                problems.append(str(error))
        return problems

    def artifact(self, format: Format, precision: Precision) -> Artifact | None:
        """Look for one executable form of the network.

        Args:
            format: "onnx", "openvino", "tensorrt", "tensorrt-rtx" or "keras".
            precision: "fp32", "fp16" or "int8".

        Returns:
            The artifact, or None where the bundle has none such.
        """
        for artifact in self.manifest.artifacts:
            if (artifact.format, artifact.precision) == (format, precision):
                return artifact
        return None

    def _inside(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or any(sign in name for sign in "\\:\0") or ".." in parts:
            raise BundleError(
                "the bundle '{name}' lists '{file}', which points outside its folder",
                name=self.manifest.name,
                file=name,
            )
        return self.folder.joinpath(*parts)


@dataclass(frozen=True, slots=True)
class ModelBundle(Bundle[Manifest]):
    """A classifier's bundle. `open` it; change it only through `draft`.

    Attributes:
        folder: Where it lies.
        manifest: What it holds, as its manifest says; files are checked when they are used.
    """

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> ModelBundle:
        """Read a bundle's manifest. Its files are checked when they are used: see `checked`.

        Args:
            folder: The bundle's folder.

        Returns:
            The bundle; no file of it is held open.

        Raises:
            BundleError: The folder holds no bundle, or its manifest is damaged or of another version.
        """
        return cls(Path(folder), decode(*_manifest(Path(folder))))


@dataclass(frozen=True, slots=True)
class DetectorBundle(Bundle[DetectorManifest]):
    """A detector's bundle: the same form, another manifest.

    Attributes:
        folder: Where it lies.
        manifest: What it holds, as its manifest says; files are checked when they are used.
    """

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> DetectorBundle:
        """Read a detector's manifest. Its files are checked when they are used: see `checked`.

        Args:
            folder: The bundle's folder.

        Returns:
            The bundle; no file of it is held open.

        Raises:
            BundleError: The folder holds no detector, or its manifest is damaged or of another version.
        """
        return cls(Path(folder), decode_detector(*_manifest(Path(folder))))


def _manifest(folder: Path) -> tuple[bytes, str]:
    """The manifest's bytes and its path as text."""
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(
            "{folder} is no bundle: it has no {manifest}. Choose a model's folder",
            folder=folder,
            manifest=MANIFEST,
        )
    if path.stat().st_size > MANIFEST_LIMIT_BYTES:
        raise BundleError(
            "{path} is {size:,} bytes; a manifest has at most {limit:,}",
            path=path,
            size=path.stat().st_size,
            limit=MANIFEST_LIMIT_BYTES,
        )
    return path.read_bytes(), str(path)


@contextmanager
def draft(target: str | os.PathLike[str], start_from: Bundle[Any] | None = None) -> Iterator[Path]:
    """A temporary folder beside `target`, holding a copy of `start_from`; fill it, then `commit` it.

    Whatever happens, `target` is untouched until `commit`, and the temporary folder is gone afterwards.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as temporary:
        folder = Path(temporary) / "bundle"
        if start_from is None:
            folder.mkdir()
        else:
            shutil.copytree(start_from.folder, folder)
        yield folder


def commit(draft_folder: Path, manifest: Manifest, target: str | os.PathLike[str]) -> ModelBundle:
    """Hash every file of `draft_folder`, write the manifest, and move the folder to `target`.

    An earlier bundle at `target` is replaced; anything else there is left alone with a `BundleError`.
    """
    return ModelBundle.open(_committed(draft_folder, manifest, Path(target)))


def commit_detector(draft_folder: Path, manifest: DetectorManifest, target: str | os.PathLike[str]) -> DetectorBundle:
    """`commit` for a detector's bundle."""
    return DetectorBundle.open(_committed(draft_folder, manifest, Path(target)))


def check_vacant(target: Path) -> None:
    """Raise `BundleError` where `commit` would: something at `target` is no bundle, or nothing can be written there."""
    if target.exists() and not _replaceable(target):
        raise BundleError("{target} exists and is no bundle: choose another folder", target=target)
    above = next(folder for folder in (target.parent, *target.parent.parents) if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise BundleError("{parent} can't be written to: choose another folder", parent=above)


def _committed(draft_folder: Path, manifest: M, target: Path) -> Path:
    check_vacant(target)
    manifest = replace(manifest, files=_records(draft_folder))
    for artifact in manifest.artifacts:
        if artifact.file not in manifest.files:
            raise BundleError(
                "the artifact {file} was never written to the bundle '{name}'", file=artifact.file, name=manifest.name
            )
    path = draft_folder / MANIFEST
    with path.open("wb") as stream:
        stream.write(encode(manifest))
        stream.flush()
        os.fsync(stream.fileno())
    # A folder can't be replaced in one step: the old one steps aside and is removed last.
    aside = draft_folder.parent / "replaced"
    if target.exists():
        target.rename(aside)
    try:
        draft_folder.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    return target


def _replaceable(target: Path) -> bool:
    return target.is_dir() and ((target / MANIFEST).is_file() or not any(target.iterdir()))


def _records(folder: Path) -> dict[str, FileRecord]:
    records = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            data = path.read_bytes()
            records[name] = FileRecord(hashlib.sha256(data).hexdigest(), len(data))
    return records


def default_bundle() -> Path:
    """The folder of the bundle that ships with Avistar.

    Installed, it lies inside the package; in a checkout, under `models/`. Raises `BundleError` if neither does.
    """
    for candidate in bundle_places():
        if (candidate / "default" / MANIFEST).is_file():
            return candidate / "default"
    raise BundleError("no default bundle is installed: name one with --model FOLDER")


def default_detector() -> Path:
    """The folder of the detector that ships with Avistar; see `default_bundle`. Raises `BundleError` without one."""
    for candidate in bundle_places():
        if (candidate / "detector" / MANIFEST).is_file():
            return candidate / "detector"
    raise BundleError("no detector is installed: name one with --detector FOLDER, or leave --detect out")


def bundle_places() -> list[Path]:
    """Folders that hold bundles: the package's own, a checkout's `models/`."""
    package = Path(str(resources.files("avistar")))
    return [place for place in (package / "models", package.parent.parent / "models") if place.is_dir()]


def find_bundles(places: Iterable[Path]) -> Iterator[Path]:
    """The classifiers' bundles among `places` and right below them, each once."""
    return (folder for folder in _found(places) if not _is_detector(folder))


def find_detectors(places: Iterable[Path]) -> Iterator[Path]:
    """The detectors' bundles among `places` and right below them, each once."""
    return (folder for folder in _found(places) if _is_detector(folder))


def _is_detector(folder: Path) -> bool:
    try:
        return kind_of(*_manifest(folder)) == "detector"
    except (BundleError, OSError):  # who opens it as a classifier hears what is wrong with it
        return False


def _found(places: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for place in places:
        inside = sorted(place.iterdir()) if place.is_dir() and not (place / MANIFEST).exists() else [place]
        for folder in inside:
            if (folder / MANIFEST).is_file() and folder.resolve() not in seen:
                seen.add(folder.resolve())
                yield folder

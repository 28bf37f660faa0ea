"""A bundle may come from anybody: whatever it claims, one sentence says what is wrong with it."""

from __future__ import annotations

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avistar import BundleError, Classifier, FunctionBackend, ModelBundle, Outputs
from avistar.arrays import numbers, read_arrays
from avistar.cli.console import tell
from avistar.familiarity import Background
from avistar.manifest import Calibration, FileRecord
from support import FEATURES, picture


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def listing(bundle: ModelBundle, name: str, size: int) -> ModelBundle:
    files = {**bundle.manifest.files, name: FileRecord("0" * 64, size)}
    return ModelBundle(bundle.folder, replace(bundle.manifest, files=files))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_or_a_device_in_place_of_a_file_is_not_read(bundle: ModelBundle) -> None:
    os.mkfifo(bundle.folder / "pipe")
    (bundle.folder / "device").symlink_to("/dev/zero")
    for name in ("pipe", "device"):
        with pytest.raises(BundleError, match=f"{name} is no ordinary file"):
            listing(bundle, name, 10).checked(name)


def test_a_file_of_another_size_is_refused_before_it_is_read(
    bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (bundle.folder / "sparse").open("wb") as stream:
        stream.truncate(50_000_000_000)

    def full(_: Path) -> bytes:
        raise MemoryError

    monkeypatch.setattr(Path, "read_bytes", full)
    with pytest.raises(BundleError, match="is not the file that the manifest lists"):
        listing(bundle, "sparse", 10).checked("sparse")
    with pytest.raises(BundleError, match="doesn't fit into the memory"):
        listing(bundle, "sparse", 50_000_000_000).checked("sparse")


@pytest.mark.parametrize("name", ["a\0b", "../x", "/etc/passwd", "C:x", "a\\b"])
def test_a_path_that_makes_no_sense_points_outside(bundle: ModelBundle, name: str) -> None:
    with pytest.raises(BundleError, match="points outside"):
        listing(bundle, name, 10).checked(name)


HEAD = b"\x93NUMPY\x01\x00"


def shaped(shape: bytes) -> bytes:
    return HEAD + b"\x50\x00" + (b"{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + b"}").ljust(80)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        zipped("a.npy", b"text"),
        zipped("a.npy", HEAD + b"\x10\x00" + b"{'descr': (((((\n"),
        zipped("a.npy", shaped(b"(99999999999999,)")),
        zipped("a.npy", shaped(b"(-1, 3)")),
        npz(a=np.array([{}], object)),
        npz(a=np.zeros(9))[:-30],
    ],
    ids=["empty", "text", "no array", "no header", "endless", "negative", "pickled", "cut"],
)  # fmt: skip
def test_whatever_an_archive_claims_it_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(BundleError, match=r"evil\.npz can't be read"):
        read_arrays(data, "evil.npz")


def test_arrays_that_become_too_large_are_refused_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.arrays.MOST_BYTES", 1000)
    with pytest.raises(BundleError, match="bytes of arrays"):
        read_arrays(npz(a=np.zeros(1000)), "evil.npz")


@pytest.mark.parametrize("array", [np.array([["text"]]), np.zeros(3), np.zeros((1, 1), complex), None])
def test_arrays_must_be_what_is_asked_for(array: object) -> None:
    with pytest.raises(BundleError, match=r"evil\.npz can't be read: 'a' is"):
        numbers({} if array is None else {"a": array}, "a", "evil.npz", axes=2)  # type: ignore[dict-item]


def test_a_reference_of_another_width_is_a_sentence() -> None:
    background = Background(np.zeros((FEATURES + 1, 5)), np.zeros(5))
    with pytest.raises(BundleError, match=f"for {FEATURES + 1} features"):
        background(Outputs(np.zeros((2, 30), np.float32), np.zeros((2, FEATURES), np.float32)))


def test_a_network_that_answers_with_text_is_a_sentence(tiny: ModelBundle) -> None:
    def text(images: np.ndarray) -> Outputs:
        return Outputs(np.full((len(images), len(tiny.manifest.species)), "wolf"), np.zeros((len(images), FEATURES)))  # type: ignore[arg-type]

    with (
        Classifier(tiny, FunctionBackend(text), Calibration()) as classifier,
        pytest.raises(BundleError, match="the network of"),
    ):
        classifier.identify(picture(1))


def test_no_control_character_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a\x1b[2Jb\tc\nd\x9b\u202ee\rf")
    assert capsys.readouterr().out == "a\ufffd[2Jb\tc\nd\ufffd\ufffde\ufffdf\n"

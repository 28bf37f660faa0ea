"""Files of arrays that lie, are damaged, or are something else: one reason each, and nothing is unpickled."""

from __future__ import annotations

import io
import os
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from avistar.arrays import NUMBERS, TEXT, ArrayError, array, load_arrays, map_array

HELD = {
    "one": np.arange(12, dtype=np.float32).reshape(3, 4),
    "names": np.array(["año", "b"]),
    "single": np.array("text"),
    "none": np.zeros((0, 5), np.int64),
    "turned": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
}


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def npy(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = (header + "\n").encode()
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + data


def member(data: bytes, name: str = "a.npy") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


class Trap:
    """Sets a mark when it is unpickled."""

    def __reduce__(self) -> object:
        return os.mkdir, ("unpickled",)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz(**HELD))
    for source in (npz(**HELD), tmp_path / "a.npz", str(tmp_path / "a.npz")):
        found = load_arrays(source)
        assert found.keys() == HELD.keys()
        for name, one in HELD.items():
            assert (found[name].dtype, found[name].shape) == (one.dtype, one.shape)
            assert (found[name] == one).all()


CLAIM = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s)}"
LYING = {
    "more than there is": (member(npy(CLAIM % "9,", b"x" * 8)), "promises"),
    "terabytes": (
        member(npy(CLAIM % "1000000, 10000000")),
        "promises",
    ),
    "a negative side": (member(npy(CLAIM % "-1,", b"x" * 4)), "never loaded"),
    "no header": (member(b"\x93NUMPY\x01\x00\xff\xff{"), "EOF|expected"),
    "code as a header": (member(npy("__import__('os').mkdir('unpickled')")), "malformed"),
    "another version": (member(npy("{}", version=b"\x09\x00")), "format"),
    "no array": (member(b"text", "a.txt"), "no arrays"),
    "text as an array": (member(b"plain text"), "magic"),
    "objects": (npz(a=np.array([Trap()], object)), "never loaded"),
    "a pickle": (b"cos\nmkdir\n(S'unpickled'\ntR.", "zip"),
    "nothing": (b"", "zip"),
    "times": (npz(a=np.array(["2024-01-01"], "M8[s]")), "never loaded"),
}  # fmt: skip


@pytest.mark.parametrize("name", LYING)
def test_a_file_that_lies_is_refused_with_its_reason(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data, reason = LYING[name]
    with pytest.raises(ArrayError, match=reason):
        load_arrays(data)
    assert list(tmp_path.iterdir()) == []


def test_what_unpacks_to_too_much_and_two_arrays_of_one_name_are_refused() -> None:
    with pytest.raises(ArrayError, match=r"8,000,\d+ bytes of arrays"):
        load_arrays(npz(a=np.zeros(1_000_000)), most_bytes=1_000_000)
    twice = npz(a1=np.zeros(1), a2=np.zeros(1)).replace(b"a2.npy", b"a1.npy")
    with pytest.raises(ArrayError, match="one name"):
        load_arrays(twice)


def test_flipped_bytes_give_the_right_arrays_or_a_reason() -> None:
    data, chance = npz(**HELD), random.Random(4)
    for _ in range(400):
        broken = bytearray(data)
        broken[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            found = load_arrays(bytes(broken))
        except ArrayError:
            continue
        for name in found.keys() & HELD.keys():
            assert (found[name] == HELD[name]).all()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes of that kind")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    for read in (load_arrays, map_array):
        with pytest.raises(ArrayError, match="no ordinary file"):
            read(tmp_path / "pipe.npz")


def test_a_mapped_array_is_as_long_as_it_says(tmp_path: Path) -> None:
    file = tmp_path / "a.npy"
    np.save(file, HELD["one"])
    assert (map_array(file) == HELD["one"]).all()
    data = file.read_bytes()
    for other in (data[:-1], data + b"x", b"", data[:20]):
        file.write_bytes(other)
        with pytest.raises(ArrayError, match=r"\S"):
            map_array(file)
    np.save(file, np.array([Trap()], object), allow_pickle=True)
    with pytest.raises(ArrayError, match="never loaded"):
        map_array(file)


def test_an_array_is_what_it_should_be() -> None:
    assert array(HELD, "one", NUMBERS, (3, None)) is HELD["one"]
    assert str(array(HELD, "single", TEXT, ())) == "text"
    for name, kinds, shape, reason in (
        ("one", NUMBERS, (3, 5), r"'one' is float32 \[3, 4\], not \[3, 5\] of kind fiu"),
        ("one", NUMBERS, (None,), r"not \[…\]"),
        ("names", NUMBERS, (None,), "kind"),
        ("other", TEXT, (None,), "'other' is missing"),
    ):
        with pytest.raises(ArrayError, match=reason):
            array(HELD, name, kinds, shape)

"""Checkpoints of PyTorch's older form, written here step by step as PyTorch 1.5 wrote them."""

import struct

import numpy as np
import pytest

from avistar import UsageError
from avistar_train.torch_checkpoint import MAGIC, read_checkpoint

START, STOP = b"\x80\x02", b"."


def text(value):
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def numbers(values):
    return b"(" + b"".join(b"K" + bytes([value]) for value in values) + b"t"


def tensor(kind, key, items, offset, shape, strides, call=b"ctorch._utils\n_rebuild_tensor_v2\n"):
    storage = (
        b"(" + text("storage") + b"ctorch\n" + kind + b"\n" + text(key) + text("cpu") + b"K" + bytes([items]) + b"Nt"
    )
    rest = b"K" + bytes([offset]) + numbers(shape) + numbers(strides) + b"\x89" + b"ccollections\nOrderedDict\n)R"
    return call + b"(" + storage + b"Q" + rest + b"tR"


def checkpoint(tensors, keys, storages, magic=MAGIC):
    raw = magic.to_bytes(10, "little")
    head = START + b"\x8a" + bytes([len(raw)]) + raw + STOP + START + b"M\xe9\x03" + STOP
    head += START + b"}(" + text("little_endian") + b"\x88u" + STOP
    body = START + b"ccollections\nOrderedDict\n)R(" + b"".join(text(k) + v for k, v in tensors.items()) + b"u"
    body += b"}" + text("_metadata") + b"K\x01sb" + STOP
    body += START + b"](" + b"".join(map(text, keys)) + b"e" + STOP
    return head + body + b"".join(struct.pack("<q", a.size) + a.tobytes() for a in storages)


WEIGHTS = np.arange(7, dtype="<f4")
STEPS = np.array([12], "<i8")


def whole(**changes):
    tensors = {
        "w": tensor(b"FloatStorage", "a", 7, 1, (2, 3), (3, 1)),
        "turned": tensor(b"FloatStorage", "a", 7, 1, (3, 2), (1, 3)),
        "steps": tensor(b"LongStorage", "b", 1, 0, (), ()),
    }
    return checkpoint(tensors | changes, ["b", "a"], [STEPS, WEIGHTS])


def test_tensors_are_read_by_offset_shape_and_strides():
    read = read_checkpoint(whole(), "x.pth")
    np.testing.assert_array_equal(read["w"], [[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(read["turned"], [[1, 4], [2, 5], [3, 6]])
    assert read["w"].dtype == np.float32
    assert read["steps"] == 12


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 a newer checkpoint", "no checkpoint of PyTorch's older form"),
        (b"", "no checkpoint"),
        (whole()[:-4], "no checkpoint"),
        (checkpoint({}, [], [], magic=1 << 70), "no magic number"),
        (whole(w=tensor(b"FloatStorage", "a", 7, 2, (2, 3), (3, 1))), "a tensor ends at 7 of 7 items"),
        (whole(w=tensor(b"FloatStorage", "a", 7, 0, (1,), (1,), b"cos\nsystem\n")), r"it asks for os\.system"),
        (whole(w=tensor(b"BoolStorage", "a", 7, 0, (1,), (1,))), "BoolStorage"),
        (whole(w=b"K\x05"), "no checkpoint"),
    ],
)
def test_what_is_no_such_checkpoint_or_would_run_something_is_refused(content, words):
    with pytest.raises(UsageError, match=rf"x\.pth is {words}|x\.pth is .*{words}"):
        read_checkpoint(content, "x.pth")

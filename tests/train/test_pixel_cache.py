"""The cache of decoded photos: its space is there before anything is written into it."""

import errno
import os

import numpy as np
import pytest

from avistar.dataset import read_data
from avistar.errors import AvistarError
from avistar.manifest import Preprocessing
from avistar.species_file import paper_species
from avistar_train.pixel_cache import PixelDemand, UnreadablePhotos, decode_all, load_pixels
from support import encoded, picture


@pytest.fixture
def data(tmp_path):
    for name in ("wolf/a.png", "seal/b.png", "seal/c.png"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(encoded(picture(len(name)), "PNG"))
    return read_data(tmp_path / "set", paper_species())


def load(data, folder):
    return load_pixels(data, data.photos, Preprocessing(300, 300), folder, progress=lambda *_: None)


def test_a_disk_without_room_is_said_before_anything_is_written(data, tmp_path, monkeypatch):
    def full(descriptor, offset, size):
        assert size > 3 * 300 * 300 * 3
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("avistar_train.pixel_cache.os.posix_fallocate", full, raising=False)
    with pytest.raises(AvistarError, match=r"no room for what is kept of 3 photos .*0\.8 MB are needed, .* are free"):
        load(data, tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())


def test_the_space_of_the_cache_is_really_taken(data, tmp_path):
    load(data, tmp_path / "run")
    (file,) = (tmp_path / "run").iterdir()
    assert file.stat().st_blocks * 512 >= 3 * 300 * 300 * 3
    np.testing.assert_array_equal(load(data, tmp_path / "run"), load(data, tmp_path / "again"))


def test_photos_that_cannot_be_read_are_named_for_all_parts_at_once(data, tmp_path):
    for name in ("wolf/a.png", "seal/c.png"):
        (tmp_path / "set" / name).write_bytes(b"\x89PNG no more")
    parts = [data.photos[:1], data.photos[1:], data.photos]
    demands = [PixelDemand(data, part, Preprocessing(8, 8)) for part in parts]
    with pytest.raises(UnreadablePhotos, match=r"2 of 3 photos can't be read") as caught:
        decode_all(demands, tmp_path / "run", progress=lambda *_: None)
    assert [name in str(caught.value) for name in ("a.png", "b.png", "c.png")] == [True, False, True]

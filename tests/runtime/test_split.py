from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import ModelBundle, UsageError
from avistar.bundle import commit, default_bundle, draft
from avistar.split import SPLIT_FILE, LabelledPhoto, Split, decode_split, encode_split, read_split

names = st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=12)


@given(names, st.integers(0, 2**31), st.randoms())
def test_what_is_written_is_read_again(files, seed, chance):
    parts = {"train": [], "validation": [], "test": []}
    for file in files:
        parts[chance.choice(list(parts))].append(LabelledPhoto(file, "wolf"))
    split = Split(seed, **{name: tuple(part) for name, part in parts.items()})
    assert decode_split(encode_split(split), "split.json") == split
    assert len(split.photos) == len(files)


def test_a_photo_on_two_sides_is_refused():
    row = '[{"file": "a", "species": "wolf"}]'
    with pytest.raises(UsageError, match="lists a photo twice"):
        decode_split(f'{{"seed": 1, "train": {row}, "validation": [], "test": {row}}}'.encode(), "split.json")


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"seed": 1}', b"\xff"])
def test_what_is_no_split_is_refused(raw):
    with pytest.raises(UsageError, match=r"split\.json is no split"):
        decode_split(raw, "split.json")


def with_split(bundle: ModelBundle, split: Split) -> ModelBundle:
    with draft(bundle.folder, bundle) as folder:
        (folder / "analysis").mkdir(exist_ok=True)
        (folder / SPLIT_FILE).write_bytes(encode_split(split))
        return commit(folder, bundle.manifest, bundle.folder)


def test_a_bundle_tells_its_split_or_nothing(bundle):
    assert read_split(bundle) is None
    split = Split(3, (LabelledPhoto("a.jpg", "wolf"),), (), ())
    assert read_split(with_split(bundle, split)) == split


def test_a_split_of_other_species_does_not_belong_to_the_bundle(bundle):
    stranger = with_split(bundle, Split(3, (LabelledPhoto("a.jpg", "unicorn"),), (), ()))
    with pytest.raises(UsageError, match="unicorn"):
        read_split(stranger)


def test_the_default_bundle_tells_which_photos_it_never_saw():
    split = read_split(ModelBundle.open(default_bundle()))
    assert split is not None
    assert len(split.test) > 100

"""The store of embeddings is made from the photos that trained a bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from adaptation_support import write_photos
from avistar import UsageError
from avistar.adaptation.embedding_store import STORE_FILE, Role, read_store
from avistar.bundle import ModelBundle, commit, draft
from avistar.split import SPLIT_FILE, LabelledPhoto, Split, encode_split
from avistar_train.bundle_embeddings import add_embeddings
from support import tiny_bundle


@pytest.fixture
def trained(tmp_path: Path) -> ModelBundle:
    """A bundle with the split of photos in `tmp_path / "photos"`."""
    write_photos(tmp_path / "photos", {"wolf": 4, "otter": 4})
    write_photos(tmp_path / "others", {"red_fox": 2})
    photos = [LabelledPhoto(f"{one}/{i:03d}.png", one) for one in ("wolf", "otter") for i in range(4)]
    split = Split(1, tuple(photos[:4]), tuple(photos[4:6]), tuple(photos[6:]))
    bundle = tiny_bundle(tmp_path / "trained")
    with draft(bundle.folder, bundle) as folder:
        (folder / SPLIT_FILE).parent.mkdir()
        (folder / SPLIT_FILE).write_bytes(encode_split(split))
        return commit(folder, bundle.manifest, bundle.folder)


def quiet(what: str, done: int, total: int) -> None:
    """Nobody listens."""


def test_every_photo_of_the_split_and_other_animals_is_in_the_store(trained: ModelBundle, tmp_path: Path) -> None:
    written = add_embeddings(trained.folder, tmp_path / "photos", tmp_path / "others", progress=quiet)
    store = read_store(written)
    assert store is not None
    counts = {role: len(store.rows(role)) for role in Role}
    assert counts == {Role.TRAIN: 4, Role.VALIDATION: 2, Role.TEST: 2, Role.OTHER: 2, Role.TAUGHT: 0}
    assert [store.species[i] for i in store.rows(Role.OTHER)] == ["red_fox", "red_fox"]
    assert written.damaged_files() == []


def test_the_same_photos_give_the_same_store(trained: ModelBundle, tmp_path: Path) -> None:
    once = add_embeddings(trained.folder, tmp_path / "photos", progress=quiet).manifest.files[STORE_FILE]
    again = add_embeddings(trained.folder, tmp_path / "photos", progress=quiet).manifest.files[STORE_FILE]
    assert once == again


def test_a_missing_photo_is_named_and_the_bundle_left_alone(trained: ModelBundle, tmp_path: Path) -> None:
    (tmp_path / "photos" / "wolf" / "001.png").unlink()
    with pytest.raises(UsageError, match=r"001\.png.*split lists it"):
        add_embeddings(trained.folder, tmp_path / "photos", progress=quiet)
    assert STORE_FILE not in ModelBundle.open(trained.folder).manifest.files

"""The photos of a folder, a list and an object store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from avistar.cluster.photo_source import ListedPhoto, open_source
from avistar.errors import UsageError
from support import encoded, picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/IMG_10.jpg", "b/IMG_2.JPG", "a/ñandú.png", "a/notes.txt", ".trash/x.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(picture()))
    return tmp_path / "photos"


def test_a_folder_is_listed_in_natural_order_without_what_is_hidden(folder: Path) -> None:
    source = open_source(str(folder))
    assert source.root == str(folder)
    assert [photo.relative for photo in source] == ["a/ñandú.png", "b/IMG_2.JPG", "b/IMG_10.jpg"]


def test_a_name_that_is_no_text_is_listed(folder: Path) -> None:
    name = os.fsdecode(b"c\xff.jpg")
    (folder / name).write_bytes(b"x")
    assert name in [photo.relative for photo in open_source(str(folder))]


def test_a_list_may_mix_ways_to_name_a_file(folder: Path) -> None:
    listing = folder.parent / "list.txt"
    listing.write_text(f"photos/b/IMG_2.JPG\r\n\n{folder}/a/ñandú.png\n", "utf-8")
    source = open_source(str(listing))
    assert source.root == str(folder)
    assert [photo.relative for photo in source] == ["b/IMG_2.JPG", "a/ñandú.png"]


def test_a_list_of_addresses_has_their_common_folder_as_root(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text("s3://park/2026/cam1/a.jpg\ns3://park/2026/cam2/b.jpg\n")
    source = open_source(str(listing))
    assert source.root == "s3://park/2026"
    assert list(source) == [ListedPhoto("cam1/a.jpg"), ListedPhoto("cam2/b.jpg")]


def test_a_list_over_several_stores_is_refused(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text("s3://park/a.jpg\ngs://park/b.jpg\n")
    with pytest.raises(UsageError, match="several stores"):
        open_source(str(listing))


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text("\n")
    with pytest.raises(UsageError, match="lists no photos"):
        open_source(str(listing))


@pytest.mark.parametrize("name", ["nowhere", "photo.jpg"])
def test_what_is_no_source_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=name):
        open_source(str(tmp_path / name))


def test_a_store_is_listed_with_sizes_and_without_what_is_hidden(folder: Path) -> None:
    fsspec = pytest.importorskip("fsspec", reason="needs the extra 'cluster'")
    store = fsspec.filesystem("memory")
    store.put(str(folder), "/park", recursive=True)
    found = list(open_source("memory://park"))
    assert [photo.relative for photo in found] == ["a/ñandú.png", "b/IMG_2.JPG", "b/IMG_10.jpg"]
    assert all(photo.bytes > 0 and photo.modified_ns > 0 for photo in found)
    store.rm("/park", recursive=True)


def test_an_address_that_leads_nowhere_is_named() -> None:
    pytest.importorskip("fsspec", reason="needs the extra 'cluster'")
    with pytest.raises(UsageError, match="memory://nowhere"):
        open_source("memory://nowhere")
    with pytest.raises(UsageError, match="nosuch"):
        open_source("nosuch://park")

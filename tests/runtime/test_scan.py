from __future__ import annotations

import os
from pathlib import Path

import pytest

from avistar.scan import Scan, natural

needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on this system")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A memory card: two folders of pictures, and what else lies on such a card."""
    for name in (
        "b.txt",
        "IMG_10.jpg",
        "IMG_2.JPG",
        "Thumbs.db",
        ".DS_Store",
        "._IMG_2.jpg",
        "100/x.png",
        ".trash/y.jpg",
    ):
        path = tmp_path / "card" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    return tmp_path / "card"


def names(scan: Scan) -> list[str]:
    return [Path(path).name for path in scan]


def test_a_folder_gives_its_pictures_in_natural_order(card: Path) -> None:
    scan = Scan([str(card)])
    assert names(scan) == ["IMG_2.JPG", "IMG_10.jpg", "x.png"]
    assert scan.folders == 2


def test_hidden_files_and_other_files_are_counted_not_shown(card: Path) -> None:
    scan = Scan([str(card)])
    list(scan)
    assert scan.skipped == 5  # b.txt, Thumbs.db, .DS_Store, ._IMG_2.jpg, .trash


def test_a_file_named_outright_is_always_tried(card: Path) -> None:
    wanted = [str(card / "b.txt"), str(card / "._IMG_2.jpg"), str(card / "none.jpg")]
    assert list(Scan(wanted)) == wanted


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.jpg", ["IMG_10.jpg"]),
        ("*", ["IMG_2.JPG", "IMG_10.jpg", "x.png"]),
        ("**/*.png", ["x.png"]),
        ("IMG_?.JPG", ["IMG_2.JPG"]),
        ("10[0-9]", ["x.png"]),
    ],
)
def test_a_pattern_is_expanded_where_the_shell_did_not(card: Path, pattern: str, found: list[str]) -> None:
    if os.name == "nt" and pattern == "*.jpg":
        pytest.skip("patterns ignore case on this system")
    assert sorted(names(Scan([str(card / pattern)]))) == sorted(found)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "IMG[1].jpg"
    path.write_bytes(b"1")
    (tmp_path / "IMG1.jpg").write_bytes(b"1")
    assert list(Scan([str(path)])) == [str(path)]


def test_a_pattern_that_matches_nothing_is_remembered(card: Path) -> None:
    scan = Scan([str(card / "*.nef")])
    assert list(scan) == []
    assert scan.unmatched == [str(card / "*.nef")]


def test_a_folder_without_pictures_is_remembered_with_what_was_looked_into(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    scan = Scan([str(tmp_path)])
    assert list(scan) == []
    assert scan.empty == [(str(tmp_path), 3)]


def test_what_was_named_twice_comes_once_and_is_not_called_empty(card: Path) -> None:
    scan = Scan([str(card / "100" / "x.png"), str(card), str(card), str(card / "100"), str(card / "100" / "*")])
    assert sorted(names(scan)) == ["IMG_10.jpg", "IMG_2.JPG", "x.png"]
    assert scan.empty == []


@needs_links
def test_links_that_lead_in_circles_end(card: Path) -> None:
    (card / "100" / "again").symlink_to(card)
    (card / "100" / "self").symlink_to(card / "100" / "self")
    assert names(Scan([str(card)])) == ["IMG_2.JPG", "IMG_10.jpg", "x.png"]


@needs_links
def test_a_link_that_leads_nowhere_is_a_picture_that_fails(card: Path) -> None:
    (card / "gone.jpg").symlink_to(card / "nowhere.jpg")
    assert "gone.jpg" in names(Scan([str(card)]))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipes_in_a_folder_are_passed_over(card: Path) -> None:
    os.mkfifo(card / "pipe.jpg")
    assert "pipe.jpg" not in names(Scan([str(card)]))


def test_a_folder_that_cannot_be_read_is_said_and_the_others_go_on(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refusing(folder: str) -> object:
        if Path(folder).name == "100":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    scan = Scan([str(card)])
    assert names(scan) == ["IMG_2.JPG", "IMG_10.jpg"]
    assert scan.unreadable == [(str(card / "100"), "Permission denied")]


def test_an_unreadable_folder_is_never_called_empty(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(_: str) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing)
    scan = Scan([str(card)])
    assert list(scan) == []
    assert scan.empty == []
    assert len(scan.unreadable) == 1


def test_system_folders_are_passed_over(tmp_path: Path) -> None:
    for folder in ("$RECYCLE.BIN", "System Volume Information", "DCIM"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.jpg").write_bytes(b"1")
    assert names(Scan([str(tmp_path)])) == ["DCIM.jpg"]


def test_numbers_in_names_are_read_as_numbers() -> None:
    assert sorted(["a10", "a9", "A1", "b", "10", "9", "a"], key=natural) == ["9", "10", "a", "A1", "a9", "a10", "b"]


@pytest.mark.parametrize("name", ["²³.jpg", "٣.jpg", "1.2.3", ""])
def test_any_digits_can_be_sorted(name: str) -> None:
    assert sorted([name, "a1"], key=natural)


def test_a_missing_file_with_brackets_in_its_name_is_a_missing_file(tmp_path: Path) -> None:
    scan = Scan([str(tmp_path / "IMG[1].jpg")])
    assert list(scan) == [str(tmp_path / "IMG[1].jpg")]
    assert scan.unmatched == []


def test_a_scan_can_be_cancelled_anywhere(card: Path) -> None:
    for steps in range(12):
        left = iter(range(steps))
        scan = Scan([str(card)], cancelled=lambda left=left: next(left, None) is None)
        assert len(list(scan)) <= steps
    assert list(Scan([str(card)], cancelled=lambda: True)) == []


def test_other_suffixes_can_be_asked_for(card: Path) -> None:
    assert names(Scan([str(card)], suffixes=frozenset({".txt"}))) == ["b.txt"]


def test_one_folder_is_scanned_without_remembering_its_files(card: Path) -> None:
    scan = Scan([str(card)])
    assert len(list(scan)) == 3
    assert not scan._seen_files


def test_what_is_passed_over_is_counted_by_its_suffix(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.MP4", "c.mp4", "d.txt", ".hidden.mp4"):
        (tmp_path / name).write_bytes(b"x")
    scan = Scan([str(tmp_path)])
    assert [Path(path).name for path in scan] == ["a.jpg"]
    assert scan.passed == {".mp4": 2, ".txt": 1}
    assert scan.skipped == 4

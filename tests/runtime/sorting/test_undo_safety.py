"""What undo and sorting must never do: remove a last copy, or reach outside."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from avistar import AvistarError, UsageError, installation
from avistar.files import contained, is_another_copy, path_below
from avistar.sorting import JOURNAL, How, SortingOptions, carry_out, find_corrections, plan_sorting, undo
from avistar.sorting.undo_log import Entry
from avistar.species import Species, known_species
from records_support import FACTS, answer
from sorting_support import card_of, photo, sort, tree

COPIES: tuple[How, ...] = ("copy", "hardlink")


@pytest.mark.parametrize("same_size_and_time", [False, True])
def test_photos_of_a_card_that_was_used_again_are_the_last_copies(tmp_path: Path, same_size_and_time: bool) -> None:
    survey = card_of(tmp_path)
    root = sort(tmp_path, survey)
    sorted_photos = tree(root)
    for one in survey:
        file = Path(one.medium.path)
        before = file.stat()
        file.write_bytes(file.read_bytes()[::-1] if same_size_and_time else b"another photo, of another size")
        if same_size_and_time:
            os.utime(file, ns=(before.st_mtime_ns, before.st_mtime_ns))
    undone = undo(root)
    assert (undone.removed, len(undone.kept)) == (0, 5)
    assert tree(root) == sorted_photos


@pytest.mark.parametrize("how", ["copy", "move", "hardlink"])
def test_an_original_that_became_a_link_to_the_sorted_photo_is_no_other_copy(tmp_path: Path, how: How) -> None:
    survey = card_of(tmp_path)
    photos = set(tree(tmp_path / "card").values())
    root = sort(tmp_path, survey, how)
    sorted_photos = {path.name: path for path in (root / "seal").rglob("*.jpg")}
    for one in survey:
        if Path(one.medium.path).name in sorted_photos:
            Path(one.medium.path).unlink(missing_ok=True)
            Path(one.medium.path).symlink_to(sorted_photos[Path(one.medium.path).name])
    undone = undo(root)
    assert [name for name, _ in undone.kept] == ["seal/cam1/b.jpg"]
    assert set(tree(tmp_path / "card").values()) | set(tree(root).values()) == photos
    assert (root / "seal" / "cam1" / "b.jpg").read_bytes() == b"photo cam1/b.jpg"


def test_two_names_of_one_file_are_two_copies_and_a_link_or_the_same_name_is_none(tmp_path: Path) -> None:
    one, twin, other, link = (tmp_path / name for name in ("one", "twin", "other", "link"))
    one.write_bytes(b"photo")
    link.symlink_to(one)
    assert not is_another_copy(one, one)
    assert not is_another_copy(link, one)
    os.link(one, twin)
    assert is_another_copy(twin, one)
    other.write_bytes(b"photo")
    assert is_another_copy(other, one)
    other.write_bytes(b"phot0")
    assert not is_another_copy(other, one)
    assert not is_another_copy(tmp_path, one)


def handed_over(folder: Path, entry: Entry) -> Path:
    root = folder / "received"
    root.mkdir()
    head = {"avistar": "sorting", "version": 1, "software": "avistar", "survey": str(folder)}
    (root / JOURNAL).write_text("".join(json.dumps(line) + "\n" for line in (head, asdict(entry))))
    return root


@pytest.mark.parametrize("to", ["../victim/diary.txt", "/etc/diary.txt", "wolf/../../victim/diary.txt", "wolf//x", ""])
def test_a_manifest_that_points_outside_is_refused_whole(tmp_path: Path, to: str) -> None:
    victim = tmp_path / "victim" / "diary.txt"
    victim.parent.mkdir()
    victim.write_text("dear diary")
    (tmp_path / "source").write_text("dear diary")
    stat = victim.stat()
    entry = Entry("a.jpg", str(tmp_path / "source"), to, "copy", stat.st_size, stat.st_mtime_ns)
    root = handed_over(tmp_path, entry)
    for action in (undo, lambda folder: find_corrections(folder, known_species())):
        with pytest.raises(UsageError, match="leads outside"):
            action(root)
    assert victim.read_text() == "dear diary"


def test_a_folder_that_is_a_link_to_elsewhere_does_not_let_undo_out(tmp_path: Path) -> None:
    victim = tmp_path / "victim" / "diary.txt"
    victim.parent.mkdir()
    victim.write_text("dear diary")
    (tmp_path / "source").write_text("dear diary")
    stat = victim.stat()
    root = handed_over(
        tmp_path, Entry("a", str(tmp_path / "source"), "wolf/diary.txt", "copy", stat.st_size, stat.st_mtime_ns)
    )
    (root / "wolf").symlink_to(victim.parent)
    assert ["leads outside" in reason for _, reason in undo(root).kept] == [True]
    assert victim.read_text() == "dear diary"


def test_a_manifest_of_another_installation_moves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    autostart = tmp_path / "autostart" / "evil.desktop"
    root = handed_over(tmp_path, Entry("a.jpg", str(autostart), "wolf/a.jpg", "move", 4, 0))
    (root / "wolf").mkdir()
    (root / "wolf" / "a.jpg").write_text("evil")
    undone = undo(root)
    assert (undone.restored, len(undone.kept), autostart.exists()) == (0, 1, False)
    ours = sort(tmp_path, card_of(tmp_path), "move")
    monkeypatch.setattr(installation, "key_file", lambda: tmp_path / "another installation" / "engine.key")
    assert (undo(ours).restored, len(tree(ours))) == (0, 5)


@pytest.mark.parametrize("id", ["../../evil", "Puma/Cougar", "..", ".hidden", "a\\b", "a\0b", "puma\x1b[2J", "x" * 300])
def test_an_id_that_is_a_path_or_steers_a_terminal_is_no_species(id: str) -> None:
    with pytest.raises(UsageError, match=r"names a folder|control characters"):
        Species(id, "Puma", "Puma", "Puma concolor", "cat")
    with pytest.raises(UsageError, match="control characters"):
        Species("puma", "Pu\x1b[31mma", "Puma", "Puma concolor", "cat")


def test_where_files_are_made_a_path_of_data_stays_below_its_target(tmp_path: Path) -> None:
    for path in ("../evil", "/evil", "a/../../evil", "a//b", "./a", "a\0"):
        with pytest.raises(UsageError, match="leads outside"):
            path_below(tmp_path, path)
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "out").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="leads outside"):
        contained(tmp_path / "inside", "out/evil")
    survey = [photo(tmp_path / "card", "a.jpg")]
    survey = [replace(survey[0], medium=replace(survey[0].medium, relative="../../evil.jpg"))]
    facts = replace(FACTS, folder=str(tmp_path / "card"))
    with pytest.raises(UsageError, match="leads outside"):
        plan_sorting(survey, facts, tmp_path / "sorted", SortingOptions())
    assert not (tmp_path / "evil.jpg").exists()


@pytest.mark.parametrize("how", ["copy", "move", "hardlink"])
@pytest.mark.parametrize("corrected", [False, True])
def test_two_cards_with_the_same_names_are_both_sorted_and_undone(tmp_path: Path, how: How, corrected: bool) -> None:
    def card(number: int) -> tuple[Path, list[bytes]]:
        place = tmp_path / f"place{number}"
        survey = [photo(place / "card", name, content=f"{number} {name}".encode()) for name in ("a.jpg", "b.jpg")]
        facts = replace(FACTS, folder=str(place / "card"))
        before = list(tree(place / "card").values())
        done = carry_out(plan_sorting(survey, facts, tmp_path / "sorted", SortingOptions(how)), facts)
        assert (done.placed, done.failed) == (2, [])
        return place, before

    first, photos = card(1)
    root = tmp_path / "sorted"
    if corrected:
        (root / "otter").mkdir()
        (root / "wolf" / "a.jpg").rename(root / "otter" / "a.jpg")
    second, more = card(2)
    assert sorted(tree(root).values()) == sorted(photos + more)
    assert undo(root).kept == []
    assert [sorted(tree(place / "card").values()) for place in (first, second)] == [sorted(photos), sorted(more)]


def test_a_card_that_was_used_again_under_the_same_path_is_sorted_beside_the_first(tmp_path: Path) -> None:
    sort(tmp_path, card_of(tmp_path))
    shutil.rmtree(tmp_path / "card")
    again = [photo(tmp_path / "card", "cam1/a.jpg", answer("seal", 0.9), content=b"another")]
    root = sort(tmp_path, again)
    assert tree(root)["seal/cam1/a.jpg"] == b"another"
    assert tree(root)["wolf/cam1/a.jpg"] == b"photo cam1/a.jpg"


def test_a_link_that_is_moved_still_leads_to_its_photo_and_back(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "x").write_bytes(b"photo")
    one = photo(tmp_path / "card", "cam1/a.jpg")
    link = Path(one.medium.path)
    link.unlink()
    link.symlink_to("../../store/x")
    root = sort(tmp_path, [one], "move")
    assert (root / "wolf" / "cam1" / "a.jpg").read_bytes() == b"photo"
    assert undo(root).kept == []
    assert (str(link.readlink()), link.read_bytes()) == ("../../store/x", b"photo")


def test_damage_in_a_line_of_the_manifest_is_said_whatever_it_is(tmp_path: Path) -> None:
    root = sort(tmp_path, card_of(tmp_path))
    with (root / JOURNAL).open("a") as stream:
        stream.write(json.dumps(asdict(Entry("a", "b", "c", "copy", 1, 1)) | {"to": 7}) + "\n")
    with pytest.raises(AvistarError, match="damaged"):
        undo(root)

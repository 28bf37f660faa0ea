from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avistar import AvistarError, UsageError
from avistar.records import Box, Observation, Record, Region, Review, Sighting
from avistar.sorting import (
    JOURNAL,
    How,
    SortingOptions,
    SortingStopped,
    carry_out,
    find_corrections,
    note_corrections,
    plan_sorting,
    undo,
)
from avistar.species import known_species
from records_support import FACTS, answer, failed, group, reviewed, unknown
from sorting_support import EXPECTED, HOWS, card_of, photo, sort, tree


@pytest.mark.parametrize("how", HOWS)
def test_photos_go_below_their_species_and_back_again(tmp_path: Path, how: How) -> None:
    survey = card_of(tmp_path)
    before = tree(tmp_path / "card")
    root = sort(tmp_path, survey, how)
    assert set(tree(root)) == EXPECTED
    assert tree(root)["wolf/cam1/a.jpg"] == b"photo cam1/a.jpg"
    assert tree(tmp_path / "card") == ({} if how == "move" else before)
    undone = undo(root)
    assert (undone.removed + undone.restored, undone.kept) == (5, [])
    assert tree(tmp_path / "card") == before
    assert list(root.iterdir()) == []


def test_the_plan_shows_folders_counts_and_bytes_and_touches_nothing(tmp_path: Path) -> None:
    survey = [*card_of(tmp_path), failed()]
    facts = replace(FACTS, folder=str(tmp_path / "card"))
    plan = plan_sorting(survey, facts, tmp_path / "sorted", SortingOptions())
    assert {name: share.files for name, share in plan.folders.items()} == {
        "canid": 1, "seal/cam1": 1, "unknown/cam2": 1, "wolf/cam1": 1, "wolf/cam2": 1,
    }  # fmt: skip
    assert plan.bytes == sum(len(data) for data in tree(tmp_path / "card").values())
    assert dict(plan.left_out) == {"nothing_known": 1}
    assert not (tmp_path / "sorted").exists()


def test_folders_are_called_as_asked(tmp_path: Path) -> None:
    card = tmp_path / "card"
    survey = [photo(card, "a.jpg", answer("german_shepherd", 0.9)), photo(card, "b.jpg", unknown())]
    spanish = sort(tmp_path, survey, names="common", language="es")
    assert set(tree(spanish)) == {"Pastor alemán/a.jpg", "desconocido/b.jpg"}
    undo(spanish)
    assert "Canis familiaris (German shepherd)/a.jpg" in tree(sort(tmp_path, survey, names="scientific"))


def test_a_review_counts_more_than_the_answer(tmp_path: Path) -> None:
    one = photo(tmp_path / "card", "a.jpg")
    assert set(tree(sort(tmp_path, [replace(one, review=reviewed().review)]))) == {"otter/a.jpg"}


def test_names_that_some_system_takes_for_one_become_two(tmp_path: Path) -> None:
    names = ["a.jpg", "A.JPG", "\u00f1.jpg", "n\u0303.jpg"]
    root = sort(tmp_path, [photo(tmp_path / "card", name) for name in names])
    assert sorted(tree(root)) == sorted(["wolf/a.jpg", "wolf/A_2.JPG", "wolf/\u00f1.jpg", "wolf/n\u0303_2.jpg"])


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "sorted" / "wolf" / "cam1" / "a.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    root = sort(tmp_path, card_of(tmp_path))
    assert mine.read_text() == "mine"
    assert "wolf/cam1/a_2.jpg" in tree(root)
    undo(root)
    assert tree(root) == {"wolf/cam1/a.jpg": b"mine"}


def test_a_file_that_appears_after_the_plan_is_not_overwritten_either(tmp_path: Path) -> None:
    survey, facts = card_of(tmp_path), replace(FACTS, folder=str(tmp_path / "card"))
    for how in HOWS:
        root = tmp_path / how
        plan = plan_sorting(survey[:1], facts, root, SortingOptions(how))
        (root / "wolf" / "cam1").mkdir(parents=True)
        (root / "wolf" / "cam1" / "a.jpg").write_text("mine")
        done = carry_out(plan, facts)
        assert (done.placed, len(done.failed)) == (0, 1)
        assert (root / "wolf" / "cam1" / "a.jpg").read_text() == "mine"
    assert (tmp_path / "card" / "cam1" / "a.jpg").exists()


def test_a_longest_name_keeps_within_255_bytes(tmp_path: Path) -> None:
    name = "ñ" * 124 + "x.jpg"
    mine = tmp_path / "sorted" / "wolf" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    root = sort(tmp_path, [photo(tmp_path / "card", name, content=b"theirs")])
    assert sorted(tree(root).values()) == [b"mine", b"theirs"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]) | st.sampled_from("=,\n\udcff"))
        .filter(lambda name: name not in ("", ".", "..") and len(os.fsencode(name)) < 200),
        max_size=4,
        unique=True,
    ),
    st.sampled_from(HOWS),
)  # fmt: skip
def test_any_names_are_sorted_and_undone_without_loss(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], how: How
) -> None:
    folder = tmp_path_factory.mktemp("sort")
    survey = [photo(folder / "card", name) for name in names]
    before = tree(folder / "card") if names else {}
    root = sort(folder, survey, how)
    assert sorted(tree(root).values()) == sorted(before.values())
    assert undo(root).kept == []
    assert (tree(folder / "card") if names else {}) == before


def test_sorting_again_adds_only_what_is_new(tmp_path: Path) -> None:
    survey = card_of(tmp_path)
    root = sort(tmp_path, survey[:3])
    facts = replace(FACTS, folder=str(tmp_path / "card"))
    plan = plan_sorting(survey, facts, root, SortingOptions())
    assert (len(plan.placements), plan.left_out["sorted_before"]) == (2, 3)
    carry_out(plan, facts)
    assert set(tree(root)) == EXPECTED
    assert (undo(root).removed, list(root.iterdir())) == (5, [])


def test_copies_among_the_originals_are_refused(tmp_path: Path) -> None:
    survey, facts = card_of(tmp_path), replace(FACTS, folder=str(tmp_path / "card"))
    with pytest.raises(UsageError, match="own folder"):
        plan_sorting(survey, facts, tmp_path / "card" / "sorted", SortingOptions())
    assert plan_sorting(survey, facts, tmp_path / "card" / "sorted", SortingOptions("move")).placements


def test_a_disk_that_is_too_small_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = card_of(tmp_path)
    monkeypatch.setattr("avistar.sorting.plan.shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(UsageError, match=r"too full: 50\.0 MB needed, 1\.0 MB free"):
        sort(tmp_path, survey)


def fails_at(number: int, real: Any, error: int) -> Any:
    calls = iter(range(1, 1000))

    def sometimes(*arguments: Any, **options: Any) -> Any:
        if next(calls) == number:
            raise OSError(error, os.strerror(error))
        return real(*arguments, **options)

    return sometimes


def test_a_disk_that_fills_up_stops_the_run_says_what_was_done_and_can_be_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = card_of(tmp_path)
    before = tree(tmp_path / "card")
    with monkeypatch.context() as patch:
        patch.setattr("avistar.sorting.apply.os.link", fails_at(3, os.link, errno.ENOSPC))
        with pytest.raises(SortingStopped, match=r"after 2 files, 3 are left") as caught:
            sort(tmp_path, survey, "move")
    assert caught.value.done.placed == 2
    assert len(tree(tmp_path / "sorted")) == 2
    undone = undo(tmp_path / "sorted")
    assert (undone.restored, undone.kept) == (2, [])
    assert tree(tmp_path / "card") == before


def test_a_photo_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    survey = card_of(tmp_path)
    facts = replace(FACTS, folder=str(tmp_path / "card"))
    plan = plan_sorting(survey, facts, tmp_path / "sorted", SortingOptions())
    Path(survey[1].medium.path).unlink()
    done = carry_out(plan, facts)
    assert (done.placed, [name for name, _ in done.failed]) == (4, ["cam1/b.jpg"])


@pytest.mark.parametrize("step", ["whole", "differs", "killed"])
def test_moving_to_another_disk_copies_compares_and_then_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    survey = card_of(tmp_path)
    before = tree(tmp_path / "card")
    real = os.link

    def other_disk(file: Path, target: Path, **options: Any) -> None:
        if "card" in Path(file).parts and "sorted" in Path(target).parts:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(file, target, **options)

    with monkeypatch.context() as patch:
        patch.setattr("avistar.sorting.apply.os.link", other_disk)
        if step == "differs":
            patch.setattr("avistar.sorting.apply._digest", lambda path: "other")
        if step == "killed":
            patch.setattr("avistar.sorting.apply._digest", fails_at(2, lambda path: 1 / 0, errno.EIO))
            with pytest.raises((ZeroDivisionError, SortingStopped)):
                sort(tmp_path, survey, "move")
        elif step == "differs":
            with pytest.raises(SortingStopped, match="differs"):
                sort(tmp_path, survey, "move")
        else:
            root = sort(tmp_path, survey, "move")
            assert (set(tree(root)), tree(tmp_path / "card")) == (EXPECTED, {})
    assert undo(tmp_path / "sorted").kept == []
    assert tree(tmp_path / "card") == before


def test_on_a_disk_without_hard_links_nothing_is_overwritten_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_here(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    survey = card_of(tmp_path)
    monkeypatch.setattr("avistar.sorting.apply.os.link", none_here)
    root = sort(tmp_path, survey, "move")
    assert set(tree(root)) == EXPECTED
    assert undo(root).kept == []
    facts = replace(FACTS, folder=str(tmp_path / "card"))
    plan = plan_sorting(survey[:1], facts, root, SortingOptions("move"))
    (root / "wolf" / "cam1").mkdir(parents=True)
    (root / "wolf" / "cam1" / "a.jpg").write_text("mine")
    assert carry_out(plan, facts).placed == 0
    assert (root / "wolf" / "cam1" / "a.jpg").read_text() == "mine"


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from dataclasses import replace
from records_support import FACTS
from test_sorting_helper import card_of, EXPECTED, tree
from avistar.sorting import SortingOptions, carry_out, plan_sorting, undo
import avistar.installation as installation
import avistar.sorting.apply as carry, avistar.files as files, avistar.sorting.undo_log as journal

folder, how, resume = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "resume"
installation.key_file = lambda: folder / "engine.key"
installation.key(create=True)

def run(place):
    survey = card_of(place)
    facts = replace(FACTS, folder=str(place / "card"))
    return survey, facts, place / "sorted"

def killed_at(number, place):
    survey, facts, root = run(place)
    before = tree(place / "card")
    child = os.fork()
    if child == 0:
        calls = [0]
        def counted(real):
            def step(*arguments, **options):
                calls[0] += 1
                if calls[0] == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)
            return step
        for name in ("link", "fsync", "rename", "unlink", "symlink", "mkdir"):
            setattr(os, name, counted(getattr(os, name)))
        carry_out(plan_sorting(survey, facts, root, SortingOptions(how)), facts)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    finished = os.WIFEXITED(status)
    lost = set(before.values()) - set(tree(place / "card").values()) - set(tree(root).values() if root.is_dir() else ())
    assert not lost, (number, "lost", lost)
    if resume:
        again = plan_sorting(survey, facts, root, SortingOptions(how))
        carry_out(again, facts)
        assert set(tree(root)) == EXPECTED, (number, sorted(tree(root)))
        assert tree(place / "card") == ({} if how == "move" else before), number
    if (root / "avistar-sorting.jsonl").exists():
        undone = undo(root)
        assert not undone.kept, (number, undone.kept)
    assert tree(place / "card") == before, number
    assert not root.is_dir() or tree(root) == {}, (number, sorted(tree(root)))
    return finished

number = 1
while not killed_at(number, folder / str(number)):
    number += 1
print(number - 1)
"""


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("then", ["undo", "resume"])
def test_killed_at_any_step_nothing_is_lost_and_it_can_be_undone_or_gone_on_with(
    tmp_path: Path, how: How, then: str
) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("kills a child process at each step: needs fork")
    helper = tmp_path / "test_sorting_helper.py"
    helper.write_text(Path(__file__).read_text("utf-8"), "utf-8")
    search = [str(tmp_path), *sys.path]
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), how, then, *search], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert int(ran.stdout) > 5  # so many steps there are


def test_what_people_changed_or_what_is_the_last_copy_stays(tmp_path: Path) -> None:
    survey = card_of(tmp_path)
    root = sort(tmp_path, survey)
    (root / "wolf" / "cam1" / "a.jpg").write_text("edited by hand")
    (tmp_path / "card" / "cam1" / "b.jpg").unlink()
    undone = undo(root)
    assert sorted(undone.kept) == [
        ("seal/cam1/b.jpg", "its original is gone: this is the last copy"),
        ("wolf/cam1/a.jpg", "it was changed since"),
    ]
    assert set(tree(root)) == {"wolf/cam1/a.jpg", "seal/cam1/b.jpg"}
    assert len((root / JOURNAL).read_text().splitlines()) == 2


def test_a_move_back_never_overwrites_what_is_there_now(tmp_path: Path) -> None:
    root = sort(tmp_path, card_of(tmp_path), "move")
    (tmp_path / "card" / "cam1" / "a.jpg").write_text("new photo")
    undone = undo(root)
    assert [name for name, _ in undone.kept] == ["wolf/cam1/a.jpg"]
    assert (tmp_path / "card" / "cam1" / "a.jpg").read_text() == "new photo"
    assert (root / "wolf" / "cam1" / "a.jpg").read_bytes() == b"photo cam1/a.jpg"


@pytest.mark.parametrize("how", HOWS)
def test_photos_moved_to_another_folder_are_corrections(tmp_path: Path, how: How) -> None:
    root = sort(tmp_path, card_of(tmp_path), how)
    for origin, folder in (("wolf/cam1/a.jpg", "Pastor Alemán"), ("seal/cam1/b.jpg", "empty"), ("canid/d.jpg", "fox")):
        (root / folder).mkdir()
        (root / origin).rename(root / folder / Path(origin).name)
    (root / "wolf" / "cam2" / "a.jpg").rename(root / "wolf" / "renamed.jpg")
    (root / "unknown" / "cam2" / "c.jpg").unlink()
    found = find_corrections(root, known_species())
    assert {(one.medium, one.verdict, one.species) for one in found.clear} == {
        ("cam1/a.jpg", "species", "german_shepherd"), ("cam1/b.jpg", "empty", ""),
    }  # fmt: skip
    ((file, reason),) = found.unclear
    assert (file, "'fox' is none of the 30 species" in reason) == ("d.jpg", True)
    assert found.gone == ("cam2/c.jpg",)


def test_corrections_that_were_applied_are_not_found_again_and_can_still_be_undone(tmp_path: Path) -> None:
    survey = card_of(tmp_path)
    before = tree(tmp_path / "card")
    root = sort(tmp_path, survey, "move")
    (root / "otter").mkdir()
    (root / "wolf" / "cam1" / "a.jpg").rename(root / "otter" / "a.jpg")
    note_corrections(root, find_corrections(root, known_species()).clear)
    again = find_corrections(root, known_species())
    assert (again.clear, again.unclear, again.gone) == ((), (), ())
    assert undo(root).kept == []
    assert tree(tmp_path / "card") == before


def test_twins_that_cannot_be_told_apart_are_no_correction(tmp_path: Path) -> None:
    card = tmp_path / "card"
    survey = [photo(card, "cam1/a.jpg", content=b"x"), photo(card, "cam2/a.jpg", content=b"x")]
    for one in survey:
        os.utime(one.medium.path, ns=(10**18, 10**18))
    root = sort(tmp_path, survey)
    for camera in ("cam1", "cam2"):
        (root / "seal" / camera).mkdir(parents=True)
        (root / "wolf" / camera / "a.jpg").rename(root / "seal" / camera / "a.jpg")
    found = find_corrections(root, known_species())
    assert found.clear == ()
    assert found.unclear == tuple((f"cam{i}/a.jpg", "several files could be it") for i in (1, 2))


def test_a_folder_that_was_never_sorted_is_a_usage_error(tmp_path: Path) -> None:
    for action in (undo, lambda root: find_corrections(root, known_species())):
        with pytest.raises(UsageError, match="was not sorted by Avistar"):
            action(tmp_path)


@pytest.mark.parametrize("line", ['{"to": 1}', "[]", "no json", '{"avistar": "sorting", "version": 9}'])
def test_a_manifest_that_is_damaged_or_newer_changes_nothing(tmp_path: Path, line: str) -> None:
    root = sort(tmp_path, card_of(tmp_path))
    with (root / JOURNAL).open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(AvistarError, match=r"damaged|newer"):
        undo(root)
    assert set(tree(root)) == EXPECTED


def test_a_line_that_a_power_cut_tore_is_passed_over(tmp_path: Path) -> None:
    survey = card_of(tmp_path)
    root = sort(tmp_path, survey)
    with (root / JOURNAL).open("a") as stream:
        stream.write('{"medium": "cam9/z.j')
    facts = replace(FACTS, folder=str(tmp_path / "card"))
    carry_out(plan_sorting(survey, facts, root, SortingOptions()), facts)
    assert all(json.loads(line) for line in (root / JOURNAL).read_text().splitlines())
    assert undo(root).kept == []


@pytest.mark.parametrize("how", HOWS)
def test_sidecars_go_along_with_their_photos_and_come_back(tmp_path: Path, how: How) -> None:
    survey = card_of(tmp_path)
    (tmp_path / "card/cam1/a.jpg.xmp").write_text("<x/>")
    (tmp_path / "card/cam1/b.xmp").write_text("<adobe/>")
    before = tree(tmp_path / "card")
    root = sort(tmp_path, survey, how)
    assert set(tree(root)) == EXPECTED | {"wolf/cam1/a.jpg.xmp", "seal/cam1/b.xmp"}
    assert tree(root)["wolf/cam1/a.jpg.xmp"] == b"<x/>"
    assert tree(tmp_path / "card") == ({} if how == "move" else before)
    assert sort(tmp_path, survey, how) == root
    assert len(tree(root)) == len(before)
    undone = undo(root)
    assert undone.kept == []
    assert tree(tmp_path / "card") == before
    assert list(root.iterdir()) == []


def test_a_sidecar_follows_its_photo_to_another_name(tmp_path: Path) -> None:
    survey = [photo(tmp_path / "card", "a.jpg")]
    (tmp_path / "card/a.jpg.xmp").write_text("<x/>")
    (tmp_path / "sorted/wolf").mkdir(parents=True)
    (tmp_path / "sorted/wolf/a.jpg").write_bytes(b"another")
    assert set(tree(sort(tmp_path, survey))) == {"wolf/a.jpg", "wolf/a_2.jpg", "wolf/a_2.jpg.xmp"}


def test_sidecars_are_no_corrections(tmp_path: Path) -> None:
    survey = [photo(tmp_path / "card", "a.jpg")]
    (tmp_path / "card/a.jpg.xmp").write_text("<x/>")
    root = sort(tmp_path, survey)
    (root / "moose").mkdir()
    for name in ("a.jpg", "a.jpg.xmp"):
        (root / "wolf" / name).rename(root / "moose" / name)
    assert [one.medium for one in find_corrections(root, known_species()).clear] == ["a.jpg"]
    assert undo(root).kept == []
    assert set(tree(root)) == set()


def two_species(card: Path, relative: str) -> Record:
    said = (Sighting("species", "wolf"), Sighting("species", "moose", count=2), Sighting("person"))
    return replace(photo(card, relative), review=Review.of(said, "Ana", datetime(2026, 3, 3, tzinfo=UTC)))


@pytest.mark.parametrize("how", HOWS)
def test_photos_with_several_species_lie_apart_or_in_each_folder(tmp_path: Path, how: How) -> None:
    survey = [photo(tmp_path / "card", "a.jpg"), two_species(tmp_path / "card", "b.jpg")]
    before = tree(tmp_path / "card")
    root = sort(tmp_path, survey, how)
    assert set(tree(root)) == {"wolf/a.jpg", "several/b.jpg"}
    assert undo(root).kept == []
    if how == "move":
        with pytest.raises(UsageError, match="can't be in several folders"):
            SortingOptions(how, several="each")
        return
    root = sort(tmp_path, survey, how, several="each")
    assert set(tree(root)) == {"wolf/a.jpg", "wolf/b.jpg", "moose/b.jpg"}
    assert sort(tmp_path, survey, how, several="each") == root
    assert len(tree(root)) == 3
    assert find_corrections(root, known_species()).clear == ()
    assert undo(root).kept == []
    assert (tree(root), tree(tmp_path / "card")) == ({}, before)


def test_a_group_beside_its_own_species_is_not_another(tmp_path: Path) -> None:
    one = photo(tmp_path / "card", "a.jpg")
    boxes = Box(0, 0, 0.4, 0.4), Box(0.5, 0.5, 0.4, 0.4)
    both = (Observation(Region(boxes[0]), answer("wolf", 0.9)), Observation(Region(boxes[1]), group("canid")))
    root = sort(tmp_path, [replace(one, observations=both, detections=boxes)])
    assert set(tree(root)) == {"wolf/a.jpg"}

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar.catalogue import Catalogue, Changes, FoundFile, Model, Query
from avistar.files import content_key
from avistar.scan import Scan
from avistar.survey import take_in
from survey_support import WOLF, answered, facts


def listed(card: Path) -> list[FoundFile]:
    """What a scan of `card` meets."""
    files = sorted(path for path in card.rglob("*") if path.is_file())
    return [
        FoundFile(path.relative_to(card).as_posix(), "photo", path.stat().st_size, path.stat().st_mtime_ns)
        for path in files
    ]


def identify(catalogue: Catalogue, model: Model, card: Path) -> None:
    """Answer what is pending, as a run does."""
    for medium in list(catalogue.pending()):
        record = answered(card, medium.relative, model)
        content = content_key(medium.path, medium.bytes)
        catalogue.write([replace(record, medium=replace(medium, content=content))], model)


def test_a_first_scan_makes_everything_new_and_a_second_knows_it(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    (card / "a.jpg").write_bytes(b"a")
    (card / "b.jpg").write_bytes(b"b")
    assert catalogue.reconcile(listed(card)) == Changes(new=2)
    identify(catalogue, model, card)
    assert catalogue.reconcile(listed(card)) == Changes(known=2)
    assert catalogue.counts().pending == 0


def test_a_changed_file_is_to_be_identified_again_and_keeps_its_review(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    (card / "a.jpg").write_bytes(b"a")
    catalogue.reconcile(listed(card))
    identify(catalogue, model, card)
    catalogue.review([1], WOLF)
    (card / "a.jpg").write_bytes(b"another")
    assert catalogue.reconcile(listed(card)) == Changes(changed=1)
    [record] = catalogue.records(Query(state=("pending",)))
    assert (record.observations, record.review) == ((), WOLF)


def test_a_new_date_alone_changes_nothing(catalogue: Catalogue, model: Model, card: Path) -> None:
    (card / "a.jpg").write_bytes(b"a")
    catalogue.reconcile(listed(card))
    identify(catalogue, model, card)
    os.utime(card / "a.jpg", (1, 1))
    assert catalogue.reconcile(listed(card)) == Changes(known=1)


def test_a_moved_file_keeps_its_answer_and_its_id(catalogue: Catalogue, model: Model, card: Path) -> None:
    (card / "a.jpg").write_bytes(b"a" * 50_000)
    (card / "b.jpg").write_bytes(b"b" * 50_000)
    catalogue.reconcile(listed(card))
    identify(catalogue, model, card)
    catalogue.review([2], WOLF)
    (card / "wolves").mkdir()
    (card / "b.jpg").rename(card / "wolves" / "bb.jpg")
    assert catalogue.reconcile(listed(card)) == Changes(known=1, moved=1)
    [record] = catalogue.records_of([2])
    assert (record.medium.relative, record.review, len(record.observations)) == ("wolves/bb.jpg", WOLF, 1)
    assert catalogue.reconcile(listed(card)) == Changes(known=2)


def test_a_copy_is_new_and_not_a_move(catalogue: Catalogue, model: Model, card: Path) -> None:
    (card / "a.jpg").write_bytes(b"a")
    catalogue.reconcile(listed(card))
    identify(catalogue, model, card)
    (card / "b.jpg").write_bytes(b"a")
    assert catalogue.reconcile(listed(card)) == Changes(new=1, known=1)


def test_a_vanished_file_is_kept_and_comes_back(catalogue: Catalogue, model: Model, card: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (card / name).write_bytes(name.encode())
    catalogue.reconcile(listed(card))
    identify(catalogue, model, card)
    before = listed(card)
    (card / "a.jpg").unlink()
    assert catalogue.reconcile(listed(card)) == Changes(known=1, vanished=1)
    assert [record.medium.relative for record in catalogue.records()] == ["b.jpg"]
    assert catalogue.counts().vanished == 1
    assert catalogue.reconcile(before) == Changes(known=2)
    assert catalogue.counts().pending == 0


def test_a_file_that_vanished_long_ago_is_recognised_elsewhere(catalogue: Catalogue, model: Model, card: Path) -> None:
    (card / "a.jpg").write_bytes(b"a")
    catalogue.reconcile(listed(card))
    identify(catalogue, model, card)
    (card / "a.jpg").unlink()
    catalogue.reconcile([])
    (card / "z.jpg").write_bytes(b"a")
    assert catalogue.reconcile(listed(card)) == Changes(moved=1)
    assert [record.medium.relative for record in catalogue.records()] == ["z.jpg"]


def test_only_what_was_scanned_can_vanish(catalogue: Catalogue, card: Path) -> None:
    for name in ("100/a.jpg", "1000/b.jpg", "200/c.jpg"):
        (card / name).parent.mkdir()
        (card / name).write_bytes(name.encode())
    catalogue.reconcile(listed(card))
    assert catalogue.reconcile([], below=["100"]) == Changes(vanished=1)
    assert catalogue.reconcile([], unread=["200"]) == Changes(vanished=1)
    assert [record.medium.relative for record in catalogue.records()] == ["200/c.jpg"]


NAMES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)


@given(first=NAMES, second=NAMES)
def test_two_scans_account_for_every_file(
    first: list[str], second: list[str], tmp_path_factory: pytest.TempPathFactory, model: Model
) -> None:
    folder = tmp_path_factory.mktemp("card")
    with Catalogue.open(folder / "s.avistar", new=facts(folder)) as catalogue:
        assert catalogue.reconcile([FoundFile(name) for name in first]) == Changes(new=len(first))
        catalogue.write([answered(folder, name, model) for name in first], model)
        changes = catalogue.reconcile([FoundFile(name) for name in second])
        assert changes.new == len(set(second) - set(first))
        assert changes.known == len(set(second) & set(first))
        assert changes.vanished == len(set(first) - set(second))
        assert [record.medium.relative for record in catalogue.records()] == second
        assert [medium.relative for medium in catalogue.pending()] == [name for name in second if name not in first]


def test_photos_that_are_links_to_a_disk_that_is_away_keep_their_answers(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    disk = card.parent / "disk"
    disk.mkdir()
    for name in "abcd":
        (disk / name).write_bytes(name.encode())
        (card / f"{name}.jpg").symlink_to(disk / name)
    take_in(catalogue, Scan([str(card)]))
    identify(catalogue, model, card)
    disk.rename(card.parent / "unmounted")
    (card / "new.jpg").symlink_to(disk / "new")
    assert take_in(catalogue, Scan([str(card)])) == Changes(new=1, vanished=4)
    assert [one.medium.relative for one in catalogue.records(Query(state=("pending",)))] == ["new.jpg"]
    (card.parent / "unmounted").rename(disk)
    (disk / "a").write_bytes(b"A")
    assert take_in(catalogue, Scan([str(card)])) == Changes(known=4, changed=1)
    assert len([one for one in catalogue.records() if one.observations]) == 3


def test_a_file_that_cannot_be_read_was_not_seen_to_differ(
    catalogue: Catalogue, model: Model, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> str:
        raise OSError(errno.EIO, "Input/output error")

    (card / "a.jpg").write_bytes(b"a")
    catalogue.reconcile(listed(card))
    identify(catalogue, model, card)
    os.utime(card / "a.jpg", ns=(7, 7))
    with monkeypatch.context() as patch:
        patch.setattr("avistar.catalogue.reconcile.content_key", away)
        assert catalogue.reconcile(listed(card)) == Changes(known=1)
    (card / "a.jpg").write_bytes(b"b")
    assert catalogue.reconcile(listed(card)) == Changes(changed=1)

"""The session with a fake backend; no widget."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from avistar import BundleError
from avistar.catalogue import Query
from avistar.errors import Fault
from avistar.parallel import usable_cpus
from avistar.scan import Scan
from avistar.survey import identify_pending, open_survey, take_in
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.survey_library import SurveyLibrary
from support import encoded, picture


@pytest.fixture
def make_session(qapp, tmp_path):
    made = []

    def make(open_classifier):
        session = Session(open_classifier, SurveyLibrary(tmp_path / "surveys"))
        made.append(session)
        return session

    yield make
    for session in made:
        session.finish()


@pytest.fixture
def session(make_session, open_tiny):
    return make_session(open_tiny)


def collect(signal):
    got = []
    signal.connect(got.extend)
    return got


def paths(session, ids):
    return [row.path for row in session.rows(ids)]


def until_done(qtbot, session, total):
    qtbot.waitUntil(lambda: session.progress.done == total and not session.running, timeout=10_000)


def test_a_folder_is_listed_and_every_photo_answered_and_stored(session, photos, qtbot):
    listed, got = [], collect(session.answered)
    session.listed.connect(lambda ids: listed.append(ids))
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    assert sorted(paths(session, listed[-1])) == sorted(str(path) for path in photos.rglob("*.jpg"))
    assert sorted(got) == sorted(listed[-1])
    for id in got:
        record = session.record(id)
        assert record.identification.source == record.medium.path


def test_photos_wait_for_the_model(session, photos, qtbot):
    session.add([str(photos)])
    qtbot.wait(50)
    assert session.progress.total == 0
    session.open()
    until_done(qtbot, session, 10)


def test_the_facts_of_the_engine_are_told(session, qtbot):
    with qtbot.waitSignal(session.engine_opened) as opened:
        session.open()
    facts = opened.args[0]
    assert facts.bundle == "tiny"
    assert facts.runs_on == "cpu · made for tests"
    assert facts.rejected == ("cuda: not in this build",)
    assert len(facts.names.species) == 30


def test_a_model_that_cannot_be_opened_says_why_and_photos_wait(make_session, photos, qtbot):
    def refuse(folder):
        raise BundleError("the bundle is damaged: copy it again")

    session = make_session(refuse)
    with qtbot.waitSignal(session.engine_failed) as failed:
        session.open()
    assert failed.args == ["the bundle is damaged: copy it again"]
    session.add([str(photos)])
    qtbot.wait(50)
    assert not session.running


def test_when_another_model_cannot_be_opened_the_first_goes_on(make_session, open_tiny, photos, qtbot):
    def first_only(folder):
        if folder is not None:
            raise BundleError("no bundle")
        return open_tiny(folder)

    session = make_session(first_only)
    with qtbot.waitSignal(session.engine_opened):
        session.open()
    with qtbot.waitSignals([session.engine_failed, session.engine_opened]):
        session.open("/nowhere")
    session.add([str(photos)])
    until_done(qtbot, session, 10)


def test_the_same_photo_dropped_twice_is_identified_once(session, photos, qtbot):
    got = collect(session.answered)
    session.open()
    session.add([str(photos), str(photos / "IMG_00.jpg")])
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    qtbot.wait(50)
    assert len(got) == 10


def test_a_broken_photo_is_an_answer_like_others_and_can_be_tried_again(session, photos, qtbot):
    broken = photos / "IMG_05.jpg"
    broken.write_bytes(b"")
    got = collect(session.failed)
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    qtbot.waitUntil(lambda: session.progress.failed == 1)
    assert {record.medium.path: record.failure.fault for record in got} == {str(broken): Fault.EMPTY}
    broken.write_bytes(encoded(picture(5)))
    answered = collect(session.answered)
    session.retry([session.id_of(str(broken))])
    qtbot.waitUntil(lambda: len(answered) == 1 and session.progress.failed == 0)
    assert paths(session, answered) == [str(broken)]


def test_a_stopped_run_keeps_what_it_has_and_goes_on_where_it_stopped(
    make_session, opener_of, by_brightness, tmp_path, qtbot
):
    for number in range(40):
        (tmp_path / f"{number:02}.jpg").write_bytes(encoded(picture(number)))
    begun, go, seen = threading.Event(), threading.Event(), []

    def gated(images: np.ndarray):
        begun.set()
        go.wait(5)
        seen.append(len(images))
        return by_brightness(images)

    session = make_session(opener_of(gated))
    got = collect(session.answered)
    session.open()
    session.add([str(tmp_path)])
    qtbot.waitUntil(begun.is_set)
    session.stop()
    go.set()
    qtbot.waitUntil(lambda: not session.running)
    assert len(seen) <= 2 * max(2, usable_cpus()), "it stops within the batches in work, one ahead for each worker"
    assert session.progress.done == len(got) <= sum(seen)
    qtbot.wait(30)
    assert not session.running
    session.resume()
    until_done(qtbot, session, 40)
    assert paths(session, got) == sorted(str(path) for path in tmp_path.glob("*.jpg"))


def test_an_engine_that_breaks_stops_the_run_and_loses_no_photo(make_session, opener_of, by_brightness, photos, qtbot):
    health = {"broken": True}

    def fragile(images: np.ndarray):
        if health["broken"]:
            raise RuntimeError("out of memory")
        return by_brightness(images)

    session = make_session(opener_of(fragile))
    session.open()
    with qtbot.waitSignal(session.run_failed) as failed:
        session.add([str(photos)])
    assert "out of memory" in failed.args[0]
    assert not session.running
    health["broken"] = False
    session.resume()
    until_done(qtbot, session, 10)


def test_after_starting_afresh_no_old_answer_arrives(make_session, slowly, photos, qtbot):
    session = make_session(slowly)
    session.open()
    session.add([str(photos)])
    qtbot.waitUntil(lambda: session.running)
    session.clear()
    got = collect(session.answered)
    qtbot.wait(400)
    assert got == []
    assert session.progress.total == 0
    session.add([str(photos / "IMG_00.jpg")])
    until_done(qtbot, session, 10)


def test_finishing_in_the_middle_is_quiet_and_final(make_session, slowly, photos, qtbot):
    session = make_session(slowly)
    session.open()
    session.add([str(photos)])
    qtbot.waitUntil(lambda: session.running)
    got = collect(session.answered)
    session.finish()
    session.finish()
    before = len(got)
    qtbot.wait(50)
    assert len(got) == before


def test_an_unreadable_folder_is_told(session, tmp_path, qtbot, monkeypatch):

    locked = tmp_path / "locked"
    locked.mkdir()
    scandir = os.scandir

    def refuse(path):
        if str(path) == str(locked):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    session.open()
    with qtbot.waitSignal(session.scanned) as scanned:
        session.add([str(tmp_path)])
    assert [folder for folder, _ in scanned.args[0].unreadable] == [str(locked)]


def test_a_killed_app_goes_on_where_it_was_and_keeps_every_review(make_session, open_tiny, slowly, photos, qtbot):
    for number in range(10, 40):
        (photos / f"IMG_{number}.jpg").write_bytes(encoded(picture(number)))
    first = make_session(slowly)
    first.open()
    first.add([str(photos)])
    qtbot.waitUntil(lambda: 0 < first.progress.done < 40)
    done = first.progress.done
    id = first.id_of(str(photos / "IMG_00.jpg"))
    with qtbot.waitSignal(first.reviewed):
        first.review([id], "species", "wolf", "Ana")
    first.finish()
    second = make_session(open_tiny)
    got = collect(second.answered)
    second.open()
    second.add([str(photos)])
    until_done(qtbot, second, 40)
    assert len(got) <= 40 - done
    assert second.record(id).review.species == "wolf"
    qtbot.waitUntil(lambda: second.progress.reviewed == 1)


def test_undo_and_redo_tell_where_they_were(session, photos, qtbot):
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    id = session.id_of(str(photos / "IMG_03.jpg"))
    for verdict, species in (("species", "seal"), ("empty", "")):
        with qtbot.waitSignal(session.reviewed) as said:
            session.review([id], verdict, species)
        assert said.args == [[id], False]
    with qtbot.waitSignal(session.reviewed) as undone:
        session.undo()
    assert undone.args == [[id], True]
    assert session.record(id).review.species == "seal"
    with qtbot.waitSignal(session.reviewed):
        session.redo()
    assert session.record(id).review.verdict == "empty"


def test_a_question_lists_only_what_it_chooses(session, photos, qtbot):
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    with qtbot.waitSignal(session.listed) as all_of_them:
        session.ask(Query(order="least_sure"))
    sure = [row.confidence for row in session.rows(all_of_them.args[0])]
    assert sure == sorted(sure)
    with qtbot.waitSignal(session.listed) as one:
        session.ask(Query(text="IMG_04"))
    assert paths(session, one.args[0]) == [str(photos / "IMG_04.jpg")]


def test_another_folder_is_another_survey_and_both_stay_on_the_shelf(session, photos, tmp_path, qtbot):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.jpg").write_bytes(encoded(picture(3)))
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    session.add([str(other)])
    until_done(qtbot, session, 1)
    session.add([str(photos / "below")])
    until_done(qtbot, session, 10)
    assert {one.name: one.counts.total for one in session.library.recent()} == {"card": 10, "other": 1}


def test_a_survey_of_the_command_line_is_opened_by_its_file(session, open_tiny, photos, tmp_path, qtbot):
    with open_tiny(None) as classifier, open_survey(tmp_path / "mine.avistar", [str(photos)], classifier) as catalogue:
        take_in(catalogue, Scan([str(photos)]))
        for _ in identify_pending(catalogue, classifier):
            pass
    got = collect(session.answered)
    session.open()
    session.add([str(tmp_path / "mine.avistar")])
    until_done(qtbot, session, 10)
    assert got == []


def test_a_survey_that_another_program_writes_is_refused_with_its_reason(session, open_tiny, photos, tmp_path, qtbot):
    with open_tiny(None) as classifier, open_survey(tmp_path / "mine.avistar", [str(photos)], classifier):
        session.open()
        with qtbot.waitSignal(session.run_failed) as failed:
            session.add([str(tmp_path / "mine.avistar")])
    assert "another Avistar" in failed.args[0]


def test_a_damaged_survey_on_the_shelf_is_passed_over(tmp_path):
    library = SurveyLibrary(tmp_path)
    (tmp_path / "broken.avistar").write_bytes(b"no catalogue")
    assert library.recent() == []


def test_the_shelf_says_whose_folder_is_there(session, photos, tmp_path, qtbot):
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    assert [one.here for one in session.library.recent()] == [True]
    photos.rename(tmp_path / "in a drawer")
    assert [one.here for one in session.library.recent()] == [False]

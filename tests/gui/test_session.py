"""The session with a fake backend; no widget."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from avistar import BundleError
from avistar.backends.onnx_backend import usable_cpus
from avistar.errors import Fault
from avistar_gui.identify.session import Session
from support import encoded, picture


@pytest.fixture
def make_session(qapp):
    made = []

    def make(open_classifier):
        session = Session(open_classifier)
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


def until_done(qtbot, session, total):
    qtbot.waitUntil(lambda: session.progress.done == total and not session.running, timeout=10_000)


def test_a_folder_is_found_and_every_photo_answered_with_its_own_path(session, photos, qtbot):
    found, got = collect(session.found), collect(session.answered)
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    assert [answer.path for answer in got] == found
    assert sorted(found) == sorted(str(path) for path in photos.rglob("*.jpg"))
    with_own = [(a.path, a.identification.source) for a in got]
    assert all(path == source for path, source in with_own)


def test_photos_wait_for_the_model(session, photos, qtbot):
    session.add([str(photos)])
    with qtbot.waitSignal(session.scanned):
        pass
    assert (session.progress.done, session.progress.total) == (0, 10)
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
    qtbot.waitUntil(lambda: session.progress.total == 10)
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
    got = collect(session.answered)
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    failures = {a.path: a.identification.failure.fault for a in got if a.identification.failure}
    assert failures == {str(broken): Fault.EMPTY}
    assert session.progress.failed == 1
    broken.write_bytes(encoded(picture(5)))
    got.clear()
    session.retry([str(broken), str(photos / "IMG_01.jpg")])
    until_done(qtbot, session, 10)
    assert [a.path for a in got] == [str(broken)]
    assert session.progress.failed == 0


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
    assert [a.path for a in got] == sorted(str(path) for path in tmp_path.glob("*.jpg"))


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
    until_done(qtbot, session, 1)


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
    with qtbot.waitSignal(session.scanned) as scanned:
        session.add([str(tmp_path)])
    assert [folder for folder, _ in scanned.args[0].unreadable] == [str(locked)]

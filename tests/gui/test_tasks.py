from __future__ import annotations

import threading
import time

import pytest

from avistar_gui.tasks import Task, TaskQueue


@pytest.fixture
def background(qapp):
    door = TaskQueue("test")
    yield door
    door.finish()


def test_the_work_is_done_elsewhere_and_its_answer_arrives_on_the_ui_thread(background, qtbot):
    seen = []
    background.run(
        lambda _: threading.current_thread(),
        done=lambda worker: seen.append((worker, threading.current_thread())),
        failed=seen.append,
    )
    qtbot.waitUntil(lambda: bool(seen))
    worker, receiver = seen[0]
    assert receiver is threading.main_thread()
    assert worker is not receiver


def test_an_error_arrives_instead_of_an_answer(background, qtbot):
    errors = []

    def work(_: Task) -> None:
        raise ValueError("no such thing")

    background.run(work, done=lambda _: None, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "no such thing"


def test_what_is_posted_on_the_way_arrives_in_order_and_before_the_answer(background, qtbot):
    seen = []

    def work(task: Task) -> str:
        for number in range(5):
            task.post(seen.append, number)
        return "end"

    background.run(work, done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: "end" in seen)
    assert seen == [0, 1, 2, 3, 4, "end"]


def test_nothing_of_a_cancelled_task_is_delivered(background, qtbot):
    seen, begun, go = [], threading.Event(), threading.Event()

    def work(task: Task) -> str:
        begun.set()
        go.wait(5)
        task.post(seen.append, "on the way")
        return "stale"

    stale = background.run(work, done=seen.append, failed=seen.append)
    begun.wait(5)
    stale.cancel()
    go.set()
    background.run(lambda _: "fresh", done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["fresh"]


def test_a_task_cancelled_before_it_began_never_begins(background, qtbot):
    begun, go, seen = [], threading.Event(), []
    background.run(lambda _: go.wait(5), done=lambda _: None, failed=seen.append)
    background.run(lambda _: begun.append(1), done=seen.append, failed=seen.append).cancel()
    go.set()
    background.run(lambda _: "last", done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: seen == ["last"])
    assert begun == []


def test_finishing_in_the_middle_is_quiet_and_leaves_no_thread(background, qtbot):
    seen = []

    def work(task: Task) -> str:
        while not task.cancelled:
            task.post(seen.append, "tick")
            time.sleep(0.001)
        return "end"

    background.run(work, done=seen.append, failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    background.finish()
    before = list(seen)
    qtbot.wait(20)
    assert seen == before
    assert not [t for t in threading.enumerate() if t.name.startswith("avistar-gui-test")]


def test_after_finishing_work_is_refused_in_silence(background, qtbot):
    background.finish()
    seen = []
    background.run(lambda _: 1, done=seen.append, failed=seen.append)
    qtbot.wait(20)
    assert seen == []

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar.parallel import in_order


@given(count=st.integers(0, 40), batch=st.integers(1, 7), workers=st.integers(1, 4))
def test_results_come_in_the_order_of_the_items(count: int, batch: int, workers: int) -> None:
    def slow_at_first(items: Iterator[int]) -> list[int]:
        some = list(items)
        time.sleep(0.001 if some[0] == 0 else 0)
        return some

    batches = list(in_order(range(count), slow_at_first, batch=batch, workers=workers))
    assert [item for some in batches for item in some] == list(range(count))
    assert all(len(some) == batch for some in batches[:-1])


def test_items_are_taken_no_faster_than_results_are() -> None:
    taken = []

    def items() -> Iterator[int]:
        for i in range(1000):
            taken.append(i)
            yield i

    results = in_order(items(), list, batch=4, workers=2)
    for done in range(1, 20):
        next(results)
        assert len(taken) <= 4 * (done + 3)
    results.close()
    assert len(taken) < 100


def test_an_error_is_raised_in_its_place_and_no_thread_is_left() -> None:
    def fails_at_seven(items: Iterator[int]) -> list[int]:
        some = list(items)
        if 7 in some:
            raise ValueError("seven")
        return some

    results = in_order(range(100), fails_at_seven, batch=2, workers=3)
    assert [next(results) for _ in range(3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(ValueError, match="seven"):
        next(results)
    assert not [one for one in threading.enumerate() if one.name.startswith("avistar-work")]


def test_closing_ends_the_threads_within_an_item() -> None:
    begun = threading.Semaphore(0)
    go_on = threading.Event()
    seen: list[int] = []

    def work(items: Iterator[int]) -> list[int]:
        for item in items:
            seen.append(item)
            begun.release()
            if item:
                go_on.wait(10)
        return []

    results = in_order(range(1000), work, batch=100, workers=2)
    closing = threading.Thread(target=lambda: next(results, None))
    closing.start()
    for _ in range(3):  # the first worker is at its second item, the second at its first
        begun.acquire()
    go_on.set()
    closing.join()
    results.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("avistar-work")]


def test_an_error_of_the_items_reaches_the_caller() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the card is gone")

    with pytest.raises(OSError, match="the card is gone"):
        list(in_order(items(), list, batch=1, workers=1))

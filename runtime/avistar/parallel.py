"""Work on many things in batches: several threads, bounded memory, results in order, stopped within an item."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")

Result = TypeVar("Result")

ENDING_S = 3.0
"""Seconds in which a thread that was stopped may end its item: nothing stops a decoder in the middle of a picture."""


def in_order(
    items: Iterable[Item], work: Callable[[Iterator[Item]], Result], *, batch: int, workers: int
) -> Generator[Result, None, None]:
    """What `work` makes of each batch of `items`, in the order of the items.

    Each of `workers` threads does all of a batch: a decoded picture waits for no other thread, and no thread
    for a queue. `items` are taken in the caller's thread, at most workers + 1 batches ahead of the results, so
    memory stays flat however slow the caller is. An error in `work` is raised here, in its place. Close the
    generator to stop: its threads end after the item, or the call of the network, that they are at, which is waited
    for no longer than `ENDING_S`.
    """
    source = iter(items)
    stopped = threading.Event()
    running: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="avistar-work")
    try:
        while True:
            while len(running) <= workers and (some := list(islice(source, batch))):
                running.append(pool.submit(work, _until(stopped, some)))
            if not running:
                return
            result = running[0].result()
            running.popleft()
            yield result
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
        ending = wait([one for one in running if not one.cancelled()], ENDING_S)
        pool.shutdown(wait=not ending.not_done)


def each_in_order(
    items: Iterable[Item], work: Callable[[Item], Result], *, workers: int | None = None
) -> Generator[Result, None, None]:
    """What `work` makes of each of `items`, as `in_order` does it for batches; by default with each usable CPU."""
    batches = in_order(items, lambda some: [work(one) for one in some], batch=1, workers=workers or usable_cpus())
    with closing(batches):
        for results in batches:
            yield from results


class _Stopped(Exception):
    """Ends a batch that nobody waits for any more."""


def _until(stopped: threading.Event, items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        if stopped.is_set():
            raise _Stopped
        yield item


def usable_cpus() -> int:
    """CPUs that this process may use: affinity and the container's quota, at least 1."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        count = min(count, max(1, round(int(quota) / int(period))))
    except (OSError, ValueError):
        pass  # no cgroup v2, or no quota ("max")
    return max(1, count)

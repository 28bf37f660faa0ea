from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from avistar.serve import memory


class Library:
    """Counts how often memory is given back."""

    def __init__(self) -> None:
        self.trims = 0

    def malloc_trim(self, _: int) -> int:
        self.trims += 1
        return 1


def trims_after(bodies: list[int], library: Library | None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(memory, "_library", lambda: library)
    monkeypatch.setattr(memory, "_TRIM_S", 0.0)

    async def requests() -> None:
        trim = memory.MemoryTrim()
        for size in bodies:
            trim.after(size)
        await asyncio.sleep(0.01)

    asyncio.run(requests())
    return library.trims if library else 0


@pytest.mark.parametrize(
    ("bodies", "trims"), [([], 0), ([3_999_999] * 5, 0), ([4_000_000], 1), ([20_000_000] * 5 + [10], 1)]
)
def test_memory_is_given_back_once_after_large_requests(
    bodies: list[int], trims: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trims_after(bodies, Library(), monkeypatch) == trims
    assert trims_after(bodies, None, monkeypatch) == 0  # another C library


@pytest.mark.skipif(not memory._library(), reason="needs glibc")
def test_a_freed_large_block_is_the_systems_again() -> None:
    code = """
import numpy as np
from avistar.serve.memory import return_large_blocks
def mb():
    return int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6
assert return_large_blocks()
def work():  # each larger block would raise the threshold
    blocks = [np.ones(2_000_000 + 4 * n, np.uint8) for n in range(50)]
    small = [bytes(1000) for _ in range(10)]
    del blocks
    return small
kept = [work()]
before = mb()
kept += [work() for _ in range(3)]
assert mb() - before < 4, mb() - before
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

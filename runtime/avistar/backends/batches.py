"""Any number of pictures, in a few fixed batch sizes: what is compiled or recorded once serves every call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def portions(count: int, sizes: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Cut `count` pictures into batches: where each starts, how many it holds, and the size it is filled up to.

    `sizes` ascend. A size is taken where more than half of it is filled, or where there is no smaller one.
    """
    start = 0
    while start < count:
        rest = count - start
        fitting = [size for i, size in enumerate(sizes) if i == 0 or 2 * rest > size]
        size = next((size for size in fitting if size >= rest), fitting[-1])
        yield start, min(rest, size), size
        start += size

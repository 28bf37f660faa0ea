from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from avistar_gui.progress import Meter, Progress
from avistar_gui.widgets.byte_lru import ByteLru


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 60)), max_size=40))
def test_a_cache_never_holds_more_than_its_bytes_unless_one_value_alone_does(puts):
    cache: ByteLru[int] = ByteLru(100)
    for key, size in puts:
        cache.put(key, size, size)
        assert cache.used_bytes <= 100 or len(cache) == 1
        assert cache.get(key) == size
    assert cache.used_bytes == sum(cache.get(key) or 0 for key in "abcdefgh")


def test_the_cache_lets_go_of_what_was_used_least_recently():
    cache: ByteLru[str] = ByteLru(20)
    cache.put("old", "old", 10)
    cache.put("new", "new", 10)
    cache.get("old")
    cache.put("newest", "newest", 10)
    assert "new" not in cache
    assert "old" in cache


def test_the_rate_is_that_of_the_last_minute():
    now = [0.0]
    meter = Meter(lambda: now[0])
    meter.start(0)
    for second in range(1, 200):
        now[0] = float(second)
        meter.mark(10 * second if second < 100 else 1000 + 2 * (second - 99))
    assert 1.9 < meter.per_second < 2.1
    assert 49 < (meter.seconds_left(100) or 0) < 52


def test_nothing_is_known_of_the_rate_at_first():
    meter = Meter(lambda: 5.0)
    meter.start(3)
    meter.mark(4)
    assert meter.per_second == 0
    assert meter.seconds_left(10) is None
    assert Progress(done=3, total=10).waiting == 7

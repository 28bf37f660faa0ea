from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from avistar.periods import GAP, CapturePeriod, TimeSpan

MAY = datetime(2024, 5, 1, 6)


def days(start: datetime, number: int, step: int = 1) -> list[datetime]:
    return [start + timedelta(days=step * i) for i in range(number)]


@pytest.mark.parametrize(
    ("times", "usual", "outliers"),
    [
        ([], None, []),
        ([MAY], (MAY, MAY, 1), []),
        ([datetime(2000, 1, 1), *days(MAY, 30)], (MAY, MAY + timedelta(days=29), 30), [(2000, 1)]),
        ([*days(MAY, 3), datetime(2040, 1, 1)], (MAY, MAY + timedelta(days=2), 3), [(2040, 1)]),
        # of equals the later: a clock falls back
        ([datetime(2000, 1, 1), MAY], (MAY, MAY, 1), [(2000, 1)]),
        # many wrong dates, as long as the right ones are more
        ([*days(datetime(2000, 1, 1), 20), *days(MAY, 21)], (MAY, MAY + timedelta(days=20), 21), [(2000, 20)]),
        # photos of one minute have no spread at all
        ([MAY] * 9 + [datetime(2015, 1, 1)], (MAY, MAY, 9), [(2015, 1)]),
        # a quiet place is one deployment, however long
        (days(MAY, 20, step=100), (MAY, MAY + timedelta(days=1900), 20), []),
        ([MAY, MAY + GAP], (MAY + GAP, MAY + GAP, 1), [(2024, 1)]),
        ([MAY, MAY + GAP - timedelta(seconds=1)], (MAY, MAY + GAP - timedelta(seconds=1), 2), []),
    ],
)
def test_the_largest_group_of_times_is_the_period(
    times: list[datetime], usual: tuple[datetime, datetime, int] | None, outliers: list[tuple[int, int]]
) -> None:
    for order in (times, times[::-1]):
        period = CapturePeriod()
        for at in order:
            period.add(at)
        assert period.usual == (TimeSpan(*usual) if usual else None)
        assert [(one.first.year, one.photos) for one in period.outliers] == outliers

from __future__ import annotations

import numpy as np
import pytest

from avistar.summary import Events, activity_curve, independent_events
from avistar.summary.activity import density, kernel_concentration

HALF_AN_HOUR = 1800


def events(rows: list[tuple[int, int, int, int]], gap_s: int = HALF_AN_HOUR) -> Events:
    """Of rows (species, camera, time, animals)."""
    columns = np.array(rows, np.int64).reshape(-1, 4)
    return independent_events(*columns.T, gap_s=gap_s)


def test_an_event_begins_at_the_gap_and_not_a_second_before() -> None:
    assert events([(0, 0, 0, 1), (0, 0, 1799, 1)]).start.tolist() == [0]
    assert events([(0, 0, 0, 1), (0, 0, 1800, 1)]).start.tolist() == [0, 1800]


def test_the_gap_counts_from_where_the_event_before_began() -> None:
    found = events([(0, 0, minute * 60, 1) for minute in (0, 20, 40, 60)])  # none is 30 minutes from its neighbour
    assert found.start.tolist() == [0, 2400]
    assert found.end.tolist() == [1200, 3600]
    assert found.photos.tolist() == [2, 2]


def test_species_and_cameras_have_events_of_their_own() -> None:
    found = events([(1, 0, 10, 1), (0, 0, 0, 1), (0, 1, 5, 1), (0, 0, 60, 1)])
    assert list(zip(found.species.tolist(), found.camera.tolist(), found.photos.tolist(), strict=True)) == [
        (0, 0, 2), (0, 1, 1), (1, 0, 1),
    ]  # fmt: skip


def test_an_event_has_as_many_animals_as_its_fullest_photo() -> None:
    assert events([(0, 0, 0, 2), (0, 0, 60, 5), (0, 0, 120, 1)]).animals.tolist() == [5]


def test_without_a_gap_each_photo_of_another_second_is_an_event() -> None:
    assert events([(0, 0, 7, 1), (0, 0, 7, 1), (0, 0, 8, 1)], 0).start.tolist() == [7, 8]


def test_midnight_parts_no_event_and_the_day_is_that_of_its_beginning() -> None:
    late = 20_000 * 86_400 - 60
    found = events([(0, 0, late, 1), (0, 0, late + 120, 1)])
    assert (found.photos.tolist(), found.days.tolist(), found.seconds.tolist()) == ([2], [19_999], [86_340])


def test_nothing_has_no_events() -> None:
    assert len(events([])) == 0


def test_the_density_of_one_angle_is_its_kernel() -> None:
    at = np.array([0.0, np.pi])
    peak, trough = density(np.array([0.0]), at, 2.0)
    assert peak == pytest.approx(np.exp(2) / (2 * np.pi * np.i0(2.0)))
    assert trough == pytest.approx(np.exp(-2) / (2 * np.pi * np.i0(2.0)))


def test_the_concentration_is_that_of_taylors_rule() -> None:
    """The moments' lengths are 1/2, 1 and 1/2: the second is passed over, and I3(k) / I0(k) = 1/2 at k = 6.8997."""
    angles = np.array([0.0, 0.0, 0.0, np.pi])
    assert kernel_concentration(angles) == pytest.approx(9.9622, rel=1e-4)  # by scipy.special.iv


def test_events_at_one_moment_have_the_narrowest_kernel() -> None:
    k, n = 345.0, 10
    i2_over_i0_squared = 2 * np.pi * k / np.sqrt(4 * np.pi * k)  # both for large k
    expected = (3 * n * k**2 * i2_over_i0_squared / (4 * np.sqrt(np.pi))) ** 0.4
    assert kernel_concentration(np.zeros(n)) == pytest.approx(expected, rel=0.01)


def test_the_concentration_of_a_von_mises_sample_is_taylors() -> None:
    angles = np.random.default_rng(3).vonmises(0.0, 2.0, 4000)
    # I2(4) = 6.4222, I0(2) = 2.2796 (Abramowitz & Stegun, table 9.8)
    expected = (3 * 4000 * 4 * 6.4222 / (4 * np.sqrt(np.pi) * 2.2796**2)) ** 0.4
    assert kernel_concentration(angles) == pytest.approx(expected, rel=0.15)


def test_the_curve_is_a_density_that_meets_itself_at_midnight() -> None:
    seconds = np.array([0, 600, 1200, 85_800, 85_200, 300, 86_100, 900, 85_500, 43_200], np.int64)
    curve = activity_curve(seconds)
    assert np.trapezoid(curve.density, curve.hours) == pytest.approx(1, abs=0.01)
    assert curve.density[0] == pytest.approx(curve.density[-1])
    assert curve.hours[int(curve.density.argmax())] in (0.0, 24.0)
    assert curve.by_hour.tolist() == [5, *[0] * 11, 1, *[0] * 10, 4]


def test_too_few_events_have_hours_and_no_curve() -> None:
    curve = activity_curve(np.full(9, 3600, np.int64))
    assert (curve.events, len(curve.density), int(curve.by_hour[1])) == (9, 0, 9)


def test_no_events_have_no_curve() -> None:
    assert activity_curve(np.empty(0, np.int64)).events == 0

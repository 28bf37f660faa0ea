"""The statistics of the gate, against brute force."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar.evaluation.significance import sign_test
from avistar_export import statistics
from avistar_export.statistics import AnswerCounts


def chance_of_at_most(events: int, photos: int, share: float) -> float:
    return sum(comb(photos, k) * share**k * (1 - share) ** (photos - k) for k in range(events + 1))


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_at_the_upper_bound_so_few_events_have_a_chance_of_five_percent(case):
    events, photos = case
    bound = statistics.upper_bound(events, photos)
    assert chance_of_at_most(events, photos, bound) == pytest.approx(0.05, abs=1e-9)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_the_lower_bound_mirrors_the_upper(case):
    events, photos = case
    assert statistics.lower_bound(events, photos) == pytest.approx(1 - statistics.upper_bound(photos - events, photos))


def test_the_known_table_of_bounds_is_met():
    for photos, wanted in ((500, (0.60, 0.94, 1.25)), (1000, (0.30, 0.47, 0.63)), (3000, (0.10, 0.16, 0.21))):
        got = [100 * statistics.upper_bound(events, photos) for events in range(3)]
        assert got == pytest.approx(wanted, abs=0.006)


def test_all_events_or_no_photos_prove_nothing():
    assert statistics.upper_bound(5, 5) == statistics.upper_bound(0, 0) == 1.0
    assert statistics.lower_bound(0, 5) == 0.0


def test_a_gain_does_not_hide_a_loss():
    assert statistics.net_loss_bound(0, 0, 500) > 0
    assert statistics.net_loss_bound(9, 9, 500) > statistics.net_loss_bound(0, 0, 500)


@pytest.mark.parametrize(("lost", "gained", "p"), [(0, 0, 1.0), (1, 0, 0.5), (3, 0, 0.125), (2, 1, 0.5), (0, 4, 1.0)])
def test_the_sign_test_counts_coin_tosses(lost, gained, p):
    assert sign_test(lost, gained, two_sided=False) == pytest.approx(p)


def test_holm_steps_down_and_stops_at_the_first_that_fails():
    assert statistics.significant([0.01, 0.04, 0.03]) == [True, False, False]
    assert statistics.significant([0.01, 0.04, 0.02]) == [True, True, True]
    assert statistics.significant([]) == []


@given(st.floats(0.004, 0.2))
def test_photos_needed_are_the_least_that_prove_the_tolerance(tolerance):
    needed = AnswerCounts(0).needed(tolerance, None)
    assert statistics.upper_bound(0, needed) <= tolerance + 1e-12
    assert needed == 1 or statistics.upper_bound(0, needed - 1) > tolerance


@pytest.mark.parametrize(("disagreement", "loss", "needed"), [(0.01, 0.01, 368), (0.03, 0.025, 146)])
def test_photos_needed_prove_disagreement_and_loss_together(disagreement, loss, needed):
    assert AnswerCounts(60).needed(disagreement, loss) == needed
    assert AnswerCounts(needed).proves(disagreement, loss)
    assert not AnswerCounts(needed - 1).proves(disagreement, loss)


def test_where_answers_differ_more_photos_are_needed_and_too_many_differences_are_proved_by_none():
    few = AnswerCounts(150, differ=1, lost=1)
    needed = few.needed(0.03, 0.025)
    assert needed == 287
    assert few.of(needed).proves(0.03, 0.025)
    assert AnswerCounts(150, differ=10, lost=10).needed(0.03, 0.025) is None

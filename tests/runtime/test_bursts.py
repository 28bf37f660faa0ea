from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avistar.bursts import Smoother, bursts, together
from avistar.decision import Policy, softmax
from avistar.errors import Fault
from avistar.identification import Failure, Identification, Provenance, ranked
from avistar.manifest import DecisionRule
from avistar.records import Capture, Medium
from avistar.species import known_species

SPECIES = known_species()
INDEX = {species.id: i for i, species in enumerate(SPECIES)}
POLICY = Policy(SPECIES, DecisionRule(0.5, 0.7), familiarity_floor=0.0)
MADE_BY = Provenance("test", "", "fp32", "nothing")


def answer(logits: np.ndarray, familiarity: float = 1.0, flags: tuple[str, ...] = ()) -> Identification:
    probabilities = softmax(logits[None].astype(np.float32))[0]
    decision = POLICY.decide(probabilities, familiarity)
    return Identification(
        "photo", MADE_BY, ranked(POLICY, probabilities), decision, probabilities, familiarity, flags, 2.0
    )


def logits(**high: float) -> np.ndarray:
    return np.array([high.get(species.id, 0.0) for species in SPECIES])


FAILED = Identification("photo", MADE_BY, failure=Failure(Fault.DAMAGED, "photo: damaged"))
vectors = st.lists(st.floats(-15, 15), min_size=30, max_size=30).map(np.array)


@given(st.lists(vectors, min_size=1, max_size=6))
def test_logits_are_averaged(several: list[np.ndarray]) -> None:
    joined = together([answer(one) for one in several], POLICY)
    assert joined is not None
    np.testing.assert_allclose(joined.probabilities, softmax(np.mean(several, axis=0)[None])[0], atol=1e-5)


def test_two_doubtful_pictures_and_a_clear_one_are_sure_together() -> None:
    doubtful = answer(logits(wolf=3.0, german_shepherd=3.1))
    joined = together([doubtful, answer(logits(wolf=9.0)), doubtful], POLICY)
    assert (joined.decision.kind, joined.decision.id) == ("species", "wolf")
    assert joined.candidates[0].species.id == "wolf"
    assert joined.source == ""
    assert joined.elapsed_ms == 6.0


def test_empty_pictures_of_a_burst_do_not_drown_the_animal() -> None:
    empty = answer(logits(mole=3.0), familiarity=-5.0)
    joined = together([empty, answer(logits(wolf=8.0), familiarity=2.0), empty, empty], POLICY)
    assert joined.decision.id == "wolf"
    assert joined.familiarity == 2.0


def test_a_burst_of_empty_pictures_stays_unknown() -> None:
    joined = together([answer(logits(wolf=8.0), familiarity=-1.0)] * 3, POLICY)
    assert (joined.decision.kind, joined.decision.reason) == ("unknown", "unfamiliar")


def test_failures_do_not_count_and_nothing_else_is_nothing() -> None:
    assert together([FAILED, answer(logits(wolf=8.0), flags=("incomplete",)), FAILED], POLICY).flags == ("incomplete",)
    assert together([FAILED], POLICY) is None
    assert together([], POLICY) is None


def test_a_site_list_holds_for_the_whole_burst_too() -> None:
    doubtful = [answer(logits(wolf=5.0, german_shepherd=5.5))] * 2
    assert together(doubtful, POLICY).decision.id != "wolf"
    assert together(doubtful, POLICY.limited(["wolf", "moose"])).decision.id == "wolf"


def test_one_odd_frame_changes_nothing() -> None:
    smoother = Smoother(POLICY, half_life_s=0.7)
    for i in range(10):
        smoother.add(answer(logits(wolf=6.0)), i * 0.1)
    assert smoother.add(answer(logits(seal=6.0)), 1.0).decision.id == "wolf"


def test_a_new_animal_is_named_after_about_a_half_life() -> None:
    smoother = Smoother(POLICY, half_life_s=0.7)
    smoother.add(answer(logits(wolf=8.0)), 0.0)
    named = [smoother.add(answer(logits(seal=8.0)), 0.1 * i).decision.id for i in range(1, 15)]
    assert named[0] == "wolf"
    assert 4 <= named.index("seal") <= 10
    assert set(named[named.index("seal") :]) == {"seal"}


def test_an_animal_that_left_is_unknown_soon() -> None:
    smoother = Smoother(POLICY, half_life_s=0.7)
    smoother.add(answer(logits(wolf=8.0), familiarity=3.0), 0.0)
    later = [smoother.add(answer(logits(), familiarity=-3.0), 0.1 * i) for i in range(1, 12)]
    assert later[-1].decision.kind == "unknown"


def test_after_a_reset_nothing_is_remembered() -> None:
    smoother = Smoother(POLICY)
    smoother.add(answer(logits(wolf=9.0)), 0.0)
    smoother.reset()
    assert smoother.add(answer(logits(seal=6.0)), 0.01).decision.id == "seal"


def test_without_a_half_life_nothing_is_smoothed_and_failures_pass() -> None:
    smoother = Smoother(POLICY, half_life_s=0.0)
    smoother.add(answer(logits(wolf=9.0)), 0.0)
    assert smoother.add(answer(logits(seal=6.0)), 0.0).decision.id == "seal"
    assert smoother.add(FAILED, 0.1) is FAILED


START = datetime(2024, 5, 6, 7, 0, 0, tzinfo=UTC)


def photo(name: str, second: float | None, camera: str = "A", serial: str = "1") -> Medium:
    taken_at = None if second is None else START + timedelta(seconds=second)
    return Medium(f"/card/{name}", name, capture=Capture(taken_at, camera, serial))


def names(media: list[Medium], gap_s: float = 2.0) -> list[list[str]]:
    return [[media[i].relative for i in one.indices] for one in bursts(media, timedelta(seconds=gap_s))]


def test_photos_within_the_gap_are_a_burst() -> None:
    media = [photo("a", 0), photo("b", 1), photo("c", 2.9), photo("d", 10), photo("e", 30), photo("f", 31)]
    assert names(media) == [["a", "b", "c"], ["e", "f"]]
    assert [one.name for one in bursts(media, timedelta(seconds=2))] == ["a", "e"]


def test_cameras_and_folders_are_kept_apart() -> None:
    media = [photo("x/a", 0), photo("y/a", 0), photo("x/b", 1, "B"), photo("x/c", 1, "A", "2"), photo("x/d", 1)]
    assert names(media) == [["x/a", "x/d"]]


def test_photos_without_a_time_and_videos_belong_to_none() -> None:
    video = Medium("/card/v", "v", kind="video", capture=Capture(START, "A", "1"))
    assert names([photo("a", None), photo("b", None), video, photo("c", 0)]) == []


def test_order_is_by_time_not_by_listing() -> None:
    assert names([photo("z", 0), photo("a", 1), photo("m", 0.5)]) == [["z", "m", "a"]]


def test_the_gap_itself_is_enough() -> None:
    assert names([photo("a", 0), photo("b", 2.0)]) == [["a", "b"]]
    assert names([photo("a", 0), photo("b", 2.001)]) == []


@given(st.lists(st.floats(0, 100), max_size=30), st.floats(0, 10))
def test_each_photo_is_in_one_burst_at_most_and_none_has_a_wider_gap(seconds: list[float], gap_s: float) -> None:
    media = [photo(f"p{i:02}", second) for i, second in enumerate(seconds)]
    found = bursts(media, timedelta(seconds=gap_s))
    used = [i for one in found for i in one.indices]
    assert len(used) == len(set(used))
    for one in found:
        times = [media[i].capture.taken_at for i in one.indices]
        assert all(later - sooner <= timedelta(seconds=gap_s) for sooner, later in itertools.pairwise(times))
    assert all(len(one.indices) > 1 for one in found)


def test_one_photo_with_a_zone_among_others_without_stops_nothing() -> None:
    naive = Medium("/card/n", "n", capture=Capture(START.replace(tzinfo=None), "A", "1"))
    assert names([photo("a", 0), naive]) == [["a", "n"]]

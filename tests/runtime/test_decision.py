from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from avistar.decision import Policy, decide, softmax
from avistar.errors import UsageError
from avistar.manifest import DecisionRule
from avistar.species import known_groups, known_species

SPECIES = known_species()
INDEX = {species.id: i for i, species in enumerate(SPECIES)}
RULE = DecisionRule(species_confidence=0.5, group_confidence=0.7)

vectors = arrays(np.float32, 30, elements=st.floats(0, 1, width=32)).filter(lambda v: v.sum() > 0.01)


def spread(**shares: float) -> np.ndarray:
    """Probabilities with these shares, the rest over all other species."""
    rest = (1 - sum(shares.values())) / (len(SPECIES) - len(shares))
    return np.array([shares.get(species.id, rest) for species in SPECIES], np.float32)


def test_a_sure_answer_is_the_species() -> None:
    decision = decide(spread(wolf=0.9), True, SPECIES, RULE)
    assert (decision.kind, decision.id) == ("species", "wolf")
    assert decision.confidence == pytest.approx(0.9)
    assert decision.candidates == ()


def test_two_relatives_roll_up_to_their_group() -> None:
    decision = decide(spread(wolf=0.45, german_shepherd=0.4, seal=0.1), True, SPECIES, RULE)
    assert (decision.kind, decision.id) == ("group", "canid")
    assert decision.candidates == ("wolf", "german_shepherd")


def test_two_strangers_are_unknown_because_unsure() -> None:
    decision = decide(spread(wolf=0.45, seal=0.45), True, SPECIES, RULE)
    assert (decision.kind, decision.id, decision.reason) == ("unknown", "", "unsure")


def test_an_unfamiliar_picture_is_unknown_however_sure_the_network_is() -> None:
    decision = decide(spread(wolf=0.99), False, SPECIES, RULE)
    assert (decision.kind, decision.reason) == ("unknown", "unfamiliar")


def test_a_group_of_one_species_never_stands_in_for_it() -> None:
    decision = decide(spread(raccoon=0.45), True, SPECIES, DecisionRule(0.5, 0.3))
    assert decision.kind == "unknown"


def test_the_threshold_itself_is_enough() -> None:
    exact = np.full(30, np.float32(0.5) / 29, np.float32)
    exact[INDEX["wolf"]] = 0.5
    assert decide(exact, True, SPECIES, RULE).kind == "species"


@given(vectors, st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_every_decision_follows_from_its_probabilities(
    vector: np.ndarray, species_floor: float, group_floor: float, familiar: bool
) -> None:
    probabilities = (vector / vector.sum()).astype(np.float32)
    decision = decide(probabilities, familiar, SPECIES, DecisionRule(species_floor, group_floor))
    assert 0 <= decision.confidence <= 1
    best = SPECIES[int(probabilities.argmax())]
    if decision.kind == "species":
        assert decision.id == best.id
        assert decision.confidence >= species_floor
    elif decision.kind == "group":
        members = [species.id for species in SPECIES if species.group == decision.id]
        together = sum(float(probabilities[INDEX[id]]) for id in members)
        assert decision.id == best.group
        assert decision.confidence == pytest.approx(together, abs=1e-5)
        assert decision.confidence >= group_floor
        assert decision.candidates[0] == best.id
        assert set(decision.candidates) <= set(members)
    else:
        assert decision.reason == ("unsure" if familiar else "unfamiliar")


@given(arrays(np.float32, (3, 30), elements=st.floats(-1e4, 1e4, width=32)), st.floats(0.05, 20))
def test_softmax_rows_are_probabilities_in_the_logits_order(logits: np.ndarray, temperature: float) -> None:
    probabilities = softmax(logits, temperature)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    rows = np.arange(3)
    assert (probabilities[rows, logits.argmax(axis=1)] == probabilities.max(axis=1)).all()


def test_a_higher_temperature_is_less_sure() -> None:
    logits = np.array([[3.0, 1.0, 0.0]], np.float32)
    assert softmax(logits, 0.5).max() > softmax(logits, 1).max() > softmax(logits, 4).max()


def test_every_species_belongs_to_a_known_group() -> None:
    assert {species.group for species in SPECIES} == {group.id for group in known_groups()}


POLICY = Policy(SPECIES, RULE, familiarity_floor=0.0)


def test_a_site_without_german_shepherds_makes_a_wolf_of_the_doubt() -> None:
    doubt = spread(wolf=0.4, german_shepherd=0.55)
    assert POLICY.decide(doubt, 1.0).id == "german_shepherd"
    decision = POLICY.limited(["wolf", "moose"]).decide(doubt, 1.0)
    assert (decision.kind, decision.id) == ("species", "wolf")
    assert decision.confidence > 0.98


def test_a_site_list_makes_no_sure_answer_of_next_to_nothing() -> None:
    decision = POLICY.limited(["wolf", "moose"]).decide(spread(horse=0.999), 1.0)
    assert (decision.kind, decision.reason) == ("unknown", "off_list")
    assert decision.confidence < 0.001


def test_an_unfamiliar_picture_stays_unfamiliar_with_a_site_list() -> None:
    assert POLICY.limited(["wolf"]).decide(spread(wolf=0.9), -1.0).reason == "unfamiliar"


def test_a_site_list_with_an_unknown_id_is_refused() -> None:
    with pytest.raises(UsageError, match="unicorn: not among the 30 species"):
        POLICY.limited(["wolf", "unicorn"])


@given(vectors, st.sets(st.sampled_from(sorted(INDEX)), min_size=1))
def test_shares_are_the_softmax_over_the_listed_logits(vector: np.ndarray, only: set[str]) -> None:
    probabilities = (vector / vector.sum()).clip(1e-6)
    probabilities /= probabilities.sum()
    listed = np.array([species.id in only for species in SPECIES])
    logits = np.where(listed, np.log(probabilities), -np.inf)
    shares = POLICY.limited(only).shares(probabilities)
    np.testing.assert_allclose(shares, softmax(logits[None])[0], atol=1e-5)
    assert shares[~listed].sum() == 0


@given(vectors, st.floats(-5, 5))
def test_a_list_of_all_species_changes_nothing(vector: np.ndarray, familiarity: float) -> None:
    probabilities = vector / vector.sum()
    assert POLICY.limited(INDEX).decide(probabilities, familiarity) == POLICY.decide(probabilities, familiarity)

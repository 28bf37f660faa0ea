"""Decisions with groups in groups, labels of other kinds, and thousands of species."""

from __future__ import annotations

import numpy as np

from avistar.decision import Policy
from avistar.formats.final_answer import outcome_of_answer
from avistar.identification import MOST_CANDIDATES, Identification, Provenance, ranked
from avistar.manifest import DecisionRule
from avistar.species import Group, Species

GROUPS = (
    Group("mammal", "mammal", "mamífero", "Mammalia"),
    Group("felid", "felid", "félido", "Felidae", "mammal"),
    Group("rodent", "rodent", "roedor", "Rodentia", "mammal"),
)
SPECIES = (
    Species("lynx", "Lynx", "Lince", "Lynx lynx", "felid"),
    Species("cat", "Cat", "Gato", "Felis catus", "felid"),
    Species("rodents", "Rodent", "Roedor", "Rodentia", "rodent", "group"),
    Species("mouse", "Mouse", "Ratón", "Mus musculus", "rodent"),
    Species("blank", "Blank", "Vacía", "", "", "blank"),
    Species("human", "Human", "Humano", "Homo sapiens", "", "human"),
)
POLICY = Policy(SPECIES, DecisionRule(0.8, 0.8), groups=GROUPS)


def answered(*shares: float) -> Identification:
    """An answer with these probabilities."""
    probabilities = np.array(shares, np.float32)
    empty = Identification("", Provenance("b", "", "", ""), probabilities=probabilities, familiarity=1.0)
    decision = POLICY.decide(probabilities, 1.0)
    return Identification(
        "", empty.provenance, ranked(POLICY, probabilities), decision, probabilities, 1.0, groups=POLICY.groups
    )


def test_an_unsure_answer_goes_to_the_narrowest_group_that_is_sure_enough() -> None:
    assert answered(0.5, 0.4, 0.05, 0.05, 0, 0).decision.id == "felid"  # type: ignore[union-attr]
    wide = answered(0.4, 0.05, 0.1, 0.4, 0.05, 0).decision
    assert wide is not None
    assert (wide.kind, wide.id, wide.candidates) == ("group", "mammal", ("lynx", "mouse"))


def test_a_label_that_is_a_group_is_answered_as_one_and_never_as_a_candidate() -> None:
    decision = answered(0, 0, 0.95, 0.05, 0, 0).decision
    assert decision is not None
    assert (decision.kind, decision.id, decision.candidates) == ("group", "rodent", ("mouse",))


def test_a_sum_over_unrelated_labels_stays_unknown() -> None:
    decision = answered(0.45, 0, 0, 0, 0.55, 0).decision
    assert decision is not None
    assert (decision.kind, decision.reason) == ("unknown", "unsure")


def test_blanks_and_people_are_what_detectors_mean_by_them_and_groups_have_their_own_names() -> None:
    assert outcome_of_answer(answered(0, 0, 0, 0, 1, 0)).kind == "empty"
    assert outcome_of_answer(answered(0, 0, 0, 0, 0, 1)).kind == "person"
    felid = outcome_of_answer(answered(0.5, 0.5, 0, 0, 0, 0)).taxon
    assert felid is not None
    assert felid.scientific == "Felidae"


def test_twenty_thousand_labels_give_a_short_list_and_keep_every_probability() -> None:
    species = tuple(Species(f"s{i}", f"S{i}", f"S{i}", "", "") for i in range(20_000))
    policy = Policy(species, DecisionRule())
    probabilities = np.random.default_rng(0).dirichlet(np.ones(20_000)).astype(np.float32)
    found = ranked(policy, probabilities)
    assert len(found) == MOST_CANDIDATES
    best = np.argsort(-probabilities, kind="stable")[:MOST_CANDIDATES]
    assert [one.species.id for one in found] == [f"s{i}" for i in best]

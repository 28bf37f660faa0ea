"""What other networks answer beside the answer that stands, and where they differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from avistar.catalogue import Catalogue, FoundFile, Model, Query
from avistar.catalogue.backup import copy_whole
from avistar.catalogue.merge import merge
from avistar.decision import Decision
from avistar.species import Species
from survey_support import WOLF, answered, facts


@pytest.fixture
def theirs(model: Model) -> Model:
    """A network of others: it knows the wolf under another id, and a fox; mice by the same id."""
    species = (
        Species("gray_wolf", "Gray wolf", "Lobo", "Canis lupus", "", "animal"),
        Species("fox", "Fox", "Zorro", "Vulpes vulpes", "", "animal"),
        Species("mouse", "Mouse", "Ratón", "Mus sp.", "", "animal"),
    )
    origin = replace(model.provenance, bundle="theirs", artifact_sha256="f" * 64)
    return replace(model, provenance=origin, policy=replace(model.policy, species=species), groups=())


def decided(id: str, confidence: float = 0.9) -> Decision:
    return Decision("species" if id else "unknown", id, confidence, (), "")


def standing(catalogue: Catalogue, model: Model, card: Path, *said: str) -> list[int]:
    """Photos that `model` answered with these species' ids."""
    records = []
    for number, id in enumerate(said):
        record = answered(card, f"{number}.jpg", model, number)
        [one] = record.observations
        answer = replace(one.identification, decision=decided(id))
        records.append(replace(record, observations=(replace(one, identification=answer),)))
    catalogue.write(records, model)
    return list(catalogue.ids_of([f"{number}.jpg" for number in range(len(said))]).values())


def others(catalogue: Catalogue, id: int) -> list[tuple[str, str, bool]]:
    [record] = catalogue.records_of([id])
    return [(one.bundle, one.decision.id, one.differs) for one in record.others]


def test_the_same_animal_is_known_by_its_names_whatever_its_id(
    catalogue: Catalogue, model: Model, theirs: Model, card: Path
) -> None:
    ids = standing(catalogue, model, card, "wolf", "mouse", "wolf", "", "")
    said = ["gray_wolf", "gray_wolf", "fox", "", "mouse"]
    catalogue.write_others([(id, decided(one)) for id, one in zip(ids, said, strict=True)], theirs)
    assert [others(catalogue, id)[0][2] for id in ids] == [False, True, True, False, True]
    assert catalogue.ids(Query(models_differ=True)) == [ids[1], ids[2], ids[4]]
    assert catalogue.ids(Query(models_differ=False)) == [ids[0], ids[3]]
    counts = catalogue.counts()
    assert (counts.compared, counts.models_differ) == (5, 3)
    [record] = catalogue.records_of([ids[0]])
    assert record.others[0].taxon == theirs.policy.species[0]


def test_breeds_of_one_species_are_two_answers(catalogue: Catalogue, model: Model, card: Path) -> None:
    ids = standing(catalogue, model, card, "persian_cat")
    other = replace(model, provenance=replace(model.provenance, artifact_sha256="e" * 64))
    catalogue.write_others([(ids[0], decided("siamese_cat"))], other)
    assert others(catalogue, ids[0]) == [(model.provenance.bundle, "siamese_cat", True)]


def test_a_survey_answered_by_another_model_keeps_what_the_first_said(
    catalogue: Catalogue, model: Model, theirs: Model, card: Path
) -> None:
    first, second = standing(catalogue, model, card, "wolf", "mouse")
    catalogue.review([first], WOLF)
    catalogue.forget_answers([first])
    assert others(catalogue, first) == [(model.provenance.bundle, "wolf", False)]
    assert catalogue.ids(Query(models_differ=True)) == []  # nothing stands that it could differ from
    standing(catalogue, theirs, card, "gray_wolf", "fox")  # the second without being forgotten first
    assert others(catalogue, first) == [(model.provenance.bundle, "wolf", False)]
    assert others(catalogue, second) == [(model.provenance.bundle, "mouse", True)]
    standing(catalogue, model, card, "wolf", "wolf")  # back again: what it answered once is no other's
    assert others(catalogue, first) == [("theirs", "gray_wolf", False)]
    assert others(catalogue, second) == [("theirs", "fox", True)]


def test_answers_decided_again_by_the_same_network_are_no_others(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    ids = standing(catalogue, model, card, "wolf")
    stricter = replace(model, policy=replace(model.policy, familiarity_floor=9.0))
    standing(catalogue, stricter, card, "")
    assert others(catalogue, ids[0]) == []


def test_a_file_that_holds_something_else_was_answered_by_nobody(
    catalogue: Catalogue, model: Model, theirs: Model, card: Path
) -> None:
    ids = standing(catalogue, model, card, "wolf")
    catalogue.write_others([(ids[0], decided("fox"))], theirs)
    (card / "0.jpg").write_bytes(b"another picture")
    catalogue.reconcile([FoundFile("0.jpg", bytes=15, modified_ns=7)])
    assert others(catalogue, ids[0]) == []


def test_a_merged_catalogue_has_what_others_said_in_either(
    tmp_path: Path, model: Model, theirs: Model, card: Path
) -> None:
    one, other, both = (tmp_path / f"{name}.avistar" for name in ("one", "other", "both"))
    with Catalogue.open(one, new=facts(card)) as ana:
        ids = standing(ana, model, card, "wolf")
        ana.write_others([(ids[0], decided("fox"))], theirs)
    copy_whole(one, other)
    with Catalogue.open(other) as ben:
        standing(ben, model, card, "wolf", "mouse")
        ben.write_others([(ben.ids_of(["1.jpg"])["1.jpg"], decided("gray_wolf"))], theirs)
    merge(one, other, both)
    with Catalogue.open(both) as merged:
        found = merged.ids_of(["0.jpg", "1.jpg"])
        assert others(merged, found["0.jpg"]) == [("theirs", "fox", True)]
        assert others(merged, found["1.jpg"]) == [("theirs", "gray_wolf", True)]

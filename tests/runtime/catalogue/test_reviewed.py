"""Reviewed photos beside the networks' own answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from avistar.bursts import together
from avistar.records import Box, Observation, Record, Region, Review
from survey_support import EMPTY, WOLF, answer, answered, failed, found, medium

UNKNOWN = Review("unknown", "", "Ana", WOLF.at + timedelta(hours=2))


def test_the_networks_own_answer_is_kept_apart_from_what_people_say(catalogue, card, model):
    records = [answered(card, f"{i}.jpg", model, i) for i in range(4)]
    catalogue.reconcile(found(f"{i}.jpg" for i in range(4)))
    catalogue.write(records, model)
    ids = catalogue.ids()
    catalogue.review([ids[0], ids[2]], WOLF)
    catalogue.review([ids[1]], EMPTY)
    (photos,) = catalogue.reviewed().photos
    assert photos.ids == (ids[0], ids[1], ids[2])
    assert photos.relatives == ("0.jpg", "1.jpg", "2.jpg")
    assert photos.verdicts == ("species", "empty", "species")
    assert photos.species == ("wolf", "", "wolf")
    stored = [records[i].identification.probabilities for i in range(3)]
    assert np.array_equal(photos.probabilities, np.stack(stored))
    assert photos.decisions == tuple(records[i].identification.decision.kind for i in range(3))


def test_a_bursts_answer_does_not_replace_that_to_the_photo(catalogue, card, model):
    records = [answered(card, f"{i}.jpg", model, i) for i in range(2)]
    catalogue.write(records, model)
    ids = catalogue.ids()
    joined = together([record.identification for record in records], replace(model.policy))
    catalogue.write_sequence("burst 1", ids, joined, model)
    catalogue.review(ids, WOLF)
    (photos,) = catalogue.reviewed().photos
    assert np.array_equal(photos.probabilities[1], records[1].identification.probabilities)


def test_an_undone_review_counts_no_longer(catalogue, card, model):
    catalogue.write([answered(card, "a.jpg", model)], model)
    catalogue.review(catalogue.ids(), WOLF)
    catalogue.undo()
    assert catalogue.reviewed().photos == ()
    catalogue.redo()
    assert catalogue.reviewed().photos[0].species == ("wolf",)


def test_the_surest_box_of_a_photo_counts(catalogue, card, model):
    boxes = [Box(0.1, 0.1, 0.2, 0.2), Box(0.5, 0.5, 0.4, 0.4)]
    answers = [answer(model, "a.jpg", seed, sure=sure) for seed, sure in ((1, 0.5), (2, 9.0))]
    assert answers[0].decision.confidence < answers[1].decision.confidence
    regions = tuple(Observation(Region(box), one) for box, one in zip(boxes, answers, strict=True))
    catalogue.write([Record(medium(card, "a.jpg"), regions, tuple(boxes))], model)
    catalogue.review(catalogue.ids(), WOLF)
    (photos,) = catalogue.reviewed().photos
    assert len(photos.ids) == 1
    assert photos.boxes[0].left == 0.5
    assert np.array_equal(photos.probabilities[0], answers[1].probabilities)


def test_what_cannot_be_judged_is_counted(catalogue, card, model):
    catalogue.write([failed(card, "broken.jpg"), answered(card, "good.jpg", model)], model)
    video = answered(card, "film.mp4", model)
    catalogue.write([replace(video, medium=replace(video.medium, kind="video"))], model)
    catalogue.review(catalogue.ids(), UNKNOWN)
    reviewed = catalogue.reviewed()
    assert (len(reviewed.photos[0].ids), reviewed.unanswered, reviewed.videos) == (1, 1, 1)


def test_networks_are_kept_apart_the_one_with_most_photos_first(catalogue, card, model):
    other = replace(model, provenance=replace(model.provenance, artifact_sha256="another"))
    catalogue.write([answered(card, "0.jpg", model)], model)
    catalogue.write([answered(card, f"{i}.jpg", other, i) for i in (1, 2)], other)
    gpu = replace(other, provenance=replace(other.provenance, runs_on="the same on a GPU"))
    catalogue.write([answered(card, "3.jpg", gpu, 3)], gpu)
    catalogue.review(catalogue.ids(), WOLF)
    first, second = catalogue.reviewed().photos
    assert (len(first.ids), len(second.ids)) == (3, 1)
    assert first.model.provenance.artifact_sha256 == "another"


def test_vanished_and_unreviewed_photos_are_left_out(catalogue, card, model):
    catalogue.write([answered(card, f"{i}.jpg", model) for i in range(3)], model)
    catalogue.review(catalogue.ids()[:2], WOLF)
    catalogue.reconcile(found(["0.jpg", "2.jpg"]))
    (photos,) = catalogue.reviewed().photos
    assert photos.relatives == ("0.jpg",)

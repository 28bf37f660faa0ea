"""The gate on made-up answers: what it lets pass, what it refuses, and what it says."""

from dataclasses import replace

import numpy as np
import pytest

from avistar.backends import Outputs
from avistar.decision import softmax
from avistar.manifest import Calibration
from avistar_export import parity_report
from avistar_export.parity import TOLERANCES, HeldOut, Side, batch_invariance, compare

NAMES = ("wolf", "otter", "bat", "mole")
PHOTOS = 900


def held_out(photos=PHOTOS):
    truth = np.arange(photos) % len(NAMES)
    files = tuple(f"{NAMES[t]}/{i:04d}.jpg" for i, t in enumerate(truth))
    return HeldOut(files, truth, NAMES, np.arange(photos) >= photos // 2)


def reference(photos=PHOTOS, seed=0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (photos, len(NAMES)))
    logits[np.arange(photos), np.arange(photos) % len(NAMES)] += 6
    embedding = rng.normal(0, 1, (photos, 8))
    return side("reference", logits, embedding)


def side(name, logits, embedding):
    outputs = Outputs(logits.astype(np.float32), embedding.astype(np.float32))
    return Side(name, outputs, Calibration(), np.ones(len(logits), bool))


def changed(one, logits):
    return side("candidate", logits, one.outputs.embedding)


def judge(before, after, precision="fp32", photos=PHOTOS, invariance=0.0):
    return compare(before, after, held_out(photos), precision, invariance=invariance)


def failed(verdict):
    return {criterion.name for criterion in verdict.failed()}


def with_lead(before, row, lead):
    """The reference with a lead (of probability) at `row`, and a copy in which that answer flips."""
    logits, t = before.outputs.logits.copy(), row % len(NAMES)
    other = (t + 1) % len(NAMES)
    first, second = (1 + lead) / 2, (1 - lead) / 2
    logits[row] = -20
    logits[row, [t, other]] = np.log([first, second])
    flipped = logits.copy()
    flipped[row, [t, other]] = np.log([second, first])
    return changed(before, logits), changed(before, flipped)


@pytest.mark.parametrize("precision", TOLERANCES)
def test_equal_answers_pass(precision):
    before = reference()
    verdict = judge(before, before, precision)
    assert verdict.passed
    assert verdict.flipped == 0
    assert verdict.disagreement_bound == pytest.approx(0.0033, abs=1e-4)


def test_every_criterion_tells_what_it_measured_and_what_would_have_passed():
    before = reference()
    verdict = judge(before, changed(before, before.outputs.logits * 1.01))
    probability = {c.name: c for c in verdict.criteria}["probability"]
    assert not probability.passed
    assert probability.measured > probability.tolerance == 1e-4
    assert probability.would_pass == probability.measured


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("precision", TOLERANCES)
def test_one_value_that_is_no_number_is_refused(precision, value):
    before = reference()
    logits = before.outputs.logits.copy()
    logits[17, 2] = value
    verdict = judge(before, changed(before, logits), precision)
    assert "finite" in failed(verdict)
    assert not verdict.passed
    parity_report.as_json(verdict)


def test_a_nan_in_the_embedding_alone_is_refused():
    before = reference()
    embedding = before.outputs.embedding.copy()
    embedding[3, 0] = np.nan
    assert "finite" in failed(judge(before, side("candidate", before.outputs.logits, embedding), "int8"))


@pytest.mark.parametrize("precision", TOLERANCES)
def test_permuted_species_are_refused(precision):
    before = reference()
    verdict = judge(before, changed(before, before.outputs.logits[:, [1, 0, 2, 3]]), precision)
    assert {"disagreement", "firm answers", "accuracy", "species"} - failed(verdict) <= {"disagreement"}
    assert {change.species for change in verdict.species if change.significant} == {"wolf", "otter"}


def test_a_flip_between_near_ties_passes_where_a_firm_one_is_refused():
    before = reference()
    for lead, refused in ((0.05, False), (0.25, True)):
        verdict = judge(*with_lead(before, 40, lead), "fp16")
        assert ("firm answers" in failed(verdict)) == refused
        assert verdict.flips[0].file == "wolf/0040.jpg"
        assert verdict.flips[0].margin == pytest.approx(lead, abs=1e-3)


def test_many_small_flips_are_refused_by_the_bound():
    before = reference()
    after = before
    for row in range(0, 200, 4):
        lead_before, lead_after = with_lead(before, row, 0.05)
        logits_before, logits_after = before.outputs.logits.copy(), after.outputs.logits.copy()
        logits_before[row], logits_after[row] = lead_before.outputs.logits[row], lead_after.outputs.logits[row]
        before, after = changed(before, logits_before), changed(before, logits_after)
    verdict = judge(before, after, "int8")
    assert verdict.flipped == 50
    assert {"disagreement", "accuracy", "accuracy bound", "species"} <= failed(verdict)


def test_few_photos_prove_little_and_the_report_says_how_many_would():
    before = reference(60)
    verdict = judge(before, before, "fp16", photos=60)
    assert failed(verdict) == {"disagreement", "accuracy bound"}
    assert "60 held-out photos are too few to prove fp16 the same: 368 would do." in parity_report.as_markdown(verdict)


def test_with_enough_photos_for_int8_the_report_of_fp16_offers_it():
    before = reference(154)
    assert judge(before, before, "int8", photos=154).passed
    refused = parity_report.refusal(judge(before, before, "fp16", photos=154))
    assert str(refused).endswith(
        "154 held-out photos are too few to prove fp16 the same: 368 would do; int8 asks for 146 only"
    )


def test_what_no_number_of_photos_would_prove_asks_for_none():
    before = reference(154)
    verdict = judge(before, changed(before, before.outputs.logits[:, [1, 0, 2, 3]]), "fp16", photos=154)
    assert parity_report.shortage(verdict) is None


def test_overconfidence_is_refused():
    before = reference()
    hard = before.outputs.logits.copy()
    hard[::3] = np.roll(hard[::3], 1, axis=1)  # a third of the answers are wrong
    before = replace(changed(before, hard), calibration=Calibration(4.0))
    verdict = judge(before, replace(before, calibration=Calibration(0.5)), "int8")
    assert "calibration" in failed(verdict)


def test_a_change_of_what_is_familiar_is_refused():
    before = reference()
    after = replace(before, familiar=np.arange(PHOTOS) % 10 > 0)
    assert failed(judge(before, after, "int8")) == {"familiar"}


def test_answers_that_depend_on_the_batch_are_refused():
    before = reference()
    assert failed(judge(before, before, "fp16", invariance=0.1)) == {"batch"}


def test_batch_invariance_finds_a_neighbour_that_matters():
    images = np.random.default_rng(0).integers(0, 256, (7, 8, 8, 3), dtype=np.uint8)

    def honest(batch):
        means = batch.astype(np.float32).mean(axis=(1, 2)) / 50
        return Outputs(means, means)

    def normalised_over_the_batch(batch):
        answers = honest(batch).logits
        return Outputs(answers - answers.mean(axis=0) * [0, 0, 1], answers)

    def reversed_rows(batch):
        answers = honest(batch).logits
        return Outputs(answers[::-1] if len(batch) == 3 else answers, answers)

    assert batch_invariance(honest, images, honest(images).logits) < 1e-6
    for broken in (normalised_over_the_batch, reversed_rows):
        assert batch_invariance(broken, images, broken(images).logits) > 1e-3


def absent(species, stand_ins=0):
    """Held-out photos without any of `species`, and so many training photos of it that stand in."""
    whole = held_out()
    kept = whole.truth != NAMES.index(species)
    there = HeldOut(
        tuple(np.array(whole.files)[kept]), whole.truth[kept], NAMES, whole.judging[kept],
        stand_ins=np.full(stand_ins, NAMES.index(species)),
    )  # fmt: skip
    return there, kept


def without(one, kept, stand_ins=None):
    outputs = Outputs(one.outputs.logits[kept], one.outputs.embedding[kept])
    return replace(one, outputs=outputs, familiar=one.familiar[kept], stand_ins=stand_ins)


def shifted(one, species, by):
    logits = one.outputs.logits.copy()
    logits[:, NAMES.index(species)] += by
    return changed(one, logits)


@pytest.mark.parametrize("precision", TOLERANCES)
def test_a_shifted_bias_of_a_species_without_held_out_photos_is_refused_and_named(precision):
    photos, kept = absent("mole")
    before, after = without(reference(), kept), without(shifted(reference(), "mole", -20), kept)
    verdict = compare(before, after, photos, precision, invariance=0.0)
    assert verdict.flipped == 0
    assert "logits" in failed(verdict)
    text = parity_report.as_markdown(verdict)
    assert "## Species whose logits moved" in text
    assert "No photo of them was there; logits were compared on those of others: mole." in text


@pytest.mark.parametrize("precision", TOLERANCES)
def test_a_shifted_bias_that_saturated_probabilities_hide_is_refused(precision):
    before = reference()
    sure = changed(before, before.outputs.logits + 60 * np.eye(len(NAMES))[held_out().truth])
    verdict = judge(sure, shifted(sure, "bat", -20), precision)
    assert np.abs(softmax(sure.outputs.logits) - softmax(shifted(sure, "bat", -20).outputs.logits)).max() < 1e-9
    assert failed(verdict) >= {"logits"}


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_a_rare_species_whose_answers_all_get_lost_is_refused(precision):
    whole = held_out()
    truth = np.where(whole.truth == 3, 0, whole.truth)
    truth[:3] = 3
    photos = HeldOut(whole.files, truth, NAMES, whole.judging)
    logits = np.random.default_rng(1).normal(0, 1, (PHOTOS, 4)) + 6 * np.eye(4)[truth]
    logits[:3] = [0, 0, 0, 0.1]  # hardly known: no flip is a firm one
    before = side("reference", logits, np.ones((PHOTOS, 8)))
    logits = logits.copy()
    logits[:3, 3] -= 0.2
    verdict = compare(before, changed(before, logits), photos, precision, invariance=0.0)
    assert {change.species for change in verdict.species if change.vanished} == {"mole"}
    assert "vanished" in failed(verdict)


def test_training_photos_stand_in_for_a_species_without_others():
    photos, kept = absent("mole", stand_ins=4)
    seen = np.random.default_rng(3).normal(0, 1, (4, 4)) + np.array([0, 0, 0, 6])
    before, same = (without(reference(), kept, seen.astype(np.float32)) for _ in range(2))
    verdict = compare(before, same, photos, "int8", invariance=0.0)
    assert verdict.passed
    assert verdict.photos == kept.sum()
    text = parity_report.as_markdown(verdict)
    assert "Logits were compared on training photos (so many): mole (4)." in text
    blind = without(reference(), kept, (seen - [0, 0, 0, 9]).astype(np.float32))
    verdict = compare(before, blind, photos, "int8", invariance=0.0)
    assert failed(verdict) == {"own logits", "vanished"}
    assert "| mole |" in parity_report.as_markdown(verdict)


@pytest.mark.parametrize(("precision", "noise"), [("fp16", 0.002), ("int8", 0.05)])
def test_noise_as_measured_moves_no_logit_too_far(precision, noise):
    before = reference()
    spread = before.outputs.logits.std()
    noisy = before.outputs.logits + np.random.default_rng(2).normal(0, noise * spread, before.outputs.logits.shape)
    assert not failed(judge(before, changed(before, noisy), precision)) & {"logits", "own logits", "vanished"}


def test_the_report_is_written_for_people():
    before = reference()
    verdict = judge(*with_lead(before, 41, 0.4), "fp16")
    text = parity_report.as_markdown(verdict)
    assert "**Refused.**" in text
    assert "| otter/0041.jpg | otter | otter 70% | bat 70% | 0.400 |" in text
    assert parity_report.summary(verdict).startswith("fp16: 1 of 900 answers differ")


def test_probabilities_are_compared_after_each_sides_own_temperature():
    before = replace(reference(), calibration=Calibration(2.0))
    after = replace(changed(before, before.outputs.logits / 2), calibration=Calibration(1.0))
    np.testing.assert_allclose(softmax(before.outputs.logits, 2.0), softmax(after.outputs.logits), rtol=1e-6)
    assert judge(before, after).passed

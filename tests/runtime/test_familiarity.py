from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp

from avistar import BundleError, Classifier, ModelBundle, Outputs
from avistar.bundle import commit, draft
from avistar.familiarity import Background, energy, familiarity_of, read_background
from avistar.manifest import Artifact, Calibration, DecisionRule
from support import FEATURES, picture

rng = np.random.default_rng(0)
OUTPUTS = Outputs(rng.normal(0, 5, (6, 30)).astype(np.float32), rng.normal(0, 1, (6, FEATURES)).astype(np.float32))


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def with_rule(bundle: ModelBundle, rule: DecisionRule) -> ModelBundle:
    return ModelBundle(bundle.folder, replace(bundle.manifest, decision=rule))


def test_energy_is_the_log_sum_exp_of_the_logits() -> None:
    np.testing.assert_allclose(energy(OUTPUTS), logsumexp(OUTPUTS.logits, axis=1), rtol=1e-6)


def test_large_logits_do_not_overflow() -> None:
    huge = Outputs(np.full((1, 30), 1e4, np.float32), OUTPUTS.embedding[:1])
    assert np.isfinite(energy(huge)).all()


def test_background_is_the_log_odds_against_the_other_classes() -> None:
    kernel, bias = rng.normal(0, 1, (FEATURES, 50)), rng.normal(0, 1, 50)
    others = OUTPUTS.embedding @ kernel + bias
    expected = logsumexp(OUTPUTS.logits, axis=1) - logsumexp(others, axis=1)
    np.testing.assert_allclose(Background(kernel, bias)(OUTPUTS), expected, rtol=1e-4, atol=1e-4)


def test_background_is_read_from_the_bundle(bundle: ModelBundle) -> None:
    kernel, bias = rng.normal(0, 1, (FEATURES, 5)), np.zeros(5)
    rule = DecisionRule(familiarity="background", reference="background.npz")
    with draft(bundle.folder, bundle) as temporary:
        (temporary / "background.npz").write_bytes(npz(kernel=kernel, bias=bias))
        changed = commit(temporary, replace(bundle.manifest, decision=rule), bundle.folder)
    np.testing.assert_allclose(familiarity_of(changed)(OUTPUTS), Background(kernel, bias)(OUTPUTS))


@pytest.mark.parametrize(
    "data",
    [
        b"no archive",
        npz(kernel=np.zeros((4, 3))),
        npz(kernel=np.zeros((4, 3)), bias=np.zeros(2)),
        npz(kernel=np.zeros(4), bias=np.zeros(())),
        npz(kernel=np.array([{}], object), bias=np.zeros(1)),
        npz(kernel=np.zeros((4, 3)), bias=np.zeros(3))[:-40],
    ],
    ids=["bytes", "no bias", "other size", "no matrix", "pickled", "cut"],
)
def test_a_reference_that_is_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(BundleError, match=r"ref\.npz"):
        read_background(data, "ref.npz")


@pytest.mark.parametrize("rule", [DecisionRule(familiarity="magic"), DecisionRule(familiarity="background")])
def test_a_score_that_we_do_not_know_is_refused(tiny: ModelBundle, rule: DecisionRule) -> None:
    with pytest.raises(BundleError, match="this Avistar knows 'energy'"):
        familiarity_of(with_rule(tiny, rule))


def test_a_reference_that_is_not_in_the_bundle_is_refused(tiny: ModelBundle) -> None:
    rule = DecisionRule(familiarity="background", reference="background.npz")
    with pytest.raises(BundleError, match=r"lists no file 'background\.npz'"):
        familiarity_of(with_rule(tiny, rule))


def test_a_floor_above_every_score_makes_everything_unknown(bundle: ModelBundle, tmp_path: Path) -> None:
    strict = Artifact("onnx", "fp32", "model.onnx", Calibration(familiarity_floor=1e9))
    with draft(bundle.folder, bundle) as temporary:
        commit(temporary, replace(bundle.manifest, artifacts=(strict,)), bundle.folder)
    with Classifier.open(bundle.folder, "cpu", threads=1) as classifier:
        decision = classifier.identify(picture(1)).decision
    assert decision is not None
    assert (decision.kind, decision.reason) == ("unknown", "unfamiliar")

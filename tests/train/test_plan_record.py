"""What a run folder remembers of its plan; no training library is needed."""

import json
import re

import msgspec
import pytest

from avistar import UsageError
from avistar_train.plan_record import PLAN, PlanRecord, claim, run_of

KEPT = PlanRecord(
    recipe={"size": 224, "fit": "pad"}, seed=7, data="d1", split="s1", species=("lion", "lynx"),
    weights="w1", prior=None,
)  # fmt: skip


def test_the_same_plan_goes_on(tmp_path):
    claim(tmp_path / "run", KEPT)
    before = (tmp_path / "run" / PLAN).read_bytes()
    claim(tmp_path / "run", msgspec.structs.replace(KEPT))
    assert (tmp_path / "run" / PLAN).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recipe": {"size": 299, "fit": "pad"}}, "the recipe (size)"),
        ({"seed": 8}, "the seed (7 became 8)"),
        ({"data": "d2"}, "the photos or their labels"),
        ({"split": "s2"}, "the split"),
        ({"species": ("lynx", "lion")}, "lion, lynx became lynx, lion"),
        ({"weights": "w2"}, "--weights"),
        ({"prior": "p1"}, "--imagenet-layer"),
        ({"teacher": "t1"}, "--teacher"),
    ],
)
def test_what_differs_is_named_and_the_kept_plan_stays(tmp_path, change, said):
    claim(tmp_path, KEPT)
    (tmp_path / "history.jsonl").touch()
    before = (tmp_path / PLAN).read_bytes()
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        claim(tmp_path, msgspec.structs.replace(KEPT, **change))
    assert str(caught.value).count(";") == 1  # nothing else is said to differ
    assert (tmp_path / PLAN).read_bytes() == before


def test_a_plan_that_kept_less_is_refused_and_a_broken_one_named(tmp_path):
    (tmp_path / "head.npz").touch()
    (tmp_path / PLAN).write_text(json.dumps({"recipe": KEPT.recipe, "seed": 7, "data": "d1", "split": "s1"}))
    with pytest.raises(UsageError, match=r"unknown became lion, lynx.*--weights"):
        claim(tmp_path, KEPT)
    (tmp_path / PLAN).write_text('{"recipe": ')
    with pytest.raises(UsageError, match="no plan of a run"):
        claim(tmp_path, KEPT)


def test_a_run_that_trained_nothing_yet_takes_another_plan_and_is_found_by_it(tmp_path):
    claim(tmp_path / "one", KEPT)
    other = msgspec.structs.replace(KEPT, seed=9)
    claim(tmp_path / "one", other)
    assert run_of(other, tmp_path) == tmp_path / "one"
    assert run_of(KEPT, tmp_path) is None

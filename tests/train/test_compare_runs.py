import json
from dataclasses import replace
from statistics import stdev

import numpy as np
import pytest
from typer.testing import CliRunner

from avistar import UsageError
from avistar.bundle import commit, draft
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import Analysis, JudgedArtifact, write_analysis
from avistar_train import compare_runs
from avistar_train.cli import app
from avistar_train.compare_runs import PAPER
from support import tiny_bundle


def run(folder, *, skill, recipe="mine", seed=1, validation=None, photos=50):
    """A finished run whose answers are right more often the greater `skill` is."""
    bundle = tiny_bundle(folder / "bundle")
    ids = tuple(species.id for species in bundle.manifest.species)
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 30, photos)
    logits = rng.normal(size=(photos, 30)).astype(np.float32)
    logits[np.arange(photos), truth] += skill
    analysis = Analysis(
        judged=JudgedArtifact("keras fp32", "00" * 32, 1.0, 0.0),
        species=ids,
        files=tuple(f"{i}.jpg" for i in range(photos)),
        truth=truth,
        logits=logits,
        familiarity=np.zeros(photos, np.float32),
        map=np.zeros((0, 2), np.float32),
        report=evaluate(logits, truth, ids),
    )
    provenance = {"recipe": recipe, "seed": seed, "data_sha256": "x"}
    if validation is not None:
        provenance["validation"] = {"macro_f1": validation, "top1": 0.5, "loss": 1.0}
    with draft(bundle.folder, bundle) as temporary:
        write_analysis(temporary, analysis)
        commit(temporary, replace(bundle.manifest, provenance=provenance), bundle.folder)
    return folder


def test_validation_chooses_and_never_the_test_photos(tmp_path):
    lucky = run(tmp_path / "lucky", skill=9, validation=0.5)
    good = run(tmp_path / "good", skill=2, validation=0.7)
    silent = run(tmp_path / "silent", skill=9)
    comparison = compare_runs.compare([silent, lucky, good])
    assert [one.name for one in comparison.runs] == ["good", "lucky", "silent"]
    assert comparison.proposed == "good"
    assert comparison.runs[1].report.top1 > comparison.runs[0].report.top1
    assert compare_runs.compare([silent]).proposed == ""
    assert any("can't be proposed" in remark for remark in comparison.remarks)


def test_several_seeds_of_a_recipe_give_mean_and_deviation(tmp_path):
    folders = [run(tmp_path / f"r{seed}", skill=1, seed=seed, validation=0.5) for seed in (1, 2, 3)]
    (seeds,) = compare_runs.compare(folders).recipes
    top1 = [one.report.top1 for one in compare_runs.compare(folders).runs]
    assert (seeds.runs, seeds.top1) == (3, pytest.approx(sum(top1) / 3))
    assert seeds.top1_deviation == pytest.approx(stdev(top1))
    assert "mine, 3 seeds" in compare_runs.as_markdown(compare_runs.compare(folders))
    assert compare_runs.compare(folders[:1]).recipes[0].top1_deviation is None


def test_one_seed_run_three_times_is_no_spread(tmp_path):
    folders = [run(tmp_path / f"r{i}", skill=1, seed=7, validation=0.5) for i in range(3)]
    comparison = compare_runs.compare(folders)
    (seeds,) = comparison.recipes
    assert (seeds.runs, seeds.top1_deviation) == (1, None)
    assert "Runs of one recipe with the same seed (7) count once: the best of them." in comparison.remarks
    assert "3 seeds" not in compare_runs.as_markdown(comparison)


def test_what_cannot_be_compared_is_said(tmp_path):
    one = run(tmp_path / "one", skill=1, validation=0.5)
    other = run(tmp_path / "other", skill=1, validation=0.5, photos=40)
    assert any("different test photos" in remark for remark in compare_runs.compare([one, other]).remarks)
    assert not any("different test photos" in remark for remark in compare_runs.compare([one]).remarks)


def test_the_tables_hold_every_run_and_the_papers_figures(tmp_path):
    comparison = compare_runs.compare([run(tmp_path / "a|b", skill=1, validation=0.5)])
    markdown = compare_runs.as_markdown(comparison)
    assert "| a\\|b | tiny | mine | 1 | 32 |" in markdown
    assert "| paper: ResNet50 | resnet50 |" in markdown
    assert "87.1%" in markdown
    stored = json.loads(compare_runs.as_json(comparison))
    assert len(stored["paper"]) == len(PAPER) == 4
    assert stored["runs"][0]["report"]["photos"] == 50
    assert all(len(row) == len(compare_runs.HEAD) for row in compare_runs.table(comparison))


def test_an_unfinished_run_is_refused_by_name(tmp_path):
    (tmp_path / "half").mkdir()
    with pytest.raises(UsageError, match="half has no finished bundle"):
        compare_runs.compare([run(tmp_path / "whole", skill=1), tmp_path / "half"])


def test_the_command_prints_the_table_and_writes_it(tmp_path):
    folder = run(tmp_path / "mine", skill=1, validation=0.5)
    for name in ("table.md", "table.json"):
        result = CliRunner().invoke(app, ["compare", str(folder), "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        assert "paper: VGG16 v1" in result.output
        assert "Proposed as default, by macro-F1 on validation photos: mine." in result.output
    assert (tmp_path / "table.md").read_text("utf-8").startswith("| run |")
    assert json.loads((tmp_path / "table.json").read_bytes())["proposed"] == "mine"
    assert isinstance(CliRunner().invoke(app, ["compare", str(folder), "--out", "x.txt"]).exception, UsageError)

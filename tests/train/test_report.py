import re

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib", reason="the train extra isn't installed")

from avistar.bundle import commit, draft
from avistar.dataset import DatasetPhoto
from avistar.evaluation.embedding_map import embedding_map
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import Analysis, Epoch, JudgedArtifact, write_analysis
from avistar.split import encode_split
from avistar_train import charts
from avistar_train.html import page, table
from avistar_train.report import write_report
from avistar_train.split import divide
from support import tiny_bundle


def analysis_of(bundle, photos=60, history=(), mapped=True):
    rng = np.random.default_rng(0)
    ids = tuple(species.id for species in bundle.manifest.species)
    truth = rng.integers(0, 30, photos)
    logits = rng.normal(0, 1, (photos, 30)).astype(np.float32)
    logits[np.arange(photos), truth] += 2
    return Analysis(
        judged=JudgedArtifact("onnx fp32", "00" * 32, 1.0, -9.0),
        species=ids,
        files=tuple(f"{i}.jpg" for i in range(photos)),
        truth=truth,
        logits=logits,
        familiarity=np.zeros(photos, np.float32),
        map=rng.normal(size=(photos, 2)).astype(np.float32) if mapped else np.zeros((0, 2), np.float32),
        report=evaluate(logits, truth, ids),
        history=history,
    )


def reported(folder, **options):
    bundle = tiny_bundle(folder / "bundle")
    analysis = analysis_of(bundle, **options)
    split = divide([DatasetPhoto(f"{i}.jpg", "wolf", str(i)) for i in range(400)], 0)
    with draft(bundle.folder, bundle) as temporary:
        write_analysis(temporary, analysis)
        (temporary / "analysis" / "split.json").write_bytes(encode_split(split))
        bundle = commit(temporary, bundle.manifest, bundle.folder)
    return analysis, write_report(bundle, folder / "report").read_text("utf-8")


CURVES = tuple(
    Epoch(stage, epoch, {"loss": 1 / epoch, "accuracy": 0.5, "val_loss": 1.1 / epoch, "val_accuracy": 0.4})
    for stage in ("head", "stage 1")
    for epoch in (1, 2, 3)
)


def test_the_page_tells_every_figure_and_needs_nothing_else(tmp_path):
    analysis, html = reported(tmp_path, history=CURVES)
    assert html.count("<svg") == 6
    for text in (f"{analysis.report.top1:.1%}", f"{analysis.report.macro_f1:.3f}", "Grizzly bear", "onnx fp32"):
        assert text in html
    assert not re.search(r'(src|href)="(?!data:|#)', html)
    assert not re.search(r"url\((?!#)", html)
    charts_written = {path.stem for path in (tmp_path / "report").glob("*.png")}
    assert charts_written == {
        "scores", "confusion", "confusion_normalised", "reliability", "embedding_map", "learning_curves",
    }  # fmt: skip
    for name in charts_written:
        with Image.open(tmp_path / "report" / f"{name}.png") as chart:
            assert len(chart.convert("L").getcolors(256)) > 10


def test_what_is_not_known_is_said_and_not_drawn(tmp_path):
    _, html = reported(tmp_path, mapped=False)
    assert "No learning curves were kept" in html
    assert "Too few test photos for a map" in html
    assert not (tmp_path / "report" / "learning_curves.png").exists()


def test_the_matrix_shows_each_mistake_once(tmp_path):
    analysis, html = reported(tmp_path)
    wrong = round(analysis.report.photos * (1 - analysis.report.top1))
    assert wrong > 0
    assert f"{wrong} of 60 test photos got a wrong name" in html
    names = [str(i) for i in range(30)]
    texts = [text.get_text() for text in charts.confusion(analysis.report, names, normalised=False).axes[0].texts]
    assert sum(map(int, texts)) == 60


def test_learning_curves_of_one_measure_or_one_epoch_can_be_drawn():
    for history in ((Epoch("s", 1, {"loss": 1.0}),), (Epoch("s", 1, {}), Epoch("t", 1, {"val_accuracy": 0.5}))):
        assert "<svg" in charts.as_svg(charts.learning_curves(history))


def test_the_same_chart_gives_the_same_file(tmp_path):
    first, second = (charts.as_svg(charts.photos_per_species(["wolf", "ox"], [3, 1])) for _ in range(2))
    assert first == second


def test_names_from_outside_cannot_become_markup():
    assert "<script>" not in page("<script>", "<script>", [table(("<script>",), [("<script>",)])])


@pytest.mark.parametrize("photos", [0, 1, 2, 3])
def test_too_few_embeddings_give_no_map(photos):
    assert embedding_map(np.ones((photos, 8), np.float32)).shape == (0, 2)


def test_the_map_keeps_groups_apart_and_is_the_same_each_time():
    rng = np.random.default_rng(0)
    embedding = (np.repeat(np.eye(2, 16), 20, axis=0) * 50 + rng.normal(size=(40, 16))).astype(np.float32)
    places = embedding_map(embedding)
    np.testing.assert_array_equal(places, embedding_map(embedding))
    centres = places[:20].mean(axis=0), places[20:].mean(axis=0)
    spread = max(places[:20].std(), places[20:].std())
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * spread


def test_embeddings_without_any_spread_give_no_map_and_those_in_a_line_do():
    assert embedding_map(np.ones((6, 8), np.float32)).shape == (0, 2)
    line = np.outer(np.arange(9), np.ones(5)).astype(np.float32)
    assert np.isfinite(embedding_map(line)).all()

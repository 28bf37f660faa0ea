"""What the network saw is kept beside a catalogue, and answers again once its last layer is another."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.testing import assert_allclose

from adaptation_support import write_photos
from avistar import Classifier, ModelBundle, Species
from avistar.adaptation import photo_views, suggestion
from avistar.adaptation.answering import answer_again, answered_otherwise
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.session import plan_lesson, teach
from avistar.adaptation.suggestion import review_next
from avistar.adaptation.survey_embeddings import SurveyEmbeddings, body_of, place_of
from avistar.boxes import Box
from avistar.bundle import commit, draft
from avistar.catalogue import Catalogue, Query
from avistar.cli.main import main
from avistar.images.geometry import Crop
from avistar.media.photo import read_photo
from avistar.pipeline import Pace, PictureEmbedding
from avistar.records import Medium, Picture, Record, Region, Review
from avistar.scan import Scan
from avistar.survey import identify_pending, join_bursts, open_survey, take_in

PACE = Pace(3, 2)
BOXES = (Box(0.1, 0.1, 0.5, 0.5), Box(0.4, 0.4, 0.5, 0.5), Box(0, 0, 0.2, 0.2, "person"))


@pytest.fixture
def taught(base: ModelBundle, tmp_path: Path) -> ModelBundle:
    folder = tmp_path / "lesson"
    photos = write_photos(folder / "reviewed", {"red_fox": 12, "Wild Boar": 12, "wolf": 6})
    kept = KeptEmbeddings(folder / "kept.sqlite")
    return teach(plan_lesson([photos], base), kept=kept).write(folder / "mine")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return write_photos(tmp_path / "card", {"red_fox": 3, "wolf": 3, "otter": 2}, first=9000)


def looks(medium: Medium, folder: Path) -> Callable[[], Iterator[Picture]]:
    """Every kind of look: whole, two animals with what lies around them beside a person, and tentatively."""

    def pictures() -> Iterator[Picture]:
        found = read_photo(medium.path, folder)
        number = int(Path(medium.path).stem)
        if number == 0:
            yield Picture(found, medium.path)
        elif number == 1:
            for box in BOXES:
                crop = Crop(medium.path, box.left, box.top, box.width, box.height)
                animal = box.category == "animal"
                yield Picture(found, crop if animal else None, Region(box), around=medium.path if animal else None)
        else:
            yield Picture(found, medium.path, tentative=True)

    return pictures


def survey_of(card: Path, classifier: Classifier, file: Path) -> Catalogue:
    catalogue = open_survey(file, [str(card)], classifier)
    take_in(catalogue, Scan([str(card)]))
    kept = SurveyEmbeddings.of(catalogue.path, classifier, write=True)
    for _ in identify_pending(catalogue, classifier, PACE, opener=looks, keep=kept.keep):
        pass
    kept.close()
    return catalogue


def answers(catalogue: Catalogue) -> dict[str, Record]:
    return {record.medium.relative: record for record in catalogue.records()}


def test_an_answer_again_is_the_answer_of_a_full_run(
    base: ModelBundle, taught: ModelBundle, card: Path, tmp_path: Path
) -> None:
    with Classifier.open(base.folder, "cpu") as opened, Classifier.open(taught.folder, "cpu") as now:
        before = opened.under(replace(opened.policy, familiarity_floor=1e9))  # it knows nothing
        catalogue = survey_of(card, before, tmp_path / "survey.avistar")
        assert catalogue.counts().blank > 0
        full = survey_of(card, now, tmp_path / "full.avistar")
        for path in card.rglob("*.png"):  # nothing is read
            path.unlink()
        assert answer_again(catalogue, now, answered_otherwise(catalogue, now)) == []
        again, expected = answers(catalogue), answers(full)
        assert any(len(record.observations) == 2 for record in again.values())
        for name, record in expected.items():
            one = again[name]
            assert (one.blank, one.detections, len(one.observations)) == (
                record.blank, record.detections, len(record.observations),
            ), name  # fmt: skip
            for answer, other in zip(one.observations, record.observations, strict=True):
                assert answer.region == other.region
                assert answer.identification.decision is not None
                assert other.identification.decision is not None
                assert answer.identification.decision.id == other.identification.decision.id
                assert answer.identification.provenance == now.provenance
                assert_allclose(answer.identification.probabilities, other.identification.probabilities, atol=2e-3)
                assert abs(answer.identification.familiarity - other.identification.familiarity) < 0.02
        catalogue.close()
        full.close()


def test_reviews_stay_and_reviewed_photos_can_be_left(
    base: ModelBundle, taught: ModelBundle, card: Path, tmp_path: Path
) -> None:
    with Classifier.open(base.folder, "cpu") as before, Classifier.open(taught.folder, "cpu") as now:
        catalogue = survey_of(card, before, tmp_path / "survey.avistar")
        first = catalogue.ids()[0]
        catalogue.review([first], Review("species", "wolf", "Ana", datetime(2026, 5, 1, tzinfo=UTC)))
        ids = answered_otherwise(catalogue, now, unreviewed=True)
        assert first not in ids
        assert first in answered_otherwise(catalogue, now)
        answer_again(catalogue, now, [*ids, first])
        record = catalogue.records_of([first])[0]
        assert record.review is not None
        assert record.review.species == "wolf"
        assert record.observations[0].identification.provenance.bundle == "mine"
        assert answered_otherwise(catalogue, now) == []
        assert join_bursts(catalogue, now, timedelta(seconds=60)) == 0  # no photo has a time
        catalogue.close()


def test_what_another_network_saw_is_no_use(base: ModelBundle, card: Path, tmp_path: Path) -> None:
    with draft(tmp_path / "other", base) as folder:
        model = onnx.load(folder / "model.onnx")
        model.producer_name = "another network"
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        other = commit(folder, base.manifest, tmp_path / "other")
    with Classifier.open(base.folder, "cpu") as before, Classifier.open(other.folder, "cpu") as now:
        assert body_of(before) != body_of(now)
        catalogue = survey_of(card, before, tmp_path / "survey.avistar")
        ids = answered_otherwise(catalogue, now)
        assert ids
        assert answer_again(catalogue, now, ids) == ids
        catalogue.close()


@pytest.mark.parametrize("harm", ["gone", "damaged", "no folder to write in"])
def test_without_embeddings_everything_goes_on(
    base: ModelBundle, taught: ModelBundle, card: Path, tmp_path: Path, harm: str
) -> None:
    with Classifier.open(base.folder, "cpu") as before, Classifier.open(taught.folder, "cpu") as now:
        if harm == "no folder to write in":
            place_of(tmp_path / "survey.avistar").mkdir()
        catalogue = survey_of(card, before, tmp_path / "survey.avistar")
        if harm == "gone":
            place_of(catalogue.path).unlink()
        elif harm == "damaged":
            place_of(catalogue.path).write_bytes(b"\0" * 5000)
        ids = answered_otherwise(catalogue, now)
        assert ids
        assert answer_again(catalogue, now, ids) == ids
        catalogue.close()


def test_a_cancelled_one_returns_what_it_did_not_reach(
    base: ModelBundle, taught: ModelBundle, card: Path, tmp_path: Path
) -> None:
    with Classifier.open(base.folder, "cpu") as before, Classifier.open(taught.folder, "cpu") as now:
        catalogue = survey_of(card, before, tmp_path / "survey.avistar")
        ids = answered_otherwise(catalogue, now)
        assert answer_again(catalogue, now, ids, cancelled=lambda: True) == ids
        catalogue.close()


def test_halves_that_overflow_and_networks_without_embedding_keep_nothing(tmp_path: Path) -> None:
    record = Record(Medium("a", "a", content="key"))
    kept = SurveyEmbeddings(tmp_path / "kept", "body", write=True)
    for row in (np.full(4, 1e6, np.float32), np.zeros(0, np.float32)):
        kept.keep(record, [PictureEmbedding(Region(), row)])
        assert kept.find({7: record}) == {}
    row = np.array([0.5, 1.25, -3, 0], np.float32)
    kept.keep(record, [PictureEmbedding(Region(BOXES[0], 1.5), row, flags=("incomplete",))])
    (one,) = kept.find({7: record})[7]
    assert (one.embedding == row).all()
    assert (one.region, one.flags, one.around) == (Region(BOXES[0], 1.5), ("incomplete",), None)
    assert SurveyEmbeddings(tmp_path / "kept", "another body").find({7: record}) == {}
    kept.close()


def test_the_command_answers_again_without_reading(
    base: ModelBundle, taught: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = write_photos(tmp_path / "card", {"red_fox": 3, "wolf": 3}, first=9000)
    survey = tmp_path / "survey.avistar"
    common = ["identify", str(card), "--catalogue", str(survey), "--device", "cpu", "--language", "en"]
    assert main([*common, "--model", str(base.folder)]) == 0
    with sqlite3.connect(place_of(survey)) as connection:
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (6,)
    connection.close()
    assert main([*common, "--model", str(taught.folder), "--other-model", "again"]) == 0
    assert "6 pictures answered again without reading them" in capsys.readouterr().err
    with Catalogue.read(survey) as catalogue:
        assert catalogue.counts().findings == {"red_fox": 3, "wolf": 3}


def test_the_command_keeps_nothing_where_nothing_is_wanted(base: ModelBundle, tmp_path: Path) -> None:
    card, survey = write_photos(tmp_path / "card", {"wolf": 1}), tmp_path / "survey.avistar"
    command = ["identify", str(card), "--catalogue", str(survey), "--device", "cpu", "--model", str(base.folder)]
    assert main([*command, "--no-embeddings"]) == 0
    assert not place_of(survey).exists()


def test_a_lesson_learns_from_what_identifying_saw(
    base: ModelBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card"
    for number in range(4):
        write_photos(card / f"camera {number}", {"red_fox": 4, "Wild Boar": 4}, first=9000 + 100 * number)
    read: list[object] = []
    with Classifier.open(base.folder, "cpu") as classifier:
        catalogue = open_survey(tmp_path / "survey.avistar", [str(card)], classifier)
        take_in(catalogue, Scan([str(card)]))
        kept = SurveyEmbeddings.of(catalogue.path, classifier, write=True)
        for _ in identify_pending(catalogue, classifier, PACE, keep=kept.keep):
            pass
        kept.close()
    at = datetime(2026, 5, 1, tzinfo=UTC)
    made = catalogue.species.add([Species("", name, name, "", "") for name in ("Red fox", "Wild boar")], "Ana")
    for name, id in (("red_fox", made[0].id), ("Wild Boar", made[1].id)):
        catalogue.review(catalogue.ids(Query(text=name)), Review("species", id, "Ana", at))
    catalogue.close()
    monkeypatch.setattr(photo_views, "MIRRORED_UP_TO", 0)
    monkeypatch.setattr(photo_views, "prepare", lambda source, _: read.append(source))
    plan = plan_lesson([catalogue.path], base)
    outcome = teach(plan, kept=KeptEmbeddings(tmp_path / "kept.sqlite"))
    assert read == []
    assert len(outcome.views.photos) == 32
    assert outcome.verdict.passed


def test_what_is_kept_of_a_medium_goes_with_it(base: ModelBundle, card: Path, tmp_path: Path) -> None:
    with Classifier.open(base.folder, "cpu") as classifier, survey_of(card, classifier, tmp_path / "s.avistar") as one:
        kept = SurveyEmbeddings.of(one.path, classifier, write=True)
        records = dict(zip(one.ids(), one.records_of(one.ids()), strict=True))
        assert set(kept.find(records)) == set(records)
        assert kept.prune(one.contents()) == 0
        boxed = next(record for record in records.values() if record.detections)
        whole = replace(boxed, detections=())
        kept.keep(whole, [PictureEmbedding(Region(), np.ones(12, np.float32))])
        assert kept.find({1: boxed}) == {}  # it was looked at otherwise since
        assert len(kept.find({1: whole})[1]) == 1
        gone = whole.medium.content
        assert kept.prune([content for content in one.contents() if content != gone]) == 1
        assert kept.find({1: whole}) == {}
        assert len(kept.find(records)) == len(records) - 1
        kept.close()


def test_what_the_network_saw_tells_photos_with_one_answer_apart(
    base: ModelBundle, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    picked = suggestion.telling
    monkeypatch.setattr(suggestion, "telling", lambda *given, **more: asked.append(given[1]) or picked(*given, **more))
    with Classifier.open(base.folder, "cpu") as classifier, survey_of(card, classifier, tmp_path / "s.avistar") as one:
        first = review_next(one, 3)
        assert isinstance(asked[0], np.ndarray)
        assert asked[0].shape == (len(one.ids(Query(state=("answered",)))), 12)
        kept = SurveyEmbeddings.of(one.path, classifier, write=True)
        kept.prune(one.contents()[:1])
        kept.close()
        review_next(one, 3)
        assert isinstance(asked[1], np.ndarray)
        assert len(np.unique(asked[1].round(4), axis=0)) <= 2  # those that are gone are like the mean
        place_of(one.path).unlink()
        assert len(review_next(one, 3)) == 3
        assert asked[2] is None
    assert len(first) == 3


def test_the_photos_that_teach_most_are_listed(
    base: ModelBundle, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Classifier.open(base.folder, "cpu") as classifier:
        catalogue = open_survey(tmp_path / "survey.avistar", [str(card)], classifier)
        take_in(catalogue, Scan([str(card)]))
        for _ in identify_pending(catalogue, classifier, PACE):
            pass
    expected = [row.path for row in catalogue.rows(review_next(catalogue, 3))]
    file = str(catalogue.path)
    assert main(["survey", "suggest", file, "--number", "3"]) == 0
    assert capsys.readouterr().out.splitlines() == expected
    assert len(expected) == 3
    catalogue.review(catalogue.ids(), Review("empty", "", "Ana", datetime(2026, 5, 1, tzinfo=UTC)))
    catalogue.close()
    assert main(["survey", "suggest", file, "--language", "es"]) == 0
    assert "ya están revisadas" in capsys.readouterr().err

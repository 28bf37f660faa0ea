"""The user's own reviewed photos as a study: what is judged, what is counted apart, their map, and comparisons."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt

from avistar import Classifier
from avistar.catalogue import Catalogue
from avistar.evaluation.embedding_map import _Iterations, embedding_map
from avistar.evaluation.significance import margins, sign_test
from avistar.records import Review
from avistar.scan import Scan
from avistar.survey import identify_pending, open_survey, take_in
from avistar_gui.analysis import jobs as computing_module
from avistar_gui.analysis import map_controller, texts
from avistar_gui.analysis import source_loader as opening_module
from avistar_gui.analysis.controller import AnalysisController
from avistar_gui.analysis.data import cache, worker
from avistar_gui.analysis.data.cache import CachedMap, map_file, places_of, read_map, wanted_rows, write_map
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.sources import (
    NothingToJudge,
    StudyCancelled,
    StudyRequest,
    SurveyPlace,
    choice_of,
    known_bundles,
    read_reviewed,
)
from avistar_gui.analysis.data.worker import WorkerRequest, WorkerResult
from avistar_gui.analysis.views.changed_answers import FIRST, SECOND_AHEAD, ChangesModel
from avistar_gui.analysis.views.species_table import save_species
from avistar_gui.shell.translation import Translation
from support import encoded, picture, tiny_bundle

PHOTOS, STRANGERS = 24, 3


@pytest.fixture(autouse=True)
def english(qapp):
    translation = Translation(qapp, "en")
    yield
    translation.use("en")


@pytest.fixture
def bundle(tmp_path):
    return tiny_bundle(tmp_path / "tiny")


def make_survey(tmp_path: Path, bundle, *, name: str = "card") -> Path:
    """24 photos, answered by the bundle; the first is called wrong, the last three show none of the species."""
    folder, path = tmp_path / name, tmp_path / f"{name}.avistar"
    folder.mkdir()
    for number in range(PHOTOS):
        (folder / f"IMG_{number:02}.jpg").write_bytes(encoded(picture(number, (80, 60))))
    with Classifier.open(bundle.folder, "cpu") as classifier, open_survey(path, [str(folder)], classifier) as survey:
        take_in(survey, Scan([str(folder)]))
        for _ in identify_pending(survey, classifier):
            pass
        ids = [one.id for one in classifier.species]
        for number, id in enumerate(survey.ids()):
            answers = survey.records_of([id])[0].identification.probabilities
            called = int(answers.argmax()) if number else (int(answers.argmax()) + 1) % len(ids)
            say(survey, id, "" if number >= PHOTOS - STRANGERS else ids[called])
    return path


def say(survey: Catalogue, id: int, species: str) -> None:
    survey.review([id], Review("species" if species else "unknown", species, "Ana", datetime(2026, 5, 1, tzinfo=UTC)))


@pytest.fixture
def survey(tmp_path, bundle) -> Path:
    return make_survey(tmp_path, bundle)


@pytest.fixture
def study(survey):
    return read_reviewed(survey)


@pytest.fixture
def opened(survey) -> list[SurveyPlace]:
    """The survey that is open elsewhere: the first of the list, none where that is empty."""
    return [SurveyPlace(str(survey), str(survey.parent / "card"))]


@pytest.fixture
def analysis(qapp, settings, bundle, opened, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(opening_module, "known_bundles", lambda _: [choice_of(bundle)])
    monkeypatch.setattr(cache, "answers_folder", lambda: tmp_path / "answers")
    controller = AnalysisController(settings, survey=lambda: opened[0] if opened else None)
    controller.page.resize(1200, 700)
    controller.page.show()
    qtbot.waitUntil(lambda: bool(controller.opening.bundles))
    qtbot.waitUntil(lambda: not controller.opening.reading)
    yield controller
    controller.finish()
    controller.page.close()
    controller.page.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def own(analysis, qtbot):
    analysis.page.source_wanted.emit(StudyRequest("survey"))
    qtbot.waitUntil(lambda: analysis.study is not None and analysis.study.survey is not None)
    qtbot.waitUntil(lambda: analysis.pictures.place is not None)
    return analysis


# What is judged


def test_the_stored_answer_is_judged_by_what_people_say(study, survey):
    assert len(study.files) == PHOTOS - STRANGERS
    assert len(study.errors()) == 1
    assert study.files[study.errors()[0]] == "IMG_00.jpg"
    with Catalogue.read(survey) as catalogue:
        stored = catalogue.records_of(catalogue.ids()[:1])[0].identification.probabilities
    assert np.array_equal(study.probabilities[0], stored)
    assert study.counts().tolist() == [list(row) for row in study.report.confusion]


def test_photos_of_none_of_the_species_are_counted_apart(study, survey):
    apart = study.survey.apart
    with Catalogue.read(survey) as catalogue:
        records = catalogue.records_of(catalogue.ids()[-STRANGERS:])
    unknown = sum(record.identification.decision.kind == "unknown" for record in records)
    assert (apart.strangers, apart.strangers_unknown) == (STRANGERS, unknown)
    assert f"Not one of the species: {STRANGERS}, of which {unknown} came out unknown" in texts.apart_note(study)


def test_names_of_photos_that_trained_the_model_are_noticed(tmp_path, bundle, monkeypatch):
    from avistar.split import LabelledPhoto, Split
    from avistar_gui.analysis.data import sources

    seen = Split(0, (LabelledPhoto("card/IMG_05.jpg", "wolf"),), (LabelledPhoto("card/IMG_06.jpg", "wolf"),), ())
    monkeypatch.setattr(sources, "read_split", lambda _: seen)
    study = read_reviewed(make_survey(tmp_path, bundle), [bundle.folder])
    assert study.survey.apart.trained == 2
    assert "2 of them bear the name of a photo that trained it" in texts.study_note(study)


def test_a_survey_without_reviews_says_what_to_do(tmp_path, bundle):
    path = make_survey(tmp_path, bundle, name="bare")
    with Catalogue.open(path) as catalogue:
        while catalogue.undo():
            pass
    with pytest.raises(NothingToJudge) as raised:
        read_reviewed(path)
    assert "press 1 to accept" in texts.nothing_to_judge(raised.value.apart)


def test_a_survey_in_which_only_strangers_were_reviewed_can_not_be_judged(tmp_path, bundle):
    path = make_survey(tmp_path, bundle)
    with Catalogue.open(path) as catalogue:
        for id in catalogue.ids():
            say(catalogue, id, "")
    with pytest.raises(NothingToJudge) as raised:
        read_reviewed(path)
    assert raised.value.apart.strangers == PHOTOS


def test_reading_ends_soon_when_nobody_waits_for_it(survey):
    with pytest.raises(StudyCancelled):
        read_reviewed(survey, cancelled=lambda: True)
    with Catalogue.read(survey) as catalogue:
        assert catalogue.reviewed(lambda: True).photos == ()


def test_a_damaged_bundle_does_not_hide_the_others(tmp_path, monkeypatch):
    tiny_bundle(tmp_path / "models" / "whole")
    (tiny_bundle(tmp_path / "models" / "broken").folder / "manifest.json").write_text("{")
    names = [Path(one.folder).name for one in known_bundles([str(tmp_path / "models")])]
    assert "whole" in names
    assert "broken" not in names


def test_a_single_reviewed_photo_is_a_study(tmp_path, bundle, analysis, qtbot):
    path = make_survey(tmp_path, bundle, name="one")
    with Catalogue.open(path) as catalogue:
        while len(catalogue.undo()) and catalogue.counts().reviewed > 1:
            pass
    study = read_reviewed(path)
    assert len(study.files) == 1
    analysis.page.source_wanted.emit(StudyRequest("survey", str(path)))
    qtbot.waitUntil(lambda: analysis.study is not None)
    assert "at least four photos" in analysis.page.map.no_map.text()
    for view in ("matrix", "species", "pairs"):
        analysis.page.figures.segments.choose(view)
        analysis.page.grab()


# Maps


def test_a_map_is_kept_by_content_and_only_for_its_artifact(tmp_path):
    kept = CachedMap("sha", ("aa", "bb"), np.ones((2, 3), np.float16), np.array([[1, 2], [3, 4]], np.float32))
    path = map_file(str(tmp_path / "card.avistar"))
    write_map(path, kept)
    again = read_map(path)
    assert np.array_equal(again.places, kept.places)
    places = places_of(again, ["bb", "new", "aa"], "sha")
    assert places[0].tolist() == [3, 4]
    assert np.isnan(places[1]).all()
    assert places_of(again, ["aa"], "another").shape == (0, 2)
    assert places_of(again, ["new"], "sha").shape == (0, 2)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"x" * 500])
def test_a_map_that_can_not_be_read_is_none(tmp_path, content):
    path = tmp_path / "card.map.npz"
    path.write_bytes(content)
    assert read_map(path) is None


def test_of_many_photos_a_fair_and_lasting_draw_is_on_the_map():
    contents = [f"{(7919 * i) % 1000:04}" for i in range(100)] + [""]
    few = wanted_rows(contents, most=10)
    assert len(few) == 10
    assert set(few) <= set(wanted_rows([*contents, "9999"], most=10))
    assert len(wanted_rows(contents)) == 100


def test_equal_or_few_photos_have_no_map():
    assert embedding_map(np.ones((9, 4)), lambda *_: None).shape == (0, 2)
    assert embedding_map(np.eye(3), lambda *_: None).shape == (0, 2)


def test_progress_is_read_from_what_scikit_learn_prints():
    told = []
    progress = _Iterations(lambda *at: told.append(at))
    progress.write("[t-SNE] Computed neighbors for 9 samples in 0.001s...\n[t-SNE] Iteration 50: er")
    progress.write("ror = 1.2, gradient\n[t-SNE] Iteration 1000: error = 0.1\n")
    assert told == [(50, 1000), (1000, 1000)]


def ask_for(tmp_path, bundle, **changes) -> tuple[Path, WorkerRequest]:
    photos = []
    for number in range(9):
        photos.append(str(tmp_path / f"{number}.jpg"))
        Path(photos[-1]).write_bytes(encoded(picture(number)) if number != 4 else b"no photo")
    request = WorkerRequest(
        folder=str(bundle.folder),
        file=changes.pop("file", "model.onnx"),
        photos=photos,
        boxes=[None] * 8 + [[0.1, 0.1, 0.5, 0.5]],
        result=str(tmp_path / "result.npz"),
        **changes,
    )
    path = tmp_path / "request.json"
    request.write(path)
    return path, request


def lines(out: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in out.getvalue().splitlines() if line.startswith("{")]


def test_the_looking_program_answers_leaves_broken_photos_out_and_lays_out_the_rest(tmp_path, bundle):
    path, request = ask_for(tmp_path, bundle, on_map=True)
    out = io.StringIO()
    assert worker.look(path, out) == 0
    looked = WorkerResult.load(Path(request.result))
    assert looked.read.tolist() == [number != 4 for number in range(9)]
    assert np.isnan(looked.places[4]).all()
    assert np.isfinite(looked.places[looked.read]).all()
    with Classifier.open(bundle.folder, "cpu") as classifier:
        assert int(looked.logits[0].argmax()) == int(classifier.identify(request.photos[0]).probabilities.argmax())
    said = lines(out)
    assert said[-1]["event"] == "done"
    assert {one["what"] for one in said if one["event"] == "progress"} == {"look", "neighbours", "layout"}


def test_photos_that_a_map_knows_are_not_looked_at_again(tmp_path, bundle):
    path, request = ask_for(tmp_path, bundle, on_map=True)
    worker.look(path, io.StringIO())
    first = WorkerResult.load(Path(request.result))
    Path(request.result).unlink()
    known = tmp_path / "known.npz"
    rows = np.flatnonzero(first.read)
    np.savez(known, rows=rows, embedding=first.embedding[rows])
    for photo in request.photos:
        Path(photo).unlink()
    path, request = ask_for(tmp_path, bundle, on_map=True, known=str(known))
    for photo in request.photos:
        Path(photo).unlink()
    assert worker.look(path, io.StringIO()) == 0
    again = WorkerResult.load(Path(request.result))
    assert again.read.tolist() == first.read.tolist()
    assert np.allclose(again.places[rows], first.places[rows], atol=1)


def test_an_artifact_that_is_not_there_is_said(tmp_path, bundle):
    path, _ = ask_for(tmp_path, bundle, file="model.fp64.onnx")
    out = io.StringIO()
    assert worker.look(path, out) == 1
    assert "no artifact model.fp64.onnx" in lines(out)[-1]["text"]


# Comparing


def test_flips_begin_with_those_where_both_were_sure(study):
    other = changed(study, [3, 5])
    comparison = Comparison.of(study, other)
    assert set(comparison.flipped) == {3, 5}
    least = np.minimum(comparison.flip.first_margin, comparison.flip.second_margin)
    assert (np.diff(least) <= 0).all()
    assert len(comparison.only_first) == 2
    assert len(comparison.only_second) == 0
    assert comparison.second_report.top1 < comparison.first_report.top1


def changed(study, rows):
    """The same photos with other answers to `rows`."""
    from dataclasses import replace

    from avistar_gui.analysis.data.study import judged

    probabilities = study.probabilities.copy()
    probabilities[rows] = np.roll(probabilities[rows], 1, axis=1)
    return replace(
        study,
        name="another",
        probabilities=probabilities,
        report=judged(probabilities, study.truth, study.species),
        survey=None,
    )


def test_studies_without_a_common_photo_are_not_compared(study):
    from dataclasses import replace

    assert Comparison.of(study, replace(study, files=tuple(f"x{file}" for file in study.files))) is None


@pytest.mark.parametrize(("one", "other", "chance"), [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (1, 9, 0.021484375)])
def test_chance_is_that_of_a_fair_coin(one, other, chance):
    assert sign_test(one, other) == pytest.approx(chance)
    assert sign_test(other, one) == pytest.approx(chance)


def test_chance_of_many_is_close_to_the_exact_one():
    assert sign_test(1100, 1000) == pytest.approx(0.0308, abs=0.001)


def test_a_margin_is_the_lead_of_the_likeliest():
    assert margins(np.array([[0.1, 0.7, 0.2]], np.float32))[0] == pytest.approx(0.5)


def test_the_table_of_flips_sorts_and_names_its_photos(study, qtmodeltester):
    model = ChangesModel()
    model.show_comparison(study, Comparison.of(study, changed(study, [3, 5])))
    qtmodeltester.check(model)
    assert model.rowCount() == 2
    model.sort(SECOND_AHEAD)
    first = float(model.index(0, SECOND_AHEAD).data().split()[0])
    assert first <= float(model.index(1, SECOND_AHEAD).data().split()[0])
    assert model.index(0, FIRST).data().startswith("✓ ")
    assert model.study_row(0) in (3, 5)


def test_the_table_of_species_is_saved_with_intervals(study, tmp_path):
    from avistar_gui.analysis import texts

    save_species(tmp_path / "species.csv", study.report.species, texts.names(study))
    head, *rows = (tmp_path / "species.csv").read_text("utf-8-sig").splitlines()
    assert head.startswith("species,name,photos,recall,recall_low,recall_high,precision")
    assert len(rows) == 30
    empty = next(row for row, score in zip(rows, study.report.species, strict=True) if not score.photos)
    assert ",0,,,,,,,,," in empty


# The page


def test_own_photos_fill_every_view_and_show_their_pictures(own, qtbot):
    page = own.page
    assert page.photos.number.text() == "21 photos  ·  1 error"
    assert "accepting answers at a glance" in page.note.text()
    assert "Not one of the species: 3" in page.apart.text()
    assert page.photos.missing.isHidden()
    qtbot.waitUntil(lambda: own.photos.index(0).data(Qt.ItemDataRole.DecorationRole) is not None)
    assert "trained nothing" in page.map.loss.nothing or "only judged" in page.map.loss.nothing
    page.map.segments.choose("curves")
    page.map.loss.grab()
    page.photos.errors.click()
    assert own.photos.rowCount() == 1


def test_without_an_open_survey_the_page_says_how_to_get_one(analysis, opened, qtbot):
    opened.clear()
    analysis.survey_changed()
    analysis.page.source_wanted.emit(StudyRequest("survey"))
    assert "No survey is open" in analysis.page.empty.text()
    assert analysis.page.source.currentText() == "My reviewed photos"


def test_another_surveys_file_can_be_chosen_and_a_wrong_one_is_told(own, survey, tmp_path, qtbot):
    before = own.study
    wrong = tmp_path / "wrong.avistar"
    wrong.write_text("nothing")
    own.page.source_wanted.emit(StudyRequest("survey", str(wrong)))
    qtbot.waitUntil(own.page.banner.isVisible)
    assert "wrong.avistar" in own.page.banner.title.text()
    assert own.study is before
    own.page.source_wanted.emit(StudyRequest("survey", str(survey)))
    qtbot.waitUntil(lambda: own.study is not before)
    assert own.page.source.currentText() == "My reviewed photos: card"


def test_what_is_reviewed_meanwhile_is_judged_when_the_screen_is_seen_again(own, survey, qtbot):
    with Catalogue.open(survey) as catalogue:
        catalogue.undo()
        say(catalogue, catalogue.ids()[-1], "wolf")
    own.survey_changed()
    own.page.enter()
    qtbot.waitUntil(lambda: len(own.study.files) == PHOTOS - STRANGERS + 1)


def test_the_map_is_made_in_another_process_and_kept(own, survey, qtbot):
    pane = own.page.map
    assert pane.map.is_empty
    assert pane.make.isEnabled()
    pane.make.click()
    assert own.computing.running
    assert not pane.make.isEnabled()
    assert own.page.work.isVisible()
    qtbot.waitUntil(lambda: not own.computing.running)
    qtbot.waitUntil(lambda: not pane.map.is_empty)
    assert np.isfinite(read_reviewed(survey).map).all()
    own.page.map.map.lassoed.emit(np.arange(5))
    assert own.photos.rowCount() == 5


def test_the_apps_process_never_loads_scikit_learn():
    program = "import sys; import avistar_gui.app, avistar_gui.analysis.controller; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "avistar.evaluation.embedding_map" in loaded
    assert not loaded & {"sklearn", "scipy", "tensorflow", "keras"}


def test_closing_the_app_ends_the_process_and_clears_its_folder(own, qtbot, monkeypatch):
    monkeypatch.setattr(
        computing_module, "avistar_command", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"]
    )
    own.page.map.make.click()
    qtbot.waitUntil(lambda: own.computing._child.running)
    folder = own.computing._folder
    own.finish()
    assert not own.computing._child.running
    assert not folder.exists()


def test_photos_that_are_gone_are_told_and_nothing_is_kept(own, survey, qtbot):
    shutil.rmtree(survey.parent / "card")
    own.page.map.make.click()
    qtbot.waitUntil(lambda: not own.computing.running)
    assert "none of the 21 photos could be read" in own.page.work.step.text()
    assert not map_file(str(survey)).exists()


def test_strangers_that_were_named_are_listed(tmp_path, bundle, analysis, qtbot):
    path = make_survey(tmp_path, bundle, name="strangers")
    study = read_reviewed(path)
    with Catalogue.read(path) as catalogue:
        ids = catalogue.ids()[-STRANGERS:]
        named = sum(one.identification.decision.kind != "unknown" for one in catalogue.records_of(ids))
    assert named, "the tiny bundle names everything"
    assert len(study.survey.named.files) == named
    analysis.page.source_wanted.emit(StudyRequest("survey", str(path)))
    qtbot.waitUntil(lambda: analysis.page.named.isVisible())
    assert analysis.page.named.text() == f"Show the {named} that were named"
    analysis.page.named.click()
    assert analysis.page.photos.heading.text() == "Named, though none of the species"
    assert analysis.photos.rowCount() == named
    assert analysis.photos.index(0).data().startswith("None of the species → ")
    analysis.page.photos.clear.click()
    assert analysis.photos.rowCount() == PHOTOS - STRANGERS


def test_a_bundle_that_was_added_later_is_offered_once_it_is_opened(analysis, tmp_path, qtbot, monkeypatch):
    from avistar_gui.analysis.data import sources

    other = tiny_bundle(tmp_path / "later", "later")
    monkeypatch.setattr(opening_module, "known_bundles", sources.known_bundles)
    analysis.open(str(other.folder))
    qtbot.waitUntil(lambda: any(one.name == "later" for one in analysis.opening.bundles))
    names = [analysis.page.source.itemText(row) for row in range(analysis.page.source.count())]
    assert "later: test photos" in names


def test_why_there_is_nothing_is_said_in_the_language_of_the_moment(analysis, opened, qapp):
    opened.clear()
    analysis.survey_changed()
    analysis.page.source_wanted.emit(StudyRequest("survey"))
    spanish = Translation(qapp, "es")
    qapp.sendPostedEvents()
    qapp.processEvents()
    assert "No hay ningún muestreo abierto" in analysis.page.empty.text()
    spanish.use("en")


def test_a_map_that_is_cancelled_leaves_nothing(own, survey, qtbot, monkeypatch):
    ended = []
    monkeypatch.setattr(
        computing_module, "avistar_command", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"]
    )
    own.computing.ended.connect(lambda said, _: ended.append(said))
    own.page.map.make.click()
    qtbot.waitUntil(lambda: own.computing._child.running)
    folder = own.computing._folder
    own.page.work.button.click()
    qtbot.waitUntil(lambda: not own.computing.running)
    assert ended == ["Making the map: Cancelled."]
    assert not folder.exists()
    assert not map_file(str(survey)).exists()
    assert own.page.map.make.isEnabled()


def test_a_map_cancelled_while_it_is_prepared_never_starts(own, qtbot):
    own.page.map.make.click()
    own.computing.cancel()
    assert not own.computing.running
    qtbot.wait(50)
    assert not own.computing._child.running


def test_a_program_that_fails_says_why(own, qtbot, monkeypatch):
    script = 'print(\'{"event": "failed", "text": "no room"}\'); raise SystemExit(1)'
    monkeypatch.setattr(computing_module, "avistar_command", lambda *_: [sys.executable, "-c", script])
    own.page.map.make.click()
    qtbot.waitUntil(lambda: not own.computing.running)
    assert own.page.work.step.text() == "no room"


def test_without_scikit_learn_the_map_says_how_to_get_it(own, monkeypatch):
    monkeypatch.setattr(map_controller.util, "find_spec", lambda _: None)
    own.mapping.refresh()
    assert "pip install 'avistar[gui]'" in own.page.map.no_map.text()
    assert own.page.map.make.isHidden()


def test_without_the_model_that_answered_the_map_says_so(own):
    own.mapping.enter(own.study, [])
    assert "tiny" in own.page.map.no_map.text()
    assert own.page.map.make.isHidden()


def offer_too(controller, bundle, other, qtbot, monkeypatch) -> None:
    """Let another bundle turn up on this computer."""
    monkeypatch.setattr(opening_module, "known_bundles", lambda _: [choice_of(bundle), choice_of(other)])
    controller.page.enter()
    qtbot.waitUntil(lambda: controller.page.second.count() == 2)


def test_another_artifact_answers_in_the_background_once(own, bundle, tmp_path, qtbot, monkeypatch):
    offered = [own.page.second.itemText(row) for row in range(own.page.second.count())]
    assert offered == ["none"], "the artifact that is shown is not offered"
    other = tiny_bundle(tmp_path / "other", "other")
    offer_too(own, bundle, other, qtbot, monkeypatch)
    assert own.page.second.itemText(1) == "other · fp32"
    qtbot.waitUntil(lambda: own.pictures.place is not None)
    wish = StudyRequest.of(own.page.second.itemData(1))
    own.page.second_wanted.emit(wish)
    qtbot.waitUntil(own.page.banner.isVisible)
    assert "other · fp32 has not answered all of these photos" in own.page.banner.title.text()
    own.page.banner.action.click()
    button = own.page.differences["flipped"]
    qtbot.waitUntil(button.isVisible)
    assert button.text() == "Different answers: 0"
    assert own.page.verdict.text() == "Both are right on the same photos."
    assert own.page.figures.segments.buttons["flips"].isHidden()
    own.page.second_wanted.emit(StudyRequest("none"))
    own.page.second_wanted.emit(wish)
    qtbot.waitUntil(button.isVisible)
    assert own.page.banner.isHidden()


def test_only_photos_that_it_never_saw_are_answered_later(own, survey, bundle, tmp_path, qtbot, monkeypatch):
    other = tiny_bundle(tmp_path / "other", "other")
    offer_too(own, bundle, other, qtbot, monkeypatch)
    wish = StudyRequest.of(own.page.second.itemData(1))
    own.page.second_wanted.emit(wish)
    qtbot.waitUntil(own.page.banner.isVisible)
    own.page.banner.action.click()
    qtbot.waitUntil(lambda: own._comparison is not None)
    with Catalogue.open(survey) as catalogue:
        catalogue.undo()
        say(catalogue, catalogue.ids()[-1], "wolf")
    own.survey_changed()
    own.page.enter()
    qtbot.waitUntil(lambda: len(own.study.files) == PHOTOS - STRANGERS + 1)
    qtbot.waitUntil(lambda: own.pictures.place is not None)
    own.page.second_wanted.emit(wish)
    qtbot.waitUntil(lambda: own._comparison is not None)
    assert own._comparison.common == PHOTOS - STRANGERS
    assert "look at 1 photo " in own.page.banner.detail.text()
    own.page.banner.action.click()
    qtbot.waitUntil(lambda: own._comparison.common == PHOTOS - STRANGERS + 1)


def test_answers_are_kept_by_content_and_a_broken_file_of_them_is_none(tmp_path):
    nothing = np.zeros((0, 0), np.float16)
    path = tmp_path / "answers" / "a.npz"
    read, logits = np.array([True, False, True]), np.arange(6, dtype=np.float32).reshape(3, 2)
    cache.add(path, ["aa", "bb", "cc"], WorkerResult(read, logits, nothing, nothing))
    cache.add(path, ["dd", "aa"], WorkerResult(np.ones(2, bool), logits[:2] + 9, nothing, nothing))
    known = cache.read_known(path)
    assert set(known.keys) == {"aa", "cc", "dd"}
    found = cache.looked_up(known, ["aa", "bb", "cc"])
    assert found.read.tolist() == [True, False, True]
    assert found.logits[0].tolist() == [11, 12]
    path.write_bytes(b"nothing")
    assert cache.read_known(path) is None
    assert cache.looked_up(None, ["aa"]) is None


def test_a_flip_is_chosen_from_its_table(own, qtbot):
    study = own.study
    own.show_comparison(Comparison.of(study, changed(study, [3, 5])))
    figures = own.page.figures
    assert figures.segments.buttons["flips"].isVisible()
    figures.segments.choose("flips")
    figures.flips.clicked.emit(own.flips.index(0, 0))
    assert own.photos.rows() == [own.flips.study_row(0)]
    assert "ahead by" in own.photos.index(0).data(Qt.ItemDataRole.ToolTipRole)
    own.show_comparison(None)
    assert figures.segments.buttons["flips"].isHidden()


def test_the_table_of_species_is_saved_where_the_user_says(own, tmp_path, qtbot):
    own.page.save_wanted.emit(str(tmp_path / "species.csv"))
    qtbot.waitUntil((tmp_path / "species.csv").exists)
    own.page.save_wanted.emit(str(tmp_path / "nowhere" / "species.csv"))
    qtbot.waitUntil(own.page.banner.isVisible)
    assert "nowhere" in own.page.banner.title.text()

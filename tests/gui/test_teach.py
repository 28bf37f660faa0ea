"""The Teach screen: counts first, then a lesson, then what becomes of it; the survey is answered again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adaptation_support import write_base, write_photos
from avistar import Classifier, ModelBundle, Species
from avistar.adaptation import cross_validation
from avistar.adaptation.suggestion import review_next
from avistar.adaptation.survey_embeddings import SurveyEmbeddings, place_of
from avistar.catalogue import Catalogue, Query
from avistar.records import Review, Sighting
from avistar.scan import Scan
from avistar.survey import identify_pending, open_survey, take_in
from avistar_gui.app import App, opener
from avistar_gui.identify.session.statement import naming
from avistar_gui.teach.controller import TeachController
from avistar_gui.teach.lessons import free_name

NEW = {"red_fox": "Red fox", "Wild Boar": "Wild boar"}


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    return write_base(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def card(tmp_path: Path, base: ModelBundle, settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A survey in the library: five cameras, reviewed but the photos of the last."""
    monkeypatch.setattr(cross_validation, "ALIKE", 0.99999)
    folder, surveys = tmp_path / "valley", Path(settings.surveys_folder)
    for number in range(5):
        write_photos(folder / f"camera {number}", {"red_fox": 4, "Wild Boar": 4, "wolf": 2}, first=9000 + 100 * number)
    surveys.mkdir()
    settings.ask_first = False
    with Classifier.open(base.folder, "cpu") as classifier:
        catalogue = open_survey(surveys / "valley.avistar", [str(folder)], classifier)
        take_in(catalogue, Scan([str(folder)]))
        kept = SurveyEmbeddings.of(catalogue.path, classifier, write=True)
        for _ in identify_pending(catalogue, classifier, keep=kept.keep):
            pass
        kept.close()
    made = catalogue.species.add([Species("", name, name, "", "") for name in NEW.values()], "Ana")
    ids = dict(zip(NEW, (one.id for one in made), strict=True)) | {"wolf": "wolf"}
    at = datetime(2026, 5, 1, tzinfo=UTC)
    for number in range(4):
        for name, id in ids.items():
            chosen = catalogue.ids(Query(text=f"camera {number}/{name}"))
            catalogue.review(chosen, Review("species", id, "Ana", at))
    catalogue.close()
    return folder


@pytest.fixture
def app(make_desk: Callable[..., App], base: ModelBundle, card: Path, qtbot) -> App:
    app = make_desk(opener("cpu"))
    app.start([str(card)], str(base.folder))
    qtbot.waitUntil(lambda: app.identify.session.counts.total == 50)
    return app


def stocked(app: App, qtbot) -> TeachController:
    teach = app.go("teach")
    assert isinstance(teach, TeachController)
    qtbot.waitUntil(lambda: teach._plan is not None and teach._origin is not None)
    return teach


def column(teach: TeachController, number: int) -> list[str]:
    table = teach.page.stock
    return [table.item(row, number).text() for row in range(table.rowCount())]


def test_without_a_survey_it_says_what_to_do(controller: App, qtbot) -> None:
    controller.start()
    teach = controller.go("teach")
    assert teach.page.ready.text().startswith("Open a survey and review")
    assert not teach.page.learn.isEnabled()


def test_without_reviews_it_says_where_to_make_some(controller: App, photos: Path, qtbot) -> None:
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10)
    teach = controller.go("teach")
    qtbot.waitUntil(lambda: teach.page.ready.text().startswith("no photo is reviewed yet: say on Identify"))
    assert not teach.page.learn.isEnabled()


def test_it_says_how_much_there_is_before_anything_is_learned(app: App, qtbot) -> None:
    teach = stocked(app, qtbot)
    assert column(teach, 0) == ["Red fox", "Wild boar", "Wolf"]
    assert column(teach, 1) == ["16", "16", "8"]
    assert column(teach, 2) == ["4", "4", "4"]
    assert column(teach, 3) == ["new", "new", ""]
    assert "40 photos" in teach.page.ready.text()
    assert "taught nothing here yet" in teach.page.in_use.text()
    assert teach.page.back.isHidden()
    assert teach.page.learn.isEnabled()
    assert teach.page.name.text() == "valley"


def test_what_is_too_little_is_said(app: App, qtbot) -> None:
    session = app.identify.session
    badger = session.id_of(str(next(Path(session.survey_folder).rglob("*.png"))))
    new = Species("", "Badger", "Tejón", "Meles meles", "Badger")
    session.reviews.add(new, [badger], lambda id: naming(Sighting("species", id)), "")
    qtbot.waitUntil(lambda: len(session.species()) > 32)
    teach = stocked(app, qtbot)
    qtbot.waitUntil(lambda: "Badger" in column(teach, 0))
    assert column(teach, 3)[column(teach, 0).index("Badger")] == "1 of 3 photos needed"


@pytest.fixture
def learned(app: App, qtbot) -> TeachController:
    teach = stocked(app, qtbot)
    teach.page.learn.click()
    assert teach.page.work.running
    qtbot.waitUntil(lambda: teach._lesson is None)
    return teach


def test_a_lesson_shows_what_got_better_and_nothing_is_written_yet(learned: TeachController, settings) -> None:
    outcome = learned._outcome
    assert outcome is not None
    assert outcome.verdict.passed
    view = learned.page.outcome
    assert view.headline.text().startswith("It got better:")
    assert view.lists["better"].rowCount() == sum(one.better for one in outcome.verdict.changed) > 20
    assert view.titles["better"].text() == f"Better: {view.lists['better'].rowCount()}"
    assert "→" in column(learned, 3)[0]
    assert not (Path(settings.surveys_folder).parent / "models").exists()


def test_used_it_answers_the_unreviewed_photos_again_and_one_click_goes_back(
    app: App, learned: TeachController, card: Path, base: ModelBundle, settings, qtbot
) -> None:
    for path in card.rglob("*.png"):  # nothing is read again
        path.unlink()
    session = app.identify.session
    with qtbot.waitSignal(session.answered_again, timeout=60_000) as told:
        learned.page.outcome.buttons["use"].click()
    assert told.args == [10, 0]
    assert session.classifier is not None
    assert session.classifier.provenance.bundle == "valley"
    folder = Path(settings.surveys_folder).parent / "models" / "valley"
    assert str(folder.parent) in settings.bundle_folders
    with Catalogue.read(session.survey_path) as catalogue:
        counts = catalogue.counts()
        assert counts.reviewed == 40
        assert counts.findings == {"red_fox": 20, "wild_boar": 20, "wolf": 10}
    qtbot.waitUntil(lambda: learned._origin is not None and bool(learned._origin.before_folder))
    assert "from 40 photos" in learned.page.in_use.text()
    assert learned.page.back.text() == f"Go back to {base.manifest.name}"
    with qtbot.waitSignal(session.answered_again, timeout=60_000) as told:
        learned.page.back.click()
    assert told.args == [10, 0]
    assert session.classifier.provenance.bundle == base.manifest.name


def test_both_can_be_kept_and_a_lesson_can_be_discarded(
    app: App, learned: TeachController, base: ModelBundle, settings, qtbot
) -> None:
    learned.page.outcome.buttons["keep"].click()
    qtbot.waitUntil(lambda: learned._lesson is None)
    folder = Path(settings.surveys_folder).parent / "models" / "valley"
    assert ModelBundle.open(folder).manifest.name == "valley"
    assert app.identify.session.classifier is not None
    assert app.identify.session.classifier.provenance.bundle == base.manifest.name
    assert "Kept as valley" in learned.page.banner.title.text()
    learned.page.learn.click()
    qtbot.waitUntil(lambda: learned._lesson is None and learned._outcome is not None)
    learned.page.outcome.buttons["discard"].click()
    assert learned._outcome is None
    assert [path.name for path in folder.parent.iterdir() if not path.name.startswith(".")] == ["valley"]


def test_a_refused_lesson_says_why_and_can_only_be_closed(app: App, learned: TeachController, qtbot) -> None:
    with qtbot.waitSignal(app.identify.session.answered_again, timeout=60_000):
        learned.page.outcome.buttons["use"].click()
    qtbot.waitUntil(lambda: learned._plan is not None and learned._plan.base.bundle.manifest.name == "valley")
    assert "taught this model before" in learned.page.remarks.text()
    learned.page.learn.click()
    qtbot.waitUntil(lambda: learned._outcome is not None)
    view = learned.page.outcome
    assert "can't be used" in view.headline.text()
    assert "All of these photos taught this model before" in view.reasons.text()
    assert view.buttons["use"].isHidden()
    assert view.buttons["discard"].text() == "Close"


def test_a_cancelled_lesson_leaves_nothing(app: App, qtbot) -> None:
    teach = stocked(app, qtbot)
    teach.learn()
    teach.page.work.button.click()
    assert teach._outcome is None
    assert "Nothing was changed" in teach.page.work.step.text()
    assert teach.page.learn.isEnabled()


def test_a_run_of_the_app_keeps_what_the_network_saw(app: App, card: Path, qtbot) -> None:
    write_photos(card / "camera 9", {"wolf": 2}, first=20_000)
    app.identify.session.look_again()
    qtbot.waitUntil(lambda: app.identify.session.counts.answered == 52)
    qtbot.waitUntil(lambda: not app.identify.session.running)
    with sqlite3.connect(place_of(Path(app.identify.session.survey_path))) as connection:
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (52,)
    connection.close()


def test_the_grid_can_begin_with_what_teaches_most(app: App, qtbot) -> None:
    session = app.identify.session
    with Catalogue.read(session.survey_path) as catalogue:
        wanted, everything = review_next(catalogue, 60), catalogue.ids()
    with qtbot.waitSignal(
        session.listed, check_params_cb=lambda ids: ids[: len(wanted)] == wanted, timeout=60_000
    ) as told:
        session.ask(Query(order="telling"))
    assert sorted(told.args[0]) == sorted(everything)
    assert wanted


def test_a_name_is_never_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "Card A").mkdir()
    assert free_name(tmp_path, "Card A") == "Card A 2"
    assert free_name(tmp_path, "../x") == "x"
    assert free_name(tmp_path, " / ") == "taught"

"""Everything that a person can say of a photo, by real keys in a real window: each thing, its details, remarks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from avistar import Classifier
from avistar.bundle import commit, draft
from avistar.catalogue import Catalogue, Query
from avistar.records import Review
from avistar.standing import standing_of
from avistar_gui.identify.photo_grid import marks_of
from avistar_gui.identify.remark_bar import RemarkBar
from avistar_gui.identify.species_dialog import SpeciesDialog
from avistar_gui.texts import Names, percent
from avistar_gui.widgets.theme import current
from support import tiny_graph

Key = Qt.Key


@pytest.fixture
def survey(controller, photos, qtbot):
    """A window with a folder of which everything is answered."""
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10, timeout=10_000)
    qtbot.waitUntil(lambda: controller.identify.page.cards_shown() == 3)
    controller.identify.page.grid.choose(0)
    return controller


def press(qtbot, survey, *keys):
    for key in keys:
        qtbot.keyClick(survey.identify.page.grid, key)


def record(survey, row=0):
    return survey.identify.session.record(survey.identify.photos.id_at(row))


def standing(survey, row=0):
    return [(one.what, one.count) for one in standing_of(record(survey, row))]


def name(qtbot, survey, text):
    """Type a name into the list of species."""
    dialog = next(one for one in survey.identify.page.findChildren(SpeciesDialog) if one.isVisible())
    qtbot.keyClicks(dialog.text, text)
    qtbot.keyClick(dialog.text, Key.Key_Return)


def first_card(survey):
    return survey.identify.reviewing.subject.answer.candidates[0].species.id


def test_a_count_is_one_more_key_and_goes_with_the_name(survey, qtbot):
    species, answers = first_card(survey), survey.identify.page.answers
    press(qtbot, survey, Key.Key_F3)
    assert answers.supposed.text() == "3 animals: now the species"
    press(qtbot, survey, Key.Key_1)
    qtbot.waitUntil(lambda: record(survey).review is not None)
    assert standing(survey) == [(species, 3)]
    assert survey.identify.page.grid.currentIndex().row() == 1
    press(qtbot, survey, Key.Key_1)  # the count was said once
    qtbot.waitUntil(lambda: record(survey, 1).review is not None)
    assert standing(survey, 1)[0][1] is None


def test_escape_takes_back_what_the_next_key_would_say_and_stops_no_run(survey, qtbot):
    species = first_card(survey)
    survey.window.activateWindow()
    survey.window.actions_["stop"].setEnabled(True)
    press(qtbot, survey, Key.Key_F2, Key.Key_Y, Key.Key_Escape, Key.Key_1)
    qtbot.waitUntil(lambda: record(survey).review is not None)
    assert standing(survey) == [(species, None)]


def test_another_species_is_added_to_what_is_there_by_two_keys(survey, qtbot):
    species = first_card(survey)
    press(qtbot, survey, Key.Key_Y, Key.Key_R)
    name(qtbot, survey, "Red fox")
    qtbot.waitUntil(lambda: record(survey).review is not None)
    assert standing(survey) == [(species, None), ("red_fox", None)]
    press(qtbot, survey, Key.Key_Y, Key.Key_H)
    qtbot.waitUntil(lambda: record(survey, 1).review is not None)
    assert [what for what, _ in standing(survey, 1)][1] == "person"
    survey.identify.page.grid.choose(0)
    rows = [row for row in survey.identify.page.answers.things.rows if row.isVisible()]
    qtbot.waitUntil(lambda: [row.name.text() for row in rows][1] == "Red fox")
    assert all(row.by.text() == "Ana" for row in rows[:2])
    survey.window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: record(survey, 1).review is None)


def test_details_are_said_of_the_chosen_thing_and_enter_goes_back(survey, qtbot):
    editor, grid = survey.identify.page.answers.editor, survey.identify.page.grid
    survey.window.activateWindow()
    press(qtbot, survey, Key.Key_O)
    assert editor.isVisible()
    qtbot.keyClicks(editor.count, "4")
    editor.behavior.setText("foraging")
    qtbot.keyClick(editor.count, Key.Key_Return)
    assert survey.window.focusWidget() is grid
    qtbot.waitUntil(lambda: record(survey).review is not None)
    editor.sex.setCurrentIndex(1)
    editor.sex.activated.emit(1)
    qtbot.waitUntil(lambda: record(survey).review.statement[0].sex == "female")
    [said] = record(survey).review.statement
    assert (said.count, said.behavior, said.life_stage) == (4, "foraging", "")
    assert grid.currentIndex().row() == 0
    survey.window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: record(survey).review.statement[0].sex == "")
    qtbot.waitUntil(lambda: editor.sex.currentIndex() == 0)


def test_details_said_quickly_one_after_the_other_are_all_stored(survey, qtbot):
    press(qtbot, survey, Key.Key_O)
    editor = survey.identify.page.answers.editor
    for number in (2, 3, 4, 5):
        editor.count.setValue(number)
    editor.stage.setCurrentIndex(3)
    editor.commit()
    qtbot.waitUntil(lambda: record(survey).review is not None and record(survey).review.statement[0].life_stage != "")
    [said] = record(survey).review.statement
    assert (said.count, said.life_stage) == (5, "juvenile")


def test_tab_goes_through_the_things_and_a_key_speaks_of_the_chosen_one(survey, qtbot):
    press(qtbot, survey, Key.Key_Y, Key.Key_R)
    name(qtbot, survey, "Red fox")
    qtbot.waitUntil(lambda: record(survey).review is not None)
    survey.identify.page.grid.choose(0)
    before = standing(survey)
    press(qtbot, survey, Key.Key_Tab, Key.Key_Tab)
    assert survey.identify.reviewing.subject.thing.what == "red_fox"
    press(qtbot, survey, Key.Key_F2)
    qtbot.waitUntil(lambda: standing(survey) == [before[0], ("red_fox", 2)])
    press(qtbot, survey, Key.Key_R)
    name(qtbot, survey, "beaver")
    qtbot.waitUntil(lambda: standing(survey) == [before[0], ("beaver", 2)])
    survey.identify.page.grid.choose(0)
    press(qtbot, survey, Key.Key_Tab, Key.Key_Tab, Key.Key_Delete)
    qtbot.waitUntil(lambda: standing(survey) == [before[0]])


def test_a_photo_with_one_thing_leaves_tab_to_the_window(survey, qtbot):
    survey.window.activateWindow()
    survey.identify.page.grid.setFocus()
    press(qtbot, survey, Key.Key_Tab)
    assert survey.window.focusWidget() is not survey.identify.page.grid


def test_a_comment_and_tags_are_one_key_and_stored_with_enter(survey, qtbot):
    remark, grid = survey.identify.page.answers.remark, survey.identify.page.grid
    survey.window.activateWindow()
    press(qtbot, survey, Key.Key_T)
    qtbot.keyClicks(remark.comment, "1 nest, look again")
    qtbot.keyClicks(remark.tags, "night, den")
    qtbot.keyClick(remark.tags, Key.Key_Return)
    assert survey.window.focusWidget() is grid
    qtbot.waitUntil(lambda: record(survey).remark is not None)
    assert (record(survey).remark.comment, record(survey).remark.tags) == ("1 nest, look again", ("night", "den"))
    assert record(survey).remark.reviewer == "Ana"
    assert survey.identify.session.counts.reviewed == 0  # a comment is no review
    qtbot.waitUntil(lambda: "#night" in remark.line.text())
    survey.window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: record(survey).remark is None)
    press(qtbot, survey, Key.Key_T)
    qtbot.keyClicks(remark.comment, "not meant")
    qtbot.keyClick(remark.comment, Key.Key_Escape)
    assert survey.window.focusWidget() is grid
    assert record(survey).remark is None


def test_a_tag_that_is_being_chosen_stays_chosen_while_photos_are_identified(qtbot):
    bar = RemarkBar()
    qtbot.addWidget(bar)
    bar.show()
    bar.show_tags(["den", "dead"])
    bar.enter()
    qtbot.keyClicks(bar.tags, "d")
    offered = bar.tags.completer().popup()
    qtbot.keyClick(offered, Key.Key_Down)
    bar.show_tags(["den", "dead"])
    assert offered.currentIndex().data() == "dead"


def test_a_comment_on_several_photos_is_put_beside_their_own(survey, qtbot):
    remark, grid, session = survey.identify.page.answers.remark, survey.identify.page.grid, survey.identify.session
    press(qtbot, survey, Key.Key_T)
    qtbot.keyClicks(remark.comment, "first")
    qtbot.keyClick(remark.comment, Key.Key_Return)
    qtbot.waitUntil(lambda: record(survey).remark is not None)
    grid.choose_all([0, 1])
    press(qtbot, survey, Key.Key_T)
    assert remark.comment.text() == ""
    qtbot.keyClicks(remark.comment, "both")
    qtbot.keyClicks(remark.tags, "den")
    qtbot.keyClick(remark.tags, Key.Key_Return)
    qtbot.waitUntil(lambda: record(survey, 1).remark is not None)
    rows = session.rows([survey.identify.photos.id_at(row) for row in (0, 1)])
    assert [(row.comment, row.tags) for row in rows] == [("first · both", ("den",)), ("both", ("den",))]


def test_what_is_being_written_is_stored_when_the_window_closes(survey, qtbot):
    path = survey.identify.session.survey_path
    press(qtbot, survey, Key.Key_T)
    qtbot.keyClicks(survey.identify.page.answers.remark.comment, "half a sen")
    survey.window.close()
    survey.finish()
    with Catalogue.read(path) as catalogue:
        assert [row.comment for row in catalogue.rows(catalogue.ids(Query(commented=True)))] == ["half a sen"]


def test_the_species_used_last_have_keys_that_stay(survey, qtbot):
    favourites = survey.identify.page.answers.favourites
    press(qtbot, survey, Key.Key_R)
    name(qtbot, survey, "Red fox")
    press(qtbot, survey, Key.Key_R)
    name(qtbot, survey, "beaver")
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 2)
    qtbot.waitUntil(lambda: "red_fox" in survey.identify.reviewing.favourites.all)
    places = survey.identify.reviewing.favourites.all
    key = "456789DFJK"[places.index("red_fox")]
    assert favourites.buttons[places.index("red_fox")].text().split() == [key, "Red", "fox"]
    press(qtbot, survey, Key(ord(key)), Key(ord(key)))
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 4)
    assert standing(survey, 3) == [("red_fox", None)]
    assert survey.identify.reviewing.favourites.all == places


def test_several_chosen_photos_are_said_to_be_several(survey, qtbot):
    answers, grid = survey.identify.page.answers, survey.identify.page.grid
    grid.choose_all([0, 2, 5])
    assert answers.headline.text() == "3 photos chosen"
    assert "The next key speaks of all 3" in answers.reason.text()
    press(qtbot, survey, Key.Key_N)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 3)
    assert answers.headline.text() != "3 photos chosen"


def test_two_peoples_words_are_both_shown(survey, settings, qtbot):
    species = first_card(survey)
    press(qtbot, survey, Key.Key_1)
    settings.reviewer = "Luis"
    survey.identify.page.grid.choose(0)
    press(qtbot, survey, Key.Key_N)
    qtbot.waitUntil(lambda: survey.identify.photos.photo(0).row.disagreed)
    survey.identify.page.grid.choose(0)
    reason = survey.identify.page.answers.reason.text()
    assert "Ana: " in reason
    assert "Luis: No animal" in reason
    assert species


def test_words_wait_in_their_order_while_the_disk_is_full(survey, qtbot, monkeypatch):
    real, species = Catalogue.review_each, first_card(survey)

    def full(self, said):
        raise OSError("no space left")

    monkeypatch.setattr(Catalogue, "review_each", full)
    press(qtbot, survey, Key.Key_O)
    editor = survey.identify.page.answers.editor
    editor.count.setValue(2)
    qtbot.waitUntil(lambda: survey.identify.session.reviews.blocked)
    editor.count.setValue(3)
    monkeypatch.setattr(Catalogue, "review_each", real)
    survey.identify.session.reviews.retry()
    qtbot.waitUntil(lambda: not survey.identify.session.reviews.blocked)
    qtbot.waitUntil(lambda: record(survey).review is not None)
    assert standing(survey) == [(species, 3)]
    with Catalogue.read(survey.identify.session.survey_path) as catalogue:
        said = catalogue.reviews(survey.identify.photos.id_at(0))
    assert [one.statement[0].count for one in said] == [2, 3]
    assert all(isinstance(one, Review) and one.at <= datetime.now(UTC) for one in said)


def test_marks_differ_for_accepted_corrected_unsure_and_commented(survey, qtbot):
    marks = lambda row: [icon for icon, _ in marks_of(survey.identify.photos.photo(row), current())]  # noqa: E731
    press(qtbot, survey, Key.Key_1, Key.Key_2, Key.Key_U)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 3)
    press(qtbot, survey, Key.Key_T)
    qtbot.keyClicks(survey.identify.page.answers.remark.comment, "what is it?")
    qtbot.keyClick(survey.identify.page.answers.remark.comment, Key.Key_Return)
    qtbot.waitUntil(lambda: survey.identify.photos.photo(3).row.comment != "")
    assert [marks(row) for row in range(5)] == [["accepted"], ["corrected"], ["unknown"], ["comment"], []]
    progress = survey.identify.page.progress
    assert progress.reviewed.text() == "3 of 10 reviewed"
    assert (progress.bar.value(), progress.bar.maximum()) == (3, 10)


def test_the_next_unreviewed_photo_has_a_key_and_a_survey_goes_on_there(survey, photos, qtbot):
    grid = survey.identify.page.grid
    press(qtbot, survey, Key.Key_N, Key.Key_N, Key.Key_N)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 3)
    grid.choose(0)
    press(qtbot, survey, Key.Key_S)
    qtbot.waitUntil(lambda: grid.currentIndex().row() == 3)
    survey.window.actions_["clear"].trigger()
    survey.open([str(photos)])
    qtbot.waitUntil(lambda: survey.identify.photos.rowCount() == 10)
    qtbot.waitUntil(lambda: grid.currentIndex().row() == 3)


def test_the_end_of_the_review_says_what_to_do_next(survey, qtbot):
    banner = survey.identify.page.banner
    survey.identify.page.grid.selectAll()
    press(qtbot, survey, Key.Key_N)
    qtbot.waitUntil(banner.isVisible)
    assert banner.title.text().startswith("All 10 photos are reviewed. 10 answers corrected.")
    banner.action.click()
    assert survey.window.actions_.places["export"].isChecked()


def test_what_people_said_can_be_filtered_and_cleared(survey, settings, qtbot):
    page, photos = survey.identify.page, survey.identify.photos
    people = page.filters.panel.people
    press(qtbot, survey, Key.Key_F3, Key.Key_1)
    press(qtbot, survey, Key.Key_Y, Key.Key_H)
    settings.reviewer = "Luis"
    press(qtbot, survey, Key.Key_H)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 3)
    press(qtbot, survey, Key.Key_T)
    qtbot.keyClicks(page.answers.remark.tags, "den")
    qtbot.keyClick(page.answers.remark.tags, Key.Key_Return)
    qtbot.waitUntil(lambda: people.tag.count() == 2 and people.reviewer.count() == 3)
    survey.window.actions_["filters"].trigger()
    for part, wanted in (("number", 0), ("several", 1)):
        people.checks[part].click()
        qtbot.waitUntil(lambda wanted=wanted: [photos.id_at(0), photos.rowCount()] == [wanted + 1, 1])
        people.checks[part].click()
        qtbot.waitUntil(lambda: photos.rowCount() == 10)
    for box, name, wanted in ((people.tag, "den", 4), (people.reviewer, "Luis", 3)):
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())
        qtbot.waitUntil(lambda wanted=wanted: [photos.id_at(0), photos.rowCount()] == [wanted, 1])
        assert page.progress.shown.text() == "1 of 10 shown"
        assert page.filters.more.text().strip() == "1"
        page.progress.clear.click()
        qtbot.waitUntil(lambda: photos.rowCount() == 10)
        assert page.progress.clear.isHidden()


def drawn(survey):
    return [(one.what, one.box is not None) for one in standing_of(record(survey))]


def test_a_box_is_drawn_named_moved_and_deleted_by_keys(survey, qtbot):
    species, view = first_card(survey), survey.identify.page.view
    qtbot.waitUntil(lambda: view.has_photo)
    press(qtbot, survey, Key.Key_M)
    assert "Draw a box" in survey.identify.page.answers.supposed.text()
    press(qtbot, survey, Key.Key_M)  # no mouse: one in the middle
    qtbot.waitUntil(lambda: record(survey).review is not None)
    assert drawn(survey) == [(species, True)]  # the one animal is there
    qtbot.waitUntil(lambda: survey.identify.reviewing.subject.thing is not None)
    before = survey.identify.reviewing.subject.thing.box
    for _ in range(3):
        qtbot.keyClick(survey.identify.page.grid, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: record(survey).review.sightings[0].box.left > before.left + 0.025)
    assert survey.identify.page.grid.currentIndex().row() == 0
    press(qtbot, survey, Key.Key_M, Key.Key_M)
    qtbot.waitUntil(lambda: drawn(survey) == [(species, True), ("unknown", True)])
    qtbot.waitUntil(lambda: survey.identify.reviewing.subject.chosen == 1)
    press(qtbot, survey, Key.Key_H)
    qtbot.waitUntil(lambda: drawn(survey) == [(species, True), ("person", True)])
    survey.identify.page.grid.choose(0)
    press(qtbot, survey, Key.Key_Tab, Key.Key_Tab, Key.Key_Delete)
    qtbot.waitUntil(lambda: drawn(survey) == [(species, True)])
    survey.window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: drawn(survey) == [(species, True), ("person", True)])


def test_escape_ends_drawing_and_another_photo_does_too(survey, qtbot):
    qtbot.waitUntil(lambda: survey.identify.page.view.has_photo)
    boxes = survey.identify.page.photo.boxes
    press(qtbot, survey, Key.Key_M, Key.Key_Escape)
    assert not boxes.drawing
    press(qtbot, survey, Key.Key_M)
    survey.identify.page.grid.choose(1)
    assert not boxes.drawing
    assert survey.identify.session.counts.reviewed == 0


def test_moving_to_another_photo_shows_the_panel_once(survey, qtbot, monkeypatch):
    answers, shown = survey.identify.page.answers, []
    show = type(answers).show_subject
    monkeypatch.setattr(type(answers), "show_subject", lambda *given: (shown.append(given), show(*given))[0])
    press(qtbot, survey, Key.Key_Right)
    assert len(shown) == 1


def test_a_second_models_word_is_shown_and_photos_of_which_models_differ_are_found(survey, tiny, tmp_path, qtbot):
    with draft(tmp_path / "other", start_from=tiny) as folder:
        (folder / "model.onnx").write_bytes(tiny_graph(seed=1))
        commit(folder, replace(tiny.manifest, name="other"), tmp_path / "other")
    session, page, photos = survey.identify.session, survey.identify.page, survey.identify.photos
    check = page.filters.panel.people.checks["models_differ"]
    assert check.isHidden()
    session.second._opener = Classifier.open
    ended = []
    session.second.answer(str(tmp_path / "other"), lambda *_: None, lambda *found: ended.append(found), ended.append)
    qtbot.waitUntil(lambda: bool(ended))
    found, differ = ended[0]
    assert (found.photos, found.unread) == (10, 0)
    qtbot.waitUntil(lambda: session.counts.models_differ == differ > 0)
    survey.window.actions_["filters"].trigger()
    qtbot.waitUntil(lambda: not check.isHidden())
    check.click()
    qtbot.waitUntil(lambda: photos.rowCount() == differ)
    page.grid.choose(0)
    [other] = record(survey).others
    said = "Unknown" if other.taxon is None else other.taxon.english
    assert f"other: {said} {percent(other.decision.confidence)} (differs)" in page.answers.reason.text()


def test_confidences_of_a_model_that_is_not_calibrated_are_no_promise(survey, classifier, qtbot):
    cards = survey.identify.page.answers.cards
    candidates = classifier.identify(Image.new("RGB", (64, 48))).candidates
    names = Names.of(classifier)
    cards[0].show_candidate(candidates[0], names)
    assert cards[0].words.text()
    assert "Confidences are calibrated" in cards[0].number.toolTip()
    cards[0].show_candidate(candidates[0], replace(names, calibrated=False))
    assert not cards[0].words.text()
    assert cards[0].number.toolTip().startswith("Not calibrated")

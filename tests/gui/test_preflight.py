"""Before a run: what is told of a new survey, what is chosen, and when it begins."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt

from avistar.catalogue import Catalogue, Counts, Query
from avistar.options import MediaChoices
from avistar.pipeline import Pace
from avistar.survey import identify_pending
from avistar_gui.identify.preflight.sheet import PreflightSheet, facts, headline, warnings
from avistar_gui.identify.preflight.site_dialog import SiteDialog
from avistar_gui.identify.session import survey as survey_module
from avistar_gui.identify.session.run import rate_after
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.start_facts import FEW, Preflight, usual_choices
from avistar_gui.identify.session.survey import ScanSummary
from avistar_gui.identify.session.survey_library import SurveyLibrary
from detector_support import bright_bundle
from media_support import write_video
from support import encoded, picture

MANY = 60


def shot(path: Path, seed: int, second: int | None = None) -> None:
    exif = Image.Exif()
    if second is not None:
        exif[0x0110] = "Trap 3"
        exif[0x8769] = {0x9003: f"2026:05:01 07:{second // 60:02}:{second % 60:02}"}
    path.write_bytes(encoded(picture(seed, (96, 72)), exif=exif))


@pytest.fixture(autouse=True)
def two_workers(monkeypatch):
    """A machine with many more would have answered everything while it measures its speed."""
    monkeypatch.setattr(Pace, "here", classmethod(lambda cls: cls(workers=2)))


@pytest.fixture
def card(tmp_path) -> Path:
    """Sixty photos of one camera, in bursts of four a second apart, a minute between two bursts."""
    folder = tmp_path / "card"
    folder.mkdir()
    for number in range(MANY):
        shot(folder / f"IMG_{number:02}.jpg", number, 60 * (number // 4) + number % 4)
    return folder


@pytest.fixture
def session(qapp, tmp_path, open_tiny):
    made = Session(open_tiny, SurveyLibrary(tmp_path / "surveys"))
    made.gate.ask_first = lambda: True
    yield made
    made.finish()


def until_told(qtbot, session) -> Preflight:
    qtbot.waitUntil(lambda: session.gate.preflight is not None and session.gate.preflight.per_second > 0)
    return session.gate.preflight


def until_done(qtbot, session, total):
    qtbot.waitUntil(lambda: session.progress.done == total == session.progress.total and not session.running)


def bursts(session) -> list[int]:
    with Catalogue.read(session.survey_path) as catalogue:
        return [row.burst for row in catalogue.rows(catalogue.ids())]


def test_a_new_survey_is_told_of_with_its_speed_and_waits(session, card, qtbot):
    session.open()
    session.add([str(card)])
    told = until_told(qtbot, session)
    assert (told.photos, told.videos, told.first) == (MANY, 0, True)
    assert told.choices == usual_choices()
    qtbot.waitUntil(lambda: not session.running)
    qtbot.wait(50)
    assert session.progress.done == FEW, "the photos that the speed was measured with are answered for good"
    assert session.gate.waits


def test_what_was_tried_first_is_not_identified_again(session, card, qtbot):
    got: list[int] = []
    session.answered.connect(got.extend)
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.begin(session.gate.preflight.choices)
    until_done(qtbot, session, MANY)
    assert len(got) == len(set(got)) == MANY
    assert session.gate.preflight is None


def test_bursts_are_answered_together_by_the_gap_that_was_chosen(session, card, qtbot):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    with qtbot.waitSignal(session.rearranged, timeout=60_000):
        session.begin(usual_choices(2.0))
    until_done(qtbot, session, MANY)
    qtbot.waitUntil(lambda: bursts(session) == [4] * MANY)
    id = session.id_of(str(card / "IMG_05.jpg"))
    assert [session.record(one).medium.relative for one in session.burst_of(id)] == [
        f"IMG_{number:02}.jpg" for number in range(4, 8)
    ]
    session.look_over()
    assert session.gate.preflight.first is False
    session.begin(usual_choices(None))
    qtbot.waitUntil(lambda: bursts(session) == [0] * MANY)
    assert session.burst_of(id) == [id]


def test_a_survey_that_was_begun_goes_on_without_a_question(session, card, qtbot, open_tiny):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.begin(usual_choices(7.0))
    until_done(qtbot, session, MANY)
    shot(card / "IMG_99.jpg", 7)
    told: list[object] = []
    session.gate.described.connect(told.append)
    session.clear()
    session.add([str(card)])
    until_done(qtbot, session, MANY + 1)
    assert not [one for one in told if one is not None]
    assert session.gate.choices.burst_gap == 7.0


def test_a_few_photos_are_answered_without_a_question(session, photos, qtbot):
    told: list[object] = []
    session.gate.described.connect(told.append)
    session.open()
    session.add([str(photos)])
    until_done(qtbot, session, 10)
    assert told == []


def test_later_is_later_also_after_a_restart(session, card, qtbot, open_tiny, tmp_path):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.stop()
    qtbot.waitUntil(lambda: not session.running)
    assert 0 < session.progress.done <= FEW
    session.finish()
    again = Session(open_tiny, SurveyLibrary(tmp_path / "surveys"))
    again.gate.ask_first = lambda: True
    try:
        again.open()
        again.add([str(card)])
        qtbot.waitUntil(lambda: again.gate.waits)
        again.resume()
        until_done(qtbot, again, MANY)
    finally:
        again.finish()


def test_a_detectors_file_that_speaks_of_other_photos_is_refused_and_the_choices_stay(session, card, tmp_path, qtbot):
    results = tmp_path / "md.json"
    content = {"images": [{"file": "elsewhere.jpg", "detections": []}], "detection_categories": {"1": "animal"}}
    results.write_text(json.dumps(content))
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    with qtbot.waitSignal(session.refused, timeout=60_000) as failed:
        session.begin(MediaChoices(detections=results))
    assert "elsewhere.jpg" in failed.args[0]
    assert session.gate.waits
    session.begin(usual_choices())
    until_done(qtbot, session, MANY)


def test_a_detectors_blanks_stay_blank_also_those_that_were_tried_first(session, card, tmp_path, qtbot):
    results = tmp_path / "md.json"
    images = [{"file": f"IMG_{number:02}.jpg", "detections": []} for number in range(MANY)]
    content = {"images": images, "detection_categories": {"1": "animal"}, "info": {"detector": "md_v5a"}}
    results.write_text(json.dumps(content))
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.begin(MediaChoices(detections=results))
    until_done(qtbot, session, MANY)
    qtbot.waitUntil(lambda: session.counts.blank == MANY)


def aware(session) -> list[bool]:
    with Catalogue.read(session.survey_path) as catalogue:
        return [one.medium.capture.taken_at.tzinfo is not None for one in catalogue.records()]


def test_another_zone_is_applied_to_every_photo_and_settings_say_so_afterwards(session, card, qtbot):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.begin(usual_choices())
    until_done(qtbot, session, MANY)
    assert aware(session) == [False] * MANY
    session.begin(replace(session.gate.choices, timezone="+02:00"))
    qtbot.waitUntil(lambda: aware(session) == [True] * MANY)
    until_done(qtbot, session, MANY)
    with qtbot.waitSignal(session.refused, timeout=60_000):
        session.begin(replace(session.gate.choices, timezone="no zone"))
    with Catalogue.read(session.survey_path) as catalogue:
        assert catalogue.facts.settings["timezone"] == "+02:00"
        assert catalogue.counts().answered == MANY


def test_photos_that_were_tried_with_a_detector_are_looked_at_anew_without_it(session, card, tmp_path, qtbot):
    finder = bright_bundle(tmp_path / "finder").folder
    session.gate.usual = lambda: replace(usual_choices(), detect=True, detector=finder)
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    qtbot.waitUntil(lambda: not session.running)
    session.begin(usual_choices())
    qtbot.waitUntil(lambda: session.counts.answered == MANY and not session.running)
    with Catalogue.read(session.survey_path) as catalogue:
        assert "detector" not in catalogue.facts.settings
        assert all(not one.detections and not one.blank for one in catalogue.records())


def test_a_detector_that_a_newer_avistar_brings_is_named_beside_the_old_one(tmp_path, card, open_tiny):
    finder = bright_bundle(tmp_path / "finder").folder
    choices = MediaChoices(detect=True, detector=finder)
    with open_tiny(None) as classifier:
        survey = survey_module.Survey.open(tmp_path / "card.avistar", [str(card)], classifier)
        try:
            survey.take_in([str(card)], lambda: False)
            next(identify_pending(survey.catalogue, classifier))
            old = choices.settings(choices.opening(card)) | {"detector": "older"}
            survey.catalogue.change_facts(replace(survey.catalogue.facts, settings=old))
            survey.keep_detector(choices, choices.opening(card))
            assert survey.catalogue.facts.settings == old | {"detector": "older, bright"}
            answered = survey.counts()[0].answered + survey.counts()[0].blank
            survey.choose(choices, choices, classifier, None)
            assert survey.counts()[0].answered + survey.counts()[0].blank == answered > 0
        finally:
            survey.close()


def test_a_sites_list_decides_at_once_without_identifying_anything_again(session, card, qtbot):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.begin(usual_choices(None))
    until_done(qtbot, session, MANY)
    got: list[int] = []
    session.answered.connect(got.extend)
    session.begin(usual_choices(None), ["wolf", "seal"])
    qtbot.waitUntil(
        lambda: set(session.counts.findings) <= {"wolf", "seal", "unknown"} and bool(session.counts.findings)
    )
    assert got == []
    others: list[list[int]] = []
    session.by_others.connect(others.append)
    session.clear()
    session.add([str(card)])
    qtbot.waitUntil(lambda: bool(others))
    assert others == [[]], "the same model with the site's list is no other model"


def test_videos_are_listed_answered_and_may_be_left_out(session, card, qtbot):
    pytest.importorskip("cv2", reason="needs the extra 'live'")
    write_video(card / "VID_1.avi")
    session.open()
    session.add([str(card)])
    assert until_told(qtbot, session).videos == 1
    session.begin(usual_choices())
    until_done(qtbot, session, MANY + 1)
    record = session.record(session.id_of(str(card / "VID_1.avi")))
    assert record.medium.kind == "video"
    assert len(record.observations) == 3
    session.begin(usual_choices(videos=False))
    until_done(qtbot, session, MANY)
    session.begin(usual_choices())
    until_done(qtbot, session, MANY + 1)


def test_videos_that_nothing_here_reads_are_counted_and_the_cure_is_named(session, card, qtbot, monkeypatch):
    monkeypatch.setattr(survey_module, "readable_suffixes", lambda: survey_module.SUFFIXES)
    monkeypatch.setattr("avistar_gui.identify.preflight.sheet.videos_can_be_read", lambda: False)
    (card / "VID_1.mp4").write_bytes(b"x")
    session.open()
    session.add([str(card)])
    told = until_told(qtbot, session)
    assert (told.photos, told.videos) == (MANY, 1)
    [said] = warnings(told)
    assert "pip install 'avistar[live]'" in said


def test_a_card_that_is_pulled_out_stops_the_run_and_fails_no_photo(qapp, tmp_path, slowly, card, qtbot):
    session = Session(slowly, SurveyLibrary(tmp_path / "surveys"))
    gone: list[str] = []
    session.card_gone.connect(gone.append)
    try:
        session.open()
        session.add([str(card)])
        qtbot.waitUntil(lambda: 0 < session.progress.done < MANY)
        aside = card.rename(tmp_path / "pulled out")
        qtbot.waitUntil(lambda: bool(gone) and not session.running)
        assert gone == [str(card)]
        qtbot.waitUntil(lambda: session.progress.total == MANY)
        assert session.progress.failed == 0
        assert session.progress.waiting > 0
        aside.rename(card)
        session.resume()
        until_done(qtbot, session, MANY)
        assert session.progress.failed == 0
    finally:
        session.finish()


def test_a_survey_whose_card_is_not_in_keeps_its_photos_and_says_so(session, card, tmp_path, qtbot):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.begin(usual_choices())
    until_done(qtbot, session, MANY)
    path = session.survey_path
    session.clear()
    card.rename(tmp_path / "in a drawer")
    with qtbot.waitSignal(session.scanned, timeout=60_000) as scanned:
        session.add([path])
    assert scanned.args[0].absent
    qtbot.waitUntil(lambda: session.progress.total == MANY)
    assert session.progress.failed == 0


def test_dropping_a_known_folder_again_forgets_nothing_that_was_chosen(session, card, qtbot):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    session.begin(usual_choices(9.0), ["wolf", "mouse"])
    until_done(qtbot, session, MANY)
    session.clear()
    session.add([str(card)])
    until_done(qtbot, session, MANY)
    with Catalogue.read(session.library.recent()[0].path) as catalogue:
        assert catalogue.facts.only == ("mouse", "wolf")
        assert catalogue.facts.settings["burst_gap_s"] == "9"


# Words


def told(**known) -> Preflight:
    seen = known.pop("seen", ScanSummary(8012, 3, ()))
    counts = known.pop("counts", Counts(total=8012, pending=8000, answered=12))
    return Preflight("/media/card/DCIM", counts, seen, usual_choices(), **known)


def test_the_sheet_says_how_long_it_takes(qapp):
    said = facts(told(per_second=10.0), "CPU · int8 · default")
    assert "CPU · int8 · default" in said
    assert "10.0 photos per second" in said
    assert "13 min" in said
    assert "measuring" in facts(told(), "")


def test_another_detector_is_not_promised_the_speed_that_was_measured_without_it(qtbot):
    sheet = PreflightSheet()
    qtbot.addWidget(sheet)
    sheet.show_preflight(told(per_second=10.0), None)
    assert "10.0 photos per second" in sheet.facts.text()
    sheet.detect.setChecked(True)
    assert "per second" not in sheet.facts.text()
    assert "12" in sheet.warning.text()  # they are identified again


def test_closed_folders_are_named_and_never_called_empty(qapp):
    closed = tuple((f"/media/card/DCIM/{number}", "Permission denied") for number in range(6))
    [said] = warnings(told(seen=ScanSummary(10, 3, closed)))
    assert "/media/card/DCIM/0: Permission denied" in said
    assert "2" in said.splitlines()[-1]
    assert "DCIM" in headline(told())


def test_space_is_spoken_of_only_where_it_is_lacking(qapp):
    assert warnings(told()) == []
    [said] = warnings(told(lacking_bytes=120_000_000))
    assert "114" in said or "120" in said


def test_a_disk_without_room_is_noticed(session, card, qtbot, monkeypatch):
    usage = shutil.disk_usage(card)
    monkeypatch.setattr(survey_module.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    session.open()
    session.add([str(card)])
    assert until_told(qtbot, session).lacking_bytes > 0


def test_the_first_photos_do_not_count_for_the_speed():
    assert rate_after([(10.0, 4), (10.0, 8), (12.0, 12), (12.0, 16)], warm=8) == 4.0
    assert rate_after([(10.0, 4)], warm=8) == 0.0


# The window


@pytest.fixture
def asked(controller, card, qtbot):
    """A window in which a folder was dropped, and the sheet is up."""
    controller.window.resize(1200, 800)
    controller.start([str(card)])
    qtbot.waitUntil(lambda: controller.identify.page.sheet.isVisible())
    return controller


def test_enter_begins(asked, qtbot):
    sheet, session = asked.identify.page.sheet, asked.identify.session
    assert str(MANY) in sheet.title.text()
    assert sheet.countdown.text()
    qtbot.keyClick(asked.identify.page.grid, Qt.Key.Key_Return)
    qtbot.waitUntil(sheet.isHidden)
    until_done(qtbot, session, MANY)
    assert session.gate.choices.burst_gap == 2.0


@pytest.mark.parametrize("button", ["begin", "later"])
def test_the_photos_take_the_keys_from_a_sheet_that_goes(asked, qtbot, button):
    page = asked.identify.page
    qtbot.mouseClick(page.sheet.bursts, Qt.MouseButton.LeftButton)
    page.sheet.bursts.setFocus()
    qtbot.mouseClick(getattr(page.sheet, button), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.sheet.isHidden)
    assert asked.window.focusWidget() is page.grid


def test_photos_can_be_reviewed_while_the_sheet_is_up(asked, qtbot):
    page, session = asked.identify.page, asked.identify.session
    qtbot.waitUntil(lambda: session.progress.done > 0 and page.grid.currentIndex().row() == 0)
    with qtbot.waitSignal(session.reviewed, timeout=60_000):
        qtbot.keyClick(page.grid, Qt.Key.Key_U)
    assert page.sheet.isVisible()


def test_who_touches_the_sheet_is_not_hurried(asked, qtbot):
    sheet = asked.identify.page.sheet
    qtbot.mouseClick(sheet.bursts, Qt.MouseButton.LeftButton)
    assert sheet.countdown.text() == ""
    assert asked.identify.session.gate.waits


def test_a_sheet_that_nobody_touches_begins_by_itself(asked, qtbot):
    for _ in range(20):
        asked.identify.preflight._tick()
    until_done(qtbot, asked.identify.session, MANY)
    assert asked.identify.page.sheet.isHidden()


def test_not_now_is_escape_and_continuing_begins(asked, qtbot):
    sheet, session = asked.identify.page.sheet, asked.identify.session
    asked.window.actions_["stop"].trigger()
    qtbot.waitUntil(lambda: sheet.isHidden() and not session.running)
    qtbot.wait(50)
    assert sheet.isHidden()
    assert session.progress.waiting > 0
    asked.window.actions_["resume"].trigger()
    until_done(qtbot, session, MANY)


def test_escape_closes_the_sheet_of_a_survey_that_goes_on_and_stops_nothing(make_desk, slowly, card, qtbot):
    controller = make_desk(slowly)
    controller.start([str(card)])
    sheet, session, act = controller.identify.page.sheet, controller.identify.session, controller.window.actions_
    qtbot.waitUntil(sheet.isVisible)
    act["begin"].trigger()
    qtbot.waitUntil(lambda: sheet.isHidden() and session.running)
    act["choices"].trigger()
    assert sheet.isVisible()
    act["stop"].trigger()
    assert sheet.isHidden()
    assert session.running
    act["stop"].trigger()
    qtbot.waitUntil(lambda: not session.running)
    assert session.progress.waiting > 0


def test_a_detectors_file_that_is_none_is_said_and_the_sheet_stays(asked, tmp_path, qtbot):
    (tmp_path / "md.json").write_text("no results")
    sheet, banner = asked.identify.page.sheet, asked.identify.page.banner
    sheet.use_detector(tmp_path / "md.json")
    assert sheet.detector.text() == "md.json"
    sheet.begin.click()
    qtbot.waitUntil(lambda: banner.isVisible() and "md.json" in banner.detail.text())
    assert sheet.isVisible()
    sheet.no_detector.click()
    sheet.begin.click()
    until_done(qtbot, asked.identify.session, MANY)


def test_another_model_is_measured_anew(session, card, qtbot):
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    speeds: list[float] = []
    session.gate.described.connect(lambda told: speeds.append(told.per_second if told else -1))
    session.open()
    qtbot.waitUntil(lambda: 0.0 in speeds)
    until_told(qtbot, session)


def test_what_was_chosen_last_is_offered_next(asked, settings, tmp_path, qtbot):
    sheet, session = asked.identify.page.sheet, asked.identify.session
    sheet.bursts.setChecked(False)
    assert not sheet.gap.isEnabled()
    qtbot.mouseClick(sheet.begin, Qt.MouseButton.LeftButton)
    until_done(qtbot, session, MANY)
    assert set(bursts(session)) == {0}
    other = tmp_path / "another card"
    other.mkdir()
    for number in range(MANY):
        shot(other / f"IMG_{number:02}.jpg", number, number)
    asked.open([str(other)])
    qtbot.waitUntil(sheet.isVisible)
    assert not sheet.bursts.isChecked()


def test_who_wants_no_sheet_gets_none(asked, settings, tmp_path, qtbot):
    sheet, session = asked.identify.page.sheet, asked.identify.session
    qtbot.mouseClick(sheet.ask_first, Qt.MouseButton.LeftButton, pos=sheet.ask_first.rect().center())
    sheet.ask_first.setChecked(False)
    assert settings.ask_first is False
    qtbot.mouseClick(sheet.begin, Qt.MouseButton.LeftButton)
    until_done(qtbot, session, MANY)
    other = tmp_path / "another card"
    shutil.copytree(tmp_path / "card", other)
    for photo in other.rglob("*.jpg"):
        photo.write_bytes(photo.read_bytes() + b"\0")  # the same photos would be taken for the survey that is open
    asked.open([str(other)])
    qtbot.waitUntil(lambda: session.survey_folder == str(other))
    until_done(qtbot, session, MANY)
    assert sheet.isHidden()


def test_one_key_chooses_a_burst_and_one_more_reviews_all_of_it(asked, qtbot):
    page, session = asked.identify.page, asked.identify.session
    qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    until_done(qtbot, session, MANY)
    qtbot.waitUntil(lambda: bursts(session) == [4] * MANY)
    qtbot.waitUntil(lambda: asked.identify.photos.photo(5).burst == 4)
    page.grid.choose(5)
    qtbot.keyClick(page.grid, Qt.Key.Key_E)
    assert [asked.identify.photos.row_of(id) for id in page.grid.chosen_ids()] == [4, 5, 6, 7]
    with qtbot.waitSignal(session.reviewed, timeout=60_000) as reviewed:
        qtbot.keyClick(page.grid, Qt.Key.Key_N)
    assert len(reviewed.args[0]) == 4
    assert page.grid.currentIndex().row() == 8
    assert "burst of 4" in asked.identify.photos.index(5, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_video_shows_a_frame_as_tile_and_large(controller, photos, qtbot):
    pytest.importorskip("cv2", reason="needs the extra 'live'")
    path = write_video(photos / "VID_1.avi")
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.page.sheet.isVisible())
    qtbot.keyClick(controller.identify.page.grid, Qt.Key.Key_Return)
    until_done(qtbot, controller.identify.session, 11)
    row = controller.identify.photos.row_of(controller.identify.session.id_of(str(path)))
    controller.identify.page.grid.choose(row)
    qtbot.waitUntil(lambda: "one frame of the video" in controller.identify.page.caption.text())
    qtbot.waitUntil(lambda: controller.identify.thumbnails.get(str(path)) is not None)


def test_a_folder_that_cannot_be_opened_is_named_even_where_nothing_else_is(controller, tmp_path, qtbot, monkeypatch):
    locked = tmp_path / "locked"
    locked.mkdir()
    scandir = os.scandir

    def refuse(path):
        if str(path) == str(locked):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    controller.start([str(locked)])
    banner = controller.identify.page.banner
    qtbot.waitUntil(banner.isVisible)
    assert str(locked) in banner.detail.text()
    monkeypatch.undo()
    shot(locked / "a.jpg", 1)
    banner.action.click()
    until_done(qtbot, controller.identify.session, 1)


def test_a_sites_species_are_ticked(qtbot):
    from avistar.species import known_species

    dialog = SiteDialog(list(known_species()), ["wolf"])
    qtbot.addWidget(dialog)
    assert dialog.ticked == ["wolf"]
    dialog.none.click()
    assert not dialog.take.isEnabled()
    dialog.all.click()
    with qtbot.waitSignal(dialog.wanted) as wanted:
        dialog.take.click()
    assert wanted.args == [()]


def test_only_videos_can_be_listed(session, card, qtbot):
    pytest.importorskip("cv2", reason="needs the extra 'live'")
    write_video(card / "VID_1.avi")
    session.open()
    session.add([str(card)])
    until_told(qtbot, session)
    with qtbot.waitSignal(session.listed) as listed:
        session.ask(Query(kind=("video",)))
    assert [row.relative for row in session.rows(listed.args[0])] == ["VID_1.avi"]

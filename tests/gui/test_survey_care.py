"""Surveys whose folder moved, whose file is damaged, and two of the same photos."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avistar.catalogue import Catalogue
from avistar.catalogue.backup import backup, backups
from avistar.records import Review
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.survey_library import ASIDE, SurveyLibrary
from avistar_gui.identify.survey_dialogs import MergeDialog, RestoreDialog
from support import encoded, picture

AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def library(tmp_path: Path) -> SurveyLibrary:
    return SurveyLibrary(tmp_path / "surveys")


@pytest.fixture
def session(qapp, library, open_tiny):
    session = Session(open_tiny, library)
    session.open()
    yield session
    session.finish()


def identified(qtbot, session, paths, total=10):
    session.add(paths)
    qtbot.waitUntil(lambda: session.progress.done == total and not session.running)


def review(session, qtbot, names, folder):
    with qtbot.waitSignal(session.reviewed):
        session.review(session.ids_of([str(folder / name) for name in names]), "species", "wolf", "Ana")


def test_a_survey_whose_folder_moved_is_offered_and_goes_on_with_its_reviews(session, photos, library, qtbot):
    identified(qtbot, session, [str(photos)])
    review(session, qtbot, ["IMG_00.jpg", "IMG_01.jpg"], photos)
    session.clear()
    there = photos.rename(photos.with_name("elsewhere"))
    with qtbot.waitSignal(session.care.recognised) as offered:
        session.add([str(there)])
    survey, paths = offered.args
    assert (survey.folder, survey.counts.reviewed, paths) == (str(photos), 2, [str(there)])
    with qtbot.waitSignal(session.scanned):
        session.care.move(survey.path, str(there))
    qtbot.waitUntil(lambda: session.counts.reviewed == 2 and session.counts.pending == 0)
    assert session.survey_folder == str(there)
    assert session.counts.vanished == 0
    assert [one.folder for one in library.recent()] == [str(there)]


def test_a_copy_may_become_a_survey_of_its_own(session, photos, library, qtbot):
    identified(qtbot, session, [str(photos)])
    there = photos.with_name("copy")
    shutil.copytree(photos, there)
    with qtbot.waitSignal(session.care.recognised) as offered:
        session.add([str(there)])
    assert session.survey_folder == str(photos)
    session.care.start_new(offered.args[1])
    qtbot.waitUntil(lambda: session.survey_folder == str(there) and session.progress.done == 10)
    assert sorted(one.folder for one in library.recent()) == sorted([str(photos), str(there)])


def test_other_photos_under_the_same_names_are_no_moved_survey(session, photos, qtbot):
    identified(qtbot, session, [str(photos)])
    other = photos.with_name("other")
    other.mkdir()
    for number in range(10):
        (other / f"IMG_{number:02}.jpg").write_bytes(encoded(picture(number + 50, (160, 120))))
    asked = []
    session.care.recognised.connect(lambda *said: asked.append(said))
    session.add([str(other)])
    qtbot.waitUntil(lambda: session.survey_folder == str(other) and session.progress.done == 10)
    assert not asked


def test_a_folder_is_located_only_where_the_photos_are(session, photos, tmp_path, qtbot):
    identified(qtbot, session, [str(photos)])
    path = session.survey_path
    there = photos.rename(photos.with_name("elsewhere"))
    empty = tmp_path / "empty"
    empty.mkdir()
    with qtbot.waitSignal(session.care.foreign) as said:
        session.care.locate(path, str(empty))
    assert said.args == [path, str(empty)]
    session.care.locate(path, str(there))
    qtbot.waitUntil(lambda: session.survey_folder == str(there))


def test_a_damaged_survey_is_listed_and_comes_back_from_its_backup(session, photos, library, qtbot):
    identified(qtbot, session, [str(photos)])
    review(session, qtbot, ["IMG_00.jpg"], photos)
    path = Path(session.survey_path)
    session.clear()
    qtbot.waitUntil(lambda: not path.with_name(path.name + "-wal").exists())
    kept = backup(path)
    path.write_bytes(path.read_bytes()[:4096] + b"\xaa" * 90_000)
    (listed,) = library.recent()
    assert (listed.damaged, listed.name) == (True, "card")
    with qtbot.waitSignal(session.care.damaged) as told:
        session.add([str(photos)])
    assert "damaged" in told.args[1]
    with qtbot.waitSignal(session.care.backups_listed) as found:
        session.care.list_backups(str(path))
    assert [(one.path, one.photos, one.reviewed) for one in found.args[1]] == [(kept, 10, 1)]
    with qtbot.waitSignal(session.care.rescued) as rescued:
        session.care.rescue(str(path), kept)
    assert (rescued.args[0].photos, rescued.args[0].reviewed, rescued.args[0].lost) == (10, 1, 0)
    qtbot.waitUntil(lambda: session.counts.reviewed == 1)
    assert ASIDE in rescued.args[0].aside
    assert len(library.recent()) == 1


def test_what_can_be_read_of_a_damaged_survey_is_rebuilt(session, photos, qtbot):
    identified(qtbot, session, [str(photos)])
    review(session, qtbot, ["IMG_00.jpg"], photos)
    path = Path(session.survey_path)
    session.clear()
    qtbot.waitUntil(lambda: not path.with_name(path.name + "-wal").exists())
    data = bytearray(path.read_bytes())
    data[-4096:] = b"\xaa" * 4096
    path.write_bytes(data)
    with qtbot.waitSignal(session.care.damaged):
        session.add([str(path)])
    with qtbot.waitSignal(session.care.rescued) as rescued:
        session.care.rescue(str(path), None)
    assert rescued.args[0].photos == 10
    qtbot.waitUntil(lambda: session.counts.total == 10)


def test_two_surveys_of_the_same_photos_become_one(session, photos, library, tmp_path, qtbot):
    identified(qtbot, session, [str(photos)])
    review(session, qtbot, ["IMG_00.jpg", "IMG_01.jpg"], photos)
    path = Path(session.survey_path)
    other = library.folder / "other.avistar"
    shutil.copy(backup(path), other)
    with Catalogue.open(other) as ben:
        ben.review(list(ben.ids_of(["IMG_01.jpg", "IMG_02.jpg"]).values()), Review("empty", "", "Ben", AT))
    with qtbot.waitSignal(session.care.merged) as merged:
        session.care.merge(str(other))
    assert (merged.args[0].steps, merged.args[0].shared, merged.args[0].disagreed) == (1, 10, 1)
    qtbot.waitUntil(lambda: session.counts.reviewed == 3)
    assert session.survey_path == str(path)
    assert [one.path for one in library.recent()] == [str(path)]
    assert len(list(library.folder.glob(f"*{ASIDE}*.avistar"))) == 2


def test_a_merge_that_fails_leaves_the_survey_as_it_was_and_open(session, photos, tmp_path, qtbot):
    identified(qtbot, session, [str(photos)])
    wrong = tmp_path / "wrong.avistar"
    wrong.write_text("no catalogue")
    with qtbot.waitSignal(session.care.failed):
        session.care.merge(str(wrong))
    qtbot.waitUntil(lambda: session.counts.total == 10)


def test_a_survey_is_backed_up_when_it_is_opened_again_before_its_folder_is_compared(session, photos, qtbot):
    identified(qtbot, session, [str(photos)])
    path = Path(session.survey_path)
    session.clear()
    (photos / "IMG_00.jpg").unlink()
    with qtbot.waitSignal(session.scanned):
        session.add([str(path)])
    (kept,) = backups(path)
    with Catalogue.read(kept) as backed_up, Catalogue.read(path) as now:
        assert (backed_up.counts().vanished, now.counts().vanished) == (0, 1)


def test_the_banner_offers_both_and_continues_at_a_press(controller, photos, qtbot):
    session, banner = controller.identify.session, controller.identify.page.banner
    controller.settings.ask_first = False
    controller.start()
    identified(qtbot, session, [str(photos)])
    session.clear()
    there = photos.rename(photos.with_name("elsewhere"))
    controller.open([str(there)])
    qtbot.waitUntil(banner.action.isVisible)
    assert f"This is card, last seen at {photos}." in banner.title.text()
    assert (banner.action.text(), banner.other.text()) == ("Continue it", "Start a new one")
    banner.action.click()
    qtbot.waitUntil(lambda: session.survey_folder == str(there))


def test_the_dialogs_say_which_one_is_taken(qapp, library, photos, session, qtbot):
    identified(qtbot, session, [str(photos)])
    (entry,) = library.recent()
    assert Path(entry.photo).parent in (photos, photos / "below")
    merge = MergeDialog([entry], "")
    qtbot.addWidget(merge)
    with qtbot.waitSignal(merge.wanted) as wanted:
        merge.take.click()
    assert wanted.args == [entry.path]
    restore = RestoreDialog([])
    qtbot.addWidget(restore)
    with qtbot.waitSignal(restore.wanted) as wanted:
        restore.take.click()
    assert wanted.args == [None]


def test_what_a_later_look_into_the_folder_found_is_said(controller, photos, qtbot):
    session, banner = controller.identify.session, controller.identify.page.banner
    controller.settings.ask_first = False
    controller.start()
    identified(qtbot, session, [str(photos)])
    assert not banner.isVisible()
    (photos / "IMG_00.jpg").unlink()
    (photos / "IMG_01.jpg").rename(photos / "renamed.jpg")
    (photos / "new.jpg").write_bytes(encoded(picture(77, (160, 120))))
    session.look_again()
    qtbot.waitUntil(banner.isVisible)
    assert banner.title.text() == (
        "Since the last look: 1 new, 1 moved, 1 no longer there. What was said of missing photos is kept."
    )

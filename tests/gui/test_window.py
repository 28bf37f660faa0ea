"""Real windows, without a screen."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolButton

from avistar import BundleError, Classifier, FunctionBackend
from avistar.manifest import Calibration
from avistar_gui.identify.photo_model import Role
from avistar_gui.photo import photo_loader
from avistar_gui.shell.key_map import KeyMap
from avistar_gui.widgets.banner import Message
from support import encoded, picture


def drop(controller, *urls):
    """What Qt does when files are let go over the window."""
    data = QMimeData()
    data.setUrls([QUrl(url) if isinstance(url, str) else QUrl.fromLocalFile(str(url)) for url in urls])
    action, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(300, 300), action, data, buttons, keys)
    QApplication.sendEvent(controller.window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(controller.window, QDropEvent(QPointF(300, 300), action, data, buttons, keys))


def until_done(qtbot, controller, total):
    progress = controller.identify.session
    qtbot.waitUntil(lambda: progress.progress.done == total and not progress.running, timeout=10_000)


@pytest.fixture
def filled(controller, photos, qtbot):
    """A window in which the folder was dropped and everything is answered."""
    controller.start()
    drop(controller, photos)
    until_done(qtbot, controller, 10)
    qtbot.waitUntil(lambda: controller.identify.page.view.has_photo)
    return controller


def shown(controller):
    return [card.name.text() for card in controller.identify.page.answers.cards if not card.isHidden()]


def test_an_empty_window_tells_what_to_do(controller, qtbot):
    controller.start()
    qtbot.waitUntil(lambda: controller.identify.status.chip.text().startswith("CPU"))
    assert controller.identify.page.empty.isVisible()
    assert controller.identify.page.empty.title.text() == "Drop photos or folders here"
    assert controller.identify.status.text.text() == "Ready"


def test_the_window_is_there_before_the_model(make_desk, open_tiny, qtbot):
    go = threading.Event()

    def slow(folder):
        go.wait(5)
        return open_tiny(folder)

    controller = make_desk(slow)
    controller.start()
    with qtbot.waitExposed(controller.window):
        pass
    qtbot.waitUntil(lambda: controller.identify.status.chip.text() == "Opening the model…")
    go.set()
    qtbot.waitUntil(lambda: "tiny" in controller.identify.status.chip.text())


def test_a_dropped_folder_fills_the_grid_and_the_first_photo_shows_three_cards(filled):
    assert filled.identify.page.grid.model().rowCount() == 10
    assert filled.identify.page.grid.isVisible()
    assert filled.identify.page.grid.selectionModel().selectedIndexes()[0].row() == 0
    names = shown(filled)
    assert len(names) == 3
    assert names[0] in ("Wolf", "Mouse")
    assert filled.identify.page.answers.headline.text() == names[0]
    first = filled.identify.page.answers.cards[0]
    assert first.bar.share > 0.9
    assert first.number.text().endswith("%")
    assert first.scientific.text() in ("Canis lupus", "Mus musculus")
    assert filled.identify.page.caption.text() == "IMG_00.jpg  ·  160 × 120 px"
    assert filled.identify.status.text.text() == "10 of 10 photos"


def test_the_arrow_keys_choose_photos(filled, qtbot):
    qtbot.waitUntil(
        lambda: filled.identify.page.grid.visualRect(filled.identify.page.grid.model().index(1, 0)).isValid()
    )
    qtbot.keyClick(filled.identify.page.grid, Qt.Key.Key_Right)
    assert filled.identify.page.grid.currentIndex().row() == 1
    qtbot.waitUntil(lambda: filled.identify.page.caption.text().startswith("IMG_01.jpg  ·  160"))
    qtbot.keyClick(filled.identify.page.grid, Qt.Key.Key_End)
    assert filled.identify.page.grid.currentIndex().row() == 9


def test_a_photo_of_which_a_part_is_missing_is_identified_and_listed(controller, photos, qtbot):
    cut = photos / "IMG_03.jpg"
    cut.write_bytes(encoded(picture(3, (640, 480)))[:-2000])
    controller.start()
    drop(controller, photos)
    until_done(qtbot, controller, 10)
    assert [controller.identify.photos.photo(row).state for row in range(10)].count("failed") == 0
    assert controller.identify.problems.rowCount() == 1
    assert controller.identify.problems.index(0, 1).data() == "Only a part of it could be read."
    assert controller.identify.session.progress.failed == 0


def test_a_broken_file_is_listed_while_the_others_are_answered(controller, photos, qtbot):
    broken = photos / "IMG_03.jpg"
    broken.write_bytes(b"<html>not a picture</html>")
    controller.start()
    drop(controller, photos)
    until_done(qtbot, controller, 10)
    assert controller.identify.problems.rowCount() == 1
    assert controller.identify.problems.index(0, 0).data() == "IMG_03.jpg"
    assert controller.identify.problems.index(0, 1).data() == "This is not a picture."
    assert controller.identify.status.problems.text() == "1 problem"
    states = [controller.identify.photos.photo(row).state for row in range(10)]
    assert states.count("failed") == 1
    assert states.count("species") == 9
    assert not QApplication.topLevelWidgets()[0].isModal()


def test_a_mended_file_is_answered_at_the_second_try(controller, photos, qtbot):
    broken = photos / "IMG_00.jpg"
    broken.write_bytes(b"")
    controller.start()
    drop(controller, photos)
    until_done(qtbot, controller, 10)
    assert controller.identify.page.answers.headline.text() == "Not identified"
    controller.window.actions_["problems"].trigger()
    assert controller.identify.page.problems.isVisible()
    qtbot.wait(20)  # laid out, so that a click finds the button
    broken.write_bytes(encoded(picture(0)))
    qtbot.mouseClick(controller.identify.page.problems.retry, Qt.MouseButton.LeftButton)
    until_done(qtbot, controller, 10)
    assert controller.identify.problems.rowCount() == 0
    assert controller.identify.status.problems.isHidden()
    qtbot.waitUntil(lambda: controller.identify.page.view.has_photo)
    qtbot.waitUntil(lambda: len(shown(controller)) == 3)


def test_looking_at_a_problem_chooses_its_photo(controller, photos, qtbot):
    (photos / "IMG_04.jpg").write_bytes(b"")
    controller.start()
    drop(controller, photos)
    until_done(qtbot, controller, 10)
    controller.identify.page.problems.table.selectRow(0)
    assert controller.identify.page.grid.currentIndex().data(Role.PATH) == str(photos / "IMG_04.jpg")
    qtbot.waitUntil(lambda: controller.identify.page.answers.reason.text() == "The file is empty (0 bytes).")


def test_the_language_switches_every_text_at_once(filled, qtbot):
    window = filled.window
    english = texts(window)
    window.actions_.languages["es"].trigger()
    qtbot.waitUntil(lambda: filled.identify.status.text.text() == "10 de 10 fotos")
    assert shown(filled)[0] in ("Lobo", "Ratón")
    assert window.actions_["folder"].text() == "Abrir &carpeta…"
    assert filled.identify.page.grid.accessibleName() == "Fotos"
    assert filled.identify.problems.headerData(1, Qt.Orientation.Horizontal) == "Qué ocurre"
    untouched = english & texts(window)
    assert not {text for text in untouched if any(word in text for word in ("Open", "photo", "Problem"))}
    window.actions_.languages["en"].trigger()
    qtbot.waitUntil(lambda: texts(window) == english)


def texts(window):
    buttons = {button.text() for button in window.findChildren(QAbstractButton)}
    return buttons | {action.text() for action in window.findChildren(type(window.actions_["quit"]))}


def test_no_button_is_too_narrow_for_its_spanish_text(filled, qtbot):
    filled.use_language("es")
    qtbot.wait(50)
    for button in filled.window.findChildren(QAbstractButton):
        alone = isinstance(button, QToolButton) and button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
        if button.isVisible() and button.text() and not alone:
            assert button.width() >= button.fontMetrics().horizontalAdvance(button.text().replace("&", "")), (
                button.text()
            )


def test_the_theme_switches_at_once_and_is_remembered(filled, settings, qtbot):
    filled.window.actions_.themes["dark"].trigger()
    qtbot.wait(20)
    assert filled.window.grab().toImage().pixelColor(640, 2).lightness() < 60
    filled.window.actions_.themes["light"].trigger()
    qtbot.wait(20)
    assert filled.window.grab().toImage().pixelColor(640, 2).lightness() > 200
    assert settings.theme == "light"


def test_what_cannot_be_opened_is_said_in_one_line(controller, qtbot):
    controller.start()
    drop(controller, "https://example.org/wolf.jpg")
    assert controller.identify.page.banner.title.text() == "Only files and folders on this computer can be opened."


def test_of_a_mixed_drop_the_local_files_are_taken(controller, photos, qtbot):
    controller.start()
    drop(controller, "https://example.org/wolf.jpg", photos / "IMG_01.jpg", photos / "below")
    until_done(qtbot, controller, 2)
    assert controller.identify.photos.rowCount() == 2


def test_a_folder_without_photos_says_where_was_searched(controller, tmp_path, qtbot):
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    controller.start()
    drop(controller, tmp_path / "empty")
    qtbot.waitUntil(controller.identify.page.banner.isVisible)
    assert controller.identify.page.banner.title.text() == "There are no photos there; 2 folders were searched."
    assert controller.identify.page.empty.isVisible()


def test_a_model_that_cannot_be_used_is_told_with_its_cure_and_another_can_be_chosen(
    make_desk, open_tiny, photos, qtbot
):
    def only_there(folder):
        if folder != "/there":
            raise BundleError("model.onnx is altered: copy the bundle again")
        return open_tiny(folder)

    controller = make_desk(only_there)
    controller.start([str(photos)])
    qtbot.waitUntil(controller.identify.page.banner.isVisible)
    assert controller.identify.page.banner.detail.text() == "model.onnx is altered: copy the bundle again"
    assert controller.identify.page.banner.action.text() == "Choose a model…"
    assert controller.identify.status.chip.text() == "No model"
    controller.window.model_wanted.emit("/there")
    until_done(qtbot, controller, 10)
    assert controller.identify.page.banner.isHidden()


def test_when_another_model_cannot_be_used_the_window_says_that_the_first_stays(make_desk, open_tiny, qtbot):
    def only_default(folder):
        if folder is not None:
            raise BundleError("no bundle there")
        return open_tiny(folder)

    controller = make_desk(only_default)
    controller.start()
    qtbot.waitUntil(lambda: "tiny" in controller.identify.status.chip.text())
    controller.window.model_wanted.emit("/nowhere")
    qtbot.waitUntil(controller.identify.page.banner.isVisible)
    assert controller.identify.page.banner.title.text() == "This model can't be used; the previous one stays in use."
    qtbot.waitUntil(lambda: "tiny" in controller.identify.status.chip.text())


def test_a_photo_that_cannot_be_shown_says_so_in_the_language_of_the_moment(controller, tmp_path, qtbot):
    (tmp_path / "empty.jpg").touch()
    controller.start([str(tmp_path / "empty.jpg")])
    qtbot.waitUntil(lambda: controller.identify.page.view.message == "This photo can't be shown.")
    controller.use_language("es")
    qtbot.waitUntil(lambda: controller.identify.page.view.message == "Esta foto no se puede mostrar.")


def test_the_chip_explains_what_auto_rejected(filled):
    tip = filled.identify.status.chip.toolTip()
    assert "made for tests" in tip
    assert "Not used: cuda: not in this build" in tip


def test_a_run_can_be_stopped_and_continued(make_desk, slowly, photos, qtbot):
    controller = make_desk(slowly)
    controller.start([str(photos)])
    stop, resume = controller.window.actions_["stop"], controller.window.actions_["resume"]
    qtbot.waitUntil(stop.isEnabled)
    assert controller.identify.status.stop.isVisible()
    stop.trigger()
    qtbot.waitUntil(resume.isEnabled)
    assert controller.identify.status.text.text().endswith("paused")
    resume.trigger()
    until_done(qtbot, controller, 10)
    assert not controller.identify.status.stop.isVisible()
    assert not controller.identify.status.resume.isVisible()


def test_closing_in_the_middle_of_a_run_is_quiet(make_desk, slowly, photos, qtbot, capfd):
    controller = make_desk(slowly)
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.running)
    controller.window.close()
    qtbot.wait(50)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("avistar")]
    assert "Error" not in capfd.readouterr().err


def test_starting_afresh_empties_the_window(filled, qtbot):
    filled.window.actions_["clear"].trigger()
    assert filled.identify.page.empty.isVisible()
    assert filled.identify.photos.rowCount() == 0
    assert shown(filled) == []


def test_a_slow_photo_never_paints_over_another(controller, photos, qtbot, monkeypatch):
    go, slow = threading.Event(), str(photos / "IMG_00.jpg")
    read = photo_loader.read_within

    def waiting(path, side):
        if path == slow:
            go.wait(5)
        return read(path, side)

    monkeypatch.setattr(photo_loader, "read_within", waiting)
    controller.start()
    drop(controller, photos)
    until_done(qtbot, controller, 10)
    controller.identify.page.grid.choose(3)
    go.set()
    qtbot.waitUntil(lambda: controller.identify.page.view.has_photo)
    qtbot.wait(50)
    assert controller.identify.page.caption.text().startswith("IMG_03.jpg")


def test_the_key_map_lists_every_shortcut_of_the_menus(filled, qtbot):
    listed = " ".join(key.keys for key in filled.window.actions_.key_map())
    for action in filled.window.menuBar().findChildren(type(filled.window.actions_["quit"])):
        assert action.shortcut().toString() in listed
    filled.window.actions_["keys"].trigger()
    dialog = filled.window.findChild(KeyMap)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.close()


def test_everything_that_takes_the_focus_has_a_name(filled):
    for widget in filled.window.findChildren(QAbstractButton):
        if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            assert widget.text() or widget.accessibleName() or widget.toolTip(), widget
    assert filled.identify.page.grid.accessibleName()
    assert filled.identify.page.answers.cards[0].accessibleName().startswith("1. ")


def test_the_window_comes_back_as_it_was(make_desk, open_tiny, settings, qtbot):
    first = make_desk(open_tiny)
    first.start()
    first.window.resize(0, 720)  # as narrow as can be: the offscreen screen is small
    qtbot.wait(20)
    size = first.window.size()
    first.window.close()
    second = make_desk(open_tiny)
    second.start()
    assert second.window.height() == 720
    assert second.window.size() == size


def test_what_the_runtime_says_is_spanish_in_the_spanish_app_and_follows_the_language(controller, qtbot):
    controller.start()
    banner = controller.identify.page.banner
    banner.show_message(Message(lambda: "!", "/card/x.avistar: it is no catalogue: name another file", "error"))
    controller.use_language("es")
    qtbot.waitUntil(lambda: banner.detail.text() == "/card/x.avistar: no es un catálogo: indique otro archivo")
    controller.use_language("en")
    qtbot.waitUntil(lambda: banner.detail.text().endswith("it is no catalogue: name another file"))


def test_a_problems_details_are_spanish_in_the_spanish_app(controller, photos, qtbot):
    (photos / "IMG_03.jpg").write_bytes(b"")
    controller.use_language("es")
    controller.start()
    drop(controller, photos)
    until_done(qtbot, controller, 10)
    detail = controller.identify.problems.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert detail.endswith("IMG_03.jpg: el archivo está vacío (0 bytes)")


def test_why_a_device_is_not_used_is_spanish_in_the_spanish_app(make_desk, opener_of, by_brightness, tiny, qtbot):
    reason = "no GPU is visible: it needs an NVIDIA GPU"

    def opened(folder):
        return Classifier(tiny, FunctionBackend(by_brightness, "cpu"), Calibration(), rejected=(reason,))

    controller = make_desk(opened)
    controller.use_language("es")
    controller.start()
    qtbot.waitUntil(lambda: "no se ve ninguna GPU" in controller.identify.status.chip.toolTip())

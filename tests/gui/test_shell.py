"""What surrounds the screens: the rail, a second start, settings, notices, the report."""

from __future__ import annotations

import subprocess
import sys
import uuid
import zipfile
from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtNetwork import QLocalSocket

from avistar_gui import child_process
from avistar_gui.shell import log_file, notifications, support_report
from avistar_gui.shell.single_instance import OpenRequest, SingleInstance, server_name


@pytest.fixture
def first(qapp):
    instance = SingleInstance(f"avistar-test-{uuid.uuid4().hex[:8]}")
    assert instance.listen()
    yield instance
    instance.finish()


def handed(qtbot, instance, *arguments):
    """Whether the instance takes what another process hands over."""
    code = (
        "import sys; from PySide6.QtCore import QCoreApplication; qt = QCoreApplication([]);"
        "from avistar_gui.shell.single_instance import SingleInstance;"
        f"sys.exit(0 if SingleInstance({instance._name!r}).hand_over(*{arguments!r}) else 9)"
    )
    process = subprocess.Popen([sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"])
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
    return process.returncode == 0


def test_a_second_start_hands_its_paths_to_the_first(first, qtbot):
    asked = []
    first.asked.connect(asked.append)
    assert handed(qtbot, first, ["/card/wölfe", "/card/b.jpg"], "/models/mine")
    assert asked == [OpenRequest(("/card/wölfe", "/card/b.jpg"), "/models/mine")]


def test_without_a_first_nothing_is_handed_over(qapp):
    assert not SingleInstance(f"avistar-test-{uuid.uuid4().hex[:8]}").hand_over(["/card"])


def test_the_socket_of_a_crashed_instance_is_taken_over(first, qapp):
    again = SingleInstance(first._name)
    assert again.listen()
    again.finish()


def test_each_user_has_a_window_of_their_own():
    assert server_name("ana") != server_name("berta")


@pytest.mark.parametrize("line", [b"not json\n", b'{"paths": 3}\n', b"[]\n", b"\xff\n"])
def test_what_another_program_writes_to_the_socket_is_dropped(first, qtbot, line):
    asked = []
    first.asked.connect(asked.append)
    socket = QLocalSocket()
    socket.connectToServer(first._name)
    assert socket.waitForConnected(1000)
    socket.write(line)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert asked == []


def test_what_a_second_start_asks_for_is_opened_by_the_first(controller, photos, qtbot):
    controller.start()
    controller.take(OpenRequest((str(photos),)))
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10, timeout=10_000)
    assert controller.window.isVisible()


def test_every_screen_is_reached_by_its_number_and_its_button(controller, qtbot):
    controller.start()
    for number, (name, button) in enumerate(controller.window.rail.buttons.items(), start=1):
        controller.window.actions_.places[name].trigger()
        assert controller.window.actions_.places[name].shortcut().toString() == f"Ctrl+{number}"
        assert button.isChecked()
        assert button.accessibleName()
        controller.go("identify")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert button.isChecked()
        assert controller.window.page is controller.go(name).page


def test_settings_act_at_once(controller, settings, qtbot):
    controller.start()
    dialog = controller.show_settings()
    dialog.language.setCurrentIndex(dialog.language.findData("es"))
    dialog.language.activated.emit(dialog.language.currentIndex())
    qtbot.waitUntil(lambda: dialog.title.text() == "Ajustes")
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    dialog.notify.click()
    assert (settings.language, settings.theme, settings.notify) == ("es", "dark", False)
    dialog.close()


class Tray(QObject):
    """Stands for the system's tray, which the offscreen platform lacks."""

    messageClicked = Signal()
    said: ClassVar[list[str]] = []

    @staticmethod
    def isSystemTrayAvailable():
        return True

    def __init__(self, icon, parent):
        super().__init__(parent)

    def show(self): ...

    def hide(self): ...

    def showMessage(self, title, text, *rest):
        self.said.append(text)


def test_the_system_is_told_only_of_long_runs_that_nobody_watches(controller, settings, monkeypatch):
    monkeypatch.setattr(notifications, "QSystemTrayIcon", Tray)
    said = Tray.said
    told = notifications.Notifications(controller.window, settings)
    assert not told.ended("short", notifications.LONG_S - 1)
    assert told.ended("3,010 of 3,010 photos", notifications.LONG_S + 1)
    settings.notify = False
    assert not told.ended("not wished", notifications.LONG_S + 1)
    settings.notify = True
    monkeypatch.setattr(controller.window, "isActiveWindow", lambda: True)
    assert not told.ended("seen", notifications.LONG_S + 1)
    assert said == ["3,010 of 3,010 photos"]
    told.finish()


def test_the_report_is_looked_through_before_it_is_saved(controller, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(
        support_report, "avistar_command", lambda *a: [child_process.sys.executable, "-c", "print('ok  cpu')"]
    )
    controller.start()
    dialog = controller.show_report()
    assert not dialog.save.isEnabled()
    qtbot.waitUntil(dialog.save.isEnabled)
    assert dialog.files.count() == 5
    dialog.files.setCurrentRow(3)
    assert dialog.text.toPlainText() == "ok  cpu\n"
    dialog.save_to(tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert archive.read("doctor.txt") == b"ok  cpu\n"
        assert b"Avistar: " in archive.read("about.txt")
    dialog.save_to(tmp_path / "missing" / "report.zip")
    assert "can't be written" in dialog.note.text()
    dialog.close()


def test_the_report_names_nothing_below_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(
        support_report, "avistar_command", lambda *a: [child_process.sys.executable, "-c", "print('x')"]
    )
    monkeypatch.setattr(support_report.Path, "home", lambda: tmp_path / "ana")
    monkeypatch.setattr(log_file, "tail", lambda: f"broke in {tmp_path}/ana/avistar/app.py")
    assert support_report.collect({}, {})["journal.txt"] == "broke in ~/avistar/app.py"


def test_the_journal_keeps_what_nobody_foresaw(tmp_path, monkeypatch):
    file = tmp_path / "logs" / "app.log"
    hooks = log_file.sys.excepthook, log_file.threading.excepthook
    monkeypatch.setattr(log_file, "qInstallMessageHandler", lambda _: None)
    monkeypatch.setattr(log_file.sys, "__excepthook__", lambda *_: None)
    try:
        log_file.start(file)
        log_file.sys.excepthook(ValueError, ValueError("odd"), None)
    finally:
        log_file.sys.excepthook, log_file.threading.excepthook = hooks
        for handler in list(log_file.log.handlers):
            log_file.log.removeHandler(handler)
            handler.close()
    assert "ValueError: odd" in log_file.tail(file)


@pytest.mark.parametrize("code", ["en", "es"])
def test_every_screen_fits_a_small_laptop(controller, code, qtbot):
    controller.start()
    controller.use_language(code)
    for name in controller.window.rail.buttons:
        page = controller.go(name).page
        qtbot.wait(20)
        assert page.minimumSizeHint().width() + controller.window.rail.width() <= 1280, name
        assert page.minimumSizeHint().height() <= 640, name

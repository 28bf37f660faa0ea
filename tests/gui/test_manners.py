"""What every screen owes its users: names for screen readers, keys for everything, room for large fonts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction, QFont, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QToolButton,
    QWidget,
)

from avistar_gui.shell.key_map import KeyMap

PLACES = ("identify", "camera", "summary", "deployments", "export", "analysis", "teach", "models")
SPEAKING = (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView, QPlainTextEdit, QSlider)


@pytest.fixture
def filled(controller, photos, qtbot):
    """A window whose survey is answered."""
    controller.start([str(photos)])
    session = controller.identify.session
    qtbot.waitUntil(lambda: session.progress.done == 10 and not session.running)
    return controller


@pytest.fixture
def large_font(qapp):
    """Letters of twice the size, as people with weak sight set them."""
    before = QApplication.font()
    font = QFont(before)
    font.setPointSizeF(before.pointSizeF() * 2)
    QApplication.setFont(font)
    yield
    QApplication.setFont(before)


def visible(window: QWidget, *kinds: type[QWidget]) -> list[QWidget]:
    return [one for kind in kinds for one in window.findChildren(kind) if one.isVisible()]


def nameless(window: QWidget) -> list[str]:
    """Parts that take the keys and that a screen reader has no word for."""
    takers = [one for one in visible(window, *SPEAKING) if one.focusPolicy() != Qt.FocusPolicy.NoFocus]
    return [
        f"{type(one).__name__} in {type(one.parent()).__name__}"
        for one in takers
        if not QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name)
    ]


def clipped(window: QWidget) -> list[str]:
    """Texts of one line that do not fit."""
    found = []
    for one in visible(window, QLabel, QAbstractButton):
        text = one.text()
        iconic = isinstance(one, QToolButton) and one.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
        folded = isinstance(one, QLabel) and one.wordWrap()
        if text and not iconic and not folded and one.width() + 1 < one.sizeHint().width():
            found.append(f"{text!r}: {one.width()} of {one.sizeHint().width()} px")
    return found


@pytest.mark.parametrize("name", PLACES)
def test_everything_that_takes_keys_has_a_name_for_screen_readers(filled, qtbot, name):
    page = filled.go(name).page
    qtbot.waitUntil(page.isVisible)
    assert not nameless(filled.window)


def test_the_dialogs_have_names_for_screen_readers(controller, qtbot):
    controller.start()
    for dialog in (controller.show_settings(), controller.show_report()):
        qtbot.waitUntil(dialog.isVisible)
        assert not nameless(dialog)
        dialog.close()


def test_every_action_with_a_key_is_on_the_key_map(filled):
    listed = " ".join(key.keys for key in [*filled.window.page.keys(), *filled.window.actions_.key_map()])
    native = QKeySequence.SequenceFormat.NativeText
    actions = [one for one in filled.window.findChildren(QAction) if one.shortcuts()]
    assert len(actions) > 15
    for action in actions:
        key = action.shortcut().toString(native)
        assert key in listed or f"{key.rpartition('+')[0]}+← → ↑ ↓" in listed, action.text()


@pytest.mark.parametrize("name", PLACES)
def test_tab_goes_through_the_screen_and_comes_back(filled, qtbot, name):
    page = filled.go(name).page
    qtbot.waitUntil(page.isVisible)
    start = QApplication.focusWidget() or filled.window
    seen, widget = [], start
    for _ in range(5000):  # every widget of every screen stands in the chain
        widget = widget.nextInFocusChain()
        if widget is start:
            break
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            seen.append(widget)
    inside = [one for one in seen if page.isAncestorOf(one)]
    assert widget is start or start is filled.window
    assert inside


@pytest.mark.parametrize("language", ["en", "es"])
def test_with_large_letters_the_rail_and_the_dialogs_are_whole(large_font, controller, qtbot, language):
    controller.use_language(language)
    controller.start()
    controller.go("export")
    qtbot.waitUntil(
        lambda: controller.window.rail.buttons["camera"].text() == {"en": "Camera", "es": "Cámara"}[language]
    )
    assert not clipped(controller.window.rail)
    keys = KeyMap([*controller.window.page.keys(), *controller.window.actions_.key_map()], controller.window)
    keys.open()
    for dialog in (controller.show_settings(), controller.show_report(), keys):
        qtbot.waitUntil(dialog.isVisible)
        qtbot.wait(20)
        assert not clipped(dialog)
        assert dialog.height() <= dialog.screen().availableSize().height()
        dialog.close()


@pytest.mark.parametrize("language", ["en", "es"])
def test_with_large_letters_the_answers_are_whole(large_font, filled, qtbot, language):
    filled.use_language(language)
    answers = filled.identify.page.answers
    qtbot.waitUntil(lambda: filled.identify.page.cards_shown() == 3)
    # A scientific name beside a name may end in an ellipsis: the tool tip has all of it.
    scientific = {card.scientific.text() for card in answers.cards}
    qtbot.waitUntil(lambda: not [one for one in clipped(answers) if one.split("'")[1] not in scientific])

    def right() -> int:
        return max(card.mapTo(page, card.rect().topRight()).x() for card in answers.cards)

    page = filled.identify.page
    qtbot.waitUntil(lambda: right() <= page.width())  # the page grows a moment after its contents


@pytest.mark.parametrize("language", ["en", "es"])
def test_with_large_letters_the_window_fits_a_small_screen_and_every_screen_can_be_scrolled_to(
    large_font, filled, qtbot, language
):
    filled.use_language(language)
    window = filled.window
    for name in PLACES:
        page = filled.go(name).page
        window.resize(1280, 720)
        qtbot.waitUntil(lambda: (window.width(), window.height()) == (1280, 720))
        qtbot.waitUntil(lambda page=page: page.width() >= page.minimumSizeHint().width())
    qtbot.waitUntil(lambda: window.rail.width() == window.rail.parentWidget().width())

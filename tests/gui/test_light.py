"""Brightness, contrast and gamma of the view: what they do to pixels, how long they stay, and what they never touch."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from avistar_gui.photo.pane import PhotoPane
from avistar_gui.photo.tone import Levels, Tone, ToneControl, levels_of, toned
from avistar_gui.widgets.thumbnails import to_image


def grey_steps(most: int = 255) -> QImage:
    """A picture with a ramp of greys up to `most`, 256 px wide."""
    ramp = np.linspace(0, most, 256).round().astype(np.uint8)
    return to_image(np.repeat(np.repeat(ramp[None, :, None], 8, 0), 3, 2)).convertToFormat(QImage.Format.Format_RGB32)


def values(image: QImage) -> list[int]:
    return [image.pixelColor(x, 3).red() for x in range(image.width())]


def test_nothing_chosen_changes_nothing(qapp):
    image = grey_steps()
    assert toned(image, Tone()) is image
    assert Tone().table(Levels()) == list(range(256))


@pytest.mark.parametrize(
    ("tone", "lighter"), [(Tone(brightness=40), True), (Tone(brightness=-40), False), (Tone(gamma=40), True)]
)
def test_a_tone_lightens_or_darkens_every_grey_and_keeps_their_order(qapp, tone, lighter):
    before, after = values(grey_steps()), values(toned(grey_steps(), tone))
    assert sorted(after) == after
    middle = [(now > then) == lighter for then, now in zip(before, after, strict=True) if 30 < then < 225]
    assert all(middle)


def test_contrast_parts_dark_from_light(qapp):
    after = values(toned(grey_steps(), Tone(contrast=50)))
    assert after[64] < 40
    assert after[192] > 215
    assert abs(after[128] - 128) < 4


def test_colours_and_size_stay_in_their_places(qapp):
    pixels = np.random.default_rng(0).integers(0, 256, (17, 31, 3), dtype=np.uint8)
    tone = Tone(brightness=20, gamma=-10)
    shown = toned(to_image(pixels).convertToFormat(QImage.Format.Format_RGB32), tone)
    table = tone.table(Levels())
    assert (shown.width(), shown.height()) == (31, 17)
    for x, y in ((0, 0), (30, 16), (5, 9)):
        assert shown.pixelColor(x, y).getRgb() == (*(table[value] for value in pixels[y, x]), 255)


def test_auto_brings_a_dark_infrared_picture_to_light(qapp):
    dark = grey_steps(30)
    after = values(toned(dark, Tone(auto=True)))
    assert after[0] == 0
    assert after[-1] == 255
    assert np.median(after) > 80


def test_auto_leaves_a_bright_picture_nearly_alone_and_a_plain_one_altogether(qapp):
    before, after = values(grey_steps()), values(toned(grey_steps(), Tone(auto=True)))
    assert max(abs(one - other) for one, other in zip(before, after, strict=True)) < 8
    plain = QImage(20, 20, QImage.Format.Format_RGB32)
    plain.fill(0xFF202020)
    assert levels_of(plain) == Levels()
    assert values(toned(plain, Tone(auto=True)))[0] == 0x20


def test_a_tone_goes_with_its_photo_unless_it_is_pinned(qapp):
    toning = ToneControl()
    toning.step("brightness", 2)
    toning.set_auto(True)
    toning.next_photo()
    assert toning.tone.plain
    toning.step("gamma", -1)
    toning.pin(True)
    toning.next_photo()
    assert toning.tone == Tone(gamma=-10)
    toning.set("contrast", 10_000)
    assert toning.tone.contrast == 100


def test_sliders_and_keys_say_the_same_and_the_photo_follows(qapp, qtbot):
    pane = PhotoPane()
    pane.addActions(pane.acts.all())
    pane.resize(500, 600)
    pane.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    pane.show()
    pane.activateWindow()
    pane.setFocus()
    qtbot.waitUntil(pane.hasFocus)
    pane.view.show_photo(grey_steps(60))
    qtbot.keyClick(pane, Qt.Key.Key_B)
    qtbot.keyClick(pane, Qt.Key.Key_B)
    assert pane.tones.sliders["brightness"].value() == 20
    qtbot.keyClick(pane, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    assert pane.toning.tone == Tone(brightness=10)
    plain = pane.acts["plain"]
    assert plain.isEnabled()
    assert pane.acts["light"].text() == "Light •"
    plain.trigger()
    assert pane.acts["light"].text() == "Light"
    assert pane.toning.tone.plain
    assert pane.tones.sliders["brightness"].value() == 0
    before = pane.view.grab().toImage()
    pane.acts["auto"].trigger()
    after = pane.view.grab().toImage()
    right, middle = before.width() - 30, before.height() // 2
    assert after.pixelColor(right, middle).lightness() > before.pixelColor(right, middle).lightness() + 100
    for zoom in (2, 8):
        pane.view.fit()
        pane.view.zoom_at(pane.view.rect().center().toPointF(), zoom)
        assert pane.view.grab().toImage().pixelColor(right, middle).lightness() > 100
    pane.close()

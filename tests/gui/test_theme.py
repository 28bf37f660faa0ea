from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QFileDialog, QToolButton

from avistar_gui.settings import Settings
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import DARK, LIGHT, Theme, Tokens, current


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "warning", "error"])
@pytest.mark.parametrize("ground", ["window", "surface", "raised", "canvas"])
def test_every_text_can_be_read_on_every_ground(tokens, ink, ground):
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_is_one(tokens):
    assert all(QColor(getattr(tokens, field.name)).isValid() for field in fields(Tokens))
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


def test_a_theme_reaches_the_application_at_once(qapp):
    theme = Theme(qapp, "dark")
    assert current() is DARK
    theme.use("light")
    assert current() is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)
    theme.deleteLater()


@pytest.mark.parametrize("name", sorted(path.stem for path in icons.folder().glob("*.svg")))
def test_every_icon_can_be_drawn(qapp, name):
    image = icons.pixmap(name, 24, "#ff0000").toImage()
    assert any(image.pixelColor(x, y).alpha() > 0 for x in range(24) for y in range(24))


def test_settings_that_make_no_sense_count_as_not_set(tmp_path):
    path = tmp_path / "settings.ini"
    path.write_text("[General]\nlanguage=klingon\ntheme=\nlast_folder=@Invalid()\n[shape]\nwindow=7\n")
    settings = Settings(QSettings(str(path), QSettings.Format.IniFormat))
    assert settings.language in ("en", "es")
    assert settings.theme == "system"
    assert settings.shape("window").isEmpty()


def test_choices_are_there_again_at_the_next_start(tmp_path):
    path = str(tmp_path / "settings.ini")
    first = Settings(QSettings(path, QSettings.Format.IniFormat))
    first.language, first.theme, first.last_folder = "es", "dark", "/card"
    first.save()
    again = Settings(QSettings(path, QSettings.Format.IniFormat))
    assert (again.language, again.theme, again.last_folder) == ("es", "dark", "/card")


def test_a_system_without_any_font_gets_the_one_that_ships(tmp_path):
    (tmp_path / "none").mkdir()
    config = tmp_path / "fonts.conf"
    config.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{tmp_path / "none"}</dir><cachedir>{tmp_path}</cachedir></fontconfig>'
    )
    code = (
        "from PySide6.QtGui import QFontInfo, QFontMetrics\n"
        "from avistar_gui.app import application\n"
        "font = application().font()\n"
        "print(QFontInfo(font).family(), all(QFontMetrics(font).inFontUcs4(ord(c)) for c in 'añ½→✕…·'))\n"
    )
    environment = {**os.environ, "FONTCONFIG_FILE": str(config), "QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "Avistar Sans True"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_edges_of_check_boxes_and_buttons_of_the_file_dialog_are_seen(qapp, qtbot, name):
    Theme(qapp, name)
    tokens = current()
    assert contrast(tokens.edge, tokens.window) >= 3
    assert contrast(tokens.edge, tokens.surface) >= 3
    dialog = QFileDialog()
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    dialog.show()
    for name in ("backButton", "toParentButton", "newFolderButton", "listModeButton", "detailModeButton"):
        button = dialog.findChild(QToolButton, name)
        picture = button.grab().toImage()
        middle = [picture.pixelColor(x, picture.height() // 2).lightness() for x in range(5, picture.width() - 5)]
        assert max(middle) - min(middle) > 60 or not button.isEnabled(), name

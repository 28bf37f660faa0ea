"""The guide inside the app: every page there, and its links work without a browser."""

from __future__ import annotations

import tomllib
from pathlib import Path

from PySide6.QtCore import QUrl

from avistar_gui.shell.user_guide import PAGES, UserGuide, pages

ROOT = Path(__file__).resolve().parents[2]


def test_every_page_is_there_and_ships():
    texts = pages()
    assert tuple(texts) == PAGES
    assert not any("](images/" in text for text in texts.values())
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text())
    included = shipped["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {f"docs/{name}.md": f"avistar_gui/guide/{name}.md" for name in PAGES}.items() <= included.items()


def test_help_opens_it_and_links_lead_from_page_to_page(controller, qtbot):
    controller.window.actions_["guide"].trigger()
    guide = controller.window.findChild(UserGuide)
    assert guide.isVisible()
    assert "Drop a memory card" in guide.text.toPlainText()
    guide._follow(QUrl("detector.md"))
    assert guide.list.currentRow() == PAGES.index("detector")
    before = guide.text.toPlainText()
    guide._follow(QUrl("https://example.org/"))
    assert guide.text.toPlainText() == before
    guide.close()

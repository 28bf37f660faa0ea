"""The user guide inside the app: the pages that the web has, too, from the files that ship."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QWidget

from avistar_gui.widgets.theme import current

PAGES = (
    "app", "first-card", "camera-traps", "detector", "catalogue", "summary", "formats", "teach", "honesty", "privacy",
    "glossary",
)  # fmt: skip
"""In the order in which they are offered; the first one is shown first."""

_PICTURE = re.compile(r"^!\[.*?\]\(.*?\)\s*$", re.MULTILINE)


def folder() -> Path:
    """Where the pages lie: in the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "guide"
    return shipped if shipped.is_dir() else package.parents[1] / "docs"


def pages() -> dict[str, str]:
    """The pages that are there, by name, as Markdown without pictures: these show the app itself."""
    texts = {}
    for name in PAGES:
        file = folder() / f"{name}.md"
        if file.is_file():
            texts[name] = _PICTURE.sub("", file.read_text("utf-8"))
    return texts


def title_of(text: str) -> str:
    """A page's first heading."""
    return next((line.lstrip("# ") for line in text.splitlines() if line.startswith("# ")), "")


class UserGuide(QDialog):
    """Pages at the left, the chosen one at the right; links between pages work, none leaves the computer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("User guide"))
        self._pages = pages()
        self.list, self.text = QListWidget(), QTextBrowser()
        self.list.setAccessibleName(self.tr("Pages of the guide"))
        self.text.setAccessibleName(self.tr("The chosen page"))
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(22)
        self.text.document().setDefaultStyleSheet(f"a {{ color: {current().accent}; }} td, th {{ padding: 4px 8px; }}")
        self.text.anchorClicked.connect(self._follow)
        for name, text in self._pages.items():
            item = QListWidgetItem(title_of(text) or name, self.list)
            item.setData(Qt.ItemDataRole.UserRole, name)
        self.list.currentItemChanged.connect(lambda item, _: self._show(item))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.addWidget(self.list)
        layout.addWidget(self.text, 1)
        self.list.setFixedWidth(max(180, self.list.sizeHintForColumn(0) + 40))
        self.resize(QSize(980, 680))
        self.list.setCurrentRow(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Rows as high as the style has them, which the list did not have before."""
        super().showEvent(event)
        self.list.doItemsLayout()

    def _show(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.text.setMarkdown(self._pages[item.data(Qt.ItemDataRole.UserRole)])

    def _follow(self, link: QUrl) -> None:
        name, place = link.fileName().removesuffix(".md"), link.fragment()
        names = list(self._pages)
        if name in names:
            self.list.setCurrentRow(names.index(name))
        if place:
            self.text.scrollToAnchor(place)

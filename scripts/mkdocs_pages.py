"""What mkdocs.yml can't say: pages of the site that lie outside docs/, and the navigation through the decisions.

So that each text stands in one place and its links work there too, in a clone as on the site.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = {
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "model-card.md": "models/default/README.md",
    "images/avistar.svg": "gui/avistar_gui/icons/avistar.svg",
}
"""Pages and pictures of the site, and where in the repository they lie."""
DECISIONS = "decisions/index.md"

_FIGURE = re.compile(r"(?<=\d) (?=[%×] ?[|)(])")
"""The space before a sign, at the end of a figure in a table: it doesn't break there."""
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")


def on_config(config: MkDocsConfig) -> None:
    """Give the navigation every decision, below the topics of their index."""
    config.nav = [_with_decisions(entry) for entry in config.nav or []]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add what lies elsewhere."""
    for name, source in ELSEWHERE.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_bytes()))


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Turn links between files of the repository into links between pages."""
    name = page.file.src_uri
    here = ELSEWHERE.get(name, f"docs/{name}")

    def linked(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), match[1]))
        return posixpath.relpath(_page_of(target, here), posixpath.dirname(name) or ".")

    return _FIGURE.sub("\u00a0", _LINK.sub(linked, markdown))


def decisions(index: str) -> dict[str, dict[str, str]]:
    """Topics of the decisions' index, each with titles and files."""
    topics: dict[str, dict[str, str]] = {}
    for line in index.splitlines():
        if line.startswith("## "):
            topics[line[3:]] = {}
        elif found := re.match(r"- \[(\d{4})\]\(([^)]+)\) (.+)", line):
            topics[list(topics)[-1]][f"{found[1]} {found[3]}"] = found[2]
    return topics


def _with_decisions(entry: Any) -> Any:
    if entry == {"Decisions": DECISIONS}:
        topics = decisions((ROOT / "docs" / DECISIONS).read_text("utf-8"))
        below = [
            {topic: [{title: f"decisions/{file}"} for title, file in records.items()]}
            for topic, records in topics.items()
        ]
        return {"Decisions": [DECISIONS, *below]}
    if isinstance(entry, dict):
        return {
            title: [_with_decisions(one) for one in inner] if isinstance(inner, list) else inner
            for title, inner in entry.items()
        }
    return entry


def _page_of(target: str, here: str) -> str:
    """The site's page or picture for a file of the repository."""
    for name, source in ELSEWHERE.items():
        if target == source:
            return name
    if target.startswith("docs/"):
        folder = (ROOT / target).is_dir()
        return posixpath.join(target.removeprefix("docs/"), "index.md" if folder else "").rstrip("/")
    raise PluginError(f"{here} links {target}, which is no page of the site: write its name without a link")

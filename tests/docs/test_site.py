"""The site: every page is found, every word and every name has its place, and nothing is asked of the internet."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

import avistar
from avistar.cli.main import application
from avistar.species import known_species
from docs_support import ROOT

DOCS = ROOT / "docs"
INDEX = (DOCS / "decisions" / "index.md").read_text("utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as it is published."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def hooks() -> Any:
    """scripts/mkdocs_pages.py."""
    spec = spec_from_file_location("mkdocs_pages", ROOT / "scripts" / "mkdocs_pages.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pages_of(entry: Any) -> list[str]:
    """The files that a part of the navigation names."""
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [page for part in parts for page in pages_of(part)]


def test_every_page_stands_in_the_navigation_once() -> None:
    plain = re.sub(r"!!python/\S+", "", (ROOT / "mkdocs.yml").read_text("utf-8"))
    named = sorted(pages_of(yaml.safe_load(plain)["nav"]))
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    records = {name for name in there if re.match(r"decisions/\d", name)}
    elsewhere = {name for name in hooks().ELSEWHERE if name.endswith(".md")}
    assert named == sorted((there - records) | elsewhere), "mkdocs.yml, under `nav`: a line for each page"


def test_every_decision_stands_in_the_index_once() -> None:
    listed = [file for records in hooks().decisions(INDEX).values() for file in records.values()]
    there = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert sorted(listed) == there, "docs/decisions/index.md: a line for each record, below its topic"
    assert len(re.findall(r"^- ", INDEX, re.MULTILINE)) == len(listed)


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("[0-9]*.md")), ids=lambda path: path.name[:4])
def test_a_decision_has_at_most_forty_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 40


def test_a_link_that_leads_out_of_the_site_is_an_error() -> None:
    module = hooks()
    assert module._page_of("CONTRIBUTING.md", "README.md") == "contributing.md"
    assert module._page_of("docs/decisions", "README.md") == "decisions/index.md"
    with pytest.raises(Exception, match=r"links tests/support\.py, which is no page"):
        module._page_of("tests/support.py", "docs/app.md")


def test_the_reference_has_every_public_name_once(site: Path) -> None:
    named = re.findall(r"^::: avistar\.(\w+)$", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(set(avistar.__all__) - {"__version__"})
    page = (site / "api.html").read_text("utf-8")
    for name in named:
        assert f'id="avistar.{name}"' in page
    assert 'id="avistar.Classifier.identify"' in page


def test_every_command_is_listed() -> None:
    listed = re.findall(r"^\| `avistar ([\w -]+)`", (DOCS / "commands.md").read_text("utf-8"), re.MULTILINE)
    there = []
    verbs: Any = typer.main.get_command(application())
    for verb, command in verbs.commands.items():
        below = getattr(command, "commands", None)
        there += [f"{verb} {name}" for name in below] if below else [verb]
    assert sorted(listed) == sorted(there), "docs/commands.md: a line for each command"


def test_the_home_page_names_the_species() -> None:
    text = (DOCS / "index.md").read_text("utf-8")
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", text[text.index("## The 30 species") :], re.MULTILINE)
    named = [name for row in rows for name in row.split(", ") if row != "species"]
    assert sorted(name.lower() for name in named) == sorted(one.english.lower() for one in known_species())


def test_every_word_of_the_glossary_is_defined() -> None:
    parts = re.split(r"^### ", (DOCS / "glossary.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert len(parts) > 40
    for part in parts:
        word, _, text = part.partition("\n")
        assert len(re.sub(r"\*Not:.*?\*", "", text).split()) > 5, word


def test_nothing_is_fetched_from_the_internet(site: Path) -> None:
    fetched = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*?(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
    for page in site.rglob("*.html"):
        found = fetched.findall(page.read_text("utf-8"))
        assert not found, f"{page.name}: {found[:3]}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text("utf-8")), sheet.name


def test_the_search_finds_words_of_every_part(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    texts = {entry["location"]: f"{entry['title']} {entry['text']}" for entry in index["docs"]}
    for location, word in (
        ("app.html", "Ctrl+Z"), ("api.html", "AsyncClassifier"), ("glossary.html", "familiarity floor"),
        ("contributing.html", "Budgets"), ("decisions/0030", "WAL"), ("model-card.html", "spider_monkey"),
    ):  # fmt: skip
        found = [text for place, text in texts.items() if place.startswith(location) and word in text]
        assert found, f"{word} isn't found in {location}"
    assert (site / "search" / "search_index.js").is_file()
    assert (site / "assets" / "iframe-worker.js").is_file()

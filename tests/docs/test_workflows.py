"""The workflows were never run: here at least their syntax, and that what they call is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs_support import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(path: Path) -> dict[Any, Any]:
    """A workflow; YAML 1.1 takes its key `on` for True."""
    content = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_is_whole(path: Path) -> None:
    content = read(path)
    assert content[True], "when it runs"
    assert content["permissions"] == {"contents": "read"}, "nothing more than it needs"
    for job in content["jobs"].values():
        assert job["timeout-minutes"] <= 90
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])
        assert set(job.get("needs", [])) <= set(content["jobs"]) or job["needs"] in content["jobs"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_a_workflow_calls_is_there(path: Path) -> None:
    named = re.findall(r"\b(?:scripts|requirements)/[\w.]+", path.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).is_file()] == []
    assert "never run" in path.read_text("utf-8").lower()


def test_the_checks_run_on_every_system_and_python() -> None:
    matrix = read(ROOT / ".github" / "workflows" / "checks.yml")["jobs"]["checks"]["strategy"]["matrix"]
    assert [name.split("-")[0] for name in matrix["os"]] == ["ubuntu", "windows", "macos"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_it_is_said_that_they_never_ran() -> None:
    assert "**They were never run**" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")

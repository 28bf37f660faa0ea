"""docs/embedding.md and docs/serve.md: what they show runs as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import avistar
from avistar.bundle import default_bundle

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])}


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / "docs" / document).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "samples").mkdir()
    for name in ("raccoon.jpg", "cat.jpg"):
        shutil.copy(ROOT / "samples" / name, tmp_path / "samples" / name)
    assert default_bundle().is_dir()
    return tmp_path


def run(code: str, place: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=place, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_of_embedding_runs_and_leaves_nothing_behind(place: Path) -> None:
    examples = blocks("embedding.md", "python")
    assert len(examples) == 6
    before = sorted(place.rglob("*"))
    printed = run("\n".join(examples), place)
    assert "species raccoon" in printed
    assert "Mapache" in printed
    assert sorted(place.rglob("*")) == before


def test_every_example_of_the_service_runs(place: Path) -> None:
    pytest.importorskip("uvicorn", reason="the serve extra isn't installed")
    process = subprocess.Popen(
        [sys.executable, "-c", "from avistar.cli.main import run; run()", "serve", "--port", "0"],
        cwd=place, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        port = re.search(r":(\d+) ", process.stderr.readline())[1]  # type: ignore[index]
        (code,) = blocks("serve.md", "python")
        assert "raccoon" in run(code.replace("8765", port), place)
        if shutil.which("curl"):
            (shell,) = [one for one in blocks("serve.md", "sh") if "curl" in one]
            printed = subprocess.run(
                ["bash", "-ec", shell.replace("8765", port)], cwd=place, capture_output=True, text=True, check=True
            ).stdout
            assert '"id":"raccoon"' in printed
            assert "Mapache" in printed
            assert printed.count('"answers"') == 2
    finally:
        process.kill()
        process.communicate()

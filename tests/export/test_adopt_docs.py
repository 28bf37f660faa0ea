"""The commands of docs/adopt.md, on a small network that the test makes itself."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from tests.export.foreign_support import NAMES, write_labels, write_network, write_their_photos

from avistar.cli.main import main
from avistar_export.preset import PRESETS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "adopt.md"


def commands() -> list[list[str]]:
    """Each command of the guide's shell blocks, without `avistar`."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines() if line.startswith("avistar ")]


def test_every_command_of_the_guide_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_network(tmp_path)
    write_labels(tmp_path)
    write_their_photos(tmp_path / "PHOTOS", 3)
    monkeypatch.chdir(tmp_path)
    assert [command[0] for command in commands()] == ["export", "identify", "export"]
    for command in commands():
        assert main(command) == 0, command
    assert (tmp_path / "models" / "theirs" / "manifest.json").is_file()
    assert len(NAMES) * 3 == sum(len(files) for _, _, files in os.walk(tmp_path / "PHOTOS"))


def test_the_guide_names_every_preset() -> None:
    text = GUIDE.read_text("utf-8")
    assert [name for name in PRESETS if f"`{name}`" not in text] == []

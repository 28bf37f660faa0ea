"""What a user gets: the built wheel in an empty environment, without a network."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def call(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of the programs of an environment that holds the wheel and nothing of the checkout."""
    place = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, ROOT)
    venv.create(place / "env", with_pip=True)
    programs = place / "env" / ("Scripts" if os.name == "nt" else "bin")
    wheel = next(place.glob("*.whl"))
    call(programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{wheel}[cpu]")
    return programs


def offline():
    """A prefix that takes the network away, where the system lets us."""
    prefix = ["unshare", "--map-root-user", "--net"]
    tried = shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if tried and tried.returncode == 0 else []


def test_the_wheel_identifies_a_photo_offline(installed, tmp_path):
    shutil.copy(ROOT / "samples" / "raccoon.jpg", tmp_path / "photo.jpg")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    words = call(
        *offline(), installed / "avistar", "identify", "photo.jpg", "--language", "en", cwd=tmp_path, env=clean
    )
    assert "raccoon" in words.lower()
    words = call(*offline(), installed / "avistar", "models", cwd=tmp_path, env=clean)
    assert "resnet50" in words


def test_what_isnt_installed_is_answered_with_the_line_that_installs_it(installed, tmp_path):
    for verb, extra in ((["gui"], "gui"), (["train", "fit", ".", "--out", "x"], "train")):
        done = subprocess.run([installed / "avistar", *verb], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 5
        assert f"avistar[{extra}]" in done.stderr

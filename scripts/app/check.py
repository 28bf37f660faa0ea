"""Tries the built program as its user has it: somewhere else, without Python, without anything in the environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from app import parts

ALIEN = ("tensorflow", "keras", "torch", "matplotlib", "onnx", "avistar_train", "avistar_export")
PATIENCE_S = 300


class Tried:
    """One built program in a folder of its own; says what holds and counts what doesn't."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home, self.failures = folder, home, 0
        keep = ("SYSTEMROOT", "WINDIR", "TEMP", "TMP")  # Windows starts no program without them
        self.environment = {name: os.environ[name] for name in keep if name in os.environ} | {
            "PATH": "",
            "HOME": str(home),
            "USERPROFILE": str(home),
            "LOCALAPPDATA": str(home),
            "APPDATA": str(home),
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def run(self, *arguments: str, program: str = "avistar") -> subprocess.CompletedProcess[str]:
        """Start one of the two programs, in the home folder."""
        path = self.folder / (f"{program}.exe" if os.name == "nt" else program)
        command = [str(path), *arguments]
        return subprocess.run(
            command,
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )

    def say(self, what: str, holds: bool, more: str = "") -> None:
        """One line for each thing that was tried."""
        self.failures += not holds
        print(f"{'ok' if holds else 'NO'}  {what}{'' if holds else ': ' + more.strip()[-800:]}", flush=True)


def tried(built: Path) -> int:
    """How many things fail, tried in a copy of the folder `built` elsewhere."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name, "a home")
        home.mkdir()
        folder = Path(name, "some where", "avistar")
        shutil.copytree(built, folder, symlinks=True)
        samples = home / "muestras"
        shutil.copytree(parts.ROOT / "samples", samples)
        program = Tried(folder, home)
        _contents(program)
        _command_line(program, samples)
        _map(program, samples)
        _window(program, samples)
    return program.failures


def _contents(program: Tried) -> None:
    names = {path.name.lower() for path in program.folder.rglob("*")}
    found = [one for one in ALIEN if one in names]
    program.say("no training library inside", not found, ", ".join(found))
    licences = (program.folder / "LICENCES.txt").read_text("utf-8")
    program.say("licences are listed", all(one in licences for one in ("PySide6", "onnxruntime", "Python", "numpy")))


def _command_line(program: Tried, samples: Path) -> None:
    done = program.run("--version")
    program.say("says its version", parts.version() in done.stdout, done.stdout + done.stderr)
    started = time.perf_counter()
    done = program.run("identify", str(samples / "raccoon.jpg"), str(samples / "cat.jpg"))
    seconds = time.perf_counter() - started
    program.say(f"identifies two photos ({seconds:.1f} s)", "Raccoon" in done.stdout, done.stdout + done.stderr)
    done = program.run("identify", str(samples), "--catalogue", str(program.home / "c.avistar"), "-q")
    done = program.run("survey", "export", str(program.home / "c.avistar"), str(program.home / "c.xlsx"))
    program.say("exports a workbook", (program.home / "c.xlsx").is_file(), done.stdout + done.stderr)
    done = program.run("doctor", "--json")
    program.say("is healthy", done.returncode == 0 and json.loads(done.stdout)["healthy"], done.stdout + done.stderr)
    done = program.run("export", "engine")
    told = done.returncode == 5 and "one-folder program" in done.stderr
    program.say("says plainly what it leaves out", told, done.stdout + done.stderr)


def _map(program: Tried, samples: Path) -> None:
    """The child that lays the user's photos out on a map, with the library that only it loads."""
    bundle = next(program.folder.rglob("models/default"), program.folder)
    photos = [str(path) for path in sorted(samples.glob("*.jpg"))]
    request, result = program.home / "request.json", program.home / "result.npz"
    wish = {"folder": str(bundle), "file": "model.int8.onnx", "photos": photos, "boxes": [None] * len(photos)}
    request.write_text(json.dumps(wish | {"result": str(result), "on_map": True}), "ascii")
    done = program.run("gui", "--work", str(request))
    program.say("lays photos out on a map", result.is_file() and '"done"' in done.stdout, done.stdout + done.stderr)


def _window(program: Tried, samples: Path) -> None:
    for name, arguments in (("avistar", ("gui",)), ("avistar-app", ())):
        out = program.home / f"tour of {name}"
        began = time.time()
        done = program.run(*arguments, str(samples), "--tour", str(out), program=name)
        told = done.stdout + done.stderr
        result = json.loads((out / "tour.json").read_bytes()) if (out / "tour.json").is_file() else {}
        seconds = result.get("painted_at", began) - began
        whole = done.returncode == 0 and len(result.get("screens", ())) == 5 and result.get("photos") == 4
        program.say(f"{name} shows every screen (first paint after {seconds:.2f} s)", whole, told or str(result))
        program.say(f"{name} says nothing on its streams", not told, told)

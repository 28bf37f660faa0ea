"""Ctrl-C once and twice, SIGTERM and SIGHUP, against every verb while a part of it hangs: how it ends, what is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import avistar
from adaptation_support import write_base, write_photos
from avistar import ModelBundle
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from avistar.sorting import JOURNAL
from media_support import write_video
from support import encoded, picture

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

HELD = """
import importlib, sys, threading
place, free = sys.argv.pop(1), int(sys.argv.pop(1))
module, _, names = place.partition(":")
*outer, name = names.split(".")
owner = importlib.import_module(module)
for one in outer:
    owner = getattr(owner, one)
real, calls = getattr(owner, name), 0
def held(*args, **kwargs):
    global calls
    calls += 1
    if calls > free:
        print("held", file=sys.stderr, flush=True)
        while True:
            threading.Event().wait(3600)
    return real(*args, **kwargs)
setattr(owner, name, held)
from avistar.cli.main import run
run()
"""
"""`avistar …`, in which a function hangs from its n-th call on: in a worker as a decoder does that nothing stops."""

ENDS = {
    "Ctrl-C": (signal.SIGINT,),
    "Ctrl-C twice": (signal.SIGINT, signal.SIGINT),
    "SIGTERM": (signal.SIGTERM,),
    "SIGHUP": (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else (),
}
ALL = bool(os.environ.get("AVISTAR_SIGNALS"))
"""AVISTAR_SIGNALS=1: each verb is ended in each way, not in one of them."""


@dataclass
class Place:
    """What the verbs work on."""

    folder: Path
    bundle: Path
    card: Path
    catalogue: Path
    photos: Path
    base: Path

    @property
    def made(self) -> list[str]:
        """What a verb has left in the folder for results."""
        out = self.folder / "out"
        return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


@pytest.fixture
def place(tmp_path: Path, tiny: ModelBundle) -> Place:
    card = tmp_path / "card"
    card.mkdir()
    for seed in range(12):
        (card / f"{seed:02d}.jpg").write_bytes(encoded(picture(seed)))
    catalogue = tmp_path / "whole.avistar"
    words = ["identify", str(card), "--catalogue", str(catalogue), "--model", str(tiny.folder), "--device", "cpu", "-q"]
    assert main(words) == 0
    write_video(tmp_path / "video.avi", frames=50)
    photos = write_photos(tmp_path / "photos", {"red_fox": 8, "wolf": 6})
    write_photos(tmp_path / "known", {"wolf": 6})
    (tmp_path / "out").mkdir()
    return Place(tmp_path, tiny.folder, card, catalogue, photos, write_base(tmp_path / "base").folder)


def rows_are_whole(place: Place, twice: bool) -> None:
    if twice:  # ended at once: no half table under the table's name
        assert "r.csv" not in place.made
        return
    lines = (place.folder / "out" / "r.csv").read_text("utf-8-sig").splitlines()
    assert 1 < len(lines) < 13
    assert {line.count(",") for line in lines} == {lines[0].count(",")}
    assert place.made == ["r.csv"]


def answers_are_stored(place: Place, twice: bool) -> None:
    with Catalogue.read(place.folder / "out" / "s.avistar") as catalogue:
        assert 0 < catalogue.counts().answered < 12


def sorting_can_be_undone(place: Place, twice: bool) -> None:
    target = place.folder / "out" / "sorted"
    assert len([path for path in target.rglob("*.jpg") if path.name != JOURNAL]) >= 2
    assert main(["survey", "undo", str(target)]) == 0
    assert [path for path in place.made if path.endswith(".jpg")] == []
    assert len(list(place.card.iterdir())) == 12


def nothing_is_there(place: Place, twice: bool) -> None:
    left = [name for name in place.made if not name.startswith("runs/")]
    assert left == [] if not twice else all(".partial" in name or name.startswith(".") for name in left), left


def no_matter(place: Place, twice: bool) -> None:
    """Nothing is written at all."""


PREPARE, RUN = "avistar.classifier:Classifier.prepare", ["--device", "cpu", "--model", "{bundle}"]
PACED = ["--batch", "1", "--workers", "1", "-q", *RUN]
VERBS: dict[str, tuple[str, int, list[str], Callable[[Place, bool], None]]] = {
    "identify to a table": (PREPARE, 4, ["identify", "{card}", "--out", "{out}/r.csv", *PACED], rows_are_whole),
    "identify to a survey": (
        PREPARE, 4, ["identify", "{card}", "--catalogue", "{out}/s.avistar", *PACED], answers_are_stored,
    ),
    "live": (PREPARE, 3, ["live", "{folder}/video.avi", *RUN], no_matter),
    "sort": (
        "avistar.sorting.apply:place", 2, ["survey", "sort", "{catalogue}", "{out}/sorted", "--yes"],
        sorting_can_be_undone,
    ),
    "export a survey": (
        "avistar.formats.spreadsheet:csv_texts", 3, ["survey", "export", "{catalogue}", "{out}/t.csv"],
        nothing_is_there,
    ),
    "summary": (
        "avistar.summary.report:_page", 0, ["survey", "summary", "{catalogue}", "--out", "{out}/t.html"],
        nothing_is_there,
    ),
    "teach": (
        "avistar.adaptation.photo_views:prepare", 5,
        ["teach", "{photos}", "--base", "{base}", "--out", "{out}/mine"], nothing_is_there,
    ),
    "evaluate": (PREPARE, 3, ["evaluate", "{folder}/known", "--model", "{bundle}"], no_matter),
    "train": (
        "avistar_train.inspect_data:_look", 3, ["train", "inspect", "{photos}", "--species", "{folder}/list.txt"],
        no_matter,
    ),
    "export": ("avistar_export.golden:verify", 0, ["export", "verify", "{bundle}"], no_matter),
}  # fmt: skip
CASES = [
    pytest.param(verb, way, id=f"{verb}, {way}")
    for number, verb in enumerate(VERBS)
    for turn, way in enumerate(ENDS)
    if ALL or (number - turn) % len(ENDS) == 0
]


@pytest.mark.parametrize(("verb", "way"), CASES)
def test_every_verb_ends_within_seconds_as_shells_expect(place: Place, verb: str, way: str) -> None:
    function, free, words, check = VERBS[verb]
    pytest.importorskip(function.partition(":")[0], reason="the part isn't installed")
    (place.folder / "list.txt").write_text("red fox\nwolf\n", "utf-8")
    values = {"out": place.folder / "out", **vars(place)}
    command = [sys.executable, "-c", HELD, function, str(free), *(word.format(**values) for word in words)]
    parts = [str(Path(avistar.__file__).parents[2] / name) for name in ("runtime", "train", "export")]
    own = {name: str(place.folder / "home" / name) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    environment = os.environ | own | {"PYTHONPATH": os.pathsep.join(parts)}  # nothing kept by an earlier run is found
    process = subprocess.Popen(command, text=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = ""
    while not said.endswith("held\n"):
        said += (line := process.stderr.readline())
        assert line, said
    for number in ENDS[way]:
        process.send_signal(number)
        time.sleep(0.2)  # two of a kind at once may arrive as one
    after = process.communicate(timeout=60)[1]
    # A second Ctrl-C may find Python on its way out, where it ends the process itself: 130 for a shell, too.
    assert process.returncode in (128 + ENDS[way][0], -ENDS[way][-1] if len(ENDS[way]) > 1 else None), after
    assert "Traceback" not in after
    assert len(after.splitlines()) <= 3, after
    check(place, len(ENDS[way]) > 1)

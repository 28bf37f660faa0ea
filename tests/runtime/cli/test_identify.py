from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest

import avistar
from avistar import Classifier, Identification, ModelBundle
from avistar.backends.factory import Device
from avistar.cli import identify as verb
from avistar.cli.main import main
from avistar.cli.options import DeviceName, LanguageName, PrecisionName
from avistar.manifest import Precision
from avistar.species import Language
from support import picture

Run = Callable[..., int]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three pictures, a broken one, and a file that is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(3):
        picture(seed).save(folder / f"IMG_{seed}.jpg")
    (folder / "broken.jpg").write_bytes(b"<html>")
    (folder / "notes.txt").write_text("notes")
    return folder


@pytest.fixture
def identify(tiny: ModelBundle) -> Run:
    """Runs `avistar identify` with the tiny bundle."""

    def run(*arguments: object) -> int:
        return main(["identify", "--model", str(tiny.folder), "--device", "cpu", *map(str, arguments)])

    return run


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_picture_answered_is_success(identify: Run, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert identify(photos / "IMG_0.jpg", photos / "IMG_1.jpg") == 0
    out, err = capsys.readouterr()
    heading, *lines = out.splitlines()
    assert heading.split() == ["File", "Species", "Confidence", "2nd", "3rd", "Decision"]
    assert [Path(line.split()[0]).name for line in lines] == ["IMG_0.jpg", "IMG_1.jpg"]
    assert all("%" in line for line in lines)
    assert "2 pictures in" in err


def test_a_broken_picture_is_a_row_with_its_reason(
    identify: Run, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert identify(photos) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 5
    (broken,) = (line for line in out.splitlines() if "broken.jpg" in line)
    assert "not identified: not a picture in a known format" in broken
    assert "1 failed" in err
    assert "1 other file skipped" in err


def test_answers_in_spanish(identify: Run, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert identify(photos, "--language", "es") == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split() == ["Archivo", "Especie", "Confianza", "2.º", "3.º", "Decisión"]
    assert "sin identificar: no es una imagen" in out
    assert "4 imágenes en" in err


def test_the_language_is_the_systems_unless_said(
    identify: Run, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    identify(photos)
    assert capsys.readouterr().out.startswith("Archivo")
    identify(photos, "--language", "en")
    assert capsys.readouterr().out.startswith("File")


def test_a_csv_has_a_row_for_each_picture(identify: Run, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    assert identify(photos, "--out", out, "--top", 2) == 1
    written = {Path(row["file"]).name: row for row in rows(out)}
    assert list(written) == ["broken.jpg", "IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"]
    assert written["broken.jpg"]["failure"] == "not_an_image"
    assert "top2" in written["IMG_0.jpg"]
    assert "top3" not in written["IMG_0.jpg"]
    assert written["IMG_0.jpg"]["bundle"] == "tiny"
    assert len(written["IMG_0.jpg"]["artifact_sha256"]) == 64


def test_json_lines_have_the_whole_vector(identify: Run, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.jsonl"
    identify(photos / "IMG_0.jpg", "--out", out)
    (record,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert len(record["probabilities"]) == 30
    assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_the_batch_changes_no_answer(identify: Run, photos: Path, tmp_path: Path) -> None:
    def answers(batch: int) -> list[dict[str, str]]:
        identify(photos, "--out", tmp_path / "r.csv", "--batch", batch)
        return [row | {"elapsed_ms": ""} for row in rows(tmp_path / "r.csv")]

    assert answers(1) == answers(3)


def test_top_may_ask_for_more_than_there_are(identify: Run, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert identify(photos / "IMG_0.jpg", "--top", 30) == 0
    assert "30th" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [[], ["--top", "0"], ["--top", "many"], ["--batch", "0"], ["--device", "tpu"], ["--language", "fr"]],
    ids=" ".join,
)
def test_wrong_usage_is_two(arguments: list[str], photos: Path) -> None:
    paths = [str(photos)] if arguments else []
    assert main(["identify", *paths, *arguments]) == 2


def test_another_suffix_is_wrong_usage_before_anything_runs(
    identify: Run, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert identify(photos, "--out", tmp_path / "r.xlsx") == 2
    assert ".csv or .jsonl" in capsys.readouterr().err


def test_a_folder_without_pictures_is_said_so(
    identify: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert identify(tmp_path / "a", "-q") == 2
    assert capsys.readouterr().err == f"no pictures in {tmp_path / 'a'}, looked into 2 folders\n"


def test_an_empty_folder_beside_a_full_one_is_a_remark(
    identify: Run, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert identify(photos / "IMG_0.jpg", tmp_path / "empty") == 0
    assert "looked into 1 folder" in capsys.readouterr().err


def test_a_pattern_that_matches_nothing_is_a_failure(
    identify: Run, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert identify(photos / "IMG_0.jpg", photos / "*.nef") == 1
    assert "nothing matches" in capsys.readouterr().err


def test_an_unreadable_folder_is_a_failure_even_if_the_rest_went_well(
    identify: Run, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scandir = os.scandir

    def refusing(folder: str) -> object:
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    (photos / "locked").mkdir()
    (photos / "broken.jpg").unlink()
    monkeypatch.setattr(os, "scandir", refusing)
    assert identify(photos, "-q") == 1
    assert f"can't look into {photos / 'locked'} (Permission denied)" in capsys.readouterr().err


def test_a_missing_file_is_a_row(identify: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert identify(tmp_path / "none.jpg") == 1
    assert "there is no such file" in capsys.readouterr().out


def test_quiet_prints_the_table_alone_and_nothing_with_out(
    identify: Run, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identify(photos, "--quiet")
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 5
    assert err == ""
    identify(photos, "--quiet", "--out", tmp_path / "r.csv")
    assert capsys.readouterr() == ("", "")
    assert len(rows(tmp_path / "r.csv")) == 4


def test_verbose_says_what_runs_and_why_no_gpu(
    tiny: ModelBundle, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reject_gpu(monkeypatch)
    main(["identify", str(photos), "--model", str(tiny.folder), "-v"])
    err = capsys.readouterr().err
    assert "cpu · onnxruntime" in err
    assert "no driver" in err


@pytest.mark.parametrize("installed", [True, False])
def test_a_rejected_gpu_is_mentioned_only_where_one_was_expected(
    installed: bool,
    tiny: ModelBundle,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    reject_gpu(monkeypatch)
    monkeypatch.setattr(verb, "_gpu_build_installed", lambda: installed)
    main(["identify", str(photos), "--model", str(tiny.folder)])
    err = capsys.readouterr().err
    assert ("the GPU was not used; -v says why" in err) is installed
    assert "no driver" not in err


def reject_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Classifier.open

    def on_the_cpu(folder: object, device: str, **options: object) -> Classifier:
        classifier = opened(folder, "cpu", **options)
        classifier.rejected = ("cuda failed to start: no driver",)
        return classifier

    monkeypatch.setattr(Classifier, "open", on_the_cpu)


def test_an_explicit_gpu_that_is_not_there_ends_with_five(
    tiny: ModelBundle, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["identify", str(photos), "--model", str(tiny.folder), "--device", "tensorrt"])
    if code == 1:
        pytest.skip("this machine has TensorRT")
    out, err = capsys.readouterr()
    assert code == 5
    assert out == ""
    assert "pip install" in err


def test_a_folder_that_is_no_bundle_is_one_line(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", str(photos), "--model", str(photos)]) == 1
    err = capsys.readouterr().err
    assert "is no bundle" in err
    assert err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="no such names on this system")
def test_names_that_would_steer_a_terminal_are_defused(
    identify: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "\x1b[31mred\n[bold]\u202egpj.exe"
    path.write_bytes(b"MZ")
    identify(path)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert len(out.splitlines()) == 2
    assert "[bold]" in out


def test_an_interrupt_keeps_the_rows_that_are_done(
    identify: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Classifier.stream

    def interrupted(self: Classifier, *arguments: object, **options: object) -> Iterator[Identification]:
        for i, answer in enumerate(whole(self, *arguments, **options)):
            if i == 2:
                raise KeyboardInterrupt
            yield answer

    monkeypatch.setattr(Classifier, "stream", interrupted)
    assert identify(photos, "--out", tmp_path / "r.csv") == 130
    out, err = capsys.readouterr()
    assert len(rows(tmp_path / "r.csv")) == 2
    assert len(out.splitlines()) == 3
    assert "interrupted after 2 of 4" in err


@pytest.mark.skipif(os.name == "nt", reason="interrupts and links are different on this system")
def test_control_c_in_a_real_process_keeps_the_rows_that_are_done(tiny: ModelBundle, tmp_path: Path) -> None:
    picture(1, (640, 480)).save(tmp_path / "one.jpg")
    (tmp_path / "many").mkdir()
    for i in range(5000):
        (tmp_path / "many" / f"{i}.jpg").symlink_to(tmp_path / "one.jpg")
    arguments = [
        "identify",
        str(tmp_path / "many"),
        "--model",
        str(tiny.folder),
        "--out",
        str(tmp_path / "r.csv"),
        "-q",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", "from avistar.cli.main import run; run()", *arguments],
        env=os.environ | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])},
        stderr=subprocess.PIPE,
    )
    while not any(path.stat().st_size > 4000 for path in tmp_path.glob("*.partial")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert 0 < len(rows(tmp_path / "r.csv")) < 5000
    assert list(tmp_path.glob("*.partial")) == []


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_reader_that_leaves_early_is_no_error_message(tiny: ModelBundle, photos: Path) -> None:
    avistar_identify = f'"{sys.executable}" -c "from avistar.cli.main import run; run()" identify'
    done = subprocess.run(
        f'{avistar_identify} "{photos}" --model "{tiny.folder}" -q | true',
        shell=True,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])},
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"unforeseen" not in done.stderr


def test_the_options_know_every_device_precision_and_language() -> None:
    assert tuple(DeviceName) == get_args(Device)
    assert tuple(PrecisionName) == get_args(Precision)
    assert tuple(LanguageName) == get_args(Language)

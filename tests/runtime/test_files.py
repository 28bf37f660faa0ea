from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from avistar import AvistarError, UsageError
from avistar.files import check_new, replaced, writing


def locked(times: int) -> Any:
    """`Path.replace` as it is while another program holds the target, `times` times."""
    real, calls = Path.replace, iter(range(100))

    def replace(self: Path, target: Path) -> Path:
        if next(calls) < times:
            raise PermissionError(13, "The process cannot access the file because it is being used")
        return real(self, target)

    return replace


def test_a_file_that_is_let_go_of_soon_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.files.time.sleep", lambda seconds: None)
    monkeypatch.setattr(Path, "replace", locked(3))
    with writing(tmp_path / "r.csv") as stream:
        stream.write("new")
    assert (tmp_path / "r.csv").read_text() == "new"


def test_a_file_that_is_open_in_excel_is_left_alone_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("avistar.files.time.sleep", waited.append)
    monkeypatch.setattr(Path, "replace", locked(99))
    (tmp_path / "r.csv").write_text("old")
    with pytest.raises(AvistarError, match="close it in the other program"), writing(tmp_path / "r.csv") as stream:
        stream.write("new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("r.csv", "old")]
    assert sum(waited) == pytest.approx(2.5)


def test_a_folder_that_takes_no_files_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.files.os.access", lambda path, mode: False)  # chmod stops no administrator
    with pytest.raises(UsageError, match="can't be written to: choose another folder"), writing(tmp_path / "r.csv"):
        pass


def test_an_error_of_the_block_itself_passes_through_and_leaves_nothing(tmp_path: Path) -> None:
    def half() -> None:
        with replaced(tmp_path / "r.csv") as partial:
            partial.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert list(tmp_path.iterdir()) == []


FULL = """
import resource, signal, sys
from pathlib import Path
from records_support import FACTS, everything
from avistar import AvistarError
from avistar.formats.jsonl import Jsonl
from avistar.formats.megadetector import MegaDetector
from avistar.formats.spreadsheet import Csv, Xlsx
from avistar.formats.xmp import Xmp

folder = Path(sys.argv[1])
targets = {"r.csv": Csv(), "r.jsonl": Jsonl(), "r.json": MegaDetector(), "r.xlsx": Xlsx()}
for name in targets:
    (folder / name).write_text("old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for name, writer in targets.items():
    try:
        writer.write(everything() * 20, FACTS, folder / name)
    except AvistarError as error:
        print(error)
    assert (folder / name).read_text() == "old", name
try:
    Xmp().write(everything(), FACTS, folder / "side")
except AvistarError as error:
    print(error)
print(sorted(path.name for path in folder.iterdir()))
"""


def test_a_disk_that_is_full_leaves_the_earlier_files_and_no_others(tmp_path: Path) -> None:
    """A limit on a file's size, which the system keeps like a full disk: at whatever byte it comes."""
    pytest.importorskip("resource", reason="needs a POSIX system's limits")
    (tmp_path / "side").mkdir()
    search = f"import sys; sys.path[:0] = {sys.path!r}\n"
    ran = subprocess.run(
        [sys.executable, "-c", search + FULL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    *errors, left = ran.stdout.splitlines()
    assert len(errors) == 5
    assert all("can't be written (File too large" in error and "It was left as it was" in error for error in errors)
    assert left == "['r.csv', 'r.json', 'r.jsonl', 'r.xlsx', 'side']"
    assert list((tmp_path / "side").rglob("*.partial")) == []


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\xff\xd8\xff\xe0 a photo", "a photo or a video"),
        (b"II*\0 a raw photo", "a photo or a video"),
        (b"\0\0\0\x18ftypmp42", "a photo or a video"),
        (b"RIFF\0\0\0\0AVI LIST", "a photo or a video"),
        (b"SQLite format 3\0", "a catalogue"),
    ],
)
def test_what_cannot_be_made_again_is_never_replaced(tmp_path: Path, head: bytes, what: str) -> None:
    target = tmp_path / "results.csv"
    target.write_bytes(head)
    with pytest.raises(UsageError, match=f"is {what}, which an export never overwrites"), writing(target) as stream:
        stream.write("file")
    assert target.read_bytes() == head
    with pytest.raises(UsageError, match=what):
        check_new(target, overwrite=True)


def test_a_file_of_a_model_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"artifacts": []}')
    target = tmp_path / "analysis" / "results.csv"
    target.parent.mkdir()
    target.write_text("figures")
    with pytest.raises(UsageError, match="part of a model"), writing(target):
        pass


def test_an_earlier_export_is_replaced_when_somebody_says_so(tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    check_new(target, overwrite=False)
    target.write_text("file")
    with pytest.raises(UsageError, match="add --overwrite"):
        check_new(target, overwrite=False)
    check_new(target, overwrite=True)

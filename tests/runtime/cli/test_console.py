import pytest

from avistar.cli.console import Steps, note


@pytest.mark.parametrize(("lines", "said"), [(1, ["30"]), (3, ["10", "20", "30"])])
def test_progress_off_a_terminal_is_as_many_lines_as_asked_for(capsys, lines, said):
    steps = Steps(lines)
    for done in range(1, 31):
        steps("reading photos", done, 30)
    assert capsys.readouterr().err.splitlines() == [f"reading photos: {n} of 30" for n in said]


def test_progress_on_a_terminal_is_one_line_written_over(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    steps = Steps()
    steps("reading photos", 1, 2)
    steps("reading photos", 2, 2)
    assert capsys.readouterr().err == "\r\x1b[Kreading photos: 1 of 2\r\x1b[Kreading photos: 2 of 2\n"


def test_a_note_lists_what_is_wrong_line_by_line_and_hides_other_controls(capsys: pytest.CaptureFixture[str]) -> None:
    note("2 photos can't be read:\n  a.jpg: cut\n  b\x1b[2J.jpg: empty\rx\ny")
    assert capsys.readouterr().err == "2 photos can't be read:\n  a.jpg: cut\n  b�[2J.jpg: empty�x�y\n"

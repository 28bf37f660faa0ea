from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer

import avistar
from avistar import (
    AvistarError,
    BackendUnavailable,
    BundleError,
    MissingExtra,
    UsageError,
)
from avistar.cli import main as cli
from avistar.cli.main import GROUP, application, installed_verbs, lacking, main

HEAVY = ("tensorflow", "keras", "torch", "cv2", "PySide6", "onnx", "onnxruntime", "sklearn", "numpy", "PIL", "rich")


def in_a_fresh_process(*arguments: str, code: str = "run()", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`avistar ARGUMENTS` by a new interpreter."""
    folders = os.pathsep.join(
        str(Path(avistar.__file__).parents[2] / name) for name in ("runtime", "train", "export", "gui")
    )
    return subprocess.run(
        [sys.executable, "-c", f"from avistar.cli.main import run\n{code}", *arguments],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": folders, "PYTHONWARNINGS": ""} | environment,
        timeout=120,
        check=False,
    )


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Makes `avistar probe` do what it is given."""

    def install(value: object) -> None:
        entry = EntryPoint("probe", "tests:probe", GROUP)
        monkeypatch.setattr(EntryPoint, "load", lambda self: value)
        monkeypatch.setattr(cli, "installed_verbs", lambda: {"probe": entry})

    return install


def raising(error: BaseException) -> Callable[[], None]:
    def probe() -> None:
        """Raise."""
        raise error

    return probe


def test_help_names_every_verb_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.partition("Commands:")[2].splitlines() if line]
    assert {"identify", "evaluate", "models", "doctor"} <= {line[0] for line in lines}
    assert all(len(line) == 2 for line in lines)


def test_help_loads_nothing_heavy() -> None:
    code = "import sys\ntry: run()\nexcept SystemExit: print(*sys.modules)"
    loaded = in_a_fresh_process("--help", code=code).stdout.decode().splitlines()[-1].split()
    assert "avistar.cli.identify" in loaded
    assert set(loaded).isdisjoint(HEAVY)


@pytest.mark.parametrize("verb", ["identify", "live", "survey", "teach", "evaluate", "models", "doctor", "serve"])
def test_every_option_says_what_it_does(verb: str) -> None:
    command = typer.main.get_command(application([verb])).commands[verb]
    assert command.help
    assert [parameter.name for parameter in command.params if not parameter.help] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"avistar {avistar.__version__}\n"


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Usage: avistar" in "".join(capsys.readouterr())


def test_a_mistyped_verb_is_wrong_usage_with_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identfy", "x.jpg"]) == 2
    assert "identify" in capsys.readouterr().err


def test_an_unknown_option_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", "--colour", "x.jpg"]) == 2
    assert "--colour" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such thing"), 2),
        (BackendUnavailable("no such device"), 5),
        (MissingExtra("gui", "the window"), 5),
        (BundleError("broken"), 1),
        (AvistarError("anything"), 1),
        (RuntimeError("a bug"), 1),
        (KeyboardInterrupt(), 130),
        (typer.Exit(7), 7),
    ],
    ids=repr,
)
def test_every_error_is_one_line_and_an_exit_code(
    error: BaseException, code: int, verb: Callable[[object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    verb(raising(error))
    assert main(["probe"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.count("\n") <= 1
    if isinstance(error, Exception) and not isinstance(error, typer.Exit):
        assert str(error) in err


def test_a_debugging_user_gets_the_traceback(verb: Callable[[object], None], monkeypatch: pytest.MonkeyPatch) -> None:
    verb(raising(RuntimeError("a bug")))
    monkeypatch.setenv("AVISTAR_DEBUG", "1")
    with pytest.raises(RuntimeError, match="a bug"):
        main(["probe"])


def test_a_typer_app_becomes_a_verb_with_its_own_verbs(
    verb: Callable[[object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    app.command("say")(lambda: typer.echo("said"))
    verb(app)
    assert main(["probe", "say"]) == 0
    assert capsys.readouterr().out == "said\n"


@pytest.mark.parametrize("value", ["no_such_package.cli:app", "avistar.cli.main:no_such_name"])
@pytest.mark.parametrize("arguments", [["gui"], ["gui", "--help"], ["gui", "window", "--big"]])
def test_a_verb_that_is_not_installed_answers_with_the_pip_line(
    value: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "installed_verbs", lambda: {"gui": EntryPoint("gui", value, GROUP)})
    assert main(arguments) in {1, 5}
    err = capsys.readouterr().err
    assert "pip install" in err
    assert err.count("\n") == 1


def test_a_verb_that_is_not_installed_is_shown_as_such(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = {"gui": EntryPoint("gui", "no_such_package.cli:app", GROUP)}
    monkeypatch.setattr(cli, "installed_verbs", lambda: entries)
    assert main(["--help"]) == 0
    assert "(not available) pip install 'avistar[gui]'" in capsys.readouterr().out


def test_a_library_missing_while_a_verb_runs_also_names_the_extra(
    verb: Callable[[object], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verb(raising(ModuleNotFoundError("No module named 'keras'")))
    entry = EntryPoint("train", "tests:probe", GROUP)
    monkeypatch.setattr(cli, "installed_verbs", lambda: {"train": entry})
    assert main(["train"]) == 5
    assert "pip install 'avistar[train]'" in capsys.readouterr().err


def test_another_broken_verb_says_to_install_again() -> None:
    assert "force-reinstall" in str(lacking("identify", SyntaxError("bad")))


def test_our_own_verbs_are_there_without_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "entry_points", lambda group: ())
    assert list(installed_verbs()) == ["identify", "live", "survey", "teach", "evaluate", "models", "doctor", "serve"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8", "latin-1"])
@pytest.mark.parametrize("arguments", [["--help"], ["identify", "--help"], ["doctor", "--model", "ñandú/熊"]])
def test_any_encoding_of_the_terminal_will_do(encoding: str, arguments: list[str]) -> None:
    done = in_a_fresh_process(*arguments, PYTHONIOENCODING=encoding)
    assert b"Traceback" not in done.stderr
    assert done.stdout.decode(encoding)
    assert done.returncode in {0, 5}


def test_what_an_encoding_lacks_is_spelt_plainly() -> None:
    code = "import avistar.cli.console as c\nc.prepare_streams()\nprint('alemán × 3 · … 熊')"
    assert in_a_fresh_process(code=code, PYTHONIOENCODING="ascii").stdout.decode().strip() == "aleman x 3 - ... ?"


@pytest.mark.parametrize("way", [("--language", "es"), ("--language=es",)])
def test_errors_are_said_in_the_language_that_is_asked_for(way, tmp_path, capsys):
    assert main(["identify", "nothing.jpg", "--model", str(tmp_path), *way]) == 1
    assert "no es un paquete: le falta manifest.json" in capsys.readouterr().err


def test_errors_follow_the_environment(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "es_MX.UTF-8")
    main(["identify", "nothing.jpg", "--model", str(tmp_path)])
    assert "no es un paquete" in capsys.readouterr().err

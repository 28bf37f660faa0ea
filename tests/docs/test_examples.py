"""What README and docs show is so: each example runs, or is parsed to its last option where it can't run here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

import avistar
from avistar.catalogue import Catalogue
from avistar.cli.main import application, main
from docs_support import NOT_RUN, OTHERS, ROOT, SHELL, SHOWN, Block, Command, blocks, commands, documents, inline, same

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])}
AVISTAR = [sys.executable, "-c", "from avistar.cli.main import run; run()"]
PYTHON = ("python", "bash", ".venv/bin/python")
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
EXAMPLES = {path: blocks(path) for path in documents()}
ALL = [block for found in EXAMPLES.values() for block in found]
LINES = [one for block in ALL if block.language in ("sh", "console") for one in commands(block)]
RUN = [path for path in EXAMPLES if any(one.words[0] == "avistar" for block in EXAMPLES[path]
                                        if block.language in ("sh", "console") for one in commands(block))]  # fmt: skip
ALONE = ("docs/embedding.md", "docs/api.md", "README.md")
"""Documents whose Python examples need nothing but the sample pictures."""
BEFORE = {
    "teach.md": ["identify CARD --quiet --catalogue card.avistar"],
    "formats.md": ["identify CARD --quiet --catalogue survey.avistar"],
    "app.md": ["identify CARD --quiet --catalogue card.avistar"],
}
"""What a document takes for granted, and the commands that make it."""


@pytest.fixture(scope="module")
def program() -> TyperGroup:
    """The whole command line."""
    command = typer.main.get_command(application())
    assert isinstance(command, TyperGroup)
    return command


def parse(program: TyperGroup, words: list[str], place: str) -> None:
    """Follow `words` through the command line: every verb and every option must be there."""
    command: Any = program
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{place}: avistar has no {' '.join(words)}"
        command, words = command.commands[words[0]], words[1:]
    context = command.context_class(command, resilient_parsing=True)
    try:
        _, left, _ = command.make_parser(context).parse_args(list(words))
    except Exception as error:  # of a class that typer keeps to itself
        pytest.fail(f"{place}: avistar {command.name} {' '.join(words)}: {error}")
    assert not left, f"{place}: avistar {command.name} {' '.join(words)}: {' '.join(left)} is too much"


@pytest.mark.parametrize("line", ["identfy a.jpg", "identify a.jpg --oops", "survey expert a b", "live 0 1"])
def test_what_the_command_line_lacks_is_noticed(line: str, program: TyperGroup) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        parse(program, line.split(), "here")


def test_output_that_differs_is_noticed() -> None:
    assert same("4 pictures in 0.2 s: 86.6%\n…\nend", "4  pictures in 1.7 s: 84.0%\nmore\nand more\nend")
    assert not same("4 pictures in 0.2 s", "3 pictures in 0.2 s")
    assert not same("sure: 86.6%", "sure: 40.0%")
    assert not same("one\ntwo", "one")


@pytest.mark.parametrize("block", ALL, ids=lambda block: block.place)
def test_every_block_is_of_a_kind_that_is_looked_after(block: Block) -> None:
    if block.language == "sh":
        assert subprocess.run(["bash", "-n"], input=block.text, text=True, check=False).returncode == 0
    elif block.language == "console":
        assert block.text.startswith("$ "), "a console block begins with a command"
    elif block.language == "json":
        assert json.loads(block.text.replace("…", ""))
    else:
        assert block.language in {"python", *SHOWN}, f"{block.place}: say its language, or look after it here"


@pytest.mark.parametrize("command", LINES, ids=lambda one: f"{one.place} {one.line[:40]}")
def test_every_command_line_is_known(command: Command, program: TyperGroup) -> None:
    words = command.words
    if words[0] == "avistar":
        parse(program, words[1:], command.place)
    elif words[0] == "pip":
        known(command)
    elif words[0] in PYTHON:
        own_script(command, program)
    elif words[0] == "mkdocs":
        assert words[1] in ("build", "serve")
    else:
        assert words[0] in OTHERS | SHELL or "=" in words[0], f"{command.place}: {words[0]} is looked after by no test"


def known(command: Command) -> None:
    """`pip install` names only extras that there are."""
    for word in command.words:
        for extras in re.findall(r"(?:avistar|\.)\[([^\]]+)\]", word):
            missing = set(extras.split(",")) - set(EXTRAS)
            assert not missing, f"{command.place}: avistar has no extra {missing}"


def own_script(command: Command, program: TyperGroup) -> None:
    """Scripts are there and know their options; `build_engine.py` is `avistar export engine`."""
    script, *rest = command.words[1:]
    if script in ("-c", "-m"):
        return
    assert (ROOT / script).is_file(), f"{command.place}: there is no {script}"
    if script == "export/build_engine.py":
        parse(program, ["export", "engine", *rest], command.place)
        return
    source = (ROOT / script).read_text("utf-8")
    ours = rest[: rest.index("--")] if "--" in rest else rest
    for option in ours:
        assert not option.startswith("--") or option.partition("=")[0] in source, f"{command.place}: no {option}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_commands_within_the_text_are_there_too(path: Path, program: TyperGroup) -> None:
    for command in inline(path):
        if "decisions" not in path.parts:
            parse(program, command.words[1:], command.place)


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.name)
def test_commands_run(path: Path, place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for line in BEFORE.get(path.name, []):
        assert main(line.split()) == 0
    for block in EXAMPLES[path]:
        if block.language in ("sh", "console"):
            for command in commands(block):
                if command.words[0] == "avistar" and not command.why_not_run:
                    carry_out(command, block, capfd)


def carry_out(command: Command, block: Block, capfd: pytest.CaptureFixture[str]) -> None:
    """Run it; where its output is shown, it says that."""
    if block.language == "sh":
        code = main(command.words[1:])
        said = capfd.readouterr()
        assert code == 0, f"{command.place}: {command.line}\n{said.out}{said.err}"
        return
    done = subprocess.run(
        [*AVISTAR, *command.words[1:]], env=os.environ | {"PYTHONPATH": ENVIRONMENT["PYTHONPATH"]},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert same(command.shown, done.stdout), f"{command.place} shows\n{command.shown}\nbut it says\n{done.stdout}"


@pytest.mark.parametrize("words", NOT_RUN)
def test_no_reason_for_not_running_outlives_its_command(words: str) -> None:
    assert any(f" {words} " in f" {' '.join(one.words)} " for one in LINES)


@pytest.mark.parametrize("name", ALONE)
def test_python_examples_run_and_leave_nothing_behind(name: str, place: Path) -> None:
    before = sorted(place.rglob("*"))
    code = "\n".join(block.text for block in EXAMPLES[ROOT / name] if block.language == "python")
    printed = python(code)
    assert {"docs/embedding.md": "Mapache", "docs/api.md": avistar.__version__, "README.md": "Raccoon"}[name] in printed
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("name", ALONE)
def test_python_examples_pass_the_strictest_types(name: str, tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="the dev extra isn't installed")
    found = [block.text for block in EXAMPLES[ROOT / name] if block.language == "python"]
    for i, text in enumerate(found):
        (tmp_path / f"example_{i}.py").write_text(text, "utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", str(tmp_path / "cache"), "."]
    environment = os.environ | {"MYPYPATH": ENVIRONMENT["PYTHONPATH"]}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_examples_of_reading_answers_run(place: Path) -> None:
    assert main(["identify", "CARD", "--quiet", "--catalogue", "survey.avistar"]) == 0
    found = [block.text for block in EXAMPLES[ROOT / "docs/catalogue.md"] if block.language == "python"]
    [code] = [text for text in found if "Catalogue.read(" in text]  # tests/runtime/catalogue runs the others
    assert "unknown" in python(code)


def test_the_example_of_reading_a_clusters_answers_runs(place: Path) -> None:
    pytest.importorskip("pyarrow", reason="the cluster extra isn't installed")
    from avistar.cluster.parquet import as_parquet

    assert main(["identify", "CARD", "--quiet", "--catalogue", "survey.avistar"]) == 0
    with Catalogue.read("survey.avistar") as catalogue:
        records = list(catalogue.records())
        [(model, _)] = catalogue.models()
    Path("answers/parts").mkdir(parents=True)
    Path("answers/parts/part-0.parquet").write_bytes(as_parquet(records, model))
    [code] = [block.text for block in EXAMPLES[ROOT / "docs/cluster.md"] if block.language == "python"]
    assert "raccoon" in python(code + "print(table.to_pylist())")


def python(code: str) -> str:
    """What a program prints, run by itself; warnings are errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def service(place: Path) -> Iterator[str]:
    """The port of a service that runs."""
    pytest.importorskip("uvicorn", reason="the serve extra isn't installed")
    process = subprocess.Popen([*AVISTAR, "serve", "--port", "0"], env=ENVIRONMENT, text=True, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        found = re.search(r":(\d+) ", process.stderr.readline())
        assert found
        yield found[1]
    finally:
        process.kill()
        process.communicate()


def test_the_examples_of_the_service_run(service: str) -> None:
    found = EXAMPLES[ROOT / "docs/serve.md"]
    [code] = [block.text for block in found if block.language == "python"]
    assert "raccoon" in python(code.replace("8765", service))
    if shutil.which("curl"):
        [shell] = [block.text for block in found if block.language == "sh" and "curl" in block.text]
        printed = subprocess.run(
            ["bash", "-ec", shell.replace("8765", service)], capture_output=True, text=True, check=True
        ).stdout
        assert '"id":"raccoon"' in printed
        assert "Mapache" in printed
        assert printed.count('"answers"') == 2

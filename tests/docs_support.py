"""The examples of README and docs: where they stand, what they ask for, and what each becomes in a test."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

NOT_RUN = {
    "avistar gui": "opens a window",
    "avistar live": "watches a camera",
    "avistar serve": "serves until Ctrl-C",
    "avistar train": "trains for hours, or reads what such a training left",
    "avistar export onnx": "converts for minutes",
    "avistar export adopt": "needs a network that others trained; tests/export does it",
    "avistar export engine": "needs an NVIDIA GPU",
    "avistar export triton": "is for a server room",
    "--cluster": "needs several machines",
    "--device cuda": "needs an NVIDIA GPU",
    "--device tensorrt": "needs an NVIDIA GPU",
    "--model models/mine": "needs a training of your own",
    "models/mine": "needs a training of your own",
    "models/theirs": "needs a network that others trained",
    "--format camtrap-dp": "needs tables that a person filled in; tests/runtime/formats does it",
    "--moved": "needs a second disk",
    "survey deployments": "is about cameras of a survey of your own",
    "survey clock": "is about cameras of a survey of your own",
    "survey species": "changes a list that only a survey of your own has",
    "survey import": "needs what a cluster answered",
}
"""Commands that can't run in a test, by the words that they have in common: they are parsed, to the last option."""

OTHERS = {
    "apt-get", "curl", "dpkg", "frictionless", "git", "mkdir", "pytest", "ray", "sudo", "tensorboard", "tritonserver",
    "uname", "uv",
}  # fmt: skip
"""Programs of others, which we don't answer for. `curl` is run where a service is (tests/docs/test_examples.py)."""

SHELL = {"for", "do", "done"}
SHOWN = {"json", "csharp", "sql", "toml", "text", "yaml"}
"""Languages of blocks that hold no command: see tests/docs/test_examples.py for what becomes of each."""


@dataclass(frozen=True)
class Block:
    """A fenced block: `path` of its document, the `line` where it begins, its language and text."""

    path: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.path.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """One command line: its words, and the output that the document shows below it ("" where it shows none)."""

    place: str
    line: str
    shown: str = ""

    @property
    def words(self) -> list[str]:
        """The line as a shell splits it, without comment and without what it is piped into."""
        lexer = shlex.shlex(self.line, posix=True, punctuation_chars="|>")
        lexer.whitespace_split = True
        words = list(lexer)
        ends = [i for i, word in enumerate(words) if set(word) <= set("|>")]
        return words[: ends[0]] if ends else words

    @property
    def why_not_run(self) -> str:
        """Why a test only parses it; "" for what is run."""
        text = f" {' '.join(self.words)} "
        return next((why for words, why in NOT_RUN.items() if f" {words} " in text.replace("=", " ")), "")


def documents() -> list[Path]:
    """Everything that is written for readers."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a document, also those inside a list."""
    found = []
    text = path.read_text("utf-8")
    for match in re.finditer(r"^( *)```([^\n]*)\n(.*?)^\1```$", text, re.DOTALL | re.MULTILINE):
        line = text.count("\n", 0, match.start()) + 1
        inside = re.sub(rf"^{match[1]}", "", match[3], flags=re.MULTILINE)
        found.append(Block(path, line, match[2].strip(), inside))
    return found


def commands(block: Block) -> Iterator[Command]:
    """The command lines of an `sh` or `console` block, in order."""
    if block.language == "sh":
        for line in block.text.replace("\\\n", " ").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield Command(block.place, line.strip())
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield Command(block.place, line, shown)


def inline(path: Path) -> Iterator[Command]:
    """Commands within the text: `avistar …` between backticks. Those with "…" only show how one begins."""
    text = re.sub(r"^( *)```.*?^\1```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for match in re.finditer(r"`(avistar [a-z][^`]*)`", text):
        if "…" not in match[1]:
            plain = match[1].replace("[", "").replace("]", "")  # what may be left out
            yield Command(str(path.relative_to(ROOT)), " ".join(plain.split()))


def same(shown: str, said: str) -> bool:
    """Whether a program said what a document shows.

    A line of "…" stands for any lines. Blanks, versions and measured times may differ, percentages by 5 points.
    """
    pattern = "\n".join("(?:.*\n)*?.*" if line == "…" else re.escape(line) for line in _plain(shown))
    match = re.fullmatch(pattern.replace("…", ".*"), "\n".join(_plain(said)))
    if not match:
        return False
    pairs = zip(_percentages(shown), _percentages(said), strict=False)
    return "…" in shown or all(abs(one - other) <= 5 for one, other in pairs)


def _plain(text: str) -> list[str]:
    text = re.sub(r"\d+(\.\d+)*(?=%| s\b| ms\b|/s| threads)|\d+\.\d+\.\d+", "0", text)
    text = re.sub(r"(?<=change )[\d.e-]+", "0", text)
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def _percentages(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"([\d.]+)%", text)]

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from avistar import Candidate, Decision, Failure, Fault, Identification, Provenance
from avistar.cli import console
from avistar.cli.identify_output import FAILURES_SHOWN, TABLE_ROWS, PipeListing, TerminalListing
from avistar.cli.identify_work import Sighted
from avistar.cli.texts import Sentences
from avistar.species import known_groups, known_species

SPECIES = {species.id: species for species in known_species()}
WORDS = Sentences("en", SPECIES, {group.id: group for group in known_groups()})
ORIGIN = Provenance("field", "", "int8", "cpu")


def answered(name: str = "a.jpg", id: str = "wolf", decision: Decision | None = None) -> Identification:
    ranked = tuple(Candidate(SPECIES[one], share) for one, share in ((id, 0.9), ("seal", 0.06), ("otter", 0.04)))
    return Identification(
        name,
        ORIGIN,
        candidates=ranked,
        decision=decision or Decision("species", id, 0.9),
        probabilities=np.zeros(30, np.float32),
    )


def failed(name: str) -> Identification:
    return Identification(name, ORIGIN, failure=Failure(Fault.EMPTY, f"{name}: the file is empty"))


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """rich prints for a terminal of 80 columns."""
    from rich.console import Console

    monkeypatch.setattr(
        console, "rich_console", lambda **_: Console(width=80, highlight=False, markup=False, force_terminal=False)
    )
    monkeypatch.setattr("avistar.cli.identify_output.rich_console", console.rich_console)


def test_a_few_pictures_are_a_table_that_fits_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    listing = TerminalListing(WORDS, 3)
    listing.add(Sighted(answered("cards/2024-11/trail camera 7/IMG_0001.JPG")))
    listing.add(Sighted(failed("bad[0].jpg")))
    listing.close()
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "Wolf" in out
    assert "90.0%" in out
    assert "bad[0].jpg: the file is empty" in out


def test_a_table_holds_fifty_rows_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    listing = TerminalListing(WORDS, 3)
    for i in range(TABLE_ROWS):
        listing.add(Sighted(answered(f"{i}.jpg")))
    listing.close()
    assert "49.jpg" in capsys.readouterr().out


def test_many_pictures_are_a_summary_of_species_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    listing = TerminalListing(WORDS, 3)
    for i in range(40):
        listing.add(Sighted(answered(f"{i}.jpg")))
        listing.add(Sighted(answered(f"{i}.jpg", decision=Decision("group", "canid", 0.8, ("wolf", "collie")))))
        listing.add(Sighted(failed(f"bad{i}.jpg")))
    listing.add(Sighted(answered("x.jpg", decision=Decision("unknown", "", 0.2, reason="unsure"))))
    listing.close()
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert {"Wolf 40", "only the group: canid 40", "unknown 1", "not identified 40"} <= set(lines)
    assert sum("the file is empty" in line for line in lines) == FAILURES_SHOWN
    assert "and 20 more" in lines
    assert any("--out results.csv" in line for line in lines)


def test_who_already_writes_a_file_gets_no_hint(capsys: pytest.CaptureFixture[str]) -> None:
    listing = TerminalListing(WORDS, 3, hint=False)
    for i in range(60):
        listing.add(Sighted(answered(f"{i}.jpg")))
    listing.close()
    assert "--out" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", [TerminalListing, PipeListing])
def test_a_long_run_needs_no_more_memory_than_a_short_one(
    kind: type[TerminalListing | PipeListing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avistar.cli.identify_output.tell", lambda text: None)
    listing = kind(WORDS, 3)
    answers = [answered(), failed("bad.jpg")]
    for answer in answers * 500:
        listing.add(Sighted(answer))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for answer in answers * 3000:
            listing.add(Sighted(answer))
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000


def test_a_pipe_gets_aligned_lines_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    listing = PipeListing(WORDS, 3)
    for i in range(TABLE_ROWS - 1):
        listing.add(Sighted(answered(f"{i}.jpg")))
    assert capsys.readouterr().out == ""
    listing.add(Sighted(answered("next.jpg")))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == TABLE_ROWS + 1
    assert len({line.index("Wolf") for line in lines[1:]}) == 1
    listing.add(Sighted(answered("last.jpg")))
    assert capsys.readouterr().out.startswith("last.jpg")


def test_nothing_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalListing(WORDS, 3).close()
    PipeListing(WORDS, 3).close()
    assert capsys.readouterr().out == ""


def test_a_cut_file_is_said_beside_its_answer(capsys: pytest.CaptureFixture[str]) -> None:
    listing = PipeListing(WORDS, 1)
    answer = answered()
    object.__setattr__(answer, "flags", ("incomplete",))
    listing.add(Sighted(answer))
    listing.close()
    assert "species (only a part of the file can be read)" in capsys.readouterr().out

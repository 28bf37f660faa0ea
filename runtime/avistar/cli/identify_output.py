"""What `identify` prints: a table of a few pictures, a summary of many, and lines for a pipe.

None holds more than `TABLE_ROWS` rows, so that a run of any length needs the same memory.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from avistar.cli.console import rich_console, tell, visible
from avistar.cli.texts import Sentences
from avistar.message import Message

if TYPE_CHECKING:
    from rich.table import Table

    from avistar.cli.identify_work import Sighted

TABLE_ROWS = 50
"""Pictures up to which a terminal gets one row each; beyond, a summary is what people can read."""

FAILURES_SHOWN = 20


class Listing(Protocol):
    """Takes the answers as they come, prints when it likes, the rest on `close`."""

    def add(self, one: Sighted) -> None:
        """Take one answer."""
        ...

    def close(self) -> None:
        """Print what is left to print."""
        ...


class Silence:
    """Prints nothing."""

    def add(self, one: Sighted) -> None:
        """Ignore it."""

    def close(self) -> None:
        """Nothing is left."""


class TerminalListing:
    """A table of at most `TABLE_ROWS` pictures; of more, how many of each species and what failed.

    `hint` tells of `--out` where there were too many.
    """

    def __init__(self, words: Sentences, top: int, *, hint: bool = True) -> None:
        self._words = words
        self._top = top
        self._hint = hint
        self._rows: list[list[str]] = []
        self._decided: Counter[str] = Counter()
        self._failures: list[str] = []
        self._failed = 0

    def add(self, one: Sighted) -> None:
        """Count it, and keep its row while there are few."""
        words, answer = self._words, one.answer
        if len(self._rows) <= TABLE_ROWS:
            row = cells(one, words, self._top)
            # The reason would not fit into a column: it stands below the table.
            self._rows.append(
                row if answer.failure is None else [*row[:-1], Message("not identified").to(words.language)]
            )
        if answer.failure is not None:
            self._failed += 1
            if len(self._failures) < FAILURES_SHOWN:
                self._failures.append(f"{visible(answer.source)}: {visible(words.failure(answer))}")
        else:
            self._decided[self._headline(one)] += 1

    def close(self) -> None:
        """Print the table or the summary."""
        if len(self._rows) > TABLE_ROWS:
            self._summary()
        elif self._rows:
            self._table()

    def _headline(self, one: Sighted) -> str:
        decision = one.answer.decision
        if decision is None:
            return without_animal(one).to(self._words.language)
        if decision.kind == "unknown":
            return Message("unknown").to(self._words.language)
        if decision.kind == "group":
            return Message("only the group: {group}", group=self._words.group_name(decision.id)).to(
                self._words.language
            )
        return self._words.species_name(decision.id)

    def _table(self) -> None:
        from rich.text import Text

        table = _plain_table()
        longest = max(len(row[0]) for row in self._rows)
        for i, heading in enumerate(headings(self._words, self._top)):
            if i == 0:  # what a narrow terminal must not squeeze to nothing
                table.add_column(heading, overflow="fold", min_width=min(longest, 20))
            else:
                table.add_column(heading, justify="right" if i == 2 else "left", no_wrap=i == 2)
        for row in self._rows:
            table.add_row(*(Text(cell) for cell in row))
        rich_console().print(table)
        self._list_failures()

    def _summary(self) -> None:
        from rich.text import Text

        words, table = self._words, _plain_table()
        table.add_column(Message("Decision").to(words.language))
        table.add_column(Message("Pictures").to(words.language), justify="right")
        for name, number in sorted(self._decided.items(), key=lambda pair: (-pair[1], pair[0])):
            table.add_row(Text(name), f"{number:,}")
        if self._failed:
            table.add_row(Message("not identified").to(words.language), f"{self._failed:,}")
        rich_console().print(table)
        self._list_failures()
        if self._hint:
            tell(Message("Too many for a table; --out results.csv keeps one row for each picture").to(words.language))

    def _list_failures(self) -> None:
        for failure in self._failures:
            tell(failure)
        if self._failed > len(self._failures):
            tell(Message("and {count} more", count=f"{self._failed - len(self._failures):,}").to(self._words.language))


def _plain_table() -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)


class PipeListing:
    """Aligned lines, one for each picture, as they come: for `| grep`, `| less` and `> file`."""

    def __init__(self, words: Sentences, top: int) -> None:
        self._words = words
        self._top = top
        self._waiting: list[list[str]] = [headings(words, top)]
        self._widths: list[int] = []

    def add(self, one: Sighted) -> None:
        """Print its line, once enough were seen to know the columns' widths."""
        row = cells(one, self._words, self._top)
        if self._widths:
            self._print(row)
            return
        self._waiting.append(row)
        if len(self._waiting) > TABLE_ROWS:
            self._release()

    def close(self) -> None:
        """Print the lines that are left."""
        if len(self._waiting) > 1:
            self._release()

    def _release(self) -> None:
        self._widths = [max(map(len, column)) for column in zip(*self._waiting, strict=True)]
        for row in self._waiting:
            self._print(row)
        self._waiting = []

    def _print(self, row: list[str]) -> None:
        padded = (cell.ljust(width) for cell, width in zip(row, self._widths, strict=True))
        tell("  ".join(padded).rstrip())


def headings(words: Sentences, top: int) -> list[str]:
    """The columns' names."""
    ordinal = {1: "st", 2: "nd", 3: "rd"}
    ranks = [f"{i}.º" if words.language == "es" else f"{i}{ordinal.get(i, 'th')}" for i in range(2, top + 1)]
    return [
        Message("File").to(words.language),
        Message("Species").to(words.language),
        Message("Confidence").to(words.language),
        *ranks,
        Message("Decision").to(words.language),
    ]


def without_animal(one: Sighted) -> Message:
    """What is said of a picture that shows no animal."""
    return {"person": Message("person"), "vehicle": Message("vehicle")}.get(
        one.beside[0] if one.beside else "", Message("no animal")
    )


def cells(one: Sighted, words: Sentences, top: int) -> list[str]:
    """One picture's row; a failure has its reason in the last column."""
    answer = one.answer
    name = visible(answer.source)
    if answer.failure is not None:
        return [
            name,
            "-",
            "",
            *[""] * (top - 1),
            f"{Message('not identified').to(words.language)}: {visible(words.failure(answer))}",
        ]
    if not answer.candidates:  # a detector found nothing to identify
        return [name, "-", "", *[""] * (top - 1), without_animal(one).to(words.language)]
    first, *others = answer.top(top)
    ranked = [f"{one.species.name(words.language)} {words.percent(one.confidence)}" for one in others]
    ranked += [""] * (top - 1 - len(ranked))
    decision = words.decision(answer)
    if answer.flags:
        decision += f" ({words.flags(answer)})"
    return [name, first.species.name(words.language), words.percent(first.confidence), *ranked, decision]

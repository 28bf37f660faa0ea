"""What every format has in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from avistar.message import Message
from avistar.records import Records, SurveyFacts


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """What an export left: the files, how many media are in them, and what the user should know."""

    files: tuple[Path, ...]
    media: int
    notes: tuple[str, ...] = field(default=())


def without_vanished(number: int) -> Message:
    """What is said of files that were left out since they are no longer in the folder."""
    return Message.counted(
        "{number:,} file is no longer in the folder: left out",
        "{number:,} files are no longer in the folder: left out",
        number,
    )


class Format(Protocol):
    """One way to write a survey; a dataclass whose fields are its options."""

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """Write `records` to `target`, whole or not at all, holding a few of them at a time.

        `records` is iterated more than once: a list, or an object whose `iter()` starts anew. Raises
        `UsageError` where `target` or the options make no sense, `AvistarError` when the disk fails.
        """
        ...

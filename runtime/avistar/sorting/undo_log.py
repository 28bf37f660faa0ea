"""The undo manifest: a JSON line for each file, on disk before the file is touched.

So whatever ends a run, nothing was done that the manifest doesn't tell. A line that was cut off by a power cut
was never acted on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from avistar import installation
from avistar.errors import AvistarError, UsageError
from avistar.files import path_below, sync_folder, writing
from avistar.records import SurveyFacts

JOURNAL = "avistar-sorting.jsonl"
PARTIAL = ".avistar-partial"
"""What ends the name of a copy that is not finished."""

SIDECAR = ".xmp"
"""What ends the name of a file that goes along with its photo."""

VERSION = 1

How = Literal["copy", "hardlink", "symlink", "move"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was, or was about to be, placed at `to` (below the sorted folder, "/" between its parts).

    `medium` is its name in the survey, `source` where it was; `bytes` and `modified_ns` as they were there; `seal`
    tells entries of this installation from those of a folder that somebody handed over.
    """

    medium: str
    source: str
    to: str
    how: How
    bytes: int
    modified_ns: int
    seal: str = ""

    @property
    def statement(self) -> str:
        """What the seal is on: `to` may follow what people move, and stays below the sorted folder anyway."""
        return json.dumps(["sorting", self.medium, self.source, self.how])

    def sealed(self) -> Entry:
        """The entry of this installation. Raises `BackendUnavailable` if its key can't be kept."""
        return replace(self, seal=installation.seal(self.statement.encode()))

    @property
    def ours(self) -> bool:
        """Whether this installation wrote it: only then a file is moved to its `source`."""
        return installation.is_sealed(self.statement.encode(), self.seal)

    @property
    def folder(self) -> str:
        """The species folder's name."""
        return self.to.split("/", 1)[0]


class UndoLog:
    """The open manifest of one sorting run; `announce` before acting."""

    def __init__(self, root: Path, facts: SurveyFacts) -> None:
        self._path = root / JOURNAL
        _drop_torn_line(self._path)
        self._stream = self._path.open("a", encoding="ascii")
        head = {"avistar": "sorting", "version": VERSION, "software": facts.software, "survey": facts.folder}
        self._append([head | {"started_at": datetime.now(UTC).isoformat(timespec="seconds")}])
        sync_folder(root)

    def announce(self, entries: Iterable[Entry]) -> None:
        """Put `entries` on disk, for good; only then may they be acted on."""
        self._append(map(asdict, entries))

    def _append(self, lines: Iterable[dict[str, Any]]) -> None:
        # ASCII: names that are no UTF-8 survive as escapes.
        self._stream.write("".join(f"{json.dumps(line)}\n" for line in lines))
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def read_journal(root: Path) -> list[Entry]:
    """Everything that was announced in `root`, oldest first; the last word on each target.

    Raises `UsageError` where nothing was sorted, `AvistarError` for a manifest that is damaged or newer.
    """
    path = root / JOURNAL
    if not path.is_file():
        raise UsageError("{root} was not sorted by Avistar: it has no {journal}", root=root, journal=JOURNAL)
    entries: dict[str, Entry] = {}
    for number, line in enumerate(_whole_lines(path), 1):
        try:
            facts = json.loads(line)
            if "avistar" not in facts:
                entry = Entry(**facts)
                path_below(root, entry.to)
                entries[entry.to] = entry
        except (ValueError, TypeError, AttributeError) as error:
            raise AvistarError(
                "{path}, line {number} is damaged ({error}): nothing was changed", path=path, number=number, error=error
            ) from error
        if facts.get("version", VERSION) != VERSION:
            raise AvistarError("{path} was written by a newer Avistar: use that one", path=path)
    return list(entries.values())


def rewrite(root: Path, entries: Sequence[Entry]) -> None:
    """Let the manifest hold just `entries`; without any it goes."""
    path = root / JOURNAL
    if not entries:
        path.unlink(missing_ok=True)
        return
    with writing(path, encoding="ascii") as stream:
        stream.writelines(f"{json.dumps(asdict(entry))}\n" for entry in entries)


def _whole_lines(path: Path) -> list[str]:
    text = path.read_text("ascii", errors="replace")
    return text.split("\n")[:-1]  # what follows the last line end was cut off


def _drop_torn_line(path: Path) -> None:
    if path.is_file():
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(path, whole)

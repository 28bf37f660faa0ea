"""Finding again what people moved from one species folder to another."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from avistar.sorting.undo_log import JOURNAL, PARTIAL, Entry, read_journal

_CLOCK_STEP_NS = 2_000_000_000
"""FAT keeps times of change in steps of two seconds."""


_Key: TypeAlias = str | tuple[int, int]


def same_file(path: Path, entry: Entry) -> bool:
    """Whether `path` is, by size and time of change, the file that `entry` placed."""
    try:
        if path.is_symlink():
            return path.readlink() == Path(entry.source)
        stat = path.stat()
    except OSError:
        return False
    return stat.st_size == entry.bytes and abs(stat.st_mtime_ns - entry.modified_ns) <= _CLOCK_STEP_NS


@dataclass(frozen=True, slots=True)
class Index:
    """The files of a sorted folder that lie where no entry put them, by what tells them apart."""

    root: Path
    by_key: Mapping[_Key, Sequence[Path]]
    by_size: Mapping[int, Sequence[Path]]

    @classmethod
    def of(cls, root: Path) -> Index:
        """Look through `root` once."""
        placed = {entry.to for entry in read_journal(root)}
        by_key, by_size = defaultdict[_Key, list[Path]](list), defaultdict[int, list[Path]](list)
        for folder, _, names in os.walk(root):
            for name in names:
                path = Path(folder, name)
                ours = name == JOURNAL or name.endswith(PARTIAL)
                if not ours and path.relative_to(root).as_posix() not in placed:
                    stat = path.lstat()
                    key = str(path.readlink()) if path.is_symlink() else (stat.st_size, stat.st_mtime_ns)
                    by_key[key].append(path)
                    by_size[stat.st_size].append(path)
        return cls(root, by_key, by_size)

    def candidates(self, entry: Entry) -> list[Path]:
        """Files that may be the one of `entry`: a link to its source, or of its size and time; of its name rather."""
        key = entry.source if entry.how == "symlink" else (entry.bytes, entry.modified_ns)
        found = self.by_key.get(key) or [one for one in self.by_size.get(entry.bytes, ()) if same_file(one, entry)]
        name = entry.to.rpartition("/")[2]
        return [one for one in found if one.name == name] or list(found)

    def moved(self, entry: Entry) -> Path | None:
        """Where the file of `entry` is now, if that is beyond doubt."""
        found = self.candidates(entry)
        return found[0] if len(found) == 1 else None

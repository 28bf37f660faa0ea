"""Reading back what people corrected by moving photos between species folders: a preview, applied by the caller."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avistar.errors import UsageError
from avistar.files import printable
from avistar.formats.reviews import verdict_of
from avistar.message import Message
from avistar.records import Verdict
from avistar.sorting.file_index import Index
from avistar.sorting.undo_log import SIDECAR, Entry, read_journal, rewrite
from avistar.species import Species


@dataclass(frozen=True, slots=True)
class Correction:
    """`medium` (its name in the survey) was moved from one folder to another, which means this verdict."""

    medium: str
    was: str
    now: str
    verdict: Verdict
    species: str
    to: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """What was found: clear corrections, (file, reason) of what is not clear, and files that are gone."""

    clear: tuple[Correction, ...]
    unclear: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]


def find_corrections(root: Path, species: Sequence[Species]) -> Corrections:
    """Compare `root` with its manifest; changes nothing. Folders may be called anything `match_species` takes.

    Raises `UsageError` where nothing was sorted.
    """
    index = Index.of(root)
    clear: list[Correction] = []
    unclear: list[tuple[str, str]] = []
    gone: list[str] = []
    entries = [entry for entry in read_journal(root) if not entry.medium.endswith(SIDECAR)]
    named = Counter(entry.medium for entry in entries)
    away = [entry for entry in entries if not os.path.lexists(root / entry.to)]
    candidates = [index.candidates(entry) for entry in away]
    claims = Counter(path for found in candidates for path in found)
    for entry, found in zip(away, candidates, strict=True):
        if not found:
            gone.append(printable(entry.medium))
        elif len(found) > 1 or claims[found[0]] > 1:
            unclear.append((printable(entry.medium), Message("several files could be it")))
        elif named[entry.medium] > 1:
            unclear.append((printable(entry.medium), Message("several photos have this name, or it is in each folder")))
        else:
            _judge(entry, found[0].relative_to(root).as_posix(), species, (clear, unclear))
    return Corrections(tuple(clear), tuple(unclear), tuple(gone))


def _judge(
    entry: Entry, to: str, species: Sequence[Species], told: tuple[list[Correction], list[tuple[str, str]]]
) -> None:
    clear, unclear = told
    folder = to.split("/", 1)[0] if "/" in to else ""
    if folder == entry.folder:
        return
    try:
        verdict, id = verdict_of(folder, species)
    except UsageError as error:
        unclear.append((printable(entry.medium), f"the folder {error}"))
        return
    clear.append(Correction(entry.medium, entry.folder, folder, verdict, id, to))


def note_corrections(root: Path, applied: Sequence[Correction]) -> None:
    """Let the manifest know where the files are now, so that nothing is found twice and `undo` finds them."""
    new = {one.medium: one.to for one in applied}  # a name of several cards is never clear
    entries = read_journal(root)
    rewrite(root, [replace(one, to=new.get(one.medium, one.to)) for one in entries])

"""Scenes that a split must not part: those that the photos' source names, and near-duplicates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from avistar.dataset import PhotoSet
from avistar.files import write_whole
from avistar.message import Message
from avistar.progress import StepProgress
from avistar_train.inspect_data import inspect, merged_groups

SCENES = "scenes.json"


class Scenes(msgspec.Struct, frozen=True):
    """What a search for near-duplicates found.

    Attributes:
        searched: A hash of what was searched: the photos, their labels, and the scenes that were named before.
        groups: The scene of each photo, by its name.
        alike: How many photos nearly equal another one.
    """

    searched: str
    groups: dict[str, str]
    alike: int

    def keep(self, folder: Path) -> None:
        """Write it beside a run, which need not search again when it goes on. Raises as `write_whole` does."""
        write_whole(folder / SCENES, msgspec.json.encode(self))


def with_scenes(
    data: PhotoSet, *, progress: StepProgress, fingerprint: str = "", known: Iterable[Path] = ()
) -> tuple[PhotoSet, Message, Scenes]:
    """The photos with near-duplicates in one group, a sentence on what was found, and that itself.

    A network that learned from one of two copies and is judged by the other looks better than it is. `known`: files
    that `Scenes.keep` may have written; one on the photos of this very `fingerprint` spares the search.
    """
    named = len({photo.group for photo in data.photos}) < len(data.photos)
    pairs = [[photo.file, photo.group] for photo in data.photos]
    searched = hashlib.sha256(json.dumps([fingerprint, pairs]).encode()).hexdigest()
    scenes = next((one for file in known if (one := _read(file)) is not None and one.searched == searched), None)
    if scenes is None:
        found = inspect(data, progress=progress)
        scenes = Scenes(searched, merged_groups(data, found), sum(len(one.files) for one in found.alike))
    photos = tuple(replace(photo, group=scenes.groups[photo.file]) for photo in data.photos)
    return replace(data, photos=photos), _sentence(scenes.alike, named=named), scenes


def _read(file: Path) -> Scenes | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Scenes)
    except (OSError, msgspec.MsgspecError):  # none yet, or damaged: it is searched again
        return None


def _sentence(alike: int, *, named: bool) -> Message:
    if named:
        return Message(
            "Scenes that SOURCES.csv names, and {alike} photos that nearly equal another one, were kept on one side.",
            alike=alike,
        )
    if alike:
        return Message("{alike} photos that nearly equal another one were kept on one side.", alike=alike)
    return Message("No photo nearly equals another one; nobody told which show one scene.")


def not_looked_for() -> Message:
    """What is said where photos weren't compared."""
    return Message("Near-duplicates weren't looked for: some may be on both sides, and flatter the figures.")

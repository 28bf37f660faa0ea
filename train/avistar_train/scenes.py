"""Scenes that a split must not part: those that the photos' source names, and near-duplicates."""

from __future__ import annotations

from dataclasses import replace

from avistar.dataset import PhotoSet
from avistar.message import Message
from avistar.progress import StepProgress
from avistar_train.inspect_data import inspect, merged_groups


def with_scenes(data: PhotoSet, *, progress: StepProgress) -> tuple[PhotoSet, Message]:
    """The photos with near-duplicates in one group, and a sentence on what was found.

    A network that learned from one of two copies and is judged by the other looks better than it is.
    """
    named = len({photo.group for photo in data.photos}) < len(data.photos)
    found = inspect(data, progress=progress)
    groups = merged_groups(data, found)
    photos = tuple(replace(photo, group=groups[photo.file]) for photo in data.photos)
    alike = sum(len(one.files) for one in found.alike)
    return replace(data, photos=photos), _sentence(alike, named=named)


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

"""The plan that a run folder keeps: everything that decides what a run ends with, and what differs from it."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from avistar.errors import UsageError
from avistar.message import Message, joined

PLAN = "plan.json"


class PlanRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What decides a run's result; files by their SHA-256, `species` in the order of the network's outputs.

    `weights` is "imagenet" where Keras downloads them, `prior` None without an ImageNet layer, `backgrounds` the
    fingerprint of the frames without an animal, None without them, `teacher` the bundle's manifest, None without one.
    """

    recipe: dict[str, Any]
    seed: int
    data: str
    split: str
    species: tuple[str, ...]
    weights: str
    prior: str | None
    backgrounds: str | None = None
    teacher: str | None = None


def content_hash(file: str | Path) -> str:
    """SHA-256 of a file. Raises `OSError`."""
    with Path(file).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def claim(run: Path, plan: PlanRecord) -> None:
    """Make the run folder this plan's; raise `UsageError` that names what differs where it holds another's."""
    file = run / PLAN
    wanted = msgspec.json.decode(msgspec.json.encode(plan), type=dict[str, Any])
    if file.is_file():
        differing = _differences(_stored(file), wanted)
        if differing and _begun(run):
            raise UsageError(
                "{run} holds a run of another plan; what differs: {differences}. Give another --run, or remove it",
                run=run,
                differences=joined("; ", differing),
            )
        if not differing:
            return
    run.mkdir(parents=True, exist_ok=True)
    temporary = run / "plan.part"
    temporary.write_text(json.dumps(wanted, sort_keys=True, indent=1), "utf-8")
    temporary.replace(file)


def _begun(run: Path) -> bool:
    """Whether anything was trained: a plan that ended at a broken photo may be mended."""
    return any(True for pattern in ("head.npz", "history.jsonl", "stage*") for _ in run.glob(pattern))


def run_of(plan: PlanRecord, among: Path) -> Path | None:
    """The run folder right below `among` that holds this very plan, None without one."""
    wanted = msgspec.json.decode(msgspec.json.encode(plan), type=dict[str, Any])
    for file in sorted(among.glob(f"*/{PLAN}")):
        with suppress(UsageError, OSError):
            if not _differences(_stored(file), wanted):
                return file.parent
    return None


def _stored(file: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise UsageError(
            "{file} is no plan of a run ({error}): give another --run, or remove it", file=file, error=error
        ) from error


def _differences(stored: dict[str, Any], wanted: dict[str, Any]) -> list[Message]:
    return [_difference(key, stored.get(key), value) for key, value in wanted.items() if stored.get(key) != value]


def _difference(key: str, stored: Any, wanted: Any) -> Message:
    if key == "recipe":
        before = stored or {}
        names = sorted(name for name in before.keys() | wanted.keys() if before.get(name) != wanted.get(name))
        return Message("the recipe ({settings})", settings=", ".join(names))
    if key == "species":
        before = Message("unknown") if stored is None else ", ".join(stored)
        return Message("the species or their order ({before} became {now})", before=before, now=", ".join(wanted))
    if key == "seed":
        return Message("the seed ({before} became {now})", before=stored, now=wanted)
    said = {
        "data": Message("the photos or their labels"),
        "split": Message("the split"),
        "weights": Message("the base's weights (--weights)"),
        "prior": Message("the ImageNet layer (--imagenet-layer)"),
        "backgrounds": Message("the frames without an animal (--backgrounds)"),
        "teacher": Message("the teacher (--teacher)"),
    }
    return said[key]

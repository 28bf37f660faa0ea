"""Who built an engine, and for what: asked before a byte of it is deserialised.

A TensorRT engine holds machine code that the GPU's driver and the library run with the user's rights, and a
bundle may come from anywhere. So an engine carries a seal: an HMAC, with a key that never leaves this
installation, over its SHA-256 and over the facts that it was built under.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from avistar import installation
from avistar.bundle import Bundle
from avistar.errors import BackendUnavailable, BundleError
from avistar.manifest import Artifact
from avistar.message import Message, joined

SEAL = "seal"
SOURCE = "source"
"""The fact that names the ONNX artifact: its file and SHA-256, separated by a space."""


def source_fact(bundle: Bundle[Any], file: str) -> str:
    """The value of the fact `SOURCE` for the bundle's ONNX artifact `file`."""
    record = bundle.manifest.files.get(file)
    return f"{file} {record.sha256 if record else 'missing'}"


def sealed(facts: Mapping[str, str], plan: bytes) -> dict[str, str]:
    """`facts` with the seal of this installation. Raises `BackendUnavailable` if its key can't be kept."""
    return {**facts, SEAL: installation.seal(_statement(facts, plan))}


def checked_engine(bundle: Bundle[Any], artifact: Artifact, machine: Mapping[str, str]) -> bytes:
    """The engine's bytes, if it was built by this installation and for how things are now.

    `machine`: the facts of GPU, driver and library now. Raises `BackendUnavailable` with every reason against it
    and the command that builds it again.
    """
    reasons: list[str] = []
    plan = b""
    try:
        plan = bundle.checked(artifact.file)
    except BundleError as error:
        reasons.append(str(error).partition(": copy the bundle")[0])
    facts = {name: value for name, value in artifact.built_for.items() if name != SEAL}
    if plan and not installation.is_sealed(_statement(facts, plan), artifact.built_for.get(SEAL, "")):
        reasons.append(Message("it was not built by this installation of Avistar, or its facts were altered"))
    file = facts.get(SOURCE, "").partition(" ")[0]
    now = {**machine, SOURCE: source_fact(bundle, file)}
    reasons += [
        Message("{what} was {was}, is {now}", what=n, was=facts.get(n, "unknown"), now=now[n])
        for n in sorted(now)
        if facts.get(n) != now[n]
    ]
    if reasons:
        raise BackendUnavailable(
            "the engine {file} of '{name}' is not opened: {reasons}. Build it here: avistar export "
            "engine --bundle {folder} --precision {precision} --rebuild",
            file=artifact.file,
            name=bundle.manifest.name,
            reasons=joined("; ", reasons),
            folder=bundle.folder,
            precision=artifact.precision,
        )
    return plan


def _statement(facts: Mapping[str, str], plan: bytes) -> bytes:
    return json.dumps([sorted(facts.items()), hashlib.sha256(plan).hexdigest()]).encode()

"""Who built an engine, and for what: asked before a byte of it is deserialised.

A TensorRT engine holds machine code that the GPU's driver and the library run with the user's rights, and a
bundle may come from anywhere. So an engine carries a seal: an HMAC, with a key that never leaves this
installation, over its SHA-256 and over the facts that it was built under.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avistar.bundle import Bundle
from avistar.errors import BackendUnavailable, BundleError
from avistar.manifest import Artifact
from avistar.message import Message, joined

SEAL = "seal"
SOURCE = "source"
"""The fact that names the ONNX artifact: its file and SHA-256, separated by a space."""
_KEY_BYTES = 32


def key_file() -> Path:
    """Where this installation keeps the key of its seals."""
    from platformdirs import user_data_path

    return user_data_path("avistar", appauthor=False) / "engine.key"


def source_fact(bundle: Bundle[Any], file: str) -> str:
    """The value of the fact `SOURCE` for the bundle's ONNX artifact `file`."""
    record = bundle.manifest.files.get(file)
    return f"{file} {record.sha256 if record else 'missing'}"


def sealed(facts: Mapping[str, str], plan: bytes) -> dict[str, str]:
    """`facts` with the seal of this installation. Raises `BackendUnavailable` if its key can't be kept."""
    return {**facts, SEAL: _seal(_key(create=True), facts, plan)}


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
    if plan and not _is_ours(artifact.built_for.get(SEAL, ""), facts, plan):
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


def _is_ours(seal: str, facts: Mapping[str, str], plan: bytes) -> bool:
    key = _key(create=False)
    return bool(key) and hmac.compare_digest(seal, _seal(key, facts, plan))


def _seal(key: bytes, facts: Mapping[str, str], plan: bytes) -> str:
    said = json.dumps([sorted(facts.items()), hashlib.sha256(plan).hexdigest()]).encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()


def _key(*, create: bool) -> bytes:
    """The installation's key; empty where there is none and none is to be made."""
    path = key_file()
    try:
        if create and not path.exists():
            _write_key(path)
        if not path.exists():
            return b""
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BackendUnavailable("{path} can be read by others, so it proves nothing: chmod 600 {path}", path=path)
        key = path.read_bytes()
    except OSError as error:
        raise BackendUnavailable(
            "the key {path} that engines are sealed with can't be used: {error}", path=path, error=error
        ) from error
    if len(key) != _KEY_BYTES:
        raise BackendUnavailable("{path} is damaged: delete it, and build this machine's engines again", path=path)
    return key


def _write_key(path: Path) -> None:
    """Write a new key whole: two processes that start together end with the same one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(secrets.token_bytes(_KEY_BYTES))
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(own, path)
    except FileExistsError:
        pass  # the other process was first: its key is the one
    finally:
        own.unlink()

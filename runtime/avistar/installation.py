"""What only this installation can write: seals by a key that never leaves it.

Engines are machine code, and a sorting manifest moves files: both may be handed over by anybody, so both carry a seal.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from avistar.errors import BackendUnavailable

_KEY_BYTES = 32


def key_file() -> Path:
    """Where this installation keeps the key of its seals."""
    from platformdirs import user_data_path

    return user_data_path("avistar", appauthor=False) / "engine.key"


def seal(said: bytes) -> str:
    """The seal of this installation on `said`. Raises `BackendUnavailable` if its key can't be kept."""
    return hmac.new(key(create=True), said, hashlib.sha256).hexdigest()


def is_sealed(said: bytes, by: str) -> bool:
    """Whether `by` is this installation's seal on `said`. Raises `BackendUnavailable` for a key that proves nothing."""
    own = key(create=False)
    return bool(own) and hmac.compare_digest(by.encode(), hmac.new(own, said, hashlib.sha256).hexdigest().encode())


def key(*, create: bool) -> bytes:
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
            "the key {path} that this installation seals with can't be used: {error}", path=path, error=error
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

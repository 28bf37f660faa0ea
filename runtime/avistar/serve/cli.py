"""`avistar serve`: identification over HTTP."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note
from avistar.cli.identify_plan import check_media
from avistar.cli.options import (
    DetectionConfidenceOption,
    DetectOption,
    DetectorOption,
    DeviceName,
    ModelOption,
    PrecisionName,
)
from avistar.errors import UsageError
from avistar.message import reason_of

if TYPE_CHECKING:
    from avistar.serve.guard import Access

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SHORTEST_TOKEN = 16
"""Characters; shorter ones can be tried out over a network."""


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on. Others than this machine's own need a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8765,
    model: ModelOption = None,
    device: Annotated[DeviceName, typer.Option(help="What to run on.")] = DeviceName.AUTO,
    precision: Annotated[PrecisionName | None, typer.Option(help="Which artifact of the bundle to run.")] = None,
    detect: DetectOption = False,
    detector: DetectorOption = None,
    detection_confidence: DetectionConfidenceOption = None,
    batch: Annotated[int, typer.Option(min=1, max=1024, help="Pictures answered together at most.")] = 8,
    waiting: Annotated[int, typer.Option(min=1, help="Requests worked on at a time; later ones are refused.")] = 64,
    max_mb: Annotated[int, typer.Option(min=1, max=2000, help="Largest request, in MB.")] = 32,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Holds the token that callers must send. Or: AVISTAR_TOKEN.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="A line for each request.")] = False,
) -> None:
    """Answer HTTP requests: POST pictures to /v1/identify; /openapi.json says the rest."""
    import uvicorn

    from avistar.async_classifier import AsyncClassifier
    from avistar.classifier import Classifier
    from avistar.options import MediaChoices, MediaOptions
    from avistar.serve.app import Limits, make_app
    from avistar.serve.memory import return_large_blocks
    from avistar.serve.server import GRACE_S, Server

    access = access_for(host, read_token(token_file))
    limits = Limits(max_bytes=max_mb * 1_000_000, max_requests=waiting)
    options = MediaOptions(detection_confidence=detection_confidence, detect=detect or None, detector=detector)
    check_media(options, kept=False)
    own = options.over(MediaChoices()).own_detector
    return_large_blocks()  # before the first is allocated
    with listening(host, port) as listener:
        classifier = Classifier.open(model, device.value, precision=precision.value if precision else None)
        config = uvicorn.Config(
            make_app(
                AsyncClassifier(classifier, batch=batch, waiting=waiting),
                access,
                limits,
                own.open(device.value) if own is not None else None,
            ),
            log_level="info" if verbose else "warning",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        address, port = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        note(f"Avistar answers on http://{shown}:{port} ({classifier.provenance.runs_on}); Ctrl-C ends it")
        Server(config).run([listener])


def access_for(host: str, token: str | None) -> Access:
    """Who may call a service on `host`. Raises `UsageError` where strangers could, without a token."""
    from avistar.serve.guard import Access

    if is_loopback(host):
        return Access(frozenset((*LOOPBACK, host.lower())), token)
    if token is None:
        raise UsageError(
            "on {host}, others could use this service: put a token of at least {length} characters into "
            "a file and name it with --token-file, or set AVISTAR_TOKEN",
            host=host,
            length=SHORTEST_TOKEN,
        )
    return Access(frozenset(), token)


def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_token(file: Path | None) -> str | None:
    """The token in `file`, else in AVISTAR_TOKEN, else None. Raises `UsageError` for a short or unreadable one."""
    try:
        token = os.environ.get("AVISTAR_TOKEN", "") if file is None else file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("{file} can't be read as a token: {error}", file=file, error=error) from error
    if file is None and not token:
        return None
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("a token needs at least {length} characters, letters, digits and signs", length=SHORTEST_TOKEN)
    return token


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `UsageError` where that isn't possible."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise UsageError(
            "can't listen on {host}:{port} ({reason}): try another --host or --port",
            host=host,
            port=port,
            reason=reason_of(error),
        ) from error

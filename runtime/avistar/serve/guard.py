"""Who may ask, and how much: checked before anything of a request is read."""

from __future__ import annotations

import asyncio
import hmac
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avistar.serve.problems import Problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OPEN_TO_ALL = "/health/"

DRAINED_BYTES = 1_000_000_000
"""Bytes of a refused body that are taken in at most."""

DRAINED_S = 30.0
"""Seconds that this may take."""

_QUIET_S = 2.0
"""Seconds in which nothing comes, after which nothing more is expected."""


@dataclass(frozen=True, slots=True)
class Access:
    """`hosts`: names in small letters by which the service may be called, empty for any; `token`: what callers show.

    A page in a browser can make its own name lead to 127.0.0.1 (DNS rebinding); it can't make the browser send
    another name than its own, so without a token the names must be the loopback ones.
    """

    hosts: frozenset[str]
    token: str | None = None

    def refusal(self, path: str, headers: Headers) -> Problem | None:
        """Why a request isn't answered, None if it is."""
        if self.hosts and _host_of(headers.get("host", "")) not in self.hosts:
            return Problem(HTTPStatus.MISDIRECTED_REQUEST, "this service doesn't go by the name in the Host header")
        origin = headers.get("origin")
        if origin is not None and not _same_site(origin, headers.get("host", "")):
            return Problem(HTTPStatus.FORBIDDEN, "pages of other sites may not use this service")
        if self.token is None or path.startswith(_OPEN_TO_ALL):
            return None
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(shown.encode(), self.token.encode()):
            return None
        return Problem(
            HTTPStatus.UNAUTHORIZED,
            "send the service's token: Authorization: Bearer TOKEN",
            {"www-authenticate": "Bearer"},
        )


class Guard:
    """ASGI middleware: gives each request an id, refuses strangers, and counts the bytes of its body.

    A body is refused by its announced length, and wherever it grows over `max_bytes`, announced or not.
    """

    def __init__(self, app: ASGIApp, access: Access, max_bytes: int) -> None:
        self._app, self._access, self._max_bytes = app, access, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        body = _Body(receive, headers, self._max_bytes)

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                marked = MutableHeaders(scope=message)
                marked["x-request-id"] = request_id
                marked["cache-control"] = "no-store"
                marked["x-content-type-options"] = "nosniff"
                if body.unread:
                    marked["connection"] = "close"
            elif body.unread and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await body.drain()
                message = {"type": "http.response.body"}
            await send(message)

        refusal = self._access.refusal(scope["path"], headers) or self._announced(headers)
        if refusal is not None:
            await refusal.response(scope)(scope, body.receive, send_marked)
            return
        await self._app(scope, body.receive, send_marked)

    def _announced(self, headers: Headers) -> Problem | None:
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdecimal():
            return Problem(HTTPStatus.BAD_REQUEST, f"Content-Length is no number: {length[:40]!r}")
        return _too_large(self._max_bytes) if int(length[:20]) > self._max_bytes else None


class _Body:
    """A request's body, counted as it comes.

    Most clients send all of it before they look for an answer, and lose the answer where the connection ends first: so
    what nobody read of it is taken in and thrown away, up to `DRAINED_BYTES` and for `DRAINED_S` at most.
    """

    def __init__(self, receive: Receive, headers: Headers, max_bytes: int) -> None:
        self._receive, self._max_bytes = receive, max_bytes
        self._total = 0
        self.unread = "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""
        """Whether more of it may come."""

    async def receive(self) -> Message:
        """ASGI's receive. Raises `Problem` where the body has grown too large."""
        message = await self._receive()
        self.unread = message.get("more_body", False)
        self._total += len(message.get("body", b""))
        if self._total > self._max_bytes:
            raise _too_large(self._max_bytes)
        return message

    async def drain(self) -> None:
        """Take in what remains."""
        left = DRAINED_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINED_S):
                while self.unread and left > 0:
                    async with asyncio.timeout(_QUIET_S):
                        message = await self._receive()
                    self.unread = message.get("more_body", False)
                    left -= len(message.get("body", b""))


def _too_large(most: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"a request may have {most:,} bytes at most: send fewer or smaller pictures",
    )


def _host_of(header: str) -> str:
    """The name in a Host header, without port and brackets: '[::1]:8765' is '::1'."""
    name = header[1:].partition("]")[0] if header.startswith("[") else header.partition(":")[0]
    return name.lower()


def _same_site(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # no address at all
        return False

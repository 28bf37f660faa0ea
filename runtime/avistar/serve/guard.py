"""Who may ask, and how much: checked before anything of a request is read."""

from __future__ import annotations

import hmac
import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avistar.serve.problems import Problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OPEN_TO_ALL = "/health/"


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

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                marked = MutableHeaders(scope=message)
                marked["x-request-id"] = request_id
                marked["cache-control"] = "no-store"
                marked["x-content-type-options"] = "nosniff"
            await send(message)

        refusal = self._access.refusal(scope["path"], headers) or self._announced(headers)
        if refusal is not None:
            await refusal.response(scope)(scope, receive, send_marked)
            return
        await self._app(scope, self._counted(receive), send_marked)

    def _announced(self, headers: Headers) -> Problem | None:
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdecimal():
            return Problem(HTTPStatus.BAD_REQUEST, f"Content-Length is no number: {length[:40]!r}")
        return self._too_large() if int(length[:20]) > self._max_bytes else None

    def _counted(self, receive: Receive) -> Receive:
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self._max_bytes:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> Problem:
        # What remains of the body is not read: the connection ends with the answer.
        return Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"a request may have {self._max_bytes:,} bytes at most: send fewer or smaller pictures",
            {"connection": "close"},
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

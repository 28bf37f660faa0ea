"""Errors over HTTP, in the form of RFC 9457 (problem details)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope

from avistar.errors import AvistarError, BackendUnavailable

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """Why a request was not answered."""

    type: str = Field("about:blank", description="Always about:blank: the status says what kind of problem it is.")
    title: str
    status: int
    detail: str = Field(description="What was wrong, and what to do.")
    request_id: str


class Problem(Exception):
    """Ends a request with `status`; `detail` says what was wrong and what to do."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})

    def response(self, scope: Scope) -> JSONResponse:
        """The response to the request of `scope`."""
        request_id = scope["state"]["request_id"]
        body = ProblemDetails(
            type="about:blank",
            title=self.status.phrase,
            status=self.status,
            detail=self.detail,
            request_id=request_id,
        )
        headers = self.headers | {"x-request-id": request_id}
        return JSONResponse(body.model_dump(), self.status, headers, MEDIA_TYPE)


def busy() -> Problem:
    """Too much is waiting already."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "too many requests are waiting: try again in a second", {"retry-after": "1"}
    )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How OpenAPI describes these statuses."""
    schema = {"schema": {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}}
    return {status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}} for status in statuses}


def install(app: FastAPI) -> None:
    """Have every error of `app` answered as a problem, and described once, as a component."""

    def respond(request: Request, error: Exception) -> JSONResponse:
        return _problem_of(error).response(request.scope)

    plain = app.openapi

    def described() -> dict[str, Any]:
        description = plain()
        schemas = description.setdefault("components", {}).setdefault("schemas", {})
        schemas[ProblemDetails.__name__] = ProblemDetails.model_json_schema()
        return description

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's guide does it
    for kind in (Problem, RequestValidationError, HTTPException, AvistarError, Exception):
        app.add_exception_handler(kind, respond)


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    if isinstance(error, HTTPException):
        return Problem(HTTPStatus(error.status_code), str(error.detail), error.headers)
    if isinstance(error, BackendUnavailable):
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"retry-after": "10"})
    # What went wrong inside may name files of this machine: it stands in the log, not in the answer.
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "an unforeseen error; the service's log says which")

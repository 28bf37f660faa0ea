"""The service itself: what can be asked, and how waiting requests are bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.security import HTTPBearer
from starlette.requests import ClientDisconnect

from avistar import __version__
from avistar.async_classifier import AsyncClassifier
from avistar.boxes import Box
from avistar.cli.texts import Sentences
from avistar.decision import Policy
from avistar.detector import Detector
from avistar.errors import UsageError
from avistar.identification import Identification
from avistar.pipeline import identify_in_boxes
from avistar.serve import problems
from avistar.serve.form import FormError, files_of
from avistar.serve.guard import Access, Guard
from avistar.serve.memory import MemoryTrim
from avistar.serve.problems import Problem
from avistar.serve.schemas import Answers, Health, ModelOut, answer_out, model_out
from avistar.species import Language, match_species

_RAW = ("application/octet-stream", "application/x-www-form-urlencoded", "")
"""Types of a body that is one picture, beside image/*; the second is what curl --data-binary calls anything."""

_BINARY = {"type": "string", "format": "binary"}
_BODY = {
    "requestBody": {
        "required": True,
        "description": "One picture as it is, or several as a form's files.",
        # The form comes first: generators that know one kind of body per call take the first, and a form holds several.
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "array", "minItems": 1, "items": _BINARY}},
                }
            },
            "application/octet-stream": {"schema": _BINARY},
        },
    }
}


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_bytes` of a request's body, `max_files` in it, requests being worked on, seconds a body may take."""

    max_bytes: int = 32_000_000
    max_files: int = 64
    max_requests: int = 64
    body_s: float = 60.0


class Service:
    """Takes pictures in and gives answers out, never more requests at a time than the limits allow."""

    def __init__(self, classifier: AsyncClassifier, limits: Limits, detector: Detector | None = None) -> None:
        self.classifier, self._limits, self._detector = classifier, limits, detector
        self._requests = 0
        self.memory = MemoryTrim()

    @property
    def full(self) -> bool:
        """Whether another request would be refused."""
        return self._requests >= self._limits.max_requests

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places of requests being worked on. Raises `Problem` where all are taken."""
        if self.full:
            raise problems.busy()
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1

    async def pictures(self, request: Request) -> list[tuple[str, bytes]]:
        """The name and bytes of each picture sent. Raises `Problem`."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            async with asyncio.timeout(self._limits.body_s):
                if kind == "multipart/form-data":
                    return await self._files(request)
                if kind in _RAW or kind.startswith("image/"):
                    return [("", await request.body())]
        except ClientDisconnect as error:  # nobody reads the answer; a traceback in the log would help nobody
            raise Problem(HTTPStatus.BAD_REQUEST, "the sender left before the body was whole") from error
        except TimeoutError as error:
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, f"the body took over {self._limits.body_s:g} s") from error
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "send a picture (image/*, application/octet-stream) or multipart/form-data",
        )

    async def _files(self, request: Request) -> list[tuple[str, bytes]]:
        try:
            files = await files_of(request.stream(), request.headers["content-type"], self._limits.max_files)
        except FormError as error:
            raise Problem(HTTPStatus.BAD_REQUEST, f"the form can't be read: {error}") from error
        if not files:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the form holds no file: send pictures as its files")
        return files

    async def look(self, data: bytes) -> tuple[Identification, tuple[Box, ...]]:
        """The answer to one picture, and the boxes that a detector found in it."""
        if self._detector is None:
            return await self.classifier.identify(data), ()
        record = await asyncio.to_thread(identify_in_boxes, self.classifier.classifier, self._detector, data)
        if record.identification is not None:
            return record.identification, record.detections
        if record.failure is not None:
            return Identification("", self.classifier.classifier.provenance, failure=record.failure), ()
        return Identification("", self.classifier.classifier.provenance), record.detections

    def close(self) -> None:
        """Free the detector."""
        if self._detector is not None:
            self._detector.close()

    def policy(self, only: list[str]) -> Policy:
        """What answers are decided by where only these species occur. Raises `Problem` for an unknown name."""
        policy = self.classifier.classifier.policy
        names = [name for part in only for name in part.split(",") if name.strip()]
        try:
            return policy.limited(match_species(name, policy.species).id for name in names) if names else policy
        except UsageError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"only: {error}") from error


def make_app(
    classifier: AsyncClassifier, access: Access, limits: Limits = Limits(), detector: Detector | None = None
) -> FastAPI:
    """The service as an ASGI application; `classifier` and `detector` are closed when it shuts down."""
    service = Service(classifier, limits, detector)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with classifier:
            yield
        service.close()

    app = FastAPI(
        title="Avistar",
        version=__version__,
        summary="Tells which animal species is in a photo.",
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,  # what generated clients call their functions
        docs_url=None,  # these pages load their scripts from the internet
        redoc_url=None,
        dependencies=[Depends(HTTPBearer(auto_error=False))] if access.token else [],
    )
    app.state.service = service
    app.include_router(router)
    app.add_middleware(Guard, access=access, max_bytes=limits.max_bytes)
    problems.install(app)
    return app


router = APIRouter()


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Asked = Annotated[Service, Depends(_service)]


@router.post(
    "/v1/identify",
    response_model=Answers,
    openapi_extra=_BODY,
    responses=problems.documented(400, 401, 403, 408, 413, 415, 421, 422, 500, 503),
)
async def identify(
    request: Request,
    service: Asked,
    *,
    language: Annotated[Language, Query(description="Language of `text`, names and failures.")] = "en",
    top: Annotated[int, Query(ge=1, le=1000, description="How many of the likeliest species are ranked.")] = 3,
    only: Annotated[
        list[str] | None, Query(description="The species that occur where the pictures were taken, by any name.")
    ] = None,
) -> dict[str, Any]:
    """Identify each picture of the request; one that can't be read has its `failure`, the others their answers."""
    policy = service.policy(only or [])
    with service.place():
        pictures = await service.pictures(request)
        found = await asyncio.gather(*(service.look(data) for _, data in pictures))
    words = Sentences.of(service.classifier.classifier, language)
    answers = [answer_out(answer.under(policy), words, top, boxes) for answer, boxes in found]
    for (name, _), answer in zip(pictures, answers, strict=True):
        answer["file"] = name
    service.memory.after(sum(len(data) for _, data in pictures))
    return {"request_id": request.state.request_id, "answers": answers}


@router.get("/v1/model", responses=problems.documented(401, 403, 421))
def model(service: Asked) -> ModelOut:
    """The model in use, its species, and what it truly runs on."""
    return model_out(service.classifier.classifier)


@router.head("/health/live", include_in_schema=False)
@router.get("/health/live", responses=problems.documented(403, 421))
async def live(service: Asked) -> Health:
    """Whether the process answers at all."""
    return Health(status="live", waiting=service.classifier.calls)


@router.head("/health/ready", include_in_schema=False)
@router.get("/health/ready", responses=problems.documented(403, 421, 503))
async def ready(service: Asked, response: Response) -> Health:
    """Whether a picture sent now would be worked on."""
    if service.full:
        raise problems.busy()
    return Health(status="ready", waiting=service.classifier.calls)

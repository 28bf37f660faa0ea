"""The service against its own description: whatever the description allows is answered as it says."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from avistar import AsyncClassifier, Classifier, ModelBundle
from avistar.serve.app import make_app
from avistar.serve.cli import access_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    schemathesis = pytest.importorskip("schemathesis", reason="the dev extra isn't installed")

CALLS = 25


def test_the_description_names_every_path_and_loads_nothing(client: Callable[..., TestClient]) -> None:
    service = client()
    described = service.get("/openapi.json").json()
    assert set(described["paths"]) == {"/v1/identify", "/v1/model", "/health/live", "/health/ready"}
    content = described["paths"]["/v1/identify"]["post"]["requestBody"]["content"]
    # hey-api and others make a client of the first kind alone, and only a form takes several files.
    assert list(content) == ["multipart/form-data", "application/octet-stream"]
    assert content["multipart/form-data"]["schema"]["properties"]["file"]["type"] == "array"
    assert service.get("/docs").status_code == 404  # its page would load scripts from the internet


def test_a_service_with_a_token_describes_it(client: Callable[..., TestClient]) -> None:
    service = client("0.0.0.0", "a-token-of-enough-characters")
    described = service.get("/openapi.json", headers={"authorization": "Bearer a-token-of-enough-characters"}).json()
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/identify"), ("GET", "/v1/model"), ("GET", "/health/live"), ("GET", "/health/ready")],
)
def test_what_the_description_allows_is_answered_as_it_says(tiny: ModelBundle, method: str, path: str) -> None:
    app = make_app(AsyncClassifier(Classifier.open(tiny.folder, "cpu", threads=1)), access_for("127.0.0.1", None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of schemathesis' own dependencies
        operation = schemathesis.openapi.from_asgi("/openapi.json", app, headers={"host": "localhost"})[path][method]

        @settings(max_examples=CALLS, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def answered_as_described(case: object) -> None:
            # Valid by the description, yet no species of the model: that is a 422.
            accepted = schemathesis.checks.CHECKS.get_one("positive_data_acceptance")
            case.call_and_validate(headers={"host": "localhost"}, excluded_checks=[accepted])

        answered_as_described()


def test_generated_clients_get_names_that_people_can_read(client: Callable[..., TestClient]) -> None:
    described = client().get("/openapi.json").json()
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert sorted(one["operationId"] for one in operations) == ["identify", "live", "model", "ready"]
    problem = described["components"]["schemas"]["ProblemDetails"]
    assert {"title", "status", "detail", "request_id"} <= problem["properties"].keys()
    for one in operations:
        refs = [answer["content"] for status, answer in one["responses"].items() if status >= "400"]
        assert refs
        assert all(
            content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
            for content in refs
        )

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("fastapi", reason="the serve extra isn't installed")

from fastapi.testclient import TestClient

from avistar import AsyncClassifier, Classifier, ModelBundle
from avistar.serve.app import Limits, make_app
from avistar.serve.cli import access_for

Client = Callable[..., TestClient]


@pytest.fixture
def client(tiny: ModelBundle) -> Iterator[Client]:
    """Makes clients of services in this process: `client(host=…, token=…, limits=…, classifier=…)`."""
    opened: list[TestClient] = []

    def make(
        host: str = "127.0.0.1",
        token: str | None = None,
        limits: Limits | None = None,
        classifier: AsyncClassifier | None = None,
    ) -> TestClient:
        classifier = classifier or AsyncClassifier(Classifier.open(tiny.folder, "cpu", threads=1))
        app = make_app(classifier, access_for(host, token), limits or Limits())
        one = TestClient(app, base_url="http://127.0.0.1:8765", raise_server_exceptions=False)
        opened.append(one.__enter__())
        return one

    yield make
    for one in opened:
        one.__exit__(None, None, None)

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fastapi.testclient import TestClient

from avistar import AsyncClassifier, BackendUnavailable, Classifier, FunctionBackend, ModelBundle, Outputs
from avistar.formats.rows import as_record
from avistar.manifest import Calibration
from avistar.serve.app import Limits
from support import encoded, picture

Client = Callable[..., TestClient]
TIMED = {"elapsed_ms"}


def answers(response: object) -> list[dict[str, object]]:
    assert response.status_code == 200, response.text
    return response.json()["answers"]


def test_a_picture_sent_as_it_is_gets_the_record_that_json_lines_has(client: Client, classifier: Classifier) -> None:
    data = encoded(picture(1))
    (sent,) = answers(client().post("/v1/identify", content=data, headers={"content-type": "image/jpeg"}))
    expected = as_record(classifier.identify(data), 3)
    top = [{key: one[key] for key in ("species", "confidence")} for one in sent["top"]]
    assert top == expected["top"]
    for key in set(expected) - TIMED - {"top", "probabilities", "familiarity"}:
        assert sent[key] == expected[key], key
    assert sent["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)


def test_files_of_a_form_are_answered_in_their_order_a_broken_one_included(
    client: Client, classifier: Classifier
) -> None:
    files = [("file", (f"{seed}.jpg", encoded(picture(seed)), "image/jpeg")) for seed in range(5)]
    files.insert(2, ("file", ("page.jpg", b"<html>", "image/jpeg")))
    found = answers(client().post("/v1/identify", files=files))
    assert [one["file"] for one in found] == [name for _, (name, _, _) in files]
    assert found[2]["failure"]["fault"] == "not_an_image"
    for one, (_, (_, data, _)) in zip(found, files, strict=True):
        if one["failure"] is None:
            assert one["top"][0]["species"] == classifier.identify(data).top(1)[0].species.id


def test_names_and_failures_come_in_the_language_asked_for(client: Client) -> None:
    service = client()
    (spanish,) = answers(service.post("/v1/identify?language=es", content=encoded(picture(1))))
    (english,) = answers(service.post("/v1/identify", content=encoded(picture(1))))
    assert spanish["top"][0]["species"] == english["top"][0]["species"]
    assert spanish["top"][0]["name"] != english["top"][0]["name"]
    (failed,) = answers(service.post("/v1/identify?language=es", content=b"no"))
    assert failed["text"].startswith("la imagen: no es una imagen")


def test_only_the_species_of_a_site_are_ranked(client: Client) -> None:
    service = client()
    for query in ("only=wolf,seal&only=Mapache", "only=lobo&only=Procyon%20lotor,SEAL"):
        (found,) = answers(service.post(f"/v1/identify?{query}&top=30", content=encoded(picture(1))))
        assert {one["species"] for one in found["top"]} == {"wolf", "seal", "raccoon"}
        assert sum(one["confidence"] for one in found["top"]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", ["unicorn", "/etc/passwd", "../../models"])
def test_an_unknown_species_is_said_and_never_taken_for_a_file(client: Client, name: str) -> None:
    response = client().post("/v1/identify", params={"only": name}, content=encoded(picture(1)))
    assert response.status_code == 422
    assert f"'{name}' is none of the 30 species" in response.json()["detail"]


def test_the_model_says_what_it_is_and_runs_on(client: Client, tiny: ModelBundle) -> None:
    facts = client().get("/v1/model").json()
    assert (facts["bundle"], facts["artifact"], facts["device"], facts["threads"]) == ("tiny", "onnx fp32", "cpu", 1)
    assert facts["artifact_sha256"] == tiny.manifest.files["model.onnx"].sha256
    assert len(facts["species"]) == 30


def test_health_is_answered(client: Client) -> None:
    service = client()
    assert service.get("/health/live").json() == {"status": "live", "waiting": 0}
    assert service.get("/health/ready").json() == {"status": "ready", "waiting": 0}


def by_brightness(images: np.ndarray) -> Outputs:
    logits = np.zeros((len(images), 30), np.float32)
    logits[np.arange(len(images)), images.mean(axis=(1, 2, 3)).astype(int) % 30] = 20
    return Outputs(logits, np.zeros((len(images), 4), np.float32))


class Gate:
    """A network that waits until it is opened, and remembers its batches."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        self.batches: list[int] = []

    def __call__(self, images: np.ndarray) -> Outputs:
        self.batches.append(len(images))
        self.entered.set()
        assert self.opened.wait(30)
        return by_brightness(images)


def grey(level: int) -> bytes:
    from PIL import Image

    return encoded(Image.new("RGB", (32, 32), (level,) * 3), "PNG")


def over(tiny: ModelBundle, function: Callable[[np.ndarray], Outputs], **options: int) -> AsyncClassifier:
    return AsyncClassifier(Classifier(tiny, FunctionBackend(function, "a fake"), Calibration()), **options)


def test_requests_that_wait_together_share_a_batch_and_each_gets_its_own_answer(
    client: Client, tiny: ModelBundle
) -> None:
    gate = Gate()
    asynchronous = over(tiny, gate, batch=8)
    service = client(classifier=asynchronous)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(service.post, "/v1/identify", content=grey(0))
        assert gate.entered.wait(30)
        rest = [pool.submit(service.post, "/v1/identify", content=grey(level)) for level in range(1, 9)]
        while len(asynchronous._queue) < 8:
            threading.Event().wait(0.001)
        gate.opened.set()
        found = [answers(future.result())[0] for future in [first, *rest]]
    assert [one["top"][0]["species"] for one in found] == [s.id for s in tiny.manifest.species[:9]]
    assert gate.batches == [1, 8]


def test_more_requests_than_may_wait_are_told_to_come_again(client: Client, tiny: ModelBundle) -> None:
    gate = Gate()
    service = client(classifier=over(tiny, gate), limits=Limits(max_requests=1))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(service.post, "/v1/identify", content=grey(1))
        assert gate.entered.wait(30)
        refused = service.post("/v1/identify", content=grey(2))
        unready = service.get("/health/ready")
        assert service.get("/health/live").json() == {"status": "live", "waiting": 1}
        gate.opened.set()
        assert first.result().status_code == 200
    for response in (refused, unready):
        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"
        assert response.headers["content-type"] == "application/problem+json"
    assert service.get("/health/ready").status_code == 200


def test_a_device_that_fails_is_a_503_and_the_next_request_is_tried_anew(client: Client, tiny: ModelBundle) -> None:
    broken = [True]

    def fails_once(images: np.ndarray) -> Outputs:
        if broken.pop() if broken else False:
            raise BackendUnavailable("the device is gone")
        return by_brightness(images)

    service = client(classifier=over(tiny, fails_once))
    response = service.post("/v1/identify", content=grey(1))
    assert response.status_code == 503
    assert "the device is gone" in response.json()["detail"]
    assert service.post("/v1/identify", content=grey(1)).status_code == 200


def test_an_unforeseen_error_tells_callers_nothing_of_this_machine(client: Client, tiny: ModelBundle) -> None:
    def broken(_: np.ndarray) -> Outputs:
        raise RuntimeError("/home/ranger/secret")

    response = client(classifier=over(tiny, broken)).post("/v1/identify", content=grey(1))
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text
    assert response.headers["x-request-id"] == response.json()["request_id"]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_also_asked_by_head(client: Client, path: str) -> None:
    answer = client().head(path)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("kind", ["image/jpeg", "multipart/form-data; boundary=x"])
def test_a_sender_who_leaves_in_the_middle_leaves_no_traceback(client: Client, kind: str) -> None:
    app, sent = client().app, []

    async def leave() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/identify", "raw_path": b"/v1/identify", "query_string": b"",
        "headers": [(b"host", b"127.0.0.1:8765"), (b"content-type", kind.encode())], "http_version": "1.1",
        "scheme": "http", "server": ("127.0.0.1", 8765), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    asyncio.run(app(scope, leave, send))  # type: ignore[operator]
    assert sent[0]["status"] == 400

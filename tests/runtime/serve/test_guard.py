from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from avistar import UsageError
from avistar.serve.app import Limits
from avistar.serve.cli import access_for, is_loopback, listening, read_token
from avistar.serve.guard import Guard
from support import encoded, picture

Client = Callable[..., TestClient]
TOKEN = "a-token-of-enough-characters"


def problem(response: object, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["request_id"] == response.headers["x-request-id"]
    return str(body["detail"])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "station.example"])
def test_no_other_address_without_a_token(host: str) -> None:
    with pytest.raises(UsageError, match="--token-file"):
        access_for(host, None)
    assert access_for(host, TOKEN).hosts == frozenset()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("x", False)],
)
def test_loopback_is_known(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "[::2]:1"])
def test_a_page_that_made_its_own_name_lead_here_is_refused(client: Client, host: str) -> None:
    problem(client().get("/v1/model", headers={"host": host}), 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765"])
def test_this_machines_own_names_are_taken(client: Client, host: str) -> None:
    assert client().get("/v1/model", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://["])
def test_pages_of_other_sites_are_refused_and_no_page_is_ever_allowed_in(client: Client, origin: str) -> None:
    response = client().post("/v1/identify", content=encoded(picture(1)), headers={"origin": origin})
    problem(response, 403)
    preflight = client().options("/v1/identify", headers={"origin": origin, "access-control-request-method": "POST"})
    assert preflight.status_code == 403
    assert not [name for name in preflight.headers if name.startswith("access-control")]


def test_a_token_is_asked_for_and_taken(client: Client) -> None:
    service = client("0.0.0.0", TOKEN)
    for headers in ({}, {"authorization": TOKEN}, {"authorization": f"Basic {TOKEN}"}, {"authorization": "Bearer x"}):
        response = service.get("/v1/model", headers=headers)
        problem(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
    problem(service.get("/openapi.json"), 401)
    taken = service.get("/v1/model", headers={"authorization": f"Bearer {TOKEN}", "host": "station.example"})
    assert taken.status_code == 200
    assert service.get("/health/live").status_code == 200


def test_a_token_that_is_no_ascii_is_refused_not_a_crash(client: Client) -> None:
    response = client("0.0.0.0", TOKEN).get("/v1/model", headers={"authorization": "Bearer ñandú".encode()})
    problem(response, 401)


def test_a_body_announced_too_large_is_refused(client: Client) -> None:
    service = client(limits=Limits(max_bytes=1000))
    assert "1,000 bytes" in problem(service.post("/v1/identify", content=b"x" * 1001), 413)


def test_a_body_that_grows_too_large_without_saying_so_is_refused(client: Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    service = client(limits=Limits(max_bytes=1000))
    problem(service.post("/v1/identify", content=chunks()), 413)


def test_a_form_that_grows_too_large_is_refused(client: Client) -> None:
    service = client(limits=Limits(max_bytes=3000))
    problem(service.post("/v1/identify", files=[("file", b"x" * 1000)] * 4), 413)


def guarded(headers: list[tuple[bytes, bytes]], body: Iterator[Message], seconds: float) -> list[Message]:
    """What a guard sends to somebody who may not ask, and whose body comes in these pieces."""
    sent: list[Message] = []

    async def receive() -> Message:
        return next(body)

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    guard = Guard(app, access_for("127.0.0.1", None), 1000)
    scope = {"type": "http", "path": "/v1/identify", "headers": [(b"host", b"elsewhere"), *headers]}
    asyncio.run(asyncio.wait_for(guard(scope, receive, send), seconds))
    return sent


@pytest.mark.parametrize("header", [(b"content-length", b"500"), (b"transfer-encoding", b"chunked")])
def test_the_body_of_a_refused_request_is_taken_in_before_the_connection_ends(header: tuple[bytes, bytes]) -> None:
    pieces = iter([{"type": "http.request", "body": b"x" * 100, "more_body": number < 4} for number in range(5)])
    sent = guarded([header], pieces, 30)
    assert next(pieces, None) is None
    assert (b"connection", b"close") in sent[0]["headers"]
    assert [one.get("more_body", False) for one in sent[1:]] == [True, False]  # the answer is whole before that


def test_no_more_of_it_is_taken_in_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.serve.guard.DRAINED_BYTES", 1000)
    pieces = iter([{"type": "http.request", "body": b"x" * 100, "more_body": True}] * 50)
    guarded([(b"transfer-encoding", b"chunked")], pieces, 30)
    assert len(list(pieces)) == 40


def test_a_request_without_a_body_is_waited_for_no_further() -> None:
    sent = guarded([(b"content-length", b"0")], iter([]), 30)
    assert (b"connection", b"close") not in sent[0]["headers"]


def test_a_length_that_lies_does_not_help() -> None:
    read = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal read
        while True:
            read += len((await receive())["body"])

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    guard = Guard(app, access_for("127.0.0.1", None), 1000)
    headers = [(b"host", b"localhost"), (b"content-length", b"10")]
    scope = {"type": "http", "path": "/v1/identify", "headers": headers}
    with pytest.raises(Exception, match="1,000 bytes"):
        asyncio.run(guard(scope, receive, send))
    assert read == 1000


@pytest.mark.parametrize("length", ["-1", "ten", "1e3", "９"])
def test_a_length_that_is_no_number_is_a_bad_request(client: Client, length: str) -> None:
    headers = {"content-length": length.encode()}
    problem(client().post("/v1/identify", content=b"x", headers=headers), 400)


def test_more_files_than_a_form_may_hold_are_refused(client: Client) -> None:
    service = client(limits=Limits(max_files=2))
    assert "2 files" in problem(service.post("/v1/identify", files=[("file", b"x")] * 3), 400)


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\n", b"\0" * 50])
def test_a_broken_form_is_said(client: Client, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert client().post("/v1/identify", content=body, headers=headers).status_code in {400, 422}
    headers = {"content-type": "multipart/form-data"}
    problem(client().post("/v1/identify", content=body, headers=headers), 400)


WHOLE_FORM = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="1.jpg"\r\n\r\n'
    b'one\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="2.jpg"\r\n\r\ntwo\r\n--x--'
)


@pytest.mark.parametrize("end", range(0, len(WHOLE_FORM), 7))
def test_a_cut_form_says_that_it_was_cut_and_answers_no_part_of_it(client: Client, end: int) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    service = client()
    assert "it was cut" in problem(service.post("/v1/identify", content=WHOLE_FORM[:end], headers=headers), 400)


@pytest.mark.parametrize("after", [b"", b"\r\n", b"\r\nepilogue"])
def test_a_whole_form_is_answered_whatever_follows_it(client: Client, after: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    response = client().post("/v1/identify", content=WHOLE_FORM + after, headers=headers)
    assert [one["file"] for one in response.json()["answers"]] == ["1.jpg", "2.jpg"]


def test_a_form_without_files_and_another_type_are_refused(client: Client) -> None:
    service = client()
    assert "no file" in problem(service.post("/v1/identify", files={"file": (None, "text")}), 422)
    problem(service.post("/v1/identify", json={"url": "http://x"}), 415)


def test_a_body_that_never_ends_is_given_up(client: Client) -> None:
    service = client(limits=Limits(body_s=0.05))

    async def slow(request: object) -> list[object]:
        await asyncio.sleep(10)
        return []

    service.app.state.service._files = slow
    assert "took over 0.05 s" in problem(service.post("/v1/identify", files={"file": b"x"}), 408)


def test_a_decompression_bomb_is_an_answer_with_its_failure(client: Client) -> None:
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 10_000)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    response = client().post("/v1/identify", content=data)
    assert response.json()["answers"][0]["failure"]["fault"] == "too_large"


def test_unknown_paths_methods_and_values_are_problems(client: Client) -> None:
    service = client()
    problem(service.get("/v2"), 404)
    assert problem(service.get("/v1/identify"), 405)
    assert service.get("/v1/identify").headers["allow"] == "POST"
    assert "top" in problem(service.post("/v1/identify?top=none", content=b"x"), 422)
    problem(service.post("/v1/identify?language=fr", content=b"x"), 422)


def test_a_callers_request_id_is_kept_unless_it_is_odd(client: Client) -> None:
    service = client()
    assert service.get("/health/live", headers={"x-request-id": "run-7"}).headers["x-request-id"] == "run-7"
    odd = service.get("/health/live", headers={"x-request-id": "a b\t" + "x" * 100}).headers["x-request-id"]
    assert len(odd) == 32


def test_answers_are_not_kept_by_anybody_between(client: Client) -> None:
    headers = client().get("/v1/model").headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_a_token_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AVISTAR_TOKEN", raising=False)
    assert read_token(None) is None
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert read_token(file) == TOKEN
    monkeypatch.setenv("AVISTAR_TOKEN", TOKEN[::-1])
    assert read_token(None) == TOKEN[::-1]


@pytest.mark.parametrize("text", ["", "short", "with a space in it, long enough", "ñ" * 20])
def test_a_weak_or_odd_token_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match="token"):
        read_token(file)
    with pytest.raises(UsageError, match="can't be read"):
        read_token(tmp_path / "none")


def test_a_port_in_use_is_said() -> None:
    with listening("127.0.0.1", 0) as listener, pytest.raises(UsageError, match="try another --host or --port"):
        listening("127.0.0.1", listener.getsockname()[1])

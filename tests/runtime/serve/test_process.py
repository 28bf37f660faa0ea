"""The service as people start it: a process with a real server."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

import avistar
from avistar import ModelBundle
from support import encoded, picture

pytest.importorskip("uvicorn", reason="the serve extra isn't installed")


@contextmanager
def service(
    folder: Path, cwd: Path, *options: str, code: str = "from avistar.cli.main import run; run()"
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running service and its port."""
    command = [sys.executable, "-c", code, "serve", "--port", "0", *options]
    environment = os.environ | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])}
    process = subprocess.Popen(
        [*command, "--model", str(folder)], cwd=cwd, env=environment, text=True, stderr=subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        started = re.search(r"http://127\.0\.0\.1:(\d+) ", line)
        assert started, line + process.stderr.read()
        yield process, int(started[1])
    finally:
        process.kill()
        process.communicate()


def asked(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, object]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def raw(port: int, sent: bytes) -> bytes:
    """What comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent)
        received = b""
        with suppress(ConnectionResetError):  # what was not read when the service hung up
            while part := connection.recv(65536):
                received += part
        return received


def test_a_process_answers_refuses_what_is_too_large_and_ends_cleanly(tiny: ModelBundle, tmp_path: Path) -> None:
    with service(tiny.folder, tmp_path, "--max-mb", "1") as (process, port):
        status, body = asked(port, "POST", "/v1/identify", encoded(picture(1)))
        assert (status, body["answers"][0]["failure"]) == (200, None)  # type: ignore[index]
        assert asked(port, "GET", "/v1/model")[1]["bundle"] == "tiny"
        head = b"POST /v1/identify HTTP/1.1\r\nHost: localhost\r\n"
        chunk = b"%x\r\n%b\r\n" % (300_000, b"x" * 300_000)
        assert raw(port, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 4).startswith(b"HTTP/1.1 413 ")
        assert raw(port, head + b"Content-Length: 99999999\r\n\r\nx").startswith(b"HTTP/1.1 413 ")
        assert asked(port, "GET", "/health/ready")[0] == 200
        process.send_signal(signal.SIGTERM if os.name != "nt" else signal.CTRL_C_EVENT)
        assert process.wait(60) in {0, 143, -signal.SIGTERM}
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_sends_everything_first_reads_why_it_was_refused(tiny: ModelBundle, tmp_path: Path) -> None:
    """http.client works so, and requests, urllib3 and urllib with it; the last asks to close the connection."""
    with service(tiny.folder, tmp_path, "--max-mb", "1") as (_, port):
        for headers in ({}, {"Connection": "close"}):
            for body in (b"x" * 20_000_000, iter([b"x" * 1_000_000] * 20)):
                with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                    connection.request("POST", "/v1/identify", body, headers)
                    response = connection.getresponse()
                    assert response.status == 413
                    assert "send fewer or smaller pictures" in json.loads(response.read())["detail"]


def test_a_client_that_leaves_costs_a_line_of_the_log_at_most(tiny: ModelBundle, tmp_path: Path) -> None:
    form = b"Content-Type: multipart/form-data; boundary=x\r\n"
    begun = b'--x\r\nContent-Disposition: form-data; name="file"; filename="1.jpg"\r\n\r\n' + b"x" * 50_000
    with service(tiny.folder, tmp_path) as (process, port):
        for head in (b"", form):
            for sent in (b"", begun):
                with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                    request = b"POST /v1/identify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n"
                    connection.sendall(request + head + b"\r\n" + sent)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(b"POST /v1/identify HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:  # away before its answer
            data = encoded(picture(1))
            head = b"POST /v1/identify HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(data)
            connection.sendall(head + data)
        while asked(port, "GET", "/health/live")[1]["waiting"]:
            pass
        process.terminate()
        assert len(process.communicate(timeout=60)[1].splitlines()) <= 6


HELD = """
import sys, threading
from avistar import Classifier
from avistar.serve import server
server.GRACE_S = server._HARD_END_S = 1
def held(self, source):
    print("held", file=sys.stderr, flush=True)
    threading.Event().wait()
Classifier.prepare = held
from avistar.cli.main import run
run()
"""
"""A service in which each picture keeps its worker for ever."""


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_service_that_works_without_a_traceback(
    tiny: ModelBundle, tmp_path: Path, name: str, times: int
) -> None:
    number = getattr(signal, name)
    data = encoded(picture(1))
    head = b"POST /v1/identify HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(data)
    with service(tiny.folder, tmp_path, code=HELD) as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(head + data)
            assert process.stderr is not None
            assert process.stderr.readline() == "held\n"
            for _ in range(times):
                process.send_signal(number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.5)  # two of a kind at once may arrive as one
            ended = process.communicate(timeout=30)[1]
        assert process.returncode == 128 + number
        assert len(ended.splitlines()) == (1 if times == 1 else 0), ended  # uvicorn's, on what it gave up


def test_another_address_without_a_token_is_wrong_usage(tiny: ModelBundle, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from avistar.cli.main import run; run()", "serve", "--host", "0.0.0.0"]
    clean = {key: value for key, value in os.environ.items() if key != "AVISTAR_TOKEN"}
    environment = clean | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--token-file" in done.stderr


def test_without_the_extra_the_line_that_installs_it_is_shown(tmp_path: Path) -> None:
    code = "import sys; sys.modules['fastapi'] = None; from avistar.cli.main import run; run()"
    environment = os.environ | {"PYTHONPATH": str(Path(avistar.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code, "serve"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5
    assert "pip install 'avistar[serve]'" in done.stderr

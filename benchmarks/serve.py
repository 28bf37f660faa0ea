"""Requests per second and latency of `avistar serve`: 1, 8 and 32 clients, with and without batching, in one run.

    python benchmarks/serve.py [--bundle models/default] [--photo samples/raccoon.jpg] [--seconds 5]

Each client sends one photo after another over a connection that it keeps. The services run one at a time, each in
a process of its own; the clients share this machine with them. A loop of `Classifier.identify` without HTTP, on
the same photo in this process, says what the network and decoding alone allow one at a time.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from avistar import Classifier
from avistar.parallel import usable_cpus

CLIENTS = (1, 8, 32)
BATCHES = (8, 1)


@contextmanager
def service(bundle: Path, batch: int) -> Iterator[int]:
    """A running service; gives its port."""
    command = [sys.executable, "-c", "from avistar.cli.main import run; run()", "serve", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [*command, "--model", str(bundle), "--batch", str(batch)], env=environment, text=True, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    found = re.search(r":(\d+) ", process.stderr.readline())
    assert found, "the service did not start"
    try:
        yield int(found[1])
    finally:
        process.terminate()
        process.communicate()


def load(port: int, photo: bytes, clients: int, seconds: float) -> tuple[float, list[float]]:
    """Requests per second, and the milliseconds of each."""
    taken_ms: list[float] = []
    start = time.perf_counter()
    end = start + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            connection.request("POST", "/v1/identify", photo)
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status
            taken_ms.append((time.perf_counter() - begun) * 1000)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(taken_ms) / (time.perf_counter() - start), taken_ms


def alone(bundle: Path, photo: bytes, seconds: float) -> float:
    """Pictures per second of a loop in this process."""
    with Classifier.open(bundle, "cpu") as classifier:
        classifier.identify(photo)
        count, start = 0, time.perf_counter()
        while time.perf_counter() < start + seconds:
            classifier.identify(photo)
            count += 1
        return count / (time.perf_counter() - start)


def main() -> None:
    """Print a table and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    parser.add_argument("--photo", type=Path, default=Path("samples/raccoon.jpg"))
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    photo = arguments.photo.read_bytes()
    base = alone(arguments.bundle, photo, arguments.seconds)
    print(
        f"{usable_cpus()} CPUs, {arguments.photo.name} of {len(photo):,} bytes; a loop without HTTP: {base:.1f}/s",
        flush=True,
    )
    print("batch  clients  requests/s  × loop   p50 ms   p99 ms")
    for batch in BATCHES:
        with service(arguments.bundle, batch) as port:
            load(port, photo, 2, 1)
            for clients in CLIENTS:
                rate, taken_ms = load(port, photo, clients, arguments.seconds)
                p50, p99 = np.percentile(taken_ms, [50, 99])
                print(f"{batch:5}  {clients:7}  {rate:10.1f}  {rate / base:6.2f}  {p50:7.0f}  {p99:7.0f}", flush=True)


if __name__ == "__main__":
    main()

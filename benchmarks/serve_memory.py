"""What large uploads leave in the memory of `avistar serve`: resident megabytes before, at the peak, and after.

    python benchmarks/serve_memory.py [--rounds 4] [--megapixels 48] [--at-once 2]

Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image


def pictures(megapixels: int) -> dict[str, bytes]:
    """One picture of that size in each format whose decoding takes most memory."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    shape = (height // 8, height // 6, 3)
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, shape, np.uint8)).resize(
        (height * 4 // 3, height)
    )
    found = {}
    for format, options in {
        "JPEG": {"quality": 90}, "progressive JPEG": {"quality": 90, "progressive": True},
        "PNG": {"compress_level": 1}, "TIFF": {"compression": "tiff_lzw"},
    }.items():  # fmt: skip
        buffer = io.BytesIO()
        image.save(buffer, format.removeprefix("progressive "), **options)
        found[format] = buffer.getvalue()
    return found


def resident_mb(process: int, field: str = "VmRSS") -> float:
    """The process's memory, or with VmHWM the most that it ever had."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1000


def send(port: int, data: bytes) -> None:
    """Have one picture identified."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
        connection.request("POST", "/v1/identify", data, {"Content-Type": "application/octet-stream"})
        answer = json.loads(connection.getresponse().read())["answers"][0]
        if answer["failure"]:
            raise SystemExit(answer["failure"])


def main() -> None:
    """Measure and print a line for each format."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--megapixels", type=int, default=48)
    options.add_argument("--at-once", type=int, default=2)
    asked = options.parse_args()
    command = [
        sys.executable,
        "-c",
        "from avistar.cli.main import run; run()",
        "serve",
        "--port",
        "0",
        "--device",
        "cpu",
        "--max-mb",
        "500",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        port = int(re.search(r":(\d+) ", service.stderr.readline())[1])
        small = io.BytesIO()
        Image.new("RGB", (300, 300)).save(small, "JPEG")
        for _ in range(8):
            send(port, small.getvalue())
        print(f"after eight small pictures: {resident_mb(service.pid):.0f} MB")
        for format, data in pictures(asked.megapixels).items():
            Path(f"/proc/{service.pid}/clear_refs").write_text("5")  # the peak counts anew
            with ThreadPoolExecutor(asked.at_once) as pool:
                list(pool.map(lambda data: send(port, data), [data] * asked.rounds * asked.at_once))
            at_once = resident_mb(service.pid)
            time.sleep(5)
            peak, after = resident_mb(service.pid, "VmHWM"), resident_mb(service.pid)
            figures = f"peak {peak:.0f}, at the end {at_once:.0f}, 5 s later {after:.0f} MB"
            print(f"{format}, {len(data) / 1e6:.0f} MB: {figures}")
        service.terminate()


if __name__ == "__main__":
    main()

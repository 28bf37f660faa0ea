from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import sys, time
from avistar.cli.main import end_on_signals
end_on_signals()
try:
    print("ready", flush=True)
    time.sleep(600)
finally:
    print("closed", flush=True)
    if sys.argv[1] == "2":
        time.sleep(600)
"""


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_closes_everything_and_a_second_one_ends_at_once(number: str, times: int) -> None:
    ours = getattr(signal, number)
    command = [sys.executable, "-c", PROGRAM, str(times)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(ours)
        assert child.stdout.readline() == "closed\n"
        if times == 2:
            child.send_signal(ours)
        assert child.wait(60) == 128 + ours

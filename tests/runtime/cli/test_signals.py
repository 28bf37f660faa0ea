from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading, time
from avistar.cli.signals import INTERRUPTED, end_on_signals, leave
end_on_signals()
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("closed", flush=True)
    if sys.argv[1] == "2":
        time.sleep(600)
threading.Thread(target=time.sleep, args=(600,)).start()  # nothing waits for it
leave(INTERRUPTED)
"""


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such signals")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
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


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such signals")
def test_a_signal_that_was_ignored_before_stays_ignored() -> None:
    code = """
import os, signal
from avistar.cli.signals import end_on_signals
signal.signal(signal.SIGHUP, signal.SIG_IGN)
end_on_signals()
os.kill(os.getpid(), signal.SIGHUP)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

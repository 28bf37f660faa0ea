"""Nothing is sent: no library that we load leaves a trace in a fresh home or looks up a host."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from avistar import telemetry

ROOT = Path(__file__).parents[2]
RECORDER = """
import os, socket
def _told(name):
    inner = getattr(socket, name)
    def record(*arguments, **options):
        with open(os.environ["LOOKUPS"], "a") as out:
            out.write(f"{name} {arguments[:2]}\\n")
        return inner(*arguments, **options)
    setattr(socket, name, record)
for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    _told(name)
"""
"""As `sitecustomize`: writes down whom Python code looks up."""

REPORTERS = {"onnxruntime", "openvino", "openvino_telemetry", "ray"}


class Home:
    """A home folder that nobody lived in, and what was done there."""

    def __init__(self, folder: Path) -> None:
        self.home, self._lookups, site = folder / "home", folder / "lookups", folder / "site"
        self._calls = folder / "calls"
        for one in (self.home, site):
            one.mkdir()
        (site / "sitecustomize.py").write_text(RECORDER)
        paths = [str(site), str(ROOT / "runtime"), *(path for path in sys.path if path)]
        left_out = {"ORT_DISABLE_TELEMETRY", "RAY_USAGE_STATS_ENABLED", "CI", "DO_NOT_TRACK"}
        kept = {k: v for k, v in os.environ.items() if k not in left_out and not k.startswith("XDG_")}
        self._environment = kept | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "LOCALAPPDATA": str(self.home),
            "LOOKUPS": str(self._lookups),
            "PYTHONPATH": os.pathsep.join(paths),
        }

    def run(self, program: str, **environment: str) -> None:
        """Run a Python `program`; with strace, where there is one, native code is watched too."""
        watched = shutil.which("strace")
        command = [sys.executable, "-c", program]
        if watched:
            command = [watched, "-f", "-qq", "-e", "trace=connect,openat", "-o", str(self._calls), *command]
        done = subprocess.run(
            command, env=self._environment | environment, capture_output=True, text=True, cwd=ROOT, timeout=300
        )
        assert done.returncode in (0, 1), done.stderr

    def files(self) -> list[str]:
        """What lies in the home folder now."""
        return sorted(path.relative_to(self.home).as_posix() for path in self.home.rglob("*"))

    def lookups(self) -> list[str]:
        """The hosts that were asked for."""
        told = self._lookups.read_text().splitlines() if self._lookups.exists() else []
        calls = self._calls.read_text(errors="replace").splitlines() if self._calls.exists() else []
        native = [line for line in calls if "AF_INET" in line or "resolv.conf" in line]
        return told + native


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def cli(*arguments: str) -> str:
    return f"from avistar.cli.main import run; import sys; sys.argv = {['avistar', *arguments]!r}; sys.exit(run())"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no folder that stands for a home")
def test_identifying_leaves_nothing_at_home_and_asks_for_no_host(home: Home) -> None:
    home.run(cli("identify", "samples/cat.jpg"))
    assert home.files() == []
    assert home.lookups() == []


def test_a_program_that_wants_the_reports_keeps_its_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    ended: list[bool] = []
    library = SimpleNamespace(disable_telemetry_events=lambda: ended.append(True))
    monkeypatch.setitem(sys.modules, "onnxruntime", library)
    assert telemetry.import_onnxruntime_quietly() is library
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
    assert ended == []


def test_without_a_choice_the_reports_end_before_the_first_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "")  # so that it is restored
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")
    ended: list[str] = []
    library = SimpleNamespace(disable_telemetry_events=lambda: ended.append(os.environ["ORT_DISABLE_TELEMETRY"]))
    monkeypatch.setitem(sys.modules, "onnxruntime", library)
    telemetry.import_onnxruntime_quietly()
    assert ended == ["1"]


def test_openvino_reports_no_import_and_still_converts(home: Home) -> None:
    pytest.importorskip("openvino", reason="needs the extra 'openvino'")
    home.run(
        "from avistar.telemetry import import_openvino_quietly as load; import sys; library = load();"
        "assert library.Core and library.convert_model; assert 'openvino_telemetry' not in sys.modules;"
        "import time; time.sleep(1)"
    )
    assert home.files() == []
    assert home.lookups() == []


def test_ray_is_refused_its_statistics_before_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "")
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED")
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace())
    telemetry.import_ray_quietly()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_nobody_loads_a_reporting_library_by_another_way() -> None:
    """`onnxruntime.quantization` and `ray.util` come after the module itself, loaded as here."""
    found = set()
    for package in ("runtime", "train", "export", "gui", "scripts", "benchmarks"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                found |= {(path.name, name) for name in names if name.partition(".")[0] in REPORTERS}
    assert found == {
        ("telemetry.py", "onnxruntime"), ("telemetry.py", "openvino"), ("telemetry.py", "ray"),
        ("ray_workers.py", "ray.util.scheduling_strategies"), ("int8.py", "onnxruntime.quantization"),
    }  # fmt: skip

"""Programs that start processes: a child of fork ends, whatever the parent had open, and can open its own."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from avistar import BackendUnavailable, Classifier, ModelBundle
from support import picture

CHILD = """
import os, sys
from avistar import BackendUnavailable, Classifier

classifier = Classifier.open(sys.argv[1], "cpu", threads=2)
answer = classifier.identify(sys.argv[2])
pid = os.fork()
if pid == 0:
    failed = 0
    if sys.argv[3] == "closes":
        classifier.close()
    if sys.argv[3] == "uses":
        try:
            classifier.identify(sys.argv[2])
            failed = 1
        except BackendUnavailable as error:
            failed = "closed" not in str(error)
    sys.exit(failed)
ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert (classifier.identify(sys.argv[2]).probabilities == answer.probabilities).all()
sys.exit(ended)
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    picture(1).save(path)
    return path


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("what", ["ends", "closes", "uses"])
def test_a_child_of_fork_ends_and_the_parent_goes_on(tiny: ModelBundle, photo: Path, what: str) -> None:
    command = [sys.executable, "-c", CHILD, str(tiny.folder), str(photo), what]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr[-2000:]


def identified(folder: str, file: str) -> str:
    with Classifier.open(folder, "cpu", threads=1) as classifier:
        return classifier.identify(file).top(1)[0].species.id


POOL = """
import multiprocessing, sys
sys.path.insert(0, sys.argv[1])
from test_forked import identified

if __name__ == "__main__":
    here = identified(*sys.argv[3:5])
    with multiprocessing.get_context(sys.argv[2]).Pool(1) as pool:
        sys.exit(pool.apply(identified, sys.argv[3:5]) != here)
"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_of_every_kind_open_their_own(tiny: ModelBundle, photo: Path, tmp_path: Path, method: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(POOL)
    command = [sys.executable, str(program), str(Path(__file__).parent), method, str(tiny.folder), str(photo)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=environment)
    assert ran.returncode == 0, ran.stderr[-2000:]


def test_a_closed_classifier_says_so(tiny: ModelBundle, photo: Path) -> None:
    classifier = Classifier.open(tiny.folder, "cpu", threads=1)
    classifier.close()
    with pytest.raises(BackendUnavailable, match="closed"):
        classifier.identify(str(photo))

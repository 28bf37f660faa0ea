"""Who built an engine: only a seal made with this installation's key counts."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from avistar import BackendUnavailable, ModelBundle, installation
from avistar.backends.engine_seal import SEAL, SOURCE, checked_engine, sealed, source_fact
from avistar.backends.factory import open_artifact
from avistar.bundle import commit, draft
from avistar.manifest import Artifact, Calibration

MACHINE = {"gpu": "Fake GPU", "driver": "for CUDA 13.0", "library": "tensorrt 10.16.1"}
PLAN = b"machine code"


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "data" / "engine.key"
    monkeypatch.setattr(installation, "key_file", lambda: path)
    return path


def with_engine(bundle: ModelBundle, built_for: dict[str, str] | None = None) -> tuple[ModelBundle, Artifact]:
    facts = {**MACHINE, SOURCE: source_fact(bundle, "model.onnx")}
    artifact = Artifact(
        "tensorrt", "fp32", "engine.plan", Calibration(), (1, 1, 8), built_for or sealed(facts, PLAN), None
    )
    with draft(bundle.folder, start_from=bundle) as folder:
        (folder / artifact.file).write_bytes(PLAN)
        artifacts = (*bundle.manifest.artifacts, artifact)
        return commit(folder, replace(bundle.manifest, artifacts=artifacts), bundle.folder), artifact


def test_an_engine_of_this_installation_for_this_machine_may_be_opened(bundle: ModelBundle) -> None:
    done, artifact = with_engine(bundle)
    assert checked_engine(done, artifact, MACHINE) == PLAN


@pytest.mark.skipif(os.name != "posix", reason="asks for POSIX permissions")
def test_the_key_is_for_its_user_alone(bundle: ModelBundle, key: Path) -> None:
    done, artifact = with_engine(bundle)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32
    key.chmod(0o644)
    with pytest.raises(BackendUnavailable, match="can be read by others"):
        checked_engine(done, artifact, MACHINE)


@pytest.mark.parametrize("fact", [*MACHINE, SOURCE, SEAL])
def test_a_changed_fact_is_a_forgery(bundle: ModelBundle, fact: str) -> None:
    done, artifact = with_engine(bundle)
    forged = replace(artifact, built_for={**artifact.built_for, fact: "something else"})
    with pytest.raises(BackendUnavailable, match="not built by this installation of Avistar, or its facts"):
        checked_engine(done, forged, MACHINE)


def test_an_engine_without_seal_or_key_is_foreign(bundle: ModelBundle, key: Path) -> None:
    done, artifact = with_engine(bundle, {**MACHINE, SOURCE: source_fact(bundle, "model.onnx")})
    with pytest.raises(BackendUnavailable, match="not built by this installation"):
        checked_engine(done, artifact, MACHINE)
    assert not key.exists()


@pytest.mark.parametrize("fact", MACHINE)
def test_another_machine_library_or_driver_is_named_with_both_values(bundle: ModelBundle, fact: str) -> None:
    done, artifact = with_engine(bundle)
    with pytest.raises(BackendUnavailable, match=rf"{fact} was {MACHINE[fact]}, is another.*avistar export engine"):
        checked_engine(done, artifact, {**MACHINE, fact: "another"})


def test_an_engine_of_an_older_network_is_stale(bundle: ModelBundle) -> None:
    done, artifact = with_engine(bundle)
    with draft(done.folder, start_from=done) as folder:
        (folder / "model.onnx").write_bytes(b"retrained")
        newer = commit(folder, done.manifest, done.folder)
    with pytest.raises(BackendUnavailable, match=r"source was model.onnx \w+, is model.onnx"):
        checked_engine(newer, artifact, MACHINE)


def test_a_damaged_key_says_what_to_do(bundle: ModelBundle, key: Path) -> None:
    done, artifact = with_engine(bundle)
    key.write_bytes(b"short")
    with pytest.raises(BackendUnavailable, match="delete it, and build this machine's engines again"):
        checked_engine(done, artifact, MACHINE)


def test_processes_that_start_together_agree_on_the_key() -> None:
    with ThreadPoolExecutor(8) as pool:
        seals = {made[SEAL] for made in pool.map(lambda _: sealed(MACHINE, PLAN), range(32))}
    assert len(seals) == 1


def test_a_keras_file_is_nothing_that_the_runtime_opens(tiny: ModelBundle) -> None:
    with pytest.raises(BackendUnavailable, match="only training and export open"):
        open_artifact(tiny, Artifact("keras", "fp32", "model.keras", Calibration()))

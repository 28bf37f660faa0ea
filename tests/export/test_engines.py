"""Engines, from the bundle to the bundle, on a GPU made of host memory; real builds are in test_builder.py."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("tensorflow", reason="the export extra isn't installed")

from avistar import Classifier, ModelBundle, installation
from avistar.backends import Outputs, engine_seal, factory
from avistar.backends.cuda import Cuda
from avistar.backends.tensorrt_library import Library
from avistar.errors import BackendUnavailable, UsageError
from avistar_export import engine_export, golden
from avistar_export.cli import app
from avistar_export.engine_export import EngineOptions, EngineRun, check_precision
from avistar_export.errors import BuildFailed, ParityRefused
from avistar_export.tensorrt_builder import BuildOptions, BuiltEngine
from export_support import contents
from fake_gpu import FakeCudart, FakeTensorRT, plan_of

SCRIPT = Path(__file__).parents[2] / "export" / "build_engine.py"
HALF = [{"Name": "a", "Outputs": [{"Name": "x", "Format/Datatype": "Channel major FP16 format"}]}] * 9
FLOAT = json.loads(json.dumps(HALF).replace("FP16", "FP32"))
INT8 = json.loads(json.dumps(HALF).replace("FP16", "Int8"))


class Workshop:
    """A machine with a fake GPU and library, on which engines of ONNX files can be "built" and run."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.cudart, self.layers, self.builds = FakeCudart(), HALF, 0
        self.trt = FakeTensorRT(self.cudart)
        self.version = "10.16.1"
        for module in (engine_export, factory):
            patch.setattr(module, "find_library", lambda _: Library("tensorrt", self.version, self.trt))
            patch.setattr(module, "load_cuda", lambda: Cuda(self.cudart))
        patch.setattr(engine_export, "build", self.build)
        patch.setattr(installation, "key_file", lambda: folder / "data" / "engine.key")

    def build(self, library, model, preprocessing, request, *, watch):
        self.builds += 1
        profile = (1, request.opt_batch, request.max_batch)
        return BuiltEngine(plan_of(model, profile, layers=self.layers), {"HALF": 40, "FLOAT": 4}, 1.5)

    def run(self, folder, photos=None, precision="fp16", **options):
        said: list[str] = []
        wish = EngineOptions(folder, photos, precision, request=BuildOptions(4, 16), **options)
        bundle, artifact = EngineRun(wish, lambda *_: None, said.append).run()
        return bundle, artifact, "\n".join(said)


@pytest.fixture
def workshop(monkeypatch, tmp_path):
    return Workshop(monkeypatch, tmp_path)


@pytest.fixture
def bundle(exported, tmp_path):
    shutil.copytree(exported.folder, tmp_path / "copy")
    return ModelBundle.open(tmp_path / "copy")


def test_an_engine_that_sees_the_same_enters_the_bundle_with_its_facts(workshop, bundle, photos):
    done, artifact, _ = workshop.run(bundle.folder, photos)
    assert artifact == done.artifact("tensorrt", "fp16")
    assert artifact.batch == (1, 4, 16)
    assert artifact.built_for["library"] == "tensorrt 10.16.1"
    assert artifact.built_for["gpu"].startswith("Fake GPU, compute capability 8.9")
    assert artifact.accuracy["top1"] > 0.5
    report = json.loads(done.checked(artifact.parity))
    assert report["passed"] is True
    assert report["photos"] == 400
    assert "neither trained" in report["basis"]
    assert "ran on tensorrt 10.16.1 · Fake GPU" in report["notes"][0]


def test_the_runtime_runs_the_engine_and_verify_compares_it(workshop, bundle):
    done, _, _ = workshop.run(bundle.folder)
    for device in ("auto", "tensorrt"):
        with Classifier.open(done.folder, device) as classifier:
            assert classifier.provenance.runs_on.startswith("tensorrt 10.16.1 · Fake GPU · fp16")
            answer = classifier.identify(np.full((40, 40, 3), 120, np.uint8))
    with Classifier.open(done.folder, "cpu", precision="fp16") as classifier:
        expected = classifier.identify(np.full((40, 40, 3), 120, np.uint8))
    np.testing.assert_allclose(answer.probabilities, expected.probabilities, atol=1e-4)
    checks = list(golden.verify(done))
    assert [check.artifact for check in checks][-1] == "tensorrt fp16"
    assert not any(check.problem for check in checks)


def test_without_photos_the_golden_pictures_judge_and_the_report_says_how_little_they_prove(workshop, bundle):
    done, artifact, _ = workshop.run(bundle.folder)
    text = done.checked(artifact.parity.replace(".json", ".md")).decode()
    assert "on 6 pictures of the bundle" in text
    assert "6 photos can't prove less than 39.30%" in text
    assert artifact.calibration == done.artifact("onnx", "fp16").calibration


def test_any_photos_judge_by_the_reference_s_own_answers(workshop, bundle, photos, tmp_path):
    shutil.copytree(photos / "red_fox", tmp_path / "card" / "100CANON")
    (tmp_path / "card" / "broken.jpg").write_bytes(b"no picture")
    done, artifact, _ = workshop.run(bundle.folder, tmp_path / "card")
    report = json.loads(done.checked(artifact.parity))
    assert report["photos"] == 125
    assert report["top1_reference"] == 1.0
    assert "nobody told" in report["basis"]


def test_a_folder_without_pictures_is_a_usage_error(workshop, bundle, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(UsageError, match=r"no picture that can be read|isn't there"):
            workshop.run(bundle.folder, folder)


def reversed_species(outputs):
    return Outputs(outputs.logits[:, ::-1].copy(), outputs.embedding)


def not_a_number(outputs):
    return Outputs(outputs.logits * np.float32("nan"), outputs.embedding)


@pytest.mark.parametrize("change", [reversed_species, not_a_number])
@pytest.mark.parametrize("with_photos", [True, False])
def test_an_engine_that_answers_otherwise_leaves_nothing(workshop, bundle, photos, change, with_photos):
    before = contents(bundle.folder)
    workshop.trt.change = change
    with pytest.raises(ParityRefused) as refusal:
        workshop.run(bundle.folder, photos if with_photos else None)
    assert refusal.value.report is not None
    assert contents(bundle.folder) == before
    assert not workshop.cudart.memory


@pytest.mark.parametrize("layers", [FLOAT, []])
def test_an_engine_that_is_not_half_precision_is_refused(workshop, bundle, layers):
    before = contents(bundle.folder)
    workshop.layers = layers
    with pytest.raises(ParityRefused, match=r"the engine has 0% fp16 layers|doesn't tell its layers' types"):
        workshop.run(bundle.folder)
    assert contents(bundle.folder) == before


@pytest.mark.parametrize(
    ("types", "precision", "words"),
    [
        ({"HALF": 1, "FLOAT": 9}, "fp32", "1 layers of lower precision"),
        ({"HALF": 4, "FLOAT": 6}, "fp16", "40% fp16 layers; fp16 means at least 50%"),
        ({"INT8": 4, "FLOAT": 6, "OTHER": 9}, "int8", "40% int8 layers"),
    ],
)
def test_what_was_built_must_be_what_was_asked_for(types, precision, words):
    with pytest.raises(ParityRefused, match=words):
        check_precision(types, precision, "the engine")


def test_an_int8_engine_is_built_from_the_shipped_graph_in_its_symmetric_form(workshop, bundle, photos):
    workshop.layers = INT8
    done, artifact, _ = workshop.run(bundle.folder, photos, "int8")
    assert artifact.precision == "int8"
    assert json.loads(done.checked(artifact.parity))["reference"] == "ONNX fp32"


def test_an_engine_that_is_up_to_date_is_not_built_again_unless_told_to(workshop, bundle):
    workshop.run(bundle.folder)
    _, _, said = workshop.run(bundle.folder)
    assert "up to date" in said
    assert workshop.builds == 1
    workshop.run(bundle.folder, rebuild=True)
    assert workshop.builds == 2


def damage(workshop, bundle):
    (bundle.folder / "engines" / "tensorrt-fp16.plan").write_bytes(b"plam")


def update_library(workshop, bundle):
    workshop.version = "10.17.0"


def update_driver(workshop, bundle):
    workshop.cudart.driver = 13010


def change_gpu(workshop, bundle):
    workshop.cudart.name = b"Other GPU"


def come_from_elsewhere(workshop, bundle):
    installation.key_file().unlink()
    engine_seal.sealed({}, b"another installation's first engine")


@pytest.mark.parametrize("event", [damage, update_library, update_driver, change_gpu, come_from_elsewhere])
def test_a_stale_foreign_or_damaged_engine_is_never_opened_and_is_built_anew(workshop, bundle, monkeypatch, event):
    workshop.run(bundle.folder)
    event(workshop, bundle)
    opened = []
    monkeypatch.setattr(workshop.trt, "Runtime", lambda logger: opened.append(1), raising=False)
    done = ModelBundle.open(bundle.folder)
    with pytest.raises(BackendUnavailable, match=r"is not opened: .*avistar export engine"):
        factory.open_backend(done, "tensorrt")
    choice = factory.open_backend(done, "auto")
    assert choice.device == "cpu"
    assert "is not opened" in choice.rejected[0]
    assert isinstance(list(golden.verify(done))[-1], golden.SkippedPicture)
    assert not opened


def test_a_stale_engine_is_reported_and_built_anew(workshop, bundle):
    workshop.run(bundle.folder)
    workshop.version = "10.17.0"
    done, _, said = workshop.run(bundle.folder)
    assert "building anew: the engine engines/tensorrt-fp16.plan" in said
    assert "library was tensorrt 10.16.1, is tensorrt 10.17.0" in said
    with Classifier.open(done.folder, "tensorrt") as classifier:
        assert "10.17.0" in classifier.provenance.runs_on


def test_another_profile_is_built_anew(workshop, bundle):
    workshop.run(bundle.folder)
    run = EngineRun(EngineOptions(bundle.folder, request=BuildOptions(8, 8)), lambda *_: None, lambda line: None)
    assert run.run()[1].batch == (1, 8, 8)


def run(*arguments):
    return CliRunner().invoke(app, ["engine", *map(str, arguments)])


def test_the_command_tells_programs_in_json_lines(workshop, bundle, tmp_path):
    result = run("--bundle", bundle.folder, "--progress", "json", "--report", tmp_path / "r.md")
    assert result.exit_code == 0, result.output
    events = [json.loads(line) for line in result.output.splitlines()]
    assert {event["event"] for event in events} == {"progress", "note", "done"}
    assert Path(events[-1]["file"]).is_file()
    assert "**Passed.**" in (tmp_path / "r.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BuildFailed("can't read the graph: node 'conv_001'"), 4),
        (MemoryError(), 4),
        (OSError(28, "No space left on device"), 5),
        (BackendUnavailable("no GPU"), 5),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_failure_has_its_code_and_changes_nothing(workshop, bundle, monkeypatch, error, code):
    before = contents(bundle.folder)

    def failing(*_, **__):
        raise error

    monkeypatch.setattr(engine_export, "build", failing)
    result = run("--bundle", bundle.folder, "--progress", "json")
    assert result.exit_code == code
    assert json.loads(result.output.splitlines()[-1])["code"] == code
    assert contents(bundle.folder) == before


def test_a_disk_that_fills_up_while_publishing_leaves_the_bundle_as_it_was(workshop, bundle, monkeypatch):
    before = contents(bundle.folder)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine_export, "commit", full)
    result = run("--bundle", bundle.folder)
    assert result.exit_code == 5
    assert "No space left on device" in result.output
    assert contents(bundle.folder) == before
    assert {path.name for path in bundle.folder.parent.iterdir()} == {"copy", "data"}


def test_a_missing_graph_is_a_usage_error(trained, photos):
    with pytest.raises(UsageError, match="has no ONNX fp16"):
        EngineRun(EngineOptions(trained.folder, photos), lambda *_: None, lambda line: None).run()


def test_without_a_library_the_cure_names_pc_and_jetson_with_exit_code_5(bundle, monkeypatch):
    for module in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, module, None)
    result = run("--bundle", bundle.folder)
    assert result.exit_code == 5
    assert "pip install" in result.output
    assert "JetPack" in result.output


def test_without_a_gpu_nothing_is_built_and_the_cure_is_named(workshop, bundle):
    workshop.cudart.gpus = 0
    result = run("--bundle", bundle.folder)
    assert result.exit_code == 5
    assert "no GPU is visible" in result.output
    assert workshop.builds == 0


def test_the_script_says_the_same_as_the_verb(bundle):
    command = [sys.executable, str(SCRIPT), "--bundle", str(bundle.folder), "--opt-batch", "99"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--opt-batch 99 must lie between 1 and --max-batch 32" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="asks for POSIX signals")
def test_a_build_can_be_stopped_at_any_time_by_ctrl_c_or_by_the_program_that_started_it(tmp_path):
    script = tmp_path / "build.py"
    script.write_text(
        "import time\n"
        "import typer\n"
        "from avistar_export.cli import Speaker, stoppable\n"
        "from avistar_export.progress import BuildMonitor\n"
        "speaker = Speaker(as_json=True)\n"
        "watch = BuildMonitor(speaker.progress, speaker.say)\n"
        "def work():\n"
        "    watch.enter('Building', 1000, outer=True)\n"
        "    step = 0\n"
        "    while watch.step('Building', step):\n"
        "        time.sleep(0.02); step += 1\n"
        "try:\n"
        "    with stoppable(speaker):\n"
        "        watch.run(work)\n"
        "except typer.Exit as end:\n"  # as the command line does
        "    raise SystemExit(end.exit_code)\n",
        "utf-8",
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert "Building" in process.stdout.readline()
            process.send_signal(number)
            rest = process.stdout.read()
            assert process.wait(20) == 130
        assert json.loads(rest.splitlines()[-1])["text"].startswith("stopped")


def test_a_silent_library_is_spoken_for(monkeypatch):
    from avistar_export import progress

    said = []
    watch = progress.BuildMonitor(lambda *_: None, said.append, heartbeat_s=0.01)

    def silent():
        watch.enter("Timing kernels", 3, outer=True)
        while not said:
            time.sleep(0.01)
        return 7

    assert watch.run(silent) == 7
    assert "still building" in said[0]

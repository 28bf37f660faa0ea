"""The Models screen: bundles, what runs them here, and engines built by a process of their own."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent, Qt

from avistar import Classifier
from avistar.records import Review
from avistar.scan import Scan
from avistar.survey import identify_pending, open_survey, take_in
from avistar.verification import Check
from avistar_gui.child_process import ChildMessage, read_line
from avistar_gui.models import bundle_facts, texts
from avistar_gui.models import engine_build as building_module
from avistar_gui.models.bundle_facts import ArtifactFacts, DeviceFacts, Speed
from avistar_gui.models.bundle_list import FACTS, STATE, USED, BundleList
from avistar_gui.models.controller import ModelsController, OpenSurvey
from avistar_gui.models.engine_build import BuildDialog, BuildRequest, EngineBuild
from avistar_gui.shell.translation import Translation
from support import encoded, picture, tiny_bundle

DEVICES = [DeviceFacts("cpu", True, "cpu · onnxruntime", 3.5), DeviceFacts("cuda", False, "no GPU here", None)]


def program(code):
    """Stands for the command line of `avistar`."""
    return lambda *arguments: [sys.executable, "-c", code, *arguments]


@pytest.fixture
def bundle(tmp_path):
    return tiny_bundle(tmp_path / "bundles" / "tiny")


@pytest.fixture
def models(qapp, settings, bundle, qtbot, monkeypatch):
    monkeypatch.setattr(bundle_facts, "bundle_places", lambda: [bundle.folder.parent])
    monkeypatch.setattr(bundle_facts, "devices", lambda folder: DEVICES)
    translation = Translation(qapp, "en")
    controller = ModelsController(settings)
    controller.page.resize(1100, 700)
    controller.page.show()
    qtbot.waitUntil(lambda: controller.page.devices.table.rowCount() == 2)
    yield controller
    controller.finish()
    controller.page.close()
    controller.page.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the views go before their models
    translation.use("en")


def test_a_bundle_is_shown_with_its_artifacts_and_what_they_run_on(models, qtbot):
    page = models.page
    assert page.name.text() == "tiny"
    assert "30 species" in page.summary.text()
    assert "Top-1 50.0 %".replace(" %", "\u00a0%") in page.figures.text()
    assert page.artifacts.table.item(0, 0).text() == "ONNX fp32"
    assert page.artifacts.table.item(0, 3).text() == "CPU"
    assert page.devices.table.item(1, 2).text() == "no GPU here"
    qtbot.waitUntil(lambda: page.state.text().startswith("All "))


def test_an_altered_file_is_found_in_the_background(models, bundle, qtbot):
    (bundle.folder / "model.onnx").write_bytes(b"altered")
    models.refresh()
    qtbot.waitUntil(lambda: models.bundles.index(0).data(STATE) == "damaged")
    assert "SHA-256 differs" in models.page.state.text()
    assert "SHA-256" in models.bundles.index(0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_folder_that_is_added_is_remembered(models, settings, tmp_path, qtbot):
    other = tiny_bundle(tmp_path / "mine", "mine")
    models.page.folder_added.emit(str(other.folder))
    qtbot.waitUntil(lambda: models.bundles.rowCount() == 2)
    assert settings.bundle_folders == [str(other.folder)]
    models.add_folder(str(other.folder))
    assert settings.bundle_folders == [str(other.folder)]


def test_a_manifest_that_cannot_be_read_is_a_row_with_its_reason(models, bundle, qtbot):
    (bundle.folder / "manifest.json").write_text("{}")
    models.refresh()
    qtbot.waitUntil(lambda: "manifest.json" in models.page.state.text())
    assert not models.page.buttons["use"].isEnabled()


def test_the_list_of_bundles_is_a_sound_model(bundle, qtmodeltester):
    model = BundleList()
    model.show_bundles([bundle_facts.facts(bundle.folder)])
    qtmodeltester.check(model)
    assert model.index(0).data(STATE) == "checking"


def test_devices_are_tried_in_a_process_of_its_own(bundle, monkeypatch):
    answer = {
        "checks": [
            {"name": "cpu", "ok": True, "detail": "cpu", "elapsed_ms": 2.0},
            {"name": "bundle", "ok": True, "detail": "intact", "elapsed_ms": None},
        ]
    }
    monkeypatch.setattr(bundle_facts, "avistar_command", program(f"print({json.dumps(json.dumps(answer))})"))
    assert bundle_facts.devices(str(bundle.folder)) == [DeviceFacts("cpu", True, "cpu", 2.0)]
    monkeypatch.setattr(bundle_facts, "avistar_command", program("import os; os.abort()"))
    with pytest.raises(OSError, match="gave no answer"):
        bundle_facts.devices(str(bundle.folder))


def test_speed_is_measured_for_each_artifact(bundle):
    (speed,) = bundle_facts.benchmark(str(bundle.folder), lambda: False)
    assert speed.artifact == "onnx fp32"
    assert speed.alone_ms > 0
    assert bundle_facts.benchmark(str(bundle.folder), lambda: True) == []


def test_verifying_says_what_is_missing(models, qtbot):
    models.page.buttons["verify"].click()
    assert not models.page.buttons["benchmark"].isEnabled()
    qtbot.waitUntil(lambda: not models.page.work.running)
    assert "golden" in models.page.work.log.toPlainText()
    assert models.page.buttons["benchmark"].isEnabled()


def test_measuring_is_shown_and_can_be_closed(models, qtbot):
    models.page.buttons["benchmark"].click()
    qtbot.waitUntil(lambda: not models.page.work.running)
    assert "onnx fp32" in models.page.work.log.toPlainText()
    models.page.work.button.click()
    assert models.page.work.isHidden()


# Engines


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            '{"event": "progress", "what": "Building", "done": 2, "total": 9}',
            ChildMessage("progress", what="Building", done=2, total=9),
        ),
        ('{"event": "done", "text": "ok", "file": "x"}', ChildMessage("done", "ok")),
        ("[TRT] plain words", ChildMessage(text="[TRT] plain words")),
        ('{"event": "progress", "done": "many"}', ChildMessage(text='{"event": "progress", "done": "many"}')),
        ("[]", ChildMessage(text="[]")),
    ],
)
def test_each_line_of_the_program_is_understood_or_shown(line, told):
    assert read_line(line) == told


def test_a_build_is_followed_to_its_end(models, qtbot, monkeypatch):
    code = (
        "import json\n"
        "print(json.dumps(dict(event='progress', what='Optimising', done=3, total=4)), flush=True)\n"
        "print('[TRT] something', flush=True)\n"
        "print(json.dumps(dict(event='failed', code=5, text='no GPU')), flush=True)\n"
        "raise SystemExit(5)"
    )
    monkeypatch.setattr(building_module, "avistar_command", program(code))
    models.gpu_there = lambda: True
    models.page.buttons["build"].click()
    dialog = models.page.findChild(BuildDialog)
    assert dialog.precision.currentData() == "fp32"
    dialog.start.click()
    work = models.page.work
    qtbot.waitUntil(lambda: not work.running, timeout=10_000)
    assert work.bar.maximum() == 4
    assert "[TRT] something" in work.log.toPlainText()
    assert "no GPU" in work.log.toPlainText()
    assert work.step.text().startswith("Something that engines need is missing")


def test_a_build_that_does_not_listen_is_ended(models, qtbot, monkeypatch):
    code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('on', flush=True)\ntime.sleep(60)"
    monkeypatch.setattr(building_module, "avistar_command", program(code))
    models.building._kill.setInterval(200)
    models.build(BuildRequest("bundle"))
    qtbot.waitUntil(lambda: "on" in models.page.work.log.toPlainText(), timeout=10_000)
    models.page.work.button.click()
    qtbot.waitUntil(lambda: not models.building.running, timeout=10_000)
    assert models.page.work.step.text() == "Cancelled. The bundle is as it was."


def test_closing_ends_a_build(qapp, qtbot, monkeypatch):
    monkeypatch.setattr(building_module, "avistar_command", program("import time; time.sleep(60)"))
    building = EngineBuild()
    building.start(BuildRequest("bundle"))
    qtbot.waitUntil(lambda: building.running)
    building.finish()
    assert not building.running


def test_a_program_that_is_not_there_is_told(qapp, qtbot, monkeypatch):
    monkeypatch.setattr(building_module, "avistar_command", lambda *_: ["/nowhere/avistar"])
    building = EngineBuild()
    with qtbot.waitSignal(building.ended) as ended:
        building.start(BuildRequest("bundle"))
    assert ended.args == [-1, False]


def test_what_is_asked_for_is_what_is_called():
    command = EngineBuild().command(BuildRequest("/b", "fp16", "/photos"))
    assert command[-8:] == ["--bundle", "/b", "--precision", "fp16", "--photos", "/photos", "--progress", "json"]
    assert "--photos" not in EngineBuild().command(BuildRequest("/b"))


# Words


def test_an_engine_runs_only_where_it_was_built():
    engine = ArtifactFacts("tensorrt", "fp16", "m.plan", 1, None, "NVIDIA H100, 10.16")
    assert texts.runs_here(engine, DEVICES) == "the computer that built it: NVIDIA H100, 10.16"
    assert texts.runs_here(engine, [DeviceFacts("tensorrt", True, "", 1.0)]) == "TensorRT"
    assert texts.runs_here(ArtifactFacts("onnx", "int8", "m", 1, 0.9, ""), []) == "nothing on this computer"


def test_checks_and_speeds_are_said_with_a_mark():
    said = texts.verified([Check("onnx int8", "cpu", 0.001, 0.05, ""), Check("onnx fp16", "cpu", 1.0, 0.02, "moves")])
    assert said.splitlines()[0].startswith("✓")
    assert said.splitlines()[1].startswith("✗")
    assert "no library" in texts.speeds([Speed("tensorrt fp16", "", problem="no library")])


def test_using_a_bundle_opens_it_on_the_identify_screen(controller, bundle, qtbot, monkeypatch):
    monkeypatch.setattr(bundle_facts, "bundle_places", lambda: [bundle.folder.parent])
    monkeypatch.setattr(bundle_facts, "devices", lambda folder: DEVICES)
    controller.start()
    models = controller.go("models")
    qtbot.waitUntil(lambda: models.page.buttons["use"].isEnabled())
    models.page.buttons["use"].click()
    assert controller.window.page is controller.identify.page
    qtbot.waitUntil(lambda: "tiny" in controller.identify.status.chip.text())


def test_a_library_that_is_not_there_is_no_fault_among_the_devices():
    absent = DeviceFacts("openvino", None, "not installed, and this bundle has nothing for it: pip install x", None)
    assert texts.device_row(absent)[0] == "–  OpenVINO"
    assert texts.device_row(DEVICES[1])[0] == "✗  CUDA"


def test_devices_are_told_in_the_language_of_the_moment(controller):
    controller.use_language("es")
    broken = DeviceFacts("cuda", False, "no GPU is visible: it was changed since", None)
    assert texts.device_row(broken)[2] == "no se ve ninguna GPU: se ha cambiado desde entonces"


def test_without_a_gpu_the_dialog_says_so_before_anything_is_built(models):
    models.gpu_there = lambda: False
    models.page.buttons["build"].click()
    dialog = models.page.findChild(BuildDialog)
    assert dialog.lack.text().startswith("This computer has no NVIDIA GPU")
    assert not dialog.lack.isHidden()
    assert not dialog.start.isEnabled()


def test_the_bundle_that_identifies_is_marked(models):
    index = models.bundles.index(0)
    use = models.page.buttons["use"]
    assert use.isEnabled()
    models.show_used(index.data(FACTS).folder)
    assert index.data(USED)
    assert (use.text(), use.isEnabled()) == ("In use", False)
    models.show_used("")
    assert (use.text(), use.isEnabled()) == ("Identify with it", True)


@pytest.fixture
def reviewed(tmp_path, bundle, settings):
    """A survey that the tiny bundle answered, of which a person called four photos what the bundle did, or not."""
    card, path = tmp_path / "card", tmp_path / "survey.avistar"
    card.mkdir()
    for number in range(6):
        (card / f"{number}.png").write_bytes(encoded(picture(number), "PNG"))
    with Classifier.open(bundle.folder) as classifier, open_survey(path, [str(card)], classifier) as catalogue:
        take_in(catalogue, Scan([str(card)]))
        list(identify_pending(catalogue, classifier))
        for id in catalogue.ids()[:4]:
            [record] = catalogue.records_of([id])
            likeliest = record.identification.candidates[0].species.id
            species = likeliest if id < 4 else "wolf" if likeliest != "wolf" else "seal"
            catalogue.review([id], Review("species", species, "Ana", datetime(2026, 5, 1, tzinfo=UTC)))
    return OpenSurvey(str(path), "card", 4)


def test_models_stand_side_by_side_with_speed_and_reviewed_photos(models, reviewed, tmp_path, qtbot):
    models.page.folder_added.emit(str(tiny_bundle(tmp_path / "mine", "mine").folder))
    qtbot.waitUntil(lambda: models.bundles.rowCount() == 2)
    view = models.page.side_by_side
    models.page.all.click()
    qtbot.waitUntil(lambda: view.table.rowCount() == 2)
    assert "Open a survey that you reviewed" in view.note.text()
    assert [view.table.item(0, column).text() for column in (0, 1, 2, 4, 5)] == ["tiny", "30", "32 × 32", "–", "–"]
    models._survey = lambda: reviewed
    models.survey_changed()
    qtbot.waitUntil(lambda: "reviewed in card" in view.note.text())
    view.measure.click()
    qtbot.waitUntil(lambda: not models.page.work.running, timeout=60_000)
    qtbot.waitUntil(lambda: all(view.table.item(row, 5).text() != "–" for row in range(2)))
    assert [view.table.item(row, 5).text() for row in range(2)] == ["75.0\u00a0% (30–95) of 4"] * 2  # Wilson
    assert view.table.item(0, 4).text().endswith("a second")
    assert reviewed.path in view.table.item(0, 5).toolTip()
    view.table.cellActivated.emit(1, 0)
    assert not models.page.all.isChecked()
    assert models.page.name.text() == "mine"


def test_a_second_model_is_asked_of_the_app_only_while_a_survey_is_open(models, reviewed, qtbot):
    button = models.page.buttons["beside"]
    assert not button.isEnabled()
    models._survey = lambda: reviewed
    models.survey_changed()
    assert button.isEnabled()
    with qtbot.waitSignal(models.beside_wanted) as wanted:
        button.click()
    assert wanted.args[0].endswith("tiny")
    assert models.page.work.running
    models.show_beside(3, 6)
    models.end_beside(texts.answered_beside(models.beside, 6, 1, 2))
    assert "tiny answered 6 photos too. Models differ on 2 photos of this survey. 1 could not be read." in (
        models.page.work.log.toPlainText()
    )
    button.click()
    with qtbot.waitSignal(models.beside_cancelled):
        models.page.work.cancel_wanted.emit()
    assert button.isEnabled()


def test_a_bundle_that_is_not_calibrated_says_so(bundle):
    facts = bundle_facts.facts(bundle.folder)
    assert "not calibrated" not in texts.summary(facts)
    assert texts.summary(replace(facts, calibrated=False)).endswith("  ·  not calibrated")

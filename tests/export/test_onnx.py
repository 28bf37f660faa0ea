"""From a trained bundle to ONNX files: the graph contract, the gate on real graphs, what stays on disk."""

import hashlib
import io
import json
import math
import shlex
import shutil
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("tensorflow", reason="the export extra isn't installed")
onnx = pytest.importorskip("onnx", reason="the export extra isn't installed")

from avistar import Classifier, ModelBundle  # noqa: E402
from avistar.backends import Outputs  # noqa: E402
from avistar.backends.onnx_backend import OnnxBackend  # noqa: E402
from avistar.cli.console import command_line  # noqa: E402
from avistar.cli.main import main  # noqa: E402
from avistar.dataset import read_data  # noqa: E402
from avistar.errors import BundleError, UsageError  # noqa: E402
from avistar.images.decode import prepare_batch  # noqa: E402
from avistar.manifest import Artifact, Calibration, Preprocessing  # noqa: E402
from avistar.species_file import SpeciesList  # noqa: E402
from avistar.split import LabelledPhoto  # noqa: E402
from avistar_export import fp16, onnx_export, onnx_graph  # noqa: E402
from avistar_export.errors import BuildFailed, ParityRefused  # noqa: E402
from avistar_export.held_out import choose_balanced  # noqa: E402
from avistar_export.keras_network import TrainedNetwork  # noqa: E402
from avistar_export.onnx_export import Export, ExportPlan  # noqa: E402
from export_support import SPECIES, contents, fit_head, photo, publish, split_of, tiny_network  # noqa: E402


def export(bundle, photos, *precisions, **options):
    lines = []
    done = Export(ExportPlan(bundle.folder, photos, precisions, **options), lambda *_: None, lines.append).run()
    return done, lines


def loaded(bundle, precision):
    return onnx.load_from_string(bundle.checked(bundle.artifact("onnx", precision).file))


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_every_artifact_keeps_the_graph_contract(exported, precision):
    model = loaded(exported, precision)
    onnx_graph.check(model, exported.manifest)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 18)]
    assert not {"Resize", "Shape"} & {node.op_type for node in model.graph.node}


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_a_lone_file_carries_what_it_needs(exported, precision):
    model = loaded(exported, precision)
    facts = json.loads({entry.key: entry.value for entry in model.metadata_props}["avistar"])
    artifact = exported.artifact("onnx", precision)
    assert [species["id"] for species in facts["species"]] == [s.id for s in exported.manifest.species]
    assert facts["preprocessing"] == {"width": 32, "height": 32, "fit": "crop", "resampling": "bilinear"}
    assert facts["temperature"] == artifact.calibration.temperature
    assert (facts["architecture"], facts["precision"]) == ("tiny", precision)


def test_half_precision_and_integers_are_truly_in_the_graphs(exported):
    kinds = {p: {t.data_type for t in loaded(exported, p).graph.initializer} for p in ("fp16", "int8")}
    assert onnx.TensorProto.FLOAT16 in kinds["fp16"]
    assert onnx.TensorProto.INT8 in kinds["int8"]


def test_the_same_network_twice_gives_the_same_bytes(trained):
    digests = []
    for _ in range(2):
        network = TrainedNetwork(trained, trained.artifact("keras", "fp32"))
        artifact = Artifact("onnx", "fp32", "model.onnx", Calibration())
        digests.append(hashlib.sha256(onnx_graph.stamp(network.to_onnx(), trained.manifest, artifact)).hexdigest())
    assert digests[0] == digests[1]


def test_a_second_export_changes_no_artifact(exported, trained, photos, tmp_path):
    again, _ = export(trained, photos, "fp32", "fp16", "int8", out=tmp_path / "again")
    for artifact in exported.manifest.artifacts:
        assert again.manifest.files[artifact.file] == exported.manifest.files[artifact.file]
    assert again.manifest.files["golden/golden.npz"] == exported.manifest.files["golden/golden.npz"]


def test_each_artifact_has_its_own_calibration_accuracy_and_a_passed_report(exported):
    for precision in ("fp32", "fp16", "int8"):
        artifact = exported.artifact("onnx", precision)
        assert artifact.calibration.familiarity_floor > -1e30
        assert artifact.accuracy["photos"] == 200
        assert 0.7 < artifact.accuracy["top1"] <= artifact.accuracy["top3"] <= 1
        verdict = json.loads(exported.checked(artifact.parity))
        assert verdict["passed"] is True
        assert verdict["photos"] == 400
        assert verdict["artifact_sha256"] == hashlib.sha256(exported.checked(artifact.file)).hexdigest()
        assert exported.checked(artifact.parity.replace(".json", ".md")).startswith(b"# Parity of ONNX")


def test_the_runtime_identifies_with_every_artifact(exported):
    for precision in ("fp32", "fp16", "int8"):
        with Classifier.open(exported.folder, "cpu", precision=precision) as classifier:
            found = classifier.identify(photo("blue_whale", 1))
            assert found.top(1)[0].species.id == "blue_whale"
            assert found.provenance.precision == precision


def test_the_artifacts_sit_beside_the_trained_network_and_in_the_model_card(exported):
    assert exported.artifact("keras", "fp32") is not None
    assert not exported.damaged_files()
    card = exported.checked("README.md").decode()
    assert card.startswith("# tiny\n\nA card.\n")
    assert card.count("## Artifacts") == 1
    assert "| onnx int8 | `model.int8.onnx` |" in card


def test_what_is_dropped_leaves_its_report(own, photos):
    done, _ = export(own, photos, "fp32", "int8", drop=frozenset({"keras", "fp32"}))
    assert {(a.precision, a.file) for a in done.manifest.artifacts} == {("int8", "model.int8.onnx")}
    names = set(contents(done.folder))
    assert not {"model.keras", "model.onnx"} & names
    assert {"parity/onnx-fp32.json", "parity/onnx-int8.json", "model.int8.onnx"} <= names


def test_a_later_export_keeps_the_other_artifacts(own, photos):
    export(own, photos, "fp32")
    done, _ = export(ModelBundle.open(own.folder), photos, "fp16")
    assert {a.precision for a in done.manifest.artifacts if a.format == "onnx"} == {"fp32", "fp16"}
    with np.load(io.BytesIO(done.checked("golden/golden.npz"))) as golden:
        assert {"logits/model.onnx", "logits/model.fp16.onnx"} <= set(golden.files)


def test_nothing_is_left_to_export_or_unknown_drops_are_usage_errors(own, photos):
    with pytest.raises(UsageError, match="nothing would be left"):
        ExportPlan(own.folder, photos, ("fp32",), drop=frozenset({"fp32"}))
    with pytest.raises(UsageError, match="not fp8"):
        ExportPlan(own.folder, photos, ("fp32",), drop=frozenset({"fp8"}))


# The mutations of the design: each stands for a mistake that a converter could make.


def swapped(images):
    return images[..., ::-1]


def shifted_mean(images):
    return np.clip(images.astype(int) + np.array([6, 0, 0]), 0, 255).astype(np.uint8)


def resized_off_by_one(images):
    return np.roll(images, 1, axis=2)


@pytest.mark.parametrize("mutation", [swapped, shifted_mean, resized_off_by_one])
def test_a_graph_that_sees_other_pixels_is_refused_and_leaves_nothing(own, photos, monkeypatch, mutation):
    before = contents(own.folder)
    run = OnnxBackend.run
    monkeypatch.setattr(OnnxBackend, "run", lambda self, images: run(self, np.ascontiguousarray(mutation(images))))
    with pytest.raises(ParityRefused) as refusal:
        export(own, photos, "fp32", out=own.folder.parent / "new")
    assert "probability" in {c.name for c in refusal.value.report.failed()}
    assert refusal.value.report.photos == 400
    assert contents(own.folder) == before
    assert sorted(p.name for p in own.folder.parent.iterdir()) == ["own"]


def sabotaged(change):
    """`TrainedNetwork.to_onnx` with `change` applied to the graph's constants by name."""
    convert = TrainedNetwork.to_onnx

    def to_onnx(self):
        model = convert(self)
        for tensor in model.graph.initializer:
            values = change(tensor.name, onnx.numpy_helper.to_array(tensor))
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(values), tensor.name))
        return model

    return to_onnx


def permuted_species(name, values):
    return values[..., [1, 0, 2, 3]] if values.shape[-1:] == (4,) else values


def one_nan(name, values):
    if name.startswith("conv_001") and values.ndim == 4:
        values = values.copy()
        values[0, 0, 0, 0] = np.nan
    return values


@pytest.mark.parametrize(("change", "criterion"), [(permuted_species, "firm answers"), (one_nan, "finite")])
def test_a_sabotaged_graph_is_refused(own, photos, monkeypatch, change, criterion):
    before = contents(own.folder)
    monkeypatch.setattr(TrainedNetwork, "to_onnx", sabotaged(change))
    with pytest.raises(ParityRefused) as refusal:
        export(own, photos, "fp32")
    assert criterion in {c.name for c in refusal.value.report.failed()}
    assert contents(own.folder) == before


@pytest.fixture(scope="session")
def scarce(tmp_path_factory, photos, rows):
    """A trained bundle with 160 held-out photos: enough to prove int8, too few for fp16."""
    split = split_of(rows)
    held_out = {part: [row for i, row in enumerate(split[part]) if i % 5 < 2] for part in ("validation", "test")}
    network = tiny_network()
    fit_head(network, photos, split["train"])
    return publish(network, tmp_path_factory.mktemp("scarce") / "tiny", split | held_out)


def test_what_passed_is_kept_where_the_photos_cannot_prove_all(scarce, photos, tmp_path):
    done, lines = export(scarce, photos, "fp32", "fp16", "int8", out=tmp_path / "new")
    assert {a.precision for a in done.manifest.artifacts if a.format == "onnx"} == {"fp32", "int8"}
    assert not done.damaged_files()
    assert not [name for name in contents(done.folder) if "fp16" in name]
    told = next(line for line in lines if line.startswith("fp16 is left out"))
    assert "160 held-out photos are too few to prove fp16 the same: 368 would do; int8 asks for 146 only" in told


def test_where_nothing_that_was_asked_for_passes_nothing_is_written(scarce, photos, tmp_path):
    with pytest.raises(ParityRefused, match="368 would do"):
        export(scarce, photos, "fp16", out=tmp_path / "new")
    assert not list(tmp_path.iterdir())


def test_the_exit_code_says_whether_what_was_named_was_refused(scarce, photos, tmp_path, capsys):
    command = ["export", "onnx", str(scarce.folder), "--photos", str(photos)]
    assert main([*command, "--out", str(tmp_path / "any"), "--report", str(tmp_path / "report.md")]) == 0
    assert (tmp_path / "report.md").read_text("utf-8").count("**Refused.**") == 1
    named = ["--precision", "fp32", "--precision", "fp16", "--out", str(tmp_path / "named")]
    assert main([*command, *named]) == 3
    told = capsys.readouterr()
    assert "fp16 is left out" in told.err
    assert "named/model.onnx: onnx fp32" in told.out
    assert (tmp_path / "named" / "model.onnx").is_file()


def test_what_was_proved_before_and_the_network_stay_where_a_new_export_is_refused(own, photos, monkeypatch):
    earlier, _ = export(own, photos, "fp32", "fp16")
    monkeypatch.setattr(onnx_export, "to_half", lambda *_: (_ for _ in ()).throw(BuildFailed("no half today")))
    done, lines = export(earlier, photos, "fp32", "fp16", drop=frozenset({"keras"}))
    assert {(a.format, a.precision) for a in done.manifest.artifacts} == {
        ("keras", "fp32"), ("onnx", "fp32"), ("onnx", "fp16"),
    }  # fmt: skip
    assert done.manifest.files["model.fp16.onnx"] == earlier.manifest.files["model.fp16.onnx"]
    assert "fp16 is left out: no half today" in lines
    assert "model.fp16.onnx of an earlier export stays, with its own parity report" in lines
    assert any("the trained network stays" in line for line in lines)


def test_a_species_without_held_out_photos_is_judged_by_its_training_photos_and_named(
    photos, rows, tmp_path, monkeypatch
):
    split = split_of(rows)
    for part in ("validation", "test"):
        split[part] = [row for row in split[part] if row["species"] != "white_bear"]
    network = tiny_network()
    fit_head(network, photos, split["train"])
    bundle = publish(network, tmp_path / "rare", split)
    done, _ = export(bundle, photos, "fp32", out=tmp_path / "new")
    assert "**Not judged**, since none of their photos were held out: white_bear." in done.checked("README.md").decode()
    report = json.loads(done.checked("parity/onnx-fp32.json"))
    assert {row["species"]: row["stand_ins"] for row in report["species"] if not row["photos"]} == {"white_bear": 5}
    biased = sabotaged(lambda name, values: values - np.float32([0, 0, 0, 20]) if values.shape == (4,) else values)
    monkeypatch.setattr(TrainedNetwork, "to_onnx", biased)
    with pytest.raises(ParityRefused) as refusal:
        export(bundle, photos, "fp32", out=tmp_path / "biased")
    assert {"logits", "own logits", "vanished"} <= {one.name for one in refusal.value.report.failed()}


def as_archive(photos, rows, folder):
    pictures = np.stack([np.asarray(Image.open(photos / row["file"])) for row in rows])
    np.savez(folder / "my set.npz", pictures=pictures, labels=[row["species"] for row in rows])
    return folder / "my set.npz"


def as_awa2(photos, rows, folder):
    (folder / "JPEGImages").symlink_to(photos, target_is_directory=True)
    return folder


def as_list_elsewhere(photos, rows, folder):
    lines = "".join(f"{photos / row['file']},{row['species']}\n" for row in rows)
    (folder / "labels.csv").write_text(f"Image_id,Animal\n{lines}", "utf-8")
    return folder / "labels.csv"


@pytest.mark.parametrize("layout", [as_archive, as_awa2, as_list_elsewhere])
def test_the_commands_that_follow_training_read_what_it_read(photos, rows, tmp_path, layout, capsys):
    data = read_data(layout(photos, rows, tmp_path), SpeciesList(SPECIES, ()))
    listed = [{"file": one.file, "species": one.species} for one in data.photos]
    bundle = publish(tiny_network(), tmp_path / "a bundle", split_of(listed))
    path = data.place if data.array is not None else tmp_path if layout is as_awa2 else tmp_path / "labels.csv"
    following = command_line("export", "onnx", bundle.folder, "--photos", path, "--precision", "fp32")
    assert main(shlex.split(following)) == 0
    assert main(["evaluate", str(path), "--model", str(bundle.folder), "--json"]) == 0
    found = json.loads("{" + capsys.readouterr().out.partition("\n{")[2])
    assert found["report"]["photos"] == len(rows)
    assert found["trained"] == 300


def test_quantisation_keeps_more_in_fp32_when_the_gate_refuses(own, photos, monkeypatch):
    refused = []
    judged = onnx_export.compare

    def strict(reference, candidate, photos, precision, **options):
        verdict = judged(reference, candidate, photos, precision, **options)
        if precision == "int8" and "in fp32: none" in options["notes"][0]:
            refused.append(verdict)
            raise ParityRefused("refused: int8", verdict)
        return verdict

    monkeypatch.setattr(onnx_export, "compare", strict)
    done, lines = export(own, photos, "int8")
    assert len(refused) == 1
    assert "quantising: first and last convolution in fp32" in lines
    notes = json.loads(done.checked("parity/onnx-int8.json"))["notes"]
    assert any("in fp32: conv_001" in note for note in notes)


def test_loud_activations_stay_in_fp32(trained, photos):
    model = TrainedNetwork(trained, trained.artifact("keras", "fp32")).to_onnx()
    for tensor in model.graph.initializer:
        if tensor.name.startswith("conv_002"):
            loud = onnx.numpy_helper.to_array(tensor) * 1e5
            tensor.CopyFrom(onnx.numpy_helper.from_array(loud, tensor.name))
    images = prepare_batch([photo("red_fox", i) for i in range(4)], Preprocessing(32, 32))
    made, facts = fp16.to_half(model, images)
    assert facts.largest_activation > fp16.LIMIT
    assert "conv_002" in facts.kept
    assert 0 < facts.share < 1
    with closing(OnnxBackend(made.SerializeToString())) as backend:
        assert np.isfinite(backend.run(images).logits).all()


def test_floating_pictures_are_accepted_by_the_contract(photos, rows, tmp_path):
    bundle = publish(tiny_network(kind="float32"), tmp_path / "floating", split_of(rows))
    network = TrainedNetwork(bundle, bundle.manifest.artifacts[0])
    onnx_graph.check(network.to_onnx(), bundle.manifest)


def test_a_network_with_other_outputs_is_named_as_such(rows, tmp_path):
    import keras

    network = keras.Sequential([keras.Input((32, 32, 3), dtype="uint8", name="image"), keras.layers.Flatten()])
    bundle = publish(network, tmp_path / "other", split_of(rows))
    with pytest.raises(BundleError, match="'logits' and 'embedding'"):
        TrainedNetwork(bundle, bundle.manifest.artifacts[0])


def test_a_graph_that_breaks_the_contract_is_refused(exported):
    model = loaded(exported, "fp32")
    model.graph.output[0].name = "scores"
    with pytest.raises(BuildFailed):
        onnx_graph.check(model, exported.manifest)


def test_a_missing_photo_is_named(own, photos, tmp_path):
    copy = tmp_path / "photos"
    shutil.copytree(photos, copy)
    (copy / "red_fox" / "0003.png").unlink()
    with pytest.raises(UsageError, match=r"0003\.png"):
        export(own, copy, "fp32")


def test_a_split_that_judges_with_training_photos_is_refused(rows, photos, tmp_path):
    split = split_of(rows)
    split["test"].append(split["train"][0])
    bundle = publish(tiny_network(), tmp_path / "leaky", split)
    with pytest.raises(UsageError, match="lists a photo twice"):
        export(bundle, photos, "fp32")


def test_a_split_never_reaches_outside_the_photo_folder(rows, photos, tmp_path):
    split = split_of(rows)
    split["test"][0] = {"file": "../secret.png", "species": "red_fox"}
    bundle = publish(tiny_network(), tmp_path / "sly", split)
    with pytest.raises(UsageError, match="points outside"):
        export(bundle, photos, "fp32")


def test_calibration_photos_come_evenly_from_all_species():
    photos = [LabelledPhoto(f"a/{i}", "a") for i in range(50)] + [LabelledPhoto(f"b/{i}", "b") for i in range(3)]
    chosen = choose_balanced(photos, 10, seed=1)
    assert sorted(p.species for p in chosen) == ["a"] * 7 + ["b"] * 3
    assert chosen == choose_balanced(photos[::-1], 10, seed=1)
    assert len(choose_balanced(photos, 100, seed=1)) == 53


def test_a_real_residual_network_converts_within_the_tolerance(tmp_path, rows):
    """ResNet50's own graph at 64 px, random weights: outputs equal Keras's, whatever the batch."""
    import keras

    keras.utils.set_random_seed(5)
    image = keras.Input((None, None, 3), dtype="uint8", name="image")
    x = keras.layers.Rescaling(1.0, [-103.9, -116.8, -123.7])(image)
    base = keras.applications.ResNet50(include_top=False, weights=None, pooling="avg", input_shape=(None, None, 3))
    features = keras.layers.Identity(name="embedding")(base(x))
    network = keras.Model(image, [keras.layers.Dense(4, name="logits")(features), features])
    bundle = publish(network, tmp_path / "residual", split_of(rows), size=64)
    trained = TrainedNetwork(bundle, bundle.manifest.artifacts[0])
    model = trained.to_onnx()
    onnx_graph.check(model, bundle.manifest)
    images = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    wanted = trained.backend().run(images)
    with closing(OnnxBackend(model.SerializeToString())) as backend:
        for size in (1, 2, 3):
            got = backend.run(images[:size])
            scale = float(np.abs(wanted.logits).max())
            assert math.isclose(0, float(np.abs(got.logits - wanted.logits[:size]).max()) / scale, abs_tol=1e-4)
    halved, facts = fp16.to_half(model, images)
    onnx_graph.check(halved, bundle.manifest)
    assert facts.share > 0.9


def test_openvino_gets_no_int8_file_where_the_processor_overflows(own, photos, monkeypatch):
    pytest.importorskip("openvino", reason="openvino isn't installed")
    monkeypatch.setattr("avistar.backends.openvino_backend.overflows", lambda ort: True)
    done, said = export(own, photos, "int8")
    assert done.artifact("openvino", "int8") is None
    assert done.artifact("onnx", "int8") is not None
    assert "OpenVINO isn't used: this processor's fast int8 products overflow" in "\n".join(said)


def test_openvino_gets_the_int8_file_only_after_it_passed_the_gate_too(exported, own, photos, monkeypatch):
    pytest.importorskip("openvino", reason="openvino isn't installed")
    from avistar.backends.int8_overflow import overflows
    from avistar.backends.openvino_backend import OpenVinoBackend

    if overflows(pytest.importorskip("onnxruntime")):
        pytest.skip("this processor has no exact int8 products (VNNI), so OpenVINO gets no int8 file")
    quick = exported.artifact("openvino", "int8")
    assert quick.file == exported.artifact("onnx", "int8").file
    assert json.loads(exported.checked(quick.parity))["candidate"] == "OpenVINO int8"
    honest = OpenVinoBackend.run

    def wrong(self, images):
        outputs = honest(self, images)
        return Outputs(outputs.logits[:, ::-1].copy(), outputs.embedding)

    monkeypatch.setattr(OpenVinoBackend, "run", wrong)
    done, said = export(own, photos, "int8")
    assert done.artifact("openvino", "int8") is None
    assert done.artifact("onnx", "int8") is not None
    assert "OpenVINO is not used for this bundle" in "\n".join(said)

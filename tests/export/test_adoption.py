from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tests.export.foreign_support import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    NAMES,
    Form,
    foreign,
    write_labels,
    write_network,
    write_their_photos,
)
from tests.export_support import photo

from avistar import Classifier
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle
from avistar.cli.models import describe
from avistar.decision import softmax
from avistar.errors import UsageError
from avistar_export.adoption import Adopter, Adoption, Declaration, Terms
from avistar_export.label_order import LabelOrder

TERMS = Terms("Apache-2.0", "Doe et al. 2025")


def adopt(
    tmp_path: Path,
    network: Path,
    *,
    labels: Path | None = None,
    photos: Path | None = None,
    preset: str | None = "torchvision",
    **declared: object,
) -> tuple[ModelBundle, list[str]]:
    """The bundle, and what was said."""
    said: list[str] = []
    declaration = Declaration(preset, **declared)  # type: ignore[arg-type]
    wish = Adoption(network, labels, tmp_path / "theirs", TERMS, declaration, photos)
    return Adopter(wish, lambda *_: None, said.append).run(), said


def pictures(side: tuple[int, int] = (32, 32), count: int = 5) -> np.ndarray:
    """Pictures of the four colours, uint8 [count, H, W, 3]."""
    return np.stack([np.asarray(photo(NAMES[i % 4], i + 1).resize(side)) for i in range(count)])


def original(model: onnx.ModelProto, images: np.ndarray, layout: str = "nchw", mean: object = None) -> np.ndarray:
    """What ONNX Runtime itself answers, with the preprocessing written out here a second time."""
    import onnxruntime

    given = ((images / 255.0 - IMAGENET_MEAN) / IMAGENET_STD).astype(np.float32)
    if mean == "caffe":
        given = (images[..., ::-1] - np.array([103.939, 116.779, 123.68])).astype(np.float32)
    given = given.transpose(0, 3, 1, 2) if layout == "nchw" else given
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    element = session.get_inputs()[0]
    if "float16" in element.type:
        given = given.astype(np.float16)
    step = 1 if element.shape[0] == 1 else len(given)
    found = [session.run(None, {element.name: given[i : i + step]})[0] for i in range(0, len(given), step)]
    return np.concatenate(found)


@pytest.mark.parametrize(
    ("form", "head"),
    [
        (Form(), "logits"),
        (Form(softmax=1), "softmax removed"),
        (Form(softmax=1, opset=11), "softmax removed"),
        (Form(opset=22), "logits"),
        (Form(decomposed=True), "logarithm of probabilities"),
        (Form(layout="nhwc", softmax=1), "softmax removed"),
        (Form(side=(96, 48)), "logits"),
        (Form(batch=1), "logits"),
        (Form(batch=1, fixed_reshape=True, softmax=1), "softmax removed"),
        (Form(kind=TensorProto.FLOAT16), "logits"),
        (Form(end=[helper.make_node("LogSoftmax", ["scores"], ["logs"], axis=1)],
              outputs=[helper.make_tensor_value_info("logs", TensorProto.FLOAT, ["n", 4])]), "softmax removed"),
    ],
)  # fmt: skip
def test_the_adopted_graph_answers_as_the_original_does(tmp_path: Path, form: Form, head: str) -> None:
    bundle, _ = adopt(tmp_path, write_network(tmp_path, form), labels=write_labels(tmp_path))
    images = pictures(form.side)
    expected = original(foreign(form), images, form.layout)
    if head == "logits":
        expected = softmax(expected)
    if expected.max() <= 0:
        expected = np.exp(expected)
    backend = OnnxBackend(bundle.checked("model.onnx"))
    outputs = backend.run(images)
    tolerance = 2e-3 if form.kind == TensorProto.FLOAT16 else 1e-5
    np.testing.assert_allclose(softmax(outputs.logits), expected, atol=tolerance)
    assert bundle.manifest.provenance["adopted"]["head"] == head
    assert outputs.embedding.shape == (5, 6)
    assert (bundle.manifest.preprocessing.width, bundle.manifest.preprocessing.height) == form.side


def test_a_fixed_batch_of_one_is_opened_where_the_graph_allows_it(tmp_path: Path) -> None:
    bundle, _ = adopt(
        tmp_path, write_network(tmp_path, Form(batch=1, fixed_reshape=True)), labels=write_labels(tmp_path)
    )
    assert bundle.manifest.artifacts[0].batch is None
    graph = onnx.load_model_from_string(bundle.checked("model.onnx")).graph
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"


def test_a_graph_that_takes_one_picture_only_runs_as_it_is(tmp_path: Path) -> None:
    end = [
        helper.make_node("Expand", ["scores", "one_row"], ["wide"]),
        helper.make_node("Concat", ["wide", "wide"], ["two"], axis=0),
        helper.make_node("Gather", ["two", "first"], ["kept"], axis=0),
    ]
    form = Form(
        batch=1, end=end, outputs=[helper.make_tensor_value_info("kept", TensorProto.FLOAT, [1, 4])],
        weights={"one_row": np.array([1, 4], np.int64), "first": np.array([0], np.int64)},
    )  # fmt: skip
    bundle, _ = adopt(tmp_path, write_network(tmp_path, form), labels=write_labels(tmp_path))
    assert bundle.manifest.artifacts[0].batch == (1, 1, 1)
    with Classifier.open(bundle.folder, "cpu") as classifier:
        answers = classifier.identify_many([photo(name, 1) for name in NAMES])
    assert [answer.top(1)[0].species.id for answer in answers] == list(NAMES)


def test_caffe_networks_get_their_channels_turned_round(tmp_path: Path) -> None:
    form = Form(caffe=True)
    bundle, _ = adopt(tmp_path, write_network(tmp_path, form), labels=write_labels(tmp_path), preset="keras-caffe")
    images = pictures()
    outputs = OnnxBackend(bundle.checked("model.onnx")).run(images)
    np.testing.assert_allclose(outputs.logits, original(foreign(form), images, mean="caffe"), atol=1e-4)


def test_a_network_without_an_embedding_works_and_says_so(tmp_path: Path) -> None:
    bundle, said = adopt(tmp_path, write_network(tmp_path), labels=write_labels(tmp_path), embedding="none")
    assert "without an embedding the bundle works, but can't be taught" in said
    with Classifier.open(bundle.folder, "cpu") as classifier:
        assert classifier.identify(photo("blue_whale", 1)).top(1)[0].species.id == "blue_whale"
        assert classifier.verify().passed


def test_a_convolution_at_the_end_has_its_embedding_pooled(tmp_path: Path) -> None:
    end = [
        helper.make_node("Conv", ["relu", "head"], ["map"]),
        helper.make_node("GlobalAveragePool", ["map"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"], axis=1),
    ]
    form = Form(
        end=end, outputs=[helper.make_tensor_value_info("flat", TensorProto.FLOAT, ["n", 4])],
        weights={"head": np.random.default_rng(0).normal(0, 1, (4, 6, 1, 1)).astype(np.float32)},
    )  # fmt: skip
    bundle, _ = adopt(tmp_path, write_network(tmp_path, form), labels=write_labels(tmp_path))
    assert bundle.manifest.provenance["adopted"]["embedding"] == "relu"
    assert OnnxBackend(bundle.checked("model.onnx")).run(pictures()).embedding.shape == (5, 6)


def test_labels_that_come_twice_add_their_probabilities(tmp_path: Path) -> None:
    labels = write_labels(tmp_path, ["red_fox", "green_frog", "red_fox", "white_bear"])
    form = Form(softmax=1)
    bundle, said = adopt(tmp_path, write_network(tmp_path, form), labels=labels)
    assert [species.id for species in bundle.manifest.species] == ["red_fox", "green_frog", "white_bear"]
    expected = original(foreign(form), pictures())
    merged = np.stack([expected[:, 0] + expected[:, 2], expected[:, 1], expected[:, 3]], axis=1)
    outputs = OnnxBackend(bundle.checked("model.onnx")).run(pictures())
    np.testing.assert_allclose(softmax(outputs.logits), merged, atol=1e-5)
    assert any("red fox" in text for text in said)


def test_without_photos_the_bundle_says_that_it_is_not_calibrated(tmp_path: Path) -> None:
    bundle, said = adopt(tmp_path, write_network(tmp_path), labels=write_labels(tmp_path))
    assert [(one.precision, one.calibration.calibrated) for one in bundle.manifest.artifacts] == [("fp32", False)]
    assert any("not calibrated" in text for text in said)
    assert describe(bundle.folder)["artifacts"][0]["calibrated"] is False
    card = (bundle.folder / "README.md").read_text("utf-8")
    assert "**Not calibrated:**" in card
    assert "Apache-2.0" in card
    assert "Doe et al. 2025" in card


def test_photos_calibrate_prove_and_make_int8(tmp_path: Path) -> None:
    photos = write_their_photos(tmp_path / "photos", 60)
    (photos / "unheard_of").mkdir()
    bundle, said = adopt(
        tmp_path, write_network(tmp_path, Form(softmax=1)), labels=write_labels(tmp_path), photos=photos
    )
    made = {one.precision: one for one in bundle.manifest.artifacts}
    assert set(made) == {"fp32", "int8"}
    assert any("fp16 is left out" in text and "disagreement" in text for text in said)  # 368 photos could prove it
    assert all(one.calibration.calibrated and one.calibration.familiarity_floor > -1e29 for one in made.values())
    assert made["fp32"].accuracy["top1"] > 0.9
    assert any("unheard_of" in text for text in said)
    assert "**Calibrated**" in (bundle.folder / "README.md").read_text("utf-8")
    with Classifier.open(bundle.folder, "cpu") as classifier:
        assert classifier.info.artifact.precision == "int8"


def test_what_the_gate_refuses_is_left_out_and_told(tmp_path: Path) -> None:
    photos = write_their_photos(tmp_path / "photos", 10)
    bundle, said = adopt(tmp_path, write_network(tmp_path), labels=write_labels(tmp_path), photos=photos)
    assert [one.precision for one in bundle.manifest.artifacts] == ["fp32"]
    assert any(text.startswith("int8 is left out: refused") for text in said)


def test_photos_that_nobody_named_prove_but_calibrate_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(30):
        photo(NAMES[number % 4], number).save(folder / f"{number}.png")
    bundle, said = adopt(tmp_path, write_network(tmp_path), labels=write_labels(tmp_path), photos=folder)
    assert all(not one.calibration.calibrated for one in bundle.manifest.artifacts)
    assert any("calibrate nothing" in text for text in said)


def test_a_wrong_preset_is_noticed_and_the_right_one_named(tmp_path: Path) -> None:
    photos = write_their_photos(tmp_path / "photos", 20)
    network, labels = write_network(tmp_path), write_labels(tmp_path)
    with pytest.raises(UsageError, match="say --preset torchvision, or --insist"):
        adopt(tmp_path, network, labels=labels, photos=photos, preset="keras")
    _, said = adopt(tmp_path, network, labels=labels, photos=photos, preset="keras", insist=True)
    assert any("kept as declared" in text for text in said)


def test_labels_in_another_order_are_noticed_and_no_preset_is_blamed(tmp_path: Path) -> None:
    network, photos = write_network(tmp_path), write_their_photos(tmp_path / "photos", 8)
    labels = write_labels(tmp_path, (*NAMES[1:], NAMES[0]))
    with pytest.raises(UsageError, match=r"the labels seem to stand in another order.*white bear → red fox"):
        adopt(tmp_path, network, labels=labels, photos=photos)
    with pytest.raises(UsageError, match="put the lines of --labels in order"):
        adopt(tmp_path, network, labels=labels, photos=photos, preset=None)


@pytest.mark.parametrize(
    ("answers", "noticed"),
    [
        ([1, 1, 1, 0, 0, 0], True),  # two species that swapped places
        ([0, 0, 0, 1, 1, 1], False),  # right
        ([0, 0, 0, 0, 0, 0], False),  # a network that knows one name only
        ([1, 1, 0, 0, 0, 1], False),  # half of one, and half of the other
        ([1, 1, 1, 0, 0], False),  # too few photos of the second
    ],
)
def test_only_species_that_are_told_apart_by_each_others_names_are_out_of_order(
    answers: list[int], noticed: bool
) -> None:
    truth = np.array([0, 0, 0, 1, 1, 1])[: len(answers)]
    said: list[str] = []
    LabelOrder(np.array(answers), truth, ("fox", "frog")).check(insist=True, say=said.append)
    assert bool(said) == noticed
    if noticed:
        assert "0% of 6 photos are called what they are, but 100%" in said[0]


def test_without_a_preset_the_photos_speak(tmp_path: Path) -> None:
    photos = write_their_photos(tmp_path / "photos", 20)
    form = Form(caffe=True)
    bundle, said = adopt(
        tmp_path, write_network(tmp_path, form), labels=write_labels(tmp_path), photos=photos, preset=None
    )
    assert "taken: keras-caffe, which the photos speak for" in said
    assert bundle.manifest.provenance["adopted"]["arithmetic"]["channels"] == "bgr"


def test_a_classifier_of_ultralytics_tells_its_names_size_and_licence_itself(tmp_path: Path) -> None:
    names = str(dict(enumerate(NAMES)))
    form = Form(softmax=1, side=("w", "h"), batch=1)  # dynamic=True, as ultralytics calls it
    network = write_network(
        tmp_path, form, names=names, imgsz="[32, 48]", task="classify", stride="1", license="AGPL-3.0"
    )
    bundle, _ = adopt(tmp_path, network, preset=None)
    assert [species.id for species in bundle.manifest.species] == list(NAMES)
    size = bundle.manifest.preprocessing
    assert (size.width, size.height) == (48, 32)
    assert bundle.manifest.provenance["adopted"]["arithmetic"]["scale"] == pytest.approx(1 / 255)


def test_avistars_own_file_is_adopted_as_it_is(tmp_path: Path) -> None:
    first, _ = adopt(tmp_path, write_network(tmp_path), labels=write_labels(tmp_path))
    again = tmp_path / "again"
    wish = Adoption(first.folder / "model.onnx", None, again, TERMS, Declaration(output="logits"))
    second = Adopter(wish, lambda *_: None, lambda _: None).run()
    assert [one.id for one in second.manifest.species] == [one.id for one in first.manifest.species]
    before, after = (OnnxBackend(one.checked("model.onnx")).run(pictures()).logits for one in (first, second))
    np.testing.assert_array_equal(before, after)


def test_nothing_is_left_behind_and_nothing_is_overwritten(tmp_path: Path) -> None:
    network, labels = write_network(tmp_path), write_labels(tmp_path, NAMES[:3])
    with pytest.raises(UsageError, match="3 labels, too few"):
        adopt(tmp_path, network, labels=labels)
    assert {path.name for path in tmp_path.iterdir()} == {"theirs.onnx", "labels.txt"}
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "mine").write_text("x")
    with pytest.raises(UsageError, match="exists already"):
        adopt(tmp_path, network, labels=write_labels(tmp_path))


def test_the_command_adopts_and_the_bundle_identifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from avistar.cli.main import main

    network, labels = write_network(tmp_path, Form(softmax=1)), write_labels(tmp_path)
    command = ["export", "adopt", str(network), "--labels", str(labels), "--out", str(tmp_path / "theirs")]
    assert main([*command, "--preset", "torchvision"]) == 2
    assert "--licence" in capsys.readouterr().err
    numbers = ["--scale", str(1 / 255), "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"]
    assert main([*command, *numbers, "--licence", "MIT"]) == 0
    assert "onnx fp32" in capsys.readouterr().out
    photo("green_frog", 1).save(tmp_path / "frog.png")
    answers = tmp_path / "answers.jsonl"
    command = ["identify", str(tmp_path / "frog.png"), "--model", str(tmp_path / "theirs"), "--out", str(answers)]
    assert main(command) == 0
    assert "green_frog" in answers.read_text("utf-8")

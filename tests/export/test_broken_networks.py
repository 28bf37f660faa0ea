"""What can't be adopted: each with a sentence that says what is wrong, with which file, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper
from tests.export.foreign_support import Form, foreign, write_labels, write_network

from avistar.errors import AvistarError
from avistar_export.adoption import Adopter, Adoption, Declaration, Terms

Make = Callable[[Path], Path]


def value(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    """An input or output."""
    return helper.make_tensor_value_info(name, kind, shape)


def formed(**changes: object) -> Make:
    """A network in another form."""
    return lambda folder: write_network(folder, Form(**changes))  # type: ignore[arg-type]


def written(data: bytes, name: str = "theirs.onnx") -> Make:
    """A file with these bytes."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def too_large(folder: Path) -> Path:
    """3 GB that take no room on the disk."""
    path = folder / "theirs.onnx"
    with path.open("wb") as stream:
        stream.truncate(3_000_000_000)
    return path


def weights_outside(location: str) -> Make:
    """A network with a tensor in another file."""

    def make(folder: Path) -> Path:
        model = foreign()
        external_data_helper.set_external_data(model.graph.initializer[0], location)
        model.graph.initializer[0].ClearField("raw_data")
        (folder / "theirs.onnx").write_bytes(model.SerializeToString())
        return folder / "theirs.onnx"

    return make


def own_operator(folder: Path) -> Path:
    """A network that an optimiser has rewritten."""
    model = foreign()
    model.graph.node[1].op_type, model.graph.node[1].domain = "FusedRelu", "com.microsoft"
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, folder / "theirs.onnx")
    return folder / "theirs.onnx"


def branches(folder: Path) -> Path:
    """A network that decides while it runs."""
    one = helper.make_graph([helper.make_node("Identity", ["scores"], ["a"])], "a", [], [value("a", ["n", 4])])
    two = helper.make_graph([helper.make_node("Neg", ["scores"], ["b"])], "b", [], [value("b", ["n", 4])])
    end = [helper.make_node("If", ["yes"], ["chosen"], then_branch=one, else_branch=two)]
    form = Form(end=end, outputs=[value("chosen", ["n", 4])], weights={"yes": np.array(True)})
    return write_network(folder, form)


def grey(folder: Path) -> Path:
    """A network of pictures with one channel."""
    model = foreign()
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1
    onnx.save(model, folder / "theirs.onnx")
    return folder / "theirs.onnx"


def folder_of_tensorflow(folder: Path) -> Path:
    """A SavedModel."""
    (folder / "saved").mkdir()
    return folder / "saved"


NAN = np.full((6, 3, 1, 1), np.nan, np.float32)
BROKEN: dict[str, tuple[Make, str]] = {
    "no file": (lambda folder: folder / "nothing.onnx", r"there is no file .*nothing\.onnx"),
    "empty file": (written(b""), "no ONNX file"),
    "text": (written(b"hello world, this is a network"), r"theirs\.onnx is no ONNX file"),
    "PyTorch's archive": (written(b"PK\x03\x04data.pkl", "net.pt"), r"torch\.onnx\.export"),
    "a pickle": (written(b"\x80\x02}q\x00.", "net.pth"), "may run any program"),
    "TFLite": (written(b"\x00\x00\x00\x00TFL3more", "net.tflite"), "tf2onnx.convert --tflite"),
    "SavedModel": (folder_of_tensorflow, "tf2onnx.convert --saved-model"),
    "3 GB": (too_large, "3.0 GB; an artifact is one file of at most 2 GB"),
    "weights outside the folder": (weights_outside("../weights.bin"), "outside its folder, which is never followed"),
    "weights at an absolute path": (weights_outside("/etc/passwd"), "outside its folder"),
    "weights missing": (weights_outside("weights.bin"), "isn't beside it: copy both files"),
    "an opset too old": (formed(opset=6), "opset 6, too old"),
    "operators of its own": (own_operator, r"com\.microsoft\.FusedRelu"),
    "branches": (branches, r"branches while it runs \(If\)"),
    "NaN weights": (formed(weights={"kernel": NAN}), r"'kernel' of .*\(NaN or infinite\)"),
    "two inputs": (formed(more_inputs=[value("place", ["n", 2])]), r"2 inputs \(pictures, place\)"),
    "grey pictures": (grey, "a classifier of colour pictures takes"),
    "batches of eight": (formed(batch=8), "8 pictures at once"),
    "int32 pictures": (formed(kind=TensorProto.INT32), "takes INT32 pictures"),
    "dynamic size": (formed(side=("w", "h")), "--size WIDTHxHEIGHT"),
    "two outputs": (
        formed(outputs=[value("scores", ["n", 4]), value("features", ["n", 6])]), r"--output scores\|features"),
    "numbers of classes": (
        formed(end=[helper.make_node("ArgMax", ["scores"], ["best"], axis=1)],
               outputs=[value("best", ["n", 1], TensorProto.INT64)]), "without its ArgMax"),
    "softmax twice": (formed(softmax=2), "two softmax layers"),
    "a sigmoid": (
        formed(end=[helper.make_node("Sigmoid", ["scores"], ["each"])], outputs=[value("each", ["n", 4])]),
        "ends in a sigmoid"),
    "a detector": (
        formed(end=[helper.make_node("Softmax", ["conv"], ["map"], axis=1)], outputs=[value("map", ["n", 6, 32, 32])]),
        r"\[6, 32, 32\] numbers a picture, as detectors"),
    "one score": (formed(labels=1), "a single score"),
    "too few labels": (formed(labels=7), "4 labels, too few: .* has 7 scores"),
    "too many labels": (formed(labels=3), "4 labels, too many"),
    "never trained": (formed(weights={"linear": np.zeros((6, 4), np.float32)}), "the same to every picture"),
    "quantised before": (
        formed(end=[helper.make_node("QuantizeLinear", ["scores", "step"], ["q"]),
                    helper.make_node("DequantizeLinear", ["q", "step"], ["dq"])],
               outputs=[value("dq", ["n", 4])], weights={"step": np.array(0.1, np.float32)}), "quantised already"),
    "answers that are no numbers": (
        formed(end=[helper.make_node("Log", ["negative"], ["log"])], outputs=[value("log", ["n", 4])],
               weights={"negative": np.full((1, 4), -1, np.float32)}), "NaN or infinite"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_network_is_refused_with_a_sentence_that_says_what_to_do(name: str, tmp_path: Path) -> None:
    make, sentence = BROKEN[name]
    network = make(tmp_path)
    labels = write_labels(tmp_path)
    wish = Adoption(network, labels, tmp_path / "out", Terms("MIT"), Declaration("torchvision"))
    with pytest.raises(AvistarError, match=sentence) as refused:
        Adopter(wish, lambda *_: None, lambda _: None).run()
    assert len(str(refused.value)) < 600
    assert not (tmp_path / "out").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_twenty_forms_of_trouble_and_more_are_known() -> None:
    assert len(BROKEN) >= 20


def test_weights_beside_the_file_are_taken_in(tmp_path: Path) -> None:
    model = foreign()
    onnx.save(model, tmp_path / "theirs.onnx", save_as_external_data=True, location="theirs.data", size_threshold=0)
    assert (tmp_path / "theirs.data").is_file()
    wish = Adoption(
        tmp_path / "theirs.onnx", write_labels(tmp_path), tmp_path / "out", Terms("MIT"), Declaration("torchvision")
    )
    bundle = Adopter(wish, lambda *_: None, lambda _: None).run()
    assert b"theirs.data" not in bundle.checked("model.onnx")

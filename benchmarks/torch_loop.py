"""What people write with PyTorch: a DataLoader over files and a ResNet50. Run by folder.py, in a Python with torch.

    python torch_loop.py BATCH WORKERS < paths, one a line

The network (He et al. 2015, arXiv:1512.03385) is spelt out and has random weights, which are as fast.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

SIDE = 224


class Files(Dataset):
    """Pictures as float tensors [3, 224, 224]."""

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, i: int) -> torch.Tensor:
        with Image.open(self.paths[i]) as image:
            pixels = np.array(image.convert("RGB").resize((SIDE, SIDE)))
        return torch.from_numpy(pixels).permute(2, 0, 1).float() / 255


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    """A convolution and its normalisation."""
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]


class Bottleneck(nn.Module):
    """Three convolutions beside a shortcut."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = 4 * width
        self.body = nn.Sequential(
            *convolution(inputs, width, 1), nn.ReLU(True),
            *convolution(width, width, 3, stride), nn.ReLU(True),
            *convolution(width, outputs, 1),
        )  # fmt: skip
        self.shortcut = nn.Sequential(*convolution(inputs, outputs, 1, stride) if inputs != outputs else [])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One block."""
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet50(classes: int) -> nn.Module:
    """The network."""
    layers: list[nn.Module] = [*convolution(3, 64, 7, 2), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for width, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for i in range(blocks):
            layers.append(Bottleneck(inputs, width, stride if i == 0 else 1))
            inputs = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes)).eval()


def main() -> None:
    """Print photos per second."""
    batch, workers = map(int, sys.argv[1:])
    paths = sys.stdin.read().splitlines()
    network = resnet50(30)
    with torch.inference_mode():
        network(torch.zeros(batch, 3, SIDE, SIDE))
        start = time.perf_counter()
        for pictures in DataLoader(Files(paths), batch_size=batch, num_workers=workers):
            torch.softmax(network(pictures), 1)
    print(len(paths) / (time.perf_counter() - start))


if __name__ == "__main__":
    main()

"""What the paper measured, to stand beside one's own runs: other photos, so never a race."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperResult:
    """One of the paper's experiments on its 1,950 test images; shares from 0 to 1."""

    name: str
    backbone: str
    top1: float
    top3: float
    macro_f1: float


TEST_IMAGES = 1950
PAPER = (
    PaperResult("VGG16 v1", "vgg16", 0.4774, 0.6876, 0.4079),
    PaperResult("VGG16 v2", "vgg16", 0.8441, 0.9379, 0.7862),
    PaperResult("ResNet50", "resnet50", 0.8712, 0.9646, 0.8201),
    PaperResult("InceptionV3", "inception_v3", 0.8641, 0.9507, 0.8097),
)

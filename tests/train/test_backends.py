"""The same short training on another backend of Keras ends with the same weights."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar_train.finetune import fit_stages  # noqa: E402
from avistar_train.recipes import read_recipe  # noqa: E402
from avistar_train.run_folder import RunFolder  # noqa: E402
from avistar_train.sampling import LabelledArrays, TrainingData  # noqa: E402
from training_support import SHORT, tiny_network  # noqa: E402

# Chance comes from numpy alone here: what a backend draws for dropout or flips differs by design.
CALM = (
    "top.dropout=0", "augmentation.flip=false", "augmentation.rotation_degrees=0", "augmentation.zoom_in=0",
    "augmentation.translation=0", "augmentation.jitter=0", "augmentation.grey=0", "stages.0.learning_rate=0.01",
)  # fmt: skip


def fit_from(start, folder):
    """Train the tiny network from the weights in `start`; its weights afterwards."""
    rng = np.random.default_rng(0)
    photos = LabelledArrays(rng.integers(0, 256, (32, 24, 24, 3), dtype=np.uint8), np.arange(32) % 3)
    network = tiny_network()
    network.load_weights(start)
    recipe = read_recipe("resnet50_field", SHORT + CALM)
    fit_stages(network, TrainingData(photos, photos), recipe, RunFolder(folder, lambda *_: None), seed=3)
    return network.get_weights()


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_learns_the_same(backend, tmp_path):
    if find_spec(backend) is None:
        pytest.skip(f"{backend} isn't installed")
    start = tmp_path / "start.weights.h5"
    tiny_network().save_weights(start)
    (tmp_path / "here").mkdir()
    here = fit_from(start, tmp_path / "here")
    program = f"from test_backends import *; fit_from({str(start)!r}, Path({str(tmp_path)!r}))"
    changes = {"KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), *sys.path))}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=os.environ | changes, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    network = tiny_network()
    network.load_weights(tmp_path / "stage2.weights.h5")
    for mine, other in zip(here, network.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-3)

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar import UsageError  # noqa: E402
from avistar_train.finetune import shared  # noqa: E402

TWO_DEVICES = """
import numpy as np
from pathlib import Path
import keras
from avistar_train.finetune import shared
from training_support import SHORT, tiny_network
from avistar_train.finetune import fit_stages
from avistar_train.run_folder import Journal
from avistar_train.recipes import read_recipe
from avistar_train.sampling import Labelled, TrainingData
photos = Labelled(np.random.default_rng(0).integers(0, 256, (32, 24, 24, 3), dtype=np.uint8), np.arange(32) % 3)
data = TrainingData(photos, Labelled(photos.pixels[:10], photos.truth[:10]))
with shared(2):
    network = tiny_network()
assert len(network.get_layer("logits").kernel.value.sharding.device_set) == 2
recipe = read_recipe("resnet50_field", SHORT)
with shared(2):
    fit_stages(network, data, recipe, Journal(Path("."), lambda *_: None), seed=3)
alone = network.predict_on_batch(photos.pixels[:3])
assert np.isfinite(alone["logits"]).all()
"""


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="is about the other backends")
def test_several_devices_need_jax():
    with pytest.raises(UsageError, match="KERAS_BACKEND=jax"):
        shared(2)


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX isn't installed")
def test_two_devices_share_each_batch(tmp_path):
    here = str(Path(__file__).parent)
    changes = {
        "KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
        "PYTHONPATH": os.pathsep.join((here, *sys.path)),
    }  # fmt: skip
    command = [sys.executable, "-c", TWO_DEVICES]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | changes, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "stage2.weights.h5").is_file()

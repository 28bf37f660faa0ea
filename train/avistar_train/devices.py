"""More than one GPU: each batch divided among them, by Keras' own distribution."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras

from avistar.errors import UsageError


def shared(devices: int) -> AbstractContextManager[Any]:
    """Inside it, networks live on the first `devices` of this machine, and `fit` divides its batches among them.

    Batches must be multiples of `devices`. One device is what Keras uses anyway. Raises `UsageError` where there are
    fewer, or where Keras can't divide.
    """
    if devices == 1:
        return nullcontext()
    backend = keras.backend.backend()
    if backend != "jax":
        raise UsageError(
            f"Keras divides batches among devices with JAX only, and it runs on {backend} here:"
            " pip install jax[cuda12] and set KERAS_BACKEND=jax"
        )
    found = keras.distribution.list_devices()
    if len(found) < devices:
        raise UsageError(f"{devices} devices are asked for; JAX sees {len(found)}: {', '.join(found)}")
    scope: AbstractContextManager[Any] = keras.distribution.DataParallel(devices=found[:devices]).scope()
    return scope

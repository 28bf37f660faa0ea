"""Whether this processor adds int8 products exactly, found out by asking it.

x86 processors without VNNI (most laptops before 2020) add pairs of products in 16 bits in ONNX Runtime's
fastest int8 kernels; 255·127·2 overflows there and answers come out wrong without an error. ONNX Runtime has
an exact way for them (`session.x64quantprecision`), but it takes it on every processor that is told to, where
it costs the whole gain of int8: 73 ms instead of 27 for ResNet50. So it is told only where it is needed.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

# Two convolutions of known result, 200; tests/runtime/test_exactness.py makes these bytes.
PROBE = zlib.decompress(
    base64.b64decode(
        "eNrj4BBiTyzLLC5JLLLaycJlycVenJFYkBpvKMRRnpqZnlESb6jE75yfB1SQV+KfFgyS1BLmYi1LzClN1WLnYBRg9mKsX8DIwuXDxVjBx"
        "Zyfl8rFXpValB9fasEFNwIizgYWNwRakZyYkwpiQBUKMVcCreEO9MnMS00sAtpWhnCIMdwhxpQ7xBjZIcYwhxijOMQYxSFCrAVF+UmpWr"
        "wCjE4gvV4sDAwN9lp8AkxOME1ejAxagkBpmLe8WM6+WegK1MHsBPUxSIU+B4sAuxMsdL0UFBggAEYzotHIRhp7saRpmbkjGWmMYaQxppH"
        "MaHSUNDBkhMS4RDiYhAS4mDgYgVgBiFlAOEmWCxQL+KWNsUgzgbATCxeDgCAAcd58FA=="
    )
)

_EXPECTED = 200
_ROUNDING = 1
_known: dict[str, bool] = {}


def overflows(ort: Any) -> bool:
    """Whether int8 kernels of `ort` (the onnxruntime module) answer wrongly here; asked once a process."""
    if "overflows" not in _known:
        _known["overflows"] = not answers_exactly(ort, precise=False)
    return _known["overflows"]


def answers_exactly(ort: Any, *, precise: bool) -> bool:
    """Whether the probe's convolutions give the known result, with or without the exact way."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    if precise:
        take_exact_way(options)
    session = ort.InferenceSession(PROBE, options, providers=["CPUExecutionProvider"])
    answers = session.run(None, {"x": np.full((1, 32, 4, 4), 255, np.uint8)})
    return all(bool((np.abs(answer.astype(int) - _EXPECTED) <= _ROUNDING).all()) for answer in answers)


def take_exact_way(options: Any) -> None:
    """Have a session multiply int8 exactly on processors that overflow."""
    options.add_session_config_entry("session.x64quantprecision", "1")

"""Does this machine's detector answer as the exporting one did? Golden pictures and the boxes expected in them."""

from __future__ import annotations

import numpy as np

from avistar.arrays import numbers, read_arrays
from avistar.backends import Floats
from avistar.boxes import Box, iou
from avistar.bundle import DetectorBundle
from avistar.detector import Detector
from avistar.errors import BundleError, ImageError
from avistar.message import Message

FOLDER = "golden"
FILE = f"{FOLDER}/boxes.npz"
FIRM = 0.1
"""How far above the threshold an expected box must lie to be asked for: at it, rounding decides."""
LEAST_IOU = 0.5
"""Overlap from which two boxes are of one object, as PASCAL VOC has it (Everingham et al. 2010, 4.2).

Of boxes with nearly equal scores, rounding decides which one suppression keeps: on an emulated ARM processor one of
score 0.469 stood elsewhere (IoU 0.62) than one of score 0.470 on x86.
"""
LARGEST_CHANGE = 0.1
"""Score that a firm box may gain or lose on another processor."""


def rows_of(found: list[tuple[Box, ...]]) -> Floats:
    """Boxes of several pictures as float32 [M, 6]: picture's number, left, top, right, bottom, score."""
    rows = [
        (number, box.left, box.top, box.left + box.width, box.top + box.height, box.confidence)
        for number, boxes in enumerate(found)
        for box in boxes
    ]
    return np.array(rows, np.float32).reshape(-1, 6)


def read_expected(bundle: DetectorBundle, file: str) -> tuple[tuple[str, ...], Floats]:
    """Golden pictures' names, and the boxes that artifact `file` found in them as `rows_of` gives them.

    Raises `BundleError` where the bundle carries none or they are damaged.
    """
    if FILE not in bundle.manifest.files:
        raise BundleError(
            "{folder} carries no {file}: export it again to get expected boxes", folder=bundle.folder, file=FILE
        )
    where = str(bundle.folder / FILE)
    arrays = read_arrays(bundle.checked(FILE), where)
    return tuple(map(str, arrays.get("names", np.zeros(0)))), numbers(arrays, f"boxes/{file}", where, axes=2)


def problems(detector: Detector, file: str) -> list[str]:
    """One sentence for everything that is wrong with `detector`, which executes artifact `file` of its bundle."""
    bundle = detector.bundle
    damaged = bundle.damaged_files()
    if damaged:
        return damaged
    names, expected = read_expected(bundle, file)
    found: list[tuple[Box, ...]] = []
    for name in names:
        try:
            found.append(detector.detect(bundle.checked(f"{FOLDER}/{name}")))
        except ImageError as error:
            return [Message("{name}: {error}", name=name, error=error)]
    rows = rows_of(found)
    firm = expected[expected[:, 5] >= bundle.manifest.threshold + FIRM]
    return [text for row in firm if (text := _missed(names, row, rows))]


def _missed(names: tuple[str, ...], row: Floats, rows: Floats) -> str:
    same = rows[rows[:, 0] == row[0]]
    name = names[int(row[0])]
    overlaps = iou(row[1:5], same[:, 1:5])
    if not len(same) or overlaps.max() < LEAST_IOU:
        return Message("{name}: the box of score {score:.2f} isn't found", name=name, score=float(row[5]))
    change = abs(float(same[int(overlaps.argmax()), 5] - row[5]))
    if change <= LARGEST_CHANGE:
        return ""
    return Message("{name}: a box's score moves by {change:.2f}", name=name, change=change)

"""What a bundle says of camera-trap frames: whole, in a detector's boxes, and both together, as `--detect` does.

The answers lie in a bundle as `analysis/frames.npz`; a bundle that was fitted to these frames keeps there what layers
said that never met their cameras.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import BaseModel, familiarity
from avistar.adaptation.lesson import Answers
from avistar.arrays import NUMBERS, TEXT, TRUTH, ArrayError, array, read_arrays
from avistar.bundle import ModelBundle, commit, draft
from avistar.decision import softmax
from avistar.detector import Detector
from avistar.errors import BundleError
from avistar.evaluation.metrics import calibration_error
from avistar.evaluation.stored import FRAMES_FILE
from avistar.manifest import Artifact, DecisionRule, Manifest
from avistar.progress import StepProgress
from avistar_train.publish import FIELD, rewrite_card
from avistar_train.refit_material import Frame, read_frames, with_boxes
from avistar_train.refit_views import BOX, WHOLE, ViewLooker, looker_of

LOOKS = ("whole", "crop", "both")
_NIGHT = ("infrared", "dark")


@dataclass(frozen=True, slots=True, eq=False)
class FieldAnswers:
    """N frames: what the table calls them (`shows`), their `light`, whether a detector found an animal (`boxed`).

    `whole` and `box` are the answers to the frame and to its surest box (the whole frame where it has none).
    """

    shows: tuple[str, ...]
    light: tuple[str, ...]
    boxed: NDArray[np.bool_]
    whole: Answers
    box: Answers

    def look(self, name: str) -> Answers:
        """The answers to one of `LOOKS`; both: logits and familiarity averaged, as `avistar.bursts.averaged` does."""
        if name == "whole":
            return self.whole
        if name == "crop":
            return self.box
        logits = ((self.whole.logits + self.box.logits) / 2).astype(np.float32)
        score = ((self.whole.familiarity + self.box.familiarity) / 2).astype(np.float32)
        return Answers(logits, score, self.whole.truth)


def measure_field(
    folder: Path, table: Path, detector: Path | None, kept: Path | None, *, progress: StepProgress
) -> ModelBundle:
    """Judge the bundle in `folder` on the frames of `table`; its card says the figures.

    A bundle that keeps answers already is asked nothing, and nothing is looked for in the frames. Raises `UsageError`,
    `BundleError`, `ImageError`.
    """
    frames = read_frames(table)
    bundle = ModelBundle.open(folder)
    base = BaseModel.of(bundle)
    answers = kept_frames(bundle)
    if answers is None:
        with Detector.open(detector) as opened:
            frames = with_boxes(frames, opened, progress=progress)
        with closing(looker_of(base, base.artifact, kept, progress)) as looker:
            answers = field_answers(base, frames, looker)
    with draft(folder, bundle) as temporary:
        (temporary / FRAMES_FILE).write_bytes(encode_frames(answers))
        commit(temporary, with_field(bundle.manifest, answers, base.artifact), folder)
    return rewrite_card(folder)


def with_field(manifest: Manifest, answers: FieldAnswers, artifact: Artifact) -> Manifest:
    """The manifest with the figures of `artifact` in its provenance."""
    names = [species.id for species in manifest.species]
    figures = field_figures(answers, names, artifact, manifest.decision)
    return replace(manifest, provenance=manifest.provenance | {FIELD: figures})


def field_answers(base: BaseModel, frames: Sequence[Frame], looker: ViewLooker) -> FieldAnswers:
    """What a bundle that was never shown these frames says of them."""
    seen = looker.look([frame.sample for frame in frames], (WHOLE, BOX))
    truth = np.array([base.ids.index(one.sample.species) if one.sample.species in base.ids else -1 for one in frames])

    def answers(view: str) -> Answers:
        logits = base.head.logits(seen[view])
        return Answers(logits, familiarity(logits, seen[view], base.others), truth)

    return answers_of(frames, answers(WHOLE), answers(BOX))


def answers_of(frames: Sequence[Frame], whole: Answers, box: Answers) -> FieldAnswers:
    """The answers to `frames`, in their order."""
    boxed = np.array([frame.sample.box is not None for frame in frames], bool)
    shows = tuple(frame.sample.species for frame in frames)
    return FieldAnswers(shows, tuple(frame.light for frame in frames), boxed, whole, box)


def encode_frames(answers: FieldAnswers) -> bytes:
    """As a compressed `.npz`: no picture, no file's name."""
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        shows=np.array(answers.shows, np.str_),
        light=np.array(answers.light, np.str_),
        boxed=answers.boxed,
        truth=answers.whole.truth,
        whole=answers.whole.logits.astype(np.float32),
        whole_familiarity=answers.whole.familiarity.astype(np.float32),
        box=answers.box.logits.astype(np.float32),
        box_familiarity=answers.box.familiarity.astype(np.float32),
    )
    return stream.getvalue()


def kept_frames(bundle: ModelBundle) -> FieldAnswers | None:
    """The answers that a bundle keeps, None where it keeps none. Raises `BundleError` for a damaged file."""
    if FRAMES_FILE not in bundle.manifest.files:
        return None
    file, names = bundle.folder / FRAMES_FILE, len(bundle.manifest.species)
    held = read_arrays(bundle.checked(FRAMES_FILE), str(file))
    try:
        truth = array(held, "truth", NUMBERS, (None,))
        count = len(truth)

        def answers(view: str) -> Answers:
            logits = array(held, view, NUMBERS, (count, names))
            return Answers(logits, array(held, f"{view}_familiarity", NUMBERS, (count,)), truth)

        shows, light = (tuple(map(str, array(held, name, TEXT, (count,)))) for name in ("shows", "light"))
        return FieldAnswers(shows, light, array(held, "boxed", TRUTH, (count,)), answers("whole"), answers("box"))
    except ArrayError as error:
        raise BundleError("{file} can't be read: {error}", file=file, error=error) from error


def field_figures(
    answers: FieldAnswers, names: Sequence[str], artifact: Artifact, rule: DecisionRule
) -> dict[str, Any]:
    """Counts by look, and by species for both looks together: everything that the tables say."""
    shows, light = np.array(answers.shows), np.array(answers.light)
    known = answers.whole.truth >= 0
    night = np.isin(light, _NIGHT)
    parts = {"day": known & ~night, "infrared": known & (light == "infrared"), "dark": known & (light == "dark")}
    looks: dict[str, Any] = {}
    for look in LOOKS:
        one = answers.look(look)
        probability = softmax(one.logits, artifact.calibration.temperature)
        named = (probability.max(axis=1) >= rule.species_confidence) & (
            one.familiarity >= artifact.calibration.familiarity_floor
        )
        strange = {name: ~known & (shows == name) for name in sorted(set(shows[~known]))}
        looks[look] = {
            "right": int((one.right & known).sum()),
            **{name: int((one.right & rows).sum()) for name, rows in parts.items()},
            "named": int((named & known).sum()),
            "named_right": int((named & one.right & known).sum()),
            "calibration_error": calibration_error(probability[known], one.truth[known]),
            "strange_named": {name: int((named & rows).sum()) for name, rows in strange.items()},
        }
    both = answers.look("both").right
    return {
        "frames": int(known.sum()),
        "boxed": int((known & answers.boxed).sum()),
        "lights": {name: int(rows.sum()) for name, rows in parts.items()},
        "strange": {name: int((~known & (shows == name)).sum()) for name in sorted(set(shows[~known]))},
        "looks": looks,
        "species": {
            name: [int((both & (shows == name)).sum()), int((shows == name).sum())] for name in names if name in shows
        },
    }

"""The part of a picture that an answer rests on: found where a fake network truly looks, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from avistar import Classifier, Evidence, Fault, FunctionBackend, ImageError, ModelBundle, Outputs, UsageError
from avistar.images.geometry import Crop
from avistar.manifest import Calibration
from avistar.occlusion import GRID, LOOKS, PART, windows
from support import encoded

WOLF, MOUSE = 29, 16
PATCH = (18, 8, 28, 18)
"""Where the fake network looks in its 32 × 32 px: left, top, right, bottom."""


def looking_at(patch: tuple[int, int, int, int], strength: float = 9.0, species: int = WOLF) -> object:
    """A network that knows the first picture that it is shown by what lies in `patch`, and is blind to the rest."""
    left, top, right, bottom = patch
    known: list[np.ndarray] = []

    def answer(images: np.ndarray) -> Outputs:
        seen = images[:, top:bottom, left:right].astype(np.float32)
        known.append(seen[0])
        strange = np.abs(seen - known[0]).mean(axis=(1, 2, 3)) / 30
        logits = np.zeros((len(images), 30), np.float32)
        logits[:, species] = strength * np.maximum(1 - strange, 0)
        return Outputs(logits, np.zeros((len(images), 4), np.float32))

    return answer


def made_of(tiny: ModelBundle, function: object, fit: str = "crop") -> Classifier:
    preprocessing = replace(tiny.manifest.preprocessing, fit=fit)
    bundle = ModelBundle(tiny.folder, replace(tiny.manifest, preprocessing=preprocessing))
    return Classifier(bundle, FunctionBackend(function, "a fake"), Calibration())


def chequered(width: int, height: int, field: int = 24) -> np.ndarray:
    """Detail everywhere, so that nothing but the network decides where it looks."""
    rows, columns = np.mgrid[0:height, 0:width] // field
    colours = np.random.default_rng(0).integers(0, 256, (height // field + 1, width // field + 1, 3), dtype=np.uint8)
    return colours[rows, columns]


def place_of(heat: np.ndarray) -> tuple[float, float, float, float]:
    """The rectangle of the named part, in fractions of the picture."""
    rows, columns = np.nonzero(heat >= PART)
    height, width = heat.shape
    return columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height


def assert_lit(evidence: Evidence, size: tuple[int, int], box: tuple[float, float, float, float]) -> None:
    """`box` (fractions of the upright picture) is the named part, to within a cell of the grid."""
    across = (evidence.seen[2] - evidence.seen[0]) / GRID
    down = (evidence.seen[3] - evidence.seen[1]) / GRID
    heat = evidence.over(*size)
    assert evidence.clear
    assert heat.shape == (size[1], size[0])
    assert heat.max() == pytest.approx(1, abs=0.1)
    for found, true, cell in zip(place_of(heat), box, (across, down, across, down), strict=True):
        assert abs(found - true) < 1.05 * cell, (place_of(heat), box)
    middle = heat[round((box[1] + box[3]) / 2 * size[1]), round((box[0] + box[2]) / 2 * size[0])]
    assert middle > 0.7


@pytest.mark.parametrize(
    ("size", "fit"), [((320, 320), "crop"), ((640, 320), "crop"), ((320, 800), "crop"), ((640, 320), "stretch")]
)
def test_the_patch_that_the_network_looks_at_lights_up_in_square_wide_and_tall_photos(
    tiny: ModelBundle, size: tuple[int, int], fit: str
) -> None:
    with made_of(tiny, looking_at(PATCH), fit) as classifier:
        (evidence,) = classifier.evidence(chequered(*size))
    width, height = size
    side_x, side_y = (width, height) if fit == "stretch" else (min(size), min(size))
    left, top = (width - side_x) / 2, (height - side_y) / 2
    box = tuple(
        (start + share / 32 * side) / whole
        for share, side, start, whole in zip(
            PATCH, (side_x, side_y) * 2, (left, top) * 2, (width, height) * 2, strict=True
        )
    )
    assert evidence.species.id == classifier.species[WOLF].id
    assert evidence.seen == pytest.approx(
        (left / width, top / height, (left + side_x) / width, (top + side_y) / height)
    )
    assert_lit(evidence, size, box)
    assert evidence.without < 0.3
    assert evidence.elsewhere > 0.9
    assert evidence.confidence > 0.9


@pytest.mark.parametrize("patch", [(0, 0, 10, 10), (22, 22, 32, 32), (0, 11, 9, 21), (11, 11, 21, 21)])
def test_it_is_found_at_the_edges_and_in_the_middle(tiny: ModelBundle, patch: tuple[int, int, int, int]) -> None:
    with made_of(tiny, looking_at(patch)) as classifier:
        (evidence,) = classifier.evidence(chequered(320, 320))
    assert_lit(evidence, (320, 320), tuple(share / 32 for share in patch))


def test_a_photo_lying_on_its_side_gives_the_heat_of_the_upright_one(tiny: ModelBundle) -> None:
    upright = Image.fromarray(chequered(640, 320))
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = encoded(upright.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    with made_of(tiny, looking_at(PATCH)) as classifier:  # which knows the one again, if it comes as the other
        (one,), (other,) = classifier.evidence(upright), classifier.evidence(lying)
    np.testing.assert_array_equal(one.over(640, 320), other.over(640, 320))
    assert one.seen == other.seen
    assert one.clear


def test_of_a_box_the_heat_lies_in_the_box_of_the_whole_photo(tiny: ModelBundle) -> None:
    with made_of(tiny, looking_at(PATCH)) as classifier:
        (evidence,) = classifier.evidence(Crop(chequered(800, 400), 0.5, 0.25, 0.25, 0.5))
    assert evidence.seen == pytest.approx((0.5, 0.25, 0.75, 0.75))
    box = tuple(
        start + share / 32 * side for share, start, side in zip(PATCH, (0.5, 0.25) * 2, (0.25, 0.5) * 2, strict=True)
    )
    assert_lit(evidence, (800, 400), box)


def test_each_species_has_its_own_part_from_the_same_looks(tiny: ModelBundle) -> None:
    wolf, mouse = looking_at((0, 0, 10, 10), 5.0), looking_at((22, 22, 32, 32), 4.5, MOUSE)
    asked = 0

    def both(images: np.ndarray) -> Outputs:
        nonlocal asked
        asked += len(images)
        return Outputs(wolf(images).logits + mouse(images).logits, np.zeros((len(images), 4), np.float32))

    with made_of(tiny, both) as classifier:
        first, second = classifier.evidence(
            chequered(320, 320), [classifier.species[WOLF].id, classifier.species[MOUSE].id]
        )
    assert_lit(first, (320, 320), (0, 0, 10 / 32, 10 / 32))
    assert_lit(second, (320, 320), (22 / 32, 22 / 32, 1, 1))
    assert asked == 1 + len(windows()) + 2 * LOOKS


@pytest.mark.parametrize("wobble", [0.0, 0.4])
def test_where_the_confidence_hardly_changes_no_part_is_named(tiny: ModelBundle, wobble: float) -> None:
    rng = np.random.default_rng(1)

    def sure(images: np.ndarray) -> Outputs:
        logits = np.zeros((len(images), 30), np.float32)
        logits[:, WOLF] = 8 + wobble * rng.normal(size=len(images))
        return Outputs(logits, np.zeros((len(images), 4), np.float32))

    with made_of(tiny, sure) as classifier:
        (evidence,) = classifier.evidence(chequered(320, 320))
    assert not evidence.clear
    assert evidence.heat.max() == 0
    assert evidence.over(320, 320).max() == 0
    assert evidence.confidence - evidence.without < 0.1


def test_where_every_part_counts_alike_no_part_is_named(tiny: ModelBundle) -> None:
    with made_of(tiny, looking_at((0, 0, 32, 32))) as classifier:
        (evidence,) = classifier.evidence(chequered(320, 320))
    assert not evidence.clear
    assert evidence.elsewhere - evidence.without < 0.1


@pytest.mark.parametrize(("needed", "clear"), [(np.minimum, True), (np.maximum, False)], ids=["both", "either"])
def test_of_two_parts_one_is_named_if_the_answer_needs_both_and_none_if_either_will_do(
    tiny: ModelBundle, needed: np.ufunc, clear: bool
) -> None:
    first, second = looking_at((1, 1, 9, 9)), looking_at((22, 22, 31, 31))

    def network(images: np.ndarray) -> Outputs:
        logits = needed(first(images).logits, second(images).logits)
        return Outputs(logits, np.zeros((len(images), 4), np.float32))

    with made_of(tiny, network) as classifier:
        (evidence,) = classifier.evidence(chequered(320, 320))
    assert evidence.clear == clear
    if clear:
        left, top, right, bottom = place_of(evidence.over(320, 320))
        assert max(right - left, bottom - top) < 0.5  # one piece


def test_a_picture_of_one_colour_shows_nothing(tiny: ModelBundle) -> None:
    with made_of(tiny, looking_at(PATCH)) as classifier:
        (evidence,) = classifier.evidence(np.full((64, 64, 3), 90, np.uint8))
    assert not evidence.clear


def test_the_work_is_told_and_can_be_ended(tiny: ModelBundle) -> None:
    class Enough(Exception):
        pass

    shares: list[float] = []

    def until_half(share: float) -> None:
        shares.append(share)
        if share > 0.5:
            raise Enough

    with made_of(tiny, looking_at(PATCH)) as classifier:
        classifier.evidence(chequered(320, 320), progress=shares.append)
        assert shares == sorted(shares)
        assert shares[-1] == 1
        shares.clear()
        with pytest.raises(Enough):
            classifier.evidence(chequered(320, 320), progress=until_half)
    assert 0.5 < shares[-1] < 0.7


def test_a_species_that_is_not_there_is_a_usage_error(tiny: ModelBundle) -> None:
    with made_of(tiny, looking_at(PATCH)) as classifier:
        with pytest.raises(UsageError, match="unicorn"):
            classifier.evidence(chequered(64, 64), ["unicorn"])
        site = classifier.under(classifier.policy.limited([classifier.species[MOUSE].id, "rat"]))
        with pytest.raises(UsageError, match="wolf"):
            site.evidence(chequered(64, 64), ["wolf"])
        (evidence,) = site.evidence(chequered(64, 64), ["rat"])
        assert evidence.confidence == pytest.approx(0.5)  # the site knows two, and the network says nothing of either


def test_a_picture_that_cannot_be_read_is_an_image_error(tiny: ModelBundle) -> None:
    with made_of(tiny, looking_at(PATCH)) as classifier, pytest.raises(ImageError) as caught:
        classifier.evidence(b"broken")
    assert caught.value.fault is Fault.NOT_AN_IMAGE


def test_an_answer_that_is_no_number_is_an_image_error(tiny: ModelBundle) -> None:
    def lost(images: np.ndarray) -> Outputs:
        return Outputs(np.full((len(images), 30), np.nan, np.float32), np.zeros((len(images), 4), np.float32))

    with made_of(tiny, lost) as classifier, pytest.raises(ImageError) as caught:
        classifier.evidence(chequered(64, 64))
    assert caught.value.fault is Fault.NO_VALID_ANSWER


def test_the_confidence_is_the_one_of_the_answer(classifier: Classifier) -> None:
    picture = chequered(200, 160)
    best = classifier.identify(picture).candidates[0]
    (evidence,) = classifier.evidence(picture)
    assert evidence.species == best.species
    assert evidence.confidence == pytest.approx(best.confidence, abs=1e-5)

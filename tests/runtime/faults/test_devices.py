"""A device that runs full, or is lost while it works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from avistar import Backend, BackendUnavailable, Classifier, FunctionBackend, ModelBundle, Outputs
from avistar.backends.factory import open_backend
from avistar.backends.onnx_backend import OnnxBackend
from avistar.catalogue import Catalogue
from avistar.errors import DeviceMemoryFull
from avistar.images.geometry import Pixels
from avistar.manifest import Calibration
from avistar.pipeline import Pace
from avistar.scan import Scan
from avistar.survey import identify_pending, open_survey, take_in
from support import encoded, picture
from survey_support import contents


@pytest.fixture
def backend(tiny: ModelBundle) -> Iterator[Backend]:
    opened = open_backend(tiny, "cpu", threads=1).backend
    yield opened
    opened.close()


def with_room_for(most: int, backend: Backend) -> FunctionBackend:
    def run(images: Pixels) -> Outputs:
        if len(images) > most:
            raise DeviceMemoryFull(f"no room for {len(images)}")
        return backend.run(images)

    return FunctionBackend(run)


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_a_full_device_gets_the_batch_in_halves_and_the_answers_are_the_same(
    most: int, tiny: ModelBundle, backend: Backend
) -> None:
    pictures = [picture(seed) for seed in range(7)]
    with Classifier(tiny, backend, Calibration()) as roomy:
        expected = roomy.identify_many(pictures, batch=7)
        with Classifier(tiny, with_room_for(most, backend), Calibration()) as narrow:
            answers = narrow.identify_many(pictures, batch=7)
    for one, other in zip(answers, expected, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)
        assert one.decision is not None
        assert other.decision is not None
        assert one.decision.id == other.decision.id


def test_no_room_for_a_single_picture_is_an_error(tiny: ModelBundle, backend: Backend) -> None:
    with (
        Classifier(tiny, with_room_for(0, backend), Calibration()) as classifier,
        pytest.raises(DeviceMemoryFull, match="no room for 1"),
    ):
        classifier.identify(picture(1))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("CUDA failure 2: out of memory ; GPU=0", DeviceMemoryFull),
        ("BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer", DeviceMemoryFull),
        ("CUDA failure 700: an illegal memory access was encountered", BackendUnavailable),
    ],
)
def test_what_the_library_says_tells_a_full_device_from_a_lost_one(
    said: str, kind: type[Exception], tiny: ModelBundle
) -> None:
    class Session:
        def run(self, *_: object) -> None:
            raise RuntimeError(said)

    backend = OnnxBackend(tiny.checked("model.onnx"), threads=1)
    backend._session = Session()
    with pytest.raises(BackendUnavailable, match="inference of") as caught:
        backend.run(np.zeros((1, 32, 32, 3), np.uint8))
    assert type(caught.value) is kind
    assert ("--device cpu" in str(caught.value)) == (kind is DeviceMemoryFull)


def test_a_device_that_is_lost_ends_the_run_and_the_next_one_goes_on(
    tmp_path: Path, tiny: ModelBundle, backend: Backend, classifier: Classifier
) -> None:
    folder, file = tmp_path / "card", tmp_path / "survey.avistar"
    folder.mkdir()
    for seed in range(9):
        (folder / f"{seed}.jpg").write_bytes(encoded(picture(seed)))
    calls = iter(range(100))

    def run(images: Pixels) -> Outputs:
        if next(calls) >= 2:
            raise BackendUnavailable("CUDA failure 700: the device is lost")
        return backend.run(images)

    with Classifier(tiny, FunctionBackend(run), Calibration()) as failing:
        with open_survey(file, [str(folder)], failing) as catalogue:
            take_in(catalogue, Scan([str(folder)]))
            with pytest.raises(BackendUnavailable, match="the device is lost"):
                list(identify_pending(catalogue, failing, Pace(batch=2, workers=1)))
            assert (catalogue.counts().answered, catalogue.counts().pending) == (4, 5)
        with open_survey(file, [str(folder)], failing) as catalogue:
            mended = Classifier(tiny, backend, Calibration())
            list(identify_pending(catalogue, mended, Pace(batch=2, workers=1)))
    with Catalogue.read(file) as catalogue:
        assert catalogue.counts().answered == 9
        assert len(contents(catalogue)) == 9

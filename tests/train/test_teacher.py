from contextlib import closing

import numpy as np
import pytest

pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar import UsageError
from avistar.backends.factory import open_backend
from avistar_train.recipes import Teacher
from avistar_train.teacher import answers_of, check_teacher, targets
from support import images


def test_labels_are_mixed_with_softened_answers_where_the_teacher_is_right():
    logits = np.log(np.array([[16, 4, 1], [1, 9, 4], [1, 1, 1]], np.float32))
    mixed = targets(logits, np.array([0, 2, 1]), Teacher(share=0.5, temperature=2.0))
    # Square roots of the shares, as the temperature is 2: 4, 2, 1 of 7.
    np.testing.assert_allclose(mixed[0], [0.5 + 0.5 * 4 / 7, 0.5 * 2 / 7, 0.5 / 7], atol=1e-6)
    np.testing.assert_array_equal(mixed[1:], [[0, 0, 1], [0, 1, 0]])  # wrong, and undecided for another
    assert mixed.dtype == np.float32


def test_a_teacher_must_know_all_species(tiny):
    assert check_teacher(tiny.folder, ["wolf", "otter"]).manifest.name == "tiny"
    with pytest.raises(UsageError, match="doesn't know axolotl, kakapo"):
        check_teacher(tiny.folder, ["wolf", "kakapo", "axolotl"])


def test_answers_come_in_the_order_of_the_species_and_are_kept(tiny, tmp_path):
    own = [one.id for one in tiny.manifest.species]
    pictures, shown = images(20), []

    def pixels_at(preprocessing):
        shown.append((preprocessing.width, preprocessing.fit))
        return pictures

    with closing(open_backend(tiny, "cpu").backend) as backend:
        wanted = backend.run(pictures).logits[:, [own.index("wolf"), own.index("bat")]]
    for _ in range(2):
        logits = answers_of(tiny, ["wolf", "bat"], pixels_at, tmp_path / "t.npy", progress=lambda *_: None)
        np.testing.assert_allclose(logits, wanted, atol=1e-5)
    assert shown == [(32, "crop")]

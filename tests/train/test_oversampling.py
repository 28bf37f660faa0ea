import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avistar_train.sampling import oversample

truths = st.lists(st.integers(0, 5), min_size=1, max_size=80).map(np.array)


@given(truths, st.integers(0, 9))
def test_every_species_is_lifted_to_the_most_frequent_one(truth, seed):
    lifted = np.bincount(truth[oversample(truth, seed=seed).index], minlength=6)
    occurring = np.bincount(truth, minlength=6) > 0
    assert set(lifted[occurring]) == {np.bincount(truth).max()}
    assert not lifted[~occurring].any()


@given(truths, st.integers(0, 9))
def test_each_photo_is_there_once_as_it_is_and_copied_as_often_as_its_like(truth, seed):
    made = oversample(truth, seed=seed)
    assert sorted(made.index[~made.copy]) == list(range(len(truth)))
    copied = np.bincount(made.index[made.copy], minlength=len(truth))
    for species in set(truth):
        assert np.ptp(copied[truth == species]) <= 1


def test_the_seed_decides_which_photos_are_copied_and_nothing_else_does():
    truth = np.repeat([0, 1], [30, 7])
    first, again, other = (oversample(truth, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.index, again.index)
    assert (first.index != other.index).any()
    assert len(first.index) == len(other.index) == 60

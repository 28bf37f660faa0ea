"""What tests on a real GPU share."""

from __future__ import annotations

import pytest

from avistar import BackendUnavailable
from avistar.backends.cuda import Cuda, load_cuda


@pytest.fixture(scope="module")
def cuda() -> Cuda:
    """CUDA's runtime library, where there is a GPU for it."""
    try:
        library = load_cuda()
        library.gpu()
    except BackendUnavailable as error:
        pytest.skip(str(error))
    return library

"""Embeddings laid out on a plane: a bundle's test photos after training, a user's own photos in the app.

scikit-learn is loaded when a map is laid out, no sooner; the app does that in a process of its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import redirect_stdout

import numpy as np
from numpy.typing import NDArray

PERPLEXITY, SEED, LEAST = 30.0, 0, 4

ITERATIONS = 1000

Tell = Callable[[int, int], None]
"""Called with iterations done and in all; 0 of 0 while neighbours are looked for."""


def embedding_map(embedding: NDArray[np.floating], tell: Tell | None = None) -> NDArray[np.float32]:
    """Embeddings [N, features] by t-SNE, float32 [N, 2]; [0, 2] for fewer than four, or equal ones.

    van der Maaten and Hinton 2008; started from the principal components and seeded, so the same for the same input.
    Raises `ImportError` without scikit-learn.
    """
    from sklearn.manifold import TSNE

    if len(embedding) < LEAST or not np.ptp(embedding, axis=0).any():  # scikit-learn crashes on equal rows
        return np.zeros((0, 2), np.float32)
    perplexity = min(PERPLEXITY, (len(embedding) - 1) / 3)
    verbosity = 0 if tell is None else 2
    layout = TSNE(2, perplexity=perplexity, init="pca", random_state=SEED, max_iter=ITERATIONS, verbose=verbosity)
    vectors = np.ascontiguousarray(embedding, np.float32)
    if tell is None:
        return np.asarray(layout.fit_transform(vectors), np.float32)
    tell(0, 0)
    with redirect_stdout(_Iterations(tell)):
        return np.asarray(layout.fit_transform(vectors), np.float32)


class _Iterations(io.TextIOBase):
    """Reads what scikit-learn prints about its progress, its only report."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._rest = tell, ""

    def writable(self) -> bool:
        """It takes text."""
        return True

    def write(self, text: str) -> int:
        """Take in a piece of text."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            found = re.search(r"Iteration (\d+):", line)
            if found:
                self._tell(min(int(found[1]), ITERATIONS), ITERATIONS)
        return len(text)

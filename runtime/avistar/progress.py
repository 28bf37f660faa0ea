"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable

StepProgress = Callable[[str, int, int], None]
"""Called with what is being done, how many parts of it are done, and of how many."""

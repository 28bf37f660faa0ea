"""Why an export ends without an artifact, and the exit code that says so to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from avistar.errors import AvistarError, BackendUnavailable, MissingExtra

if TYPE_CHECKING:
    from avistar_export.parity import ParityReport

USAGE, PARITY, BUILD, ENVIRONMENT = 2, 3, 4, 5


class ParityRefused(AvistarError):
    """An artifact answers differently from its reference; `report` says where, by how much."""

    def __init__(self, sentence: str, report: ParityReport | None = None, /, **values: object) -> None:
        super().__init__(sentence, **values)
        self.report = report


class BuildFailed(AvistarError):
    """A library could not convert the network: the message names the step or the node."""


def exit_code(error: AvistarError) -> int:
    """2 usage or bundle, 3 parity, 4 build, 5 environment."""
    if isinstance(error, ParityRefused):
        return PARITY
    if isinstance(error, BuildFailed):
        return BUILD
    if isinstance(error, (MissingExtra, BackendUnavailable)):
        return ENVIRONMENT
    return USAGE

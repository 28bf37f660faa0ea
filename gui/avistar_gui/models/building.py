"""An engine being built by the export program, in a process of its own: followed, and ended if wished."""

from __future__ import annotations

from dataclasses import dataclass

from avistar_gui.child import Child, avistar_command


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build: from which bundle's folder and precision, and on which photos the engine is judged.

    Without `photos` it is judged on the bundle's golden pictures.
    """

    bundle: str
    precision: str = "fp16"
    photos: str = ""


class Building(Child):
    """One build at a time."""

    def start(self, request: BuildRequest) -> None:
        """Build; nothing happens while something else is being built."""
        self.run(self.command(request))

    def command(self, request: BuildRequest) -> list[str]:
        """The command line of the export program."""
        judged_on = ("--photos", request.photos) if request.photos else ()
        arguments = ("--bundle", request.bundle, "--precision", request.precision, *judged_on)
        return avistar_command("export", "engine", *arguments, "--progress", "json")

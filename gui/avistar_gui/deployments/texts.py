"""What the Deployments screen says."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from avistar.formats.deployment_table import NEEDED, SHIFT, DeploymentRow
from avistar_gui.texts import count

translate = QCoreApplication.translate


def column_title(name: str) -> str:
    """What a column is called."""
    return {
        "folder": translate("Deployments", "Folder"),
        "locationName": translate("Deployments", "Place"),
        "locationID": translate("Deployments", "Place ID"),
        "latitude": translate("Deployments", "Latitude"),
        "longitude": translate("Deployments", "Longitude"),
        "deploymentStart": translate("Deployments", "Start"),
        "deploymentEnd": translate("Deployments", "End"),
        "timezone": translate("Deployments", "Time zone"),
        "cameraID": translate("Deployments", "Camera ID"),
        "cameraModel": translate("Deployments", "Camera model"),
        SHIFT: translate("Deployments", "Clock"),
    }[name]


def column_tip(name: str) -> str:
    """What belongs into a column."""
    return {
        "folder": translate(
            "Deployments", "The camera's folder below the survey's; the longest that holds a photo counts"
        ),
        "latitude": translate("Deployments", "Degrees, WGS 84, such as 40.4168"),
        "longitude": translate("Deployments", "Degrees, WGS 84, such as -3.7038"),
        "deploymentStart": translate("Deployments", "When the camera began to watch, such as 2026-03-01 09:30"),
        "deploymentEnd": translate("Deployments", "When the camera stopped watching"),
        "timezone": translate(
            "Deployments", "Of the camera's clock: +02:00, or Europe/Madrid if it changes to summer time"
        ),
        SHIFT: translate("Deployments", "What is added to the camera's clock, such as +1:00:00"),
    }.get(name, "")


def from_photos() -> str:
    """Of a cell that nobody wrote."""
    return translate("Deployments", "From the photos; write over it where it is wrong")


def needed() -> str:
    """In an empty cell that Camtrap DP can't do without."""
    return translate("Deployments", "needed")


def survey_sentence(rows: Sequence[DeploymentRow] | None, wrong: int) -> str:
    """How many cameras there are, and what they lack."""
    if rows is None:
        return translate("Deployments", "Open a survey first: its cameras are listed here.")
    lacking = sum(1 for row in rows if row.media for name in NEEDED if not row.cells[name])
    parts = [translate("Deployments", "Cameras: {number}").format(number=count(len(rows)))]
    if wrong:
        parts.append(translate("Deployments", "cells that make no sense: {number}").format(number=count(wrong)))
    if lacking:
        parts.append(
            translate("Deployments", "cells that Camtrap DP still needs: {number}").format(number=count(lacking))
        )
    elif not wrong:
        parts.append(translate("Deployments", "complete for Camtrap DP"))
    return "  ·  ".join(parts)


def hint() -> str:
    """How the table is used."""
    return translate(
        "Deployments",
        "Grey cells come from the photos. Type to change one, paste from a spreadsheet with Ctrl+V, undo with Ctrl+Z.",
    )

"""How each figure is defined, and after whom, in the words of a report."""

from __future__ import annotations

from avistar.message import Language, Message
from avistar.summary.effort import SILENT_DAYS
from avistar.summary.figures import SurveySummary

_FIRST = (
    Message("What counts"),
    Message(
        "People's word before the machine's: a reviewed photo holds what the reviewer said. Files that are no "
        "longer in the folder don't count."
    ),
)

_OTHERS = (
    (
        Message("Animals"),
        Message("The most animals of the species in one photo of each event, added up: they are at least as many."),
    ),
    (
        Message("Camera"),
        Message(
            "A deployment: a camera at one place for one time. Without a deployments' table, each folder right "
            "below the survey's."
        ),
    ),
    (
        Message("Trap night"),
        Message(
            "24 hours from a deployment's start to its end, silent times included; where nobody wrote them down "
            "(Deployments in the app, or `avistar survey deployments`), from the first photo to the last, which is "
            "too little."
        ),
    ),
    (
        Message("Events in 100 trap nights"),
        Message(
            "The relative abundance index of O'Brien et al. (2003), Animal Conservation 6:131-139. It also "
            "depends on how easily a species is photographed: compare species with care."
        ),
    ),
    (
        Message("Activity"),
        Message(
            "Kernel density with von Mises kernels: Ridout & Linkie (2009), JABES 14:322-337. Bandwidth: Taylor "
            "(2008), CSDA 52:3493-3500, as getBandWidth in R's overlap. Drawn from 10 events on."
        ),
    ),
    (
        Message("Times"),
        Message("As the camera's clock said, with the shift of its deployment where one was given."),
    ),
)


def definitions(summary: SurveySummary, language: Language) -> list[tuple[str, str]]:
    """Each term with its meaning."""
    minutes = summary.gap.total_seconds() / 60
    pairs = (
        _FIRST,
        (
            Message("Independent event"),
            Message(
                "A photo begins an event when it is the first of its species at its camera, or was taken {minutes:g} "
                "minutes or more after the event before it began. This is camtrapR's recordTable with minDeltaTime = "
                '{minutes:g} and deltaTimeComparedTo = "lastIndependentRecord".',
                minutes=minutes,
            ),
        ),
        *_OTHERS,
        (
            Message("Silent camera"),
            Message("No photo for {days} days in a row or more between start and end.", days=SILENT_DAYS),
        ),
    )
    return [(term.to(language), meaning.to(language)) for term, meaning in pairs]

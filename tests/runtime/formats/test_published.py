"""What is handed on says nothing of where the survey lies on this computer."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avistar import Failure, Fault
from avistar.formats.base import Format
from avistar.formats.camtrap_dp import CamtrapDp, Deployments, Project
from avistar.formats.camtrap_dp.deployments import Deployment
from avistar.formats.jsonl import Jsonl
from avistar.formats.megadetector import MegaDetector
from avistar.formats.spreadsheet import Csv, Xlsx
from avistar.formats.xmp import Xmp
from avistar.records import UNJOINED, Observation, Record, Region, SurveyFacts
from records_support import FACTS, answer, everything, failed

PERIOD = (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
CAMERAS = Deployments((Deployment("", "C1", 40.5, -3.25, UTC, *PERIOD),))
PROJECT = Project({"title": "Wolves", "samplingDesign": "targeted"}, ({"title": "Ana Ruiz"},))
HOME = "/home/ana"
SETTINGS = {"detections": f"{HOME}/md/results.json", "detector_folder": "C:\\home\\ana\\finder", "detector": "md_v5a"}
FORMATS: dict[str, Format] = {
    "out.csv": Csv(),
    "out.xlsx": Xlsx(),
    "out.jsonl": Jsonl(),
    "out.json": MegaDetector(),
    "camtrap": CamtrapDp(CAMERAS, PROJECT, leave_out_undated=True),
    "sidecars": Xmp("en"),
}


def at_home(one: Record) -> Record:
    """`one` with the paths that a catalogue of a folder of Ana's gives out."""
    path = f"{HOME}/card/{one.medium.relative}"
    seen = tuple(Observation(each.region, replace(each.identification, source=path)) for each in one.observations)
    failure = replace(one.failure, message=f"{path}: too damaged to read") if one.failure else None
    together = replace(one.together, source=path) if one.together else None
    return replace(one, medium=replace(one.medium, path=path), observations=seen, failure=failure, together=together)


def written(target: Path) -> str:
    """All that lies at `target`, workbooks unpacked."""
    files = [target] if target.is_file() else [path for path in target.rglob("*") if path.is_file()]
    texts = []
    for path in files:
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                texts += [parts.read(name).decode("utf-8", "replace") for name in parts.namelist()]
        else:
            texts.append(path.read_text("utf-8"))
    return "\n".join(texts)


@pytest.mark.parametrize("name", FORMATS)
def test_no_folder_of_this_computer_is_published(tmp_path: Path, name: str) -> None:
    gone = Failure(Fault.DAMAGED, f"{HOME}/card/cam1/odd.jpg: too damaged to read")
    odd = replace(failed("cam1/odd.jpg"), failure=None, observations=(
        Observation(Region(), replace(answer(), failure=gone, decision=None)),
    ))  # fmt: skip
    survey = [at_home(one) for one in [*everything(), odd]]
    facts: SurveyFacts = replace(FACTS, folder=f"{HOME}/card", settings=SETTINGS | {UNJOINED: "yes"})
    target = tmp_path / name
    if name == "sidecars":
        target.mkdir()
    FORMATS[name].write(survey, facts, target)
    text = written(target)
    assert text
    for secret in (HOME, "home", "ana\\\\", UNJOINED):
        assert secret not in text, text[max(0, text.find(secret) - 200) : text.find(secret) + 100]

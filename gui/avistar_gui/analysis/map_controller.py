"""The map of a survey's reviewed photos: worked out when somebody asks for it, kept beside the survey, renewed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import util
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from avistar_gui.analysis.data.cache import CachedMap, map_file, places_of, read_map, write_map
from avistar_gui.analysis.data.sources import ArtifactChoice, BundleChoice
from avistar_gui.analysis.data.study import Study, StudyFacts
from avistar_gui.analysis.data.worker import WorkerRequest, WorkerResult
from avistar_gui.analysis.jobs import Job, JobRunner
from avistar_gui.analysis.views.map_pane import MapPane, MapState

translate = QCoreApplication.translate


class MapController(QObject):
    """Offers the map of the study of the moment in `pane`. `made` with the study as it is on its new map."""

    made = Signal(object)

    def __init__(
        self, pane: MapPane, computing: JobRunner, place: Callable[[], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pane, self._computing, self._place = pane, computing, place
        self._study: Study | None = None
        self._bundles: Sequence[BundleChoice] = ()
        pane.map_wanted.connect(self.make)
        computing.changed.connect(self.refresh)

    def enter(self, study: Study, bundles: Sequence[BundleChoice]) -> None:
        """Another study, or other bundles."""
        self._study, self._bundles = study, bundles
        self.refresh()

    def refresh(self) -> None:
        """Say again what there is and what can be done."""
        study = self._study
        if study is not None:
            self._pane.show_state(self._state(study))

    def make(self) -> None:
        """Work the map out."""
        study, found = self._study, self._artifact()
        if study is None or study.survey is None or found is None:
            return
        survey, (bundle, artifact) = study.survey, found
        where = self._place() or survey.folder
        self._computing.start(
            Job(
                title=lambda: translate("MapController", "Making the map"),
                prepare=lambda folder: _request(
                    study, survey, where, bundle=bundle.folder, file=artifact.file, folder=folder
                ),
                take=lambda looked: _take(study, survey, looked),
                done=self.made.emit,
            )
        )

    def _artifact(self) -> tuple[BundleChoice, ArtifactChoice] | None:
        """What answered the photos, where it is on this computer."""
        survey = self._study.survey if self._study is not None else None
        if survey is None:
            return None
        for bundle in self._bundles:
            artifact = bundle.with_sha(survey.artifact_sha256)
            if artifact is not None:
                return bundle, artifact
        return None

    def _state(self, study: Study) -> MapState:
        if study.survey is None:
            return MapState(missing=0, placed=len(study.map), own=False)
        rows = study.survey.on_map
        placed = int(np.isfinite(study.map[:, 0]).sum())
        missing = len(rows) if not placed else int(np.isnan(study.map[rows, 0]).sum())
        return MapState(
            missing=missing,
            placed=placed,
            own=True,
            total=len(study.files),
            model="" if self._artifact() is not None else study.name,
            library=util.find_spec("sklearn") is not None,
            busy=self._computing.running,
        )


def _request(
    study: Study, survey: StudyFacts, where: str, *, bundle: str, file: str, folder: Path
) -> WorkerRequest:  # fmt: skip
    """On a thread: what to look at, without the photos that an earlier map knows."""
    rows = survey.on_map
    kept, known = read_map(map_file(survey.path)), ""
    if kept is not None and kept.artifact == survey.artifact_sha256:
        place = {content: i for i, content in enumerate(kept.contents)}
        there = [(i, place[survey.contents[row]]) for i, row in enumerate(rows) if survey.contents[row] in place]
        if there:
            known = str(folder / "known.npz")
            np.savez(
                known, rows=np.array([i for i, _ in there]), embedding=kept.embedding[[j for _, j in there]]
            )  # fmt: skip
    boxes = [survey.boxes[row] for row in rows]
    return WorkerRequest(
        folder=bundle,
        file=file,
        photos=[os.path.join(where, study.files[row]) for row in rows],  # noqa: PTH118 - names of any bytes
        boxes=[None if box is None else [box.left, box.top, box.width, box.height] for box in boxes],
        result="",
        known=known,
        on_map=True,
    )


def _take(study: Study, survey: StudyFacts, looked: WorkerResult) -> Study:
    """On a thread: keep the map beside the survey, and put it into the study."""
    rows = survey.on_map
    contents = tuple(survey.contents[row] for row, read in zip(rows, looked.read, strict=True) if read)
    kept = CachedMap(survey.artifact_sha256, contents, looked.embedding[looked.read], looked.places[looked.read])
    write_map(map_file(survey.path), kept)
    return replace(study, map=places_of(kept, survey.contents, survey.artifact_sha256)).prepare()

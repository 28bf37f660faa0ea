"""Records of every kind that a survey holds, made on the spot."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from avistar import Candidate, Decision, Failure, Fault, Identification, Provenance
from avistar.records import Box, Capture, Medium, Observation, Record, Region, Review, SurveyFacts
from avistar.species import known_groups, known_species

ORIGIN = Provenance("field", "ab" * 32, "int8", "cpu · onnxruntime 1.99 · int8 · 2 threads")
FACTS = SurveyFacts(
    folder="/card",
    created_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
    software="Avistar 9.9",
    species=tuple(one.id for one in known_species()),
    only=("wolf", "moose"),
    settings={"gap_s": "60"},
)
NOON = datetime(2026, 3, 1, 12, 0, 5)
SPECIES = {one.id: one for one in known_species()}


def answer(id: str = "wolf", confidence: float = 0.9, source: str = "", **changes: Any) -> Identification:
    """An answer with `confidence` for `id` and the rest spread evenly over the other 29 species."""
    species = known_species()
    rest = (1 - confidence) / (len(species) - 1)
    probabilities = np.array([confidence if one.id == id else rest for one in species], np.float32)
    order = np.argsort(-probabilities, kind="stable")
    whole = Identification(
        source,
        ORIGIN,
        candidates=tuple(Candidate(species[i], float(probabilities[i])) for i in order),
        decision=Decision("species", id, float(confidence)),
        probabilities=probabilities,
        familiarity=-3.5,
        elapsed_ms=12.34,
    )
    return replace(whole, **changes)


def unknown() -> Identification:
    return answer("wolf", 0.3, decision=Decision("unknown", "", 0.3, reason="unfamiliar"))


def group(id: str = "canid") -> Identification:
    assert id in {one.id for one in known_groups()}
    return answer("wolf", 0.5, decision=Decision("group", id, 0.8, ("wolf", "collie")))


def medium(relative: str = "cam1/a.jpg", **changes: Any) -> Medium:
    capture = changes.pop("capture", Capture(NOON, "Reconyx HF2X", "SN1", 40.5, -3.25))
    return Medium(f"/card/{relative}", relative, bytes=1234, width=640, height=480, capture=capture, **changes)


def record(relative: str = "cam1/a.jpg", found: Identification | None = None, **changes: Any) -> Record:
    """A photo with one answer about the whole of it."""
    observed = (Observation(Region(), found or answer()),)
    return Record(changes.pop("medium", medium(relative)), changes.pop("observations", observed), **changes)


def failed(relative: str = "cam1/broken.jpg") -> Record:
    bad = Failure(Fault.DAMAGED, f"{relative}: too damaged to read")
    return Record(medium(relative, capture=Capture()), failure=bad)


def boxed(relative: str = "cam1/boxes.jpg") -> Record:
    """Two animals and a person in one photo."""
    first, second = Box(0.1, 0.2, 0.3, 0.4, "animal", 0.95), Box(0.5, 0.5, 0.25, 0.5, "animal", 0.4)
    seen = (Observation(Region(first), answer("moose", 0.8)), Observation(Region(second), unknown()))
    return Record(medium(relative), seen, detections=(first, second, Box(0.0, 0.0, 0.1, 0.1, "person", 0.9)))


def video(relative: str = "cam2/clip.mp4", rate: float = 25.0) -> Record:
    seen = tuple(Observation(Region(time_s=time_s), answer("seal", 0.7)) for time_s in (0.0, 1.0, 2.0))
    return Record(medium(relative, kind="video", duration_s=3.0, frame_rate=rate), seen, together=answer("seal", 0.9))


def reviewed(relative: str = "cam1/checked.jpg", verdict: Any = "species", species: str = "otter") -> Record:
    said = Review(verdict, species if verdict == "species" else "", "Ana Ruiz", datetime(2026, 3, 3, tzinfo=UTC))
    return record(relative, review=said)


def everything() -> list[Record]:
    """One record of each kind, in two folders, with a burst of three."""
    burst = [
        record(f"cam2/burst{i}.jpg", answer("wolf", 0.5 + i / 10), sequence="cam2/1", together=answer("wolf", 0.8))
        for i in range(3)
    ]
    return [
        record(),
        record("cam1/group.jpg", group()),
        record("cam1/unknown.jpg", unknown()),
        Record(medium("cam1/empty.jpg"), blank=True),
        boxed(),
        Record(medium("cam1/car.jpg"), detections=(Box(0, 0, 1, 1, "vehicle", 0.7),)),
        failed(),
        reviewed(),
        reviewed("cam1/nothing.jpg", "empty"),
        reviewed("cam1/what.jpg", "unknown"),
        record("cam1/breed.jpg", answer("german_shepherd", 0.9)),
        *burst,
        video(),
        Record(medium("cam2/waiting.jpg")),
    ]


def picture_with_thumbnail(path: Path) -> None:
    """Fine noise, taken at noon by a camera at a place, with a preview of it in the metadata."""
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    image, preview = Image.fromarray(noise), io.BytesIO()
    image.resize((40, 30)).save(preview, "JPEG", quality=60)
    exif = Image.Exif()
    exif[Base.Model], exif[Base.Orientation] = "Trap 3", 1
    exif[Base.ImageDescription] = "Juan at the gate"
    exif[IFD.Exif] = {
        int(Base.DateTimeOriginal): "2026:03:01 12:00:05", int(Base.BodySerialNumber): "SN1",
        int(Base.MakerNote): preview.getvalue(),
    }  # fmt: skip
    exif[IFD.GPSInfo] = {
        int(GPS.GPSLatitudeRef): "N", int(GPS.GPSLatitude): (40.0, 30.0, 0.0),
        int(GPS.GPSLongitudeRef): "W", int(GPS.GPSLongitude): (3.0, 15.0, 0.0),
    }  # fmt: skip
    image.save(path, quality=95, exif=exif)

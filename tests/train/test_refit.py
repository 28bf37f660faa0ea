"""A bundle's last layer is fitted again to frames of cameras, and judged by layers that never met the camera."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptation_support import photo, write_base, write_photos
from avistar import UsageError
from avistar.adaptation.base_model import familiarity
from avistar.adaptation.embedding_store import Role, read_store
from avistar.adaptation.onnx_head import body_sha256, read_head
from avistar.bundle import ModelBundle, commit, draft
from avistar.evaluation.metrics import ranking_area
from avistar.split import SPLIT_FILE, LabelledPhoto, Split, encode_split, required_split
from avistar_train.bundle_embeddings import add_embeddings
from avistar_train.field import kept_frames
from avistar_train.publish import FIELD, REFITTED, shortcomings
from avistar_train.refit import RefitPlan, Refitted, refitted
from avistar_train.refit_bundle import write_refitted
from avistar_train.refit_examples import frame_folds, frame_weights, kind_of
from avistar_train.refit_fit import RefitSettings
from avistar_train.refit_material import Places, read_frames
from detector_support import bright_bundle
from support import tiny_bundle

ANIMALS = ("wolf", "otter", "moose")
CAMERAS = 5


def quiet(what: str, done: int, total: int) -> None:
    """Nobody listens."""


def write_frames(folder: Path) -> Path:
    """Frames of five cameras, on which a moose looks as a wild boar does elsewhere; and foxes, and blanks."""
    folder.mkdir()
    shown = {"moose": "Wild Boar", "wolf": "wolf", "other": "red_fox"}
    with (folder / "frames.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["file", "species", "exact", "group", "light", "kind"])
        for species, animal in shown.items():
            for number in range(2 * CAMERAS):
                name = f"{species}_{number}.png"
                photo(animal, 3000 + number).save(folder / name)
                exact = "red-fox" if species == "other" else species
                light = "infrared" if number % 2 else "day"
                table.writerow([name, species, exact, f"{species} {number % CAMERAS}", light, "camera trap"])
        photo("otter", 1).save(folder / "hand_held.png")
        table.writerow(["hand_held.png", "otter", "otter", "a hand", "day", "photo"])
    return folder / "frames.csv"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> RefitPlan:
    """A base that tells three animals apart, its photos with one that came later, and frames of cameras."""
    place = tmp_path_factory.mktemp("refit")
    counts = {"train": 6, "validation": 5, "test": 4}
    write_photos(place / "photos", dict.fromkeys(ANIMALS, sum(counts.values())))
    write_photos(place / "others", {"red_fox": 5, "Wild Boar": 5})
    photos = {one: [LabelledPhoto(f"{one}/{i:03d}.png", one) for i in range(sum(counts.values()))] for one in ANIMALS}
    parts = [
        tuple(one for animal in ANIMALS for one in photos[animal][start : start + count])
        for start, count in ((0, 6), (6, 5), (11, 3))
    ]
    bundle = write_base(place / "base")
    with draft(bundle.folder, bundle) as folder:
        (folder / SPLIT_FILE).parent.mkdir()
        (folder / SPLIT_FILE).write_bytes(encode_split(Split(1, *parts)))
        commit(folder, bundle.manifest, bundle.folder)
    add_embeddings(bundle.folder, place / "photos", place / "others", progress=quiet)
    bright_bundle(place / "detector", threshold=0.3)
    places = Places(place / "photos", write_frames(place / "frames"))
    return RefitPlan(bundle.folder, places, place / "detector", place / "kept.sqlite")


@pytest.fixture(scope="module")
def made(plan: RefitPlan) -> Refitted:
    """The base fitted again."""
    return refitted(plan, progress=quiet)


@pytest.fixture(scope="module")
def written(made: Refitted, plan: RefitPlan, tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """The bundle of the base fitted again."""
    return write_refitted(made, plan, tmp_path_factory.mktemp("written") / "made", "Web and woods.", progress=quiet)


def test_what_cameras_show_is_learned_by_layers_that_never_met_the_camera(made: Refitted) -> None:
    truth = made.ground.truth
    moose = truth == made.ground.base.ids.index("moose")
    before = made.ground.base.head.logits(made.ground.seen.frames["whole"]).argmax(axis=1) == truth
    assert before[moose].mean() < 0.5
    assert made.judged.frames.right[moose].mean() > 0.9
    assert made.judged.validation.right.all()


def test_the_correction_parts_other_animals_from_the_species(made: Refitted) -> None:
    areas = []
    for correction in (0.0, 0.25, 1.0):
        refitting = made.ground.refitting(RefitSettings(correction=correction))
        head, others = refitting.fit()
        rows = (refitting.known.embedding, refitting.strange.embedding)
        known, strange = (familiarity(head.logits(one), one, others) for one in rows)
        areas.append(ranking_area(known, strange))
    assert areas[0] < areas[1] < areas[2]
    assert areas[2] > 0.9


def test_a_refitted_bundle_is_whole_and_differs_in_its_last_layer_alone(
    made: Refitted, plan: RefitPlan, written: ModelBundle
) -> None:
    base = ModelBundle.open(plan.bundle)
    before, after = base.checked("model.onnx"), written.checked("model.onnx")
    assert body_sha256(before) == body_sha256(after)
    assert np.allclose(read_head(after).kernel, made.learned.head.kernel)
    assert not np.allclose(read_head(after).kernel, read_head(before).kernel)
    assert shortcomings(written) == []
    assert written.manifest.provenance[REFITTED]["frames"] == {"moose": 10, "other": 10, "wolf": 10}
    assert written.manifest.decision.familiarity == "background"


def test_the_card_begins_with_the_field(made: Refitted, written: ModelBundle) -> None:
    figures = written.manifest.provenance[FIELD]
    assert (figures["frames"], figures["strange"]) == (20, {"other": 10})
    right = int(made.judged.frames.right[made.ground.truth >= 0].sum())
    assert figures["looks"]["whole"]["right"] == right
    card = written.checked("README.md").decode()
    assert card.index("## In the field") < card.index("## Figures on the test photos")
    assert "by a layer that met neither its camera" in card
    assert "Web and woods." in card
    assert "Most frames show wolf (10), moose (10)" in card
    kept = kept_frames(written)
    assert kept is not None
    assert np.allclose(kept.whole.logits, made.judged.frames.logits)


def test_later_photos_and_frames_are_taught_again_with_the_bundle(written: ModelBundle) -> None:
    store = read_store(written)
    assert store is not None
    split = required_split(written)
    assert [one.file for one in split.train[18:]] == [f"{one}/014.png" for one in sorted(ANIMALS)]
    assert len(store.rows(Role.TRAIN)) == 18 + 3 + 2 * 20
    assert len(store.rows(Role.TEST)) == 9


def test_a_camera_and_a_kind_of_animal_are_on_one_side(made: Refitted) -> None:
    fold = made.ground.folds
    frames = made.ground.material.frames
    for group in {frame.sample.group for frame in frames if frame.sample.species != "other"}:
        assert len({fold[i] for i, frame in enumerate(frames) if frame.sample.group == group}) == 1
    kinds = [kind_of(name) for name in made.ground.animals]
    foxes = [i for i, kind in enumerate(kinds) if kind == "fox"]
    assert len(foxes) == 15
    assert len({fold[i] for i in foxes}) == 1


def test_blanks_are_parted_by_their_camera() -> None:
    known = np.array([False] * 4)
    fold = frame_folds(known, ["", "", "", ""], ["a", "a", "b", "c"], 0)
    assert fold[0] == fold[1]
    assert len(set(fold)) == 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("panthera_leo", "lion"),
        ("lion-female", "lion"),
        ("vulpes_vulpes", "fox"),
        ("gray-fox", "fox"),
        ("red_fox", "fox"),
        ("hyena-spotted", "hyena"),
        ("loxodonta_africana", "elephant"),
        ("iguana_iguana", "iguana"),
        ("", ""),
    ],
)
def test_names_of_an_animal_are_one_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_a_frame_weighs_less_in_a_large_group() -> None:
    weights = frame_weights(np.array([0, 0, 0, 0, 0]), ["a", "a", "a", "a", "b"])
    assert weights == pytest.approx(np.array([0.5, 0.5, 0.5, 0.5, 1]) / 0.6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,species\na.png,wolf\n", "group is missing"),
        ("", "group is missing"),
        ("file,species,group\nlost.png,wolf,c1\n", "lists lost.png, which isn't there"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "frames.csv").write_text(text)
    with pytest.raises(UsageError, match=said):
        read_frames(tmp_path / "frames.csv")


def test_a_bundle_without_embeddings_says_what_to_do(plan: RefitPlan, tmp_path: Path) -> None:
    bundle = tiny_bundle(tmp_path / "bare")
    with pytest.raises(UsageError, match="avistar train embeddings"):
        refitted(replace(plan, bundle=bundle.folder), progress=quiet)

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from avistar import Classifier, UsageError
from avistar.bundle import commit, draft
from avistar.evaluation.labelled_folder import judge, labelled_photos, other_photos
from avistar.evaluation.metrics import evaluate
from support import encoded, picture, tiny_bundle

SPECIES = ("wolf", "seal", "ox")


def put(folder: Path, *names: str) -> Path:
    for n, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(encoded(picture(n), "PNG"))
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return put(tmp_path / "photos", *(f"{name}/{i}.png" for name in SPECIES for i in range(6)))


def nothing() -> None:
    pass


def test_the_figures_are_those_of_the_classifiers_answers(classifier: Classifier, photos: Path) -> None:
    labelled = labelled_photos(photos, classifier)
    found = judge(classifier, labelled, advance=nothing)
    answers = classifier.identify_many([photo.file for photo in labelled])
    ids = [species.id for species in classifier.species]
    truth = np.array([ids.index(photo.species) for photo in labelled])
    probabilities = np.stack([answer.probabilities for answer in answers])
    expected = evaluate(np.log(probabilities), truth, ids)
    assert found.report.confusion == expected.confusion
    assert found.report.loss == pytest.approx(expected.loss)
    wrong = {photo.file for photo, answer in zip(labelled, answers, strict=True)
             if answer.candidates[0].species.id != photo.species}  # fmt: skip
    assert {mistake.file for mistake in found.mistakes} == wrong
    confidences = [mistake.confidence for mistake in found.mistakes]
    assert confidences == sorted(confidences, reverse=True)
    kinds = [answer.decision.kind for answer in answers if answer.decision]
    decided = found.decisions
    assert (decided.species, decided.group, decided.unknown) == tuple(map(kinds.count, ("species", "group", "unknown")))


def test_folders_may_be_spelt_in_any_way_and_must_name_species(classifier: Classifier, tmp_path: Path) -> None:
    put(tmp_path, "German Shepherd/deep/a.png", "Oso grizzly/b.png", ".hidden/c.png")
    assert {photo.species for photo in labelled_photos(tmp_path, classifier)} == {"german_shepherd", "grizzly_bear"}
    put(tmp_path, "wolff/d.png")
    with pytest.raises(UsageError, match="wolf"):
        labelled_photos(tmp_path, classifier)
    with pytest.raises(UsageError, match="is no folder"):
        labelled_photos(tmp_path / "none", classifier)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no photos"):
        labelled_photos(tmp_path / "empty", classifier)
    with pytest.raises(UsageError, match="no photos of other animals"):
        other_photos(tmp_path / "empty")


def test_a_broken_photo_is_listed_and_counts_nowhere(classifier: Classifier, photos: Path) -> None:
    (photos / "wolf" / "broken.jpg").write_bytes(b"no picture")
    found = judge(classifier, labelled_photos(photos, classifier), advance=nothing)
    assert found.report.photos == 18
    ((file, reason),) = found.failures
    assert file.endswith("broken.jpg")
    assert "not a picture" in reason


def test_only_broken_photos_are_no_judgement(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "wolf").mkdir()
    (tmp_path / "wolf" / "broken.jpg").write_bytes(b"")
    with pytest.raises(UsageError, match=r"none of the 1 photos.*broken\.jpg"):
        judge(classifier, labelled_photos(tmp_path, classifier), advance=nothing)


def test_other_animals_are_judged_by_what_was_decided_of_them(
    classifier: Classifier, photos: Path, tmp_path: Path
) -> None:
    others = other_photos(put(tmp_path / "others", *(f"fox/{i}.png" for i in range(5))))
    steps: list[None] = []
    found = judge(classifier, labelled_photos(photos, classifier), others, advance=lambda: steps.append(None))
    assert found.others is not None
    assert found.others.photos == 5
    decided = found.others.decisions
    assert decided.species + decided.group + decided.unknown == 5
    assert decided.right == 0
    assert 0 <= found.others.auroc <= 1
    assert len(steps) == 23


def test_photos_that_trained_the_bundle_are_known_by_their_names(photos: Path, tmp_path: Path) -> None:
    bundle = tiny_bundle(tmp_path / "bundle")
    rows = {"train": ["wolf/0.png"], "validation": ["ox/1.png"], "test": ["seal/2.png"]}
    split = {part: [{"file": file, "species": "wolf"} for file in files] for part, files in rows.items()} | {"seed": 1}
    with draft(bundle.folder, bundle) as folder:
        (folder / "analysis").mkdir()
        (folder / "analysis" / "split.json").write_text(json.dumps(split), "utf-8")
        commit(folder, bundle.manifest, bundle.folder)
    with Classifier.open(bundle.folder, "cpu", threads=1) as classifier:
        labelled = labelled_photos(photos, classifier)
        found = judge(classifier, labelled, advance=nothing)
    seen = {Path(photo.file).relative_to(photos).as_posix() for photo in labelled if photo.trained}
    assert seen == {"wolf/0.png", "ox/1.png"}
    assert found.trained == 2


def test_a_photo_and_its_mirror_image_can_be_answered_together(
    classifier: Classifier, photos: Path, tmp_path: Path
) -> None:
    for file in photos.rglob("*.png"):
        (tmp_path / "turned" / file.parent.name).mkdir(parents=True, exist_ok=True)
        with Image.open(file) as image:
            ImageOps.mirror(image).save(tmp_path / "turned" / file.parent.name / file.name)
    (photos / "wolf" / "broken.jpg").write_bytes(b"")
    one, other = (
        judge(classifier, labelled_photos(folder, classifier), mirrored=True, advance=nothing)
        for folder in (photos, tmp_path / "turned")
    )
    assert one.report.loss == pytest.approx(other.report.loss, rel=1e-3)
    assert one.report.confusion == other.report.confusion
    assert len(one.failures) == 1
    plain = judge(classifier, labelled_photos(photos, classifier), advance=nothing)
    assert one.report.loss != pytest.approx(plain.report.loss, rel=1e-3)

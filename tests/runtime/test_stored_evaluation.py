from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avistar import BundleError, ModelBundle
from avistar.bundle import commit, default_bundle, draft
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import (
    Analysis,
    Epoch,
    JudgedArtifact,
    has_analysis,
    photo_path,
    read_analysis,
    write_analysis,
)
from avistar.species import known_species

IDS = tuple(species.id for species in known_species())


def some_analysis(photos: int = 9, seed: int = 0, history: tuple[Epoch, ...] = ()) -> Analysis:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (photos, 30)).astype(np.float32)
    truth = rng.integers(0, 30, photos)
    return Analysis(
        judged=JudgedArtifact("onnx fp32", "ab" * 32, 0.8, -3.5),
        species=IDS,
        files=tuple(f"{IDS[i]}/ñ {n}.jpg" for n, i in enumerate(truth)),
        truth=truth,
        logits=logits,
        familiarity=rng.normal(size=photos).astype(np.float32),
        map=rng.normal(size=(photos, 2)).astype(np.float32),
        report=evaluate(logits, truth, IDS, 0.8),
        history=history,
    )


def with_analysis(bundle: ModelBundle, analysis: Analysis) -> ModelBundle:
    with draft(bundle.folder, bundle) as folder:
        write_analysis(folder, analysis)
        return commit(folder, bundle.manifest, bundle.folder)


figures = st.dictionaries(st.text(max_size=12), st.floats(allow_nan=False, allow_infinity=False), max_size=4)
histories = st.lists(st.builds(Epoch, st.text(max_size=9), st.integers(1, 99), figures), max_size=4).map(tuple)


@settings(max_examples=15)
@given(st.integers(1, 12), st.integers(0, 99), histories)
def test_what_is_written_is_read_again(tiny: ModelBundle, photos: int, seed: int, history: tuple[Epoch, ...]) -> None:
    written = some_analysis(photos, seed, history)
    with TemporaryDirectory() as place, draft(Path(place) / "copy", tiny) as folder:
        write_analysis(folder, written)
        read = read_analysis(commit(folder, tiny.manifest, Path(place) / "copy"))
    assert (read.judged, read.species, read.files, read.report, read.history) == (
        written.judged, written.species, written.files, written.report, written.history,
    )  # fmt: skip
    for name in ("truth", "logits", "familiarity", "map"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def test_the_cells_of_the_confusion_matrix_list_their_photos_surest_first(bundle: ModelBundle) -> None:
    analysis = read_analysis(with_analysis(bundle, some_analysis(60)))
    cells = {(i, j): analysis.cell(i, j) for i in range(30) for j in range(30)}
    assert sorted(photo for cell in cells.values() for photo in cell) == list(range(60))
    assert all(len(cell) == analysis.report.confusion[i][j] for (i, j), cell in cells.items())
    for (_, called), cell in cells.items():
        assert list(analysis.probabilities[cell, called]) == sorted(analysis.probabilities[cell, called], reverse=True)


def test_probabilities_are_calibrated_as_the_report_was(bundle: ModelBundle) -> None:
    analysis = some_analysis(40)
    assert analysis.probabilities.sum(axis=1) == pytest.approx(np.ones(40))
    again = evaluate(np.log(analysis.probabilities), analysis.truth, IDS)
    assert again.loss == pytest.approx(analysis.report.loss, rel=1e-4)


def test_a_renewed_analysis_leaves_nothing_of_the_old_one(bundle: ModelBundle) -> None:
    curves = (Epoch("stage 1", 1, {"loss": 1.0}),)
    assert read_analysis(with_analysis(bundle, some_analysis(history=curves))).history == curves
    renewed = with_analysis(ModelBundle.open(bundle.folder), some_analysis())
    assert read_analysis(renewed).history == ()
    assert renewed.damaged_files() == []


def test_a_bundle_without_analysis_says_how_to_make_one(bundle: ModelBundle) -> None:
    assert not has_analysis(bundle)
    with pytest.raises(BundleError, match="avistar train judge"):
        read_analysis(bundle)


def altered(bundle: ModelBundle, name: str, data: bytes) -> ModelBundle:
    with draft(bundle.folder, bundle) as folder:
        (folder / "analysis" / name).write_bytes(data)
        return commit(folder, bundle.manifest, bundle.folder)


def test_files_that_contradict_each_other_are_refused(bundle: ModelBundle) -> None:
    bundle = with_analysis(bundle, some_analysis(9))
    photos = json.loads(bundle.checked("analysis/photos.json"))
    fewer = photos | {"photos": photos["photos"][:-1]}
    with pytest.raises(BundleError, match=r"photos\.npz holds 'logits'"):
        read_analysis(altered(bundle, "photos.json", json.dumps(fewer).encode()))
    stranger = photos | {"photos": [*photos["photos"][:-1], {"file": "x.jpg", "species": "unicorn"}]}
    with pytest.raises(BundleError, match="unicorn"):
        read_analysis(altered(bundle, "photos.json", json.dumps(stranger).encode()))
    with pytest.raises(BundleError, match="has schema 9"):
        read_analysis(altered(bundle, "photos.json", json.dumps(photos | {"schema": 9}).encode()))
    with pytest.raises(BundleError, match="is no analysis"):
        read_analysis(altered(bundle, "photos.json", b"{"))


def test_arrays_that_are_no_numbers_or_pickles_are_refused(bundle: ModelBundle, tmp_path: Path) -> None:
    analysis = some_analysis(9)
    bundle = with_analysis(bundle, analysis)
    arrays = {"logits": analysis.logits, "familiarity": analysis.familiarity, "map": analysis.map}
    np.savez(tmp_path / "nan.npz", **(arrays | {"map": np.full((9, 2), np.nan)}))
    with pytest.raises(BundleError, match="no numbers"):
        read_analysis(altered(bundle, "photos.npz", (tmp_path / "nan.npz").read_bytes()))
    np.savez(tmp_path / "objects.npz", **(arrays | {"map": np.array([{}] * 9)}))
    with pytest.raises(BundleError, match="can't be read"):
        read_analysis(altered(bundle, "photos.npz", (tmp_path / "objects.npz").read_bytes()))
    with pytest.raises(BundleError, match="can't be read"):
        read_analysis(altered(bundle, "photos.npz", b"PK nothing"))


def test_photos_are_found_below_their_folder_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "photos" / "wolf").mkdir(parents=True)
    (tmp_path / "photos" / "wolf" / "1.jpg").touch()
    (tmp_path / "secret.jpg").touch()
    assert photo_path(tmp_path / "photos", "wolf/1.jpg") == tmp_path / "photos" / "wolf" / "1.jpg"
    for name in ("wolf/2.jpg", "../secret.jpg", str(tmp_path / "secret.jpg"), "", "wolf", "wolf\\1.jpg", "#3"):
        assert photo_path(tmp_path / "photos", name) is None


def test_the_default_bundle_has_an_analysis_of_what_it_ships() -> None:
    bundle = ModelBundle.open(default_bundle())
    analysis = read_analysis(bundle)
    assert analysis.judged.sha256 in {bundle.manifest.files[one.file].sha256 for one in bundle.manifest.artifacts}
    again = evaluate(analysis.logits, analysis.truth, analysis.species, analysis.judged.temperature)
    # Python adds floats more exactly from 3.12 on.
    assert again.calibration_error == pytest.approx(analysis.report.calibration_error, rel=1e-12)
    assert replace(again, calibration_error=analysis.report.calibration_error) == analysis.report

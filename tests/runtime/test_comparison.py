"""Two models on one survey: kept beside each other, judged by what people said, and exported."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avistar import Classifier, ModelBundle, UsageError
from avistar.bundle import commit, draft
from avistar.catalogue import Catalogue, Query
from avistar.cli.main import main
from avistar.comparison import answer_beside, reviewed_labels, stored_comparisons
from avistar.records import Box, Review, Sighting
from avistar.species import known_species
from support import encoded, picture, tiny_graph

AT = datetime(2026, 5, 1, tzinfo=UTC)
PHOTOS = 12


@pytest.fixture
def other(tiny: ModelBundle, tmp_path: Path) -> Path:
    """Another network for the same species, of which the wolf has an id of its own."""
    species = [
        replace(one, id="gray_wolf", english="Gray wolf") if one.id == "wolf" else one for one in known_species()
    ]
    with draft(tmp_path / "other", start_from=tiny) as folder:
        (folder / "model.onnx").write_bytes(tiny_graph(seed=1))
        commit(folder, replace(tiny.manifest, name="other", species=tuple(species)), tmp_path / "other")
    return tmp_path / "other"


@pytest.fixture
def survey(tiny: ModelBundle, tmp_path: Path) -> Path:
    """Photos that `tiny` answered."""
    card, file = tmp_path / "card", tmp_path / "survey.avistar"
    card.mkdir()
    for number in range(PHOTOS):
        (card / f"{number:02}.jpg").write_bytes(encoded(picture(number)))
    assert main(["identify", str(card), "--catalogue", str(file), "--model", str(tiny.folder), "--quiet"]) == 0
    return file


def likeliest(folder: Path, files: list[Path]) -> list[str]:
    with Classifier.open(folder) as classifier:
        return [classifier.identify(file).candidates[0].species.id for file in files]


def decided(folder: Path, files: list[Path]) -> list[str]:
    with Classifier.open(folder) as classifier:
        made = [classifier.identify(file).decision for file in files]
    return [one.id or "unknown" for one in made if one is not None]


def files_of(survey: Path) -> list[Path]:
    return sorted((survey.parent / "card").iterdir())


def review(survey: Path, words: dict[int, Sighting]) -> None:
    with Catalogue.open(survey) as catalogue:
        for place, said in words.items():
            catalogue.review([place + 1], Review.of([said], "Ana", AT))


def test_a_second_model_answers_beside_and_changes_nothing(survey: Path, tiny: ModelBundle, other: Path) -> None:
    files = files_of(survey)
    with Catalogue.open(survey) as catalogue, Classifier.open(other) as classifier:
        before = catalogue.counts().findings
        done = answer_beside(catalogue, classifier)
        assert (done.photos, done.unread) == (PHOTOS, 0)
        assert answer_beside(catalogue, classifier).photos == 0  # goes on where it stopped
        assert catalogue.counts().findings == before
        records = catalogue.records_of(catalogue.ids())
        theirs = [one.others[0].decision.id or "unknown" for one in records]
        assert theirs == decided(other, files)
        ours = decided(tiny.folder, files)
        same = [one == {"gray_wolf": "wolf"}.get(two, two) for one, two in zip(ours, theirs, strict=True)]
        differing = [not one for one in same]
        assert [one.others[0].differs for one in records] == differing
        assert sum(differing) > 0
        assert len(catalogue.ids(Query(models_differ=True))) == sum(differing) == catalogue.counts().models_differ
        [found] = stored_comparisons(catalogue)
        assert (found.first, found.second, found.photos) == ("tiny", "other", PHOTOS)
        assert [one.file for one in found.differing] == [str(files[i]) for i in range(PHOTOS) if differing[i]]


def test_the_model_that_answered_is_not_compared_with_itself(survey: Path, tiny: ModelBundle) -> None:
    with (
        Catalogue.open(survey) as catalogue,
        Classifier.open(tiny.folder) as classifier,
        pytest.raises(UsageError, match="was answered by tiny itself"),
    ):
        answer_beside(catalogue, classifier)


def test_photos_that_are_gone_are_left_out(survey: Path, other: Path) -> None:
    files_of(survey)[3].unlink()
    with Catalogue.open(survey) as catalogue, Classifier.open(other) as classifier:
        done = answer_beside(catalogue, classifier)
    assert (done.photos, done.unread) == (PHOTOS - 1, 1)


def test_reviewed_photos_are_labels_of_whichever_model_knows_them(survey: Path, tiny: ModelBundle, other: Path) -> None:
    review(survey, {0: Sighting("species", "wolf"), 1: Sighting("species", "fox"), 2: Sighting("empty"),
                    3: Sighting("species", "seal"), 4: Sighting("unknown")})  # fmt: skip
    for folder, wolf in ((tiny.folder, "wolf"), (other, "gray_wolf")):
        with Classifier.open(folder) as classifier:
            labels = reviewed_labels(survey, classifier)
        assert sorted((Path(one.file).name, one.species) for one in labels.labelled) == [
            ("00.jpg", wolf),
            ("03.jpg", "seal"),
        ]
        assert sorted(Path(one.file).name for one in labels.others) == ["01.jpg", "02.jpg"]


def test_a_survey_judges_two_models_and_what_it_says_is_kept(
    survey: Path, tiny: ModelBundle, other: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = files_of(survey)
    first, second = likeliest(tiny.folder, files), likeliest(other, files)
    # A person agrees with the first model on four photos, with the second on two, and with neither on one.
    truth = {0: first[0], 1: first[1], 2: first[2], 3: first[3], 4: second[4], 5: second[5]}
    truth = {place: {"gray_wolf": "wolf"}.get(id, id) for place, id in truth.items()}
    truth[6] = next(one.id for one in known_species() if one.id not in (first[6], second[6], "wolf"))
    review(survey, {place: Sighting("species", id) for place, id in truth.items()})
    capsys.readouterr()
    both = ["evaluate", str(survey), "--model", str(tiny.folder), "--model", str(other)]
    assert main([*both, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    ours = [first[place] == id for place, id in truth.items()]
    theirs = [{"gray_wolf": "wolf"}.get(second[place], second[place]) == id for place, id in truth.items()]
    assert [one["report"]["report"]["top1"] for one in facts["models"]] == [sum(ours) / 7, sum(theirs) / 7]
    [pair] = facts["pairs"]
    assert (pair["common"], pair["only_first"], pair["only_second"]) == (
        7,
        sum(a and not b for a, b in zip(ours, theirs, strict=True)),
        sum(b and not a for a, b in zip(ours, theirs, strict=True)),
    )
    assert {one["file"] for one in pair["photos"]} == {
        str(files[place]) for place in truth if {"gray_wolf": "wolf"}.get(second[place], second[place]) != first[place]
    }
    assert main(["models", str(tiny.folder), str(other), "--json"]) == 0
    kept = [one["own_photos"] for one in json.loads(capsys.readouterr().out)]
    assert [(one["photos"], one["top1"]) for one in kept] == [(7, sum(ours) / 7), (7, sum(theirs) / 7)]
    assert {one["place"] for one in kept} == {str(survey.resolve())}
    assert main(["models", str(tiny.folder), str(other)]) == 0
    told = capsys.readouterr()
    assert "of 7" in told.out
    assert str(survey) in told.err


def test_photos_that_are_judged_by_an_animal_s_box_are_compared_too(
    survey: Path, tiny: ModelBundle, other: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = (Box(0.1, 0.1, 0.4, 0.5), Box(0.5, 0.4, 0.3, 0.4))
    review(survey, {0: Sighting("species", "seal", box=boxes[0]), 1: Sighting("species", "seal", box=boxes[1]),
                    2: Sighting("species", "seal")})  # fmt: skip
    capsys.readouterr()
    assert main(["evaluate", str(survey), "--model", str(tiny.folder), "--model", str(other), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [one["report"]["report"]["photos"] for one in facts["models"]] == [3, 3]
    assert facts["pairs"][0]["common"] == 3


def test_speed_is_measured_where_asked_for_and_kept(tiny: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", str(tiny.folder), "--json"]) == 0
    [before] = json.loads(capsys.readouterr().out)
    assert before["speed"] is None
    assert main(["models", str(tiny.folder), "--measure", "--json"]) == 0
    [measured] = json.loads(capsys.readouterr().out)
    assert measured["speed"]["pictures_per_s"] > 0
    assert main(["models", str(tiny.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [measured]


def test_the_command_compares_tells_who_is_right_and_exports(
    survey: Path, tiny: ModelBundle, other: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = files_of(survey)
    assert main(["survey", "compare", str(survey)]) == 0
    assert "name a second one with --model" in capsys.readouterr().err
    assert main(["survey", "compare", str(survey), "--model", str(other), "--language", "en"]) == 0
    differing = sum(
        a != {"gray_wolf": "wolf"}.get(b, b)
        for a, b in zip(decided(tiny.folder, files), decided(other, files), strict=True)
    )
    assert f"tiny and other answered 12 photos, {differing} of them otherwise" in capsys.readouterr().out
    truth = decided(tiny.folder, files)
    named = [place for place, id in enumerate(truth) if id in {one.id for one in known_species()}]
    review(survey, {place: Sighting("species", truth[place]) for place in named})
    theirs = [{"gray_wolf": "wolf"}.get(id, id) for id in decided(other, files)]
    alone = sum(theirs[place] != truth[place] for place in named)
    assert main(["survey", "compare", str(survey), "--language", "en"]) == 0
    told = capsys.readouterr().out
    assert f"of {len(named)} that people reviewed, only tiny is right on {alone}, only other on 0" in told
    assert main(["survey", "compare", str(survey), "--files"]) == 0
    assert len([line for line in capsys.readouterr().out.splitlines() if "\t" in line]) == differing
    table = survey.with_name("table.csv")
    assert main(["survey", "export", str(survey), str(table)]) == 0
    with table.open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["other_answer"] for row in rows] == decided(other, files)
    assert {row["other_model"] for row in rows} == {"other"}
    assert sum(int(row["models_differ"]) for row in rows) == differing
    lines = survey.with_name("lines.jsonl")
    assert main(["survey", "export", str(survey), str(lines)]) == 0
    exported = [json.loads(line)["other_models"] for line in lines.read_text("utf-8").splitlines()]
    assert sum(one[0]["differs"] for one in exported) == differing
    boxes = survey.with_name("megadetector.json")
    assert main(["survey", "export", str(survey), str(boxes)]) == 0
    images = json.loads(boxes.read_text("utf-8"))["images"]
    assert [one["avistar"]["other_models"] for one in images] == exported

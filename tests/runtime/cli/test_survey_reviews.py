"""`avistar survey reviews`: what people said goes out to a table and comes back from it as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from avistar import Classifier
from avistar.catalogue import Catalogue, Model
from avistar.cli.main import main
from avistar.records import Box, Remark, Review, Sighting
from avistar.species import Species
from survey_support import answered, facts

AT = datetime(2026, 5, 1, 12, 30, 1, 250, tzinfo=UTC)
FOX = Species("fox", "Red fox", "Zorro", "Vulpes vulpes", "canid")
PHOTOS = ("cam1/a.jpg", "cam1/b.jpg", "cam1/c.jpg", "=d.jpg", "e.jpg", "f.jpg")


def survey(folder: Path, model: Model, name: str) -> Path:
    path = folder / name
    with Catalogue.open(path, new=facts(folder)) as catalogue:
        catalogue.write([answered(folder, photo, model) for photo in PHOTOS], model)
    return path


@pytest.fixture
def model(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setenv("LC_ALL", "C")
    return Model.of(classifier)


def said(path: Path) -> dict[str, tuple[Review | None, Remark | None]]:
    with Catalogue.read(path) as catalogue:
        return {record.medium.relative: (record.review, record.remark) for record in catalogue.records()}


def run(path: Path, *arguments: object) -> int:
    return main(["survey", "reviews", str(path), *map(str, arguments)])


def test_a_table_that_we_wrote_is_read_back_equal(
    tmp_path: Path, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, table = (
        survey(tmp_path, model, "1.avistar"),
        survey(tmp_path, model, "2.avistar"),
        tmp_path / "r.csv",
    )
    box = Box(0.1, 1 / 3, 0.2, 2e-7)
    doe = Sighting(
        "species", "moose", 2, "female", "adult", "feeding, slowly", "M1", ("collar", "a=b"), "-limps\n?", box
    )
    with Catalogue.open(first) as catalogue:
        catalogue.species.add([FOX], "Ana")
        twice = [doe, Sighting("species", "fox"), Sighting("species", "fox"), Sighting("unknown"), Sighting("person")]
        catalogue.review([1], Review.of(twice, "Ana", AT))
        catalogue.remark([1, 5], Remark("look; again", ("night",), "Eva", AT))
        catalogue.review([2], Review.of([Sighting("empty", box=box)], "Ben", AT, whole=False))
        catalogue.review([3], Review("species", "fox", "Ñandú", AT))
        catalogue.review([4], Review("empty", "", "Ana", AT))
        catalogue.remark([6], Remark("", ("print",), "Eva", AT))
    assert run(first, "--out", table) == 0
    assert main(["survey", "species", str(second), "--add", "Fox"]) == 0
    assert run(second, "--import", table) == 0
    assert all(one == (None, None) for one in said(second).values())
    assert run(second, "--import", table, "--apply") == 0
    assert said(second) == said(first)
    assert said(second)["e.jpg"] == (None, Remark("look; again", ("night",), "Eva", AT))
    again = tmp_path / "again.csv"
    assert run(second, "--out", again) == 0
    assert again.read_bytes() == table.read_bytes()
    assert run(second, "--undo") == 0
    assert all(one == (None, None) for one in said(second).values())


def test_a_name_of_no_species_is_refused_with_the_cure(
    tmp_path: Path, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    path, table = survey(tmp_path, model, "1.avistar"), tmp_path / "r.csv"
    table.write_text("file,review,count\ncam1/a.jpg,Genet,2\ncam1/b.jpg,wolf,\ncam1/c.jpg,genet,1\n", "utf-8")
    assert run(path, "--import", table, "--apply") == 1
    told = capsys.readouterr()
    assert "row 2: 'Genet' is none of the 30 species" in told.err
    assert (
        f"not in the survey's list: Genet, genet. Add them with `avistar survey species {path} --add NAME`" in told.err
    )
    assert "1 review stored" in told.out
    assert main(["survey", "species", str(path), "--add", "Genet"]) == 0
    assert run(path, "--import", table, "--apply", "--reviewer", "Ana") == 0
    review, _ = said(path)["cam1/a.jpg"]
    assert review is not None
    assert review.statement == (Sighting("species", "genet", 2),)
    assert review.reviewer == "Ana"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("a,wolf,,\na,empty,,", "row 3: it contradicts row 2"),
        ("a,empty,,\na,wolf,,", "row 3: it contradicts row 2"),
        ("a,wolf,,\na,wolf,,", "row 3: it repeats row 2"),
        ("a,wolf,Ana,\na,moose,Ben,", "row 3: it contradicts row 2"),
        ("a,wolf,,dark\na,moose,,bright", "row 3: it contradicts row 2"),
    ],
)
def test_rows_that_contradict_each_other_are_told(
    tmp_path: Path, model: Model, rows: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, table = survey(tmp_path, model, "1.avistar"), tmp_path / "r.csv"
    table.write_text("file,review,reviewer,comment\n" + rows.replace("a,", "e.jpg,", 1).replace("\na,", "\ne.jpg,"))
    assert run(path, "--import", table, "--apply", "--reviewer", "Eva") == 1
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("heading", ["file,review,count", "File,RelativePath,Species,Count"])
def test_what_is_wrong_with_a_row_is_told_in_spanish_too(
    tmp_path: Path, model: Model, heading: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, table = survey(tmp_path, model, "1.avistar"), tmp_path / "r.csv"
    between = "," if heading.startswith("file") else ",,"
    rows = [f"e.jpg{between}Genet,1", f'f.jpg{between}wolf,"1,5"']
    table.write_text("\n".join([heading, *rows]), "utf-8")
    assert run(path, "--import", table, "--language", "es") == 1
    told = capsys.readouterr().err
    assert "fila 2: 'Genet' no es ninguna de las 30 especies" in told
    assert "fila 3: un número de 1,5 no tiene sentido: indique un número entero, 1 o más" in told


def test_several_things_in_a_photo_are_rows_and_two_people_keep_their_words(tmp_path: Path, model: Model) -> None:
    path, table = survey(tmp_path, model, "1.avistar"), tmp_path / "r.csv"
    table.write_text(
        "file,review,reviewer\ne.jpg,wolf,Ana\ne.jpg,moose,Ben\nf.jpg,otter,Ana\ne.jpg,persona,Ana\n", "utf-8"
    )
    assert run(path, "--import", table, "--apply") == 0
    with Catalogue.read(path) as catalogue:
        assert catalogue.opinions(5) == {"Ana": {"wolf", "person"}, "Ben": {"moose"}}


def test_a_table_goes_to_timelapse_and_what_was_changed_there_comes_back(
    tmp_path: Path, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    path, table = survey(tmp_path, model, "s.avistar"), tmp_path / "ImageData.csv"
    with Catalogue.open(path) as catalogue:
        catalogue.review([1], Review.of([Sighting("species", "wolf", 2), Sighting("person")], "Ana", AT))
    assert main(["survey", "export", str(path), str(table), "--format", "timelapse"]) == 0
    assert "has a data label for each of: Species, Count, Species2" in capsys.readouterr().err
    lines = table.read_text("utf-8-sig").splitlines()
    assert lines[1].startswith("a.jpg,cam1,")
    lines[1] = lines[1].replace("wolf,2", "Moose,3").replace("Wolf,2", "Moose,3").replace(",false,", ",true,")
    table.write_text("\r\n".join(lines), "utf-8-sig")
    assert run(path, "--import", table) == 0
    assert "nothing was stored" in capsys.readouterr().out
    assert run(path, "--import", table, "--apply", "--reviewer", "Eva") == 0
    assert f"{len(PHOTOS) - 1} photos: nothing new" in capsys.readouterr().err
    review, remark = said(path)["cam1/a.jpg"]
    assert review is not None
    assert remark is not None
    assert (review.reviewer, [(one.kind, one.species, one.count) for one in review.statement]) == (
        "Eva",
        [("species", "moose", 3), ("person", "", None)],
    )
    assert remark.tags == ("delete",)
    assert [review for file, (review, _) in said(path).items() if file != "cam1/a.jpg"] == [None] * (len(PHOTOS) - 1)

"""A bundle is taught: what it learns, what it refuses, and what goes wrong on the way."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from adaptation_support import photo, write_photos
from avistar import BundleError, Classifier, ModelBundle, UsageError
from avistar.adaptation import derived_bundle
from avistar.adaptation.embedding_store import STORE_FILE, Role, read_store
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.material import MOST_PHOTOS, TaughtPhoto, _bounded, read_material, read_species_table
from avistar.adaptation.onnx_head import body_sha256
from avistar.adaptation.photo_views import Cancelled
from avistar.adaptation.session import NotBetter, plan_lesson, teach, writing_alone
from avistar.adaptation.suggestion import review_next
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from avistar.message import localized
from avistar.records import Box, Review, Sighting
from avistar.scan import Scan
from avistar.species import Species
from avistar.survey import identify_pending, open_survey, take_in

Keeping = Callable[[], KeptEmbeddings]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_photos(tmp_path / "reviewed", {"red_fox": 12, "Wild Boar": 12, "wolf": 6})


@pytest.fixture
def taught(base: ModelBundle, photos: Path, tmp_path: Path, keeping: Keeping) -> ModelBundle:
    return teach(plan_lesson([photos], base), kept=keeping()).write(tmp_path / "models" / "mine")


def test_new_species_are_learned_and_old_ones_not_forgotten(taught: ModelBundle, tmp_path: Path) -> None:
    with Classifier.open(taught.folder, "cpu") as classifier:
        for animal, id in (("red_fox", "red_fox"), ("Wild Boar", "wild_boar"), ("wolf", "wolf"), ("moose", "moose")):
            answers = [classifier.identify(photo(animal, 5000 + i)) for i in range(10)]
            assert sum(one.top(1)[0].species.id == id for one in answers) >= 9, animal


def test_below_the_last_layer_every_byte_is_the_base_s(base: ModelBundle, taught: ModelBundle) -> None:
    assert body_sha256(taught.checked("model.onnx")) == body_sha256(base.checked("model.onnx"))
    assert taught.damaged_files() == []


def test_the_bundle_tells_nobody_which_photos_it_saw(taught: ModelBundle, photos: Path) -> None:
    for name in taught.manifest.files:
        data = taught.checked(name)
        assert b"reviewed" not in data or name == "README.md"
        assert str(photos).encode() not in data
        assert b"000.png" not in data


def test_the_card_and_the_provenance_say_what_was_learned(base: ModelBundle, taught: ModelBundle) -> None:
    lesson = taught.manifest.provenance["taught"][0]
    assert lesson["species"] == {"red_fox": 12, "wild_boar": 12, "wolf": 6}
    assert lesson["base_sha256"] == base.sha256
    assert "| wild_boar | new | 12 |" in taught.checked("README.md").decode()


def test_a_taught_bundle_can_be_taught_again(taught: ModelBundle, tmp_path: Path, keeping: Keeping) -> None:
    more = write_photos(tmp_path / "more", {"red_fox": 10, "otter": 4}, first=7000)
    twice = teach(plan_lesson([more], taught), kept=keeping())
    if twice.verdict.passed:  # otherwise it gains nothing more, and says so
        written = twice.write(tmp_path / "models" / "twice")
        assert len(written.manifest.provenance["taught"]) == 2
    again = write_photos(tmp_path / "again", {"red_fox": 0})
    shutil.rmtree(again)
    store = read_store(taught)
    assert store is not None
    assert len(store.rows(Role.TAUGHT)) == 30


def test_the_same_photo_said_otherwise_later_counts_once(base: ModelBundle, tmp_path: Path) -> None:
    first = write_photos(tmp_path / "a", {"red_fox": 4})
    second = tmp_path / "b"
    shutil.copytree(first / "red_fox", second / "wolf")
    material = read_material([first, second], base.manifest.species)
    assert [one.species for one in material.photos] == ["wolf"] * 4


@pytest.mark.parametrize("name", ["WOLF", "Canis lupus", "lobo", "Ｗｏｌｆ"])
def test_an_old_species_by_any_of_its_names_is_no_new_one(base: ModelBundle, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "named"
    write_photos(folder, {"wolf": 3})
    (folder / "wolf").rename(folder / name)
    assert [one.id for one in read_material([folder], base.manifest.species).species] == ["wolf"]


def test_names_and_groups_of_new_species_come_from_a_table(base: ModelBundle, photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "species.csv"
    table.write_text("scientific,english,spanish,group\nVulpes vulpes,Red fox,Zorro rojo,canid\n", "utf-8")
    plan = plan_lesson([photos], base, listed=read_species_table(table))
    fox = next(one.species for one in plan.stock if one.new and one.species.english == "Red fox")
    assert (fox.id, fox.spanish, fox.group) == ("red_fox", "Zorro rojo", "canid")


@pytest.mark.parametrize("names", [("Ñandú", "Nandu"), ("deer (male)", "deer-male"), ("ciervo ♂", "ciervo ♀")])
def test_new_species_that_only_signs_tell_apart_are_refused_with_both(
    base: ModelBundle, tmp_path: Path, names: tuple[str, str]
) -> None:
    folder = tmp_path / "named"
    write_photos(folder, {"red_fox": 3, "Wild Boar": 3})
    for old, new in zip(("red_fox", "Wild Boar"), names, strict=True):
        (folder / old).rename(folder / new)
    lists = [tmp_path / "names.txt", tmp_path / "table.csv"]
    for file, head in zip(lists, ("", "english\n"), strict=True):
        file.write_text(head + "\n".join(names), "utf-8")
    for read in (
        lambda: read_material([folder], base.manifest.species),
        lambda: read_species_table(lists[0]),
        lambda: read_species_table(lists[1]),
    ):
        with pytest.raises(UsageError, match="differ only in accents") as caught:
            read()
        assert all(name in str(caught.value) for name in names)


def test_new_species_keep_every_letter_of_their_names(base: ModelBundle, tmp_path: Path) -> None:
    folder, names = tmp_path / "named", ("Oso หมี", "Oso หมู", "Ñandú")
    write_photos(folder, {"red_fox": 3, "Wild Boar": 3, "otter": 3})
    for old, new in zip(("red_fox", "Wild Boar", "otter"), names, strict=True):
        (folder / old).rename(folder / new)
    material = read_material([folder], base.manifest.species)
    assert {one.id for one in material.species} == {"oso_หมี", "oso_หมู", "ñandú"}


def test_what_is_too_little_is_said_before_anything_is_learned(base: ModelBundle, tmp_path: Path) -> None:
    few = write_photos(tmp_path / "few", {"red_fox": 2, "wolf": 3})
    plan = plan_lesson([few], base)
    fox = next(one for one in plan.stock if one.species.id == "red_fox")
    assert fox.new
    assert fox.lacking == "2 of 3 photos needed"
    assert {one.species for one in plan.material.photos} == {"wolf"}
    assert "all photos are of one species: what else is here can't be learned" in plan.warnings


def test_nothing_but_too_little_is_an_error(base: ModelBundle, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too little to learn from: red fox: 1 of 3 photos needed"):
        plan_lesson([write_photos(tmp_path / "one", {"red_fox": 1})], base)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(UsageError, match="no reviewed photo"):
        plan_lesson([tmp_path / "nothing"], base)


def test_a_lesson_that_gains_nothing_is_refused_and_leaves_no_trace(
    base: ModelBundle, tmp_path: Path, keeping: Keeping
) -> None:
    known = write_photos(tmp_path / "known", {"wolf": 8, "otter": 8})
    outcome = teach(plan_lesson([known], base), kept=keeping())
    with pytest.raises(NotBetter, match="nothing was written \\(gain"):
        outcome.write(tmp_path / "models" / "mine")
    assert not (tmp_path / "models").exists()


def test_photos_said_to_be_what_they_are_not_are_refused(base: ModelBundle, tmp_path: Path, keeping: Keeping) -> None:
    wrong = write_photos(tmp_path / "wrong", {"wolf": 30, "otter": 30})
    (wrong / "wolf").rename(wrong / "x")
    (wrong / "otter").rename(wrong / "wolf")
    (wrong / "x").rename(wrong / "otter")
    outcome = teach(plan_lesson([wrong], base), kept=keeping())
    assert not outcome.verdict.passed


def test_near_duplicates_with_two_names_are_pointed_out(base: ModelBundle, tmp_path: Path, keeping: Keeping) -> None:
    folder = write_photos(tmp_path / "twice", {"red_fox": 6, "wolf": 6})
    photo("red_fox", 1000).resize((80, 64)).save(folder / "wolf" / "same.png")
    outcome = teach(plan_lesson([folder], base), kept=keeping())
    said = [one for one in outcome.warnings if "look alike, but are reviewed as" in one]
    assert said
    assert all(one.endswith(("reviewed as red fox and wolf", "reviewed as wolf and red fox")) for one in said)
    assert all("lobo" in localized(one, "es") for one in said)


def test_a_bundle_without_embeddings_keeps_its_species_and_needs_proof(
    without_embeddings: ModelBundle, photos: Path, tmp_path: Path, keeping: Keeping
) -> None:
    plan = plan_lesson([photos], without_embeddings)
    assert any("carries no embeddings: only new species are added" in one for one in plan.warnings)
    outcome = teach(plan, kept=keeping())
    assert (outcome.lesson.learned.head.kernel[:, :30] == plan.base.head.kernel).all()
    with pytest.raises(NotBetter, match="proof"):
        outcome.write(tmp_path / "mine")


def test_damaged_embeddings_are_named(base: ModelBundle, photos: Path, tmp_path: Path) -> None:
    shutil.copytree(base.folder, tmp_path / "damaged")
    (tmp_path / "damaged" / STORE_FILE).write_bytes(b"nothing")
    with pytest.raises(BundleError, match=r"embeddings.npz is not the file that the manifest lists"):
        plan_lesson([photos], ModelBundle.open(tmp_path / "damaged"))


def test_a_photo_that_is_gone_since_its_review_is_counted_and_left_out(
    base: ModelBundle, photos: Path, keeping: Keeping
) -> None:
    plan = plan_lesson([photos], base)
    (photos / "red_fox" / "000.png").unlink()
    outcome = teach(plan, kept=keeping())
    assert len(outcome.views.photos) == 29
    assert any(one.startswith("1 photos can't be read, such as") for one in outcome.warnings)


def test_a_full_disk_leaves_what_was_there(
    base: ModelBundle, photos: Path, tmp_path: Path, keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = teach(plan_lesson([photos], base), kept=keeping())
    outcome.write(tmp_path / "mine")
    before = ModelBundle.open(tmp_path / "mine").sha256

    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(derived_bundle, "encode_store", full)
    with pytest.raises(Exception, match="No space left on device"):
        outcome.write(tmp_path / "mine")
    assert ModelBundle.open(tmp_path / "mine").sha256 == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_cancelled_lesson_ends_with_nothing(base: ModelBundle, photos: Path, keeping: Keeping) -> None:
    with pytest.raises(Cancelled):
        teach(plan_lesson([photos], base), cancelled=lambda: True, kept=keeping())


def test_two_lessons_don_t_write_to_one_place_at_once(tmp_path: Path) -> None:
    with writing_alone(tmp_path / "mine"), pytest.raises(UsageError, match="another lesson is being written"), \
            writing_alone(tmp_path / "mine"):  # fmt: skip
        raise AssertionError("both wrote")
    with writing_alone(tmp_path / "mine"):
        assert (tmp_path / ".mine.lesson").exists()
    assert not (tmp_path / ".mine.lesson").exists()


def test_a_killed_lesson_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from avistar.adaptation.session import writing_alone\n"
        "with writing_alone(Path(sys.argv[1])): os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "mine")], check=False,
                   env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    with writing_alone(tmp_path / "mine"):
        pass


def test_many_reviewed_photos_are_cut_to_what_fits_evenly() -> None:
    photos = [TaughtPhoto("", "wolf" if i % 50 else "moose", f"g{i % 70}", "", str(i)) for i in range(MOST_PHOTOS * 2)]
    kept = _bounded(photos)
    assert len(kept) == MOST_PHOTOS
    assert sum(one.species == "moose" for one in kept) == len(photos) // 50


def test_kept_embeddings_are_found_again_and_a_broken_file_costs_only_time(tmp_path: Path) -> None:
    row = np.arange(6, dtype=np.float32)
    kept = KeptEmbeddings(tmp_path / "kept.sqlite")
    kept.keep({"a": row})
    kept.close()
    again = KeptEmbeddings(tmp_path / "kept.sqlite")
    assert (again.find(["a", "b"])["a"] == row).all()
    again.close()
    (tmp_path / "broken.sqlite").write_bytes(b"no database" * 500)
    broken = KeptEmbeddings(tmp_path / "broken.sqlite")
    broken.keep({"a": row})
    assert broken.find(["a"]) == {}
    broken.close()


def test_a_survey_teaches_what_people_said(base: ModelBundle, tmp_path: Path, keeping: Keeping) -> None:
    card = tmp_path / "card"
    write_photos(card, {"red_fox": 4, "wolf": 8, "otter": 8, "moose": 2})
    file = tmp_path / "card.avistar"
    with Classifier.open(base.folder, "cpu") as classifier, open_survey(file, [str(card)], classifier) as catalogue:
        take_in(catalogue, Scan([str(card)]))
        for _ in identify_pending(catalogue, classifier):
            pass
        _review(catalogue, "wolf/", "species", "otter")  # a person sees it otherwise
        _review(catalogue, "otter/", "species", "otter")
        _review(catalogue, "moose/", "unknown", "")
        (card / "otter" / "000.png").unlink()
    plan = plan_lesson([file], base)
    assert [(one.species.id, one.photos) for one in plan.stock] == [("otter", 15)]
    assert any("1 reviewed photo isn't where it was" in one for one in plan.warnings)
    assert any("2 photos were reviewed as unknown" in one for one in plan.warnings)


def test_species_that_people_added_persons_and_boxes_are_learned_from(base: ModelBundle, tmp_path: Path) -> None:
    card = write_photos(tmp_path / "card", {"red_fox": 3, "wolf": 2})
    with (
        Classifier.open(base.folder, "cpu") as classifier,
        open_survey(tmp_path / "card.avistar", [str(card)], classifier) as catalogue,
    ):
        take_in(catalogue, Scan([str(card)]))
        for _ in identify_pending(catalogue, classifier):
            pass
        fox = catalogue.species.add([Species("", "Red fox", "Zorro rojo", "Vulpes vulpes", "canid")], "Ana")[0]
        at = datetime(2026, 5, 1, tzinfo=UTC)
        rows = catalogue.rows(catalogue.ids())
        foxes = [row.id for row in rows if row.relative.startswith("red_fox/")]
        wolves = [row.id for row in rows if row.relative.startswith("wolf/")]
        catalogue.review(foxes, Review("species", fox.id, "Ana", at))
        left, right = Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 0.5, 1.0, "person")
        both = [Sighting("species", "wolf", box=left), Sighting("person", box=right)]
        catalogue.review(wolves[:1], Review.of(both, "Ana", at))
        catalogue.review(wolves[1:], Review.of([Sighting("species", "wolf"), Sighting("person")], "Ana", at))
    material = read_material([tmp_path / "card.avistar"], base.manifest.species)
    named = {one.id: (one.spanish, one.group) for one in material.species}
    assert named[fox.id] == ("Zorro rojo", "canid")
    assert sorted((one.species, one.box) for one in material.photos if one.box) == [("person", right), ("wolf", left)]
    assert any("1 photo shows several things and no boxes where" in note for note in material.notes)


def test_a_survey_tells_what_to_review_next(base: ModelBundle, tmp_path: Path) -> None:
    card = write_photos(tmp_path / "card", {"red_fox": 3, "wolf": 4})
    with (
        Classifier.open(base.folder, "cpu") as classifier,
        open_survey(tmp_path / "card.avistar", [str(card)], classifier) as catalogue,
    ):
        take_in(catalogue, Scan([str(card)]))
        for _ in identify_pending(catalogue, classifier):
            pass
        _review(catalogue, "wolf/", "species", "wolf")
        foxes = {row.id for row in catalogue.rows(catalogue.ids()) if row.relative.startswith("red_fox/")}
        assert set(review_next(catalogue, 10)) <= foxes
        assert review_next(catalogue, 1)
        _review(catalogue, "red_fox/", "unknown", "")
        assert review_next(catalogue, 10) == []


def _review(catalogue: Catalogue, prefix: str, verdict: str, species: str) -> None:
    ids = [row.id for row in catalogue.rows(catalogue.ids()) if row.relative.startswith(prefix)]
    catalogue.review(ids, Review(verdict, species, "Ana", datetime(2026, 5, 1, tzinfo=UTC)))  # type: ignore[arg-type]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.adaptation.kept_embeddings.user_cache_path", lambda _: tmp_path / "cache")


@pytest.mark.usefixtures("cache")
def test_the_command_writes_a_bundle_and_says_what_it_gained(
    base: ModelBundle, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    arguments = ["teach", str(photos), "--base", str(base.folder), "--out", str(out)]
    assert main([*arguments, "--language", "en"]) == 0
    said = capsys.readouterr()
    assert "Red fox: " in said.out
    assert "red_fox" not in said.out + said.err
    assert "is written: 32 species" in said.err
    assert main([*arguments, "--language", "es", "--plan"]) == 0
    assert "no se aprendió nada" in capsys.readouterr().err


@pytest.mark.usefixtures("cache")
def test_the_command_ends_with_3_where_nothing_is_better(
    base: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = write_photos(tmp_path / "known", {"wolf": 8, "otter": 8})
    assert main(["teach", str(known), "--base", str(base.folder), "--out", str(tmp_path / "mine")]) == 3
    assert not (tmp_path / "mine").exists()
    assert capsys.readouterr().err


def test_a_taught_bundle_is_measured_and_listed_as_any(
    base: ModelBundle, taught: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = write_photos(tmp_path / "judged", {"red_fox": 6, "wolf": 6}, first=40_000)
    both = ["--model", str(taught.folder), "--device", "cpu", "--json"]
    assert main(["evaluate", str(photos), *both]) == 0
    report = json.loads(capsys.readouterr().out)["report"]
    assert report["photos"] == 12
    assert report["top1"] > 0.9
    assert main(["models", str(taught.folder), "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["name"], listed["intact"], listed["species"]) == ("mine", True, len(base.manifest.species) + 2)


def test_a_species_of_one_day_is_named_and_one_that_is_left_out_is_not(base: ModelBundle, tmp_path: Path) -> None:
    from avistar.adaptation import session

    material = read_material([write_photos(tmp_path / "two", {"wolf": 3, "red_fox": 3})], base.manifest.species)
    fox = next(one for one in material.species if one.id == "red_fox")
    only = replace(material, species=(fox,))
    said = session._warnings(session.BaseModel.of(base), only, Counter({"red_fox": 1, "empty": 1}))
    assert "of one camera's day only, so judged by the base's knowledge alone: red fox" in said

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from avistar.catalogue import Catalogue
from avistar.cli.main import main
from avistar.errors import UsageError
from avistar.summary import layout, pictures, summarised, wording, write_report
from avistar.summary.effort import CameraFigures
from summary_support import photo, survey


class Page(HTMLParser):
    """Tags that are closed in the order in which they were opened."""

    VOID = ("meta", "line", "rect", "circle", "polyline", "polygon", "path")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href")]
        if tag not in self.VOID or tag in ("rect", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in self.VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    hours = [photo(f"<b>/{i}.jpg", f"2026-05-{1 + i:02}T0{i % 7}:00:00", place=(40.0, -3.0)) for i in range(12)]
    far = photo("far/1.jpg", "2026-06-20T12:00:00", "moose", place=(40.1, -3.1))
    survey(tmp_path / "s.avistar", [*hours, far, photo("none/1.jpg")]).close()
    return tmp_path / "s.avistar"


def page(path: Path, catalogue: Path, language: str = "en") -> str:
    with Catalogue.read(catalogue) as opened:
        summary = summarised(opened)
    assert summary is not None
    write_report(summary, path, "es" if language == "es" else "en")
    return path.read_text("utf-8")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_report_is_one_page_that_fetches_nothing(tmp_path: Path, catalogue: Path, language: str) -> None:
    text = page(tmp_path / "r.html", catalogue, language)
    parsed = Page(text)
    assert parsed.addresses
    assert all(address.startswith("data:text/csv") for address in parsed.addresses)
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert "&lt;b&gt;" in text
    assert "<b>/" not in text


def test_a_report_in_spanish_speaks_no_english(tmp_path: Path, catalogue: Path) -> None:
    text = page(tmp_path / "r.html", catalogue, "es")
    assert "Especies y eventos" in text
    assert "Lobo" in text
    assert not re.search(
        r"\b(the|events|photos|Wolf|camera)\b", re.sub(r"data:[^\"]+|<style>.*</style>|\.csv|\w+\.csv", "", text)
    )


def test_a_survey_of_nothing_says_so(tmp_path: Path) -> None:
    survey(tmp_path / "s.avistar", []).close()
    text = page(tmp_path / "r.html", tmp_path / "s.avistar")
    Page(text)
    assert "holds no photos yet" in text


def test_what_lacks_times_and_coordinates_says_how_to_give_them(tmp_path: Path) -> None:
    survey(tmp_path / "s.avistar", [photo("a/1.jpg"), photo("a/2.jpg")]).close()
    text = page(tmp_path / "r.html", tmp_path / "s.avistar")
    assert "No photo has a time" in text
    assert "<code>avistar survey deployments</code>" in text


def test_a_report_that_is_there_stays_unless_told_otherwise(tmp_path: Path, catalogue: Path) -> None:
    (tmp_path / "r.html").write_text("mine")
    with pytest.raises(UsageError, match=r"r\.html"):
        page(tmp_path / "r.html", catalogue)


def camera(latitude: float | None, longitude: float | None, name: str = "a") -> CameraFigures:
    return CameraFigures(name, name, "", latitude, longitude, None, None, False, 1, 0, 0, 0, {})


def test_the_map_is_true_to_scale_in_its_middle() -> None:
    drawn = layout.camera_map([camera(60.0, 10.0), camera(60.0, 10.2), camera(None, None)])
    assert drawn is not None
    one, other = drawn.places
    degree = 6_371_008.8 * 3.141592653589793 / 180
    assert other.x - one.x == pytest.approx(0.2 * degree / 2)  # cos 60° is a half
    assert (one.y, other.y) == (0, 0)


def test_the_map_joins_what_the_180th_meridian_parts() -> None:
    drawn = layout.camera_map([camera(0.0, 179.9), camera(0.0, -179.9)])
    assert drawn is not None
    assert drawn.half_width == pytest.approx(0.1 * 111_195, rel=1e-3)
    assert abs(drawn.longitude) == pytest.approx(180)


def test_cameras_at_one_place_and_none_at_all() -> None:
    drawn = layout.camera_map([camera(1.0, 1.0), camera(1.0, 1.0)])
    assert drawn is not None
    assert (drawn.half_width, drawn.half_height) == (200, 200)
    assert layout.camera_map([camera(None, None)]) is None


@pytest.mark.parametrize(("most", "length"), [(999, 500), (1000, 1000), (2500, 2000), (0.7, 0.5), (5.1, 5)])
def test_a_scale_bar_has_a_round_length(most: float, length: float) -> None:
    assert layout.scale_bar(most) == pytest.approx(length)


def test_circles_grow_by_area() -> None:
    small, large = pictures.circle_radius(25, 100) - 5, pictures.circle_radius(100, 100) - 5
    assert large == pytest.approx(2 * small)


def test_few_dates_stand_below_an_axis() -> None:
    ticks = layout.date_ticks(date(2026, 1, 15), 90, 12)
    assert [day for _, day in ticks] == [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)]
    assert ticks[0][0] == 17


@pytest.mark.parametrize(("part", "whole", "said"), [(0, 0, "0"), (1, 1000, "1"), (999, 1000, "99"), (3, 3, "100")])
def test_shares_are_rounded_honestly(part: int, whole: int, said: str) -> None:
    assert wording.share(part, whole) == f"{said}\u00a0%"


def run(catalogue: Path, *arguments: object) -> int:
    return main(["survey", "summary", str(catalogue), "--language", "en", *map(str, arguments)])


def test_the_command_tells_and_writes(tmp_path: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(catalogue) == 0
    assert "13 independent events" in capsys.readouterr().out
    assert run(catalogue, "--out", tmp_path / "r.html", "--csv", tmp_path / "t") == 0
    assert len(list((tmp_path / "t").iterdir())) == 9
    assert run(catalogue, "--csv", tmp_path / "t") == 2
    assert run(catalogue, "--csv", tmp_path / "t", "--overwrite") == 0


def test_the_command_takes_species_by_any_name(tmp_path: Path, catalogue: Path) -> None:
    out = tmp_path / "r.html"
    assert run(catalogue, "--out", out, "--species", "Alce") == 0
    activity = out.read_text("utf-8").split("Activity over the day")[1].split("</section>")[0]
    assert "Moose" in activity
    assert "Wolf" not in activity


def test_the_command_refuses_what_is_no_page(
    tmp_path: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(catalogue, "--out", tmp_path / "r.pdf") == 2
    assert ".html" in capsys.readouterr().err

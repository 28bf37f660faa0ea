"""Reviewing 100 photos of which 90 are answered right: key presses, seconds of program time, key press to next picture.

    python benchmarks/gui_review.py [--photos 100] [--megapixels 12] [--look 0.3]

The real window offscreen, real key events, generated JPEGs, and a classifier that answers by the photo's brightness:
right in nine of ten; the truth is its second species in six of the ten errors, its third in two, none of the three in
two; eight errors are among the least sure third, two are sure of themselves. The reviewer is never wrong, waits for
each picture and looks at it for a moment, in which the program reads ahead; the seconds are without that. After each
way of reviewing, the catalogue is read from the disk: one review for each photo, each saying the truth.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from PySide6.QtCore import Qt

    from avistar import Classifier, Outputs
    from avistar_gui.app import App
    from avistar_gui.identify.controller import IdentifyController

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("runtime", "gui", "tests", "scripts", "benchmarks")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
FIRST_LEVEL = 20


@dataclass(frozen=True, slots=True)
class Photo:
    """What a photo shows, and what is answered: three species by their numbers, and the margin of the first."""

    truth: int
    ranked: tuple[int, int, int]
    margin: float


def plan(number: int) -> list[Photo]:
    """Nine of ten right; errors where they are in practice: mostly among the unsure."""
    import numpy as np

    rng = np.random.default_rng(7)
    margins = np.linspace(2.2, 7.0, number)
    third = number // 3
    errors = [*rng.choice(third, number * 8 // 100, replace=False), *(third + rng.choice(number - third, number // 50))]
    photos = []
    for place in range(number):
        first, second, last, other = (int(one) for one in rng.choice(30, 4, replace=False))
        truth = first
        if place in errors:
            turn = errors.index(place) % 10
            truth = second if turn < 6 else last if turn < 8 else other
        photos.append(Photo(truth, (first, second, last), float(margins[place])))
    return [photos[index] for index in rng.permutation(number)]


def write(photos: list[Photo], folder: Path, megapixels: float) -> None:
    """JPEGs whose brightness says which of `photos` they are."""
    from PIL import Image

    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    for number in range(len(photos)):
        level = FIRST_LEVEL + 2 * number
        Image.new("RGB", (width, width * 3 // 4), (level, level, level)).save(folder / f"IMG_{number:04}.jpg")


def answering(photos: list[Photo]) -> Callable[[np.ndarray], Outputs]:
    """Answers as planned for each photo, by its brightness."""
    import numpy as np

    from avistar import Outputs

    def answer(images: np.ndarray) -> Outputs:
        logits = np.full((len(images), 30), -4.0, np.float32)
        levels = images.reshape(len(images), -1).mean(axis=1)
        for row, level in enumerate(levels):
            photo = photos[round((level - FIRST_LEVEL) / 2)]
            logits[row, list(photo.ranked)] = (photo.margin, 0.5, 0.0)
        return Outputs(logits, np.zeros((len(images), 4), np.float32))

    return answer


@dataclass
class Reviewer:
    """Presses keys as a person would who is never wrong, and counts them."""

    app: App
    photos: list[Photo]
    look_s: float = 0.0
    presses: int = 0
    looked_s: float = 0.0
    waits_ms: list[float] = field(default_factory=list)

    @property
    def controller(self) -> IdentifyController:
        """The screen."""
        return self.app.identify

    def press(self, key: Qt.Key, *, control: bool = False, goes_on: bool = False) -> None:
        """One key, and if it goes on to another photo, wait for its picture."""
        from PySide6.QtCore import QEventLoop, Qt, QTimer
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QApplication
        from screenshots import pause

        self.presses += 1
        loop, started = QEventLoop(), time.perf_counter()
        connection = self.controller.single.loader.loaded.connect(lambda _: loop.quit())
        modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        grid = self.controller.page.grid
        before = grid.currentIndex().row()
        shown: list[bool] = []
        self.controller.single.loader.loaded.connect(shown.append)
        QTest.keyClick(grid, key, modifier)
        if goes_on and grid.currentIndex().row() != before:
            if not shown:
                QTimer.singleShot(5000, loop.quit)
                loop.exec()
            QApplication.processEvents()  # paints what changed
            self.waits_ms.append((time.perf_counter() - started) * 1000)
            looking = time.perf_counter()
            pause(round(self.look_s * 1000))
            self.looked_s += time.perf_counter() - looking
        self.controller.single.loader.loaded.disconnect(connection)
        self.controller.single.loader.loaded.disconnect(shown.append)

    def photo(self) -> Photo:
        """The one under the cursor, which the reviewer sees."""
        shown = self.controller.photos.photo(self.controller.page.grid.currentIndex().row())
        assert shown is not None
        return self.photos[int(Path(shown.path).stem.removeprefix("IMG_"))]

    def correct(self) -> None:
        """Say what the photo under the cursor shows, and be on the next one."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from screenshots import pause

        from avistar.species import known_species
        from avistar_gui.identify.species_dialog import SpeciesDialog

        photo = self.photo()
        if photo.truth in photo.ranked:
            keys = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
            self.press(keys[photo.ranked.index(photo.truth)], goes_on=True)
            return
        self.press(Qt.Key.Key_R)
        dialog = next(one for one in self.controller.page.findChildren(SpeciesDialog) if one.isVisible())
        wanted = known_species()[photo.truth]
        for letter in wanted.english.lower():
            QTest.keyClicks(dialog.text, letter)
            self.presses += 1
            if dialog.list.count() == 1 or dialog.list.currentItem().text().startswith(wanted.english):
                break
        QTest.keyClick(dialog.text, Qt.Key.Key_Return)
        self.presses += 1
        pause(1)

    def walk_to(self, row: int) -> None:
        """Go to `row` by arrow keys, whole rows at a time."""
        from PySide6.QtCore import Qt

        grid = self.controller.page.grid
        columns = max(1, (grid.viewport().width() - 2) // grid.gridSize().width())
        while grid.currentIndex().row() != row:
            away = row - grid.currentIndex().row()
            if abs(away) >= columns:
                self.press(Qt.Key.Key_Down if away > 0 else Qt.Key.Key_Up, goes_on=True)
            else:
                self.press(Qt.Key.Key_Right if away > 0 else Qt.Key.Key_Left, goes_on=True)


def one_by_one(reviewer: Reviewer) -> None:
    """A key for each photo."""
    for _ in reviewer.photos:
        reviewer.correct()


def errors_then_the_rest(reviewer: Reviewer) -> None:
    """Look at the tiles, correct what is wrong, then accept all others in one step."""
    from PySide6.QtCore import Qt

    controller = reviewer.controller
    for row in range(len(reviewer.photos)):
        shown = controller.photos.photo(row)
        assert shown is not None
        photo = reviewer.photos[int(Path(shown.path).stem.removeprefix("IMG_"))]
        if photo.truth != photo.ranked[0] or shown.row.decision != "species":
            reviewer.walk_to(row)
            reviewer.correct()
    reviewer.press(Qt.Key.Key_A, control=True)
    reviewer.press(Qt.Key.Key_V)


@dataclass(frozen=True, slots=True)
class Way:
    """How photos are reviewed: in which order, by which keys."""

    name: str
    order: str
    review: Callable[[Reviewer], None]


WAYS = (
    Way("a key for each, as listed", "listed", one_by_one),
    Way("a key for each, least sure first", "least_sure", one_by_one),
    Way("errors, then V for the rest, least sure first", "least_sure", errors_then_the_rest),
    Way("errors, then V for the rest, as listed", "listed", errors_then_the_rest),
)


def measured(way: Way, photos: list[Photo], model: Classifier, *, folder: Path, look_s: float) -> None:
    """Review all `photos` of `folder` in a new survey and print what it took."""
    from PySide6.QtCore import QSettings
    from screenshots import wait_until

    from avistar.catalogue import Catalogue, Query
    from avistar.species import known_species
    from avistar_gui.app import App, application
    from avistar_gui.settings import Settings

    temporary = folder.parent / way.name.replace(" ", "_")
    settings = Settings(QSettings(str(temporary / "s.ini"), QSettings.Format.IniFormat))
    settings.surveys_folder, settings.language, settings.reviewer = str(temporary), "en", "Ana"
    app = App(application(), lambda _: model, settings)
    app.window.resize(1280, 800)
    app.start([str(folder)])
    controller, number = app.identify, len(photos)
    wait_until(lambda: controller.session.progress.done == number and not controller.session.running)
    controller.session.ask(Query(order=way.order))
    wait_until(lambda: controller.photos.rowCount() == number)
    controller.page.grid.choose(0)
    wait_until(lambda: controller.photos.photo(0) is not None)
    reviewer, started = Reviewer(app, photos, look_s), time.perf_counter()
    way.review(reviewer)
    wait_until(lambda: controller.session.counts.reviewed == number)
    seconds = time.perf_counter() - started - reviewer.looked_s - 0.15  # what `wait_until` pauses at its end
    species = [one.id for one in known_species()]
    with Catalogue.read(controller.session.survey_path) as catalogue:
        said = {Path(row.path).stem: row for row in catalogue.rows(catalogue.ids())}
        rows = [said[f"IMG_{index:04}"] for index in range(number)]
        once = all(len(catalogue.reviews(row.id)) == 1 for row in rows)
    right = sum(
        row.verdict == "species" and row.finding == species[p.truth] for row, p in zip(rows, photos, strict=True)
    )
    waits, true = reviewer.waits_ms, f"{right} of {number} true, one review each: {'yes' if once else 'NO'}"
    pictures = f"median {statistics.median(waits):4.0f} ms, worst {max(waits):4.0f} ms"
    print(f"{way.name:<46} {reviewer.presses:4} presses {seconds:6.1f} s   next picture: {pictures}   on disk: {true}")
    app.window.close()
    app.finish()


def main() -> None:
    """Measure and print."""
    from avistar import Classifier, FunctionBackend
    from avistar.manifest import Calibration
    from support import tiny_bundle

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--look", type=float, default=0.3, help="seconds for which each picture is looked at")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "card")
        folder.mkdir()
        photos = plan(options.photos)
        write(photos, folder, options.megapixels)
        bundle = tiny_bundle(Path(name, "tiny"))
        for way in WAYS:
            model = Classifier(bundle, FunctionBackend(answering(photos), "cpu · planned"), Calibration())
            measured(way, photos, model, folder=folder, look_s=options.look)


if __name__ == "__main__":
    main()

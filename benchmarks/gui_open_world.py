"""Reviewing 100 photos of the open world: key presses, seconds of program time, key press to next picture.

    python benchmarks/gui_open_world.py [--megapixels 12] [--look 0.3]

90 photos hold one animal that the model knows, 5 one that it doesn't (red foxes and roe deer), 3 two animals, 2 a
person. The real window offscreen, real key events, generated JPEGs, and a classifier that answers by brightness: of
the 90 it is right in nine of ten, as in `gui_review.py`; foxes, deer and persons look like nothing that it knows; of
two animals it names one and is sure. The reviewer is never wrong and looks at the tiles: least sure first, corrects
what is wrong, adds what is missing, and accepts all the rest as one step. Afterwards the catalogue is read from the
disk: every photo says what is there, neither more nor less.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from gui_review import Photo, Reviewer, answering, write

KNOWN, STRANGE, DOUBLE, PERSONS = 90, 5, 3, 2
UNSURE = 0.6
"""The margin of an answer to what the model doesn't know: it names no species."""


@dataclass(frozen=True, slots=True)
class Scene(Photo):
    """A photo, and everything that is in it by the ids under which the survey has it."""

    there: tuple[str, ...] = ()


def plan() -> list[Scene]:
    """100 scenes in random order; the same ones each time."""
    import numpy as np

    from avistar.species import known_species

    rng = np.random.default_rng(11)
    ids = [one.id for one in known_species()]
    scenes = []
    margins = np.linspace(2.2, 7.0, KNOWN)
    errors = [*rng.choice(KNOWN // 3, 7, replace=False), *(KNOWN // 3 + rng.choice(2 * KNOWN // 3, 2, replace=False))]
    for place in range(KNOWN):
        first, second, last, other = (int(one) for one in rng.choice(30, 4, replace=False))
        turn = errors.index(place) if place in errors else -1
        truth = first if turn < 0 else second if turn < 5 else last if turn < 7 else other
        scenes.append(Scene(truth, (first, second, last), float(margins[place]), (ids[truth],)))
    strangers = ["red_fox"] * 3 + ["roe_deer"] * 2 + ["person"] * PERSONS
    for stranger in strangers:
        ranked = tuple(int(one) for one in rng.choice(30, 3, replace=False))
        scenes.append(Scene(-1, (ranked[0], ranked[1], ranked[2]), UNSURE, (stranger,)))
    for number in range(DOUBLE):
        first, second, last = (int(one) for one in rng.choice(30, 3, replace=False))
        beside = ("red_fox", "roe_deer", ids[second])[number]
        scenes.append(Scene(first, (first, second, last), 6.0, (ids[first], beside)))
    return [scenes[index] for index in rng.permutation(len(scenes))]


NAMES = {"red_fox": "Red fox", "roe_deer": "Roe deer"}


class OpenReviewer(Reviewer):
    """Says everything that is there."""

    def scene(self, row: int) -> Scene:
        """What the photo in a row of the grid shows."""
        shown = self.controller.photos.photo(row)
        assert shown is not None
        scene = self.photos[int(Path(shown.path).stem.removeprefix("IMG_"))]
        assert isinstance(scene, Scene)
        return scene

    def right(self, row: int) -> bool:
        """Whether what is answered is all that is there."""
        shown, scene = self.controller.photos.photo(row), self.scene(row)
        assert shown is not None
        return shown.row.decision == "species" and scene.there == (shown.row.decided,)

    def correct(self) -> None:
        """Say what the photo under the cursor shows, and be on the next one."""
        from PySide6.QtCore import Qt

        scene = self.scene(self.controller.page.grid.currentIndex().row())
        if len(scene.there) > 1:
            self.press(Qt.Key.Key_Y)
        self.name(scene.there[-1], scene)

    def name(self, what: str, scene: Scene) -> None:
        """The shortest way to a name: a card's digit, a favourite's key, or its letters."""
        from PySide6.QtCore import Qt

        from avistar.species import known_species
        from avistar_gui.identify.thing_list import FAVOURITE_KEYS

        ids = [known_species()[one].id for one in scene.ranked]
        favourites = self.controller.reviewing.favourites.all
        if what == "person":
            self.press(Qt.Key.Key_H, goes_on=True)
        elif what in ids:
            self.press((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)[ids.index(what)], goes_on=True)
        elif what in favourites:
            self.press(Qt.Key(ord(FAVOURITE_KEYS[favourites.index(what)])), goes_on=True)
        else:
            self.type_name(what)

    def type_name(self, what: str) -> None:
        """R and letters until the list stands at the name."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from screenshots import pause, wait_until

        from avistar.species import known_species
        from avistar_gui.identify.species_dialog import SpeciesDialog

        english = NAMES.get(what) or next(one.english for one in known_species() if one.id == what)
        self.press(Qt.Key.Key_R)
        dialog = next(one for one in self.controller.page.findChildren(SpeciesDialog) if one.isVisible())
        for letter in english.lower():
            QTest.keyClicks(dialog.text, letter)
            self.presses += 1
            current = dialog.list.currentItem()
            if current is not None and current.text().startswith(english):
                break
        before = len(self.controller.reviewing.favourites.all)
        QTest.keyClick(dialog.text, Qt.Key.Key_Return)
        self.presses += 1
        if what in NAMES:  # a person reads on meanwhile: the name has a key once it is stored
            wait_until(lambda: len(self.controller.reviewing.favourites.all) > before)
        pause(1)

    def walk_to(self, row: int) -> None:
        """Go to `row` by arrow keys and whole pages."""
        from PySide6.QtCore import Qt

        grid = self.controller.page.grid
        columns = max(1, (grid.viewport().width() - 2) // grid.gridSize().width())
        page = columns * max(1, grid.viewport().height() // grid.gridSize().height())
        while grid.currentIndex().row() != row:
            away = row - grid.currentIndex().row()
            if away >= page:
                self.press(Qt.Key.Key_PageDown, goes_on=True)
            elif abs(away) >= columns:
                self.press(Qt.Key.Key_Down if away > 0 else Qt.Key.Key_Up, goes_on=True)
            else:
                self.press(Qt.Key.Key_Right if away > 0 else Qt.Key.Key_Left, goes_on=True)

    def review(self) -> None:
        """Correct what is not right, row by row, then accept all others in one step."""
        from PySide6.QtCore import Qt

        for row in range(len(self.photos)):
            if not self.right(row):
                self.walk_to(row)
                self.correct()
        self.press(Qt.Key.Key_A, control=True)
        self.press(Qt.Key.Key_V)


def true_photos(path: str, scenes: list[Scene]) -> int:
    """How many photos of the catalogue say all that is there and nothing else."""
    from avistar.catalogue import Catalogue
    from avistar.standing import standing_of

    with Catalogue.read(path) as catalogue:
        ours = {one.english.lower().replace(" ", "_"): one.id for one in catalogue.species.own().values()}
        right = 0
        for record in catalogue.records():
            scene = scenes[int(Path(record.medium.relative).stem.removeprefix("IMG_"))]
            wanted = sorted(ours.get(what, what) for what in scene.there)
            right += wanted == sorted(one.what for one in standing_of(record)) and record.review is not None
    return right


def measured(folder: Path, scenes: list[Scene], look_s: float) -> None:
    """Review `folder` in a new survey, and print what it took."""
    from PySide6.QtCore import QSettings
    from screenshots import wait_until

    from avistar import Classifier, FunctionBackend
    from avistar.catalogue import Query
    from avistar.manifest import Calibration
    from avistar_gui.app import App, application
    from avistar_gui.settings import Settings
    from support import tiny_bundle

    bundle = tiny_bundle(folder.parent / "tiny")
    model = Classifier(bundle, FunctionBackend(answering(list(scenes)), "cpu · planned"), Calibration())
    settings = Settings(QSettings(str(folder.parent / "s.ini"), QSettings.Format.IniFormat))
    settings.surveys_folder, settings.language, settings.reviewer = str(folder.parent / "surveys"), "en", "Ana"
    app = App(application(), lambda _: model, settings)
    app.window.resize(1280, 800)
    app.start([str(folder)])
    controller, number = app.identify, len(scenes)
    wait_until(lambda: controller.session.progress.done == number and not controller.session.running)
    controller.session.ask(Query(order="least_sure"))
    wait_until(lambda: controller.photos.rowCount() == number)
    controller.page.grid.choose(0)
    reviewer, started = OpenReviewer(app, list(scenes), look_s), time.perf_counter()
    reviewer.review()
    wait_until(lambda: controller.session.counts.reviewed == number)
    seconds = time.perf_counter() - started - reviewer.looked_s - 0.15  # what `wait_until` pauses at its end
    path, waits = controller.session.survey_path, reviewer.waits_ms
    app.window.close()
    app.finish()
    pictures = f"next picture: median {statistics.median(waits):.0f} ms, worst {max(waits):.0f} ms"
    print(f"{reviewer.presses} presses, {seconds:.1f} s   {pictures}   true: {true_photos(path, scenes)} of {number}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--look", type=float, default=0.3, help="seconds for which each picture is looked at")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "card")
        folder.mkdir()
        scenes = plan()
        write(list(scenes), folder, options.megapixels)
        measured(folder, scenes, options.look)


if __name__ == "__main__":
    main()

"""Renders the desktop app offscreen, with pictures that anyone may show.

    python scripts/screenshots.py OUT            every screen once, English and light unless docs show it otherwise
    python scripts/screenshots.py OUT --pictures docs/images    and those that README and docs show
    python scripts/screenshots.py OUT --all      every screen in both languages and themes, at scale 1 and 2

The pictures come from scikit-image (freely licensed) or are made on the spot. The default bundle answers if
there is one in models/, else a tiny one made for tests.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from avistar.media.frame_source import Frame
    from avistar_gui.app import App
    from avistar_gui.identify.controller import IdentifyController

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("runtime", "gui", "tests")]
SIZE = (1280, 800)
PATIENCE_S = 60
PICTURE_BYTES = 400_000
PICTURES = {
    "app.png": "photo_trap03_0001_en_light",
    "app_sheet.png": "sheet_en_light",
    "app_evidence.png": "evidence_en_light",
    "app_review.png": "reviewed_es_dark",
    "app_analysis.png": "analysis_cell_en_light",
    "app_species.png": "analysis_species_es_dark",
    "app_camera.png": "camera_en_light",
    "app_models.png": "models_verified_en_light",
    "app_summary.png": "summary_activity_en_light",
    "app_map.png": "summary_map_es_dark",
    "app_deployments.png": "deployments_en_light",
    "app_export.png": "export_folders_en_light",
    "app_teach.png": "teach_en_light",
}
PHOTOS = {
    "chelsea": "cat.jpg",
    "coffee": "coffee.jpg",
    "rocket": "rocket.jpg",
    "astronaut": "astronaut.jpg",
    "camera": "tripod.jpg",
    "moon": "moon.jpg",
    "hubble_deep_field": "night.jpg",
    "coins": "coins.jpg",
}


def write_photos(folder: Path) -> None:
    """Freely licensed pictures, variations of the one animal among them, and two broken files."""
    import numpy as np
    from PIL import Image, ImageOps
    from skimage import data

    for name, file in PHOTOS.items():
        Image.fromarray(np.asarray(getattr(data, name)())).convert("RGB").save(folder / file, quality=92)
    raccoon = Image.open(ROOT / "samples" / "raccoon.jpg")
    variations = {
        "trap03_0001.jpg": raccoon,
        "trap03_0002.jpg": ImageOps.mirror(raccoon),
        "trap03_0003.jpg": raccoon.crop((200, 40, 1000, 640)),
        "trap03_0004.jpg": ImageOps.grayscale(raccoon).convert("RGB"),
    }
    for name, image in variations.items():
        image.save(folder / name, quality=92)
    (folder / "trap03_0005.jpg").write_bytes((folder / "trap03_0001.jpg").read_bytes()[:900])
    (folder / "trap03_0006.jpg").write_bytes(b"")


def bundle_folder(temporary: Path) -> Path:
    """The default bundle, else a tiny one."""
    from avistar.errors import BundleError

    try:
        from avistar.bundle import default_bundle

        return default_bundle()
    except BundleError:
        from support import tiny_bundle

        return tiny_bundle(temporary / "tiny").folder


def pause(milliseconds: int) -> None:
    """Let the app work for a while; `QTest.qWait` would keep Python's lock from its threads meanwhile."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(true: Callable[[], bool]) -> None:
    """Let the app work until `true()`."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("the app did not get that far")
        pause(10)
    pause(150)


def render(out: Path, scale: int, *, every: bool) -> None:
    """Every screen, in this process, whose scale was set from outside; `every`: in both languages and themes."""
    from PySide6.QtCore import QSettings

    from avistar_gui.app import App, application, opener
    from avistar_gui.settings import Settings

    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        settings = Settings(QSettings(str(temporary / "settings.ini"), QSettings.Format.IniFormat))
        settings.surveys_folder, settings.reviewer = str(temporary / "surveys"), "Ana"
        app = App(application(), opener("cpu"), settings)
        app.window.resize(*SIZE)
        app.start(bundle=str(bundle_folder(temporary)))
        shots = _Shots(app, out, scale, every=every)
        shots.take("start")
        run_shots(app, shots, temporary)
        identify_shots(app, shots, temporary)
        camera_shots(app, shots)
        export_shots(app, shots, temporary)
        summary_shots(app, shots, temporary)
        deployments_shots(app, shots, temporary)
        teach_shots(app, shots, temporary)
        analysis_shots(app, shots, temporary)
        models_shots(app, shots)
        shots.take_dialogs()
        app.window.close()


def write_bursts(folder: Path) -> None:
    """Forty-eight photos of a camera trap, in bursts of three, and a video."""
    import cv2
    import numpy as np
    from PIL import Image, ImageEnhance, ImageOps

    raccoon, cat, coffee = (Image.open(ROOT / "samples" / f"{name}.jpg") for name in ("raccoon", "cat", "coffee"))
    for number in range(48):
        image = (raccoon, raccoon, cat, coffee)[number // 3 % 4].convert("RGB")
        image = ImageOps.mirror(image) if number // 12 % 2 else image
        exif = Image.Exif()
        exif[0x0110], exif[0x8769] = (
            "Trap 7",
            {0x9003: f"2026:05:{1 + number // 12:02} 06:{number // 3:02}:{number % 3:02}"},
        )
        shown = ImageEnhance.Brightness(image).enhance(0.8 + 0.1 * (number % 3))
        shown.save(folder / f"RCNX{number:04}.jpg", quality=90, exif=exif)
    pixels = cv2.cvtColor(np.asarray(raccoon.convert("RGB").resize((640, 480))), cv2.COLOR_RGB2BGR)
    video = cv2.VideoWriter(str(folder / "RCNX0048.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 10, (640, 480))
    for number in range(60):
        video.write(np.roll(pixels, 2 * number, 1))
    video.release()


def run_shots(app: App, shots: _Shots, temporary: Path) -> None:
    """A new card: the sheet before its run, a burst that is chosen, conditions, a video."""
    card = temporary / "trap_07"
    card.mkdir()
    write_bursts(card)
    controller = app.identify
    app.open([str(card)])
    wait_until(
        lambda: controller.session.gate.preflight is not None and controller.session.gate.preflight.per_second > 0
    )
    wait_until(lambda: not controller.session.running)
    controller.preflight.finish()  # it would begin by itself while the pictures are taken
    shots.take("sheet")
    controller.preflight.begin()
    wait_until(lambda: controller.session.gate.preflight is None)
    wait_until(lambda: controller.session.progress.waiting == 0 and not controller.session.running)
    choose(controller, card / "RCNX0004.jpg")
    controller.reviewing.choose_burst()
    shots.take("burst")
    controller.page.filters.open_panel()
    choose(controller, card / "RCNX0048.mp4")
    shots.take("video")
    controller.page.filters.open_panel(False)
    controller.session.clear()
    wait_until(lambda: controller.page.empty.recent.count() > 0)


def identify_shots(app: App, shots: _Shots, temporary: Path) -> None:
    """A card of photos: a chosen one, a reviewed one, problems, the start page with the survey, a missing model."""
    photos = temporary / "card_0412"
    photos.mkdir()
    write_photos(photos)
    controller = app.identify
    app.open([str(photos)])
    wait_until(lambda: controller.session.progress.done >= len(PHOTOS) + 5 and not controller.session.running)
    for file in ("trap03_0001.jpg", "coffee.jpg", "trap03_0005.jpg"):
        choose(controller, photos / file)
        shots.take(f"photo_{Path(file).stem}")
    choose(controller, photos / "trap03_0001.jpg")
    evidence_shots(controller, shots, photos)
    controller.review("species", "raccoon")
    wait_until(lambda: controller.session.counts.reviewed == 1)
    choose(controller, photos / "trap03_0001.jpg")
    shots.take("reviewed")
    controller.page.problems.show()
    shots.take("problems")
    controller.page.problems.hide()
    app.window.model_wanted.emit(str(temporary))
    wait_until(lambda: controller.page.banner.isVisible())
    shots.take("no_model")
    controller.session.clear()
    wait_until(lambda: controller.page.empty.recent.count() > 0)
    shots.take("recent")


def evidence_shots(controller: IdentifyController, shots: _Shots, photos: Path) -> None:
    """Where the answer comes from; light and details of a dark photo."""
    acts = controller.page.photo.acts
    acts["evidence"].trigger()
    wait_until(lambda: controller.single.shown is not None)
    shots.take("evidence")
    acts["evidence"].trigger()
    choose(controller, photos / "night.jpg")
    for name in ("light", "auto", "details"):
        acts[name].trigger()
    shots.take("light")
    for name in ("light", "details"):
        acts[name].trigger()
    choose(controller, photos / "trap03_0001.jpg")


def choose(controller: IdentifyController, photo: Path) -> None:
    """Choose a photo and wait until it is shown."""
    controller.page.grid.choose(controller.photos.row_of(controller.session.id_of(str(photo))))
    wait_until(lambda: not controller.page.view.is_empty)


def camera_shots(app: App, shots: _Shots) -> None:
    """A camera that shows the freely licensed raccoon."""
    import itertools

    import numpy as np
    from PIL import Image

    from avistar.media.camera import Camera
    from avistar.media.frame_source import Frame
    from avistar_gui.camera.sources import Source
    from media_support import FakeSource

    raccoon = np.asarray(Image.open(ROOT / "samples" / "raccoon.jpg").convert("RGB"))

    def frames() -> Iterator[Frame]:
        for number in itertools.count():
            frame = raccoon.copy()
            frame[:2, :2] = number % 251  # a camera that repeats itself counts as lost
            yield Frame(frame, number / 20)

    controller = app.go("camera")
    shots.take("camera_start")
    controller._make_camera = lambda source: Camera(lambda: FakeSource(frames(), pause_s=0.05))
    controller.page.show_sources([(0, "Integrated Camera")])
    controller.watch(Source(camera=0))
    wait_until(lambda: controller.page.speed.text() != "")
    controller.freeze()
    shots.take("camera")
    controller.stop()


def analysis_shots(app: App, shots: _Shots, temporary: Path) -> None:
    """The default bundle's test photos, first missing, then stood for by generated pictures; then the user's own."""
    from avistar_gui.analysis.data.sources import StudyRequest
    from support import picture

    controller = app.go("analysis")
    wait_until(lambda: controller.study is not None)
    shots.take("analysis")
    for number, file in enumerate(controller.study.files):
        path = temporary / "generated" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(number, (200, 150)).save(path)
    controller.pictures.locate(str(temporary / "generated"))
    wait_until(lambda: controller.page.photos.missing.isHidden())
    pause(1500)
    figures, maps = controller.page.figures, controller.page.map
    mouse, rat = (
        next(i for i, one in enumerate(controller.study.species) if one.id == name) for name in ("mouse", "rat")
    )
    controller.choose.cell(rat, mouse, "matrix")
    shots.take("analysis_cell")
    figures.segments.choose("species")
    maps.segments.choose("reliability")
    shots.take("analysis_species")
    figures.segments.choose("pairs")
    maps.segments.choose("curves")
    shots.take("analysis_pairs")
    figures.segments.choose("matrix")
    maps.segments.choose("map")
    session = app.identify.session
    raccoons = [temporary / "card_0412" / f"trap03_000{number}.jpg" for number in range(1, 5)]
    session.review([session.id_of(str(photo)) for photo in raccoons], "species", "raccoon", "Ana")
    wait_until(lambda: session.counts.reviewed >= len(raccoons))
    controller.open_source(StudyRequest("survey"))
    wait_until(lambda: controller.study is not None and controller.study.survey is not None)
    pause(1500)
    shots.take("analysis_own")


def export_shots(app: App, shots: _Shots, temporary: Path) -> None:
    """A preview of the species folders."""
    app.open([str(temporary / "card_0412")])
    wait_until(lambda: app.identify.session.counts.total > 0)
    controller = app.go("export")
    controller.page.forms.setCurrentRow(controller.page.forms.count() - 1)
    controller.page.target.setText(str(Path.home() / "sorted"))
    controller.page.preview.click()
    wait_until(lambda: controller.page.tree.topLevelItemCount() > 0)
    shots.take("export_folders")


CAMERAS = ("Arroyo", "Cumbre", "Dehesa", "Encinar", "Fuente Fría", "Garganta", "Hoya", "Laguna", "Majada", "Nava")
HOURS = {"wolf": (2, 3), "raccoon": (23, 3), "moose": (7, 4), "bobcat": (21, 4), "squirrel": (12, 3), "fox": (22, 4)}
"""When an animal of the made survey is about: the middle and spread of its day, in hours."""


def write_survey(path: Path) -> None:
    """Three months of ten cameras that nobody hung up: one stopped, one was silent for weeks."""
    import random
    from dataclasses import replace
    from datetime import UTC, datetime, timedelta

    from avistar.catalogue import CameraFolder, Catalogue
    from avistar.records import Review
    from avistar.species import Species
    from records_support import FACTS
    from summary_support import MODEL, photo

    chance, start, taken, cameras = random.Random(4), datetime(2026, 3, 3), [], []
    with Catalogue.open(path, new=replace(FACTS, folder="/cards/Sierra Norte")) as catalogue:
        [fox] = catalogue.species.add([Species("", "Red fox", "Zorro rojo", "Vulpes vulpes", "canid")], "Ana")
        for number, name in enumerate(CAMERAS):
            latitude, longitude = 40.72 + chance.uniform(-0.03, 0.03), -4.05 + chance.uniform(-0.05, 0.05)
            facts = {"deploymentID": name, "latitude": f"{latitude:.5f}", "longitude": f"{longitude:.5f}"}
            facts |= {"deploymentStart": "2026-03-03T10:00:00", "deploymentEnd": "2026-06-01T18:00:00"}
            cameras.append(CameraFolder(name, facts))
            for _ in range(chance.randint(60, 320)):
                what = chance.choices([*HOURS, ""], [6, 14, 8, 3, 5, 12, 9])[0]
                middle, spread = HOURS.get(what, (12, 6))
                day = chance.randrange(52 if number == 3 else 90)
                at = start + timedelta(days=day, hours=chance.gauss(middle, spread) % 24)
                if number != 7 or not 30 < day < 55:
                    file = f"{name}/RCNX{len(taken):05}.jpg"
                    taken.append((photo(file, at.isoformat(timespec="seconds"), what.replace("fox", "wolf")), what))
        catalogue.write([one for one, _ in taken], MODEL)
        catalogue.deployments.replace(cameras)
        ids, now = catalogue.ids(), datetime.now(UTC)
        catalogue.review([id for id, (_, what) in zip(ids, taken, strict=True) if what == "fox"],
                         Review("species", fox.id, "Ana", now))  # fmt: skip
        catalogue.accept(ids[:600], "Ana", now)


def summary_shots(app: App, shots: _Shots, temporary: Path) -> None:
    """A made survey summed up: each picture, of all animals or of the fox."""
    from avistar_gui.summary.controller import SurveyToCount
    from avistar_gui.summary.texts import PICTURES as KINDS

    write_survey(temporary / "sierra.avistar")
    controller = app.go("summary")
    controller._survey = lambda: SurveyToCount(str(temporary / "sierra.avistar"), "/cards/Sierra Norte")
    controller.survey_changed()
    wait_until(lambda: controller.summary is not None)
    for name in KINDS:
        controller.page.segments.choose(name)
        controller.page.species.setCurrentCell(1, 0)
        shots.take(f"summary_{name}")


def deployments_shots(app: App, shots: _Shots, temporary: Path) -> None:
    """The cameras of the made survey."""
    controller = app.go("deployments")
    controller._survey = lambda: str(temporary / "sierra.avistar")
    controller.refresh()
    wait_until(lambda: len(controller.model.rows) == len(CAMERAS))
    shots.take("deployments")


def teach_shots(app: App, shots: _Shots, temporary: Path) -> None:
    """What the first card has to teach, once it is reviewed: a cat that the model doesn't know."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from avistar.catalogue import Catalogue
    from avistar.records import Review
    from avistar.species import Species
    from avistar_gui.teach.lessons import ReviewedSurvey

    [path] = (temporary / "surveys").glob("trap_07*.avistar")
    with Catalogue.open(path) as catalogue:
        [cat] = catalogue.species.add([Species("", "Domestic cat", "Gato doméstico", "Felis catus", "felid")], "Ana")
        ids = [one.id for one in catalogue.rows(catalogue.ids()) if one.kind == "photo"]
        for number, id in enumerate(ids):
            kind, what = (*[("species", "raccoon")] * 2, ("species", cat.id), ("empty", ""))[number // 3 % 4]
            catalogue.review([id], Review(kind, what, "Ana", datetime.now(UTC)))
    controller = app.go("teach")
    made = ReviewedSurvey(str(path), str(temporary / "trap_07"), len(ids))
    controller._around = replace(controller._around, survey=lambda: made, surveys=lambda: [made])
    controller.changed()
    wait_until(lambda: controller._plan is not None)
    shots.take("teach")


def models_shots(app: App, shots: _Shots) -> None:
    """The default bundle, verified."""
    controller = app.go("models")
    wait_until(lambda: controller.page.devices.table.rowCount() > 1)
    shots.take("models")
    app.use_language("en")
    wait_until(lambda: True)
    controller.page.buttons["verify"].click()
    wait_until(lambda: not controller.page.work.running)
    shots.take("models_verified")


class _Shots:
    def __init__(self, app: App, out: Path, scale: int, *, every: bool) -> None:
        self._app, self._out, self._scale, self._every = app, out, scale, every

    def take(self, name: str) -> None:
        """One screen, as the documents show it, or in every language and theme."""
        looks = [(language, theme) for language in ("en", "es") for theme in ("light", "dark")]
        shown = [look for look in looks if f"{name}_{look[0]}_{look[1]}" in PICTURES.values()]
        for language, theme in looks if self._every else shown or looks[:1]:
            if (self._app.translation.code, self._app.theme.name) != (language, theme):
                self._app.use_language(language)
                self._app.use_theme(theme)
            wait_until(lambda: True)
            self._save(self._app.window, f"{name}_{language}_{theme}")

    def take_dialogs(self) -> None:
        """The small windows, once for each language."""
        from avistar_gui.shell.key_map import KeyMap

        app = self._app
        app.go("identify")
        for language in ("en", "es") if self._every else ("en",):
            app.use_language(language)
            wait_until(lambda: True)
            window = app.window
            keys = KeyMap([*window.page.keys(), *window.actions_.key_map()], window)
            report = app.show_report()
            wait_until(report.save.isEnabled)
            for name, dialog in (("keys", keys), ("settings", app.show_settings()), ("report", report)):
                dialog.open()
                wait_until(lambda: True)
                self._save(dialog, f"{name}_{language}")
                dialog.close()

    def _save(self, widget: QWidget, name: str) -> None:
        path = self._out / f"{name}@{self._scale}x.png"
        widget.grab().save(str(path))
        print(path)


def write_pictures(out: Path, folder: Path) -> None:
    """The pictures for README and docs, small enough for a repository."""
    from PIL import Image

    for name, shot_name in PICTURES.items():
        with Image.open(out / f"{shot_name}@2x.png") as shot:
            image = shot.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
        # Tried: the other methods lose the photo's greens or the window's whites.
        # The colours are told by a smaller picture as well, in a sixteenth of the time.
        colours = image.resize((SIZE[0] // 4, SIZE[1] // 4), Image.Resampling.NEAREST)
        palette = colours.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
        target = folder / name
        image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(target, optimize=True)
        size_bytes = target.stat().st_size
        print(target, size_bytes, "bytes")
        if size_bytes > PICTURE_BYTES:
            raise SystemExit(f"{target} is larger than {PICTURE_BYTES} bytes")


def main() -> None:
    """Each scale in a process of its own: Qt reads it once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="also write those of README and docs here")
    parser.add_argument("--all", action="store_true", help="in both languages and themes, at scale 1 and 2")
    parser.add_argument("--scale", type=int, choices=(1, 2), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.scale is not None:
        render(options.out, options.scale, every=options.all)
        return
    for scale in (1, 2) if options.all else (2,):
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)}
        command = [sys.executable, __file__, str(options.out), "--scale", str(scale), *(["--all"] * options.all)]
        subprocess.run(command, env=environment, check=True)
    if options.pictures is not None:
        write_pictures(options.out, options.pictures)


if __name__ == "__main__":
    main()

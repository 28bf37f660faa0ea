"""The Analysis screen: numbers without widgets, then the page with a study made for tests."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage

from avistar import Species
from avistar.bundle import commit, draft
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import Analysis, Epoch, JudgedArtifact, write_analysis
from avistar_gui.analysis import source_loader as opening_module
from avistar_gui.analysis import texts
from avistar_gui.analysis.controller import AnalysisController
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.sources import StudyRequest, choice_of, read_study
from avistar_gui.analysis.data.study import Study, confused_pairs, judged, ordered, shares
from avistar_gui.analysis.photo_locator import locate
from avistar_gui.analysis.views.changed_answers import ChangesModel
from avistar_gui.analysis.views.figures_pane import FiguresPane
from avistar_gui.analysis.views.map_colours import colour_by
from avistar_gui.analysis.views.matrix_view import MatrixFacts
from avistar_gui.analysis.views.photo_dialog import PhotoDialog
from avistar_gui.analysis.views.scatter import inside_polygon, nearest, splat
from avistar_gui.analysis.views.species_table import CHOSEN, F1, GAIN, VALUE, SpeciesModel
from avistar_gui.shell.translation import Translation
from avistar_gui.widgets.theme import LIGHT
from support import encoded, picture, tiny_bundle

PHOTOS = 90


def judged_bundle(folder, name="judged", seed=3, history=True):
    """A tiny bundle with the answers to 90 photos, some of them wrong."""
    rng = np.random.default_rng(seed)
    bundle = tiny_bundle(folder, name)
    ids = tuple(species.id for species in bundle.manifest.species)
    truth = np.arange(PHOTOS) % len(ids)
    logits = rng.normal(0, 1, (PHOTOS, len(ids))).astype(np.float32)
    logits[np.arange(PHOTOS), truth] += 3
    logits[0, 29] = 20  # an antelope that is surely called wolf
    epochs = tuple(
        Epoch("head" if i < 3 else "all", i + 1, {"loss": 3 / (i + 1), "val_loss": abs(i - 5) + 1.0, "accuracy": i / 9})
        for i in range(9)
    )
    analysis = Analysis(
        judged=JudgedArtifact("onnx fp32", bundle.manifest.files["model.onnx"].sha256, 1.0, -1e30),
        species=ids,
        files=tuple(f"{ids[t]}/{i:04}.jpg" for i, t in enumerate(truth)),
        truth=truth,
        logits=logits,
        familiarity=np.zeros(PHOTOS, np.float32),
        map=rng.normal(0, 10, (PHOTOS, 2)).astype(np.float32),
        report=evaluate(logits, truth, ids),
        history=epochs if history else (),
    )
    with draft(folder, bundle) as temporary:
        write_analysis(temporary, analysis)
        return commit(temporary, bundle.manifest, folder)


@pytest.fixture
def bundle(tmp_path):
    return judged_bundle(tmp_path / "judged")


@pytest.fixture
def study(bundle) -> Study:
    return read_study(bundle.folder)


@pytest.fixture
def analysis(qapp, settings, bundle, qtbot, monkeypatch):
    monkeypatch.setattr(opening_module, "known_bundles", lambda _: [choice_of(bundle)])
    translation = Translation(qapp, "en")
    controller = AnalysisController(settings)
    controller.page.resize(1200, 700)
    controller.page.show()
    qtbot.waitUntil(lambda: controller.study is not None)
    yield controller
    controller.finish()
    controller.page.close()
    controller.page.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the views go before their models
    translation.use("en")


def click(qtbot, widget, point):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(round(point.x()), round(point.y())))


# Numbers


def test_a_study_counts_as_its_report_does(study):
    assert study.counts().tolist() == [list(row) for row in study.report.confusion]
    assert study.right.mean() == pytest.approx(study.report.top1)


def test_every_photo_lies_in_one_cell_row_and_column(study):
    cells = [study.cell(i, j) for i in range(30) for j in range(30)]
    assert sorted(np.concatenate(cells)) == list(range(PHOTOS))
    assert sum(len(study.of_species(i)) for i in range(30)) == PHOTOS
    assert sum(len(study.called(i)) for i in range(30)) == PHOTOS
    assert len(study.errors()) + len(study.hits()) == PHOTOS


def test_lists_begin_with_the_surest_error(study):
    rows = study.listed(np.arange(PHOTOS))
    assert rows[0] == 0
    wrong = len(study.errors())
    assert not study.right[rows[:wrong]].any()
    assert study.right[rows[wrong:]].all()
    assert (np.diff(study.confidence[rows[:wrong]]) <= 0).all()


def test_shares_of_a_row_or_column_add_up_to_one_and_empty_ones_to_nothing(study):
    counts = study.counts()
    counts[3] = 0
    by_row, by_column = shares(counts, "recall").sum(axis=1), shares(counts, "precision").sum(axis=0)
    assert by_row[3] == 0
    assert np.allclose(np.delete(by_row, 3), 1)
    assert set(np.round(by_column, 9)) <= {0.0, 1.0}
    assert shares(counts, "counts").sum() == counts.sum()


def test_each_order_is_a_permutation_and_does_what_it_says(study):
    names = texts.names(study)
    for by in ("group", "name", "errors"):
        assert sorted(ordered(study, by, names)) == list(range(30))
    assert [names[i] for i in ordered(study, "name", names)] == sorted(names, key=str.casefold)
    groups = [study.species[i].group for i in ordered(study, "group", names)]
    assert len({(a, b) for a, b in itertools.pairwise(groups) if a != b}) == len(set(groups)) - 1


def test_the_worst_pair_comes_first_and_holds_its_photos(study):
    pairs = confused_pairs(study)
    assert [pair.errors for pair in pairs] == sorted((pair.errors for pair in pairs), reverse=True)
    for pair in pairs:
        assert (study.truth[pair.first_called_second] == pair.first).all()
        assert (study.answers[pair.second_called_first] == pair.first).all()


def test_two_studies_are_compared_on_the_photos_they_share(study, tmp_path):
    other = read_study(judged_bundle(tmp_path / "other", "other", seed=9).folder)
    comparison = Comparison.of(study, other)
    assert comparison.common == PHOTOS
    assert study.right[comparison.only_first].all()
    assert not other.right[comparison.only_first].any()
    assert not study.right[comparison.neither].any()
    assert np.isfinite(comparison.recall_gain).all()
    assert len(Comparison.of(study, study).only_first) == 0


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-90, 90)), min_size=1, max_size=40), st.integers(1, 12))
@settings(deadline=None)
def test_points_outside_the_picture_never_paint_and_never_fail(places, radius):
    picture_ = np.zeros((40, 40, 4), np.uint8)
    splat(picture_, np.array(places), np.full((len(places), 4), 255, np.uint8), radius)
    centres = [(round(x), round(y)) for x, y in places if 14 < x < 25 and 14 < y < 25]
    assert all(picture_[y, x].all() for x, y in centres)


@given(st.floats(-5, 15), st.floats(-5, 15))
def test_a_square_lasso_holds_what_lies_in_the_square(x, y):
    square = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)])
    inside = bool(inside_polygon(np.array([[x, y]]), square)[0])
    if x not in (0, 10) and y not in (0, 10):
        assert inside == (0 < x < 10 and 0 < y < 10)


def test_the_nearest_point_is_found_only_within_reach_and_only_if_shown():
    places = np.array([[0.0, 0.0], [10.0, 0.0]])
    assert nearest(places, np.array([True, True]), (9, 0), 5) == 1
    assert nearest(places, np.array([True, False]), (9, 0), 5) == -1
    assert nearest(places, np.array([True, True]), (50, 50), 5) == -1


def test_photos_are_found_by_relative_names_also_a_level_below(tmp_path, study):
    for file in study.files[:40]:
        path = tmp_path / "disk" / "photos" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = locate(tmp_path / "disk", study.files)
    assert (found.found, found.asked, found.folder) == (40, PHOTOS, str(tmp_path / "disk" / "photos"))
    assert locate(tmp_path / "elsewhere", study.files).found == 0


def test_the_table_sorts_by_numbers_and_shows_what_is_chosen(study, qtmodeltester):
    model = SpeciesModel()
    model.show_study(study)
    qtmodeltester.check(model)
    assert model.index(0, F1).data(VALUE) == study.report.species[0].f1
    assert model.index(0, CHOSEN).data() == "–"
    model.show_chosen(study.counts(study.of_species(0)))
    assert model.index(0, CHOSEN).data() == "3"
    assert model.index(0, GAIN).data() == "–"
    assert "95" in model.index(0, F1).data(Qt.ItemDataRole.ToolTipRole)


def test_wrong_answers_are_ringed_whatever_the_colours_say(study):
    for by in ("truth", "answer", "right"):
        colouring = colour_by(study, by, LIGHT)
        assert (colouring.ringed == ~study.right).all()
        assert colouring.rgb().shape == (PHOTOS, 3)


# The page


def test_the_page_shows_headlines_and_every_photo(analysis):
    page = analysis.page
    assert page.headlines[0].number.text() == texts.share(analysis.study.report.top1)
    assert page.headlines[0].name.text().endswith(f"–{texts.share(analysis.study.report.top1_high)})")
    assert page.photos.number.text().startswith("90 photos")
    assert analysis.photos.rowCount() == PHOTOS
    assert "not on this computer" in page.photos.missing_text.text()


def test_a_click_on_a_cell_lists_its_photos_and_fades_the_map(analysis, qtbot):
    page = analysis.page
    click(qtbot, page.figures.matrix, page.figures.matrix.rect_of(0, 29).center())
    assert page.photos.heading.text() == "Antelope called Wolf"
    assert analysis.photos.rows() == analysis.study.cell(0, 29).tolist()
    assert page.map.map._chosen.sum() == len(analysis.study.cell(0, 29))
    page.photos.clear.click()
    assert analysis.photos.rowCount() == PHOTOS


def test_names_at_the_edges_choose_rows_and_columns(analysis, qtbot):
    matrix = analysis.page.figures.matrix
    cell = matrix.rect_of(0, 29)
    click(qtbot, matrix, QPointF(4, cell.center().y()))
    assert analysis.page.photos.heading.text() == "All photos of Antelope"
    click(qtbot, matrix, QPointF(cell.center().x(), 4))
    assert analysis.page.photos.heading.text() == "Everything called Wolf"


def test_the_matrix_is_walked_by_keyboard(analysis, qtbot):
    figures = analysis.page.figures
    figures.order.setCurrentIndex(1)
    figures.matrix_changed.emit()
    first = min(texts.names(analysis.study), key=str.casefold)
    qtbot.keyClick(figures.matrix, Qt.Key.Key_Right)
    qtbot.keyClick(figures.matrix, Qt.Key.Key_Left)
    assert first in figures.sentence.text()
    assert figures.matrix.accessibleDescription() == figures.sentence.text()
    qtbot.keyClick(figures.matrix, Qt.Key.Key_Return)
    assert analysis.page.photos.heading.text() == f"{first} called by its name"
    qtbot.keyClick(figures.matrix, Qt.Key.Key_R)
    assert analysis.page.photos.heading.text() == f"All photos of {first}"
    qtbot.keyClick(figures.matrix, Qt.Key.Key_C)
    assert analysis.page.photos.heading.text() == f"Everything called {first}"


def test_pointing_at_a_cell_says_it_in_words(analysis, qtbot):
    matrix = analysis.page.figures.matrix
    spot = matrix.rect_of(0, 29).center()
    qtbot.mouseMove(matrix, QPoint(round(spot.x()), round(spot.y())))
    matrix.pointed.emit(0, 29)
    assert analysis.page.figures.sentence.text().startswith("Antelope called Wolf: ")


def test_a_lasso_on_the_map_filters_matrix_and_list(analysis, qtbot):
    view = analysis.page.map.map
    places = view.screen_places()
    low, high = places.min(axis=0) - 9, places.max(axis=0) + 9
    corners = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    drag(qtbot, view, corners)
    assert analysis.photos.rowCount() == PHOTOS
    assert analysis.page.photos.heading.text() == "From the map"
    middle = np.median(places, axis=0)
    drag(qtbot, view, [(low[0], low[1]), (middle[0], low[1]), (middle[0], high[1]), (low[0], high[1])])
    assert 0 < analysis.photos.rowCount() < PHOTOS
    facts = analysis.page.figures.matrix._facts
    assert facts.counts.sum() == analysis.photos.rowCount()


def drag(qtbot, view, corners):
    points = [
        QPoint(round(min(max(x, 0), view.width() - 1)), round(min(max(y, 0), view.height() - 1))) for x, y in corners
    ]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(view, point)
        view.mouseMoveEvent(_moved(point))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=points[-1])


def _moved(point):
    from PySide6.QtGui import QMouseEvent

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QMouseEvent(QEvent.Type.MouseMove, QPointF(point), QPointF(point), left, left, none)


def test_zooming_keeps_what_lies_under_the_mouse(analysis):
    view = analysis.page.map.map
    spot = QPointF(120, 90)
    before = view._data_at(spot)
    view.zoom_at(spot, 3)
    after = view._data_at(spot)
    assert (before - after).manhattanLength() < 1e-9
    view.show_all()
    assert view._zoom == 1


def test_unticking_the_legend_hides_points_and_double_click_isolates(analysis):
    pane = analysis.page.map
    item = pane.legend.item(0)
    kind = item.data(Qt.ItemDataRole.UserRole)
    item.setCheckState(Qt.CheckState.Unchecked)
    assert not pane.shown()[analysis.study.truth == kind].any()
    pane.legend.itemDoubleClicked.emit(item)
    assert (pane.shown() == (analysis.study.truth == kind)).all()
    pane.legend.itemDoubleClicked.emit(item)
    assert pane.shown().all()


def test_located_photos_get_thumbnails_and_open_large(analysis, tmp_path, qtbot):
    for number, file in enumerate(analysis.study.files):
        path = tmp_path / "disk" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(picture(number)))
    analysis.page.folder_wanted.emit(str(tmp_path / "disk"))
    qtbot.waitUntil(analysis.page.photos.missing.isHidden)
    qtbot.waitUntil(lambda: analysis.photos.index(0).data(Qt.ItemDataRole.DecorationRole) is not None)
    analysis.page.photos.tiles.opened.emit(analysis.photos.rows()[0])
    dialog = analysis.page.findChild(PhotoDialog)
    qtbot.waitUntil(lambda: dialog.view.has_photo)
    assert dialog.title.text() == "Antelope → Wolf"
    before = dialog.row
    qtbot.keyClick(dialog, Qt.Key.Key_Right)
    assert dialog.row != before
    dialog.reject()


def test_a_folder_without_these_photos_is_told(analysis, tmp_path, qtbot):
    analysis.page.folder_wanted.emit(str(tmp_path))
    qtbot.waitUntil(lambda: "None of these photos" in analysis.page.photos.missing_text.text())


def test_a_second_bundle_gives_differences_to_click(analysis, tmp_path, qtbot):
    other = judged_bundle(tmp_path / "other", "other", seed=9)
    analysis.page.second_wanted.emit(StudyRequest("bundle", str(other.folder)))
    button = analysis.page.differences["only_second"]
    qtbot.waitUntil(button.isVisible)
    assert button.text().startswith("Only other is right: ")
    button.click()
    assert analysis.photos.rowCount() == int(button.text().rsplit(" ", 1)[1])
    assert not analysis.page.figures.table.isColumnHidden(GAIN)
    assert "(" in analysis.page.headlines[0].number.text()
    analysis.page.second_wanted.emit(StudyRequest("none"))
    assert button.isHidden() or not button.isVisible()


def test_a_bundle_without_analysis_says_how_to_make_one(qapp, settings, tmp_path, qtbot, monkeypatch):
    plain = tiny_bundle(tmp_path / "plain")
    monkeypatch.setattr(opening_module, "known_bundles", lambda _: [choice_of(plain)])
    controller = AnalysisController(settings)
    qtbot.waitUntil(lambda: "avistar train judge" in controller.page.empty.text())
    controller.finish()


def test_the_language_reaches_every_view(controller, bundle, settings, qtbot, monkeypatch):
    monkeypatch.setattr(opening_module, "known_bundles", lambda _: [choice_of(bundle)])
    controller.start()
    analysis = controller.go("analysis")
    qtbot.waitUntil(lambda: analysis.study is not None)
    controller.use_language("es")
    qtbot.waitUntil(lambda: analysis.page.photos.heading.text() == "Todas las fotos")
    assert "Lobo" in analysis.page.figures.matrix._facts.names
    assert analysis.page.figures.segments.buttons["matrix"].text() == "Confusión"
    assert analysis.page.figures.order.itemText(0) == "Por grupo"


def test_charts_paint_with_history_and_without(analysis, tmp_path, qtbot):
    pane = analysis.page.map
    pane.segments.choose("curves")
    assert pane.loss.best == 5
    for chart in (pane.loss, pane.accuracy, pane.reliability):
        chart.resize(400, 300)
        image = chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        assert len({image.pixel(x, y) for x in range(0, 400, 7) for y in range(0, 300, 7)}) > 2
    pane.show_study(read_study(judged_bundle(tmp_path / "plain", history=False).folder))
    assert pane.loss.best == -1
    pane.loss.grab()


def test_everything_on_the_page_that_takes_the_focus_has_a_name(analysis):
    from PySide6.QtWidgets import QWidget

    for widget in analysis.page.findChildren(QWidget):
        takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(analysis.page)
        if takes and not widget.objectName().startswith("qt_") and type(widget).__module__.startswith("avistar"):
            assert widget.accessibleName(), widget


def test_three_thousand_labels_are_searched_and_scrolled(qtbot):
    view_model, names = FiguresPane(SpeciesModel(), ChangesModel()), tuple(f"Label {n:04}" for n in range(3_000))
    counts = np.zeros((3_000, 3_000), np.int64)
    counts[np.arange(3_000), np.arange(3_000)] = 3
    counts[2_999, 17] = 2
    qtbot.addWidget(view_model)
    view_model.resize(700, 620)
    view_model.show()
    matrix = view_model.matrix
    matrix.show_facts(MatrixFacts(counts, tuple(range(3_000)), names))
    view_model.show_names(names)
    assert matrix.scrolls
    assert not view_model.search.isHidden()
    assert matrix.rect_of(2_999, 17).isNull()
    view_model.search.setText("label 2999")
    view_model.search.returnPressed.emit()
    assert not matrix.rect_of(2_999, 2_999).isNull()
    assert matrix.rect_of(2_999, 17).isNull()  # its row is there, its column far away
    with qtbot.waitSignal(matrix.cell_wanted) as wanted:
        qtbot.keyClick(matrix, Qt.Key.Key_Return)
    assert wanted.args == [2_999, 2_999]
    for _ in range(200):
        qtbot.keyClick(matrix, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    place = matrix.rect_of(2_999, 17)
    assert not place.isNull()
    with qtbot.waitSignal(matrix.cell_wanted) as wanted:
        qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert wanted.args == [2_999, 17]
    assert matrix.grab().width() > 0


def test_labels_that_occur_nowhere_are_counted_and_left_out():
    species = tuple(Species(f"s{n}", f"S {n}", f"S {n}", "", "") for n in range(500))
    truth = np.array([3, 3, 400, 77])
    probabilities = np.full((4, 500), 1e-6, np.float32)
    probabilities[[0, 1, 2, 3], [3, 400, 400, 77]] = 0.9
    study = Study(
        "many", "onnx fp32", species, {}, ("a", "b", "c", "d"), truth, probabilities, np.zeros((0, 2), np.float32),
        judged(probabilities, truth, species),
    )  # fmt: skip
    kept = study.prepare()
    assert [one.id for one in kept.species] == ["s3", "s77", "s400"]
    assert kept.counts().tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert kept.counts().tolist() == [list(row) for row in kept.report.confusion]
    assert (kept.absent, kept.report.top1) == (497, 0.75)
    assert "497" in texts.apart_note(kept)

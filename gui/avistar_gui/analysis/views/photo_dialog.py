"""One judged photo, large, with what the network said; arrow keys go to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from avistar.files import printable
from avistar_gui.analysis import texts
from avistar_gui.analysis.data.study import Study
from avistar_gui.photo.photo_loader import PhotoLoader
from avistar_gui.photo.view import PhotoView
from avistar_gui.widgets.theme import set_font

TOP = 3
translate = QCoreApplication.translate


class PhotoDialog(QDialog):
    """Shows `rows` of a study one at a time, beginning at `start`; `path` says where a row's photo lies, or None."""

    def __init__(
        self, study: Study, rows: Sequence[int], *, start: int, path: Callable[[int], str | None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._study, self._rows, self._at, self._path = study, rows, start, path
        self.view, self.title, self.answers = PhotoView(), QLabel(), QLabel()
        set_font(self.title, 1.3, bold=True)
        self.answers.setProperty("muted", True)
        self.answers.setWordWrap(True)
        self._second: Callable[[int], str] | None = None
        self._loader = PhotoLoader(parent=self)
        self._loader.loaded.connect(lambda photo: self.view.show_photo(photo.image))
        self._loader.failed.connect(
            lambda *_: self.view.show_message(translate("PhotoDialog", "This photo can't be shown."))
        )
        self.finished.connect(lambda _: self._loader.finish())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.title)
        layout.addWidget(self.answers)
        self.resize(820, 680)
        self._show()

    def show_second(self, second: Callable[[int], str] | None) -> None:
        """Also say what a second one answered to each row; None for none."""
        self._second = second
        self._show()

    @property
    def row(self) -> int:
        """The row of the study that is shown."""
        return self._rows[self._at]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the list."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._at = min(max(self._at + step, 0), len(self._rows) - 1)
            self._show()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        study, row = self._study, self.row
        known = texts.names(study)
        name = printable(study.files[row])
        self.setWindowTitle(name)
        self.title.setText(texts.photo_caption(study, row))
        best = study.probabilities[row].argsort()[::-1][:TOP]
        answers = [f"{known[i]} {texts.share(float(study.probabilities[row, i]))}" for i in best]
        place = translate("PhotoDialog", "{number} of {total}").format(number=self._at + 1, total=len(self._rows))
        second = self._second(row) if self._second is not None else ""
        self.answers.setText("  ·  ".join(filter(None, [*answers, second, name, place])))
        path = self._path(row)
        self.view.show_preview(None)
        if path is None:
            self.view.show_message(translate("PhotoDialog", "The photo is not on this computer."))
        else:
            self._loader.show(path)

"""Two photos beside each other: what is looked at closely in one is looked at in the other, too."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from avistar_gui.photo.box_overlay import BoxOverlay
from avistar_gui.photo.pane import Caption
from avistar_gui.photo.photo_loader import LargePhoto, PhotoLoader
from avistar_gui.photo.view import PhotoView

translate = QCoreApplication.translate

LIMIT_BYTES = 1024
"""Nothing is remembered: each half shows one photo."""


class SideBySide(QDialog):
    """Shows the photos at two paths, each with a caption; `linked` lets both move together."""

    def __init__(
        self, paths: Sequence[str], captions: Sequence[str], boxes: Sequence[BoxOverlay | None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Side by side"))
        self.views = [PhotoView(), PhotoView()]
        self.loaders = [PhotoLoader(limit_bytes=LIMIT_BYTES, parent=self) for _ in self.views]
        self.linked = QCheckBox(self.tr("&Zoom and move both"))
        self.linked.setChecked(True)
        self._following = False
        photos = QHBoxLayout()
        photos.setSpacing(10)
        for i, view in enumerate(self.views):
            self._connect(i, paths[i], boxes[i])
            caption, column = Caption(), QVBoxLayout()
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            caption.setText(captions[i])
            view.setAccessibleName(captions[i])
            column.addWidget(view, 1)
            column.addWidget(caption)
            photos.addLayout(column, 1)
        self._arrange(photos)
        self.finished.connect(lambda _: self._finish())
        for loader, path in zip(self.loaders, paths, strict=True):
            loader.show(path)

    def _connect(self, i: int, path: str, boxes: BoxOverlay | None) -> None:
        view, loader = self.views[i], self.loaders[i]

        def show(photo: LargePhoto) -> None:
            view.show_photo(photo.image, photo.full_size[0])
            view.show_boxes(boxes)

        loader.loaded.connect(show)
        loader.sharpened.connect(lambda photo: view.sharpen(photo.image))
        loader.failed.connect(
            lambda *_: view.show_message(translate("IdentifyController", "This photo can't be shown."))
        )
        view.coarse.connect(lambda: loader.sharpen(path))
        view.looked.connect(lambda: self._follow(i))

    def _follow(self, i: int) -> None:
        if self.linked.isChecked() and not self._following:
            self._following = True
            self.views[1 - i].see(self.views[i].sight)
            self._following = False

    def _finish(self) -> None:
        for loader in self.loaders:
            loader.finish()

    def _arrange(self, photos: QHBoxLayout) -> None:
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addWidget(self.linked)
        below.addStretch(1)
        below.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.setSpacing(10)
        layout.addLayout(photos, 1)
        layout.addLayout(below)
        parent = self.parentWidget()
        self.resize(parent.window().size() if parent is not None else self.sizeHint())

"""Asks how an engine is to be built.

An engine being built by the export program, in a process of its own: followed, and ended if wished.
"""

from __future__ import annotations

import sys
from ctypes.util import find_library
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.child_process import ChildProcess, avistar_command
from avistar_gui.models.bundle_facts import BundleFacts
from avistar_gui.widgets.theme import set_font


def gpu_driver_there() -> bool:
    """Whether NVIDIA's driver is installed: without it nothing can be built."""
    return find_library("nvcuda" if sys.platform == "win32" else "cuda") is not None


class BuildDialog(QDialog):
    """`wanted` (a `BuildRequest`) when the build is to begin; without a `gpu` it says so, and begins none."""

    wanted = Signal(object)

    def __init__(self, bundle: BundleFacts, photos: str, parent: QWidget, *, gpu: bool = True) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bundle = bundle
        self.setWindowTitle(self.tr("Build engine"))
        self.precision, self.photos = QComboBox(), QLineEdit(photos)
        for artifact in bundle.artifacts:
            if artifact.format == "onnx" and artifact.precision != "int8":
                self.precision.addItem(artifact.precision, artifact.precision)
        self.photos.setPlaceholderText(self.tr("the bundle's golden pictures"))
        self.start, self.cancel = QPushButton(self.tr("Build")), QPushButton(self.tr("Cancel"))
        self.start.setProperty("primary", True)
        self.start.setEnabled(self.precision.count() > 0 and gpu)
        self.lack = QLabel(
            self.tr("This computer has no NVIDIA GPU, or no driver for one: an engine can't be built here.")
        )
        self.lack.setWordWrap(True)
        self.lack.setVisible(not gpu)
        set_font(self.lack, 1.0, bold=True)
        self.start.clicked.connect(self._want)
        self.cancel.clicked.connect(self.reject)
        self._arrange()

    def _arrange(self) -> None:
        title = QLabel(self.tr("Build an engine for this computer"))
        set_font(title, 1.4, bold=True)
        note = QLabel(
            self.tr(
                "An engine is fast, and runs only where it was built. It is kept only if it still sees the same "
                "as the model. Building takes minutes and uses the GPU."
            )
        )
        note.setWordWrap(True)
        note.setProperty("muted", True)
        browse = QPushButton(self.tr("Choose…"))
        browse.clicked.connect(self._ask)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.photos, 1)
        where.addWidget(browse)
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(self.tr("Precision"), self.precision)
        form.addRow(self.tr("Judged on photos"), where)
        self.precision.setAccessibleName(self.tr("Precision"))
        self.photos.setAccessibleName(self.tr("Judged on photos"))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(14)
        for part in (title, note, self.lack):
            layout.addWidget(part)
        layout.addLayout(form)
        layout.addLayout(buttons)
        self.setMinimumWidth(560)

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("The photo folder that training read"))
        if folder:
            self.photos.setText(folder)

    def _want(self) -> None:
        request = BuildRequest(self._bundle.folder, self.precision.currentData(), self.photos.text().strip())
        self.wanted.emit(request)
        self.accept()


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build: from which bundle's folder and precision, and on which photos the engine is judged.

    Without `photos` it is judged on the bundle's golden pictures.
    """

    bundle: str
    precision: str = "fp16"
    photos: str = ""


class EngineBuild(ChildProcess):
    """One build at a time."""

    def start(self, request: BuildRequest) -> None:
        """Build; nothing happens while something else is being built."""
        self.run(self.command(request))

    def command(self, request: BuildRequest) -> list[str]:
        """The command line of the export program."""
        judged_on = ("--photos", request.photos) if request.photos else ()
        arguments = ("--bundle", request.bundle, "--precision", request.precision, *judged_on)
        return avistar_command("export", "engine", *arguments, "--progress", "json")

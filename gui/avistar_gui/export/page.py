"""The Export page: forms at the left, what the chosen one is and does at the right. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from avistar.formats.persons import PersonsChoice
from avistar.sorting import How
from avistar_gui.export import texts
from avistar_gui.export.writer import FILES, FORMS, Form, Scope
from avistar_gui.screen import Key, Page
from avistar_gui.widgets.banner import Banner
from avistar_gui.widgets.question import confirmed
from avistar_gui.widgets.theme import set_font

HOWS: tuple[How, ...] = get_args(How)
translate = QCoreApplication.translate

LIST_WIDTH = 260
"""Of the list of forms, in logical px; longer names make it wider."""

UNDONE: tuple[Form, ...] = ("folders", "xmp")
"""Forms that can be taken back."""

COLUMN_WIDTH = 240
"""Most of a column in a preview."""


class ExportPage(Page):
    """Wishes leave as signals."""

    form_chosen = Signal()
    preview_wanted = Signal()
    export_wanted = Signal()
    undo_wanted = Signal()
    cancel_wanted = Signal()
    show_wanted = Signal()
    retranslated = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.banner, self.forms = Banner(), QListWidget()
        self.survey, self.title, self.what = QLabel(), QLabel(), QLabel()
        self.target, self.browse, self.how = QLineEdit(), QPushButton(), QComboBox()
        self.preview, self.export, self.undo = QPushButton(), QPushButton(), QPushButton()
        self.scope, self.show_place, self.persons = QComboBox(), QPushButton(), QComboBox()
        self._scopes: dict[Scope, int] = {}
        self.tree, self.result, self.bar = QTreeWidget(), QLabel(), QProgressBar(textVisible=False)
        self._labels = [QLabel(), QLabel(), QLabel(), QLabel()]
        for _ in FORMS:
            self.forms.addItem("")
        for how in HOWS:
            self.how.addItem("", how)
        self._arrange()
        self.forms.setCurrentRow(0)
        self.forms.currentRowChanged.connect(lambda _: self._show_form())
        self.target.textChanged.connect(lambda _: self.form_chosen.emit())
        self.how.activated.connect(self._choose_how)
        self.scope.activated.connect(self._start_over)
        self.persons.activated.connect(self._start_over)
        self.show_place.clicked.connect(self.show_wanted)
        self.browse.clicked.connect(self._ask)
        self.preview.clicked.connect(self.preview_wanted)
        self.export.clicked.connect(self._press)
        self.undo.clicked.connect(self.undo_wanted)
        self._busy = False
        self._targets: dict[Form, str] = {}
        self._shown: Form = FORMS[0]
        self.show_busy(False)
        self.show_plan([])
        self.retranslate()

    @property
    def form(self) -> Form:
        """The form that is chosen."""
        return FORMS[max(self.forms.currentRow(), 0)]

    @property
    def wanted_how(self) -> How:
        """How files get into folders."""
        return HOWS[self.how.currentIndex()]

    @property
    def scope_chosen(self) -> Scope:
        """Which photos are exported."""
        chosen: Scope | None = self.scope.currentData()
        return chosen or "all"

    @property
    def persons_chosen(self) -> PersonsChoice:
        """What becomes of photos of persons."""
        chosen: PersonsChoice | None = self.persons.currentData()
        return chosen or "keep"

    def show_scopes(self, scopes: Mapping[Scope, int]) -> None:
        """Offer these, with how many photos each has; what was chosen stays where it is still there."""
        if dict(scopes) == self._scopes:
            return
        self._scopes = dict(scopes)
        self._fill_scopes()

    def _fill_scopes(self) -> None:
        chosen = self.scope_chosen
        self.scope.clear()
        for scope, number in self._scopes.items():
            self.scope.addItem(texts.scope_name(scope, number), scope)
        self.scope.setCurrentIndex(max(0, self.scope.findData(chosen)))

    def _choose_how(self) -> None:
        self._fill_persons()
        self.form_chosen.emit()

    def _fill_persons(self) -> None:
        """Only copies can be blurred; where there are none any more, what was to be blurred is left out."""
        chosen, copies = self.persons_chosen, self.form == "folders" and self.wanted_how == "copy"
        choices: tuple[PersonsChoice, ...] = ("keep", "blur", "leave_out") if copies else ("keep", "leave_out")
        self.persons.clear()
        for choice in choices:
            self.persons.addItem(texts.persons_name(choice), choice)
        self.persons.setCurrentIndex(max(0, self.persons.findData(chosen if chosen in choices else "leave_out")))

    def _start_over(self) -> None:
        """Something else is to be exported: what was planned and said is of what was chosen before."""
        self.show_plan([])
        self.say("")
        self.form_chosen.emit()

    def show_survey(self, text: str) -> None:
        """Say which survey is exported."""
        self.survey.setText(text)

    def allow(self, *, export: bool, preview: bool) -> None:
        """What can be pressed now."""
        self.export.setEnabled(export or self._busy)
        self.preview.setEnabled(preview)
        self.undo.setEnabled(preview and self.form in UNDONE)

    def suggest(self, targets: Mapping[Form, str]) -> None:
        """Where each form would go for the survey that is open now; what was typed for another one is gone."""
        self._targets = dict(targets)
        self.target.setText(self._targets.get(self.form, ""))

    def confirm(self, text: str, detail: str, action: str) -> bool:
        """Ask before something is replaced, moved or written beside photos; nothing happens by itself."""
        return confirmed(self, text, detail, title=self.tr("Export"), action=action, cancel=self.tr("Cancel"))

    def show_busy(self, busy: bool) -> None:
        """Something is being written, or no longer."""
        self._busy = busy
        self.bar.setVisible(busy)
        self.bar.setRange(0, 0)
        self.forms.setEnabled(not busy)
        self._label_export()

    def go_on(self, done: int, total: int) -> None:
        """`done` of `total` files are written."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def show_plan(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show folders with files and size; none hides the tree."""
        self._show_header((self.tr("Folder"), self.tr("Photos"), self.tr("Size")), plan=True)
        self.tree.setVisible(bool(rows))
        for folder, files, size in rows:
            item = QTreeWidgetItem(self.tree, [folder, files, size])
            for column in (1, 2):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_rows(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show the first lines of a file."""
        self._show_header(header, plan=False)
        self.tree.addTopLevelItems([QTreeWidgetItem(list(row)) for row in rows])
        for column in range(len(header)):
            self.tree.resizeColumnToContents(column)
            self.tree.setColumnWidth(column, min(self.tree.columnWidth(column) + 12, COLUMN_WIDTH))
        self.tree.setVisible(True)

    def _show_header(self, header: Sequence[str], *, plan: bool) -> None:
        self.tree.clear()
        self.tree.setColumnCount(len(header))
        self.tree.setHeaderLabels(list(header))
        self.tree.setHeaderHidden(not any(header))
        mode = QHeaderView.ResizeMode
        for column in range(len(header)):
            first = mode.Stretch if plan or len(header) == 1 else mode.Interactive
            rest = mode.ResizeToContents if plan else mode.Interactive
            self.tree.header().setSectionResizeMode(column, first if column == 0 else rest)
            right = Qt.AlignmentFlag.AlignRight if plan and column else Qt.AlignmentFlag.AlignLeft
            self.tree.headerItem().setTextAlignment(column, right | Qt.AlignmentFlag.AlignVCenter)

    def say(self, text: str, *, show: bool = False) -> None:
        """Say what came of it; `show` whether it can be shown where it lies."""
        self.result.setText(text)
        self.show_place.setVisible(show)

    def enter(self) -> None:
        """The list of forms takes the keys."""
        self.forms.setFocus()

    def keys(self) -> list[Key]:
        """Keys of the list."""
        return [Key("↑ ↓", translate("Keys", "Choose what to write"))]

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        for row, form in enumerate(FORMS):
            self.forms.item(row).setText(texts.form_name(form))
        self.forms.setFixedWidth(max(LIST_WIDTH, self.forms.sizeHintForColumn(0) + 34))
        for index, how in enumerate(HOWS):
            self.how.setItemText(index, texts.how_name(how))
        self._labels[0].setText(self.tr("Write to"))
        self._labels[1].setText(self.tr("Files are"))
        self.browse.setText(self.tr("Choose…"))
        self.preview.setText(self.tr("Preview"))
        self._labels[2].setText(self.tr("Which photos"))
        self._labels[3].setText(self.tr("Photos of persons"))
        self.persons.setAccessibleName(self._labels[3].text())
        self.show_place.setText(self.tr("Show in folder"))
        self.scope.setAccessibleName(self._labels[2].text())
        self._fill_scopes()
        self.show_plan([])
        self.forms.setAccessibleName(self.tr("Forms"))
        self.target.setAccessibleName(self._labels[0].text())
        self.how.setAccessibleName(self._labels[1].text())
        self.tree.setAccessibleName(self.tr("What would be written"))
        self._label_export()
        self._describe_form()
        self.retranslated.emit()

    def _label_export(self) -> None:
        self.export.setText(self.tr("Cancel") if self._busy else self.tr("Export"))

    def _label_undo(self) -> None:
        if self.form == "xmp":
            self.undo.setText(self.tr("Take keywords out"))
            self.undo.setToolTip(self.tr("Remove what was written beside the photos; what others wrote there stays"))
        else:
            self.undo.setText(self.tr("Undo sorting"))
            self.undo.setToolTip(self.tr("Take back what was sorted into this folder; what people changed there stays"))

    def _press(self) -> None:
        if not self._busy and self.form != "xmp" and not self.target.text().strip():
            self._ask()  # where to is the one thing that is not known yet
            if not self.target.text().strip():
                return
        (self.cancel_wanted if self._busy else self.export_wanted).emit()

    def _show_form(self) -> None:
        self._targets[self._shown], self._shown = self.target.text(), self.form
        self.target.setText(self._targets.get(self.form, ""))
        self._describe_form()
        self._start_over()

    def _describe_form(self) -> None:
        form = self.form
        self._fill_persons()
        self.title.setText(texts.form_name(form))
        self.what.setText(texts.form_sentence(form))
        for part in (self.how, self._labels[1]):
            part.setVisible(form == "folders")
        self.undo.setVisible(form in UNDONE)
        self._label_undo()
        self.preview.setVisible(form == "folders" or form in FILES)
        beside = form == "xmp"
        for widget in (self.target, self.browse, self._labels[0]):
            widget.setVisible(not beside)

    def _ask(self) -> None:
        form = self.form
        if form in FILES:
            once = QFileDialog.Option.DontConfirmOverwrite  # asked when it is written, however the name got here
            kinds = f"*{FILES[form]}"
            path, _ = QFileDialog.getSaveFileName(self, self.tr("Export"), self.target.text(), kinds, "", once)
        else:
            path = QFileDialog.getExistingDirectory(self, self.tr("Export"), self.target.text())
        if path:
            self.target.setText(path)

    def _arrange(self) -> None:
        set_font(self.title, 1.6, bold=True)
        for label in (self.what, self.survey, self.result):
            label.setWordWrap(True)
        for label in (self.what, self.survey):
            label.setProperty("muted", True)
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.export.setProperty("primary", True)
        self.tree.setRootIsDecorated(False)
        self.tree.header().setStretchLastSection(False)
        where, scope, how, persons, actions, done = (QHBoxLayout() for _ in range(6))
        done.addWidget(self.result, 1)
        done.addWidget(self.show_place, 0, Qt.AlignmentFlag.AlignTop)
        for part, stretch in ((self._labels[0], 0), (self.target, 1), (self.browse, 0)):
            where.addWidget(part, stretch)
        for label in self._labels:
            label.setMinimumWidth(120)
        rows = ((how, 1, self.how), (scope, 2, self.scope), (persons, 3, self.persons))
        for row, label_index, choice in rows:
            row.addWidget(self._labels[label_index])
            row.addWidget(choice)
            row.addStretch(1)
        for button in (self.export, self.preview, self.undo):
            actions.addWidget(button)
        actions.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(12)
        for widget in (self.title, self.what, self.survey):
            right.addWidget(widget)
        for row in (scope, persons, where, how, actions):
            row.setSpacing(8)
            right.addLayout(row)
        right.addWidget(self.bar)
        right.addLayout(done)
        right.addWidget(self.tree, 100)
        right.addStretch(1)
        self._frame(right)

    def _frame(self, right: QVBoxLayout) -> None:
        side = QWidget()
        side.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addWidget(self.forms)
        body.addWidget(side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(self.banner)
        layout.addLayout(body, 1)

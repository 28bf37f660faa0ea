"""The problems panel at work: try again, look where a file lies, write the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from avistar.errors import Fault
from avistar.files import printable
from avistar.message import Message
from avistar.records import Record
from avistar_gui.identify.problems_model import Problem, ProblemList, write_list
from avistar_gui.identify.problems_panel import ProblemsPanel
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.survey import ScanSummary
from avistar_gui.tasks import TaskQueue
from avistar_gui.widgets.file_manager import show_in_folder


class ProblemsController(QObject):
    """Fills `problems` from what the session says, and does what the panel wants."""

    trying = Signal(object)  # list[str]: paths that are read anew
    saved = Signal(str)  # the file's name
    failed = Signal(str)

    def __init__(self, session: Session, problems: ProblemList, panel: ProblemsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._problems = session, problems
        self._background = TaskQueue("problems", 1, self)
        self.show_in_folder: Callable[[str], None] = show_in_folder
        session.scanned.connect(self._scanned)
        session.failed.connect(lambda records: problems.add(_problems(records)))
        session.failures.connect(lambda records: problems.keep(_problems(records)))
        session.survey_opened.connect(lambda _: problems.clear())
        panel.retry_wanted.connect(self.retry)
        panel.folder_wanted.connect(lambda path: self.show_in_folder(path))
        panel.list_wanted.connect(lambda name: self.save(panel.selected(), Path(name)))

    def retry(self, some: Sequence[Problem]) -> None:
        """Try these again: photos are identified, folders looked into."""
        paths = [one.path for one in some if one.fault is not None]
        self._problems.remove(paths)
        self.trying.emit(paths)
        if paths:
            self._session.retry(self._session.ids_of(paths))
        if len(paths) < len(some):
            self._session.look_again()

    def save(self, some: Sequence[Problem], target: Path) -> None:
        """Write the list; answers `saved` or `failed`."""
        self._background.run(
            lambda _: write_list(some, target),
            done=lambda _: self.saved.emit(target.name),
            failed=lambda error: self.failed.emit(str(error)),
        )

    def finish(self) -> None:
        """End the thread."""
        self._background.finish()

    def _scanned(self, seen: ScanSummary) -> None:
        self._problems.remove_folders()
        self._problems.add(Problem(folder, None, reason) for folder, reason in seen.unreadable)


def _problems(records: Sequence[Record]) -> list[Problem]:
    failed = [
        Problem(record.medium.path, record.failure.fault, record.failure.message)
        for record in records
        if record.failure is not None
    ]
    partly = [
        Problem(record.medium.path, Fault.DAMAGED, _partly(record), partly=True)
        for record in records
        if record.failure is None and record.incomplete
    ]
    return failed + partly


def _partly(record: Record) -> str:
    return Message("{file}: only a part of it can be read", file=printable(record.medium.path))

"""The progress bar of long runs. Loads rich: import it only where there is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from avistar.cli.console import rich_console


class _Rate(ProgressColumn):
    """Pictures per second."""

    def render(self, task: Task) -> Text:
        """The measured rate, once there is one."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


@contextmanager
def bar(total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr with rate and time left; gives the function that moves it on by one."""
    columns = (BarColumn(), TextColumn("{task.completed:,}/{task.total:,}"), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=rich_console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)

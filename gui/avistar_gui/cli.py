"""`avistar gui`: opens the desktop app, or says what it misses. Light: loads Qt only when it is run."""

from __future__ import annotations

from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from avistar.cli.console import tell
from avistar.cli.options import DeviceName, LanguageName, ModelOption
from avistar.errors import BackendUnavailable, MissingExtra
from avistar.message import Message


def gui(
    paths: Annotated[list[Path] | None, typer.Argument(help="Photos and folders to open at once.")] = None,
    model: ModelOption = None,
    device: Annotated[
        DeviceName, typer.Option(help="What to run on. 'auto' takes the best that works, others run or fail.")
    ] = DeviceName.AUTO,
    language: Annotated[
        LanguageName | None,
        typer.Option(help="Language of the window, remembered. Default: the system's.", show_default=False),
    ] = None,
    menu_entry: Annotated[
        bool, typer.Option("--menu-entry", help="Put Avistar into the desktop's menu (Linux), and end.")
    ] = False,
    tour: Annotated[
        Path | None, typer.Option(hidden=True, help="Go through every screen of PATHS, leave pictures here, and end.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(hidden=True, help="What the app has this process do, without a window.")
    ] = None,
) -> None:
    """Open the desktop app: drop photos or folders, see the species."""
    if work is not None:
        from avistar_gui.analysis.data.worker import run

        raise typer.Exit(run(work))
    if menu_entry:
        from avistar_gui import desktop

        for path in desktop.install():
            tell(str(path))
        return
    app = _importable_app()
    code = app.run(
        paths or (),
        model=model,
        device=device.value,
        language=None if language is None else language.value,
        tour=tour,
    )
    raise typer.Exit(code)


def _importable_app() -> ModuleType:
    """The app's module. Raises `MissingExtra` or `BackendUnavailable` with the cure where it can't be loaded."""
    if util.find_spec("PySide6") is None:
        raise MissingExtra("gui", Message("The desktop app"))
    from avistar_gui.shell import system_libraries

    problem = system_libraries.display_problem()
    if problem is not None:
        raise BackendUnavailable(problem)
    try:
        from avistar_gui import app
    except ImportError as error:
        library = system_libraries.missing_library(str(error))
        if library is None:
            raise
        raise BackendUnavailable(system_libraries.cure(library)) from error
    return app

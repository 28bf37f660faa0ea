"""`avistar`: finds its verbs, runs one, and turns every foreseen error into one line and an exit code.

Verbs are entry points of the group `avistar.verbs`: a function or a typer app. So the runtime knows none
of the packages that contribute them, and one that isn't installed is named with its cure.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avistar import __version__
from avistar.cli.console import note, prepare_streams, tell
from avistar.cli.signals import INTERRUPTED, end_on_signals, ended_by_signal, leave
from avistar.cli.texts import locale_language
from avistar.errors import AvistarError, BackendUnavailable, MissingExtra, UsageError
from avistar.message import Message, reason_of

if TYPE_CHECKING:
    from avistar.species import Language

GROUP = "avistar.verbs"

_OWN = {
    **{
        name: f"avistar.cli.{name}:{name}"
        for name in ("identify", "live", "survey", "teach", "evaluate", "models", "doctor")
    },
    "serve": "avistar.serve.cli:serve",
}
"""Also there where Avistar runs from a checkout that was never installed."""
_EXTRAS = ("train", "export", "gui", "serve", "live")


def run() -> None:
    """The console script."""
    prepare_streams()
    if _named(sys.argv[1:]) != "gui":  # the window has an end of its own
        end_on_signals()
    leave(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    0 done, 1 failed, 2 wrong usage, 5 something that this machine lacks, 130 interrupted; a verb may have more.
    """
    try:
        typer.main.get_command(application(arguments)).main(list(arguments), prog_name="avistar")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except (AvistarError, ImportError) as error:
        if ended_by_signal() and isinstance(error, ImportError):  # it came while a library was loaded
            return INTERRUPTED
        foreseen = lacking(_named(arguments), error)
        note(f"avistar: {foreseen.text(_language(arguments))}")
        return exit_code(foreseen)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        return _tell_unforeseen(error, _language(arguments))
    return 0


def _tell_unforeseen(error: Exception, language: Language) -> int:
    """A line on an error that nobody turned into a sentence; a disk that fails has one of its own, wherever it was."""
    from avistar.files import is_of_the_disk, printable

    if os.environ.get("AVISTAR_DEBUG"):
        raise error
    if isinstance(error, OSError) and is_of_the_disk(error):
        said = Message(
            "the disk is full or can't be written to ({reason}; {file}): make room, then give the same command again",
            reason=reason_of(error),
            file=printable(error.filename) if error.filename else "?",
        )
        note(f"avistar: {said.to(language)}")
    else:
        note(f"avistar: unforeseen {type(error).__name__}: {error} (AVISTAR_DEBUG=1 shows where)")
    return 1


def _language(arguments: Sequence[str]) -> Language:
    """What `--language` asks for, else the environment: errors are said before any verb is."""
    for number, argument in enumerate(arguments):
        if argument in ("--language=es", "--language=en"):
            return "es" if argument.endswith("es") else "en"
        if argument == "--language" and number + 1 < len(arguments):
            return "es" if arguments[number + 1] == "es" else "en"
    return locale_language()


def exit_code(error: AvistarError) -> int:
    """2 wrong usage, 5 something missing on this machine, 1 anything else."""
    if isinstance(error, UsageError):
        return 2
    return 5 if isinstance(error, (BackendUnavailable, MissingExtra)) else 1


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line with every verb, or only with the one that `arguments` name: others cost time."""
    app = typer.Typer(
        # Plain help: rich's panels take longer to load than all the rest.
        rich_markup_mode=None,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(avistar)
    verbs = installed_verbs()
    named = _named(arguments)
    for name in [named] if named in verbs else verbs:
        _add(app, name, verbs[name])
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        tell(f"avistar {__version__}")
        raise typer.Exit


def avistar(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Tell which animal is in a photo, on the machine that took it: 30 species, or those of your own network."""


def installed_verbs() -> dict[str, EntryPoint]:
    """Each verb's entry point by name, the runtime's own first."""
    own = {name: EntryPoint(name, value, GROUP) for name, value in _OWN.items()}
    others = {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in own}
    return own | dict(sorted(others.items()))


def _named(arguments: Sequence[str]) -> str:
    return next((argument for argument in arguments if not argument.startswith("-")), "")


def _add(app: typer.Typer, name: str, entry: EntryPoint) -> None:
    try:
        verb: Any = entry.load()
    except Exception as error:  # one broken part must not take the others down
        _add_unavailable(app, name, error)
        return
    if isinstance(verb, typer.Typer):
        app.add_typer(verb, name=name)
    else:
        app.command(name)(verb)


def _add_unavailable(app: typer.Typer, name: str, error: Exception) -> None:
    reason = lacking(name, error)

    def unavailable() -> None:
        raise reason

    app.command(
        name,
        help=f"(not available) {reason}",
        short_help=f"(not available) {str(reason).rpartition(': ')[2]}",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(unavailable)


def lacking(name: str, error: Exception) -> AvistarError:
    """What to tell the user of a verb that can't be loaded or lacks a library: how to install it."""
    if isinstance(error, AvistarError):
        return error
    if name in _EXTRAS and isinstance(error, ImportError):
        return MissingExtra(name, f"`avistar {name}` ({error})")
    return AvistarError(
        "`avistar {name}` is broken in this installation ({error}): pip install --force-reinstall avistar",
        name=name,
        error=error,
    )

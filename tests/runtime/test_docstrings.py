"""The public names explain themselves: every parameter, what comes back, and what can go wrong."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import avistar

ROOT = Path(avistar.__file__).parents[2]
CLASSES = [getattr(avistar, name) for name in avistar.__all__ if inspect.isclass(getattr(avistar, name))]


def methods() -> Iterator[tuple[str, Any]]:
    """Every public method of a public class that takes something."""
    for owner in CLASSES:
        for name, value in vars(owner).items():
            function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            if not name.startswith("_") and inspect.isfunction(function):
                yield f"{owner.__name__}.{name}", function


def section(text: str, title: str) -> str:
    """What stands below a title in Google style, "" where it isn't there."""
    found = re.search(rf"^{title}:\n((?:    .*\n?|\n)+)", inspect.cleandoc(text), re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize(("name", "function"), [*methods()], ids=lambda value: value if isinstance(value, str) else "")
def test_every_parameter_and_result_of_a_public_method_is_described(name: str, function: Any) -> None:
    signature = inspect.signature(function)
    asked = [one for one in signature.parameters if one not in ("self", "cls")]
    described = re.findall(r"^    (\w+):", section(function.__doc__, "Args"), re.MULTILINE)
    assert described == asked, name
    if signature.return_annotation not in ("None", None):
        assert section(function.__doc__, "Returns") or section(function.__doc__, "Yields"), name


@pytest.mark.parametrize("owner", [one for one in CLASSES if is_dataclass(one)], ids=lambda one: one.__name__)
def test_every_public_field_is_described(owner: Any) -> None:
    described = re.findall(r"^    (\w+):", section(owner.__doc__, "Attributes"), re.MULTILINE)
    assert described == [one.name for one in fields(owner) if not one.name.startswith("_")]


@pytest.mark.parametrize("home", sorted(avistar._HOMES))
def test_examples_in_docstrings_print_what_they_say(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    module = importlib.import_module(f"avistar.{home}")
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0

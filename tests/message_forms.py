"""Finds every sentence that the runtime or the app says of a fault, as a form: '{} is no bundle: it has no {}'."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ERRORS = frozenset(
    ("AvistarError", "UsageError", "BundleError", "BackendUnavailable", "DeviceMemoryFull", "CatalogueError",
     "CatalogueBusy", "ImageError", "OSError", "FileNotFoundError")
)  # fmt: skip
NEVER_IN_THE_APP = ("cluster/", "serve/", "cli/")
"""Parts of the runtime whose sentences only a terminal or a program hears; `doctor` is asked by the app."""

TELLING = frozenset(
    ("sorting/undo.py", "sorting/carry.py", "formats/xmp.py", "formats/camtrap_dp/deployments.py",
     "formats/camtrap_dp/package.py", "bundle.py", "backends/tensorrt_library.py", "media/opencv.py", "images.py",
     "errors.py")
)  # fmt: skip
"""Modules in which sentences are also returned, yielded or added to a list of problems."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of each module whose sentences can reach the app."""
    for package in (ROOT / "runtime" / "avistar", ROOT / "gui" / "avistar_gui"):
        for path in sorted(package.rglob("*.py")):
            name = path.relative_to(package).as_posix()
            if not name.startswith(NEVER_IN_THE_APP) or name == "cli/doctor.py":
                yield name, ast.parse(path.read_text("utf-8"))


def forms() -> dict[str, str]:
    """Each form, and the module that says it."""
    found: dict[str, str] = {}
    for name, tree in modules():
        for form in _forms_in(name, tree):
            if sum(c.isalpha() for c in form.replace("{}", "")) >= 3:
                found.setdefault(form, name)
    return found


def _forms_in(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _forms_of_call(node, name, tree)
        elif isinstance(node, ast.AugAssign) and _name(node.target) in ("reasons", "problems"):
            yield from _long(_texts_below(node.value))
        elif name in TELLING and isinstance(node, (ast.Return, ast.Yield)) and node.value is not None:
            yield from _long(_sentences(node.value, tree))
        elif isinstance(node, ast.Assign) and _name(node.targets[0]) in ("problem", "notes"):
            yield from _long(_texts_below(node.value))
        elif isinstance(node, ast.Assign) and "CURE" in _name(node.targets[0]).upper():
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            for value in values:
                yield from _texts(value)


def _forms_of_call(node: ast.Call, module: str, tree: ast.Module) -> Iterator[str]:
    called = _name(node.func)
    if called in ERRORS or called in ("_lose", "_gone"):
        for argument in node.args:
            yield from _sentences(argument, tree)
    elif called == "__init__":  # of an error that makes its own sentence
        for argument in node.args:
            yield from _long(_sentences(argument, tree))
    elif called == "Check" and module == "cli/doctor.py" and len(node.args) > 2:
        yield from _sentences(node.args[2], tree)
    elif called == "append" and (module in TELLING or _list_of_reasons(node.func)):
        yield from _long(_sentences(node.args[0], tree))


def _list_of_reasons(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and _name(called.value) in ("reasons", "problems", "rejected", "notes")


def _long(sentences: Iterator[str]) -> Iterator[str]:
    return (one for one in sentences if one.count(" ") >= 2)


def _sentences(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """The forms of a message, of what stands in its holes by choice, and of what a function of the module makes."""
    if isinstance(node, ast.Tuple):
        for part in node.elts:
            yield from _sentences(part, tree)
        return
    if isinstance(node, ast.IfExp):
        yield from _sentences(node.body, tree)
        yield from _sentences(node.orelse, tree)
        return
    yield from _texts(node)
    for inner in ast.walk(node):
        if isinstance(inner, ast.IfExp):
            for part in (inner.body, inner.orelse):
                yield from _texts(part)
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
            made = next((f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == inner.func.id), None)
            if made is not None:
                for one in ast.walk(made):
                    if isinstance(one, ast.Return) and one.value is not None and one.value is not node:
                        values = one.value.elts if isinstance(one.value, ast.Tuple) else [one.value]
                        for value in values:
                            yield from _long(_texts(value))


def _texts(node: ast.AST) -> Iterator[str]:
    form = _form(node)
    if form is not None:
        yield form


def _texts_below(node: ast.AST) -> Iterator[str]:
    """The outermost texts in an expression."""
    form = _form(node)
    if form is not None:
        yield form
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts_below(child)


def _form(node: ast.AST) -> str | None:
    """The form of a text in the code, None for something else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _form(node.left), _form(node.right)
        return (left or "{}") + (right or "{}") if left or right else None
    return None


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""

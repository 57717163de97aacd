"""Every message that the product can answer with, read from its code: what varies in it is written `{}`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from nextbill.kernel.errors import Problem

SOURCE = Path(__file__).resolve().parents[2] / "src" / "nextbill"
PLACES = ("capabilities", "processes", "runtime/web", "runtime/travel.py", "kernel")
"""Where refusals are raised. Adapters answer in the vendors' words, and runtime's own ValueErrors are for whoever starts a process."""
FAULTS = {"ValueError", "BadDomainName"}
"""Read from as `str(error)` where a value is parsed."""
COLLECTED = {"wrong", "wanted", "missing", "errors"}
"""What functions call the messages that they gather by field."""
GIVING_BACK = {"NOT_PAID", "NOT_WANTED", "NOT_POSSIBLE", "TAKEN_OFF", "VOIDED", "PAUSED"}
"""Constants that say on a credit note why it is written."""
GATHERING = ("str | None", "tuple[str, str | None]", "tuple[Address, dict[str, str]]")
"""What functions give that find fault with a value."""
DEFECTS = (
    "order line {} is not a plan",
    "not fields of a registrant: {}",
    "a cycle is a positive number of {}",
    "a period ends after it starts",
    "a line has a quantity of at least one",
    "{} times {} is not {}",
    "amounts below zero belong on a credit note",
    "no revenue account for the product class {}",
    "a product has no name",
    "subscription {} has not begun",
    "{} is charged once: there is nothing to subscribe to",
)
"""Told to nobody: they would be mistakes of ours."""


def problems() -> list[type[Problem]]:
    found, waiting = [], [Problem]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.startswith("nextbill.")]


def blank(message: str) -> str:
    return re.sub(r"\{\w*\}", "{}", message)


def messages() -> dict[str, str]:
    """Each message, and a place that says it."""
    names = {kind.__name__ for kind in problems()}
    found = {}
    for place in PLACES:
        for path in [SOURCE / place] if place.endswith(".py") else sorted((SOURCE / place).rglob("*.py")):
            for message in _said(ast.parse(path.read_text(encoding="utf-8")), names):
                if " " in message:
                    found.setdefault(message, path.relative_to(SOURCE).as_posix())
    return {message: where for message, where in found.items() if message not in DEFECTS}


def _said(tree: ast.Module, problem_names: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, problem_names)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_name(target) in COLLECTED for target in targets):
                yield from _texts(node.value)
            if any(_name(target) in GIVING_BACK for target in targets):
                yield from map(blank, _texts(node.value))
        elif isinstance(node, ast.FunctionDef) and (node.name == "_reason" or _name_of_annotation(node) in GATHERING):
            yield from _returned(node)
        elif isinstance(node, ast.ClassDef) and node.name in problem_names:
            yield from (
                text for call in ast.walk(node) if isinstance(call, ast.Call) and _name(call.func) == "__init__" for text in _of_problem(call)
            )


def _of_call(call: ast.Call, problem_names: set[str]) -> Iterator[str]:
    name = _name(call.func)
    if name == "render":
        yield from (text for argument in call.args[3:4] for text in _texts(argument))
    elif name in problem_names or any(keyword.arg == "fields" for keyword in call.keywords):
        yield from _of_problem(call)
    elif name in FAULTS:
        yield from (text for argument in call.args for text in _texts(argument))
    elif name == "Fault" and len(call.args) == 3:
        yield from _texts(call.args[2])
    elif name == "credit_note":
        yield from (text for keyword in call.keywords if keyword.arg == "reason" for text in _texts(keyword.value))
    elif name == "By" and len(call.args) == 2:
        yield from _texts(call.args[1])


def _of_problem(call: ast.Call) -> Iterator[str]:
    for argument in call.args[:1]:
        yield from _texts(argument)
    for keyword in call.keywords:
        if keyword.arg == "fields":
            yield from _texts(keyword.value)


def _returned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can become; what is computed elsewhere is found there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (text for value in node.values for text in _texts(value))
    elif isinstance(node, ast.Tuple):
        yield from (text for value in node.elts for text in _texts(value))
    elif isinstance(node, ast.Dict):
        yield from (text for value in node.values for text in _texts(value))
    elif isinstance(node, ast.DictComp):
        yield from (*_texts(node.value), *_texts(node.generators[0].iter))


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def _name_of_annotation(function: ast.FunctionDef) -> str:
    return ast.unparse(function.returns) if function.returns else ""

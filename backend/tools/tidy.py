"""Rules of the house that no linter knows, held as a test. `python tools/tidy.py` lists what breaks them; exit code 1 if anything does."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

BACKEND = Path(__file__).resolve().parents[1]
SOURCES = ("src/nextbill", "src/nextbill_simulators", "src/nextbill_lab", "tools", "../clients/python/src")
FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "service", "services", "manager", "managers", "misc"}
PORTS = {"gateway", "registrar", "panel", "transport", "id_register", "tax_provider"}
IGNORES = re.compile(r"#\s*(type: ignore|noqa)(\S*\s*)$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def problems() -> list[str]:
    found: list[str] = []
    for folder in SOURCES:
        for path in sorted((BACKEND / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                found += _of_file(path)
    return [*found, *_missing_readmes()]


def _of_file(path: Path) -> Iterator[str]:
    name = path.relative_to(BACKEND).as_posix()
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if path.stem in BANNED_NAMES:
        yield f"{name}: a file is named for what it holds, not {path.stem}"
    if len(lines) > FILE_LINES_MAX:
        yield f"{name}: {len(lines)} lines; split it by use case (at most {FILE_LINES_MAX})"
    for number, line in enumerate(lines, 1):
        if IGNORES.search(line):
            yield f"{name}:{number}: an ignore carries its reason on its line"
        if UNFINISHED.search(line) and path != Path(__file__):
            yield f"{name}:{number}: unfinished"
    tree = ast.parse(text)
    yield from _long_functions(name, tree)
    if "src/nextbill/" in name:
        yield from _commits(name, tree)
        yield from _calls_in_transactions(name, tree)


def _long_functions(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines (at most {FUNCTION_LINES_MAX})"


def _commits(name: str, tree: ast.Module) -> Iterator[str]:
    if "/runtime/" in name:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("commit", "rollback"):
            yield f"{name}:{node.lineno}: {node.func.attr}() belongs to runtime: transactions end at the edge"


def _calls_in_transactions(name: str, tree: ast.Module) -> Iterator[str]:
    """No port is called where a transaction is open: inside `async with ….writing(…)`, or in a function that is given one."""
    for node in ast.walk(tree):
        opens = isinstance(node, ast.AsyncWith) and any(_opens_transaction(item.context_expr) for item in node.items)
        given = isinstance(node, ast.AsyncFunctionDef) and any(argument.arg == "tx" for argument in node.args.args)
        if opens or given:
            yield from (f"{name}:{line}: the outside is called while a transaction is open" for line in _port_calls(node))


def _opens_transaction(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute) and expression.func.attr in ("writing", "reading")


def _port_calls(node: ast.AST) -> Iterator[int]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Await) and isinstance(inner.value, ast.Call) and isinstance(inner.value.func, ast.Attribute):
            owner = inner.value.func.value
            named = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if named.strip("_") in PORTS:
                yield inner.lineno


def _missing_readmes() -> Iterator[str]:
    for folder in ("capabilities", "processes"):
        for part in sorted((BACKEND / "src/nextbill" / folder).iterdir()):
            if part.is_dir() and part.name != "__pycache__" and not (part / "README.md").exists():
                yield f"src/nextbill/{folder}/{part.name}: half a page of README (owns, states, invariants, traps) is missing"


def main() -> int:
    found = problems()
    print("\n".join(found) if found else "tidy")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

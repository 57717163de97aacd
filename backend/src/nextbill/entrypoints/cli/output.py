"""How commands speak: data on stdout (a table, or JSON with --json), progress and errors on stderr, documented exit codes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

FAILED, USAGE = 1, 2
stdout = Console()
stderr = Console(stderr=True)


def report(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """JSON has every field; the table leaves out columns in which nothing stands. The first column is never broken: it is what one copies."""
    if as_json:
        print(json.dumps(list(rows), default=_plain))
        return
    if not rows:
        stdout.print(empty)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    shown = [name for name in rows[0] if any(_said(row[name]) for row in rows)]
    for name in shown:
        number = isinstance(rows[0][name], int) and not isinstance(rows[0][name], bool)
        table.add_column(name.replace("_", " "), justify="right" if number else "left", overflow="fold", no_wrap=name == shown[0])
    for row in rows:
        table.add_row(*(_said(row[name]) for name in shown))
    stdout.print(table, markup=False)


def tell(facts: Mapping[str, Any], *, as_json: bool, after: str = "") -> None:
    """One thing: its facts, and what to do next."""
    if as_json:
        print(json.dumps(facts, default=_plain))
        return
    said = {name: _said(value) for name, value in facts.items() if _said(value)}
    width = max(map(len, said), default=0)
    for name, words in said.items():
        stdout.print(f"[bold]{name.replace('_', ' '):<{width}}[/]  {escape(words)}", highlight=False, soft_wrap=True)
    if after:
        stdout.print(f"\n{after}" if said else after, highlight=False, soft_wrap=True)


def fail(message: str, *, code: int = FAILED) -> NoReturn:
    stderr.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)

"""How commands speak: data on stdout (a table, or JSON with --json), progress and errors on stderr, documented exit codes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

FAILED, USAGE = 1, 2
stdout = Console()
stderr = Console(stderr=True)


def report(title: str, rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    if as_json:
        print(json.dumps(list(rows), default=str))
        return
    if not rows:
        stdout.print(empty)
        return
    table = Table(title=title, title_justify="left", header_style="bold")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="right" if isinstance(rows[0][name], int) else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    stdout.print(table)


def tell(facts: Mapping[str, Any], *, as_json: bool, after: str = "") -> None:
    """One thing: its facts, and what to do next."""
    if as_json:
        print(json.dumps(facts, default=str))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        stdout.print(f"[bold]{name.replace('_', ' '):<{width}}[/]  {value}", highlight=False, soft_wrap=True)
    if after:
        stdout.print(f"\n{after}", highlight=False, soft_wrap=True)


def fail(message: str, *, code: int = FAILED) -> NoReturn:
    stderr.print(f"[red]{message}[/]", highlight=False, soft_wrap=True)
    raise typer.Exit(code)

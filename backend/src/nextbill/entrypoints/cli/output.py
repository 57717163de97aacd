"""How commands speak: data on stdout (a table, or JSON with --json), progress and errors on stderr, documented exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from nextbill.entrypoints.embedded import layout
from nextbill.entrypoints.embedded.up import ENVIRONMENT
from nextbill.kernel.errors import Problem
from nextbill.runtime import logging
from nextbill.runtime.clock import make_clock
from nextbill.runtime.settings import MissingSetting, Settings
from nextbill.runtime.vendors import VendorError
from nextbill.wiring import Wired, wire

T = TypeVar("T")
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


def settings() -> Settings:
    """The environment's settings, or else the running system's; what is missing or does not fit is told by its name in the environment."""
    _borrow_from_running_system()
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in item['loc']).upper() or 'Settings'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        ]
        if any(item["loc"] == ("database_url",) and item["type"] == "missing" for item in error.errors()):
            lines.append("Start the system with ./dev.sh and try again, or set DATABASE_URL and SECRET_KEY (.env.example explains each).")
        fail("\n".join(lines), code=USAGE)


def with_system(use: Callable[[Wired], Awaitable[T]]) -> T:
    """Runs `use` with everything wired; a refusal becomes one clear line."""
    chosen = settings()
    logging.configure("text" if sys.stderr.isatty() else chosen.log_format, level=30)

    async def main() -> T:
        wired = wire(chosen, make_clock(chosen))
        try:
            return await use(wired)
        finally:
            await wired.close()

    try:
        return asyncio.run(main())
    except MissingSetting as missing:
        fail(str(missing), code=USAGE)
    except Problem as problem:
        fields = "".join(f"\n  {name}: {message}" for name, message in problem.fields.items())
        fail(f"{problem.detail}{fields}")
    except VendorError as error:
        fail(f"The vendor answered: {error}")
    except OSError as error:
        fail(f"{error}. Is the system running? ./dev.sh starts it.")


def _borrow_from_running_system() -> None:
    """Without a DATABASE_URL of one's own, commands mean the system that `up` runs here: it left its settings in its data folder."""
    chosen = layout.users_settings()
    left = Path(chosen.get("NEXTBILL_DATA") or layout.REPOSITORY / ".nextbill") / ENVIRONMENT
    if "DATABASE_URL" not in chosen and left.exists():
        for name, value in json.loads(left.read_text()).items():
            os.environ.setdefault(name, value)

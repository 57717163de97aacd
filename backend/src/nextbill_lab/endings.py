"""How a command of the lab ends when something is wrong: what is missing, where to look, exit code 1."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator

import httpx
import typer
from rich.console import Console

from nextbill_lab import system
from nextbill_lab.system import System
from nextbill_lab.trouble import Missing, Refused
from nextbill_lab.vendors import Declined

TROUBLE = (Missing, Refused, Declined, httpx.HTTPError)
INTERRUPTED = 130


@contextlib.contextmanager
def failing_clearly(*, as_json: bool) -> Iterator[None]:
    try:
        yield
    except TROUBLE as trouble:
        if as_json:
            sys.stdout.write(json.dumps({"problems": [in_words(trouble)]}) + "\n")
        say(trouble)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


@contextlib.contextmanager
def logs_shown(found: System, *, shown: bool) -> Iterator[None]:
    """A private system's logs go with it: where something fails, their ends are shown first."""
    try:
        yield
    except TROUBLE:
        if shown and found.data:
            console = Console(stderr=True)
            for name, lines in system.tails(found.data):
                console.print(f"--- the end of {name}", style="dim", highlight=False)
                console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
        raise


def in_words(trouble: Exception) -> str:
    if isinstance(trouble, httpx.HTTPError):
        return f"no answer ({type(trouble).__name__}): {trouble}"
    return str(trouble)


def say(trouble: Exception) -> None:
    console = Console(stderr=True)
    console.print(f"Missing: {in_words(trouble)}", style="red", markup=False, highlight=False, soft_wrap=True)
    if _where(trouble):
        console.print(f"Look at: {_where(trouble)}", markup=False, highlight=False, soft_wrap=True)


def _where(trouble: Exception) -> str:
    if isinstance(trouble, Missing):
        return trouble.where
    if isinstance(trouble, Refused) and trouble.correlation:
        return f"the API's log, correlation {trouble.correlation}"
    return ""

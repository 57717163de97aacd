"""`nextbill simulate`: year. Exit codes: 0 the books agree, 1 they differ or the year broke off, 2 wrong usage."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from nextbill_lab import system
from nextbill_lab.endings import failing_clearly, logs_shown
from nextbill_lab.simulate import script
from nextbill_lab.simulate.play import ENVIRONMENT, morning
from nextbill_lab.simulate.show import show
from nextbill_lab.simulate.year import live_through
from nextbill_lab.timeline import Timeline

app = typer.Typer(help="Play a long time in a short one, and count the books again.", no_args_is_help=True)
BEGINS = datetime.fromisoformat("2027-01-01")


@app.callback()
def root() -> None:
    """A group, so that other spans than the year can follow."""


@app.command("year")
def year(
    *,
    customers: Annotated[int, typer.Option(min=1, max=5000, help="How many sign up in the course of it.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Decides who buys what, when, and what becomes of it.")] = 1,
    months: Annotated[int, typer.Option(min=1, max=24, help="How long the year is.")] = 12,
    faults: Annotated[bool, typer.Option("--faults", help="Panels, registrar, gateway and mail server fail now and then.")] = False,
    begins: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Its first day.")] = BEGINS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the data folder with its logs, and say where it is.")] = False,
) -> None:
    """Play a year of a hosting company in a private system, print its annual report, and check the books against an independent recount.

    Customers sign up, upgrade, pause, leave; cards are refused and expire; one price rises. One worker does what is due, a day at a time.
    The same seed gives the same report. Exit code 1 if a single figure differs; each is named.

    Example: `nextbill simulate year --customers 200 --seed 1`
    """
    written = script.write(seed=seed, customers=customers, months=months, begins=begins.date(), faults=faults)
    timeline = Timeline(quiet=as_json)
    began = time.monotonic()
    with (
        failing_clearly(as_json=as_json),
        system.started(timeline, environment=ENVIRONMENT, without=("worker",), keep=keep, clock=morning(written.begins)) as found,
        logs_shown(found, shown=True),
        _days(written.begins, written.until) as on_day,
    ):
        if keep:
            sys.stderr.write(f"Data and logs: {found.data}\n")
        report = asyncio.run(live_through(found, written, on_day=on_day))
    if as_json:
        sys.stdout.write(json.dumps(report.told(), indent=1) + "\n")
    else:
        show(report)
    sys.stderr.write(f"{time.monotonic() - began:.0f} seconds\n")
    if report.differences:
        raise typer.Exit(1)


@contextmanager
def _days(begins: date, until: date) -> Iterator[Callable[[date], None]]:
    """A bar on stderr, a step for each day."""
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task("", total=(until - begins).days)

        def on_day(day: date) -> None:
            bar.update(line, completed=(day - begins).days, description=f"{day:%a %d %b %Y}")

        yield on_day

"""The sandbox's clock: what time it is, and how to move it with everything that is due."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from nextbill.entrypoints.cli.output import USAGE, fail, stderr, tell
from nextbill.entrypoints.cli.wired import with_system
from nextbill.entrypoints.worker import make_worker
from nextbill.runtime import travel
from nextbill.runtime.database import Role
from nextbill.runtime.worker import Worker
from nextbill.wiring import Wired

app = typer.Typer(
    help="The clock of the business: show it; in sandbox, move it and the simulators', and do all that falls due.", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
SPAN = re.compile(r"(\d{1,5})([dhm])")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@app.command("show")
def show(as_json: Json = False) -> None:
    """What time it is for the business, and how far that is ahead of the machine.

    Example: `nextbill clock show`
    """
    tell(with_system(_facts), as_json=as_json)


@app.command("advance")
def advance(span: Annotated[str, typer.Argument(help="32d, 6h or 90m")], as_json: Json = False) -> None:
    """Move the clock forward. It stops at each day on the way until all that was due by then is done.

    Example: `nextbill clock advance 32d`
    """
    found = SPAN.fullmatch(span)
    if not found:
        fail(f"{span}: say how far as 32d, 6h or 90m.", code=USAGE)
    by = timedelta(**{UNITS[found[2]]: int(found[1])})
    tell(with_system(lambda wired: _travel(wired, wired.context.clock.now() + by)), as_json=as_json)


@app.command("set")
def set_to(moment: Annotated[str, typer.Argument(help="2027-01-31, or 2027-01-31T09:00 (UTC)")], as_json: Json = False) -> None:
    """Move the clock forward to a moment (UTC). What is over does not come back.

    Example: `nextbill clock set 2027-01-31`
    """
    try:
        until = datetime.fromisoformat(moment)
    except ValueError:
        fail(f"{moment}: say when as 2027-01-31 or 2027-01-31T09:00.", code=USAGE)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    tell(with_system(lambda wired: _travel(wired, until)), as_json=as_json)


async def _facts(wired: Wired) -> dict[str, Any]:
    async with wired.database.reading(Role.WORK) as tx:
        found = await travel.journey(tx, wired.context.clock)
    return {"now": found.now, "ahead": _days(found.offset), "moving_to": found.until, "jobs_due": found.at_work}


def _days(offset: timedelta) -> str:
    hours = round(offset.total_seconds() / 3600)
    return f"{hours // 24} days {hours % 24} hours" if hours else "not at all"


async def _travel(wired: Wired, until: datetime) -> dict[str, Any]:
    async with wired.database.writing(Role.WORK) as tx:
        await travel.set_out(tx, wired.context.clock, until=until)
    # Done here as well as by the system's workers, so that it goes on where none runs.
    working = asyncio.create_task(_work(wired, make_worker(wired)))
    try:
        await _watch(wired, until, working)
    finally:
        await working
    return await _facts(wired)


async def _work(wired: Wired, worker: Worker) -> None:
    while True:
        await worker.drain(patience=travel.SOON, tick=False)
        async with wired.database.reading(Role.WORK) as tx:
            if (await travel.journey(tx, wired.context.clock)).until is None:
                return


async def _watch(wired: Wired, until: datetime, working: asyncio.Task[None]) -> None:
    """A bar on stderr; the days pass as fast as their work is done."""
    clock = wired.context.clock
    total = max(1.0, (until - clock.now()).total_seconds())
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[at_work]} jobs"), TimeElapsedColumn()
    with Progress(*columns, console=stderr, transient=True) as bar:
        line = bar.add_task("", total=total, at_work=0)
        while not working.done():
            facts = await _facts(wired)
            gone = total - max(0.0, (until - facts["now"]).total_seconds())
            bar.update(line, completed=gone, description=f"{facts['now']:%a %d %b %Y}", at_work=facts["jobs_due"])
            await asyncio.wait({working}, timeout=0.2)

"""`nextbill bench`: list, purchase, invoices, billing, overhead, validate, reserve, usage, connections."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from nextbill_lab import system
from nextbill_lab.bench import product
from nextbill_lab.bench.benchmark import ENVIRONMENT, Benchmark, Report, print_json
from nextbill_lab.bench.billing import WITHOUT as WITHOUT_WORKER
from nextbill_lab.bench.billing import Billing
from nextbill_lab.bench.connections import Connections
from nextbill_lab.bench.invoices import Invoices
from nextbill_lab.bench.overhead import Overhead
from nextbill_lab.bench.purchase import Purchases
from nextbill_lab.bench.reserve import Reserve
from nextbill_lab.bench.taking import Taking
from nextbill_lab.bench.usage import Usage
from nextbill_lab.bench.validate import Validation
from nextbill_lab.endings import failing_clearly, logs_shown
from nextbill_lab.timeline import Timeline

app = typer.Typer(help="What things cost: CPU of the product beside a bare route in the same run.", no_args_is_help=True, rich_markup_mode="markdown")
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
SIZES = (10_000, 1_000_000)
DUE = (10_000, 100_000)
BENCHMARKS = {
    "purchase": "Order, payment and delivery of a plan with a domain: seconds, and CPU per purchase. About a minute.",
    "invoices": "One invoice issued by staff, and pages of the list among a million. A few minutes, most of them for the million.",
    "billing": "The billing run at 10,000 and 100,000 subscriptions due; then the books are checked. Some minutes.",
    "overhead": "Ordinary routes with and without login, session and row-level security. About a minute.",
    "validate": "The panels' question, at 10,000 and 1,000,000 licenses, by 64 connections and by one. About four minutes.",
    "reserve": "Holding units of quotas, durably, by 64 connections; then the sums are compared. About a minute.",
    "usage": "Reporting usage, in the same way. About a minute.",
    "connections": "10,000 kept connections to one process, each asking now and then; memory. About two minutes.",
}


@app.command("list")
def show_list(as_json: Json = False) -> None:
    """Which benchmarks there are, and what each measures.

    Example: `nextbill bench list`
    """
    if as_json:
        print_json({"benchmarks": BENCHMARKS})
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in BENCHMARKS.items():
        table.add_row(name, words)
    console = Console()
    console.print(table)
    console.print("\nEach starts a private system, measures, and removes it.")
    console.print("Figures are medians of five rounds, and ratios to R: a bare FastAPI route in the same run.")


@app.command("purchase")
def purchase(
    count: Annotated[int, typer.Option(min=5, max=2000, help="Purchases in all, spread over five rounds.")] = 20,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Customers who buy at the same time.")] = 4,
    as_json: Json = False,
) -> None:
    """Buy and deliver in a private system: seconds from paid to delivered, and CPU per purchase.

    Product and simulated vendors are counted apart. Exit code 1 if a purchase was not delivered or the books do not balance.

    Example: `nextbill bench purchase --count 40`
    """
    _run(Purchases(count, concurrency), as_json=as_json)


@app.command("invoices")
def invoices(
    rows: Annotated[
        int, typer.Option("--invoices", "--rows", min=1000, max=5_000_000, help="Invoices that are there before anything is measured.")
    ] = 1_000_000,
    requests: Annotated[int, typer.Option(min=20, max=100_000, help="Requests of each list in each of the five rounds.")] = 100,
    issues: Annotated[int, typer.Option(min=5, max=10_000, help="Invoices issued in each of the five rounds.")] = 20,
    as_json: Json = False,
) -> None:
    """Issue an invoice, read its PDF, and page through the list among many, in a private system; each beside a bare route.

    Example: `nextbill bench invoices --invoices 1000000`
    """
    _run(Invoices(rows, requests, issues), as_json=as_json)


@app.command("billing")
def billing(
    due: Annotated[list[int] | None, typer.Option(min=100, max=5_000_000, help="How many subscriptions fall due; repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Bill a night's renewals in a private system, by one worker: CPU of worker and PostgreSQL for each invoice, beside a bare route.

    Then sums, numbers, books and what is left due are asked for. Exit code 1 if anything is wrong; never for speed.

    Example: `nextbill bench billing --due 10000 --due 100000 --due 1000000`
    """
    _run(Billing(due or DUE), as_json=as_json, without=WITHOUT_WORKER)


@app.command("overhead")
def overhead(
    requests: Annotated[int, typer.Option(min=100, max=100_000, help="Requests of each kind in each of the five rounds.")] = 250,
    as_json: Json = False,
) -> None:
    """What ordinary routes cost in a private system, each beside a bare route.

    Example: `nextbill bench overhead --json`
    """
    _run(Overhead(requests), as_json=as_json)


@app.command("validate")
def validate(
    licenses: Annotated[list[int] | None, typer.Option(min=100, max=20_000_000, help="How many licenses there are; repeatable.")] = None,
    requests: Annotated[int, typer.Option(min=100, max=1_000_000, help="Requests of each kind in each of the five rounds.")] = 5000,
    as_json: Json = False,
) -> None:
    """What "may I?" costs in a private system, beside a bare route, at 10,000 and at 1,000,000 licenses with four quotas each.

    Every answer is compared with what was filled in, and that nothing was written is read from PostgreSQL's statistics. Exit code 1 if an
    answer was wrong; never for speed.

    Example: `nextbill bench validate --licenses 10000 --licenses 10000000`
    """
    _run(Validation(licenses or SIZES, requests), as_json=as_json, without=product.WITHOUT)


@app.command("reserve")
def reserve(
    licenses: Annotated[int, typer.Option(min=100, max=20_000_000, help="How many licenses there are.")] = 10_000,
    requests: Annotated[int, typer.Option(min=100, max=1_000_000, help="Requests of each kind in each of the five rounds.")] = 5000,
    as_json: Json = False,
) -> None:
    """What holding a unit of a quota costs, durably, by 64 connections: over many licenses, and over one that all ask for.

    Some requests are sent twice, and at the end more is asked for than there is. Exit code 1 unless quotas and reservations in the database
    are exactly what was answered, and the limit was kept; never for speed.

    Example: `nextbill bench reserve --licenses 1000000`
    """
    _run(Taking(Reserve(), licenses, requests), as_json=as_json, without=product.WITHOUT)


@app.command("usage")
def usage(
    licenses: Annotated[int, typer.Option(min=100, max=20_000_000, help="How many licenses there are.")] = 10_000,
    requests: Annotated[int, typer.Option(min=100, max=1_000_000, help="Requests of each kind in each of the five rounds.")] = 5000,
    as_json: Json = False,
) -> None:
    """What reporting usage costs, durably, by 64 connections: over many licenses, and over one that all report for.

    As `bench reserve`; at the end more is reported as deleted than there is, and no count may fall below zero.

    Example: `nextbill bench usage --json`
    """
    _run(Taking(Usage(), licenses, requests), as_json=as_json, without=product.WITHOUT)


@app.command("connections")
def connections(
    count: Annotated[int, typer.Option(min=10, max=28_000, help="Connections, all kept open.")] = 10_000,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="For how long they ask.")] = 60,
    every: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds between two questions of one connection.")] = 20,
    as_json: Json = False,
) -> None:
    """Keep 10,000 connections to one API process, each asking for a license or a page now and then; its memory before, at and after.

    Exit code 1 on any error, wrong answer, lost connection, or memory beyond 32 MiB and 64 KiB a connection.

    Example: `nextbill bench connections --count 10000 --seconds 60`
    """
    _run(Connections(count, seconds, every), as_json=as_json, without=product.WITHOUT)


def _run(chosen: Benchmark, *, as_json: bool, without: Sequence[str] = ()) -> None:
    timeline = Timeline(quiet=as_json)
    with failing_clearly(as_json=as_json), system.started(timeline, environment=ENVIRONMENT, without=without) as found, logs_shown(found, shown=True):
        report = _on_uvloop(chosen, found, timeline)
    chosen.show(report, as_json=as_json)
    if report["problems"]:
        raise typer.Exit(1)


def _on_uvloop(chosen: Benchmark, found: system.System, timeline: Timeline) -> Report:
    """The load generator shares the machine with what it measures."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(chosen.run(found, timeline))

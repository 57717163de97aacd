"""`nextbill chaos`: purchase, billing."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Annotated, Literal

import typer

from nextbill_lab import system
from nextbill_lab.chaos import billing as billings
from nextbill_lab.chaos import size as sizes
from nextbill_lab.chaos.run import WITHOUT, Outcome, rage
from nextbill_lab.chaos.show import show
from nextbill_lab.endings import INTERRUPTED, TROUBLE, in_words, logs_shown, say
from nextbill_lab.timeline import Timeline

app = typer.Typer(help="Kill and cheat the product while it sells, then check that nothing is lost or doubled.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """A group, so that other processes than the purchase can follow."""


@app.command("purchase")
def purchase(
    *,
    orders: Annotated[int, typer.Option(min=1, max=5000, help="How many orders customers place.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Decides who buys what, who is killed when, and which vendor does what wrong.")] = 7,
    size: Annotated[Literal["full", "ci"], typer.Option(help="ci: one worker, a part of the crash points, shorter pauses.")] = "full",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the data folder with its logs, and say where it is.")] = False,
) -> None:
    """Sell in a private system while API, workers and PostgreSQL are killed and vendors misbehave; then check both sides.

    Every paid order must have exactly one net charge, license, registered domain, account and paid invoice, and nothing may exist that
    nobody paid for. Exit code 1 on any violation. The same seed makes the same plan; the interleaving is the machine's.

    Example: `nextbill chaos purchase --orders 60 --seed 7`
    """
    chosen = sizes.full(orders) if size == "full" else sizes.short(orders)
    timeline, outcome = Timeline(quiet=as_json), Outcome(seed, chosen)
    trouble: Exception | None = None
    try:
        with system.started(timeline, without=WITHOUT, keep=keep) as found, logs_shown(found, shown=True):
            if keep:
                sys.stderr.write(f"Data and logs: {found.data}\n")
            asyncio.run(rage(found, timeline, outcome))
    except TROUBLE as problem:
        trouble = problem
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        told = outcome.told() | {"seconds": timeline.seconds, "problems": [in_words(trouble)] if trouble else []}
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        show(outcome)
    if trouble is not None:
        say(trouble)
    if trouble is not None or outcome.violations:
        raise typer.Exit(1)


@app.command("billing")
def billing(
    *,
    lines: Annotated[int, typer.Option(min=100, max=5_000_000, help="Subscriptions that fall due.")] = 60_000,
    kills: Annotated[int, typer.Option(min=1, max=100, help="Workers that are killed.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="Decides who is killed, and at about which line.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")] = False,
) -> None:
    """Bill a night's renewals in a private system while workers get SIGKILL and PostgreSQL is stopped at once in mid-run; then check.

    Each (subscription, period) must be invoiced once, numbers gapless, the books balanced and nothing left due. Exit code 1 on any violation.

    Example: `nextbill chaos billing --lines 60000 --kills 12`
    """
    timeline, siege = Timeline(quiet=as_json), billings.Siege(lines, kills, seed)
    try:
        with system.started(timeline, environment=billings.ENVIRONMENT, without=billings.WITHOUT) as found, logs_shown(found, shown=True):
            billings.besiege(found, timeline, siege)
    except TROUBLE as problem:
        siege.problems.append(in_words(problem))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        sys.stdout.write(json.dumps(siege.told(), indent=1) + "\n")
    else:
        sys.stdout.write(f"{lines:,} due, {len(siege.killed_at)} workers killed, PostgreSQL stopped at line {siege.stopped_at}: ")
        sys.stdout.write(
            "\n".join(siege.problems) + "\n" if siege.problems else "every period billed once, numbers gapless, books balanced, nothing left due.\n"
        )
    if siege.problems:
        raise typer.Exit(1)

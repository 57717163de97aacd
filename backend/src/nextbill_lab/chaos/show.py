"""What came of a run, for people."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from nextbill_lab.chaos.run import Outcome

SHOWN = 20


def show(outcome: Outcome, console: Console | None = None) -> None:
    out = console or Console()
    out.print(f"\n[bold]Chaos: {outcome.size.orders} orders, seed {outcome.seed}[/]\n", highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("Promise", "Looked at", "Verdict"):
        table.add_column(title, overflow="fold")
    for check in outcome.checks:
        verdict = "[green]holds[/]" if not check.violations else f"[red]{len(check.violations)} violations[/]"
        table.add_row(check.promise, check.seen, verdict)
    out.print(table, highlight=False)
    _show_storm(outcome, out)
    for check in outcome.checks:
        for violation in check.violations[:SHOWN]:
            out.print(f"{check.promise}: {violation}", style="red", markup=False, highlight=False)
    verdict = "Nothing lost, nothing doubled, nothing wrong." if outcome.checks and not outcome.violations else f"{outcome.violations} violations."
    out.print(f"\n{verdict} Again with: nextbill chaos purchase --orders {outcome.size.orders} --seed {outcome.seed}", markup=False, highlight=False)


def _show_storm(outcome: Outcome, out: Console) -> None:
    rows = {
        "Paid orders": f"{outcome.paid} of {outcome.size.orders}",
        "Killed at crash points": f"{sum(outcome.crashed.values())}, {len(outcome.crashed)} of {len(outcome.storm.points)} points",
        "Killed at random": _told(outcome.killed) + (", PostgreSQL 1" if outcome.storm.postgres_killed else ""),
        "Ended by themselves": _told(outcome.ended),
        "Points not reached": ", ".join(outcome.missed) or "none",
        "Misdeeds planned": f"{sum(outcome.planned.values())}, {len(outcome.planned)} kinds",
        "Faults that struck": _told(outcome.struck),
        "Met by customers, staff": _told(outcome.met),
        "Parked, then retried": _told(outcome.parked),
        "Failed, then requeued": _told(outcome.requeued),
        "Unpaid leftovers": "; ".join(outcome.leftovers) or "none",
    }
    table = Table(box=None, show_header=False, padding=(1, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, value)
    out.print(table, highlight=False)


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"

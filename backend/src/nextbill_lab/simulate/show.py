"""The annual report for people: bars for the months, tables for the rest."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from nextbill_lab.simulate.report import Report

WIDTH = 34
SHOWN = 40
"""Differences that are printed; there is no use in reading hundreds."""


def show(report: Report, console: Console | None = None) -> None:
    out = console or Console()
    out.print(f"\n[bold]{report.customers} customers from {report.begins} until {report.until}[/], seed {report.seed}", highlight=False)
    out.print(Group(*_parts(report)), highlight=False)
    out.print(verdict(report), highlight=False)


def verdict(report: Report) -> Text:
    count = len(report.differences)
    if not count:
        return Text(f"\nBooks agree with an independent recount: {report.compared:,} figures compared, 0 differ.\n", style="bold green")
    lines = [f"\nBooks and recount differ: {count} of {report.compared:,} figures.", *report.differences[:SHOWN]]
    left = [f"and {count - SHOWN} more (--json names them all)"] if count > SHOWN else []
    return Text("\n  ".join([*lines, *left]) + "\n", style="red")


def _parts(report: Report) -> list[RenderableType]:
    currency = report.currency
    trials = report.trials
    facts = {
        f"Revenue, net of tax and credit notes, {currency}": report.revenue,
        "Joined / left": f"{sum(month.joined for month in report.months)} / {report.left}",
        "Churn a month": f"{report.churn_percent_a_month} %",
        "Trials begun / stayed / running": f"{trials['begun']} / {trials['stayed']} / {trials['running']}",
        "Automatic charges": ", ".join(f"{name} {count}" for name, count in report.charges.items()),
        "Told of the price rise": str(report.prices_raised),
    }
    return [
        _bars(report),
        _table("The year", facts),
        _table(f"Revenue by plan, {currency}", report.plans),
        _table(f"Open invoices by age, {currency}", report.ageing),
        _table("Tax by country and rate", report.tax),
    ]


def _bars(report: Report) -> RenderableType:
    table = Table(title=f"Monthly recurring revenue, {report.currency}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name, justify in (("", "left"), ("", "left"), ("MRR", "right"), ("running", "right"), ("joined", "right"), ("left", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
    highest = max((float(month.recurring) for month in report.months), default=0.0) or 1.0
    for month in report.months:
        bar = "█" * round(WIDTH * float(month.recurring) / highest)
        table.add_row(month.month, Text(bar, style="cyan"), month.recurring, str(month.running), str(month.joined), str(month.left))
    return Group(Text(), table)


def _table(title: str, rows: Mapping[str, str]) -> RenderableType:
    table = Table(title=title, title_justify="left", box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(overflow="fold")
    table.add_column(justify="right", overflow="fold")
    for name, value in rows.items():
        table.add_row(name, value)
    return Group(Text(), table)

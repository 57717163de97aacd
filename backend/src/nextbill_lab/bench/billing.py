"""What a renewal costs in the billing run: invoice, line, tax, number, postings, payable, schedule of charges, period; at several sizes, each beside R."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from nextbill_lab.api import Api
from nextbill_lab.bench import reference
from nextbill_lab.bench.benchmark import Report, print_json, show_problems, warm_up, yardstick
from nextbill_lab.bench.invoices import issue, log_in
from nextbill_lab.bench.meters import Meter, parts
from nextbill_lab.night import FIRST_CUSTOMER, Biller, Night
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing

WITHOUT = ("worker",)
TARGET_R = 1.5
FLAT = 1.15
SINGLY = 50
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 0.05
"""For each invoice: a run that takes longer is called stuck."""


class Billing:
    """Sizes one after the other, in one system: what was billed before stays."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sorted(sizes)

    async def run(self, system: System, timeline: Timeline) -> Report:
        night, problems, found = Night(system), list[str](), list[dict[str, float]]()
        with reference.serving() as (process, port):
            await warm_up(port)
            for size in self._sizes:
                with timeline.step(f"fill_{size}", f"{size:,} subscriptions due today"):
                    await asyncio.to_thread(night.fill, size)
                with timeline.step(f"run_{size}", "The run") as entry:
                    before = await yardstick(process, port)
                    told = await asyncio.to_thread(_measure, system, night, size)
                    bare = statistics.mean((before, await yardstick(process, port)))
                    found.append({"size": size, "r_microseconds": round(bare, 1), **told, "r": round(told["microseconds"] / bare, 2)})
                    entry.note = f"{told['microseconds']:.0f} µs an invoice, {found[-1]['r']:.2f} R"
                problems += [f"at {size:,}: {wrong}" for wrong in await asyncio.to_thread(night.wrong)]
            with timeline.step("singly", "One by one, for scale"):
                singly = await _singly(system)
                bare = await yardstick(process, port)
        one = {"microseconds": round(singly, 1), "r": round(singly / bare, 1)}
        return {"benchmark": "billing", "sizes": found, "singly": one, "target_r": TARGET_R, "flat_within": FLAT, "problems": problems}

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            print_json(report)
            return
        table = Table(title="One renewal: worker and PostgreSQL together, row-level security in force", title_justify="left", header_style="bold")
        for name in ("due", "worker µs", "PostgreSQL µs", "together", "in R", "target", "invoices / s"):
            table.add_column(name, justify="right")
        for one in report["sizes"]:
            verdict = "met" if one["r"] <= report["target_r"] else "missed"
            table.add_row(
                f"{one['size']:,}", f"{one['worker']:,.0f}", f"{one['postgres']:,.0f}", f"{one['microseconds']:,.0f}", f"{one['r']:.2f}",
                f"≤ {report['target_r']:g} {verdict}", f"{one['per_second']:,.0f}",
            )  # fmt: skip
        Console().print(table)
        singly = report["singly"]
        Console().print(f"One by one, by staff's two requests each: {singly['microseconds']:,.0f} µs, {singly['r']:,.0f} R.", highlight=False)
        ratios = [one["r"] for one in report["sizes"]]
        if len(ratios) > 1:
            Console().print(
                f"The dearest size costs {max(ratios) / min(ratios):.2f} times the cheapest (target ≤ {report['flat_within']:g}).", highlight=False
            )
        show_problems(Console(stderr=True), report["problems"])


async def _singly(system: System) -> float:
    """An invoice as the ordinary commands write it, each by itself: what a run would cost that knew no other way."""
    staff = Api(system.api)
    try:
        await log_in(system, staff)
        _, microseconds = await issue(system, staff, FIRST_CUSTOMER, count=SINGLY)
    finally:
        await staff.close()
    return microseconds


def _measure(system: System, night: Night, size: int) -> dict[str, float]:
    """From the moment at which the worker is at work until the run is done."""
    worker = Biller(system, "biller")
    try:
        worker.await_work()
        meter, began = Meter({**parts(system, "postgres"), "worker": worker.process.pid}), time.monotonic()
        while not night.done():
            if worker.process.poll() is not None or time.monotonic() - began > 60 + size * PATIENCE_SECONDS:
                raise Missing(f"the run does not end: {night.billed():,} of {night.count:,} are billed", where=f"{system.data}/logs/biller.log")
            time.sleep(LOOK_SECONDS)
        seconds, spent = time.monotonic() - began, meter.spent()
    finally:
        worker.end()
    each = {part: round(value * 1e6 / size, 1) for part, value in spent.items()}
    return {**each, "microseconds": round(sum(each.values()), 1), "per_second": round(size / seconds, 1)}

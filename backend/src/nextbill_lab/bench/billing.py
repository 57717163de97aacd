"""What a renewal costs in the billing run: invoice, line, tax, number, postings, payable, schedule of charges, period; at several sizes, each beside R."""

from __future__ import annotations

import asyncio
import math
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from nextbill_lab.api import Api
from nextbill_lab.bench import memory, reference
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
WARM_UP = 60_000
YARDSTICKS, BETWEEN = 5, 3
"""Before each run and after it, and between its pieces: the machine is another one some seconds later, so a run is held against what R was around it and meanwhile."""
PIECE, PIECES = 20_000, 10
"""A large run is billed in pieces of so many lines, at most so many: its brake stops it, R is looked at again, and staff orders the next. Each order looks anew past all
that was billed before, which a night's run does only at its end: fifty pieces of a million cost five to ten microseconds an invoice."""
ROUNDS: Final = ((500_000, 5), (2_000_000, 3), (sys.maxsize, 1))
"""Up to so many due: so many runs, each of new ones; the one in the middle counts."""
WORTH_A_FIGURE = 5_000
"""Fewer due are billed to see that it is done rightly; the machine's memory is left alone for them."""
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 0.05
"""For each invoice: a run that takes longer is called stuck."""


class Billing:
    """Sizes one after the other, in one system: what was billed before stays."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sorted(sizes)

    async def run(self, system: System, timeline: Timeline) -> Report:
        staff, worker = Api(system.api), Biller(system, "biller")
        try:
            await log_in(system, staff)
            await asyncio.to_thread(worker.await_work)
            return await self._sizes_of(_Scene(system, Night(system), worker, staff), timeline)
        finally:
            await staff.close()
            worker.end()

    async def _sizes_of(self, scene: _Scene, timeline: Timeline) -> Report:
        problems, found, bare = list[str](), list[dict[str, float]](), list[float]()
        with reference.serving() as (process, port):
            await warm_up(port)
            with timeline.step("warm_up", "Warm up"):
                await asyncio.to_thread(scene.night.warm)
                await scene.fill(WARM_UP)
                await scene.measure(WARM_UP)
            for size in self._sizes:
                rounds = list[dict[str, float]]()
                for number in range(1, _rounds(size) + 1):
                    with timeline.step(f"fill_{size}_{number}", f"{size:,} subscriptions due today"):
                        await scene.fill(size)
                    with timeline.step(f"run_{size}_{number}", "The run") as entry:
                        one, around = await _round(scene, size, process, port)
                        entry.note = f"{one['microseconds']:.0f} µs an invoice, {one['r']:.2f} R"
                        rounds.append(one)
                        bare += around
                found.append({"size": size, "rounds": len(rounds), **_median(rounds)})
                problems += [f"at {size:,}: {wrong}" for wrong in await asyncio.to_thread(scene.night.wrong)]
            with timeline.step("singly", "One by one, for scale"):
                _, singly = await issue(scene.system, scene.staff, FIRST_CUSTOMER, count=SINGLY)
        r = statistics.median(bare)
        one = {"microseconds": round(singly, 1), "r": round(singly / r, 1)}
        told = {"r_microseconds": round(r, 1), "r_from": round(min(bare), 1), "r_to": round(max(bare), 1), "singly": one}
        return {"benchmark": "billing", "sizes": found, **told, "target_r": TARGET_R, "flat_within": FLAT, "problems": problems}

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
        singly, held = report["singly"], [one["held_megabytes"] for one in report["sizes"]]
        Console().print(
            f"Free memory that costs no more than used was held meanwhile, up to {max(held):,} MB."
            if any(held)
            else "No free memory was held: none is known that costs less than other.",
            highlight=False,
        )
        Console().print(
            f"R is {report['r_microseconds']:,.0f} µs: the median of {report['r_from']:,.0f} to {report['r_to']:,.0f}; each run is held against the mean of those "
            "around it and between its pieces.",
            highlight=False,
        )
        Console().print(f"One by one, by staff's two requests each: {singly['microseconds']:,.0f} µs, {singly['r']:,.0f} R.", highlight=False)
        ratios = [one["r"] for one in report["sizes"]]
        if len(ratios) > 1:
            Console().print(
                f"The dearest size costs {max(ratios) / min(ratios):.2f} times the cheapest (target ≤ {report['flat_within']:g}).", highlight=False
            )
        show_problems(Console(stderr=True), report["problems"])


async def _round(scene: _Scene, size: int, process: int, port: int) -> tuple[dict[str, float], list[float]]:
    """A run, in R too, and each yardstick before, in and after it."""
    around = list[float]()

    async def look(times: int = BETWEEN) -> None:
        around.extend([await yardstick(process, port) for _ in range(times)])

    with memory.none_at_hand(most_bytes=None if size >= WORTH_A_FIGURE else 0) as held:
        await look(YARDSTICKS)
        spent = await scene.measure(size, between=look)
        await look(YARDSTICKS)
    r = statistics.mean(around)
    return {**spent, "r_microseconds": round(r, 1), "r": round(spent["microseconds"] / r, 2), "held_megabytes": held >> 20}, around


def _rounds(size: int) -> int:
    """A small run is over before the machine has shown both of its faces."""
    return next(rounds for most, rounds in ROUNDS if size <= most)


def _median(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """The round in the middle, by its ratio."""
    return sorted(rounds, key=lambda one: one["r"])[len(rounds) // 2]


@dataclass(frozen=True, slots=True)
class _Scene:
    """One worker through all sizes: what it costs to start, and to do anything for the first time, is not what is measured."""

    system: System
    night: Night
    worker: Biller
    staff: Api

    async def fill(self, size: int) -> None:
        await asyncio.to_thread(self.night.fill, size, by_itself=False)

    async def measure(self, size: int, *, between: Callable[[], Awaitable[None]] | None = None) -> dict[str, float]:
        """From staff's first order until the last run is done and all that it wrote is on disk. What PostgreSQL does while R is looked at counts as well.

        A million fills the buffers many times over and pays for writing them as it goes; what a small run leaves in them is its cost no less.
        `per_second` is of the run alone.
        """
        meter, waited = Meter({**parts(self.system, "postgres"), "worker": self.worker.process.pid}), 0.0
        most = max(PIECE, math.ceil(size / PIECES))
        while (left := self.night.count - self.night.billed()) > 0:
            if waited and between is not None:
                await between()
            waited += await self._piece(left, None if between is None or left <= most else most)
        await asyncio.to_thread(self.night.write_out)
        each = {part: round(value * 1e6 / size, 1) for part, value in meter.spent().items()}
        return {**each, "microseconds": round(sum(each.values()), 1), "per_second": round(size / waited, 1)}

    async def _piece(self, left: int, most: int | None) -> float:
        """Seconds until so many are billed, all that are left without a limit."""
        piece = min(left, most or left)
        began, goal = time.monotonic(), self.night.count - left + piece  # what the last piece had under way may have come since
        await self.staff.post("/admin/billing-runs", {} if most is None else {"max_lines": most})
        while self.night.under_way() or self.night.billed() < goal:
            if self.worker.process.poll() is not None or time.monotonic() - began > 60 + piece * PATIENCE_SECONDS:
                raise Missing(
                    f"the run does not end: {self.night.billed():,} of {self.night.count:,} are billed", where=f"{self.system.data}/logs/biller.log"
                )
            await asyncio.sleep(LOOK_SECONDS)
        return time.monotonic() - began

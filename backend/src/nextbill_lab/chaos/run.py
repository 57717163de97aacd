"""One run: a private system, the storm, the dust, the questions."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from nextbill_lab.chaos.checks import Check, check_all
from nextbill_lab.chaos.desk import Desk
from nextbill_lab.chaos.evidence import Evidence, collect_ours, collect_theirs
from nextbill_lab.chaos.mayhem import Doors, Mayhem, Storm, keep_running
from nextbill_lab.chaos.misdeeds import PLENTY, Vendors
from nextbill_lab.chaos.patience import Patience
from nextbill_lab.chaos.processes import Product
from nextbill_lab.chaos.settling import Settled, settle
from nextbill_lab.chaos.shopper import Shopper, crowd
from nextbill_lab.chaos.size import Size
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing
from nextbill_lab.vendors import Outside

WITHOUT = ("api", "worker")
START_SECONDS = 60.0
FINISH_SECONDS = 150.0
"""For customers who are still at it: longer than the lock that a killed request leaves on its Idempotency-Key."""


@dataclass
class Outcome:
    seed: int
    size: Size
    storm: Storm = field(default_factory=Storm)
    settled: Settled = field(default_factory=Settled)
    planned: dict[str, int] = field(default_factory=dict)
    struck: dict[str, int] = field(default_factory=dict)
    crashed: dict[str, int] = field(default_factory=dict)
    killed: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)
    requeued: dict[str, int] = field(default_factory=dict)
    leftovers: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    paid: int = 0

    @property
    def violations(self) -> int:
        return sum(len(check.violations) for check in self.checks)

    @property
    def missed(self) -> list[str]:
        return [point for point, reached in self.storm.points.items() if not reached and point not in self.crashed]

    def told(self) -> dict[str, Any]:
        return {
            "chaos": "purchase",
            "seed": self.seed,
            "orders": self.size.orders,
            "paid_orders": self.paid,
            "kills": {"crash_points": self.crashed, "at_random": self.killed, "postgres": int(self.storm.postgres_killed), "ended": self.ended},
            "crash_points_not_reached": self.missed,
            "misdeeds": self.planned,
            "faults_struck": self.struck,
            "answers_that_customers_and_staff_met": self.met,
            "parked": self.parked,
            "requeued": self.requeued,
            "settling": {"rounds": self.settled.rounds, "leaps_of_the_clock": self.settled.leaps, "waited_for": self.settled.waited_for},
            "unpaid_leftovers": self.leftovers,
            "checks": [{"promise": check.promise, "seen": check.seen, "violations": check.violations} for check in self.checks],
            "violations": self.violations,
        }


async def rage(system: System, timeline: Timeline, outcome: Outcome) -> None:
    """Fills in `outcome`, as far as it gets."""
    if system.data is None:
        raise Missing("chaos needs a system of its own")
    outside, patience, size = Outside(), Patience(), outcome.size
    settings = {"VENDOR_TIMEOUT_SECONDS": str(size.vendor_timeout), "RATE_LIMIT_PER_MINUTE": "1000000", "DATABASE_POOL_SIZE": "8"}
    product = Product(system.data, workers=size.workers, settings=settings)
    vendors, desk = Vendors(system, outside), Desk(system, patience)
    shoppers = crowd(system, outside, patience, seed=outcome.seed, orders=size.orders)
    keeping: asyncio.Task[None] | None = None
    try:
        with timeline.step("product", "Start API and workers"):
            product.start()
            await _answers(outside, system)
            keeping = asyncio.create_task(keep_running(product))
        doors = Doors(shoppers, size.at_once)
        await _storm(vendors, product, doors, timeline, outcome)
        await _dust(vendors, desk, doors, patience, timeline, outcome)
        await _questions(vendors, desk, shoppers, product, timeline, outcome)
    finally:
        outcome.met, outcome.parked, outcome.requeued = dict(patience.met), dict(desk.parked), dict(desk.requeued)
        outcome.crashed, outcome.killed, outcome.ended = dict(product.crashed), dict(product.killed), dict(product.ended)
        if keeping is not None:
            keeping.cancel()
        product.stop()
        for shopper in shoppers:
            await shopper.close()
        await desk.close()
        await outside.close()


async def _answers(outside: Outside, system: System) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            if (await outside.http.get(f"{system.api}/health/ready")).status_code == httpx.codes.OK:
                return
        await asyncio.sleep(0.2)
    raise Missing("the API does not get ready", where=f"{system.logs}/api.log")


async def _storm(vendors: Vendors, product: Product, doors: Doors, timeline: Timeline, outcome: Outcome) -> None:
    with timeline.step("storm", "Kill, cheat, and sell") as entry:
        await vendors.reseed(outcome.seed)
        await vendors.fund(PLENTY)
        mayhem = Mayhem(product, vendors, doors, size=outcome.size, seed=outcome.seed)
        outcome.storm = mayhem.storm
        await mayhem.rage()
        reached = sum(outcome.storm.points.values())
        entry.note = f"{reached} of {len(outcome.storm.points)} crash points"


async def _dust(vendors: Vendors, desk: Desk, doors: Doors, patience: Patience, timeline: Timeline, outcome: Outcome) -> None:
    with timeline.step("customers", "Let the customers finish") as entry:
        outcome.planned, outcome.struck = dict(vendors.planned), await vendors.struck()
        await vendors.behave()
        helping = asyncio.create_task(_help(desk))
        finish = FINISH_SECONDS + doors.left
        patience.deadline = time.monotonic() + finish
        await doors.everybody(until=time.monotonic() + finish + 30.0)
        helping.cancel()
        patience.deadline = float("inf")
        entry.note = f"{doors.busy()} still at it" if doors.busy() else "all are done"
        for task in doors.inside:
            task.cancel()
        await asyncio.gather(*doors.inside, return_exceptions=True)
    with timeline.step("settle", "Let the dust settle") as entry:
        patience.deadline = time.monotonic() + outcome.size.settle + FINISH_SECONDS
        outcome.settled = await settle(desk, vendors, seconds=outcome.size.settle)
        entry.note = f"{outcome.settled.rounds} rounds, {len(outcome.settled.still_open)} things open"


async def _help(desk: Desk) -> None:
    """Staff is at its desk while customers finish: a checkout or a mail that is parked keeps somebody waiting."""
    while True:
        await desk.press_buttons()
        await asyncio.sleep(5.0)


async def _questions(vendors: Vendors, desk: Desk, shoppers: Sequence[Shopper], product: Product, timeline: Timeline, outcome: Outcome) -> None:
    with timeline.step("questions", "Ask both sides") as entry:
        ours, theirs = await collect_ours(desk, shoppers, product.environment), await collect_theirs(vendors)
        purchases = [purchase for shopper in shoppers for purchase in shopper.purchases]
        evidence = Evidence(purchases, ours, theirs, outcome.settled.still_open, desk.nameless)
        outcome.checks = check_all(evidence)
        outcome.paid = len(ours.paid)
        pays = {purchase.order_id: purchase.pays for purchase in purchases}
        why = {True: "the customer wanted to pay and could not", False: "the customer never paid"}
        outcome.leftovers = [f"{order['number']}: {order['state']}; {why[pays.get(order['id'], True)]}" for order in ours.unpaid]
        entry.note = f"{outcome.violations} violations"

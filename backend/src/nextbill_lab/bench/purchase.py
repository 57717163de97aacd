"""What a purchase costs, from the order to the last mail, and how long its delivery takes."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from rich.console import Console

from nextbill_lab.bench import reference
from nextbill_lab.bench.benchmark import ROUNDS, Report, cost_table, print_json, show_problems, warm_up, yardstick
from nextbill_lab.bench.figures import Cost, cost, known, per, percentile
from nextbill_lab.bench.meters import PRODUCT, SIMULATORS, Meter, parts
from nextbill_lab.customer import Customer, random_domain, random_word
from nextbill_lab.demo import PLAN
from nextbill_lab.others import staff_of
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing, Refused
from nextbill_lab.vendors import Declined, Outside

TARGET_R = 150.0
TARGET_SECONDS = 2.0
WAIT_SECONDS = 60.0
POLL_SECONDS = 0.1
SETTLE_SECONDS = 2.0
GOES_WRONG = (Missing, Refused, Declined, httpx.HTTPError)


@dataclass
class Round:
    """One round's microseconds for each purchase by part, beside R; and each purchase's seconds from paid to the welcome mail."""

    bare: float
    buying: dict[str, float]
    signing_up: dict[str, float]
    seconds: list[float] = field(default_factory=list)


class Purchases:
    """`count` purchases in five rounds, `concurrency` customers at a time. Signing up is measured apart from buying."""

    def __init__(self, count: int, concurrency: int) -> None:
        self._sizes = [count // ROUNDS + (number < count % ROUNDS) for number in range(ROUNDS)]
        self._concurrency = concurrency

    async def run(self, system: System, timeline: Timeline) -> Report:
        outside, problems = Outside(), list[str]()
        try:
            with reference.serving() as (process, port):
                with timeline.step("warm_up", "Warm up"):
                    await warm_up(port)
                    await self._round(system, outside, 0.0, self._concurrency, problems)
                rounds = []
                for number, size in enumerate(self._sizes, start=1):
                    with timeline.step(f"round_{number}", f"Round {number} of {ROUNDS}") as entry:
                        bare = await yardstick(process, port)
                        rounds.append(await self._round(system, outside, bare, size, problems))
                        entry.note = f"{len(rounds[-1].seconds)} of {size} delivered, R = {bare:.0f} µs"
            balance = await _trial_balance(system)
        finally:
            await outside.close()
        problems += [f"the trial balance in {currency} is {amount}, not zero" for currency, amount in balance.items() if amount]
        return report(rounds, bought=sum(self._sizes), concurrency=self._concurrency, balance=balance, problems=problems)

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            print_json(report)
            return
        console, times = Console(), report["paid_to_delivered_seconds"]
        console.print(f"\n{report['delivered']} of {report['bought']} purchases delivered, {report['concurrency']} at a time.", highlight=False)
        console.print(f"Trial balance: {report['trial_balance']}", highlight=False)
        if times["median"] is not None:
            console.print(
                f"Paid to delivered, welcome mail included: median {times['median']:.2f} s (target ≤ {TARGET_SECONDS:g}), p95 {times['p95']:.2f} s"
            )
        console.print(cost_table(f"R = {report['r_microseconds']:.0f} µs", [Cost(**known(told)) for told in report["costs"]], per_what="purchase"))
        show_problems(Console(stderr=True), report["problems"])

    async def _round(self, system: System, outside: Outside, bare: float, size: int, problems: list[str]) -> Round:
        customers = [Customer(system, outside) for _ in range(size)]
        turns = asyncio.Semaphore(self._concurrency)
        seconds: list[float] = []

        async def one(customer: Customer) -> None:
            async with turns:
                try:
                    seconds.append(await buy(customer))
                except GOES_WRONG as trouble:
                    problems.append(f"{customer.person.email}: {trouble}")

        try:
            meter = Meter(parts(system, *PRODUCT, *SIMULATORS))
            for customer in customers:
                await customer.sign_up()
            signing_up = per(meter.spent(), size)
            meter = Meter(parts(system, *PRODUCT, *SIMULATORS))
            await asyncio.gather(*(one(customer) for customer in customers))
            return Round(bare, per(meter.spent(), size), signing_up, seconds)
        finally:
            for customer in customers:
                await customer.close()


async def buy(customer: Customer) -> float:
    """Order, pay, wait for the welcome mail, check the order; the seconds from paid to the mail.

    It waits at the mailbox, so that asking costs the product nothing.
    """
    domain = random_domain()
    order = await customer.order(plan=PLAN, domain=domain, key=f"bench-{random_word(16)}")
    landing = await customer.pay(await customer.checkout(order["id"]))
    paid = time.monotonic()
    await customer.come_back(landing)
    await customer.welcome(order["number"], seconds=WAIT_SECONDS, pause=POLL_SECONDS)
    seconds = time.monotonic() - paid
    done = await customer.delivered(order["id"], seconds=SETTLE_SECONDS, pause=POLL_SECONDS)
    if any(line["state"] != "delivered" for line in done["lines"]):
        raise Missing(f"order {done['number']} is completed with a line that was not delivered")
    return seconds


async def _trial_balance(system: System) -> dict[str, int]:
    staff = await staff_of(system)
    try:
        return await staff.trial_balance()
    finally:
        await staff.close()


def report(rounds: Sequence[Round], *, bought: int, concurrency: int, balance: dict[str, int], problems: list[str]) -> Report:
    seconds = [value for one in rounds for value in one.seconds]
    return {
        "benchmark": "purchase",
        "bought": bought,
        "delivered": len(seconds),
        "concurrency": concurrency,
        "r_microseconds": round(statistics.median(one.bare for one in rounds), 1),
        "paid_to_delivered_seconds": {
            "median": round(statistics.median(seconds), 3) if seconds else None,
            "p95": round(percentile(seconds, 0.95), 3) if seconds else None,
            "target_median": TARGET_SECONDS,
        },
        "costs": [found.told() for found in costs(rounds)],
        "trial_balance": balance,
        "problems": problems,
    }


def costs(rounds: Sequence[Round]) -> list[Cost]:
    bare = [one.bare for one in rounds]
    found = [cost("purchase: the product", [sum(one.buying[part] for part in PRODUCT) for one in rounds], bare, target_r=TARGET_R)]
    found += [cost(f"  of it {part}", [one.buying[part] for one in rounds], bare) for part in PRODUCT]
    found.append(cost("purchase: simulated vendors", [one.buying["simulators"] for one in rounds], bare))
    found.append(cost("signing up before it: the product", [sum(one.signing_up[part] for part in PRODUCT) for one in rounds], bare))
    return found

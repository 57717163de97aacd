"""What ordinary routes cost: the frame alone, a public list, and a customer's own rows with login, session and row-level security."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from nextbill_lab.api import PREFIX
from nextbill_lab.bench import hammer, reference
from nextbill_lab.bench.benchmark import ROUNDS, WARM_UP_REQUESTS, Report, cost_table, print_json, show_problems, warm_up, yardstick
from nextbill_lab.bench.figures import Cost, cost, known, per
from nextbill_lab.bench.meters import SERVERS, Meter, parts
from nextbill_lab.customer import Customer, random_domain, random_word
from nextbill_lab.demo import PLAN
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline
from nextbill_lab.vendors import Outside

CONNECTIONS = 16
ORDINARY_R = 12.0


@dataclass(frozen=True)
class Target:
    """A request to repeat. `most_r`: how many bare routes it may cost."""

    name: str
    url: str
    headers: dict[str, str]
    most_r: float | None = None


class Overhead:
    """`requests` of each kind in each of five rounds, the kinds and the yardstick in turns."""

    def __init__(self, requests: int) -> None:
        self._requests = requests

    async def run(self, system: System, timeline: Timeline) -> Report:
        outside = Outside()
        customer = Customer(system, outside)
        problems: list[str] = []
        try:
            with timeline.step("prepare", "A customer with an order"):
                targets = await _targets(system, customer)
            with reference.serving() as (process, port):
                with timeline.step("warm_up", "Warm up"):
                    await warm_up(port)
                    for target in targets:
                        await hammer.hammer(target.url, _message(target), count=WARM_UP_REQUESTS, connections=CONNECTIONS)
                bare, spent = list[float](), dict[str, list[float]]()
                for number in range(1, ROUNDS + 1):
                    with timeline.step(f"round_{number}", f"Round {number} of {ROUNDS}") as entry:
                        bare.append(await yardstick(process, port))
                        for target in targets:
                            spent.setdefault(target.name, []).append(await self._measured(system, target, problems))
                        entry.note = f"R = {bare[-1]:.0f} µs"
        finally:
            await customer.close()
            await outside.close()
        found = [cost(target.name, spent[target.name], bare, target_r=target.most_r) for target in targets]
        return report(found, bare=bare, requests=self._requests, problems=problems)

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            print_json(report)
            return
        costs = [Cost(**known(told)) for told in report["costs"]]
        Console().print(cost_table(f"API and PostgreSQL together; R = {report['r_microseconds']:.0f} µs", costs, per_what="request"))
        show_problems(Console(stderr=True), report["problems"])

    async def _measured(self, system: System, target: Target, problems: list[str]) -> float:
        meter = Meter(parts(system, *SERVERS))
        volley = await hammer.hammer(target.url, _message(target), count=self._requests, connections=CONNECTIONS)
        wrong = {status: count for status, count in volley.statuses.items() if status != 200}
        if wrong:
            problems.append(f"{target.name}: {wrong} of {volley.answered} answers were not 200")
        return sum(per(meter.spent(), volley.answered).values())


async def _targets(system: System, customer: Customer) -> list[Target]:
    """Made by a customer who has one open order: nothing of it depends on a delivery."""
    await customer.sign_up()
    order = await customer.order(plan=PLAN, domain=random_domain(), key=f"bench-{random_word(16)}")
    own = {"Authorization": customer.api.authorization}
    base = f"{system.api}{PREFIX}"
    return [
        Target("GET /health: the frame alone", f"{system.api}/health", {}),
        Target("GET /plans: public, from the database", f"{base}/plans", {}),
        Target("GET /auth/me: login and session", f"{base}/auth/me", own),
        Target("GET /orders: own rows", f"{base}/orders", own, ORDINARY_R),
        Target("GET /orders/{id}: one with its lines", f"{base}/orders/{order['id']}", own, ORDINARY_R),
    ]


def _message(target: Target) -> bytes:
    return hammer.request(target.url, headers=target.headers)


def report(found: Sequence[Cost], *, bare: Sequence[float], requests: int, problems: list[str]) -> Report:
    return {
        "benchmark": "overhead",
        "requests": requests * ROUNDS,
        "connections": CONNECTIONS,
        "r_microseconds": round(statistics.median(bare), 1),
        "costs": [one.told() for one in found],
        "problems": problems,
    }

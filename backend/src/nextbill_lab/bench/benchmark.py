"""What every benchmark is: something that runs against a private system and reports."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table

from nextbill_lab.bench import hammer, reference
from nextbill_lab.bench.figures import Cost, per
from nextbill_lab.bench.meters import Meter
from nextbill_lab.system import System
from nextbill_lab.timeline import Timeline

ROUNDS = 5
YARDSTICK_REQUESTS = 3000
YARDSTICK_ALONE = 800
YARDSTICK_CONNECTIONS = 64
WARM_UP_REQUESTS = 150
# The limits that protect a shop from one caller would end a benchmark; nothing else differs from a system as it is started.
ENVIRONMENT = {"RATE_LIMIT_PER_MINUTE": "10000000"}
Report = dict[str, Any]


class Benchmark(Protocol):
    async def run(self, system: System, timeline: Timeline) -> Report:
        """The report; its `problems` is empty where everything that was measured was also right."""
        ...

    def show(self, report: Report, *, as_json: bool) -> None: ...


async def yardstick(process: int, port: int, *, connections: int = YARDSTICK_CONNECTIONS) -> float:
    """R now: CPU microseconds of a bare route. By one connection it costs more; R is always that of 64."""
    url = f"http://127.0.0.1:{port}{reference.PATH}"
    message = hammer.request(url)
    meter = Meter({"bare": process})
    volley = await hammer.hammer(url, message, count=YARDSTICK_REQUESTS if connections > 1 else YARDSTICK_ALONE, connections=connections)
    return per(meter.spent(), volley.answered)["bare"]


async def warm_up(port: int) -> None:
    url = f"http://127.0.0.1:{port}{reference.PATH}"
    await hammer.hammer(url, hammer.request(url), count=WARM_UP_REQUESTS, connections=YARDSTICK_CONNECTIONS)


def print_json(report: Report) -> None:
    sys.stdout.write(json.dumps(report) + "\n")


def cost_table(title: str, costs: Sequence[Cost], *, per_what: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("what", overflow="fold")
    for name in (f"CPU µs / {per_what}", "in R", "target"):
        table.add_column(name, justify="right")
    for cost in costs:
        target = f"≤ {cost.target_r:g} {cost.verdict}" if cost.target_r is not None else ""
        table.add_row(cost.what, f"{cost.microseconds:,.0f}", f"{cost.r:,.2f}", target)
    return table


def show_problems(console: Console, problems: Sequence[str]) -> None:
    for problem in problems:
        console.print(f"Wrong: {problem}", style="red", markup=False, highlight=False, soft_wrap=True)

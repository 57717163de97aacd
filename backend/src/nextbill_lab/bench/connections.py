"""`bench connections`: many kept connections to one API process, each asking now and then; memory before, at and after."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from nextbill_lab.api import PREFIX
from nextbill_lab.bench import hammer, panel, product
from nextbill_lab.bench.benchmark import ENVIRONMENT, Report, print_json, show_problems
from nextbill_lab.bench.database import Owner
from nextbill_lab.bench.figures import milliseconds, per
from nextbill_lab.bench.meters import Meter
from nextbill_lab.bench.population import Population, difference, expected, question
from nextbill_lab.system import PanelKey, System
from nextbill_lab.timeline import Timeline
from nextbill_lab.trouble import Missing

LICENSES = 10_000
SPARE_DESCRIPTORS = 500
OPENING_AT_ONCE = 100
PAGES = 0.1
"""One question in ten is a page of the shop; the others are validates."""
PAGE = f"{PREFIX}/plans"
MOST_BYTES_PER_CONNECTION = 64 * 1024
MOST_BYTES_BESIDE = 32 * 2**20
"""What a process may grow by that is busy for the first time, however many connections there are."""
PATIENCE_SECONDS = 60.0
SAMPLE_SECONDS = 0.5
SETTLE_SECONDS = 3.0
WARM_UP, WARM_UP_PAGES = 2000, 200
PROBLEMS_SHOWN = 5


@dataclass
class Traffic:
    """What came back on all connections."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Connections:
    """`count` connections kept for `seconds`, each asking once in every `every` seconds, at a moment of its own."""

    def __init__(self, count: int, seconds: float, every: float) -> None:
        self._count, self._seconds, self._every = count, seconds, every
        self._chance = random.Random(7)
        self._population = Population(LICENSES)
        self._traffic = Traffic()

    async def run(self, system: System, timeline: Timeline) -> Report:
        self._need_descriptors()
        key = product.panel_key(system, ["validate"])
        with timeline.step("fill", f"{LICENSES:,} licenses"):
            owner = Owner(system)
            owner.fill(self._population)
            owner.close()
        with product.serving(system, ENVIRONMENT) as api:
            with timeline.step("warm_up", "Warm up"):
                warm = panel.messages(system.api, panel.VALIDATE, [question(self._chance, LICENSES).body for _ in range(WARM_UP)], key=key)
                await hammer.fire(system.api, [*warm, *[hammer.request(f"{system.api}{PAGE}")] * WARM_UP_PAGES], connections=64)
            memory = {"before": product.resident_bytes(api)}
            with timeline.step("open", f"Open {self._count:,} connections"):
                lines = await _opened(system, self._count)
            memory["open"] = product.resident_bytes(api)
            meter = Meter({"api": api, "postgres": system.pids["postgres"]})
            with timeline.step("ask", f"Ask for {self._seconds:.0f} s") as entry:
                async with _highest(api, memory):
                    await self._ask_all(lines, system, key)
                entry.note = f"{self._traffic.statuses.total():,} answers"
            spent = per(meter.spent(), max(1, self._traffic.statuses.total()))
            lost = sum(line.lost for line in lines)
            with timeline.step("close", "Close them"):
                for line in lines:
                    line.close()
                await asyncio.sleep(SETTLE_SECONDS)
            memory["after"] = product.resident_bytes(api)
        return self._report(memory, lost=lost, spent=spent)

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            print_json(report)
            return
        console, mebi = Console(), {name: f"{size / 2**20:.0f}" for name, size in report["resident_bytes"].items()}
        console.print(
            f"\n{report['connections']:,} connections for {report['seconds']:g} s, each asking once in {report['every_seconds']:g} s: "
            f"{report['answers']:,} answers by status {report['statuses']}, {report['wrong']} wrong, {report['lost']} connections lost",
            highlight=False,
        )
        console.print(f"p50 {report['p50_ms']} ms, p95 {report['p95_ms']}, p99 {report['p99_ms']}", highlight=False)
        console.print(f"CPU for each answer: {report['cpu_microseconds']} µs", highlight=False)
        console.print(
            f"Memory of the API process, MiB: before {mebi['before']}, all open {mebi['open']}, highest {mebi['highest']}, after {mebi['after']}; "
            f"{report['bytes_per_connection'] / 1024:.1f} KiB a connection (at most {MOST_BYTES_PER_CONNECTION / 1024:.0f})",
            highlight=False,
        )
        show_problems(Console(stderr=True), report["problems"])

    def _need_descriptors(self) -> None:
        wanted = self._count + SPARE_DESCRIPTORS
        allowed = product.raise_descriptors(wanted)
        if allowed < wanted:
            raise Missing(f"{wanted:,} open files are needed, this machine allows {allowed:,}", where="ulimit -Hn, or say fewer with --count")

    async def _ask_all(self, lines: Sequence[Line], system: System, key: PanelKey) -> None:
        until = time.monotonic() + self._seconds
        await asyncio.gather(*(self._keep_asking(line, until, system, key) for line in lines))

    async def _keep_asking(self, line: Line, until: float, system: System, key: PanelKey) -> None:
        await asyncio.sleep(self._chance.random() * min(self._every, self._seconds))
        while time.monotonic() < until and not line.lost:
            try:
                await self._ask(line, system, key)
            except (ConnectionError, TimeoutError) as trouble:
                self._traffic.wrong.append(f"no answer: {type(trouble).__name__} {trouble}")
                return
            await asyncio.sleep(max(0.0, min(self._every, until - time.monotonic())))

    async def _ask(self, line: Line, system: System, key: PanelKey) -> None:
        page = self._chance.random() < PAGES
        asked = question(self._chance, LICENSES)
        message = hammer.request(f"{system.api}{PAGE}") if page else panel.message(system.api, panel.VALIDATE, asked.body, key=key)
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE_SECONDS):
            status, body = await line.ask(message)
        self._traffic.waits.append(time.perf_counter() - began)
        self._traffic.statuses[status] += 1
        answer = panel.answer_of(body)
        trouble = _page_trouble(answer) if page else difference(expected(self._population, asked), answer)
        if status != 200 or trouble:
            self._traffic.wrong.append(f"{PAGE if page else panel.VALIDATE}: status {status}, {trouble or body[:200]!r}")

    def _report(self, memory: dict[str, int], *, lost: int, spent: dict[str, float]) -> Report:
        traffic = self._traffic
        grown = max(0, max(memory["open"], memory["highest"]) - memory["before"])
        problems = traffic.wrong[:PROBLEMS_SHOWN]
        problems += [f"{lost} connections were closed by the server"] * bool(lost)
        problems += [f"the process grew by {grown / 2**20:.0f} MiB"] * (grown > MOST_BYTES_BESIDE + self._count * MOST_BYTES_PER_CONNECTION)
        return {
            "benchmark": "connections",
            "connections": self._count,
            "seconds": self._seconds,
            "every_seconds": self._every,
            "answers": traffic.statuses.total(),
            "statuses": {str(status): count for status, count in traffic.statuses.items()},
            "wrong": len(traffic.wrong),
            "lost": lost,
            **milliseconds(traffic.waits or [0.0]),
            "cpu_microseconds": {part: round(value) for part, value in spent.items()},
            "resident_bytes": memory,
            "bytes_per_connection": round(grown / self._count),
            "problems": problems,
        }


class Line(asyncio.Protocol):
    """One kept connection. `lost`: the server ended it."""

    def __init__(self) -> None:
        self.lost = False
        self._closing = False
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    async def ask(self, message: bytes) -> tuple[int, bytes]:
        if self._transport is None or self.lost:
            raise ConnectionError("the server closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return await self._answer

    def close(self) -> None:
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport can write

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < hammer.length_of(head):
            return
        self._buffer = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((int(head[9:12]), rest))

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = not self._closing
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the server closed the connection"))


async def _opened(system: System, count: int) -> list[Line]:
    """A few at a time: a listening socket keeps only so many that it has not accepted."""
    host, _, port = system.api.removeprefix("http://").partition(":")
    loop, lines = asyncio.get_running_loop(), list[Line]()
    for first in range(0, count, OPENING_AT_ONCE):
        made = (loop.create_connection(Line, host, int(port)) for _ in range(min(OPENING_AT_ONCE, count - first)))
        lines += [line for _, line in await asyncio.gather(*made)]
    return lines


@contextlib.asynccontextmanager
async def _highest(process: int, memory: dict[str, int]) -> AsyncIterator[None]:
    """Notes the most memory that the process has meanwhile."""
    memory["highest"] = memory["open"]

    async def watch() -> None:
        while True:
            memory["highest"] = max(memory["highest"], product.resident_bytes(process))
            await asyncio.sleep(SAMPLE_SECONDS)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


def _page_trouble(answer: Any) -> str | None:
    return None if isinstance(answer, dict | list) and answer else "an empty page"

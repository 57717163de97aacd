"""`bench validate`: what the answer to "may I?" costs, at several numbers of licenses, every answer compared with what was filled in."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from nextbill_lab.bench import hammer, panel, product, reference, writes
from nextbill_lab.bench.benchmark import (
    ENVIRONMENT,
    ROUNDS,
    YARDSTICK_CONNECTIONS,
    Report,
    cost_table,
    print_json,
    show_problems,
    warm_up,
    yardstick,
)
from nextbill_lab.bench.database import Owner
from nextbill_lab.bench.figures import Cost, cost, known, milliseconds, per
from nextbill_lab.bench.meters import SERVERS, Meter
from nextbill_lab.bench.plain import PlainSelect
from nextbill_lab.bench.population import Population, Question, difference, expected, questions
from nextbill_lab.system import PanelKey, System
from nextbill_lab.timeline import Timeline
from nextbill_lab.vendors import Control, Outside

WARM_UP = 2000
PROBLEMS_SHOWN = 5
WRITES_PER_REQUEST = 0.001
"""Rows: a panel key's last use is noted at most once in five minutes. Log: what the server writes by itself."""


@dataclass(frozen=True)
class Way:
    """How panels ask. `share`: of the requests of a round."""

    name: str
    form: panel.Form
    connections: int
    target_r: float | None
    share: float = 1.0


WAYS = (
    Way("key and secret, 64 connections", "secret", 64, 0.8),
    Way("signed (HMAC), 64 connections", "signed", 64, None),
    Way("key and secret, 1 connection", "secret", 1, 3.0, 0.2),
    Way("signed (HMAC), 1 connection", "signed", 1, None, 0.2),
)


@dataclass
class Rounds:
    """Of one number of licenses: microseconds by round, R of the same round, and each answer's seconds, by way.

    `bare_alone`: the bare route by one connection; `plain`: PostgreSQL's share of the select by itself.
    """

    licenses: int
    bare: list[float] = field(default_factory=list)
    bare_alone: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    spent: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=dict)
    per_second: dict[str, list[float]] = field(default_factory=dict)
    written: dict[str, Any] = field(default_factory=dict)
    checked: int = 0
    wrong: int = 0


class Validation:
    """`sizes`: numbers of licenses, measured one after the other in ascending order; `requests` for each way at 64 connections in each round."""

    def __init__(self, sizes: Sequence[int], requests: int) -> None:
        self._sizes, self._requests = sorted(set(sizes)), requests
        self._problems: list[str] = []
        self._chance = random.Random(7)

    async def run(self, system: System, timeline: Timeline) -> Report:
        key, owner, outside = product.panel_key(system, ["validate"]), Owner(system), Outside()
        measured: list[Rounds] = []
        filled = 0
        try:
            with reference.serving() as bare:
                for size in self._sizes:
                    with timeline.step(f"fill_{size}", f"{size:,} licenses"):
                        owner.fill(Population(size), since=filled)
                        filled = size
                    with product.serving(system, ENVIRONMENT) as api:
                        asking = _Asking(system, key, api, Control(outside, system.mailbox))
                        measured.append(await self._size(asking, Population(size), bare, owner, timeline))
        finally:
            await outside.close()
            owner.close()
        return report(measured, requests=self._requests, problems=self._problems)

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            print_json(report)
        else:
            show(report)

    async def _size(self, asking: _Asking, population: Population, bare: tuple[int, int], owner: Owner, timeline: Timeline) -> Rounds:
        found = Rounds(population.count)
        async with AsyncExitStack() as stack:
            with timeline.step("warm_up", "Warm up"):
                plain = await stack.enter_async_context(PlainSelect(asking.system, connections=YARDSTICK_CONNECTIONS))
                await warm_up(bare[1])
                for way in WAYS:
                    await self._ask(asking, population, way, round(min(WARM_UP, self._requests) * way.share), found)
            found.waits.clear()
            before = await writes.counted_at_last(owner)  # the key's use, which is noted once in five minutes, is behind us
            for number in range(1, ROUNDS + 1):
                with timeline.step(f"round_{number}", f"Round {number} of {ROUNDS}") as entry:
                    found.bare.append(await yardstick(*bare))
                    found.bare_alone.append(await yardstick(*bare, connections=1))
                    for way in WAYS:
                        spent = await self._ask(asking, population, way, round(self._requests * way.share), found)
                        found.spent.setdefault(way.name, []).append(spent)
                    entry.note = f"R = {found.bare[-1]:.0f} µs, {_in_r(found):.2f} R"
            asked = ROUNDS * sum(round(self._requests * way.share) for way in WAYS)
            with timeline.step("writes", "Count what was written"):
                found.written = (await writes.counted_at_last(owner)).since(before).told(requests=asked)
            self._problems += written_in_vain(found.written, licenses=population.count)
            with timeline.step("plain", "The same select by itself"):
                numbers = [[self._chance.randrange(population.count) for _ in range(self._requests)] for _ in range(ROUNDS)]
                found.plain = [await plain.microseconds(one) for one in numbers]
        return found

    async def _ask(self, asking: _Asking, population: Population, way: Way, count: int, found: Rounds) -> dict[str, float]:
        asked = questions(self._chance, population.count, how_many=count)
        messages = await asking.messages(asked, way)
        meter = Meter({"api": asking.api, "postgres": asking.system.pids["postgres"]})
        volley = await hammer.fire(asking.system.api, messages, connections=way.connections)
        spent = per(meter.spent(), count)
        found.waits.setdefault(way.name, []).extend(volley.waits)
        found.per_second.setdefault(way.name, []).append(volley.per_second)
        wrong = wrong_answers(population, asked, volley.answers)
        found.checked, found.wrong = found.checked + count, found.wrong + len(wrong)
        self._problems += wrong[: max(0, PROBLEMS_SHOWN - found.wrong + len(wrong))]
        return spent


@dataclass(frozen=True)
class _Asking:
    system: System
    key: PanelKey
    api: int
    clock: Control

    async def messages(self, asked: Sequence[Question], way: Way) -> Sequence[bytes]:
        at = int((await self.clock.now()).timestamp()) if way.form == "signed" else 0
        return panel.messages(self.system.api, panel.VALIDATE, [one.body for one in asked], key=self.key, form=way.form, at=at)


def wrong_answers(population: Population, asked: Sequence[Question], answers: Sequence[tuple[int, bytes]]) -> list[str]:
    found = []
    for one, (status, body) in zip(asked, answers, strict=True):
        trouble = f"status {status}: {body[:200]!r}" if status != 200 else difference(expected(population, one), panel.answer_of(body))
        if trouble is not None:
            found.append(f"license {one.number:,} of {population.count:,}, {one.feature}: {trouble}")
    return found


def written_in_vain(written: dict[str, Any], *, licenses: int) -> list[str]:
    """A validate only reads."""
    most = max(1.0, written["requests"] * WRITES_PER_REQUEST)
    found = []
    if sum(written["rows_written"].values()) > most:
        found.append(f"{licenses:,} licenses: {written['requests']:,} validates wrote rows: {written['rows_written']}")
    if written["wal_bytes_per_request"] > 1:
        found.append(f"{licenses:,} licenses: {written['wal_bytes_per_request']} bytes of write-ahead log for each validate")
    return found


def _in_r(found: Rounds) -> float:
    return sum(found.spent[WAYS[0].name][-1].values()) / found.bare[-1]


def report(measured: Sequence[Rounds], *, requests: int, problems: list[str]) -> Report:
    return {"benchmark": "validate", "requests": requests, "sizes": [_told(found) for found in measured], "problems": problems}


def _told(found: Rounds) -> dict[str, Any]:
    costs, answers = [], []
    for way in WAYS:
        spent = found.spent[way.name]
        costs.append(cost(way.name, [sum(one.values()) for one in spent], found.bare, target_r=way.target_r))
        costs += [cost(f"  of it {part}", [one[part] for one in spent], found.bare) for part in SERVERS]
        answers.append({"way": way.name, "per_second": round(statistics.median(found.per_second[way.name]))} | milliseconds(found.waits[way.name]))
    costs.append(cost("the bare route, 1 connection", found.bare_alone, found.bare))
    costs.append(cost("PostgreSQL: the same select by itself, 64 connections", found.plain, found.bare))
    return {
        "licenses": found.licenses,
        "r_microseconds": round(statistics.median(found.bare), 1),
        "costs": [one.told() for one in costs],
        "answers": answers,
        "written": found.written,
        "checked": found.checked,
        "wrong": found.wrong,
    }


def show(report: Report) -> None:
    console = Console()
    for size in report["sizes"]:
        title = f"{size['licenses']:,} licenses; API and PostgreSQL together; R = {size['r_microseconds']:.0f} µs"
        console.print()
        console.print(cost_table(title, [Cost(**known(told)) for told in size["costs"]], per_what="validate"))
        for line in size["answers"]:
            console.print(
                f"{line['way']}: {line['per_second']:,} a second; p50 {line['p50_ms']} ms, p95 {line['p95_ms']}, p99 {line['p99_ms']}",
                highlight=False,
            )
        written = size["written"]
        console.print(f"Answers compared with the data: {size['checked']:,}, wrong: {size['wrong']}", highlight=False)
        console.print(
            f"Written by {written['requests']:,} validates: rows {written['rows_written'] or 0}, log {written['wal_bytes']:,} bytes; "
            f"{written['requests_per_transaction']} validates a transaction",
            highlight=False,
        )
    show_problems(Console(stderr=True), report["problems"])

"""Benchmarks that take something from quotas by 64 connections, durably; afterwards the database must hold exactly what was answered.

Three ways: many licenses, one that all ask for (hot), and a race for less than all want. Some requests are sent twice, as a panel does
that got no answer: they must take once.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal, LiteralString, Protocol

from rich.console import Console

from nextbill_lab.bench import hammer, panel, product, reference
from nextbill_lab.bench.benchmark import ENVIRONMENT, ROUNDS, Report, cost_table, print_json, show_problems, warm_up, yardstick
from nextbill_lab.bench.database import Owner
from nextbill_lab.bench.figures import Cost, cost, known, milliseconds, per
from nextbill_lab.bench.meters import SERVERS, Meter
from nextbill_lab.bench.population import Population, id_of
from nextbill_lab.system import PanelKey, System
from nextbill_lab.timeline import Timeline

CONNECTIONS = 64
HOT, CONTESTED = 0, 1
"""The numbers of the license that all ask for and of the one that is raced for; the many are all others."""
TWICE = 0.02
WARM_UP = 1000
PROBLEMS_SHOWN = 5
Outcome = Literal["taken", "known", "refused"]


class Kind(Protocol):
    """What is taken, how it is asked for, and where the database counts it."""

    name: str
    path: str
    permissions: Sequence[str]
    target_r: float | None
    ledgers: Sequence[tuple[str, LiteralString]]
    """Names, and selects of (license id, units taken) where there are any."""
    contest: LiteralString
    """Leaves half as many units as the second value says on the license whose id is the first value."""

    def body(self, number: int, word: str, *, contested: bool) -> dict[str, Any]: ...

    def outcome(self, status: int, answer: Any, word: str) -> Outcome | None:
        """None for an answer that is none of these."""
        ...


class Ledgers(Protocol):
    """What can be asked for (license id, units): the database."""

    def rows(self, statement: LiteralString, /) -> Sequence[tuple[Any, ...]]: ...


@dataclass
class Tally:
    """What was answered. `taken`: units by license."""

    taken: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    asked: int = 0
    twice: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, license_id: str, word: str, outcomes: Sequence[Outcome | None], *, may_refuse: bool) -> None:
        """All answers to one word (external id or event id): taken exactly once, or refused each time where that may be."""
        self.asked += len(outcomes)
        self.twice += len(outcomes) - 1
        count = Counter(outcomes)
        if count["taken"] == 1 and not count["refused"] and not count[None]:
            self.taken[license_id] += 1
        elif may_refuse and count["refused"] == len(outcomes):
            self.refused += len(outcomes)
        else:
            self.problems.append(f"license {license_id}, {word}: answered {', '.join(map(str, outcomes))}")


class Taking:
    """`licenses` in all, `requests` of each way in each of five rounds."""

    def __init__(self, kind: Kind, licenses: int, requests: int) -> None:
        self._kind, self._licenses, self._requests = kind, licenses, requests
        self._ways = {f"{kind.name}: many licenses": None, f"{kind.name}: one hot license": HOT}
        self._chance = random.Random(7)
        self._words = 0
        self.tally = Tally()
        self._spent: dict[str, list[dict[str, float]]] = {name: [] for name in self._ways}
        self._waits: dict[str, list[float]] = {name: [] for name in self._ways}
        self._per_second: dict[str, list[float]] = {name: [] for name in self._ways}

    async def run(self, system: System, timeline: Timeline) -> Report:
        key, owner = product.panel_key(system, self._kind.permissions), Owner(system)
        bare: list[float] = []
        with ExitStack() as stack:
            stack.callback(owner.close)
            process, port = stack.enter_context(reference.serving())
            with timeline.step("fill", f"{self._licenses:,} licenses"):
                owner.fill(Population(self._licenses, roomy=True))
            api = stack.enter_context(product.serving(system, ENVIRONMENT))
            asking = _Asking(system, key, api)
            with timeline.step("warm_up", "Warm up"):
                await warm_up(port)
                for number in self._ways.values():
                    await self._volley(asking, number, min(WARM_UP, self._requests))
            for count in range(1, ROUNDS + 1):
                with timeline.step(f"round_{count}", f"Round {count} of {ROUNDS}") as entry:
                    bare.append(await yardstick(process, port))
                    for name, number in self._ways.items():
                        volley, spent = await self._volley(asking, number, self._requests)
                        self._note(name, volley, spent)
                    first = next(iter(self._spent.values()))[-1]
                    entry.note = f"R = {bare[-1]:.0f} µs, {sum(first.values()) / bare[-1]:.2f} R"
            with timeline.step("race", "Race for too little"):
                contest = await self._race(asking, owner)
            with timeline.step("compare", "Compare with the database"):
                durable, problems = durability(owner)
                compared, found = compare(owner, self._kind, self.tally.taken, contested=contest)
        problems += found + self.tally.problems[:PROBLEMS_SHOWN]
        return self._report(bare, contest=contest, durable=durable, compared=compared, problems=problems)

    def show(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            print_json(report)
            return
        console, contest = Console(), report["contest"]
        title = f"{report['licenses']:,} licenses, {CONNECTIONS} connections; API and PostgreSQL together; R = {report['r_microseconds']:.0f} µs"
        console.print()
        console.print(cost_table(title, [Cost(**known(told)) for told in report["costs"]], per_what="request"))
        for line in report["answers"]:
            console.print(
                f"{line['way']}: {line['per_second']:,} a second; p50 {line['p50_ms']} ms, p95 {line['p95_ms']}, p99 {line['p99_ms']}",
                highlight=False,
            )
        console.print(f"Answered {report['asked']:,}, of them sent again {report['sent_again']:,}; units taken {report['taken']:,}", highlight=False)
        console.print(f"In the database: {report['in_the_database']}", highlight=False)
        console.print(f"Race: {contest['asked']:,} for {contest['units']:,} units: taken {contest['taken']:,}", highlight=False)
        console.print(f"Durable: {report['durable']}", highlight=False)
        show_problems(Console(stderr=True), report["problems"])

    async def _volley(self, asking: _Asking, number: int | None, count: int, *, contested: bool = False) -> tuple[hammer.Volley, dict[str, float]]:
        """Units of license `number`, or of any other."""
        words = self._fresh_words(count)
        numbers = {word: self._chance.randrange(2, self._licenses) if number is None else number for word in words}
        bodies = [self._kind.body(numbers[word], word, contested=contested) for word in words]
        messages = panel.messages(asking.system.api, self._kind.path, bodies, key=asking.key)
        meter = Meter({"api": asking.api, "postgres": asking.system.pids["postgres"]})
        volley = await hammer.fire(asking.system.api, messages, connections=CONNECTIONS)
        spent = per(meter.spent(), count)
        outcomes: dict[str, list[Outcome | None]] = {}
        for word, (status, body) in zip(words, volley.answers, strict=True):
            outcome = self._kind.outcome(status, panel.answer_of(body), word)
            outcomes.setdefault(word, []).append(outcome)
            if outcome is None:
                self.tally.problems.append(f"{self._kind.path} answered {status}: {body[:200]!r}")
        for word, those in outcomes.items():
            self.tally.add(str(id_of(numbers[word])), word, those, may_refuse=contested)
        return volley, spent

    def _fresh_words(self, count: int) -> list[str]:
        """External ids or event ids; now and then one again."""
        found: list[str] = []
        for _ in range(count):
            if found and self._chance.random() < TWICE:
                found.append(found[-1 - self._chance.randrange(min(len(found), CONNECTIONS))])
            else:
                self._words += 1
                found.append(f"bench-{self._words}")
        return found

    def _note(self, name: str, volley: hammer.Volley, spent: dict[str, float]) -> None:
        self._spent[name].append(spent)
        self._waits[name] += volley.waits
        self._per_second[name].append(volley.per_second)

    async def _race(self, asking: _Asking, owner: Owner) -> dict[str, int]:
        asked = max(self._requests // 2, CONNECTIONS)
        units = asked // 2
        owner.change(self._kind.contest, units, id_of(CONTESTED))
        await self._volley(asking, CONTESTED, asked, contested=True)
        return {"asked": asked, "units": units, "taken": self.tally.taken[str(id_of(CONTESTED))]}

    def _report(
        self, bare: Sequence[float], *, contest: dict[str, int], durable: dict[str, Any], compared: dict[str, int], problems: list[str]
    ) -> Report:
        costs = []
        for name, spent in self._spent.items():
            costs.append(cost(name, [sum(one.values()) for one in spent], bare, target_r=self._kind.target_r))
            costs += [cost(f"  of it {part}", [one[part] for one in spent], bare) for part in SERVERS]
        answers = [
            {"way": name, "per_second": round(statistics.median(self._per_second[name]))} | milliseconds(waits) for name, waits in self._waits.items()
        ]
        return {
            "benchmark": self._kind.name,
            "licenses": self._licenses,
            "requests": self._requests,
            "r_microseconds": round(statistics.median(bare), 1),
            "costs": [one.told() for one in costs],
            "answers": answers,
            "asked": self.tally.asked,
            "sent_again": self.tally.twice,
            "taken": self.tally.taken.total(),
            "in_the_database": compared,
            "contest": contest,
            "durable": durable,
            "problems": problems,
        }


@dataclass(frozen=True)
class _Asking:
    system: System
    key: PanelKey
    api: int


def durability(owner: Owner) -> tuple[dict[str, Any], list[str]]:
    """What the server says, and whether the product's own backends flushed the log: with synchronous_commit off none of them would."""
    told: dict[str, Any] = {name: owner.one("select current_setting(%s)", name) for name in ("fsync", "full_page_writes", "synchronous_commit")}
    told["log_flushes"] = int(
        owner.one(
            "select coalesce(sum(i.fsyncs), 0) from pg_stat_activity a cross join pg_stat_get_backend_io(a.pid) i "
            "where a.usename like 'nextbill%%' and i.object = 'wal'"
        )
    )
    problems = [f"not durable: {name} is {value}" for name, value in told.items() if value in ("off", 0)]
    return told, problems


def compare(database: Ledgers, kind: Kind, taken: Counter[str], *, contested: dict[str, int]) -> tuple[dict[str, int], list[str]]:
    """Units by ledger, and every license where the database holds other than was answered."""
    totals, problems = dict[str, int](), list[str]()
    if contested["taken"] != contested["units"]:
        problems.append(f"{contested['units']} units were there to take, {contested['taken']} were taken")
    for name, statement in kind.ledgers:
        there = Counter({str(license_id): int(units) for license_id, units in database.rows(statement)})
        totals[name] = there.total()
        apart = [license_id for license_id in {*there, *taken} if there[license_id] != taken[license_id]]
        problems += [f"license {one}: {taken[one]} answered as taken, {there[one]} in {name}" for one in sorted(apart)[:PROBLEMS_SHOWN]]
    return totals, problems

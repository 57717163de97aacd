"""Read-only rules that must always hold, checked hourly, by `nextbill check` and on a staff page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from nextbill.kernel.clock import Clock
from nextbill.runtime import jobs, metrics
from nextbill.runtime.database import Database, ReadTx, Role, Tx

CHECK = "runtime.check_invariants"
SHOWN = 20
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Invariant:
    """`find(tx, now)` returns a line for each violation, naming the row; none means that the rule holds."""

    name: str
    promise: str
    find: Callable[[ReadTx, datetime], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Finding:
    invariant: str
    promise: str
    violations: list[str]


async def check(database: Database, clock: Clock, rules: Sequence[Invariant]) -> list[Finding]:
    """Each rule in a read-only transaction of its own; the count of violations goes to the metrics."""
    findings = []
    for rule in rules:
        async with database.reading(Role.WORK) as tx:
            violations = await rule.find(tx, clock.now())
        metrics.violations.labels(invariant=rule.name).set(len(violations))
        findings.append(Finding(rule.name, rule.promise, violations))
    return findings


async def ask(tx: Tx, *, now: datetime) -> None:
    """For the hourly tick: the checking itself is a job, so that a slow rule holds up no tick."""
    await jobs.enqueue(tx, CHECK, {})


class Checker:
    """The hourly job: figures for the metrics, and a line in the log for each rule that does not hold."""

    def __init__(self, database: Database, clock: Clock, rules: Sequence[Invariant]) -> None:
        self._database, self._clock, self._rules = database, clock, rules

    async def __call__(self, _payload: jobs.Payload, _context: jobs.JobContext) -> None:
        for found in await check(self._database, self._clock, self._rules):
            if found.violations:
                log.error("an invariant does not hold", invariant=found.invariant, promise=found.promise, violations=found.violations)

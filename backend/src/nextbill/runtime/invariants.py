"""Read-only rules that must always hold, checked hourly, by `nextbill check` and on a staff page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nextbill.kernel.clock import Clock
from nextbill.runtime import metrics
from nextbill.runtime.database import Database, ReadTx, Role

SHOWN = 20


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

"""A dry run: what a run would do, by the same plan, without a lock and without a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from nextbill.capabilities import domains, subscriptions
from nextbill.processes.renewal.commands.planning import Plan, make_plan, sums_of
from nextbill.processes.renewal.queries import find_names
from nextbill.processes.renewal.rules import CHUNK, NameDays
from nextbill.runtime.database import ReadTx

MOST: Final = 4
"""Chunks that a dry run looks at."""
SHOWN: Final = 100
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`invoices` of each sum are about right where more than a chunk is due: customers may stand on two of them. `more`: there is more than was looked at.
    `asides`: the first subscriptions that would be set aside. `names`: how many names are among all these."""

    lines: int
    free: int
    set_aside: int
    sums: tuple[subscriptions.RunSum, ...]
    asides: tuple[subscriptions.Aside, ...]
    more: bool
    names: int


async def rehearse(tx: ReadTx, *, on: date, days: NameDays, max_lines: int | None = None) -> Rehearsal:
    after: subscriptions.Place | None = None
    plans: list[Plan] = []
    seen: set[UUID] = set()
    more = True
    while more and len(plans) < MOST and (max_lines is None or sum(plan.lines + len(plan.free) for plan in plans) < max_lines):
        limit = CHUNK if max_lines is None else min(CHUNK, max_lines - sum(plan.lines + len(plan.free) for plan in plans))
        claimed = await subscriptions.look_at_due(tx, on=on, limit=limit, after=after)
        riding = await domains.look_at_those_of(tx, {due.customer_id for due in claimed.due}, until=on + timedelta(days=days.rides))
        plans.append(await _plan(tx, claimed, [due for due in riding if due.id not in seen], on=on, days=days))
        seen |= plans[-1].names
        after, more = claimed.last, len(claimed.due) + len(claimed.unfit) == limit
    if not more:
        alone = await domains.look_at_due(tx, until=on + timedelta(days=days.ahead), limit=MOST * CHUNK)
        plans.append(await _plan(tx, subscriptions.Claimed(()), [due for due in alone if due.id not in seen], on=on, days=days))
        more = len(alone) == MOST * CHUNK
    asides = [aside for plan in plans for aside in plan.asides]
    held = sum(len(plan.held) for plan in plans)
    free = sum(len(plan.free) + len(plan.free_names) for plan in plans)
    return Rehearsal(
        sum(plan.lines for plan in plans), free, len(asides) + held, tuple(sums_of(plans)), tuple(asides[:SHOWN]), more, sum(len(plan.names) for plan in plans)
    )  # fmt: skip


async def _plan(tx: ReadTx, claimed: subscriptions.Claimed, names: Sequence[domains.Renewing], *, on: date, days: NameDays) -> Plan:
    found = await find_names(tx, names, on=on, days=days)
    return await make_plan(tx, claimed, on=on, origin_id=_NOBODY, names=found, days=days)

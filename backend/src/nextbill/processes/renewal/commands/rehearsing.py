"""A dry run: what a run would do, by the same plan, without a lock and without a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from nextbill.capabilities import subscriptions
from nextbill.processes.renewal.commands.planning import Plan, make_plan, sums_of
from nextbill.processes.renewal.rules import CHUNK
from nextbill.runtime.database import ReadTx

MOST: Final = 20
"""Chunks that a dry run looks at."""
SHOWN: Final = 100
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`invoices` of each sum are about right where more than a chunk is due: customers may stand on two of them. `more`: there is more than was looked at.
    `asides`: the first of those that would be set aside."""

    lines: int
    free: int
    set_aside: int
    sums: tuple[subscriptions.RunSum, ...]
    asides: tuple[subscriptions.Aside, ...]
    more: bool


async def rehearse(tx: ReadTx, *, on: date, max_lines: int | None = None) -> Rehearsal:
    after: subscriptions.Place | None = None
    plans: list[Plan] = []
    more = True
    while more and len(plans) < MOST and (max_lines is None or sum(plan.lines + len(plan.free) for plan in plans) < max_lines):
        claimed = await subscriptions.look_at_due(tx, on=on, limit=CHUNK, after=after)
        plans.append(await make_plan(tx, claimed.due, on=on, origin_id=_NOBODY))
        after, more = claimed.last, len(claimed.due) == CHUNK
    asides = [aside for plan in plans for aside in plan.asides]
    return Rehearsal(
        sum(plan.lines for plan in plans), sum(len(plan.free) for plan in plans), len(asides), tuple(sums_of(plans)), tuple(asides[:SHOWN]), more
    )  # fmt: skip

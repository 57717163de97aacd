"""A dry run, and the calendar of what falls due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from nextbill.capabilities import domains, invoicing, payments, subscriptions
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx

What = Literal["renewal", "end", "change", "trial_end", "resume", "charge", "name"]


@dataclass(frozen=True, slots=True)
class DayDue:
    """What happens on a day, in one currency. `amount`: of renewals the list prices before coupons and tax, of charges what is to be collected, of names
    (renewals that are invoiced by themselves, `ahead` days before they expire) nothing."""

    day: date
    what: What
    count: int
    amount: Money


async def calendar(tx: ReadTx, *, first: date, last: date, ahead: int) -> list[DayDue]:
    """Both days included; what is overdue stands on the first one."""
    own = [DayDue(one.day, one.what, one.count, one.amount) for one in await subscriptions.calendar(tx, first=first, last=last)]
    tries = [DayDue(one.day, "charge", one.count, one.amount) for one in await payments.tries_by_day(tx, first=first, last=last)]
    named = await domains.due_by_day(tx, first=first, until=last + timedelta(days=ahead), ahead=ahead)
    names = [DayDue(day, "name", count, Money.zero(tx.home_currency)) for day, count in named]
    return sorted([*own, *tries, *names], key=lambda one: (one.day, one.what, one.amount.currency))


LONGEST: Final = 92
"""Days that a calendar shows at once."""


@dataclass(frozen=True, slots=True)
class LineSold:
    """A line of a run with its invoice as it is now; None where nothing was to be paid."""

    line: subscriptions.RunLine
    number: str | None
    state: str | None
    total: Money | None


async def with_invoices(tx: ReadTx, lines: Sequence[subscriptions.RunLine]) -> list[LineSold]:
    sold = await invoicing.sold_lines(tx, [line.line_id for line in lines if line.line_id is not None])
    found = [(line, sold.get(line.line_id) if line.line_id else None) for line in lines]
    return [LineSold(line, one.number, one.state, one.net + one.tax) if one else LineSold(line, None, None, None) for line, one in found]

"""The shop at a glance: money from the books, orders, what waits for staff, room on the servers. A handful of reads, whatever there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select

from nextbill.capabilities import ledger
from nextbill.capabilities.hosting.models import ServerRow
from nextbill.capabilities.orders.models import OrderRow
from nextbill.kernel.money import Money
from nextbill.runtime import jobs
from nextbill.runtime.database import ReadTx
from nextbill.runtime.models import StepRow

CHART_DAYS = 30
PAYMENT, REFUND = "payments.attempt", "payments.refund"
REVENUE = (ledger.Account.REVENUE_HOSTING, ledger.Account.REVENUE_DOMAINS)


@dataclass(frozen=True, slots=True)
class Span:
    """Money that came in and went back between two days, both included; by currency."""

    first: date
    last: date
    paid: tuple[Money, ...]
    refunded: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class MoneyFigures:
    """`revenue_by_day`: every one of the days, oldest first, with every currency that occurs; without tax, credit notes taken off."""

    today: Span
    this_month: Span
    last_month: Span
    revenue_by_day: tuple[tuple[date, tuple[Money, ...]], ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """`accepting`: servers that take new accounts; `free`: places on those. Disabled servers are not counted at all."""

    servers: int
    accepting: int
    capacity: int
    used: int
    free: int


@dataclass(frozen=True, slots=True)
class Overview:
    orders: Mapping[str, int]
    parked: int
    failed_jobs: int
    fleet: Fleet


async def overview(tx: ReadTx) -> Overview:
    states = {row.state: row.number for row in await tx.execute(select(OrderRow.state, func.count().label("number")).group_by(OrderRow.state))}
    parked = (await tx.execute(select(func.count()).where(StepRow.state == "parked"))).scalar_one()
    return Overview(states, parked, await jobs.count_failed(tx), await _fleet(tx))


async def money_figures(tx: ReadTx, *, today: date, currency: str) -> MoneyFigures:
    """`today` is the seller's. `currency`, the shop's own, is told even where nothing came in."""
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    start = today - timedelta(days=CHART_DAYS - 1)
    clearing = (ledger.Account.GATEWAY_CLEARING,)
    paid = await ledger.by_day(tx, clearing, since=before, until=today, reference_type=PAYMENT)
    back = await ledger.by_day(tx, clearing, since=before, until=today, reference_type=REFUND)
    revenue = await ledger.by_day(tx, REVENUE, since=start, until=today)

    def span(first: date, last: date) -> Span:
        return Span(first, last, _sums(paid, first, last, currency=currency), _sums(back, first, last, currency=currency, sign=-1))

    return MoneyFigures(
        today=span(today, today),
        this_month=span(month, today),
        last_month=span(before, month - timedelta(days=1)),
        revenue_by_day=_chart(revenue, start, currency=currency),
    )


def _sums(rows: Iterable[ledger.DaySum], first: date, last: date, *, currency: str, sign: int = 1) -> tuple[Money, ...]:
    found: defaultdict[str, int] = defaultdict(int, {currency: 0})
    for row in rows:
        if first <= row.on <= last:
            found[row.currency] += sign * row.amount_minor
    return tuple(Money(amount, name) for name, amount in sorted(found.items()))


def _chart(rows: list[ledger.DaySum], start: date, *, currency: str) -> tuple[tuple[date, tuple[Money, ...]], ...]:
    currencies = sorted({currency, *(row.currency for row in rows)})
    found = {(row.on, row.currency): -row.amount_minor for row in rows}
    days = (start + timedelta(days=n) for n in range(CHART_DAYS))
    return tuple((day, tuple(Money(found.get((day, name), 0), name) for name in currencies)) for day in days)


async def _fleet(tx: ReadTx) -> Fleet:
    accepts = (ServerRow.state == "active") & (ServerRow.health != "down")
    columns = (
        func.count(),
        func.count().filter(accepts),
        func.coalesce(func.sum(ServerRow.capacity), 0),
        func.coalesce(func.sum(ServerRow.used), 0),
        func.coalesce(func.sum(case((accepts, ServerRow.capacity - ServerRow.used), else_=0)), 0),
    )
    row = (await tx.execute(select(*columns).where(ServerRow.state != "disabled"))).one()
    return Fleet(*(int(number) for number in row))

"""Reads of changes, discounts, billed periods and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select

from nextbill.capabilities.subscriptions.errors import ChangeNotFound
from nextbill.capabilities.subscriptions.models import ChangeRow, DiscountRow, HistoryRow, PeriodRow
from nextbill.capabilities.subscriptions.rules import ChangeKind, ChangeState, Direction, Discount
from nextbill.kernel.money import Money
from nextbill.kernel.period import Period
from nextbill.runtime.database import ReadTx, Tx

OPEN = ("waiting_payment", "scheduled")


@dataclass(frozen=True, slots=True)
class Change:
    """As it was asked for. `lines` are what was shown; `now`: net, to be paid for it; `credit`: net, given back."""

    id: UUID
    subscription_id: UUID
    customer_id: UUID
    kind: ChangeKind
    direction: Direction
    state: ChangeState
    target: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    now: Money
    credit: Money
    next: Money
    asked_on: date
    effective_on: date
    valid_until: date | None
    proforma_id: UUID | None
    invoice_id: UUID | None
    asked_by: str
    reason: str | None
    outcome: str | None
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history."""

    id: UUID
    kind: str
    actor: str
    detail: Mapping[str, Any]
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class BilledPeriod:
    """`invoice_id` None: nothing was to be paid. `closed_by`: the change that ended it early."""

    index: int
    period: Period
    invoice_id: UUID | None
    line_id: UUID | None
    closed_by: UUID | None


async def discount_of(tx: ReadTx, subscription_id: UUID) -> Discount | None:
    found = select(DiscountRow).where(DiscountRow.subscription_id == subscription_id)
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        return None
    amount = None if row.amount_minor is None else Money(row.amount_minor, row.currency)
    return Discount(row.redemption_id, row.code, row.percent_ppm, amount, tuple(row.plan_codes), row.until_index)


async def get_change(tx: ReadTx, change_id: UUID) -> Change:
    found = select(ChangeRow).where(ChangeRow.id == change_id)
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise ChangeNotFound
    return _change(row)


async def changes_of(tx: ReadTx, subscription_id: UUID, *, limit: int = 100) -> list[Change]:
    """Newest first."""
    found = select(ChangeRow).where(ChangeRow.subscription_id == subscription_id).order_by(ChangeRow.id.desc()).limit(limit)
    return [_change(row) for row in (await tx.execute(found, execution_options={"populate_existing": True})).scalars()]


async def open_changes(tx: ReadTx, subscription_id: UUID) -> list[ChangeRow]:
    found = select(ChangeRow).where(ChangeRow.subscription_id == subscription_id, ChangeRow.state.in_(OPEN)).order_by(ChangeRow.id)
    return list((await tx.execute(found, execution_options={"populate_existing": True})).scalars())


async def lock_change(tx: Tx, change_id: UUID) -> ChangeRow:
    """After the subscription: that one is locked first, by everybody."""
    found = select(ChangeRow).where(ChangeRow.id == change_id).with_for_update()
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise ChangeNotFound
    return row


async def history_of(tx: ReadTx, subscription_id: UUID, *, after: UUID | None, limit: int) -> list[Event]:
    """Newest first."""
    found = select(HistoryRow).where(HistoryRow.subscription_id == subscription_id).order_by(HistoryRow.id.desc()).limit(limit)
    if after is not None:
        found = found.where(HistoryRow.id < after)
    return [Event(row.id, row.kind, row.actor, row.detail, row.on_day, row.at) for row in (await tx.execute(found)).scalars()]


async def billed_periods(tx: ReadTx, subscription_id: UUID, *, ending_after: date | None = None) -> list[BilledPeriod]:
    """Oldest first; with a day only those that last beyond it and were not ended early."""
    found = select(PeriodRow).where(PeriodRow.subscription_id == subscription_id).order_by(PeriodRow.period_index)
    if ending_after is not None:
        found = found.where(PeriodRow.period_end > ending_after, PeriodRow.closed_by.is_(None))
    rows = (await tx.execute(found, execution_options={"populate_existing": True})).scalars()
    return [BilledPeriod(row.period_index, Period(row.period_start, row.period_end), row.invoice_id, row.line_id, row.closed_by) for row in rows]


async def change_invoices(tx: ReadTx, subscription_id: UUID, *, since: date) -> list[UUID]:
    """Invoices of changes that were asked for from that day on and paid."""
    wanted = (ChangeRow.subscription_id == subscription_id, ChangeRow.asked_on >= since, ChangeRow.invoice_id.is_not(None))
    return [id_ for id_ in (await tx.execute(select(ChangeRow.invoice_id).where(*wanted).order_by(ChangeRow.id))).scalars() if id_ is not None]


async def settle_on(tx: ReadTx, subscription_id: UUID) -> date | None:
    """The day on which the first open change is settled: applied, or off where it was not paid."""
    when = func.coalesce(ChangeRow.valid_until, ChangeRow.effective_on)
    return (await tx.execute(select(func.min(when)).where(ChangeRow.subscription_id == subscription_id, ChangeRow.state.in_(OPEN)))).scalar_one()


def _change(row: ChangeRow) -> Change:
    now, credit, later = (Money(minor, row.currency) for minor in (row.now_minor, row.credit_minor, row.next_minor))
    return Change(
        row.id, row.subscription_id, row.customer_id, cast("ChangeKind", row.kind), cast("Direction", row.direction), cast("ChangeState", row.state),
        row.target, row.lines, now, credit, later, row.asked_on, row.effective_on, row.valid_until, row.proforma_id, row.invoice_id, row.asked_by, row.reason,
        row.outcome, row.created_at, row.settled_at,
    )  # fmt: skip

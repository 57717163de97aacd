"""Whom to tell ahead, and what was told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_

from nextbill.capabilities.subscriptions.models import NoticeRow, PassRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import LIVING, RUNNING, Outlook
from nextbill.kernel.clock import business_date
from nextbill.kernel.period import Cycle, Unit
from nextbill.runtime.database import ReadTx

Scan = Literal["renewing", "ending"]
_COLUMNS = (
    SubscriptionRow.id, SubscriptionRow.customer_id, SubscriptionRow.currency, SubscriptionRow.collection, SubscriptionRow.trial_days,
    SubscriptionRow.period_index, SubscriptionRow.billed_index, SubscriptionRow.period_end, SubscriptionRow.days_ahead, SubscriptionRow.cycle_unit,
    SubscriptionRow.cycle_count, SubscriptionRow.cancel_on, SubscriptionRow.cancelled_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Nearing:
    """A subscription whose day is near; `on` is that day."""

    id: UUID
    customer_id: UUID
    currency: str
    on: date
    row: Any

    def outlook(self, *, zone: str, cards: Collection[UUID]) -> Outlook:
        """`cards`: customers whose card would be charged."""
        row, cycle = self.row, Cycle(cast("Unit", self.row.cycle_unit), self.row.cycle_count)
        return Outlook(
            trial=row.period_index < 0 and row.trial_days > 0,
            automatic=row.collection == "charge" and self.customer_id in cards,
            billed=row.billed_index > row.period_index,
            period_end=row.period_end,
            cycle_days=(cycle.nth_boundary(row.period_end, 1) - row.period_end).days,
            days_ahead=row.days_ahead,
            cancel_on=row.cancel_on,
            cancelled_on=business_date(row.cancelled_at, zone) if row.cancelled_at and row.cancel_on else None,
        )


def nearing_statement(
    scan: Scan, *, first: date, last: date, after: tuple[date, UUID] | None = None, limit: int | None = None
) -> Select[*tuple[Any, ...]]:
    """Those whose day lies within, in its order. By an index of just those, whatever their number."""
    day, conditions = _scanned(scan)
    found = select(*_COLUMNS).where(*conditions, day >= first, day <= last).order_by(day, SubscriptionRow.id)
    if after is not None:
        found = found.where(tuple_(day, SubscriptionRow.id) > tuple_(*after))
    return found if limit is None else found.limit(limit)


async def nearing(tx: ReadTx, scan: Scan, *, first: date, last: date, after: tuple[date, UUID] | None, limit: int) -> list[Nearing]:
    return await _read(tx, scan, nearing_statement(scan, first=first, last=last, after=after, limit=limit))


async def nearing_of(tx: ReadTx, scan: Scan, customer_ids: Collection[UUID], *, first: date, last: date) -> list[Nearing]:
    """All that these customers have within: so that what belongs together is told together."""
    return await _read(tx, scan, nearing_statement(scan, first=first, last=last).where(SubscriptionRow.customer_id.in_(customer_ids)))


async def one_nearing(tx: ReadTx, subscription_id: UUID) -> Nearing | None:
    """None where it does not run, or is cancelled."""
    _day, conditions = _scanned("renewing")
    found = await _read(tx, "renewing", select(*_COLUMNS).where(*conditions, SubscriptionRow.id == subscription_id))
    return found[0] if found else None


async def told_together(tx: ReadTx, group_id: UUID) -> Sequence[UUID]:
    """The subscriptions that one notice is about."""
    found = select(NoticeRow.subscription_id).where(NoticeRow.group_id == group_id).order_by(NoticeRow.subscription_id)
    return (await tx.execute(found)).scalars().all()


async def looked_until(tx: ReadTx, what: str) -> date | None:
    return (await tx.execute(select(PassRow.done_on).where(PassRow.what == what))).scalar_one_or_none()


def _scanned(scan: Scan) -> tuple[Any, list[ColumnElement[bool]]]:
    """In the words of the partial indexes."""
    if scan == "ending":
        return SubscriptionRow.cancel_on, [SubscriptionRow.cancel_on.is_not(None), SubscriptionRow.state.in_(LIVING)]
    return SubscriptionRow.period_end, [SubscriptionRow.state.in_(RUNNING), SubscriptionRow.cancel_on.is_(None)]


async def _read(tx: ReadTx, scan: Scan, statement: Select[*tuple[Any, ...]]) -> list[Nearing]:
    rows = (await tx.execute(statement)).all()
    return [Nearing(row.id, row.customer_id, row.currency, row.cancel_on if scan == "ending" else row.period_end, row) for row in rows]

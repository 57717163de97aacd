"""Reads into frozen values; row locks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.subscriptions.errors import SubscriptionNotFound
from nextbill.capabilities.subscriptions.models import SubscriptionRow
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Period, Unit
from nextbill.runtime.database import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class Subscription:
    """`limits`: None is unlimited. `period` and `next_due_on` are None until it starts."""

    id: UUID
    customer_id: UUID
    order_line_id: UUID
    state: str
    plan_id: UUID
    plan_code: str
    plan_name: str
    price: Money
    cycle: Cycle
    limits: Mapping[str, int | None]
    features: tuple[str, ...]
    anchor_on: date | None
    period: Period | None
    next_due_on: date | None
    created_at: datetime
    started_at: datetime | None
    cancelled_at: datetime | None


async def get_subscription(tx: ReadTx, subscription_id: UUID) -> Subscription:
    row = await tx.get(SubscriptionRow, subscription_id, populate_existing=True)
    if row is None:
        raise SubscriptionNotFound
    return _subscription(row)


async def subscription_of_line(tx: ReadTx, order_line_id: UUID) -> Subscription | None:
    found = select(SubscriptionRow).where(SubscriptionRow.order_line_id == order_line_id)
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    return _subscription(row) if row else None


async def list_subscriptions(tx: ReadTx, *, after: UUID | None, limit: int, state: str | None = None) -> Sequence[Subscription]:
    """Newest first: all that the role may see, a customer's own or everybody's for staff."""
    statement = select(SubscriptionRow).order_by(SubscriptionRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(SubscriptionRow.id < after)
    if state is not None:
        statement = statement.where(SubscriptionRow.state == state)
    return [_subscription(row) for row in (await tx.execute(statement)).scalars()]


async def lock_subscription(tx: Tx, subscription_id: UUID) -> SubscriptionRow:
    statement = select(SubscriptionRow).where(SubscriptionRow.id == subscription_id).with_for_update()
    row = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise SubscriptionNotFound
    return row


def cycle_of(row: SubscriptionRow) -> Cycle:
    return Cycle(cast("Unit", row.cycle_unit), row.cycle_count)


def _subscription(row: SubscriptionRow) -> Subscription:
    return Subscription(
        id=row.id,
        customer_id=row.customer_id,
        order_line_id=row.order_line_id,
        state=row.state,
        plan_id=row.plan_id,
        plan_code=row.plan_code,
        plan_name=row.plan_name,
        price=Money(row.price_minor, row.currency),
        cycle=cycle_of(row),
        limits=row.limits,
        features=tuple(row.features),
        anchor_on=row.anchor_on,
        period=Period(row.period_start, row.period_end) if row.period_start and row.period_end else None,
        next_due_on=row.next_due_on,
        created_at=row.created_at,
        started_at=row.started_at,
        cancelled_at=row.cancelled_at,
    )

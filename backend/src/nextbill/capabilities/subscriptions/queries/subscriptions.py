"""Reads into frozen values; row locks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, any_, func, select

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions.errors import SubscriptionNotFound
from nextbill.capabilities.subscriptions.models import ItemRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import LIVING, Billing, Collection, Item, Schedule
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Period, Unit
from nextbill.runtime import bulk
from nextbill.runtime.database import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class Subscription:
    """`limits`: None is unlimited. `period` and `next_due_on` are None until it starts. `price` is the sum of what each period is charged for.

    `trial_ends_on`: the first day after the trial, on which the first period is charged; None without one. `cancel_on`: from that day on it is over;
    `next_bill_on`: the day on which the next invoice is made; None where none is. `billing_error`: why the run has set it aside."""

    id: UUID
    customer_id: UUID
    order_line_id: UUID
    state: str
    plan_id: UUID
    plan_code: str
    plan_name: str
    product_class: str
    price: Money
    price_id: UUID | None
    price_version: int
    items: tuple[Item, ...]
    trial_days: int
    trial_ends_on: date | None
    cycle: Cycle
    limits: Mapping[str, int | None]
    features: tuple[str, ...]
    anchor_on: date | None
    period: Period | None
    anchor_index: int
    period_index: int
    billed_index: int
    days_ahead: int
    next_due_on: date | None
    next_bill_on: date | None
    collection: Collection
    change_on: date | None
    cancel_on: date | None
    cancel_reason: str | None
    paused_on: date | None
    resume_on: date | None
    billing_error: str | None
    billing_error_at: datetime | None
    version: int
    created_at: datetime
    started_at: datetime | None
    cancelled_at: datetime | None
    ended_at: datetime | None

    @property
    def schedule(self) -> Schedule:
        """Of one that was delivered."""
        if self.anchor_on is None or self.period is None:
            raise ValueError(f"subscription {self.id} has not begun")
        return Schedule(
            self.cycle, self.anchor_on, self.anchor_index, self.period_index, self.period, self.billed_index, self.days_ahead, self.change_on
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a list is narrowed to; None asks nothing. `set_aside`: by the billing run. The next invoice's days are both included."""

    state: str | None = None
    plan: str | None = None
    collection: str | None = None
    set_aside: bool | None = None
    bill_from: date | None = None
    bill_until: date | None = None
    customer_id: UUID | None = None


async def get_subscription(tx: ReadTx, subscription_id: UUID) -> Subscription:
    found = select(SubscriptionRow).where(SubscriptionRow.id == subscription_id)
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise SubscriptionNotFound
    return (await _with_items(tx, [row]))[0]


async def subscription_of_line(tx: ReadTx, order_line_id: UUID) -> Subscription | None:
    found = select(SubscriptionRow).where(SubscriptionRow.order_line_id == order_line_id)
    row = (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()
    return (await _with_items(tx, [row]))[0] if row else None


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """Whether it runs, and the day from which it is over, where one is set."""

    state: str
    cancel_on: date | None


async def standing_of(tx: ReadTx, order_line_ids: Sequence[UUID]) -> dict[UUID, PlanStanding]:
    """By the order's line, in one question."""
    if not order_line_ids:
        return {}
    found = select(SubscriptionRow.order_line_id, SubscriptionRow.state, SubscriptionRow.cancel_on)
    rows = await tx.execute(found.where(SubscriptionRow.order_line_id == any_(bulk.ids(order_line_ids))))
    return {line_id: PlanStanding(state, cancel_on) for line_id, state, cancel_on in rows}


async def list_subscriptions(tx: ReadTx, *, after: UUID | None, limit: int, chosen: Chosen | None = None) -> Sequence[Subscription]:
    """Newest first: all that the role may see, a customer's own or everybody's for staff."""
    statement = select(SubscriptionRow).where(*_narrowed(chosen or Chosen())).order_by(SubscriptionRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(SubscriptionRow.id < after)
    return await _with_items(tx, (await tx.execute(statement)).scalars().all())


def _narrowed(chosen: Chosen) -> list[ColumnElement[bool]]:
    exact = {"state": chosen.state, "plan_code": chosen.plan, "collection": chosen.collection, "customer_id": chosen.customer_id}
    asked = [getattr(SubscriptionRow, name) == value for name, value in exact.items() if value is not None]
    if chosen.set_aside is not None:
        asked.append(SubscriptionRow.billing_error.is_not(None) if chosen.set_aside else SubscriptionRow.billing_error.is_(None))
    if chosen.bill_from is not None:
        asked.append(SubscriptionRow.next_bill_on >= chosen.bill_from)
    if chosen.bill_until is not None:
        asked.append(SubscriptionRow.next_bill_on <= chosen.bill_until)
    return asked


async def lock_subscription(tx: Tx, subscription_id: UUID) -> SubscriptionRow:
    statement = select(SubscriptionRow).where(SubscriptionRow.id == subscription_id).with_for_update()
    row = (await tx.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if row is None:
        raise SubscriptionNotFound
    return row


def cycle_of(row: SubscriptionRow) -> Cycle:
    return Cycle(cast("Unit", row.cycle_unit), row.cycle_count)


async def touched_by(tx: ReadTx, product_id: UUID) -> list[catalog.Touched]:
    """Who pays for the plan, add-on or option's value today, by cycle, currency and version of the price."""
    of = (SubscriptionRow.cycle_unit, SubscriptionRow.cycle_count, ItemRow.currency, ItemRow.price_version, ItemRow.unit_minor)
    counted = select(*of, func.count(SubscriptionRow.id.distinct()), func.sum(ItemRow.quantity)).join(
        SubscriptionRow, SubscriptionRow.id == ItemRow.subscription_id
    )
    living = ItemRow.product_id == product_id, ItemRow.billing == "each_period", SubscriptionRow.state.in_(("pending", *LIVING))
    rows = (await tx.execute(counted.where(*living).group_by(*of).order_by(*of))).all()
    return [
        catalog.Touched(Cycle(cast("Unit", unit), count), Money(price, currency), version, int(subscriptions), int(pieces))
        for unit, count, currency, version, price, subscriptions, pieces in rows
    ]


def plan_item(plan: catalog.PlanOffer) -> Item:
    return Item("plan", plan.plan_id, plan.plan_code, plan.plan_name, 1, plan.price, plan.price_id, plan.price_version)


async def _with_items(tx: ReadTx, rows: Sequence[SubscriptionRow]) -> list[Subscription]:
    found = select(ItemRow).where(ItemRow.subscription_id.in_([row.id for row in rows])).order_by(ItemRow.subscription_id, ItemRow.position)
    items: dict[UUID, list[Item]] = {row.id: [] for row in rows}
    for item in (await tx.execute(found)).scalars() if rows else ():
        unit, billing = Money(item.unit_minor, item.currency), cast("Billing", item.billing)
        facts = (item.kind, item.product_id, item.code, item.name, item.quantity, unit, item.price_id, item.price_version, billing)
        items[item.subscription_id].append(Item(*facts))
    return [_subscription(row, tuple(items[row.id])) for row in rows]


def _subscription(row: SubscriptionRow, items: tuple[Item, ...]) -> Subscription:
    return Subscription(
        id=row.id,
        customer_id=row.customer_id,
        order_line_id=row.order_line_id,
        state=row.state,
        plan_id=row.plan_id,
        plan_code=row.plan_code,
        plan_name=row.plan_name,
        product_class=row.product_class,
        price=Money(row.price_minor, row.currency),
        price_id=row.price_id,
        price_version=row.price_version,
        items=items,
        trial_days=row.trial_days,
        trial_ends_on=row.trial_ends_on,
        cycle=cycle_of(row),
        limits=row.limits,
        features=tuple(row.features),
        anchor_on=row.anchor_on,
        period=Period(row.period_start, row.period_end) if row.period_start and row.period_end else None,
        anchor_index=row.anchor_index,
        period_index=row.period_index,
        billed_index=row.billed_index,
        days_ahead=row.days_ahead,
        next_due_on=row.next_due_on,
        next_bill_on=row.next_bill_on,
        collection=cast("Collection", row.collection),
        change_on=row.change_on,
        cancel_on=row.cancel_on,
        cancel_reason=row.cancel_reason,
        paused_on=row.paused_on,
        resume_on=row.resume_on,
        billing_error=row.billing_error,
        billing_error_at=row.billing_error_at,
        version=row.version,
        created_at=row.created_at,
        started_at=row.started_at,
        cancelled_at=row.cancelled_at,
        ended_at=row.ended_at,
    )

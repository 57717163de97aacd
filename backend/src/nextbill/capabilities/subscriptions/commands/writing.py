"""Rows that every use case writes: items, history, and where a subscription stands in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert

from nextbill.capabilities.subscriptions.models import HistoryRow, ItemRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import RUNNING, Item, Schedule
from nextbill.kernel.ids import new_id
from nextbill.kernel.period import Cycle, Period
from nextbill.runtime.database import Tx

SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class By:
    """Who did it (`customer:…`, `staff:…`, system), and why."""

    actor: str
    reason: str | None = None


async def write_items(tx: Tx, subscription_id: UUID, customer_id: UUID, items: Sequence[Item], *, now: datetime) -> None:
    """In the place of whatever it was charged for before."""
    await tx.execute(delete(ItemRow).where(ItemRow.subscription_id == subscription_id))
    owner = {"subscription_id": subscription_id, "customer_id": customer_id, "created_at": now}
    rows = [{"id": new_id(), "position": position, **owner, **_values(item)} for position, item in enumerate(items)]
    await tx.execute(insert(ItemRow).values(rows))


def _values(item: Item) -> dict[str, Any]:
    names = ("kind", "product_id", "code", "name", "quantity", "price_id", "price_version", "billing")
    return {**{name: getattr(item, name) for name in names}, "unit_minor": item.unit.minor, "currency": item.unit.currency}


async def note(tx: Tx, row: SubscriptionRow, kind: str, *, actor: str, on: date, now: datetime, detail: Mapping[str, Any] | None = None) -> None:
    """A line of the history that customers and staff read. `detail` is plain JSON without personal data."""
    await tx.execute(
        insert(HistoryRow).values(
            id=new_id(), subscription_id=row.id, customer_id=row.customer_id, kind=kind, actor=actor, detail=dict(detail or {}), on_day=on, at=now
        )
    )


def schedule_of(row: SubscriptionRow, cycle: Cycle) -> Schedule:
    if row.anchor_on is None or row.period_start is None or row.period_end is None:
        raise ValueError(f"subscription {row.id} has not begun")
    period = Period(row.period_start, row.period_end)
    return Schedule(cycle, row.anchor_on, row.anchor_index, row.period_index, period, row.billed_index, row.days_ahead, row.change_on)


def put_schedule(row: SubscriptionRow, schedule: Schedule) -> None:
    """The columns of time; `next_bill_on` as its state lets it be billed (`bill_again`)."""
    row.cycle_unit, row.cycle_count = schedule.cycle.unit, schedule.cycle.count
    row.anchor_on, row.anchor_index = schedule.anchor_on, schedule.anchor_index
    row.period_index, row.billed_index, row.days_ahead = schedule.index, schedule.billed_index, schedule.days_ahead
    row.period_start, row.period_end = schedule.period.start, schedule.period.end
    row.next_due_on, row.change_on = schedule.period.end, schedule.change_on
    if schedule.index < 0:
        row.trial_ends_on = schedule.period.end
    bill_again(row, schedule)


def bill_again(row: SubscriptionRow, schedule: Schedule) -> None:
    """The day of the next invoice: none where it ends, rests or is over. One that is suspended keeps its day: the claim looks at the state."""
    billed = row.state in (*RUNNING, "suspended") and row.cancel_on is None
    row.next_bill_on = schedule.next_bill_on if billed else None

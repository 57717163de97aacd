"""Pausing and going on: the time between is not billed, and what was paid for lasts so much longer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.applying import call_off, settle_next
from nextbill.capabilities.subscriptions.commands.giving_back import void_unpaid
from nextbill.capabilities.subscriptions.commands.writing import SYSTEM, By, note, put_schedule, schedule_of
from nextbill.capabilities.subscriptions.errors import AlreadyEnding, NotInThisState
from nextbill.capabilities.subscriptions.events import SubscriptionPaused, SubscriptionResumed
from nextbill.capabilities.subscriptions.models import PeriodRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import moved, rolled
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

PAUSABLE = ("trialing", "active")
PAUSED = "The subscription was paused"


async def pause(tx: Tx, subscription_id: UUID, *, by: By, today: date, now: datetime, resume_on: date | None = None) -> None:
    """From today; `resume_on` ends it by itself. A renewal that nobody has paid is voided, an open change is off. NotInThisState, AlreadyEnding."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state not in PAUSABLE:
        raise NotInThisState(f"It is {row.state}: only what runs and is paid for can rest.")
    if row.cancel_on is not None:
        raise AlreadyEnding
    if resume_on is not None and resume_on <= today:
        raise Invalid(fields={"resume_on": "a day after today"})
    for change in await queries.open_changes(tx, row.id):
        if change.kind != "price":
            await call_off(tx, row, await queries.lock_change(tx, change.id), "withdrawn", by=By(SYSTEM, PAUSED), on=today, now=now)
    await void_unpaid(tx, row, reason=PAUSED, on=today, now=now)
    put_schedule(row, rolled(schedule_of(row, queries.cycle_of(row)), today))
    row.state, row.paused_on, row.resume_on, row.next_bill_on = "paused", today, resume_on, None
    await note(tx, row, "paused", actor=by.actor, on=today, now=now, detail={"resume_on": resume_on.isoformat() if resume_on else None})
    await publish(tx, SubscriptionPaused(subscription_id=row.id, customer_id=row.customer_id, order_line_id=row.order_line_id), now=now)


async def resume(tx: Tx, subscription_id: UUID, *, by: By, today: date, now: datetime) -> None:
    """The period that was paid for ends later by the days of the pause, and with it everything after it. NotInThisState."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state != "paused" or row.paused_on is None:
        raise NotInThisState(f"It is {row.state}, not paused.")
    days = (today - row.paused_on).days
    await _move_periods(tx, row, days)
    schedule = moved(schedule_of(row, queries.cycle_of(row)), days=days)
    row.state = "trialing" if row.period_index < 0 else "active"
    row.paused_on = row.resume_on = None
    put_schedule(row, schedule)
    await settle_next(tx, row)
    detail = {"days": days, "until": schedule.period.end.isoformat()}
    await note(tx, row, "resumed", actor=by.actor, on=today, now=now, detail=detail)
    resumed = SubscriptionResumed(
        subscription_id=row.id, customer_id=row.customer_id, order_line_id=row.order_line_id, period_end=schedule.period.end
    )
    await publish(tx, resumed, now=now)


async def _move_periods(tx: Tx, row: SubscriptionRow, days: int) -> None:
    """What was billed lasts longer; what was billed and paid ahead begins later. The last one first, or two would begin on one day."""
    later = timedelta(days=days)
    for one in reversed(await queries.billed_periods(tx, row.id, ending_after=row.paused_on)):
        begins = one.period.start if one.index <= row.period_index else one.period.start + later
        mine = (PeriodRow.subscription_id == row.id, PeriodRow.period_index == one.index)
        await tx.execute(update(PeriodRow).where(*mine).values(period_start=begins, period_end=one.period.end + later))


async def due_to_resume(tx: Tx, *, on: date, limit: int) -> list[UUID]:
    found = select(SubscriptionRow.id).where(SubscriptionRow.state == "paused", SubscriptionRow.resume_on <= on)
    return list((await tx.execute(found.order_by(SubscriptionRow.resume_on, SubscriptionRow.id).limit(limit))).scalars())


async def resume_due(tx: Tx, subscription_id: UUID, *, on: date, now: datetime) -> None:
    """On the day that was named, also where it is noticed later. Looks again: it may have been resumed meanwhile."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state == "paused" and row.resume_on is not None and row.resume_on <= on:
        await resume(tx, subscription_id, by=By(SYSTEM), today=row.resume_on, now=now)

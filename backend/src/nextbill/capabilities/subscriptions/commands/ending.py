"""Cancelling: at the period's end, which can be undone until then, or at once, with what is not used as credit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.applying import call_off, settle_next
from nextbill.capabilities.subscriptions.commands.giving_back import billed_and_wanted, give_back, void_unpaid
from nextbill.capabilities.subscriptions.commands.writing import SYSTEM, By, bill_again, note, schedule_of
from nextbill.capabilities.subscriptions.errors import AlreadyEnding, NotEnding, NotInThisState
from nextbill.capabilities.subscriptions.events import SubscriptionCancelled, SubscriptionEnded, SubscriptionEnding, SubscriptionReactivated
from nextbill.capabilities.subscriptions.models import SubscriptionRow
from nextbill.capabilities.subscriptions.rules import LIVING, Schedule, Situation, rolled, unused_lines
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import ReadTx, Tx
from nextbill.runtime.events import publish

VOIDED = "The subscription was cancelled"


async def cancel_at_end(tx: Tx, subscription_id: UUID, *, by: By, today: date, now: datetime) -> date:
    """It runs as long as it is paid for; a renewal that nobody has paid is voided, open changes are off. The day from which it is over.

    NotInThisState, AlreadyEnding."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state not in LIVING or row.state == "paused":
        raise NotInThisState("While it rests it can only be ended at once." if row.state == "paused" else f"It is {row.state}.")
    if row.cancel_on is not None:
        raise AlreadyEnding
    await _call_off_all(tx, row, on=today, now=now)
    await void_unpaid(tx, row, reason=VOIDED, on=today, now=now)
    row.cancel_on = max(schedule_of(row, queries.cycle_of(row)).billed_until, today)
    row.cancel_reason, row.cancelled_at, row.next_bill_on = by.reason, now, None
    await note(tx, row, "cancel_asked", actor=by.actor, on=today, now=now, detail={"cancel_on": row.cancel_on.isoformat()})
    await publish(tx, SubscriptionEnding(subscription_id=row.id, customer_id=row.customer_id, cancel_on=row.cancel_on), now=now)
    return row.cancel_on


async def cancel_now(tx: Tx, subscription_id: UUID, *, by: By, today: date, now: datetime, credit: bool = True) -> Money:
    """Over today. Unpaid renewals are voided; with `credit`, unused days come back as the customer's credit (zero on trial). What came back.

    NotInThisState."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state not in LIVING:
        raise NotInThisState(f"It is {row.state}.")
    await _call_off_all(tx, row, on=today, now=now)
    await void_unpaid(tx, row, reason=VOIDED, on=today, now=now)
    back = Money.zero(row.currency)
    if credit:
        found = await queries.get_subscription(tx, row.id)
        unused, since = await _unused(tx, found, found.schedule, today=today)
        if unused:
            back = await give_back(tx, row, unused, since=since, reason=by.reason or VOIDED, on=today, now=now)
    row.cancel_reason, row.cancelled_at = by.reason, row.cancelled_at or now
    await _over(tx, row, by=by, on=today, now=now)
    return back


async def unused_today(tx: ReadTx, found: queries.Subscription, *, today: date) -> Money:
    """What `cancel_now` would give back, in the terms of the price list; less where staff has credited something already. Zero of what is over."""
    if found.state not in LIVING:
        return Money.zero(found.price.currency)
    schedule = replace(found.schedule, billed_index=await billed_and_wanted(tx, found))
    return (await _unused(tx, found, schedule, today=today))[0]


async def _unused(tx: ReadTx, found: queries.Subscription, schedule: Schedule, *, today: date) -> tuple[Money, date]:
    """And the first day of the period that it is from."""
    from_day = found.paused_on or today
    situation = Situation(queries.terms_of(found), rolled(schedule, from_day), await queries.discount_of(tx, found.id), from_day)
    return total([line.net for line in unused_lines(situation)], found.price.currency), situation.schedule.period.start


async def reactivate(tx: Tx, subscription_id: UUID, *, by: By, today: date, now: datetime) -> None:
    """It goes on after all; what was not billed meanwhile is billed when its day comes. NotEnding."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state not in LIVING or row.cancel_on is None:
        raise NotEnding("It is over: order it anew." if row.state not in LIVING else None)
    row.cancel_on = row.cancel_reason = row.cancelled_at = None
    await settle_next(tx, row)
    await note(tx, row, "reactivated", actor=by.actor, on=today, now=now)
    await publish(tx, SubscriptionReactivated(subscription_id=row.id, customer_id=row.customer_id), now=now)


async def due_to_end(tx: Tx, *, on: date, limit: int) -> list[UUID]:
    found = select(SubscriptionRow.id).where(SubscriptionRow.cancel_on <= on, SubscriptionRow.state.in_(LIVING))
    return list((await tx.execute(found.order_by(SubscriptionRow.cancel_on, SubscriptionRow.id).limit(limit))).scalars())


async def end_due(tx: Tx, subscription_id: UUID, *, on: date, now: datetime) -> None:
    """Its last day is over. Looks again: it may have been taken back meanwhile."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state in LIVING and row.cancel_on is not None and row.cancel_on <= on:
        await _over(tx, row, by=By(SYSTEM, row.cancel_reason), on=on, now=now)


async def _over(tx: Tx, row: SubscriptionRow, *, by: By, on: date, now: datetime) -> None:
    await _call_off_all(tx, row, on=on, now=now, rises=True)
    trial = row.period_index < 0
    row.state = "cancelled" if trial else "ended"
    row.ended_at = None if trial else now
    row.cancelled_at = row.cancelled_at or now
    row.next_bill_on = row.paused_on = row.resume_on = row.change_on = None
    ids = {"subscription_id": row.id, "customer_id": row.customer_id, "order_line_id": row.order_line_id}
    await note(tx, row, row.state, actor=by.actor, on=on, now=now, detail={"reason": by.reason})
    await publish(tx, SubscriptionCancelled(**ids) if trial else SubscriptionEnded(**ids, ended_on=on), now=now)


async def _call_off_all(tx: Tx, row: SubscriptionRow, *, on: date, now: datetime, rises: bool = False) -> None:
    """Open changes end with what they would change; a price rise stays, in case the cancellation is taken back."""
    for change in await queries.open_changes(tx, row.id):
        if rises or change.kind != "price":
            await call_off(tx, row, await queries.lock_change(tx, change.id), "withdrawn", by=By(SYSTEM, VOIDED), on=on, now=now)
    bill_again(row, schedule_of(row, queries.cycle_of(row)))

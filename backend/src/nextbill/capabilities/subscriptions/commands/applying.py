"""A change that is paid, due, or free takes effect; one that nobody paid, or that does not fit any more, is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, or_, select, update

from nextbill.capabilities import invoicing
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.writing import SYSTEM, By, bill_again, note, put_schedule, schedule_of, write_items
from nextbill.capabilities.subscriptions.errors import ChangeNotOpen
from nextbill.capabilities.subscriptions.events import ChangeRefused, ChangeWithdrawn, SubscriptionChanged
from nextbill.capabilities.subscriptions.models import ChangeRow, DiscountRow, PeriodRow, SubscriptionRow
from nextbill.capabilities.subscriptions.rules import Item, Schedule, Terms, recycled
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def apply(tx: Tx, row: SubscriptionRow, change: ChangeRow, target: Terms, *, by: By, on: date, now: datetime, at_end: bool = False) -> None:
    """Everything of the subscription becomes the target's. The caller holds the row, and has settled the change. `at_end`: of what was billed before."""
    schedule = schedule_of(row, queries.cycle_of(row))
    before = {"plan": row.plan_name, "price_minor": row.price_minor, "cycle": {"unit": row.cycle_unit, "count": row.cycle_count}}
    if target.cycle != schedule.cycle:
        schedule = await _recycle(tx, row, change, schedule, target, at_end=at_end, now=now)
    if (target.plan_id, target.cycle) != (row.plan_id, queries.cycle_of(row)):
        await _outdate_rises(tx, row, now=now)
    row.plan_id, row.plan_code, row.plan_name, row.product_class = target.plan_id, target.plan_code, target.plan_name, target.product_class
    row.price_id, row.price_version, row.price_minor = target.price_id, target.price_version, target.price.minor
    row.limits, row.features = dict(target.limits), list(target.features)
    row.version += 1
    row.billing_error = row.billing_error_at = row.billing_error_kind = None
    put_schedule(row, replace(schedule, days_ahead=target.days_ahead))
    await write_items(tx, row.id, row.customer_id, target.items, now=now)
    await settle_next(tx, row)
    detail = {"change_id": str(change.id), "kind": change.kind, "from": before, "to": {"plan": row.plan_name, "price_minor": row.price_minor}}
    await note(tx, row, "changed", actor=by.actor, on=on, now=now, detail=detail)
    changed = SubscriptionChanged(change_id=change.id, subscription_id=row.id, customer_id=row.customer_id, order_line_id=row.order_line_id)
    await publish(tx, changed, now=now)


async def _recycle(tx: Tx, row: SubscriptionRow, change: ChangeRow, schedule: Schedule, target: Terms, *, at_end: bool, now: datetime) -> Schedule:
    """Another cycle: on trial nothing was billed; at the end of what is billed that end is the anchor; at once the new period begins on the day of the
    change and is paid with it. A coupon for some periods ends."""
    if schedule.index < 0:
        return replace(schedule, cycle=target.cycle)
    ends = update(DiscountRow).where(DiscountRow.subscription_id == row.id, DiscountRow.until_index > schedule.next_index)
    await tx.execute(ends.values(until_index=schedule.next_index))
    if at_end:
        return replace(schedule, cycle=target.cycle, anchor_on=change.effective_on, anchor_index=schedule.next_index)
    new = recycled(schedule, target.cycle, change.effective_on, days_ahead=target.days_ahead)
    living = (PeriodRow.subscription_id == row.id, PeriodRow.closed_by.is_(None), PeriodRow.period_end > change.effective_on)
    await tx.execute(update(PeriodRow).where(*living).values(closed_by=change.id))
    ids = {"subscription_id": row.id, "customer_id": row.customer_id, "period_index": new.index, "invoice_id": change.invoice_id}
    await tx.execute(insert(PeriodRow).values(**ids, period_start=new.period.start, period_end=new.period.end, created_at=now))
    return new


async def _outdate_rises(tx: Tx, row: SubscriptionRow, *, now: datetime) -> None:
    """A price that was announced for the old plan and cycle means nothing for the new ones, which are sold at today's."""
    old = (ChangeRow.subscription_id == row.id, ChangeRow.state == "scheduled", ChangeRow.kind == "price")
    await tx.execute(update(ChangeRow).where(*old).values(state="withdrawn", settled_at=now, outcome="Another plan or cycle was chosen."))


async def settle_next(tx: Tx, row: SubscriptionRow) -> None:
    """Open changes are settled before anything is billed: the day of the next invoice follows them."""
    await tx.flush()
    row.change_on = await queries.settle_on(tx, row.id)
    bill_again(row, schedule_of(row, queries.cycle_of(row)))
    await tx.flush()


async def apply_paid_change(tx: Tx, change_id: UUID, *, invoice_id: UUID, on: date, now: datetime) -> None:
    """For `InvoicePaid` of its proforma. May be repeated. ChangeNotOpen where it was off before: the money has then to be looked at."""
    row, change = await _hold(tx, change_id)
    if change.state == "applied":
        return
    if change.state != "waiting_payment":
        raise ChangeNotOpen(f"It was {change.state} before its invoice was paid.")
    change.state, change.settled_at, change.invoice_id = "applied", now, invoice_id
    await tx.flush()
    await apply(tx, row, change, Terms.from_json(change.target), by=By(change.asked_by), on=on, now=now)


async def withdraw_change(tx: Tx, change_id: UUID, *, by: By, on: date, now: datetime) -> None:
    """Nothing of it happens, nothing is asked for it. ChangeNotOpen; ProformaNotOpen where it has just been paid. Withdrawn twice is withdrawn."""
    row, change = await _hold(tx, change_id)
    if change.state != "withdrawn":
        await call_off(tx, row, change, "withdrawn", by=by, on=on, now=now)
        await _tell_withdrawn(tx, change, expired=False, now=now)


async def call_off(tx: Tx, row: SubscriptionRow, change: ChangeRow, state: str, *, by: By, on: date, now: datetime) -> None:
    if change.state not in queries.OPEN:
        raise ChangeNotOpen
    if change.proforma_id is not None:
        await invoicing.cancel_proforma(tx, change.proforma_id, now=now)
    change.state, change.settled_at, change.outcome = state, now, by.reason
    await settle_next(tx, row)
    await note(tx, row, f"change_{state}", actor=by.actor, on=on, now=now, detail={"change_id": str(change.id), "kind": change.kind})


async def _tell_withdrawn(tx: Tx, change: ChangeRow, *, expired: bool, now: datetime) -> None:
    told = ChangeWithdrawn(change_id=change.id, subscription_id=change.subscription_id, customer_id=change.customer_id, expired=expired)
    await publish(tx, told, now=now)


async def due_changes(tx: Tx, *, on: date, limit: int) -> list[UUID]:
    """What is to be settled by that day, the oldest first: before anything is billed. A price waits for the end of a pause: what rests was paid at the old one."""
    resting = select(SubscriptionRow.id).where(SubscriptionRow.id == ChangeRow.subscription_id, SubscriptionRow.state == "paused").exists()
    unpaid = (ChangeRow.state == "waiting_payment") & (ChangeRow.valid_until <= on)
    scheduled = (ChangeRow.state == "scheduled") & (ChangeRow.effective_on <= on) & ~((ChangeRow.kind == "price") & resting)
    found = select(ChangeRow.id).where(or_(unpaid, scheduled)).order_by(ChangeRow.effective_on, ChangeRow.id).limit(limit)
    return list((await tx.execute(found)).scalars())


async def settle_change(tx: Tx, change_id: UUID, *, on: date, now: datetime) -> None:
    """An unpaid one is off; a scheduled one is applied if it fits, else refused. Looks again: it may have been settled meanwhile."""
    row, change = await _hold(tx, change_id)
    by = By(SYSTEM)
    if change.state == "waiting_payment" and change.valid_until is not None and change.valid_until <= on:
        await call_off(tx, row, change, "expired", by=By(SYSTEM, "It was not paid in time."), on=on, now=now)
        await _tell_withdrawn(tx, change, expired=True, now=now)
    elif change.state == "scheduled" and change.effective_on <= on:
        await (_raise_price if change.kind == "price" else _apply_scheduled)(tx, row, change, by=by, on=on, now=now)


async def _apply_scheduled(tx: Tx, row: SubscriptionRow, change: ChangeRow, *, by: By, on: date, now: datetime) -> None:
    target = Terms.from_json(change.target)
    too_much = await queries.what_is_too_much(tx, await queries.get_subscription(tx, row.id), target)
    if too_much:
        told = ", ".join(f"{one.resource}: {one.used} of {one.limit}" for one in too_much)
        await call_off(tx, row, change, "refused", by=By(SYSTEM, told), on=on, now=now)
        await publish(tx, ChangeRefused(change_id=change.id, subscription_id=row.id, customer_id=row.customer_id), now=now)
        return
    change.state, change.settled_at = "applied", now
    await tx.flush()
    await apply(tx, row, change, target, by=by, on=on, now=now, at_end=True)


async def _raise_price(tx: Tx, row: SubscriptionRow, change: ChangeRow, *, by: By, on: date, now: datetime) -> None:
    """Only what begins from now on costs more: where a pause has moved the period's end, the rise waits for it; what is resting for the end of that."""
    ends = schedule_of(row, queries.cycle_of(row)).billed_until
    if row.state == "paused":  # since it was found
        return
    if ends > on:
        change.effective_on = ends
        await settle_next(tx, row)
        return
    found = await queries.get_subscription(tx, row.id)
    target = replace(queries.terms_of(found), items=repriced(found.items, change))
    main = target.items[0]
    change.state, change.settled_at = "applied", now
    await tx.flush()
    await apply(tx, row, change, replace(target, price_id=main.price_id, price_version=main.price_version), by=by, on=on, now=now)


def repriced(items: Sequence[Item], change: ChangeRow) -> tuple[Item, ...]:
    """At the prices of the change; what has been added or dropped since it was announced is none of it."""
    prices = {UUID(price["product_id"]): price for price in change.target["prices"]}
    found: list[Item] = []
    for item in items:
        price = prices.get(item.product_id) if item.billing == "each_period" else None
        if price is not None:
            price_id = UUID(price["price_id"]) if price["price_id"] else None
            found.append(replace(item, unit=Money(price["unit_minor"], change.currency), price_id=price_id, price_version=price["price_version"]))
        else:
            found.append(item)
    return tuple(found)


async def _hold(tx: Tx, change_id: UUID) -> tuple[SubscriptionRow, ChangeRow]:
    row = await queries.lock_subscription(tx, (await queries.get_change(tx, change_id)).subscription_id)
    return row, await queries.lock_change(tx, change_id)

"""What is to be paid: opened, settled or cancelled by its owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.attempts import EXPIRE_CHECKOUT
from nextbill.capabilities.payments.errors import PayableNotOpen
from nextbill.capabilities.payments.models import PayableRow
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime import jobs, steps
from nextbill.runtime.bulk import Uuids, column, new_uuids, spans
from nextbill.runtime.database import Tx

CLOSE_CHECKOUT = "payments.close_checkout"


async def open_payable(tx: Tx, *, customer_id: UUID, reference_type: str, reference_id: UUID, amount: Money, description: str, now: datetime) -> UUID:
    """One for each reference: a second call finds the first one's. `description` is what the customer reads on the checkout page."""
    payable_id = new_id()
    values = {"id": payable_id, "customer_id": customer_id, "reference_type": reference_type, "reference_id": reference_id}
    facts = {"amount_minor": amount.minor, "currency": amount.currency, "description": description, "state": "open", "opened_at": now}
    statement = upsert(PayableRow).values(**values, **facts).on_conflict_do_nothing(index_elements=["reference_type", "reference_id"])
    if (await tx.execute(statement.returning(PayableRow.id))).first() is not None:
        return payable_id
    known = select(PayableRow.id).where(PayableRow.reference_type == reference_type, PayableRow.reference_id == reference_id)
    return (await tx.execute(known)).scalar_one()


class AlikePayables(Struct, frozen=True, gc=False):
    """So `many` of the same amount, one after the other. `charge_on`: from that day each is charged to its customer's card by itself (`charge_payables`)."""

    amount: Money
    many: int
    charge_on: date | None = None


_OPEN_MANY = text(
    "with opened as (insert into payments_payable (id, customer_id, reference_type, reference_id, amount_minor, currency, description, state, opened_at) "
    "select n.id, n.customer, :type, n.reference, e.amount, e.currency, :description, 'open', :now from unnest(cast(:firsts as int[]), "
    "cast(:lasts as int[]), cast(:amounts as bigint[]), cast(:currencies as text[])) as e(first, last, amount, currency) "
    "cross join lateral unnest((cast(:ids as uuid[]))[e.first:e.last], (cast(:customers as uuid[]))[e.first:e.last], "
    "(cast(:references as uuid[]))[e.first:e.last]) as n(id, customer, reference)) "
    "insert into payments_collection (payable_id, customer_id, state, started_on, next_try_on, changed_at) "
    "select n.id, n.customer, 'due', e.day, e.day, :now from unnest(cast(:firsts as int[]), cast(:lasts as int[]), cast(:days as date[])) "
    "as e(first, last, day) cross join lateral unnest((cast(:ids as uuid[]))[e.first:e.last], (cast(:customers as uuid[]))[e.first:e.last]) "
    "as n(id, customer) where e.day is not null"
)


async def open_payables(
    tx: Tx, alike: Sequence[AlikePayables], *, references: Uuids, customers: Uuids, reference_type: str, description: str, now: datetime
) -> Uuids:
    """For `references` that have none yet, and whose they are, both in the order of `alike`, in one statement. Their ids in that order."""
    firsts, lasts = spans([one.many for one in alike])
    ids = new_uuids(sum(one.many for one in alike))
    values = {
        "ids": ids,
        "customers": customers,
        "references": references,
        "firsts": firsts,
        "lasts": lasts,
        "amounts": column([one.amount.minor for one in alike]),
        "currencies": column([one.amount.currency for one in alike]),
        "days": column([one.charge_on for one in alike]),
    }
    await tx.execute(_OPEN_MANY, {"type": reference_type, "description": description, "now": now, **values})
    return ids


async def settle_payable(tx: Tx, payable_id: UUID) -> None:
    """Its owner has used the money (or was paid another way): nothing more is to be paid. May be repeated."""
    row = await queries.lock_payable(tx, payable_id)
    if row.state == "settled":
        return
    if row.state == "cancelled":
        raise PayableNotOpen("A cancelled payable cannot be settled.")
    row.state = "settled"
    await _close_checkout(tx, row)


async def reduce_payable(tx: Tx, payable_id: UUID, amount: Money) -> None:
    """Only `amount` is to be paid any more: the rest came another way or was taken back. A checkout over the former amount is closed; what
    is paid on it all the same comes with its own amount. One that is not open any more stays as it is."""
    row = await queries.lock_payable(tx, payable_id)
    less = row.amount_minor - amount.minor
    if row.state != "open" or not less:
        return
    if less < 0 or not amount or amount.currency != row.currency:
        raise ValueError(f"a payable of {Money(row.amount_minor, row.currency)} is not reduced to {amount}")
    row.amount_minor, row.reduced_minor = amount.minor, row.reduced_minor + less
    await _close_checkout(tx, row)


async def cancel_payable(tx: Tx, payable_id: UUID, *, now: datetime) -> None:
    """Nothing is to be paid any more; an open checkout is closed, and money that comes all the same goes back. May be repeated.

    PayableNotOpen while money that came for it was not sent back."""
    row = await queries.lock_payable(tx, payable_id)
    if row.state == "cancelled":
        return
    if row.state == "paid" and not await queries.holds_money(tx, row.id):
        row.state = "settled"
        return
    if row.state != "open":
        raise PayableNotOpen("It has been paid: cancel by a refund.")
    row.state, row.cancelled_at = "cancelled", now
    await _close_checkout(tx, row)


async def _close_checkout(tx: Tx, payable: PayableRow) -> None:
    """By a job, which knows the time. One that is being opened this moment sees that nobody wants it any more."""
    await tx.flush()
    attempt = await queries.open_attempt(tx, payable.id)
    if attempt is not None:
        await jobs.enqueue(tx, CLOSE_CHECKOUT, {"attempt_id": str(attempt.id)})


async def close_checkout(tx: Tx, attempt_id: UUID, *, now: datetime) -> None:
    attempt = await queries.get_attempt(tx, attempt_id)
    if attempt.is_open:
        await steps.request(tx, EXPIRE_CHECKOUT, subject_id=attempt.id, customer_id=attempt.customer_id, now=now)

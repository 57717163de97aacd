"""Money on its way back: the row and its amount first, the gateway after."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from nextbill.capabilities import ledger
from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.facts import refund_facts
from nextbill.capabilities.payments.errors import NothingToRefund, NotRefundable, RefundNotCovered, RefundTooLarge
from nextbill.capabilities.payments.events import RefundFailed, RefundRequested, RefundSucceeded
from nextbill.capabilities.payments.models import AttemptRow, PayableRow, RefundRow
from nextbill.capabilities.payments.ports import RefundState
from nextbill.kernel.clock import business_date
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime import steps
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

REFUND = "payments.refund"
CHECK_EVERY = timedelta(hours=1)


async def request_refund(
    tx: Tx, *, attempt_id: UUID, amount: Money | None, reason: str, actor: str, zone: str, now: datetime, key: str | None = None
) -> UUID:
    """`amount` None: all that is left of the payment. The books and the credit note's owner are told at once; the step sends it.

    RefundNotCovered where the customer has no credit for it: what was invoiced is taken back by a credit note first.
    `key`: the asker's own. The same one again finds the first one's refund, also where the first answer was lost in a crash."""
    await ledger.hold_credit(tx, (await queries.get_attempt(tx, attempt_id)).customer_id)  # before the payment, as everybody who spends credit
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    known = None if key is None else await queries.refund_by_key(tx, attempt_id=attempt_id, key=key)
    if known is not None:
        return known
    if attempt.state != "succeeded":
        raise NotRefundable(f"This payment is {attempt.state}.")
    left = Money(attempt.paid_minor - attempt.refunded_minor, attempt.currency)
    wanted = left if amount is None else amount
    if wanted.currency != attempt.currency:
        raise NothingToRefund(fields={"amount.currency": f"the payment was made in {attempt.currency}"})
    if not left:
        raise RefundTooLarge("All of it has been refunded.", left=0)
    if wanted.minor <= 0:
        raise NothingToRefund(fields={"amount.amount": "must be greater than 0"})
    await _cover(tx, payable, attempt, min(wanted, left))
    return await begin_refund(tx, payable, attempt, amount=wanted, reason=reason, actor=actor, zone=zone, now=now, key=key)


async def _cover(tx: Tx, payable: PayableRow, attempt: AttemptRow, wanted: Money) -> None:
    """A refund is sent from the customer's credit, which it may not leave below zero, nor take what came for something else and waits to be used."""
    currency = attempt.currency
    credit = (await ledger.credit_of(tx, attempt.customer_id)).get(currency, Money.zero(currency))
    waiting = await queries.money_on_its_way(tx, customer_id=attempt.customer_id, currency=currency)
    own = attempt.paid_minor - attempt.refunded_minor if payable.state == "paid" and not attempt.surplus else 0
    free = max(credit - waiting + Money(own, currency), Money.zero(currency))
    if wanted > free:
        raise RefundNotCovered(
            f"{free} of credit are free. Write a credit note for the invoice first: what it takes back becomes credit, which can be sent.",
            free=free.minor,
            currency=currency,
        )


async def begin_refund(
    tx: Tx,
    payable: PayableRow,
    attempt: AttemptRow,
    *,
    amount: Money,
    reason: str,
    actor: str,
    zone: str,
    now: datetime,
    key: str | None = None,
) -> UUID:
    """One conditional UPDATE takes the amount from what is left; a CHECK stands behind it."""
    taken = await tx.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt.id, AttemptRow.refunded_minor + amount.minor <= AttemptRow.paid_minor)
        .values(refunded_minor=AttemptRow.refunded_minor + amount.minor)
        .returning(AttemptRow.refunded_minor)
        .execution_options(synchronize_session=False)
    )
    if taken.first() is None:
        raise RefundTooLarge(
            f"{Money(attempt.paid_minor - attempt.refunded_minor, attempt.currency)} are left.", left=attempt.paid_minor - attempt.refunded_minor
        )
    refund = RefundRow(
        id=new_id(),
        customer_id=attempt.customer_id,
        attempt_id=attempt.id,
        amount_minor=amount.minor,
        currency=amount.currency,
        state="requested",
        surplus=attempt.surplus,
        reason=reason,
        actor=actor,
        request_key=key,
        requested_at=now,
    )
    tx.add(refund)
    await tx.flush()
    await _book(tx, refund, kind="requested", debit=ledger.Account.CUSTOMER_CREDIT, credit=ledger.Account.REFUNDS_PENDING, zone=zone, now=now)
    await publish(tx, RefundRequested(**refund_facts(payable, attempt, refund)), now=now)
    await steps.request(tx, REFUND, subject_id=refund.id, customer_id=refund.customer_id, now=now)
    return refund.id


async def record_refund(tx: Tx, refund_id: UUID, *, seen: RefundState, zone: str, now: datetime) -> None:
    """What the gateway says of a refund: for the step, the webhook and the sweeper alike. May be repeated, in any order."""
    refund = await queries.lock_refund(tx, refund_id)
    if refund is None or refund.state == "failed":
        return
    refund.refund_ref = seen.refund_ref
    if seen.status == "failed":
        await _fail(tx, refund, reason=seen.reason or "failed", zone=zone, now=now)
    elif seen.status == "succeeded" and refund.state != "succeeded":
        await _succeed(tx, refund, zone=zone, now=now)
    elif seen.status == "pending" and refund.state != "succeeded":
        refund.state, refund.next_check_at = "pending", now + CHECK_EVERY


async def fail_refund(tx: Tx, refund_id: UUID, *, reason: str, zone: str, now: datetime) -> None:
    """The gateway refused it for good: nothing was sent."""
    refund = await queries.lock_refund(tx, refund_id)
    if refund is not None and refund.state != "failed":
        await _fail(tx, refund, reason=reason, zone=zone, now=now)


async def park_refund(tx: Tx, refund_id: UUID, *, reason: str) -> None:
    refund = await queries.lock_refund(tx, refund_id)
    if refund is not None and refund.state == "requested":
        refund.state, refund.error = "parked", reason


async def postpone_refund_check(tx: Tx, refund_ids: list[UUID], *, until: datetime) -> None:
    if refund_ids:
        await tx.execute(update(RefundRow).where(RefundRow.id.in_(refund_ids)).values(next_check_at=until))


async def _succeed(tx: Tx, refund: RefundRow, *, zone: str, now: datetime) -> None:
    refund.state, refund.finished_at, refund.next_check_at, refund.error = "succeeded", now, None, None
    await _book(tx, refund, kind="sent", debit=ledger.Account.REFUNDS_PENDING, credit=ledger.Account.GATEWAY_CLEARING, zone=zone, now=now)
    payable, attempt = await queries.read_attempt(tx, refund.attempt_id)
    await publish(tx, RefundSucceeded(**refund_facts(payable, attempt, refund)), now=now)


async def _fail(tx: Tx, refund: RefundRow, *, reason: str, zone: str, now: datetime) -> None:
    """The money is with us again: the attempt has it back, and the customer as credit."""
    sent = refund.state == "succeeded"
    refund.state, refund.finished_at, refund.next_check_at, refund.error = "failed", now, None, reason
    back = AttemptRow.refunded_minor - refund.amount_minor
    await tx.execute(
        update(AttemptRow).where(AttemptRow.id == refund.attempt_id).values(refunded_minor=back).execution_options(synchronize_session=False)
    )
    source = ledger.Account.GATEWAY_CLEARING if sent else ledger.Account.REFUNDS_PENDING
    await _book(tx, refund, kind="failed", debit=source, credit=ledger.Account.CUSTOMER_CREDIT, zone=zone, now=now)
    payable, attempt = await queries.read_attempt(tx, refund.attempt_id)
    await publish(tx, RefundFailed(**refund_facts(payable, attempt, refund), reason=reason), now=now)


async def _book(tx: Tx, refund: RefundRow, *, kind: str, debit: ledger.Account, credit: ledger.Account, zone: str, now: datetime) -> None:
    money = Money(refund.amount_minor, refund.currency)
    entries = tuple(
        ledger.Entry(account, amount, refund.customer_id if account is ledger.Account.CUSTOMER_CREDIT else None)
        for account, amount in ((debit, money), (credit, -money))
    )
    journal = ledger.Journal("payments.refund", refund.id, f"Refund {kind}", entries, kind)
    await ledger.post(tx, journal=journal, on=business_date(now, zone), now=now)

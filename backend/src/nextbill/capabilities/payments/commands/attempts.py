"""A try at paying: requested, opened at the gateway, refused or parked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.cards import CardConsent
from nextbill.capabilities.payments.commands.facts import facts_of
from nextbill.capabilities.payments.errors import ChargeUnderWay, CheckoutClosing, PayableNotFound, PayableNotOpen
from nextbill.capabilities.payments.events import PaymentExpired, PaymentFailed, PaymentParked
from nextbill.capabilities.payments.models import AttemptRow, GatewayCustomerRow, PayableRow
from nextbill.capabilities.payments.ports import Checkout
from nextbill.capabilities.payments.rules import CHECKOUT_LIFETIME, SHORTEST_CHECKOUT, next_check
from nextbill.kernel.ids import new_id
from nextbill.runtime import jobs, steps
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

OPEN_CHECKOUT = "payments.open_checkout"
EXPIRE_CHECKOUT = "payments.expire_checkout"
SETTLE = "payments.settle"
OPEN = "state in ('requested','open')"


async def start_attempt(tx: Tx, *, payable_id: UUID, customer_id: UUID, return_url: str, now: datetime, consent: CardConsent | None = None) -> UUID:
    """The payable's one open attempt: the present one, or a new one with the step that opens its checkout.

    With `consent` the card that is used on it is saved.

    The partial unique index decides between two that start at once. A checkout past its time is closed first; should it
    have been paid in its last second, settling still finds that out."""
    payable = await queries.get_payable(tx, payable_id)
    if payable.customer_id != customer_id:
        raise PayableNotFound
    if payable.state != "open":
        raise PayableNotOpen("There is nothing left to pay.")
    attempt_id = new_id()
    values = {"id": attempt_id, "customer_id": customer_id, "payable_id": payable_id, "state": "requested", "return_url": return_url}
    copied = {"amount_minor": payable.amount.minor, "currency": payable.amount.currency, "description": payable.description}
    times = {"requested_at": now, "expires_at": now + CHECKOUT_LIFETIME}
    agreed = {"consent_terms": consent.terms, "consent_address": consent.address} if consent else {}
    await _close_outdated(tx, payable_id, now=now)
    once = upsert(AttemptRow).values(**values, **copied, **times, **agreed)
    once = once.on_conflict_do_nothing(index_elements=["payable_id"], index_where=text(OPEN))
    if (await tx.execute(once.returning(AttemptRow.id))).first() is None:
        present = await queries.open_attempt(tx, payable_id)
        if present is None:
            raise PayableNotOpen("Its payment has just been concluded: read it again.")
        _check_present(present, payable.amount.minor, saves_card=consent is not None)
        return present.id
    await steps.request(tx, OPEN_CHECKOUT, subject_id=attempt_id, customer_id=customer_id, now=now)
    return attempt_id


def _check_present(present: AttemptRow, amount_minor: int, *, saves_card: bool) -> None:
    if present.kind == "charge":
        raise ChargeUnderWay("Wait a moment, then look whether it is paid.", retry_after=5)
    if present.amount_minor != amount_minor:
        raise CheckoutClosing("Less is to be paid by now, and the page over the former amount is being closed.", retry_after=5)
    if (present.consent_terms is not None) is not saves_card:
        raise CheckoutClosing("You have changed your mind about saving the card, and the former page is being closed.", retry_after=5)


async def _close_outdated(tx: Tx, payable_id: UUID, *, now: datetime) -> None:
    outdated = AttemptRow.payable_id == payable_id, AttemptRow.kind == "checkout", AttemptRow.state == "open", AttemptRow.expires_at <= now
    closed = await tx.execute(
        update(AttemptRow).where(*outdated).values(state="expired", finished_at=now, checkout_url=None).returning(AttemptRow.id)
    )
    await jobs.enqueue_many(tx, [(SETTLE, {"attempt_id": str(attempt_id)}) for attempt_id in closed.scalars()])


async def may_open(tx: Tx, attempt_id: UUID, *, now: datetime) -> tuple[PayableRow, AttemptRow] | None:
    """Whether a checkout is still wanted, at the moment of asking for it. One that is not wanted is closed."""
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if attempt.state not in ("requested", "parked"):
        return None
    rival = await queries.open_attempt(tx, payable.id)
    as_asked = payable.state == "open" and attempt.amount_minor == payable.amount_minor
    wanted = as_asked and (rival is None or rival.id == attempt.id) and attempt.expires_at - now >= SHORTEST_CHECKOUT
    if not wanted:
        attempt.state, attempt.finished_at = "expired", now
        await publish(tx, PaymentExpired(**facts_of(payable, attempt)), now=now)
        return None
    attempt.state = "requested"
    await tx.flush()
    return payable, attempt


async def record_opened(tx: Tx, attempt_id: UUID, *, checkout: Checkout, gateway_customer: str, now: datetime) -> None:
    """The page is there. Found later by a look, it may have been used already: then it is settled at once."""
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    known = upsert(GatewayCustomerRow).values(customer_id=attempt.customer_id, gateway_ref=gateway_customer, created_at=now)
    await tx.execute(known.on_conflict_do_nothing())
    if attempt.state not in ("requested", "parked"):
        return
    attempt.state, attempt.opened_at, attempt.gateway_customer = "open", now, gateway_customer
    attempt.session_ref, attempt.checkout_url, attempt.expires_at = checkout.session_ref, checkout.url, checkout.expires_at
    attempt.next_check_at = next_check(opened_at=now, expires_at=checkout.expires_at, now=now)
    if checkout.status != "open":
        await jobs.enqueue(tx, SETTLE, {"attempt_id": str(attempt.id)})
    if payable.state != "open" or payable.amount_minor != attempt.amount_minor:
        # Cancelled, reduced or paid while the page was being opened: nobody may pay on it.
        await tx.flush()
        await steps.request(tx, EXPIRE_CHECKOUT, subject_id=attempt.id, customer_id=attempt.customer_id, now=now)


async def record_refused(tx: Tx, attempt_id: UUID, *, reason: str, message: str, now: datetime) -> None:
    """The gateway will not open this checkout: the attempt is over, the payable stays payable."""
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if attempt.state not in ("requested", "parked"):
        return
    attempt.state, attempt.finished_at, attempt.error, attempt.error_message = "failed", now, reason, message
    await publish(tx, PaymentFailed(**facts_of(payable, attempt), reason=reason), now=now)


async def record_parked(tx: Tx, attempt_id: UUID, *, reason: str, message: str, now: datetime) -> None:
    """Bounded tries are used up. Nobody has the page's address, so that another attempt may be started meanwhile."""
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if attempt.state != "requested":
        return
    attempt.state, attempt.error, attempt.error_message = "parked", reason, message
    await publish(tx, PaymentParked(**facts_of(payable, attempt), reason=reason), now=now)

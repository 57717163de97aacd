"""The one place where the gateway's word about a checkout or a charge becomes ours: for webhook, return page, confirmation and sweeper alike."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import update

from nextbill.capabilities import ledger
from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.attempts import EXPIRE_CHECKOUT
from nextbill.capabilities.payments.commands.cards import CardConsent, record_card
from nextbill.capabilities.payments.commands.charges import record_declined, record_sent
from nextbill.capabilities.payments.commands.collecting import end_collection
from nextbill.capabilities.payments.commands.facts import facts_of
from nextbill.capabilities.payments.commands.policy import Policy
from nextbill.capabilities.payments.commands.refunds import begin_refund
from nextbill.capabilities.payments.events import PaymentExpired, PaymentFailed, PaymentQuarantined, PaymentSucceeded, SurplusReceived
from nextbill.capabilities.payments.models import AttemptRow, PayableRow
from nextbill.capabilities.payments.ports import CheckoutState, Decline
from nextbill.capabilities.payments.rules import LATE_SUCCESS_STATES, OPEN_ATTEMPT_STATES, Receipt, differences, next_check
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money
from nextbill.runtime import steps
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

log = structlog.get_logger()


async def settle(tx: Tx, attempt_id: UUID, *, seen: CheckoutState, policy: Policy, now: datetime) -> str:
    """The attempt's state afterwards. May be repeated, in any order: what is concluded stays so.

    `seen` was read from the gateway with no transaction open."""
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if seen.status == "paid":
        await _money_arrived(tx, payable, attempt, seen=seen, policy=policy, now=now)
    elif attempt.kind == "charge" and attempt.state in (*OPEN_ATTEMPT_STATES, "parked"):
        await _no_charge(tx, payable, attempt, seen=seen, policy=policy, now=now)
    elif attempt.state in OPEN_ATTEMPT_STATES:
        await _no_money(tx, payable, attempt, seen=seen, now=now)
    return attempt.state


async def record_charge(tx: Tx, attempt_id: UUID, *, seen: CheckoutState, policy: Policy, now: datetime) -> None:
    """What the gateway answered to a charge, or what a look found of it."""
    if not await record_sent(tx, attempt_id, seen=seen, now=now):
        await settle(tx, attempt_id, seen=seen, policy=policy, now=now)


async def _money_arrived(tx: Tx, payable: PayableRow, attempt: AttemptRow, *, seen: CheckoutState, policy: Policy, now: datetime) -> None:
    if attempt.state not in LATE_SUCCESS_STATES:
        return
    asked = Receipt(attempt.id, attempt.amount_minor, attempt.currency, attempt.gateway_customer, policy.live)
    found = differences(asked, Receipt(seen.attempt_id, seen.amount.minor, seen.amount.currency, seen.customer, seen.live))
    if attempt.session_ref != seen.session_ref:
        found.append("session")
    attempt.payment_ref, attempt.finished_at, attempt.next_check_at, attempt.checkout_url = seen.payment_ref, now, None, None
    if found:
        attempt.state, attempt.error = "quarantined", "mismatch:" + ",".join(found)
        log.error("payment quarantined", attempt_id=str(attempt.id), differs=found)
        await end_collection(tx, payable.id, collected=False, now=now)
        await publish(tx, PaymentQuarantined(**facts_of(payable, attempt), reason=attempt.error), now=now)
        return
    attempt.state, attempt.paid_minor, attempt.surplus = "succeeded", attempt.amount_minor, payable.state != "open"
    attempt.error = attempt.error_message = None
    await tx.flush()
    await _book(tx, attempt, zone=policy.zone, now=now)
    await _keep_card(tx, attempt, seen, now=now)
    if attempt.surplus:
        await _give_back(tx, payable, attempt, zone=policy.zone, now=now)
        return
    payable.state = "paid"
    await tx.flush()
    await end_collection(tx, payable.id, collected=attempt.kind == "charge", now=now)
    await publish(tx, PaymentSucceeded(**facts_of(payable, attempt), amount_minor=attempt.amount_minor, currency=attempt.currency), now=now)
    await _close_rival(tx, payable, now=now)


async def _keep_card(tx: Tx, attempt: AttemptRow, seen: CheckoutState, *, now: datetime) -> None:
    """The card of a page on which the customer agreed to have it saved. One that the gateway keeps for somebody else is left alone."""
    if attempt.consent_terms is None or seen.card is None or seen.card.holder != attempt.gateway_customer:
        return
    consent = CardConsent(attempt.consent_terms, attempt.consent_address or "", attempt.requested_at)
    await record_card(tx, customer_id=attempt.customer_id, card=seen.card, consent=consent, as_default=True, now=now)


async def _book(tx: Tx, attempt: AttemptRow, *, zone: str, now: datetime) -> None:
    """The gateway holds money for us; we owe it to the customer until an invoice takes it."""
    money = Money(attempt.paid_minor, attempt.currency)
    entries = (ledger.Entry(ledger.Account.GATEWAY_CLEARING, money), ledger.Entry(ledger.Account.CUSTOMER_CREDIT, -money, attempt.customer_id))
    journal = ledger.Journal("payments.attempt", attempt.id, "Payment received by the gateway", entries)
    await ledger.post(tx, journal=journal, on=business_date(now, zone), now=now)


async def _give_back(tx: Tx, payable: PayableRow, attempt: AttemptRow, *, zone: str, now: datetime) -> None:
    refund_id = await begin_refund(
        tx, payable, attempt, amount=Money(attempt.paid_minor, attempt.currency), reason="surplus", actor="system", zone=zone, now=now
    )
    facts = facts_of(payable, attempt)
    await publish(tx, SurplusReceived(**facts, amount_minor=attempt.paid_minor, currency=attempt.currency, refund_id=refund_id), now=now)


async def _close_rival(tx: Tx, payable: PayableRow, *, now: datetime) -> None:
    """A late success may leave another page open on which the same could be paid again."""
    await tx.flush()
    rival = await queries.open_attempt(tx, payable.id)
    if rival is not None:
        await steps.request(tx, EXPIRE_CHECKOUT, subject_id=rival.id, customer_id=rival.customer_id, now=now)


async def _no_money(tx: Tx, payable: PayableRow, attempt: AttemptRow, *, seen: CheckoutState, now: datetime) -> None:
    decline = seen.last_error
    if decline is not None and decline.ref != attempt.error_ref:
        attempt.error_ref, attempt.error, attempt.error_message = decline.ref, decline.reason, decline.message
        await publish(tx, PaymentFailed(**facts_of(payable, attempt), reason=decline.reason), now=now)
    if seen.status in ("open", "processing"):
        attempt.next_check_at = next_check(opened_at=attempt.opened_at or attempt.requested_at, expires_at=attempt.expires_at, now=now)
        return
    attempt.state, attempt.finished_at = ("expired" if seen.status == "expired" else "failed"), now
    attempt.next_check_at = attempt.checkout_url = None
    if seen.status == "expired":
        await publish(tx, PaymentExpired(**facts_of(payable, attempt)), now=now)


async def _no_charge(tx: Tx, payable: PayableRow, attempt: AttemptRow, *, seen: CheckoutState, policy: Policy, now: datetime) -> None:
    """Without a page there is nobody who could try another card: a decline ends this one."""
    if seen.status in ("open", "processing"):
        attempt.next_check_at = next_check(opened_at=attempt.opened_at or attempt.requested_at, expires_at=attempt.expires_at, now=now)
        return
    decline = seen.last_error or Decline(f"{attempt.id}:{seen.status}", "card_declined", "")
    await record_declined(tx, payable, attempt, decline=decline, policy=policy, now=now)


async def postpone_check(tx: Tx, attempt_ids: list[UUID], *, until: datetime) -> None:
    """So that the next sweep does not ask for the same attempts again while their jobs wait."""
    if attempt_ids:
        await tx.execute(update(AttemptRow).where(AttemptRow.id.in_(attempt_ids), AttemptRow.state == "open").values(next_check_at=until))

"""What becomes of a charge of a saved card: sent only while it is wanted, concluded by the gateway's word, tried again by the schedule."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.commands.collecting import CHARGE
from nextbill.capabilities.payments.commands.facts import charge_facts, collection_facts, facts_of
from nextbill.capabilities.payments.commands.policy import Policy
from nextbill.capabilities.payments.events import AuthenticationNeeded, ChargeDeclined, ChargeParked, CollectionEnded, PaymentExpired
from nextbill.capabilities.payments.models import AttemptRow, CardRow, CollectionRow, DeclineRow, MethodRow, PayableRow
from nextbill.capabilities.payments.ports import CheckoutState, Decline
from nextbill.capabilities.payments.rules import Verdict, next_check, next_try, verdict_on
from nextbill.kernel.clock import business_date
from nextbill.runtime import steps
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

NOT_WANTED = "not_wanted"
AFTER_AN_OUTAGE = timedelta(hours=1)
_GONE = frozenset({"resource_missing", "payment_method_unexpected_state", "payment_method_not_attached"})


async def may_charge(tx: Tx, attempt_id: UUID, *, now: datetime) -> tuple[PayableRow, AttemptRow, MethodRow, bool] | None:
    """The charge, and whether it is still wanted at the moment of sending it. One that may have been sent is looked for all the same."""
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if attempt.state not in ("requested", "parked") or attempt.method_id is None:
        return None
    method = await queries.method_row(tx, attempt.method_id)
    if method is None:
        raise LookupError("a charge names its card")
    rival = await queries.open_attempt(tx, payable.id)
    as_asked = payable.state == "open" and attempt.amount_minor == payable.amount_minor
    wanted = as_asked and (rival is None or rival.id == attempt.id) and method.state == "active" and now < attempt.expires_at
    if wanted:
        attempt.state = "requested"
        await tx.flush()
    return payable, attempt, method, wanted


async def record_sent(tx: Tx, attempt_id: UUID, *, seen: CheckoutState, now: datetime) -> bool:
    """True where the gateway is still at it: a check is set. What is concluded is settled like any payment."""
    _payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if attempt.state not in ("requested", "parked"):
        return False
    attempt.payment_ref = seen.payment_ref
    if seen.status != "processing":
        return False
    attempt.state, attempt.opened_at = "open", now
    attempt.next_check_at = next_check(opened_at=now, expires_at=attempt.expires_at, now=now)
    return True


async def record_declined(tx: Tx, payable: PayableRow, attempt: AttemptRow, *, decline: Decline, policy: Policy, now: datetime) -> None:
    """The bank has said no. Whether it is asked again follows from what it said; the schedule says when."""
    verdict = verdict_on(decline.reason, advice=decline.advice)
    attempt.state, attempt.finished_at, attempt.next_check_at = "failed", now, None
    attempt.error_ref, attempt.error, attempt.error_message = decline.ref, verdict.reason, decline.message
    await tx.flush()
    row = await queries.lock_collection(tx, payable.id)
    await _against_card(tx, attempt, decline, verdict, now=now)
    if row is None or row.attempt_id != attempt.id or row.state not in ("trying", "stopped"):
        return
    row.tries += 1
    today = business_date(now, policy.zone)
    again = next_try(started_on=row.started_on, tries=row.tries, days=policy.retry_days, today=today) if verdict.course == "retry" else None
    _rest(row, "due" if again else "given_up" if verdict.course == "retry" else "waiting", reason=verdict.reason, now=now)
    row.next_try_on = again
    await _tell(tx, payable, attempt, verdict, row, now=now)


async def _against_card(tx: Tx, attempt: AttemptRow, decline: Decline, verdict: Verdict, *, now: datetime) -> None:
    if attempt.fingerprint is None:
        raise LookupError("a charge names its card")
    await queries.lock_cards(tx, [attempt.fingerprint])
    said = {"code": decline.reason, "advice": decline.advice, "course": verdict.course, "declined_at": now}
    about = {"attempt_id": attempt.id, "customer_id": attempt.customer_id, "fingerprint": attempt.fingerprint}
    await tx.execute(upsert(DeclineRow).values(**about, **said).on_conflict_do_nothing())
    never = verdict.course == "never"
    if never:
        free = (CardRow.fingerprint == attempt.fingerprint, CardRow.barred_at.is_(None))
        await tx.execute(update(CardRow).where(*free).values(barred_reason=decline.reason, barred_at=now))
    same = (MethodRow.fingerprint == attempt.fingerprint, MethodRow.state == "active")
    await tx.execute(update(MethodRow).where(*same).values(problem=verdict.reason, **({"barred": True} if never else {})))


async def _tell(tx: Tx, payable: PayableRow, attempt: AttemptRow, verdict: Verdict, row: CollectionRow, *, now: datetime) -> None:
    facts = charge_facts(payable, attempt)
    if verdict.reason == "confirmation_needed":
        await publish(tx, AuthenticationNeeded(**facts), now=now)
        return
    await publish(tx, ChargeDeclined(**facts, reason=verdict.reason, tries=row.tries, next_try_on=row.next_try_on), now=now)


async def record_not_charged(tx: Tx, attempt_id: UUID, *, reason: str, message: str, policy: Policy, now: datetime) -> None:
    """The gateway refused the request itself, or it was not wanted any more: no bank was asked."""
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if attempt.state not in ("requested", "parked"):
        return
    wanted = reason != NOT_WANTED
    attempt.state, attempt.finished_at = "failed" if wanted else "expired", now
    attempt.error, attempt.error_message = (reason, message) if wanted else (None, None)
    await tx.flush()
    row = await queries.lock_collection(tx, payable.id)
    if row is None or row.attempt_id != attempt.id or row.state != "trying":
        return
    if payable.state != "open":
        _rest(row, "stopped", reason=payable.state, now=now)
    elif not wanted:
        _rest(row, "due", reason=row.reason, now=now)
        row.next_try_on = business_date(now, policy.zone)
    else:
        _rest(row, "waiting" if reason in _GONE else "given_up", reason=reason, now=now)
        await publish(tx, CollectionEnded(**collection_facts(payable), reason=reason), now=now)
    if not wanted:
        await publish(tx, PaymentExpired(**facts_of(payable, attempt)), now=now)


async def park_charge(tx: Tx, attempt_id: UUID, *, reason: str, message: str, policy: Policy, now: datetime) -> None:
    """Bounded tries are used up. What was certainly not sent is tried again later; what may have been waits for staff, and nothing else is charged."""
    unsent = await steps.withdraw(tx, CHARGE, subject_id=attempt_id, now=now)
    payable, attempt = await queries.lock_attempt(tx, attempt_id)
    if attempt.state != "requested":
        return
    attempt.state, attempt.error, attempt.error_message = "expired" if unsent else "parked", reason, message
    attempt.finished_at = now if unsent else None
    await tx.flush()
    row = await queries.lock_collection(tx, payable.id)
    if row is not None and row.attempt_id == attempt.id and row.state == "trying":
        _rest(row, "due" if unsent else "stopped", reason=reason, now=now)
        if unsent:
            row.next_try_on, row.held_until = business_date(now, policy.zone), now + AFTER_AN_OUTAGE
    if not unsent:
        await publish(tx, ChargeParked(**charge_facts(payable, attempt), vendor_reason=reason), now=now)


def _rest(row: CollectionRow, state: str, *, reason: str | None, now: datetime) -> None:
    row.state, row.reason, row.next_try_on, row.held_until, row.changed_at = state, reason, None, None, now

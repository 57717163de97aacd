"""Stripe's objects in our words. Its lists of values are open: what we do not know is an error, never a guess."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import stripe
from stripe.checkout import Session

from nextbill.adapters.stripe.amounts import from_stripe
from nextbill.capabilities.payments.ports import Checkout, CheckoutState, CheckoutStatus, Decline, RefundState, RefundStatus
from nextbill.runtime.vendors import VendorUnknown

_REFUND_STATUS: Final[dict[str, RefundStatus]] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_UNPAID_INTENT: Final[dict[str, CheckoutStatus]] = {
    "processing": "processing",
    "requires_action": "processing",
    "requires_payment_method": "failed",
    "canceled": "failed",
}


def checkout(session: Session) -> Checkout:
    return Checkout(session.id, session.url, datetime.fromtimestamp(session.expires_at, UTC), _status(session, _intent(session)))


def checkout_state(session: Session) -> CheckoutState:
    """The session must have been read with its payment intent expanded."""
    intent = _intent(session)
    status = _status(session, intent)
    amount, currency = (session.amount_total or 0), (session.currency or "")
    if status == "paid" and intent is not None:
        amount, currency = intent.amount_received, intent.currency
    return CheckoutState(
        session_ref=session.id,
        status=status,
        attempt_id=our_id(session.metadata, "attempt_id"),
        payment_ref=intent.id if intent else None,
        amount=from_stripe(amount, currency),
        customer=reference(intent.customer if intent and status == "paid" else session.customer),
        live=session.livemode,
        last_error=_decline(intent),
    )


def refund_state(refund: stripe.Refund) -> RefundState:
    status = _REFUND_STATUS.get(refund.status or "")
    if status is None:
        raise VendorUnknown("unknown_refund_status", str(refund.status))
    return RefundState(refund.id, status, from_stripe(refund.amount, refund.currency), refund.failure_reason if "failure_reason" in refund else None)


def our_id(metadata: object, name: str) -> UUID | None:
    """An id that we put there; None where the object is not one of ours."""
    text = mark(metadata, name)
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def mark(metadata: object, name: str) -> str | None:
    values = metadata.to_dict() if isinstance(metadata, stripe.StripeObject) else metadata
    found = values.get(name) if isinstance(values, dict) else None
    return found if isinstance(found, str) else None


def reference(value: str | stripe.StripeObject | None) -> str | None:
    """The id of what may have come expanded."""
    return value if value is None or isinstance(value, str) else str(value["id"])


def _intent(session: Session) -> stripe.PaymentIntent | None:
    return session.payment_intent if isinstance(session.payment_intent, stripe.PaymentIntent) else None


def _status(session: Session, intent: stripe.PaymentIntent | None) -> CheckoutStatus:
    if intent is not None and intent.status == "succeeded":
        return "paid"
    if session.status == "open":
        return "open"
    if session.status == "expired":
        return "expired"
    if session.status == "complete" and session.payment_status == "unpaid":
        return _UNPAID_INTENT.get(intent.status, "processing") if intent else "processing"
    if session.status == "complete" and intent is None:
        # In a list intents are not expanded; the full story is read before anything is settled.
        return "processing"
    raise VendorUnknown("unknown_session_status", f"{session.status}, {session.payment_status}")


def _decline(intent: stripe.PaymentIntent | None) -> Decline | None:
    error = intent.last_payment_error if intent is not None else None
    if intent is None or error is None:
        return None
    # The SDK has no attribute for what the answer leaves out: a failed challenge, for one, has no decline code.
    reason = getattr(error, "decline_code", None) or getattr(error, "code", None) or "declined"
    charge = reference(intent.latest_charge)
    return Decline(charge or f"{intent.id}:{reason}", reason, getattr(error, "message", None) or "")

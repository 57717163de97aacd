"""Stripe's objects in our words. Its lists of values are open: what we do not know is an error, never a guess."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal, cast
from uuid import UUID

import stripe
from stripe.checkout import Session

from nextbill.adapters.stripe.amounts import from_stripe
from nextbill.capabilities.payments.ports import (
    Checkout,
    CheckoutState,
    CheckoutStatus,
    Decline,
    RefundState,
    RefundStatus,
    SavedCard,
    SetupState,
)
from nextbill.runtime.vendors import VendorUnknown

_REFUND_STATUS: Final[dict[str, RefundStatus]] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_CHARGED: Final[dict[str, CheckoutStatus]] = {
    "succeeded": "paid",
    "processing": "processing",
    "requires_payment_method": "failed",
    "requires_action": "failed",  # nobody is there to act
    "canceled": "expired",
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
        card=_saved_with(intent),
    )


def charge_state(intent: stripe.PaymentIntent) -> CheckoutState:
    """Of a charge without a page."""
    status = _CHARGED.get(intent.status)
    if status is None:
        raise VendorUnknown("unknown_intent_status", str(intent.status))
    amount = intent.amount_received if status == "paid" else intent.amount
    return CheckoutState(
        session_ref=None,
        status=status,
        attempt_id=our_id(intent.metadata, "attempt_id"),
        payment_ref=intent.id,
        amount=from_stripe(amount, intent.currency),
        customer=reference(intent.customer),
        live=intent.livemode,
        last_error=_decline(intent) or _unanswered(intent),
    )


def setup_state(session: Session) -> SetupState:
    """The session must have been read with its setup intent and that one's method expanded."""
    intent = session.setup_intent if isinstance(session.setup_intent, stripe.SetupIntent) else None
    method = intent.payment_method if intent is not None else None
    status = {"open": "open", "expired": "expired", "complete": "processing"}.get(session.status or "")
    if status is None:
        raise VendorUnknown("unknown_session_status", str(session.status))
    saved = session.status == "complete" and intent is not None and intent.status == "succeeded" and isinstance(method, stripe.PaymentMethod)
    return SetupState(
        session_ref=session.id,
        status="saved" if saved else cast("Literal['open', 'processing', 'expired']", status),
        setup_id=our_id(session.metadata, "setup_id"),
        customer=reference(session.customer),
        live=session.livemode,
        card=saved_card(method) if saved and isinstance(method, stripe.PaymentMethod) else None,
    )


def saved_card(method: stripe.PaymentMethod) -> SavedCard:
    """Only cards are asked for; another kind, or one without a fingerprint, is not guessed at."""
    card = method.card if method.type == "card" and "card" in method else None
    if card is None or not card.fingerprint:
        raise VendorUnknown("not_a_card", method.type)
    return SavedCard(
        method_ref=method.id,
        holder=reference(method.customer),
        fingerprint=card.fingerprint,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        funding=card.funding,
    )


def page(session: Session) -> Checkout:
    """A page that is not for paying: open, or to be read whole."""
    status: CheckoutStatus = "open" if session.status == "open" else "expired" if session.status == "expired" else "processing"
    return Checkout(session.id, session.url, datetime.fromtimestamp(session.expires_at, UTC), status)


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


def _saved_with(intent: stripe.PaymentIntent | None) -> SavedCard | None:
    """The card that a payment has set up for later ones."""
    if intent is None or intent.status != "succeeded" or intent.setup_future_usage != "off_session":
        return None
    return saved_card(intent.payment_method) if isinstance(intent.payment_method, stripe.PaymentMethod) else None


def _unanswered(intent: stripe.PaymentIntent) -> Decline | None:
    """The bank asks for a confirmation that nobody is there to give: a decline like the ones that say so."""
    if intent.status != "requires_action":
        return None
    return Decline(f"{intent.id}:authentication_required", "authentication_required", "The bank asks the card's holder to confirm this payment.")


def _decline(intent: stripe.PaymentIntent | None) -> Decline | None:
    error = intent.last_payment_error if intent is not None else None
    if intent is None or error is None:
        return None
    # The SDK has no attribute for what the answer leaves out: a failed challenge, for one, has no decline code.
    reason = getattr(error, "decline_code", None) or getattr(error, "code", None) or "declined"
    charge = reference(intent.latest_charge)
    # Banks say in either code that they want a confirmation.
    if getattr(error, "code", None) == "authentication_required":
        reason = "authentication_required"
    advice = getattr(error, "advice_code", None)
    return Decline(charge or f"{intent.id}:{reason}", reason, getattr(error, "message", None) or "", advice)

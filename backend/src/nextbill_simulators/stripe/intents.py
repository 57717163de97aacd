"""The payment intent's life: created, attempted, challenged, charged or declined, canceled."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import balance, cards, charges, events, issuers, methods
from nextbill_simulators.stripe.cards import Decline
from nextbill_simulators.stripe.errors import StripeError, refused
from nextbill_simulators.stripe.sandbox import Sandbox, new_id

KIND = "payment_intent"
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
FAILED_CHALLENGE = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again."
)


def create(sandbox: Sandbox, *, amount: int, currency: str, customer: str | None = None, **facts: Any) -> Document:
    """`facts`: metadata, description, receipt_email, setup_future_usage, capture_method and the like, as the object names them."""
    key = new_id("pi")
    intent = {**_blank(), "id": key, "amount": amount, "currency": currency, "customer": customer, "created": sandbox.now(), **facts}
    intent["client_secret"] = f"{key}_secret_{new_id('x')[2:]}"
    sandbox.save(intent)
    events.emit(sandbox, "payment_intent.created", intent)
    return intent


def _blank() -> Document:
    unused = (
        "allowed_payment_method_types",
        "application",
        "application_fee_amount",
        "canceled_at",
        "cancellation_reason",
        "customer_account",
        "description",
    )
    later = (
        "last_payment_error",
        "latest_charge",
        "managed_payments",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "payment_record",
        "processing",
    )
    rest = (
        "receipt_email",
        "review",
        "setup_future_usage",
        "shipping",
        "source",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
    )
    card = {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
    return {
        "object": KIND,
        **dict.fromkeys((*unused, *later, *rest, "transfer_group", "automatic_payment_methods", "excluded_payment_method_types")),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "livemode": False,
        "metadata": {},
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": card},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }


def confirm(sandbox: Sandbox, intent: Document, method: Document, *, off_session: bool = False, return_url: str | None = None) -> StripeError | None:
    """One attempt. None: succeeded, or a challenge awaits; else the decline, already written to the intent."""
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    if not _must_challenge(sandbox, method):
        return _charge(sandbox, intent, method)
    if off_session:
        return _decline(sandbox, intent, method, cards.UNAUTHENTICATED)
    intent |= {"status": "requires_action", "next_action": _challenge(sandbox, intent, return_url)}
    sandbox.save(intent)
    events.emit(sandbox, "payment_intent.requires_action", intent)
    return None


def _must_challenge(sandbox: Sandbox, method: Document) -> bool:
    challenge = methods.card_of(sandbox, method).challenge
    return challenge == "always" or (challenge == "unless_set_up" and not methods.is_set_up(sandbox, method))


def _challenge(sandbox: Sandbox, intent: Document, return_url: str | None) -> Document:
    url = f"{sandbox.base_url}/3ds/{intent['id']}"
    if return_url:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}


def authenticate(sandbox: Sandbox, intent: Document, *, approved: bool) -> StripeError | None:
    """The card holder's answer to the challenge."""
    if intent["status"] != "requires_action":
        raise _unexpected(intent, "authenticate")
    method = sandbox.load(methods.KIND, intent["payment_method"])
    intent["next_action"] = None
    if approved:
        return _charge(sandbox, intent, method, authenticated=True)
    error = StripeError(402, FAILED_CHALLENGE, code="payment_intent_authentication_failure", began=True, payment_method=method)
    return _fail(sandbox, intent, error)


def _charge(sandbox: Sandbox, intent: Document, method: Document, *, authenticated: bool = False) -> StripeError | None:
    card = methods.card_of(sandbox, method)
    decline = issuers.verdict(sandbox, method) or card.decline
    if decline:
        return _decline(sandbox, intent, method, decline, authenticated=authenticated)
    charge = charges.record(sandbox, intent, method, authenticated=authenticated)
    if intent["capture_method"] == "automatic":
        charge["balance_transaction"] = balance.book_charge(sandbox, charge)["id"]
        sandbox.save(charge)
    else:
        sandbox.later(float(sandbox.option("settle_seconds", "1")), "settle_charge", charge["id"])
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "next_action": None,
        "last_payment_error": None,
    }
    sandbox.save(intent)
    _save_card(sandbox, intent, method)
    events.emit(sandbox, "charge.succeeded", charge)
    events.emit(sandbox, "payment_intent.succeeded", intent)
    if card.disputed:
        sandbox.later(float(sandbox.option("dispute_seconds", "2")), "open_dispute", charge["id"])
    return None


def _save_card(sandbox: Sandbox, intent: Document, method: Document) -> None:
    """A payment that also sets the card up for later ones."""
    if intent["setup_future_usage"] and intent["customer"]:
        sandbox.keep_private(methods.KIND, method["id"], set_up=True)
        methods.attach(sandbox, method, intent["customer"])


def _decline(sandbox: Sandbox, intent: Document, method: Document, decline: Decline, *, authenticated: bool = False) -> StripeError:
    charge = charges.record(sandbox, intent, method, decline=decline, authenticated=authenticated)
    events.emit(sandbox, "charge.failed", charge)
    intent["latest_charge"] = charge["id"]
    return _fail(sandbox, intent, methods.decline_error(decline, method, charge=charge["id"]))


def _fail(sandbox: Sandbox, intent: Document, error: StripeError) -> StripeError:
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None, "last_payment_error": dict(error.error)}
    sandbox.save(intent)
    events.emit(sandbox, "payment_intent.payment_failed", intent)
    error.error["payment_intent"] = intent
    return error


def cancel(sandbox: Sandbox, intent: Document, *, reason: str | None) -> Document:
    if intent["status"] not in OPEN:
        raise _unexpected(intent, "cancel")
    intent |= {"status": "canceled", "canceled_at": sandbox.now(), "cancellation_reason": reason, "next_action": None}
    sandbox.save(intent)
    events.emit(sandbox, "payment_intent.canceled", intent)
    return intent


def _unexpected(intent: Document, deed: str) -> StripeError:
    return refused(f"You cannot {deed} this PaymentIntent because it has a status of {intent['status']}.", code="payment_intent_unexpected_state")


def confirmable(intent: Document) -> None:
    if intent["status"] not in OPEN:
        raise _unexpected(intent, "confirm")

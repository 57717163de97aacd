"""Payment intents over the API: for charges without a checkout page (saved cards), and for looking things up."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import customers, intents, methods, money
from nextbill_simulators.stripe.errors import StripeError, invalid, missing, refused
from nextbill_simulators.stripe.form import FLAG, INTEGER, METADATA, RANGE, TEXT, Tree, merged_metadata
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.wire import Call, Operation

KIND = intents.KIND
COPIED = (
    "metadata",
    "allowed_payment_method_types",
    "description",
    "receipt_email",
    "setup_future_usage",
    "capture_method",
    "statement_descriptor",
    "statement_descriptor_suffix",
)
CONFIRM: dict[str, Any] = {"payment_method": TEXT, "off_session": FLAG, "return_url": TEXT, "error_on_requires_action": FLAG, "receipt_email": TEXT}
CREATE: dict[str, Any] = {
    **CONFIRM,
    "amount!": INTEGER,
    "currency!": TEXT,
    "confirm": FLAG,
    "customer": TEXT,
    "description": TEXT,
    "metadata": METADATA,
    "setup_future_usage": ("off_session", "on_session"),
    "capture_method": ("automatic", "automatic_async"),
    "automatic_payment_methods": {"enabled!": FLAG, "allow_redirects": ("always", "never")},
    "allowed_payment_method_types": [("card",)],
    "statement_descriptor": TEXT,
    "statement_descriptor_suffix": TEXT,
}


def _create(call: Call) -> Document:
    params = call.params
    currency = params["currency"].lower()
    money.chargeable(params["amount"], currency)
    if "off_session" in params and not params.get("confirm"):
        raise invalid("You can only set `off_session` when confirming: pass `confirm=true`.", param="off_session")
    if "customer" in params:
        customers.living(call.sandbox, params["customer"], param="customer")
    facts = {name: params[name] for name in COPIED if name in params}
    if "automatic_payment_methods" in params:
        facts["automatic_payment_methods"] = {"allow_redirects": "always", **params["automatic_payment_methods"]}
    method = _method(call, params.get("customer")) if "payment_method" in params else None
    if params.get("confirm") and method is None:
        raise missing("payment_method")
    intent = intents.create(call.sandbox, amount=params["amount"], currency=currency, customer=params.get("customer"), **facts)
    if method is None:
        return intent
    if params.get("confirm"):
        return _attempt(call, intent, method)
    intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return call.sandbox.save(intent)


def _method(call: Call, customer: str | None) -> Document:
    """The method asked for; one that belongs to somebody else is refused."""
    method = methods.resolve(call.sandbox, call.params["payment_method"])
    if method["customer"] not in (None, customer):
        message = (
            "The provided PaymentMethod belongs to another Customer. Please include the Customer in the `customer` parameter on the PaymentIntent."
        )
        raise invalid(message, param="payment_method")
    return method


def _attempt(call: Call, intent: Document, method: Document) -> Document:
    params = call.params
    error = intents.confirm(call.sandbox, intent, method, off_session=params.get("off_session", False), return_url=params.get("return_url"))
    if error is None and intent["status"] == "requires_action" and params.get("error_on_requires_action"):
        error = intents.authenticate(call.sandbox, intent, approved=False)
    if error:
        raise error
    return intent


def _own(call: Call, deed: str) -> Document:
    """An intent the caller may act on: those of a Checkout Session belong to the session."""
    intent = _retrieve(call)
    if call.sandbox.private(KIND, intent["id"]).get("session"):
        raise _of_session(deed)
    return intent


def _of_session(deed: str) -> StripeError:
    return refused(f"You cannot {deed} this PaymentIntent because it was created by a Checkout Session. Expire the session instead.")


def _confirm(call: Call) -> Document:
    intent = _own(call, "confirm")
    intents.confirmable(intent)
    if "payment_method" in call.params:
        return _attempt(call, intent, _method(call, intent["customer"]))
    if intent["payment_method"] is None:
        raise missing("payment_method")
    return _attempt(call, intent, call.sandbox.load(methods.KIND, intent["payment_method"]))


def _cancel(call: Call) -> Document:
    return intents.cancel(call.sandbox, _own(call, "cancel"), reason=call.params.get("cancellation_reason"))


def _update(call: Call) -> Document:
    intent = _retrieve(call)
    intent |= _changes(intent, call.params)
    return call.sandbox.save(intent)


def _changes(intent: Document, params: Tree) -> Document:
    changes: Document = {name: params[name] or None for name in ("description", "receipt_email") if name in params}
    if "metadata" in params:
        changes["metadata"] = merged_metadata(intent["metadata"], params["metadata"]) if params["metadata"] else {}
    return changes


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _list(call: Call) -> Document:
    params = call.params
    same = {"customer": params["customer"]} if "customer" in params else {}
    found = [intent for intent in call.sandbox.store.find(KIND, **same) if within(intent["created"], params.get("created"))]
    return page(found, params, url="/v1/payment_intents", noun=KIND)


REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
OPERATIONS = (
    Operation("POST", "/v1/payment_intents", _create, CREATE),
    Operation("GET", "/v1/payment_intents", _list, {**PAGING, "customer": TEXT, "created": RANGE}),
    Operation("GET", "/v1/payment_intents/{id}", _retrieve, {"client_secret": TEXT}),
    Operation("POST", "/v1/payment_intents/{id}", _update, {"description": TEXT, "receipt_email": TEXT, "metadata": METADATA}),
    Operation("POST", "/v1/payment_intents/{id}/confirm", _confirm, CONFIRM),
    Operation("POST", "/v1/payment_intents/{id}/cancel", _cancel, {"cancellation_reason": REASONS}),
)

"""The setup intent's life: created with its page, attempted, challenged, succeeded (the card is attached), canceled."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import events, methods
from nextbill_simulators.stripe.errors import StripeError, refused
from nextbill_simulators.stripe.form import RANGE, TEXT
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "setup_intent"
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
UNUSED = (
    "allowed_payment_method_types application automatic_payment_methods cancellation_reason customer_account description "
    "excluded_payment_method_types flow_directions last_setup_error latest_attempt managed_payments mandate next_action on_behalf_of "
    "payment_method payment_method_configuration_details single_use_mandate"
)
FAILED_CHALLENGE = "The latest attempt to set up the payment method has failed because authentication failed."


def create(sandbox: Sandbox, *, customer: str | None, **facts: Any) -> Document:
    key = new_id("seti")
    intent: Document = {
        "object": KIND,
        **dict.fromkeys(UNUSED.split()),
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
        **facts,
        "id": key,
        "client_secret": f"{key}_secret_{new_id('x')[2:]}",
        "created": sandbox.now(),
        "customer": customer,
    }
    sandbox.save(intent)
    events.emit(sandbox, "setup_intent.created", intent)
    return intent


def confirm(sandbox: Sandbox, intent: Document, method: Document, *, return_url: str | None) -> StripeError | None:
    """One attempt. None: the card is saved, or a challenge awaits; else the decline, already written to the intent."""
    card = methods.card_of(sandbox, method)
    intent |= {"payment_method": method["id"], "last_setup_error": None, "next_action": None}
    if card.decline is not None and not card.attachable:
        return _fail(sandbox, intent, methods.decline_error(card.decline, method))
    if card.challenge == "never" or (card.challenge == "unless_set_up" and methods.is_set_up(sandbox, method)):
        _succeed(sandbox, intent, method)
        return None
    url = f"{sandbox.base_url}/3ds/{intent['id']}"
    intent |= {"status": "requires_action", "next_action": {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}}
    sandbox.save(intent)
    events.emit(sandbox, "setup_intent.requires_action", intent)
    return None


def authenticate(sandbox: Sandbox, intent: Document, *, approved: bool) -> StripeError | None:
    if intent["status"] != "requires_action":
        raise _unexpected(intent, "authenticate")
    method = sandbox.load(methods.KIND, intent["payment_method"])
    intent["next_action"] = None
    if approved:
        _succeed(sandbox, intent, method)
        return None
    error = StripeError(402, FAILED_CHALLENGE, code="setup_intent_authentication_failure", began=True, payment_method=method)
    return _fail(sandbox, intent, error)


def cancel(sandbox: Sandbox, intent: Document) -> None:
    if intent["status"] in OPEN:
        intent |= {"status": "canceled", "cancellation_reason": "abandoned", "next_action": None}
        sandbox.save(intent)
        events.emit(sandbox, "setup_intent.canceled", intent)


def _succeed(sandbox: Sandbox, intent: Document, method: Document) -> None:
    sandbox.keep_private(methods.KIND, method["id"], set_up=True)
    if intent["customer"]:
        methods.attach(sandbox, method, intent["customer"])
    intent |= {"status": "succeeded", "next_action": None}
    sandbox.save(intent)
    events.emit(sandbox, "setup_intent.succeeded", intent)


def _fail(sandbox: Sandbox, intent: Document, error: StripeError) -> StripeError:
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": dict(error.error)}
    sandbox.save(intent)
    events.emit(sandbox, "setup_intent.setup_failed", intent)
    error.error["setup_intent"] = intent
    return error


def _unexpected(intent: Document, deed: str) -> StripeError:
    return refused(f"You cannot {deed} this SetupIntent because it has a status of {intent['status']}.", code="setup_intent_unexpected_state")


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _list(call: Call) -> Document:
    params = call.params
    same = {name: params[name] for name in ("customer", "payment_method") if name in params}
    found = [intent for intent in call.sandbox.store.find(KIND, **same) if within(intent["created"], params.get("created"))]
    return page(found, params, url="/v1/setup_intents", noun=KIND)


OPERATIONS = (
    Operation("GET", "/v1/setup_intents", _list, {**PAGING, "customer": TEXT, "payment_method": TEXT, "created": RANGE}),
    Operation("GET", "/v1/setup_intents/{id}", _retrieve, {"client_secret": TEXT}),
)

"""Payment methods: cards made from a number or a `pm_card_…` template, used once or attached to a customer."""

from __future__ import annotations

import hashlib
from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import cards, customers, events
from nextbill_simulators.stripe.cards import Decline, TestCard
from nextbill_simulators.stripe.errors import StripeError, no_such, refused
from nextbill_simulators.stripe.form import TEXT
from nextbill_simulators.stripe.paging import PAGING, page
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "payment_method"


def make(sandbox: Sandbox, card: TestCard, *, expiry: tuple[int, int] | None = None, name: str | None = None, email: str | None = None) -> Document:
    """A fresh, unattached payment method; `expiry` is (month, year)."""
    month, year = expiry or (12, sandbox.moment().year + 5)
    method: Document = {
        "id": new_id("pm"),
        "object": KIND,
        "allow_redisplay": "unspecified",
        "billing_details": billing(name, email),
        "card": _card(card, month, year),
        "created": sandbox.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    sandbox.keep_private(KIND, method["id"], number=card.number, set_up=card.set_up)
    return sandbox.save(method)


def billing(name: str | None, email: str | None) -> Document:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}


def _card(card: TestCard, month: int, year: int) -> Document:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "fail" if card.decline is cards.BAD_CVC else "pass"},
        "country": "US",
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def card_of(sandbox: Sandbox, method: Document) -> TestCard:
    return cards.by_number(sandbox.private(KIND, method["id"])["number"])


def is_set_up(sandbox: Sandbox, method: Document) -> bool:
    return bool(sandbox.private(KIND, method["id"])["set_up"])


def resolve(sandbox: Sandbox, name: str, *, param: str = "payment_method") -> Document:
    """A stored method, or a fresh one where a template is named."""
    template = cards.by_template(name)
    return make(sandbox, template) if template else sandbox.load(KIND, name, param=param)


def attach(sandbox: Sandbox, method: Document, customer: str) -> Document:
    if method["customer"] == customer:
        return method
    method["customer"] = customer
    sandbox.save(method)
    events.emit(sandbox, "payment_method.attached", method)
    return method


def decline_error(decline: Decline, method: Document, **more: Any) -> StripeError:
    """402 with both codes. `more`: the charge and the payment intent, where there are any."""
    facts = {"decline_code": decline.reason, "advice_code": decline.advice, "payment_method": method, **more}
    return StripeError(402, decline.message, kind="card_error", code=decline.code, began=True, **facts)


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _attach(call: Call) -> Document:
    sandbox = call.sandbox
    customers.living(sandbox, call.params["customer"], param="customer")
    template = cards.by_template(call.path["id"])
    method = resolve(sandbox, call.path["id"], param="id")
    card = template or card_of(sandbox, method)
    if method["customer"] not in (None, call.params["customer"]):
        raise refused("The payment method you provided has already been attached to a customer.", code="payment_method_unexpected_state")
    if not card.attachable and card.decline:
        raise decline_error(card.decline, method)
    return attach(sandbox, method, call.params["customer"])


def _detach(call: Call) -> Document:
    method = _retrieve(call)
    if method["customer"] is None:
        raise refused(
            "The payment method you provided is not attached to a customer so detachment is impossible.", code="payment_method_not_attached"
        )
    former, method["customer"] = method["customer"], None
    call.sandbox.save(method)
    events.emit(call.sandbox, "payment_method.detached", method, previous={"customer": former})
    return method


def _of_customer(call: Call) -> Document:
    key = call.path["id"]
    customers.living(call.sandbox, key, param="id")
    return page(call.sandbox.store.find(KIND, customer=key), call.params, url=f"/v1/customers/{key}/payment_methods", noun="PaymentMethod")


def _one_of_customer(call: Call) -> Document:
    method = call.sandbox.load(KIND, call.path["method"], param="payment_method")
    if method["customer"] != call.path["id"]:
        raise no_such("PaymentMethod", call.path["method"], param="payment_method")
    return method


OPERATIONS = (
    Operation("GET", "/v1/payment_methods/{id}", _retrieve),
    Operation("POST", "/v1/payment_methods/{id}/attach", _attach, {"customer!": TEXT}),
    Operation("POST", "/v1/payment_methods/{id}/detach", _detach),
    Operation("GET", "/v1/customers/{id}/payment_methods", _of_customer, {**PAGING, "type": ("card",)}),
    Operation("GET", "/v1/customers/{id}/payment_methods/{method}", _one_of_customer),
)

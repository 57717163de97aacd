"""Customers."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import events
from nextbill_simulators.stripe.errors import invalid, no_such
from nextbill_simulators.stripe.form import METADATA, RANGE, TEXT, Tree, merged_metadata
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "customer"
TEXTS = ("description", "email", "name", "phone")
ADDRESS = {"city": TEXT, "country": TEXT, "line1": TEXT, "line2": TEXT, "postal_code": TEXT, "state": TEXT}
WRITABLE: dict[str, Any] = {
    **dict.fromkeys(TEXTS, TEXT),
    "address": ADDRESS,
    "metadata": METADATA,
    "preferred_locales": [TEXT],
    "tax_exempt": ("none", "exempt", "reverse"),
    "invoice_settings": {"default_payment_method": TEXT},
}


def living(sandbox: Sandbox, key: str, *, param: str) -> Document:
    """A customer that exists and isn't deleted."""
    customer = sandbox.load(KIND, key, param=param)
    if customer.get("deleted"):
        raise no_such(KIND, key, param=param)
    return customer


def _blank(sandbox: Sandbox) -> Document:
    return {
        "id": new_id("cus", 14),
        "object": KIND,
        "address": None,
        "balance": 0,
        "created": sandbox.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("x", 8)[2:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None},
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _written(sandbox: Sandbox, customer: Document, params: Tree) -> Document:
    changed = dict(customer)
    for name in TEXTS:
        if name in params:
            changed[name] = params[name] or None
    for name in ("preferred_locales", "tax_exempt"):
        changed[name] = params.get(name, customer[name])
    if "address" in params:
        given = {part: value or None for part, value in params["address"].items()}
        changed["address"] = {**dict.fromkeys(ADDRESS), **given} if given else None
    if "metadata" in params:
        changed["metadata"] = merged_metadata(customer["metadata"], params["metadata"]) if params["metadata"] else {}
    if "invoice_settings" in params:
        changed["invoice_settings"] = {**customer["invoice_settings"], **_default_method(sandbox, customer, params["invoice_settings"])}
    return changed


def _default_method(sandbox: Sandbox, customer: Document, settings: Tree) -> Tree:
    name = settings.get("default_payment_method")
    if not name:
        return dict.fromkeys(settings)
    method = sandbox.load("payment_method", name, param="invoice_settings[default_payment_method]")
    if method["customer"] != customer["id"]:
        message = f"The customer does not have a payment method with the ID {name}. The payment method must be attached to the customer."
        raise invalid(message, param="invoice_settings[default_payment_method]", code="resource_missing")
    return settings


def _check(params: Tree) -> None:
    email = params.get("email")
    if email and "@" not in email:
        raise invalid(f"Invalid email address: {email}", param="email", code="email_invalid")


def _create(call: Call) -> Document:
    _check(call.params)
    customer = call.sandbox.save(_written(call.sandbox, _blank(call.sandbox), call.params))
    events.emit(call.sandbox, "customer.created", customer)
    return customer


def _update(call: Call) -> Document:
    _check(call.params)
    before = living(call.sandbox, call.path["id"], param="id")
    after = call.sandbox.save(_written(call.sandbox, before, call.params))
    previous = {name: value for name, value in before.items() if after[name] != value}
    if previous:
        events.emit(call.sandbox, "customer.updated", after, previous=previous)
    return after


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _delete(call: Call) -> Document:
    customer = living(call.sandbox, call.path["id"], param="id")
    events.emit(call.sandbox, "customer.deleted", customer)
    return call.sandbox.save({"id": customer["id"], "object": KIND, "deleted": True})


def _list(call: Call) -> Document:
    params = call.params
    same = {"email": params["email"]} if "email" in params else {}
    alive = [found for found in call.sandbox.store.find(KIND, **same) if not found.get("deleted") and within(found["created"], params.get("created"))]
    return page(alive, params, url="/v1/customers", noun=KIND)


OPERATIONS = (
    Operation("POST", "/v1/customers", _create, WRITABLE),
    Operation("GET", "/v1/customers", _list, {**PAGING, "email": TEXT, "created": RANGE}),
    Operation("GET", "/v1/customers/{id}", _retrieve),
    Operation("POST", "/v1/customers/{id}", _update, WRITABLE),
    Operation("DELETE", "/v1/customers/{id}", _delete),
)

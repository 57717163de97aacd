"""Charges: one attempt to take money, and when its fee is known."""

from __future__ import annotations

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import balance, events, methods
from nextbill_simulators.stripe.cards import Decline
from nextbill_simulators.stripe.form import METADATA, RANGE, TEXT, merged_metadata
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "charge"
APPROVED = {"network_status": "approved_by_network", "reason": None, "seller_message": "Payment complete.", "type": "authorized"}


def record(sandbox: Sandbox, intent: Document, method: Document, *, decline: Decline | None = None, authenticated: bool = False) -> Document:
    """The charge of an intent's attempt: captured, or failed with the decline given."""
    charge = {
        **_blank(sandbox, intent),
        "amount_captured": 0 if decline else intent["amount"],
        "billing_details": method["billing_details"],
        "captured": decline is None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "outcome": _outcome(decline),
        "paid": decline is None,
        "payment_method": method["id"],
        "payment_method_details": {"card": _card_details(intent, method, authenticated=authenticated), "type": "card"},
        "status": "failed" if decline else "succeeded",
    }
    charge["receipt_url"] = None if decline else f"{sandbox.base_url}/receipts/{charge['id']}"
    return sandbox.save(charge)


def _blank(sandbox: Sandbox, intent: Document) -> Document:
    unused = (
        "application",
        "application_fee",
        "application_fee_amount",
        "balance_transaction",
        "failure_balance_transaction",
        "on_behalf_of",
        "receipt_number",
    )
    taken = ("amount", "currency", "customer", "description", "metadata", "receipt_email", "statement_descriptor", "statement_descriptor_suffix")
    return {
        "id": new_id("ch"),
        "object": KIND,
        **dict.fromkeys(unused),
        **dict.fromkeys(("review", "shipping", "source", "source_transfer", "transfer_data", "transfer_group")),
        **{name: intent[name] for name in taken},
        "amount_refunded": 0,
        "calculated_statement_descriptor": "SANDBOX",
        "created": sandbox.now(),
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "payment_intent": intent["id"],
        "radar_options": {},
        "refunded": False,
    }


def _outcome(decline: Decline | None) -> Document:
    base = {"advice_code": None, "network_advice_code": None, "network_decline_code": None, "risk_level": "normal", "risk_score": 12}
    if decline is None:
        return {**base, **APPROVED}
    seller = f"The bank returned the decline code `{decline.reason}`."
    refusal = {"network_status": "declined_by_network", "reason": decline.reason, "seller_message": seller, "type": "issuer_declined"}
    return {**base, **refusal, "advice_code": decline.advice}


def _card_details(intent: Document, method: Document, *, authenticated: bool) -> Document:
    shared = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status", "wallet")
    secure = {
        **dict.fromkeys(("exemption_indicator", "result_reason")),
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "result": "authenticated",
        "transaction_id": new_id("3ds"),
        "version": "2.2.0",
    }
    return {
        **{name: method["card"][name] for name in shared},
        **dict.fromkeys(
            ("authorization_code", "electronic_commerce_indicator", "installments", "mandate", "network_transaction_id", "transaction_link_id")
        ),
        "amount_authorized": intent["amount"],
        "network": method["card"]["brand"],
        "three_d_secure": secure if authenticated else None,
    }


def settle(sandbox: Sandbox, key: str) -> None:
    """Asynchronous capture: only now the balance transaction, and with it the fee, is known."""
    charge = sandbox.load(KIND, key)
    if charge["balance_transaction"] is None:
        charge["balance_transaction"] = balance.book_charge(sandbox, charge)["id"]
        sandbox.save(charge)
        events.emit(sandbox, "charge.updated", charge, previous={"balance_transaction": None})


def refundable(sandbox: Sandbox, charge: Document) -> str:
    """What becomes of refunds to this charge's card."""
    return methods.card_of(sandbox, sandbox.load(methods.KIND, charge["payment_method"])).refunds


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _update(call: Call) -> Document:
    charge = _retrieve(call)
    charge["metadata"] = merged_metadata(charge["metadata"], call.params.get("metadata", {}))
    charge["description"] = call.params.get("description", charge["description"])
    return call.sandbox.save(charge)


def _list(call: Call) -> Document:
    params = call.params
    same = {name: params[name] for name in ("customer", "payment_intent") if name in params}
    found = [charge for charge in call.sandbox.store.find(KIND, **same) if within(charge["created"], params.get("created"))]
    return page(found, params, url="/v1/charges", noun=KIND)


OPERATIONS = (
    Operation("GET", "/v1/charges", _list, {**PAGING, "customer": TEXT, "payment_intent": TEXT, "created": RANGE}),
    Operation("GET", "/v1/charges/{id}", _retrieve),
    Operation("POST", "/v1/charges/{id}", _update, {"metadata": METADATA, "description": TEXT}),
)

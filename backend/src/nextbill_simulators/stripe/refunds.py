"""Refunds: part or all of a charge given back, at once, later, or never."""

from __future__ import annotations

from typing import Any

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import balance, charges, events, money
from nextbill_simulators.stripe.errors import StripeError, invalid, missing, refused
from nextbill_simulators.stripe.form import INTEGER, METADATA, RANGE, TEXT, Tree, merged_metadata
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "refund"
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def _create(call: Call) -> Document:
    charge = _charge(call)
    amount = _amount(charge, call.params)
    pending = charges.refundable(call.sandbox, charge) == "pends"
    refund = call.sandbox.save(_shape(call, charge, amount, pending=pending))
    if not pending:
        refund["balance_transaction"] = balance.book(call.sandbox, refund, amount=-amount, kind="refund", category="refund")["id"]
        call.sandbox.save(refund)
    events.emit(call.sandbox, "refund.created", refund)
    _take_back(call.sandbox, charge, amount, event="charge.refunded")
    call.sandbox.later(float(call.sandbox.option("refund_seconds", "2")), "settle_refund", refund["id"])
    return refund


def _shape(call: Call, charge: Document, amount: int, *, pending: bool) -> Document:
    refund: Document = {
        "id": new_id("re"),
        "object": KIND,
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.sandbox.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": call.params.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    if pending:
        refund["pending_reason"] = "processing"
    return refund


def _charge(call: Call) -> Document:
    """The charge meant by `charge` or by `payment_intent`; both must agree."""
    sandbox, params = call.sandbox, call.params
    if "charge" in params:
        charge = sandbox.load(charges.KIND, params["charge"], param="charge")
        if params.get("payment_intent", charge["payment_intent"]) != charge["payment_intent"]:
            raise invalid("The charge does not belong to the payment intent.", param="payment_intent")
        return charge
    if "payment_intent" not in params:
        raise missing("payment_intent")
    intent = sandbox.load("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise refused(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", param="payment_intent")
    return sandbox.load(charges.KIND, intent["latest_charge"])


def _amount(charge: Document, params: Tree) -> int:
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount: int = params.get("amount", left)
    refusal = _objection(charge, amount, left)
    if refusal:
        raise refusal
    return amount


def _objection(charge: Document, amount: int, left: int) -> StripeError | None:
    key, currency = charge["id"], charge["currency"]
    if charge["status"] != "succeeded":
        return refused(f"Charge {key} is not refundable: it has failed.", code="charge_not_refundable", param="charge")
    if charge["disputed"]:
        return refused(f"Charge {key} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        return refused(f"Charge {key} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        return invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        shown = f"({money.shown(amount, currency)}) is greater than unrefunded amount on charge ({money.shown(left, currency)})"
        return refused(f"Refund amount {shown}", param="amount")
    return None


def _take_back(sandbox: Sandbox, charge: Document, amount: int, *, event: str) -> None:
    """`amount_refunded` moves by `amount` (negative where a refund failed); `refunded` means in full."""
    previous = {name: charge[name] for name in ("amount_refunded", "refunded")}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    sandbox.save(charge)
    events.emit(sandbox, event, charge, previous={name: value for name, value in previous.items() if charge[name] != value})


def settle(sandbox: Sandbox, key: str) -> None:
    """What the card's bank says later: the reference of a good refund, or its failure."""
    refund = sandbox.load(KIND, key)
    if refund["status"] not in ("pending", "succeeded"):
        return
    if charges.refundable(sandbox, sandbox.load(charges.KIND, refund["charge"])) == "fails":
        fail(sandbox, key)
        return
    previous = {name: refund[name] for name in ("status", "destination_details", "balance_transaction")}
    reference = {"reference": new_id("x", 20)[2:], "reference_status": "available", "reference_type": "acquirer_reference_number", "type": "refund"}
    refund |= {"status": "succeeded", "destination_details": {"card": reference, "type": "card"}}
    refund.pop("pending_reason", None)
    if refund["balance_transaction"] is None:
        refund["balance_transaction"] = balance.book(sandbox, refund, amount=-refund["amount"], kind="refund", category="refund")["id"]
    _announce(sandbox, refund, {name: value for name, value in previous.items() if refund[name] != value})


def fail(sandbox: Sandbox, key: str, *, reason: str = "expired_or_canceled_card") -> Document:
    """The money comes back to the balance and the charge counts as unrefunded by that much."""
    refund = sandbox.load(KIND, key)
    if refund["status"] not in ("pending", "succeeded"):
        raise refused(f"Refund {key} has a status of {refund['status']}.")
    previous = {"status": refund["status"]}
    refund |= {"status": "failed", "failure_reason": reason}
    refund.pop("pending_reason", None)
    if refund["balance_transaction"]:
        entry = balance.book(sandbox, refund, amount=refund["amount"], kind="refund_failure", category="refund_failure")
        refund["failure_balance_transaction"] = entry["id"]
    sandbox.save(refund)
    events.emit(sandbox, "refund.failed", refund)
    _announce(sandbox, refund, previous)
    _take_back(sandbox, sandbox.load(charges.KIND, refund["charge"]), -refund["amount"], event="charge.updated")
    return refund


def _announce(sandbox: Sandbox, refund: Document, previous: Document) -> None:
    sandbox.save(refund)
    for kind in ("refund.updated", "charge.refund.updated"):
        events.emit(sandbox, kind, refund, previous=previous)


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _update(call: Call) -> Document:
    refund = _retrieve(call)
    refund["metadata"] = merged_metadata(refund["metadata"], call.params.get("metadata", {}))
    return call.sandbox.save(refund)


def _list(call: Call) -> Document:
    params = call.params
    same = {name: params[name] for name in ("charge", "payment_intent") if name in params}
    found = [refund for refund in call.sandbox.store.find(KIND, **same) if within(refund["created"], params.get("created"))]
    return page(found, params, url="/v1/refunds", noun=KIND)


CREATE: dict[str, Any] = {"charge": TEXT, "payment_intent": TEXT, "amount": INTEGER, "reason": REASONS, "metadata": METADATA}
OPERATIONS = (
    Operation("POST", "/v1/refunds", _create, CREATE),
    Operation("GET", "/v1/refunds", _list, {**PAGING, "charge": TEXT, "payment_intent": TEXT, "created": RANGE}),
    Operation("GET", "/v1/refunds/{id}", _retrieve),
    Operation("POST", "/v1/refunds/{id}", _update, {"metadata": METADATA}),
)

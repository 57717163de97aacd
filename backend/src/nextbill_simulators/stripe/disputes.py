"""Disputes: the card holder's bank takes the money back until somebody decides."""

from __future__ import annotations

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import balance, charges, events, money
from nextbill_simulators.stripe.errors import StripeError, refused
from nextbill_simulators.stripe.form import FLAG, METADATA, RANGE, TEXT
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "dispute"
DECIDED = ("won", "lost", "warning_closed", "prevented")
EVIDENCE = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]
TEN_DAYS = 10 * 24 * 3600


def open_automatically(sandbox: Sandbox, charge: str) -> None:
    """What the card …0259 is for."""
    if not sandbox.load(charges.KIND, charge)["disputed"]:
        open_dispute(sandbox, charge)


def open_dispute(sandbox: Sandbox, key: str, *, reason: str = "fraudulent", amount: int | None = None) -> Document:
    charge = sandbox.load(charges.KIND, key, param="charge")
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise refused(f"Charge {key} can't be disputed.")
    amount = amount or charge["amount_captured"] - charge["amount_refunded"]
    dispute = sandbox.save(_shape(sandbox, charge, reason, amount))
    charge["disputed"] = True
    sandbox.save(charge)
    events.emit(sandbox, "charge.updated", charge, previous={"disputed": False})
    events.emit(sandbox, "charge.dispute.created", dispute)
    taken = balance.book(sandbox, dispute, amount=-amount, kind="adjustment", category="dispute", fee=money.DISPUTE_FEE)
    return _move(sandbox, dispute, taken, event="charge.dispute.funds_withdrawn")


def _shape(sandbox: Sandbox, charge: Document, reason: str, amount: int) -> Document:
    details = {
        "due_by": sandbox.now() + TEN_DAYS,
        "enhanced_eligibility": {},
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
    }
    card = charge["payment_method_details"]["card"]
    return {
        "id": new_id("du"),
        "object": KIND,
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": sandbox.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": details,
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": card["brand"], "case_type": "chargeback", "network": card["network"], "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def _move(sandbox: Sandbox, dispute: Document, entry: Document, *, event: str) -> Document:
    previous = {"balance_transactions": list(dispute["balance_transactions"])}
    dispute["balance_transactions"] = [*dispute["balance_transactions"], entry]
    sandbox.save(dispute)
    events.emit(sandbox, event, dispute, previous=previous)
    return dispute


def decide(sandbox: Sandbox, key: str, outcome: str) -> Document:
    """`won` gives the money back, any other outcome leaves it where it is."""
    dispute = sandbox.load(KIND, key)
    if dispute["status"] in DECIDED:
        raise _closed(dispute)
    dispute["status"] = outcome
    sandbox.save(dispute)
    events.emit(sandbox, "charge.dispute.closed", dispute)
    if outcome == "won":
        given = balance.book(sandbox, dispute, amount=dispute["amount"], kind="adjustment", category="dispute_reversal")
        _move(sandbox, dispute, given, event="charge.dispute.funds_reinstated")
    return dispute


def _closed(dispute: Document) -> StripeError:
    return refused(f"This dispute is already closed: it was {dispute['status']}.")


def _retrieve(call: Call) -> Document:
    return call.sandbox.load(KIND, call.path["id"])


def _list(call: Call) -> Document:
    params = call.params
    same = {name: params[name] for name in ("charge", "payment_intent") if name in params}
    found = [dispute for dispute in call.sandbox.store.find(KIND, **same) if within(dispute["created"], params.get("created"))]
    return page(found, params, url="/v1/disputes", noun=KIND)


def _close(call: Call) -> Document:
    return decide(call.sandbox, _retrieve(call)["id"], "lost")


def _update(call: Call) -> Document:
    """Evidence; submitted with the text `winning_evidence` or `losing_evidence` it decides the dispute, as in Stripe's own sandbox."""
    dispute, params = _retrieve(call), call.params
    if dispute["status"] in DECIDED:
        raise _closed(dispute)
    evidence = params.get("evidence", {})
    dispute["evidence"] |= evidence
    dispute["metadata"] |= params.get("metadata", {})
    if evidence:
        dispute["evidence_details"] |= {"has_evidence": True}
    if evidence and params.get("submit", True):
        dispute["evidence_details"] |= {"submission_count": dispute["evidence_details"]["submission_count"] + 1, "submission_method": "manual"}
        dispute["status"] = "under_review"
        outcome = {"winning_evidence": "won", "losing_evidence": "lost"}.get(evidence.get("uncategorized_text", ""))
        if outcome:
            sandbox_action = "win_dispute" if outcome == "won" else "lose_dispute"
            call.sandbox.later(1, sandbox_action, dispute["id"])
    call.sandbox.save(dispute)
    events.emit(call.sandbox, "charge.dispute.updated", dispute)
    return dispute


def decide_if_open(sandbox: Sandbox, key: str, outcome: str) -> None:
    if sandbox.load(KIND, key)["status"] not in DECIDED:
        decide(sandbox, key, outcome)


UPDATE = {"evidence": dict.fromkeys(EVIDENCE, TEXT), "metadata": METADATA, "submit": FLAG}
OPERATIONS = (
    Operation("GET", "/v1/disputes", _list, {**PAGING, "charge": TEXT, "payment_intent": TEXT, "created": RANGE}),
    Operation("GET", "/v1/disputes/{id}", _retrieve),
    Operation("POST", "/v1/disputes/{id}", _update, UPDATE),
    Operation("POST", "/v1/disputes/{id}/close", _close),
)

"""Balance transactions: what each charge, refund and dispute does to the account's balance."""

from __future__ import annotations

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe import money
from nextbill_simulators.stripe.form import RANGE, TEXT
from nextbill_simulators.stripe.paging import PAGING, page, within
from nextbill_simulators.stripe.sandbox import Sandbox, new_id
from nextbill_simulators.stripe.wire import Call, Operation

KIND = "balance_transaction"
TWO_DAYS = 2 * 24 * 3600


def book(sandbox: Sandbox, source: Document, *, amount: int, kind: str, category: str, fee: int = 0) -> Document:
    """`amount` and `fee` in minor units; money leaving the balance is negative."""
    currency = source["currency"]
    details = (
        [{"amount": fee, "application": None, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"}] if fee else []
    )
    entry = {
        "id": new_id("txn"),
        "object": KIND,
        "amount": amount,
        "available_on": sandbox.now() + TWO_DAYS,
        "balance_type": "payments",
        "created": sandbox.now(),
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details,
        "net": amount - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "pending" if amount > 0 else "available",
        "type": kind,
    }
    return sandbox.save(entry)


def book_charge(sandbox: Sandbox, charge: Document) -> Document:
    return book(sandbox, charge, amount=charge["amount"], kind="charge", category="charge", fee=money.fee(charge["amount"]))


def _current(sandbox: Sandbox, entry: Document) -> Document:
    return {**entry, "status": "available" if entry["available_on"] <= sandbox.now() else entry["status"]}


def _retrieve(call: Call) -> Document:
    return _current(call.sandbox, call.sandbox.load(KIND, call.path["id"]))


def _list(call: Call) -> Document:
    params = call.params
    same = {name: params[name] for name in ("type", "currency", "source") if name in params}
    entries = [_current(call.sandbox, entry) for entry in call.sandbox.store.find(KIND, **same) if within(entry["created"], params.get("created"))]
    return page(entries, params, url="/v1/balance_transactions", noun="balance transaction")


OPERATIONS = (
    Operation("GET", "/v1/balance_transactions", _list, {**PAGING, "created": RANGE, "type": TEXT, "currency": TEXT, "source": TEXT}),
    Operation("GET", "/v1/balance_transactions/{id}", _retrieve),
)

"""The account behind the key: what a health check asks for."""

from __future__ import annotations

from nextbill_simulators.chassis import Document
from nextbill_simulators.stripe.sandbox import Sandbox
from nextbill_simulators.stripe.wire import Call, Operation

ACCOUNT_ID = "acct_sandbox000000001"


def merchant_name(sandbox: Sandbox) -> str:
    return sandbox.option("merchant_name", "Sandbox merchant")


def _retrieve(call: Call) -> Document:
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "sandbox@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


OPERATIONS = (Operation("GET", "/v1/account", _retrieve),)

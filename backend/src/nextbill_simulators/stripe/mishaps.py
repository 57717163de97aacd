"""Stripe's own faults by plan, beside the transport faults of the chassis: these know the idempotency layer."""

from __future__ import annotations

import re
from typing import Any

from nextbill_simulators.chassis import Document, Store

KIND = "stripe_fault"
KINDS = ("stored_500", "conflict_409", "rate_limit_429", "slow_execution")


def add(store: Store, body: dict[str, Any]) -> Document:
    """`times` -1: for ever. `executed`: whether the deed is done under a stored 500. `seconds`: how long a slow execution holds its key."""
    number = str(store.next_number(KIND))
    rule = {"pattern": ".*", "times": 1, "executed": True, "seconds": 1.0, **body, "id": number, "used": 0}
    return store.put(KIND, number, rule)


def draw(store: Store, target: str) -> Document | None:
    """The first rule that strikes `METHOD /path`, its use counted."""
    for rule in store.find(KIND):
        if (rule["times"] < 0 or rule["used"] < rule["times"]) and re.search(rule["pattern"], target):
            return store.put(KIND, rule["id"], {**rule, "used": rule["used"] + 1})
    return None


def clear(store: Store) -> None:
    for rule in store.find(KIND):
        store.delete(KIND, rule["id"])

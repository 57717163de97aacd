"""What counts as the money that was asked for, and when to ask the gateway again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

PAYABLE_MOVES = {"open": ("paid", "settled", "cancelled"), "paid": ("settled",)}
ATTEMPT_MOVES = {
    "requested": ("open", "failed", "expired", "parked", "succeeded", "quarantined"),
    "open": ("succeeded", "failed", "expired", "quarantined"),
    "parked": ("requested", "open", "failed", "expired", "succeeded", "quarantined"),
    "expired": ("succeeded", "quarantined"),
    "failed": ("succeeded", "quarantined"),
    "quarantined": ("succeeded",),
}
REFUND_MOVES = {
    "requested": ("pending", "succeeded", "failed", "parked"),
    "parked": ("pending", "succeeded", "failed"),
    "pending": ("succeeded", "failed"),
    "succeeded": ("failed",),
}
Method = Literal["bank_transfer", "cash", "cheque", "card_terminal", "other"]
"""Ways by which money comes past the gateway."""
OPEN_ATTEMPT_STATES = ("requested", "open")
LATE_SUCCESS_STATES = ("requested", "open", "parked", "expired", "failed")

CHECKOUT_LIFETIME = timedelta(hours=12)
"""Inside what the gateway allows (30 minutes to 24 hours) with room for a request that is retried for a while."""
CHARGE_LIFETIME = timedelta(hours=12)
"""A charge that could not be sent by then is not sent any more: the customer no longer expects it today."""
CUSTOMER_AT_THE_PAGE = timedelta(minutes=30)
"""So long after a payment page was opened its customer is left alone; after that it is closed and the saved card charged."""
SHORTEST_CHECKOUT = timedelta(minutes=31)
FIRST_CHECK, LAST_CHECK = timedelta(seconds=60), timedelta(minutes=30)
AFTER_EXPIRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What identifies money: asked for on our side, seen on the gateway's. `customer` is the gateway's reference."""

    attempt_id: UUID | None
    amount_minor: int | None
    currency: str | None
    customer: str | None
    live: bool


def differences(asked: Receipt, seen: Receipt) -> list[str]:
    """Names of the facts that do not agree; none means that this is the money that was asked for."""
    pairs = {
        "attempt": (asked.attempt_id, seen.attempt_id),
        "amount": (asked.amount_minor, seen.amount_minor),
        "currency": (asked.currency, seen.currency),
        "customer": (asked.customer, seen.customer),
        "mode": (asked.live, seen.live),
    }
    return [name for name, (expected, found) in pairs.items() if expected != found]


def next_check(*, opened_at: datetime, expires_at: datetime, now: datetime) -> datetime:
    """Less and less often the older the checkout is, and once right after it must have expired."""
    pause = min(LAST_CHECK, max(FIRST_CHECK, (now - opened_at) / 4))
    due = now + pause
    return min(due, expires_at + AFTER_EXPIRY) if now < expires_at else due

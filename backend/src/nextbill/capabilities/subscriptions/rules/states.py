"""The words that a subscription and its changes go by, and how they move. Pure."""

from __future__ import annotations

from typing import Final, Literal, get_args

SUBSCRIPTION: Final = "subscriptions.subscription"
"""Type under which others refer to our subscriptions."""
ORDER_LINE: Final = "orders.line"
"""What a first period was sold as: the order's line, to which license and account refer too."""
CHANGE, CHANGE_LINE = "subscriptions.change", "subscriptions.change_line"
"""A change is the origin of what is asked for it; each line of that refers to a line of what the customer was shown."""

SubscriptionState = Literal["pending", "trialing", "active", "past_due", "paused", "suspended", "cancelled", "ended"]
STATES: Final[tuple[str, ...]] = get_args(SubscriptionState)
Billing = Literal["each_period", "first_period"]
Collection = Literal["charge", "invoice"]
ChangeKind = Literal["plan", "cycle", "quantity", "addons", "price"]
ChangeState = Literal["waiting_payment", "scheduled", "applied", "withdrawn", "expired", "refused"]
Direction = Literal["upgrade", "downgrade", "same"]

MOVES: Final = {
    "pending": ("trialing", "active", "cancelled"),
    "trialing": ("active", "paused", "suspended", "cancelled", "ended"),
    "active": ("past_due", "paused", "suspended", "ended"),
    "past_due": ("active", "suspended", "ended"),
    "paused": ("active", "trialing", "cancelled", "ended"),
    "suspended": ("trialing", "active", "past_due", "cancelled", "ended"),
}
CHANGE_MOVES: Final = {"waiting_payment": ("applied", "withdrawn", "expired"), "scheduled": ("applied", "withdrawn", "refused")}

RUNNING: Final = ("trialing", "active", "past_due")
"""Billed when their day comes."""
LIVING: Final = (*RUNNING, "paused", "suspended")
"""Delivered and not over."""

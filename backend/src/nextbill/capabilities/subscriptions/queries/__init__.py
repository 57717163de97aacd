"""Reads into frozen values; row locks."""

from nextbill.capabilities.subscriptions.queries.subscriptions import (
    Subscription,
    cycle_of,
    get_subscription,
    list_subscriptions,
    lock_subscription,
    plan_item,
    subscription_of_line,
    touched_by,
)

__all__ = [
    "Subscription",
    "cycle_of",
    "get_subscription",
    "list_subscriptions",
    "lock_subscription",
    "plan_item",
    "subscription_of_line",
    "touched_by",
]

"""Reads into frozen values; row locks."""

from nextbill.capabilities.subscriptions.queries.changes import (
    OPEN,
    BilledPeriod,
    Change,
    Event,
    billed_periods,
    change_invoices,
    changes_of,
    discount_of,
    get_change,
    history_of,
    lock_change,
    open_changes,
    settle_on,
)
from nextbill.capabilities.subscriptions.queries.subscriptions import (
    Chosen,
    Subscription,
    cycle_of,
    get_subscription,
    list_subscriptions,
    lock_subscription,
    plan_item,
    subscription_of_line,
    touched_by,
)
from nextbill.capabilities.subscriptions.queries.targets import Wish, target_of, terms_of
from nextbill.capabilities.subscriptions.queries.usage import what_is_too_much

__all__ = [
    "OPEN",
    "BilledPeriod",
    "Change",
    "Chosen",
    "Event",
    "Subscription",
    "Wish",
    "billed_periods",
    "change_invoices",
    "changes_of",
    "cycle_of",
    "discount_of",
    "get_change",
    "get_subscription",
    "history_of",
    "list_subscriptions",
    "lock_change",
    "lock_subscription",
    "open_changes",
    "plan_item",
    "settle_on",
    "subscription_of_line",
    "target_of",
    "terms_of",
    "touched_by",
    "what_is_too_much",
]

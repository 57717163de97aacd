"""What a customer keeps: a plan as sold, its cycle and its period."""

from nextbill.capabilities.subscriptions.commands import cancel_undelivered, create_subscription, start_period
from nextbill.capabilities.subscriptions.errors import SubscriptionNotFound, SubscriptionNotPending
from nextbill.capabilities.subscriptions.events import SubscriptionCancelled, SubscriptionCreated, SubscriptionStarted
from nextbill.capabilities.subscriptions.queries import Subscription, get_subscription, list_subscriptions, subscription_of_line, touched_by
from nextbill.capabilities.subscriptions.rules import SUBSCRIPTION, Item, SubscriptionState

__all__ = [
    "SUBSCRIPTION",
    "Item",
    "Subscription",
    "SubscriptionCancelled",
    "SubscriptionCreated",
    "SubscriptionNotFound",
    "SubscriptionNotPending",
    "SubscriptionStarted",
    "SubscriptionState",
    "cancel_undelivered",
    "create_subscription",
    "get_subscription",
    "list_subscriptions",
    "start_period",
    "subscription_of_line",
    "touched_by",
]

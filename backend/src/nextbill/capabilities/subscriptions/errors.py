"""Refusals of subscriptions, as facts."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, NotFound


class SubscriptionNotFound(NotFound):
    code: ClassVar[str] = "subscription_not_found"
    title: ClassVar[str] = "There is no such subscription"


class SubscriptionNotPending(Conflict):
    code: ClassVar[str] = "subscription_not_pending"
    title: ClassVar[str] = "Only a subscription that has not begun can start"

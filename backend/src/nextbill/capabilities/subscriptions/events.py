"""What became of subscriptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreated(Event):
    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionStarted(Event):
    """Delivered: its first period runs from `starts_on` until the day before `next_due_on`."""

    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID
    starts_on: date
    next_due_on: date


@dataclass(frozen=True, kw_only=True)
class SubscriptionCancelled(Event):
    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID

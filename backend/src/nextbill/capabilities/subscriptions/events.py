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
    """Over before anything was charged for it: not delivered, or called off on trial."""

    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionEnded(Event):
    """Over; what it stood for is to be taken down as the shop's rules say."""

    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID
    ended_on: date


@dataclass(frozen=True, kw_only=True)
class SubscriptionEnding(Event):
    """Cancelled for that day; until then it can be undone."""

    subscription_id: UUID
    customer_id: UUID
    cancel_on: date


@dataclass(frozen=True, kw_only=True)
class SubscriptionReactivated(Event):
    """It is not cancelled after all."""

    subscription_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionPaused(Event):
    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID


@dataclass(frozen=True, kw_only=True)
class SubscriptionResumed(Event):
    """What was paid for lasts until `period_end` now."""

    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID
    period_end: date


@dataclass(frozen=True, kw_only=True)
class ChangeRequested(Event):
    """An upgrade waits for the payment of its proforma; it is off from `valid_until` on."""

    change_id: UUID
    subscription_id: UUID
    customer_id: UUID
    proforma_id: UUID
    valid_until: date


@dataclass(frozen=True, kw_only=True)
class ChangeScheduled(Event):
    """It holds from `effective_on` on."""

    change_id: UUID
    subscription_id: UUID
    customer_id: UUID
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class ChangeRefused(Event):
    """On its day more was in use than it allows: everything stays as it was."""

    change_id: UUID
    subscription_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class ChangeWithdrawn(Event):
    """It was called off before its day, and everything stays as it was. `expired`: nobody paid it in time."""

    change_id: UUID
    subscription_id: UUID
    customer_id: UUID
    expired: bool


@dataclass(frozen=True, kw_only=True)
class SubscriptionChanged(Event):
    """It is another plan, cycle, quantity or price from now on; license and account follow."""

    change_id: UUID
    subscription_id: UUID
    customer_id: UUID
    order_line_id: UUID


@dataclass(frozen=True, kw_only=True)
class NoticeDue(Event):
    """The subscriptions of `group_id` come to `on_day`, and their holder is to hear of it: of what, `kind` says (`rules.NOTICE_KINDS`)."""

    group_id: UUID
    customer_id: UUID
    kind: str
    on_day: date
    days_before: int


@dataclass(frozen=True, kw_only=True)
class PriceRiseAnnounced(Event):
    """From `effective_on` on a period costs `after_minor`; until then it can be cancelled."""

    change_id: UUID
    subscription_id: UUID
    customer_id: UUID
    effective_on: date
    before_minor: int
    after_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PeriodsBilled(Event):
    """A run has billed some periods, of many customers, with one transaction: `billed_in` names their invoices. `named`: whether names are on them;
    `mailed`: whether some of them are paid by who gets them, not charged to a card."""

    run_id: UUID
    chunk_id: UUID
    named: bool = True
    mailed: bool = True

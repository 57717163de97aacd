"""What became of orders."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """`proforma_id` is None where nothing is to be paid."""

    order_id: UUID
    customer_id: UUID
    proforma_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(Event):
    """Nothing is to be paid for it (a trial, a coupon over the whole): it is delivered as if it were paid."""

    order_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event):
    order_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """Everything that was not cancelled has been delivered."""

    order_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """`was_paid`: money has to go back."""

    order_id: UUID
    customer_id: UUID
    was_paid: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class LineHeldUp(Event):
    """Not delivered so far: `state` is delayed (goes on by itself) or parked (staff acts)."""

    order_id: UUID
    line_id: UUID
    customer_id: UUID
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class LineRefused(Event):
    """Cannot be delivered as bought: the customer picks another name, or cancels the line."""

    order_id: UUID
    line_id: UUID
    customer_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeliveryOverdue(Event):
    """Paid a day ago, and a part is not delivered: the customer may cancel."""

    order_id: UUID
    customer_id: UUID

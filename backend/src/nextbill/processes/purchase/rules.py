"""What the delivery decides by itself, and its refusals. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from nextbill.capabilities import orders
from nextbill.kernel.errors import Conflict

DELIVERABLE = ("waiting", "delayed")

OVERDUE = timedelta(hours=24)
"""Not delivered so long after the payment, the customer is told and may cancel in full."""

UNANSWERED = timedelta(hours=72)
"""So long a refused name waits for the customer's choice; then its price goes back."""


LOOK_AGAIN = timedelta(days=1)
"""So often an unpaid order that was invoiced on terms is looked at: whether its invoice still stands."""


class TooEarlyToCancel(Conflict):
    """`possible_from` says when it is possible."""

    code: ClassVar[str] = "too_early_to_cancel"
    title: ClassVar[str] = "The order is being delivered"


class MayExistAlready(Conflict):
    code: ClassVar[str] = "may_exist_already"
    title: ClassVar[str] = "It may exist already: look first, then cancel or deliver"


class DearerName(Conflict):
    code: ClassVar[str] = "dearer_name"
    title: ClassVar[str] = "This name costs more than what was paid"


class NotDelivered(Conflict):
    code: ClassVar[str] = "line_not_delivered"
    title: ClassVar[str] = "What was not delivered is cancelled, not refunded"


def line_of(order: orders.Order, line_id: UUID) -> orders.OrderLine:
    """OrderNotFound where the line is not this order's."""
    for line in order.lines:
        if line.id == line_id:
            return line
    raise orders.OrderNotFound("There is no such order line.")


def cancellable_from(order: orders.Order) -> datetime:
    """From when on a customer may cancel a paid order that was not delivered."""
    return (order.paid_at or order.placed_at) + OVERDUE

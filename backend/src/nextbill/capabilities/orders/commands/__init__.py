"""What orders can be told to do, one file a use case."""

from nextbill.capabilities.orders.commands.place import place_order
from nextbill.capabilities.orders.commands.pricing import PricedLine, PricedPart, Quote, Renewal, price_cart
from nextbill.capabilities.orders.commands.progress import (
    cancel_order,
    complete_if_delivered,
    hold,
    mark_line,
    mark_paid,
    rename_line,
    tell_overdue,
    wait_longer,
)

__all__ = [
    "PricedLine",
    "PricedPart",
    "Quote",
    "Renewal",
    "cancel_order",
    "complete_if_delivered",
    "hold",
    "mark_line",
    "mark_paid",
    "place_order",
    "price_cart",
    "rename_line",
    "tell_overdue",
    "wait_longer",
]

"""From cart to order, and how far it has been delivered."""

from nextbill.capabilities.orders.commands import cancel_order, complete_if_delivered, mark_line, mark_paid, place_order, price_cart
from nextbill.capabilities.orders.errors import AddressNeeded, CartInvalid, ConsentMissing, OrderNotCancellable, OrderNotFound, OrderNotPayable
from nextbill.capabilities.orders.events import LineHeldUp, LineRefused, OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced
from nextbill.capabilities.orders.queries import Order, OrderLine, get_line, get_order, list_orders, paid_orders_of, payable_of
from nextbill.capabilities.orders.rules import LINE, ORDER, Cart, CartDomain, Consent, DomainItem, HostingItem, LineState, OrderState

__all__ = [
    "LINE",
    "ORDER",
    "AddressNeeded",
    "Cart",
    "CartDomain",
    "CartInvalid",
    "Consent",
    "ConsentMissing",
    "DomainItem",
    "HostingItem",
    "LineHeldUp",
    "LineRefused",
    "LineState",
    "Order",
    "OrderCancelled",
    "OrderCompleted",
    "OrderLine",
    "OrderNotCancellable",
    "OrderNotFound",
    "OrderNotPayable",
    "OrderPaid",
    "OrderPlaced",
    "OrderState",
    "cancel_order",
    "complete_if_delivered",
    "get_line",
    "get_order",
    "list_orders",
    "mark_line",
    "mark_paid",
    "paid_orders_of",
    "payable_of",
    "place_order",
    "price_cart",
]

"""What the purchase can be told to do after the payment."""

from nextbill.processes.purchase.commands.deliver import LINE, Means, account_ready, deliver, deliver_waiting, delivered, register_name, server_found
from nextbill.processes.purchase.commands.rename import choose_name
from nextbill.processes.purchase.commands.take_back import By, cancel_line, cancel_order, cancel_unanswered, drop_credited, expire_order, refund_line

__all__ = [
    "LINE",
    "By",
    "Means",
    "account_ready",
    "cancel_line",
    "cancel_order",
    "cancel_unanswered",
    "choose_name",
    "deliver",
    "deliver_waiting",
    "delivered",
    "drop_credited",
    "expire_order",
    "refund_line",
    "register_name",
    "server_found",
]

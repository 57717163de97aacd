"""What a subscription is called in a mail: as it is now, whatever it was ordered as."""

from __future__ import annotations

from nextbill.capabilities import orders, subscriptions
from nextbill.capabilities.notifications.documents import Reader
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import Tx


async def name_of(tx: Tx, found: subscriptions.Subscription, reader: Reader) -> str:
    """Its plan with the internet name that it was ordered for, if it was."""
    try:
        name = (await orders.get_line(tx, found.order_line_id)).domain_name
    except orders.OrderNotFound:
        name = None  # begun by staff, without an order
    main = _pieces(found.plan_name, found.items[0].quantity)
    return reader.phrase("words", "hosting_line", plan=main, name=DomainName(name).unicode) if name else main


def terms(target: subscriptions.Terms, reader: Reader) -> str:
    """The plan, what comes with it, and how often it is paid. The first item is the plan's, and is called by the internet name too."""
    main, *others = subscriptions.each_period(target.items)
    named = [_pieces(target.plan_name, main.quantity), *(_pieces(item.name, item.quantity) for item in others)]
    return f"{', '.join(named)} ({rhythm(target.cycle, reader)})"


def _pieces(name: str, quantity: int) -> str:
    return name if quantity == 1 else f"{quantity} × {name}"


def rhythm(cycle: Cycle, reader: Reader) -> str:
    if cycle.count == 1:
        return reader.phrase("cycles", cycle.unit)
    return reader.phrase("cycles", f"{cycle.unit}s", count=str(cycle.count))

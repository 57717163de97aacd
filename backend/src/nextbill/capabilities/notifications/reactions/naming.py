"""What a subscription is called in a mail: as it is now, whatever it was ordered as."""

from __future__ import annotations

from collections.abc import Sequence

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
    main = pieces(found.items[:1])
    return reader.phrase("words", "hosting_line", plan=main, name=DomainName(name).unicode) if name else main


def pieces(items: Sequence[subscriptions.Item]) -> str:
    return ", ".join(item.name if item.quantity == 1 else f"{item.quantity} × {item.name}" for item in items)


def terms(items: Sequence[subscriptions.Item], cycle: Cycle, reader: Reader) -> str:
    return f"{pieces(subscriptions.each_period(items))} ({rhythm(cycle, reader)})"


def rhythm(cycle: Cycle, reader: Reader) -> str:
    if cycle.count == 1:
        return reader.phrase("cycles", cycle.unit)
    return reader.phrase("cycles", f"{cycle.unit}s", count=str(cycle.count))

"""Another name for one that was refused, at the price that was paid: what was taken off the first one (a coupon, included) is taken off it too."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from nextbill.capabilities import catalog, domains, identity, orders
from nextbill.kernel.clock import business_date
from nextbill.kernel.domain_name import BadDomainName, DomainName
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money
from nextbill.processes.purchase.commands.deliver import Means, register_name
from nextbill.processes.purchase.rules import DearerName, line_of
from nextbill.runtime.database import Tx


async def choose_name(tx: Tx, order_id: UUID, line_id: UUID, *, text: str, actor: str, means: Means, now: datetime) -> None:
    """The checks of ordering again, then the registration as before. LineNotRefused, DearerName, DomainTaken, Invalid by field."""
    order = await orders.hold(tx, order_id)
    line = line_of(order, line_id)
    if order.state != "paid" or line.kind != "domain" or line.state != "refused":
        raise orders.LineNotRefused
    name = _read(text)
    today = business_date(now, means.zone)
    offer = await catalog.price_domain(tx, name=name, years=line.years or 1, operation="register", currency=line.net.currency, on=today)
    listed = _listed(line)
    if offer.price > listed:
        raise DearerName(
            f"{name.unicode} costs {offer.price}, the first one {listed}: choose one at this price or below, or cancel this line for a refund."
        )
    if await domains.held_names(tx, [name]):
        raise domains.DomainTaken(f"{name.unicode} is taken.")
    term = "1 year" if offer.years == 1 else f"{offer.years} years"
    await orders.rename_line(tx, line.id, name=name, description=f"{name.unicode}, {term}", now=now)
    await register_name(tx, line.id, means=means, now=now)
    await identity.audit(
        tx,
        actor=actor,
        action="order.name_chosen",
        object_type=orders.LINE,
        object_id=line.id,
        customer_id=order.customer_id,
        detail={"refused": line.domain_name, "chosen": name.ascii},
        now=now,
    )


def _listed(line: orders.OrderLine) -> Money:
    """What the first name cost in the terms of the price list, which may hold the tax: the line's own list price is net."""
    (part,) = line.parts
    return Money(int(part.details.get("unit_minor", part.unit.minor)), part.unit.currency)


def _read(text: str) -> DomainName:
    try:
        return DomainName.parse(text)
    except BadDomainName as error:
        raise Invalid(fields={"name": str(error)}) from error

"""What goes together on one invoice, and what its lines say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from nextbill.capabilities import invoicing, subscriptions, tax
from nextbill.kernel.money import Money, Rounding

CHUNK: Final = 1000
"""Lines that one transaction writes, about: it takes whole customers."""
COUPON: Final = "Coupon"


@dataclass(frozen=True, slots=True)
class Priced:
    """A period as it is charged: `full` less the coupon's `off`, in the terms of the price list."""

    due: subscriptions.Due
    charges: Sequence[subscriptions.Charge]
    full: Money
    off: Money

    @property
    def net(self) -> Money:
        return self.full - self.off


GroupKey = tuple[UUID, str, date, str]
"""Customer, currency, the day on which it is to be paid, how it is collected."""


def priced(due: subscriptions.Due) -> Priced:
    charged = due.charges()
    full = sum(charge.item.price.minor for charge in charged)
    off = sum(charge.off.minor for charge in charged)
    return Priced(due, charged, Money(full, due.currency), Money(off, due.currency))


def due_on(due: subscriptions.Due, on: date) -> date:
    """To be paid when the period begins, never before the invoice is made."""
    return max(due.period.start, on)


def group_key(due: subscriptions.Due, on: date) -> GroupKey:
    return (due.customer_id, due.currency, due_on(due, on), due.collection)


def taxable(lines: Sequence[Priced]) -> list[tax.TaxableLine]:
    return [tax.TaxableLine(str(place), line.due.product_class, line.net) for place, line in enumerate(lines)]


def invoice_line(line: Priced, taxed: tax.TaxedLine) -> invoicing.InvoiceLine:
    """Net, as documents are: where listed prices hold the tax, what the coupon takes off is scaled like the price."""
    due, off = line.due, line.off
    if off and taxed.net != line.net:
        off = off.share(taxed.net.minor, line.net.minor, Rounding.HALF_UP)
    return invoicing.InvoiceLine(
        description=_described(line.charges),
        product_class=due.product_class,
        quantity=1,
        unit_net=taxed.net + off if off else taxed.net,
        tax=taxed,
        reference_type=subscriptions.SUBSCRIPTION,
        reference_id=due.id,
        period=due.period,
        discount=off or None,
        discount_note=COUPON if off else None,
        details=_details(line),
    )


def _described(charges: Sequence[subscriptions.Charge]) -> str:
    items = (charge.item for charge in charges)
    return ", ".join(item.name if item.quantity == 1 else f"{item.quantity} × {item.name}" for item in items)


def _details(line: Priced) -> dict[str, Any]:
    """The inputs of the number. `unit_minor`: the list price of everything together, for the price's version of the plan."""
    due = line.due
    details: dict[str, Any] = {
        "part": "renewal",
        "period_index": due.index,
        "product": due.plan_name,
        "price_version": due.price_version,
        "unit_minor": line.full.minor,
        "quantity": 1,
    }
    if len(line.charges) > 1:
        details["items"] = [
            {"code": one.item.code, "quantity": one.item.quantity, "unit_minor": one.item.unit.minor, "off_minor": one.off.minor}
            for one in line.charges
        ]
    if line.off and due.discount is not None:
        details["coupon"] = {"code": due.discount.code, "off_minor": line.off.minor}
    return details

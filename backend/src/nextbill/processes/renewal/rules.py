"""What goes together on one invoice, and what its lines say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from nextbill.capabilities import domains, invoicing, subscriptions, tax
from nextbill.kernel.money import Money, Rounding, total
from nextbill.kernel.period import Period

CHUNK: Final = 5000
"""Lines that one transaction writes, about: it takes whole customers."""
COUPON: Final = "Coupon"
NAME_CLASS: Final = "domain"
"""Product class of names: how they are taxed and booked."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a period costs: `full` less the coupon's `off` is `net`, in the terms of the price list."""

    charges: Sequence[subscriptions.Charge]
    full: Money
    off: Money
    net: Money


@dataclass(frozen=True, slots=True)
class PricedName:
    """A further year of a name, in the terms of the price list. `collection`: on an invoice of its own."""

    due: domains.Renewing
    net: Money
    price_version: int
    collection: domains.RenewalCollection


@dataclass(frozen=True, slots=True)
class NameDays:
    """Days of names, before they expire: `ahead` they are invoiced by themselves, from `rides` on together with what else the customer is billed, `paid_by`
    is the day to pay; `notice` days lie before it where there is that much time. `grace`: so many days after it a renewal is still possible; later the money
    comes too late."""

    ahead: int = 30
    rides: int = 60
    paid_by: int = 14
    grace: int = 30
    notice: int = 7


LATE_DAYS: Final = 7
"""A name that expired longer ago is not charged by itself: its holder gets an invoice."""

GroupKey = tuple[UUID, str, date, str, bool]
"""Customer, currency, the day on which it is to be paid, how it is collected, whether names stand apart."""


def price_of(terms: subscriptions.DueTerms) -> Price:
    """ValueError where its items have prices in several currencies, or in none that is one."""
    full = total([charge.item.price for charge in terms.charges], terms.currency)
    off = total([charge.off for charge in terms.charges], terms.currency)
    return Price(terms.charges, full, off, full - off)


def due_on(due: subscriptions.Due, on: date) -> date:
    """To be paid when the period begins, never before the invoice is made."""
    return max(due.period.start, on)


def group_key(due: subscriptions.Due, on: date) -> GroupKey:
    return (due.customer_id, due.currency, due_on(due, on), due.collection, False)


def name_key(name: PricedName, others: Iterable[GroupKey], on: date, days: NameDays) -> GroupKey | None:
    """The invoice that it stands on: one of `others` that is paid before it expires, best one that is paid as the name would be by itself, then the earliest;
    else one of its own, once its day has come. None: it waits."""
    due, currency = name.due, name.net.currency
    if not due.apart:
        in_time = max(due.from_on, on + timedelta(days=1))
        rides = [key for key in others if (key[0], key[1], key[4]) == (due.customer_id, currency, False) and key[2] < in_time]
        if due.from_on < on:  # it may have to be paid otherwise than what is charged anyway
            rides = [key for key in rides if key[3] == name.collection]
        if rides:
            return min(rides, key=lambda key: (key[3] != name.collection, key[2]))
    if due.from_on > on + timedelta(days=days.ahead):
        return None
    return due.customer_id, currency, _to_pay(due.from_on, on, days), name.collection, due.apart


def _to_pay(from_on: date, on: date, days: NameDays) -> date:
    """Who is billed late hears of it before the card is charged, and the day before it expires is the last to wait for."""
    told = min(on + timedelta(days=days.notice), from_on - timedelta(days=1))
    return max(from_on - timedelta(days=days.paid_by), told, on)


def stays_included(sold: str | None, plan: tuple[str, date | None] | None, *, from_on: date) -> bool:
    """Whether a further year from that day costs nothing: it came with a plan for as long as that is active, and the plan runs, past due or not, and goes on
    beyond the day. `plan`: its state, and the day from which it is over."""
    if sold != "while_active" or plan is None:
        return False
    state, over_on = plan
    return state in subscriptions.RUNNING and (over_on is None or over_on > from_on)


def taxable(lines: Iterable[tuple[str, Money]]) -> list[tax.TaxableLine]:
    """Of product classes and what is to be paid for them."""
    return [tax.TaxableLine(str(place), product_class, net) for place, (product_class, net) in enumerate(lines)]


def invoice_line(terms: subscriptions.DueTerms, price: Price, taxed: tax.TaxedLine) -> invoicing.InvoiceLine:
    """Of a form, which whoever has these terms fills in. As taxed, as documents are: where listed prices hold the tax, what the coupon takes off is scaled
    like the price."""
    net, off = taxed.net, price.off
    if off and net != price.net:
        off = off.share(net.minor, price.net.minor, Rounding.HALF_UP)
    return invoicing.InvoiceLine(
        description=_described(price.charges),
        product_class=terms.product_class,
        quantity=1,
        unit_net=net + off if off else net,
        tax=taxed,
        reference_type=subscriptions.SUBSCRIPTION,
        reference_id=invoicing.NOBODY,
        period=terms.period,
        discount=off or None,
        discount_note=COUPON if off else None,
        details=_details(terms, price),
    )


def name_line(name: PricedName, taxed: tax.TaxedLine) -> invoicing.InvoiceLine:
    due = name.due
    return invoicing.InvoiceLine(
        description=f"{due.name.unicode}, renewal for 1 year",
        product_class=NAME_CLASS,
        quantity=1,
        unit_net=taxed.net,
        tax=taxed,
        reference_type=domains.DOMAIN,
        reference_id=due.id,
        period=Period(due.from_on, due.until),
        details={"part": "domain_renewal", "price_version": name.price_version, "unit_minor": name.net.minor, "quantity": 1},
    )


def _described(charges: Sequence[subscriptions.Charge]) -> str:
    items = (charge.item for charge in charges)
    return ", ".join(item.name if item.quantity == 1 else f"{item.quantity} × {item.name}" for item in items)


def _details(terms: subscriptions.DueTerms, price: Price) -> dict[str, Any]:
    """The inputs of the number. `unit_minor`: the list price of everything together, for the price's version of the plan."""
    details: dict[str, Any] = {
        "part": "renewal",
        "period_index": terms.index,
        "product": terms.plan_name,
        "price_version": terms.price_version,
        "unit_minor": price.full.minor,
        "quantity": 1,
    }
    if len(price.charges) > 1:
        details["items"] = [
            {"code": one.item.code, "quantity": one.item.quantity, "unit_minor": one.item.unit.minor, "off_minor": one.off.minor}
            for one in price.charges
        ]
    if price.off and terms.discount is not None:
        details["coupon"] = {"code": terms.discount.code, "off_minor": price.off.minor}
    return details

"""What will be charged next: by the same prices, coupons and taxes that the run asks, so that what a customer is told is what comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from nextbill.capabilities import customers
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.applying import repriced
from nextbill.capabilities.subscriptions.commands.asking import with_tax
from nextbill.capabilities.subscriptions.models import ChangeRow
from nextbill.capabilities.subscriptions.queries import Subscription
from nextbill.capabilities.subscriptions.rules import Discount, Terms, charges, each_period
from nextbill.kernel.money import Money, total
from nextbill.kernel.period import Period
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next period that has no invoice yet, and what it will cost. `billed_on`: the day of its invoice."""

    period: Period
    billed_on: date
    net: Money
    tax: Money

    @property
    def total(self) -> Money:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Coming:
    """The next period that has no invoice yet, before tax."""

    period: Period
    billed_on: date
    terms: Terms
    nets: tuple[Money, ...]

    @property
    def net(self) -> Money:
        return total(self.nets, self.terms.currency)


async def coming(tx: ReadTx, found: Subscription, *, begins_on: date | None = None, without: UUID | None = None) -> Coming:
    """With the changes and the price that will hold by then; of a later period by the day on which it begins, and `without` a change as if it were not.

    ValueError where it has not begun."""
    schedule, discount = found.schedule, await queries.discount_of(tx, found.id)
    index = schedule.next_index
    while begins_on is not None and schedule.nth(index).start < begins_on:
        index += 1
    begins = schedule.nth(index).start
    terms = queries.terms_of(found)
    for change in await queries.open_changes(tx, found.id):
        if change.state == "scheduled" and change.effective_on <= begins and change.id != without:
            terms = _changed(terms, change)
    recycled = terms.cycle != found.cycle
    period = Period.nth(terms.cycle, begins, 0) if recycled else schedule.nth(index)
    items = list(terms.items) if index == 0 else each_period(terms.items)
    priced = charges(items, plan_code=terms.plan_code, discount=_kept(discount, found, recycled=recycled), index=index)
    billed_on = schedule.next_bill_on if index == schedule.next_index else begins - timedelta(days=schedule.days_ahead)
    return Coming(period, billed_on, terms, tuple(charge.net for charge in priced))


async def forecast(tx: ReadTx, subscription_id: UUID, *, begins_on: date | None = None, without: UUID | None = None) -> Forecast:
    """As `coming`, and taxed. ValueError where it has not begun; TaxRateMissing, TaxNotKnown."""
    found = await queries.get_subscription(tx, subscription_id)
    next_one = await coming(tx, found, begins_on=begins_on, without=without)
    customer, zero = await customers.get_customer(tx, found.customer_id), next_one.terms.currency
    lines = await with_tax(tx, customer, next_one.terms.product_class, list(next_one.nets), on=next_one.billed_on)
    tax = total([line.tax for line in lines], zero)
    return Forecast(next_one.period, next_one.billed_on, total([line.net for line in lines], zero), tax)


def _changed(terms: Terms, change: ChangeRow) -> Terms:
    if change.kind == "price":
        return replace(terms, items=repriced(terms.items, change))
    return Terms.from_json(change.target)


def _kept(discount: Discount | None, found: Subscription, *, recycled: bool) -> Discount | None:
    """A coupon for some periods ends where those are of another length, but on trial, where none has been used."""
    if discount is None or not recycled or discount.until_index is None or found.period_index < 0:
        return discount
    return None

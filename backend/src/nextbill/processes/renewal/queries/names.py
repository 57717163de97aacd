"""What names that are to be renewed cost, and how that is paid: a few questions for any number of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from nextbill.capabilities import catalog, domains, orders, payments, subscriptions
from nextbill.kernel.money import Money
from nextbill.processes.renewal.rules import LATE_DAYS, NameDays, PricedName, stays_included
from nextbill.runtime.database import ReadTx
from nextbill.runtime.settings import Settings

NOT_SOLD: Final = "It is not known how the name was sold, and so not in which currency it is renewed."
NO_PRICE: Final = "There is no price for renewing .{tld} in {currency}."
TOO_LATE: Final = "It expired more than {grace} days ago: it may only be restored."


@dataclass(slots=True)
class FoundNames:
    """`free`: included in a plan that is active. `held`: what cannot be billed, and why."""

    priced: list[PricedName] = field(default_factory=list)
    free: list[domains.Renewing] = field(default_factory=list)
    held: list[domains.HeldName] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next renewal of one name comes to, before tax. `billed_on`: its invoice, at the latest."""

    due: domains.Renewing
    billed_on: date
    price: Money | None
    included: bool
    collection: domains.RenewalCollection


def days_of(settings: Settings) -> NameDays:
    return NameDays(
        ahead=settings.domain_renewal_days, rides=settings.domain_renewal_together_days, grace=settings.domain_renewal_grace_days,
        notice=settings.charge_notice_days,
    )  # fmt: skip


async def find_names(tx: ReadTx, dues: Sequence[domains.Renewing], *, on: date, days: NameDays) -> FoundNames:
    found = FoundNames()
    if not dues:
        return found
    late = on - timedelta(days=days.grace)
    sold = await orders.sold_names(tx, [due.reference_id for due in dues if due.reference_type == orders.LINE])
    plans = await subscriptions.standing_of(tx, [one.hosting_line_id for one in sold.values() if one.hosting_line_id is not None])
    wanted = {(due.tld, sold[due.reference_id].currency) for due in dues if due.reference_id in sold}
    prices = await catalog.renewal_prices(tx, wanted, on=on)
    cards = await payments.charged_cards(tx, {due.customer_id for due in dues})
    for due in dues:
        how = sold.get(due.reference_id)
        if due.from_on < late:
            found.held.append(domains.HeldName(due, TOO_LATE.format(grace=days.grace)))
        elif how is None:
            found.held.append(domains.HeldName(due, NOT_SOLD))
        elif stays_included(how.included_for, _plan_of(how, plans), from_on=due.from_on):
            found.free.append(due)
        elif (price := prices.get((due.tld, how.currency))) is None:
            found.held.append(domains.HeldName(due, NO_PRICE.format(tld=due.tld, currency=how.currency)))
        elif not price.price:
            found.free.append(due)
        else:
            by_itself = due.customer_id in cards and due.from_on >= on - timedelta(days=LATE_DAYS)
            found.priced.append(PricedName(due, price.price, price.version, "charge" if by_itself else "invoice"))
    return found


async def outlook_of(tx: ReadTx, due: domains.Renewing, *, on: date, days: NameDays) -> Outlook:
    """Of one name whose renewal is not billed yet, by today's price."""
    found = await find_names(tx, [due], on=on, days=days)
    billed_on = max(due.from_on - timedelta(days=days.ahead), on)
    if found.free:
        return Outlook(due, billed_on, None, included=True, collection="free")
    if found.priced:
        (name,) = found.priced
        return Outlook(due, billed_on, name.net, included=False, collection=name.collection)
    return Outlook(due, billed_on, None, included=False, collection="invoice")


def _plan_of(how: orders.SoldName, plans: Mapping[UUID, subscriptions.PlanStanding]) -> tuple[str, date | None] | None:
    plan = plans.get(how.hosting_line_id) if how.hosting_line_id is not None else None
    return None if plan is None else (plan.state, plan.cancel_on)

"""What a cart costs: every price and tax is ours, the client only chooses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from nextbill.capabilities import catalog, customers, tax
from nextbill.capabilities.orders.errors import cart_problem
from nextbill.capabilities.orders.rules import Cart, ChosenItem, Fault, HostingItem, read_cart
from nextbill.kernel.clock import business_date
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import ReadTx

Offer = TypeVar("Offer")


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`offer` is what the line copies; `with_line` the position of the hosting line that a name was chosen with."""

    kind: str
    description: str
    offer: catalog.PlanOffer | catalog.DomainOffer
    name: DomainName
    years: int | None
    with_line: int | None
    taxed: tax.TaxedLine


@dataclass(frozen=True, slots=True)
class Quote:
    """`tax_final` is False as long as the customer has no address: then no tax is in it yet."""

    lines: tuple[PricedLine, ...]
    net: Money
    tax: Money
    tax_final: bool

    @property
    def total(self) -> Money:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class _Draft:
    kind: str
    description: str
    offer: catalog.PlanOffer | catalog.DomainOffer
    name: DomainName
    years: int | None
    with_line: int | None


async def price_cart(tx: ReadTx, *, customer: customers.Customer, cart: Cart, zone: str, now: datetime) -> Quote:
    """CartInvalid, or its particular kind, names every field at fault."""
    chosen, faults = read_cart(cart)
    drafts: list[_Draft] = []
    if not any(fault.field == "currency" for fault in faults):
        for item in chosen:
            drafts += await _drafts(tx, item, cart, faults, base=len(drafts), zone=zone, now=now)
    if faults:
        raise cart_problem(faults)
    taxed = await _taxed(tx, drafts, customer=customer, zone=zone, now=now)
    lines = tuple(PricedLine(d.kind, d.description, d.offer, d.name, d.years, d.with_line, line) for d, line in zip(drafts, taxed, strict=True))
    net, taxes = total([line.net for line in taxed], cart.currency), total([line.tax for line in taxed], cart.currency)
    return Quote(lines, net, taxes, customer.address is not None)


async def _drafts(tx: ReadTx, chosen: ChosenItem, cart: Cart, faults: list[Fault], *, base: int, zone: str, now: datetime) -> list[_Draft]:
    """The lines of one item: the plan, and the name where it is bought."""
    item, on = chosen.item, business_date(now, zone)
    found: list[_Draft] = []
    if isinstance(item, HostingItem):
        plan = await _offered(
            lambda: catalog.price_plan(tx, plan_code=item.plan_code, cycle=item.cycle, currency=cart.currency, on=on), chosen, faults
        )
        if plan is not None:
            found.append(_Draft("hosting", f"{plan.plan_name} for {chosen.name.unicode}", plan, chosen.name, None, None))
    years = chosen.years
    if years is not None:
        name = await _offered(
            lambda: catalog.price_domain(tx, name=chosen.name, years=years, operation="register", currency=cart.currency, on=on), chosen, faults
        )
        if name is not None:
            term = "1 year" if years == 1 else f"{years} years"
            found.append(_Draft("domain", f"{chosen.name.unicode}, {term}", name, chosen.name, years, base if found else None))
    return found


async def _offered(ask: Callable[[], Awaitable[Offer]], chosen: ChosenItem, faults: list[Fault]) -> Offer | None:
    """The offer, or what is wrong, told in the cart's own paths."""
    try:
        return await ask()
    except Invalid as refusal:
        paths = {"name": chosen.name_path, "years": chosen.years_path, "currency": "currency", "plan_code": f"{chosen.path}.plan"}
        faults += [Fault(refusal.code, paths.get(field, f"{chosen.path}.{field}"), message) for field, message in refusal.fields.items()]
        return None


async def _taxed(tx: ReadTx, drafts: Sequence[_Draft], *, customer: customers.Customer, zone: str, now: datetime) -> list[tax.TaxedLine]:
    lines = [tax.TaxableLine(str(position), draft.offer.product_class, draft.offer.price) for position, draft in enumerate(drafts)]
    where = customer.address
    if where is None:
        return [
            tax.TaxedLine(line.ref, line.net, 0, Money.zero(line.net.currency), None, "No address yet", "O", reason="no_address") for line in lines
        ]
    return await tax.assess(
        tx,
        lines=lines,
        country=where.country,
        state=where.state or None,
        status=customer.status,
        tax_id=customer.tax_id,
        on=business_date(now, zone),
        customer_id=customer.id,
        postal_code=where.postal_code,
    )

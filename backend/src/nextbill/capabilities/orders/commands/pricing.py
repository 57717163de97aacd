"""What a cart costs: every price and tax is ours, the client only chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from nextbill.capabilities import catalog, customers, ledger, tax
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.commands.drafting import SETUPS, Counter, Draft, Part, drafts_of
from nextbill.capabilities.orders.errors import cart_problem
from nextbill.capabilities.orders.rules import Cart, Fault, read_cart
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money, Rounding, total
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx


@dataclass(frozen=True, slots=True)
class PricedPart:
    """`part` is in the terms of the price list, `shown` in those of documents."""

    part: Part
    taxed: tax.TaxedLine

    @property
    def shown(self) -> Part:
        """Net, so that unit times quantity less discount is the taxed net. They differ only where listed prices hold the tax: then it is one piece of all."""
        part, net = self.part, self.taxed.net
        if part.net == net:
            return part
        off = part.off.share(net.minor, part.net.minor, Rounding.HALF_UP)
        named = part.description if part.quantity == 1 else f"{part.quantity} × {part.description}"
        return replace(part, quantity=1, unit=net + off, discount=off or None, description=named)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the line will cost again, before tax: `net` on `on` (less `discount`, which the coupon takes off that time), `regular` for ever after.

    `on` is reckoned from today; the period itself starts at delivery. `once`: what of `net` comes with this first charge only."""

    cycle: Cycle
    on: date
    net: Money
    discount: Money
    regular: Money
    once: Money


@dataclass(frozen=True, slots=True)
class PricedLine:
    """`draft` is what the order's line copies."""

    draft: Draft
    parts: tuple[PricedPart, ...]
    renewal: Renewal | None

    @property
    def net(self) -> Money:
        return total([part.taxed.net for part in self.parts], self.currency)

    @property
    def tax(self) -> Money:
        return total([part.taxed.tax for part in self.parts], self.currency)

    @property
    def list_price(self) -> Money:
        return total([part.shown.list_price for part in self.parts], self.currency)

    @property
    def discount(self) -> Money:
        return total([part.shown.off for part in self.parts], self.currency)

    @property
    def currency(self) -> str:
        return self.parts[0].part.unit.currency

    @property
    def discount_note(self) -> str | None:
        return "; ".join(dict.fromkeys(note for part in self.parts for note in part.part.notes)) or None

    def taxed_because(self, language: str) -> str:
        return "; ".join(dict.fromkeys(part.taxed.told(language) for part in self.parts))


@dataclass(frozen=True, slots=True)
class Quote:
    """`tax_final` is False as long as the customer has no address: then no tax is in it yet. `promised`: what the coupon takes off each part, line by
    line, as if nothing were on trial."""

    lines: tuple[PricedLine, ...]
    net: Money
    tax: Money
    tax_final: bool
    coupon: catalog.AppliedCoupon | None = None
    promised: tuple[tuple[Money, ...], ...] = ()

    @property
    def total(self) -> Money:
        return self.net + self.tax

    @property
    def taken(self) -> Money:
        """What the coupon takes off what is to be paid now."""
        now = [offs for line, offs in zip(self.lines, self.promised, strict=True) if not line.draft.trial_days]
        return total([off for offs in now for off in offs], self.net.currency)


async def price_cart(tx: ReadTx, *, customer: customers.Customer, cart: Cart, zone: str, now: datetime) -> Quote:
    """CartInvalid, or its particular kind, names every field at fault; CouponRefused where only the coupon is."""
    chosen, faults = read_cart(cart)
    on = business_date(now, zone)
    drafts: list[Draft] = []
    home_rate = None if any(fault.field == "currency" for fault in faults) else await _home_rate(tx, cart.currency, faults, on=on)
    if not any(fault.field == "currency" for fault in faults):
        drafts = await drafts_of(tx, chosen, Counter(cart, on, faults, customer.id))
    applied = await _coupon(tx, drafts, cart, faults, customer=customer, on=on) if cart.coupon and drafts else None
    if faults:
        raise cart_problem(faults)
    promised = _by_line(drafts, applied)
    drafts = [_discounted(draft, offs, applied) for draft, offs in zip(drafts, promised, strict=True)]
    priced = await _taxed(tx, [part for draft in drafts for part in draft.parts], customer=customer, on=on, home_rate_ppm=home_rate)
    lines: list[PricedLine] = []
    for draft, offs in zip(drafts, promised, strict=True):
        parts, priced = tuple(priced[: len(draft.parts)]), priced[len(draft.parts) :]
        lines.append(PricedLine(draft, parts, await _renewal(tx, draft, applied, offs, on=on)))
    net, taxes = total([line.net for line in lines], cart.currency), total([line.tax for line in lines], cart.currency)
    return Quote(tuple(lines), net, taxes, customer.address is not None, applied, promised)


async def _home_rate(tx: ReadTx, currency: str, faults: list[Fault], *, on: date) -> int | None:
    """None for the company's own currency. What cannot be booked is not sold: a currency without a rate is a fault."""
    if currency == tx.home_currency:
        return None
    rate = await ledger.rate_on(tx, currency=currency, home=tx.home_currency, on=on)
    if rate is None:
        faults.append(Fault("price_not_in_currency", "currency", f"nothing is sold in {currency} yet: there is no exchange rate for it"))
        return None
    return rate.ppm


async def _coupon(
    tx: ReadTx, drafts: Sequence[Draft], cart: Cart, faults: list[Fault], *, customer: customers.Customer, on: date
) -> catalog.AppliedCoupon | None:
    items = [
        catalog.Discountable(_owed(draft, part), part.plan_code, part.tld, setup=part.kind in SETUPS) for draft in drafts for part in draft.parts
    ]
    new = not await queries.has_paid_order(tx, customer.id)
    try:
        return await catalog.apply_coupon(
            tx, code=cart.coupon or "", customer_id=customer.id, items=items, currency=cart.currency, new_customer=new, on=on
        )
    except catalog.CouponRefused as refusal:
        faults += [Fault(refusal.code, field, message) for field, message in refusal.fields.items()]
        return None


def _owed(draft: Draft, part: Part) -> Money:
    """What a coupon can take something off: of a trial, what will be charged after it."""
    return part.list_price if draft.trial_days else part.net


def _by_line(drafts: Sequence[Draft], applied: catalog.AppliedCoupon | None) -> tuple[tuple[Money, ...], ...]:
    """What the coupon takes off, part by part, line by line."""
    zeros = [Money.zero(part.unit.currency) for draft in drafts for part in draft.parts]
    offs, found = list(applied.off) if applied else zeros, []
    for draft in drafts:
        found.append(tuple(offs[: len(draft.parts)]))
        offs = offs[len(draft.parts) :]
    return tuple(found)


def _discounted(draft: Draft, offs: Sequence[Money], applied: catalog.AppliedCoupon | None) -> Draft:
    if applied is None or draft.trial_days:
        return draft
    note = f"Coupon {applied.coupon.code}"
    return replace(draft, parts=tuple(part.less(off, note) for part, off in zip(draft.parts, offs, strict=True)))


async def _taxed(tx: ReadTx, parts: Sequence[Part], *, customer: customers.Customer, on: date, home_rate_ppm: int | None) -> list[PricedPart]:
    lines = [tax.TaxableLine(str(position), part.product_class, part.net) for position, part in enumerate(parts)]
    where = customer.address
    if where is None:
        found = [
            tax.TaxedLine(line.ref, line.net, 0, Money.zero(line.net.currency), None, "No address yet", "O", reason="no_address") for line in lines
        ]
    else:
        found = await tax.assess(
            tx,
            lines=lines,
            country=where.country,
            state=where.state or None,
            status=customer.status,
            tax_id=customer.tax_id,
            on=on,
            customer_id=customer.id,
            postal_code=where.postal_code,
            home_rate_ppm=home_rate_ppm,
        )
    return [PricedPart(part, taxed) for part, taxed in zip(parts, found, strict=True)]


async def _renewal(tx: ReadTx, draft: Draft, applied: catalog.AppliedCoupon | None, offs: Sequence[Money], *, on: date) -> Renewal | None:
    if draft.kind == "domain":
        return await _domain_renewal(tx, draft, on=on)
    if draft.cycle is None:
        return None
    currency = draft.parts[0].unit.currency
    again = [(part, off) for part, off in zip(draft.parts, offs, strict=True) if part.billing == "each_period"]
    once = total([part.list_price for part in draft.parts if part.billing == "first_period"], currency)
    regular = total([part.list_price for part, _ in again], currency)
    index = 0 if draft.trial_days else 1
    holds = applied is not None and (applied.coupon.periods is None or index < applied.coupon.periods)
    off = total([off for _, off in again], currency) if holds else Money.zero(currency)
    when = on + timedelta(days=draft.trial_days) if draft.trial_days else draft.cycle.nth_boundary(on, 1)
    return Renewal(draft.cycle, when, regular + once - off, off, regular, once)


async def _domain_renewal(tx: ReadTx, draft: Draft, *, on: date) -> Renewal | None:
    """By today's price; None where renewals of the ending are not sold in this currency."""
    offer = draft.offer
    if not isinstance(offer, catalog.DomainOffer):
        return None
    zero = Money.zero(offer.price.currency)
    try:
        year = await catalog.price_domain(tx, name=offer.name, years=1, operation="renew", currency=zero.currency, on=on)
    except (catalog.PriceNotInCurrency, catalog.YearsNotOffered):
        return None
    price = zero if draft.included_for == "while_active" else year.price
    return Renewal(catalog.YEARLY, Cycle("year", offer.years).nth_boundary(on, 1), price, zero, price, zero)

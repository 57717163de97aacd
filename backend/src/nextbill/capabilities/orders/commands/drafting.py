"""From what was chosen to lines with their parts, at list prices and with what comes off them before any coupon: a trial, an included name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeVar
from uuid import UUID

from nextbill.capabilities import catalog
from nextbill.capabilities.orders import queries
from nextbill.capabilities.orders.rules import Cart, ChosenItem, Fault, HostingItem, ProductItem
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx

Offer = TypeVar("Offer")
PartKind = Literal["plan", "setup", "addon", "addon_setup", "option", "domain", "product"]
Billing = Literal["once", "each_period", "first_period"]
SETUPS = ("setup", "addon_setup")


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the document: `quantity` pieces at `unit`, less `discount`. `plan_code` and `tld` are what coupons go by."""

    kind: PartKind
    code: str
    description: str
    product_class: str
    product_id: UUID | None
    quantity: int
    unit: Money
    price_id: UUID | None
    price_version: int
    billing: Billing
    plan_code: str | None = None
    tld: str | None = None
    discount: Money | None = None
    notes: tuple[str, ...] = ()
    stocked: bool = False

    @property
    def list_price(self) -> Money:
        return self.unit * self.quantity

    @property
    def off(self) -> Money:
        return self.discount or Money.zero(self.unit.currency)

    @property
    def net(self) -> Money:
        return self.list_price - self.off

    def less(self, off: Money, note: str) -> Part:
        return replace(self, discount=self.off + off, notes=(*self.notes, note)) if off else self


@dataclass(frozen=True, slots=True)
class Draft:
    """A line that is not taxed yet. `with_line`: the position of the hosting line that a name was chosen with."""

    kind: str
    description: str
    offer: catalog.PlanOffer | catalog.DomainOffer
    name: DomainName | None
    years: int | None
    with_line: int | None
    parts: tuple[Part, ...]
    limits: dict[str, int | None]
    features: tuple[str, ...]
    quantity: int = 1
    domain_choice: str | None = None
    trial_days: int = 0
    included_for: catalog.IncludedFor | None = None

    @property
    def plan(self) -> catalog.PlanOffer | None:
        return self.offer if isinstance(self.offer, catalog.PlanOffer) else None

    @property
    def cycle(self) -> Cycle | None:
        return self.offer.cycle if isinstance(self.offer, catalog.PlanOffer) else None


@dataclass(frozen=True, slots=True)
class Counter:
    """Where a cart is read: its currency, the day, and where faults are noted."""

    cart: Cart
    on: date
    faults: list[Fault]
    customer_id: UUID


async def drafts_of(tx: ReadTx, chosen: Sequence[ChosenItem], counter: Counter) -> list[Draft]:
    found: list[Draft] = []
    for item in chosen:
        found += await _of_item(tx, item, counter, base=len(found))
    found = await _with_trials(tx, found, counter)
    return await _with_included(tx, found, counter)


async def _of_item(tx: ReadTx, chosen: ChosenItem, counter: Counter, *, base: int) -> list[Draft]:
    """The lines of one item: the plan, and the name where it is bought; or a product."""
    if isinstance(chosen.item, ProductItem):
        return await _product(tx, chosen, chosen.item, counter)
    found = await _hosting(tx, chosen, chosen.item, counter) if isinstance(chosen.item, HostingItem) else []
    return [*found, *await _domain(tx, chosen, counter, with_line=base if found else None)]


async def _hosting(tx: ReadTx, chosen: ChosenItem, item: HostingItem, counter: Counter) -> list[Draft]:
    currency = counter.cart.currency
    plan = await offered(
        lambda: catalog.price_plan(tx, plan_code=item.plan_code, cycle=item.cycle, currency=currency, on=counter.on), chosen, counter.faults
    )
    if plan is None:
        return []
    addons = [catalog.AddonChoice(code, quantity) for code, quantity in item.addons]
    options = [catalog.OptionChoice(code, value, quantity) for code, value, quantity in item.options]
    extras = await offered(lambda: catalog.price_extras(tx, plan=plan, addons=addons, options=options, on=counter.on), chosen, counter.faults)
    if extras is None:
        return []
    both = [*extras[0], *extras[1]]
    _check_stock(chosen, counter, [(plan.plan_name, plan.stock_left, 1), *((extra.name, extra.stock_left, extra.quantity) for extra in both)])
    where = chosen.name.unicode
    parts = [
        _main(plan, "plan", f"{plan.plan_name} for {where}", 1),
        *_setup(plan, 1),
        *(part for extra in both for part in _extra(extra, plan, where)),
    ]
    limits, features = catalog.added_up(plan.limits, plan.features, [extra.share for extra in both])
    return [
        Draft(
            "hosting", f"{plan.plan_name} for {where}", plan, chosen.name, None, None, tuple(parts), limits, features, domain_choice=item.domain.kind
        )
    ]


def _check_stock(chosen: ChosenItem, counter: Counter, wanted: Sequence[tuple[str, int | None, int]]) -> None:
    """A look ahead, so that a quote tells it; the order reserves for certain."""
    for name, left, quantity in wanted:
        if left is not None and left < quantity:
            counter.faults.append(Fault(catalog.OutOfStock.code, chosen.path, f"not enough of {name} left"))


def _main(plan: catalog.PlanOffer, kind: PartKind, description: str, quantity: int) -> Part:
    return Part(
        kind=kind,
        code=plan.plan_code,
        description=description,
        product_class=plan.product_class,
        product_id=plan.plan_id,
        quantity=quantity,
        unit=plan.price,
        price_id=plan.price_id,
        price_version=plan.price_version,
        billing="each_period" if plan.cycle else "once",
        plan_code=plan.plan_code,
        stocked=plan.stocked,
    )


def _setup(plan: catalog.PlanOffer, quantity: int) -> list[Part]:
    if not plan.setup:
        return []
    main = _main(plan, "setup", f"Setup of {plan.plan_name}", quantity)
    return [replace(main, unit=plan.setup, billing="once", stocked=False)]


def _extra(extra: catalog.ExtraOffer, plan: catalog.PlanOffer, where: str) -> list[Part]:
    """An add-on has its own code with coupons; an option goes with its plan."""
    part = Part(
        kind="addon" if extra.kind == "addon" else "option",
        code=extra.code,
        description=f"{extra.name} for {where}",
        product_class=extra.product_class,
        product_id=extra.product_id,
        quantity=extra.quantity,
        unit=extra.price,
        price_id=extra.price_id,
        price_version=extra.price_version,
        billing="each_period" if extra.recurs else "once",
        plan_code=extra.code if extra.kind == "addon" else plan.plan_code,
        stocked=extra.stocked,
    )
    if not extra.setup:
        return [part]
    return [part, replace(part, kind="addon_setup", description=f"Setup of {extra.name}", unit=extra.setup, billing="once", stocked=False)]


async def _domain(tx: ReadTx, chosen: ChosenItem, counter: Counter, *, with_line: int | None) -> list[Draft]:
    years, currency = chosen.years, counter.cart.currency
    if years is None:
        return []
    offer = await offered(
        lambda: catalog.price_domain(tx, name=chosen.name, years=years, operation="register", currency=currency, on=counter.on),
        chosen,
        counter.faults,
    )
    if offer is None:
        return []
    term = "1 year" if years == 1 else f"{years} years"
    description = f"{chosen.name.unicode}, {term}"
    part = Part(
        kind="domain",
        code=chosen.name.ascii,
        description=description,
        product_class=offer.product_class,
        product_id=None,
        quantity=1,
        unit=offer.price,
        price_id=offer.price_id,
        price_version=offer.price_version,
        billing="once",
        tld=offer.tld,
    )
    return [Draft("domain", description, offer, chosen.name, years, with_line, (part,), {}, (), domain_choice="register")]


async def _product(tx: ReadTx, chosen: ChosenItem, item: ProductItem, counter: Counter) -> list[Draft]:
    currency = counter.cart.currency
    offer = await offered(
        lambda: catalog.price_plan(tx, plan_code=item.product_code, cycle=item.cycle, currency=currency, on=counter.on, kind="product"),
        chosen,
        counter.faults,
    )
    if offer is None:
        return []
    _check_stock(chosen, counter, [(offer.plan_name, offer.stock_left, item.quantity)])
    parts = (_main(offer, "product", offer.plan_name, item.quantity), *_setup(offer, 1))
    return [Draft("product", offer.plan_name, offer, None, None, None, parts, dict(offer.limits), offer.features, quantity=item.quantity)]


async def _with_trials(tx: ReadTx, drafts: Sequence[Draft], counter: Counter) -> list[Draft]:
    """A plan's trial is given once to a customer. Nothing of the line is charged until it is over: not the setup either."""
    found: list[Draft] = []
    tried: set[UUID] = set()
    for draft in drafts:
        plan = draft.plan
        if plan is None or not plan.trial_days or plan.plan_id in tried or await queries.trial_used(tx, counter.customer_id, plan.plan_id):
            found.append(draft)
            continue
        tried.add(plan.plan_id)
        note = f"Trial: {plan.trial_days} days"
        parts = tuple(replace(part.less(part.net, note), billing="first_period" if part.billing == "once" else part.billing) for part in draft.parts)
        found.append(replace(draft, trial_days=plan.trial_days, parts=parts))
    return found


async def _with_included(tx: ReadTx, drafts: Sequence[Draft], counter: Counter) -> list[Draft]:
    """Names that come with a plan which is paid for now: the one chosen with it first, then others of the cart, as many as it includes."""
    found = list(drafts)
    for place, draft in enumerate(drafts):
        plan = draft.plan
        if plan is None or plan.included is None or draft.trial_days:
            continue
        own = [at for at, other in enumerate(found) if other.with_line == place]
        loose = [at for at, other in enumerate(found) if other.kind == "domain" and other.with_line is None]
        fitting = [at for at in (*own, *loose) if _covered(plan, found[at])]
        for at in fitting[: plan.included.names]:
            found[at] = await _include(tx, found[at], plan, plan.included, place, counter)
    return found


def _covered(plan: catalog.PlanOffer, draft: Draft) -> bool:
    offer = draft.offer
    return (
        isinstance(offer, catalog.DomainOffer)
        and draft.included_for is None
        and plan.included is not None
        and plan.included.covers(offer.tld, cycle=plan.cycle)
    )


async def _include(tx: ReadTx, draft: Draft, plan: catalog.PlanOffer, included: catalog.Included, place: int, counter: Counter) -> Draft:
    """Its first year is taken off; further years are paid for."""
    (part,), name = draft.parts, draft.name
    off = part.net
    if name is not None and draft.years != 1:
        year = await catalog.price_domain(tx, name=name, years=1, operation="register", currency=counter.cart.currency, on=counter.on)
        off = min(year.price, part.net)
    return replace(draft, parts=(part.less(off, f"Included in {plan.plan_name}"),), included_for=included.lasts, with_line=place)


async def offered(ask: Callable[[], Awaitable[Offer]], chosen: ChosenItem, faults: list[Fault]) -> Offer | None:
    """The offer, or what is wrong, told in the cart's own paths."""
    try:
        return await ask()
    except Invalid as refusal:
        of_plan = f"{chosen.path}.product" if isinstance(chosen.item, ProductItem) else f"{chosen.path}.plan"
        paths = {"name": chosen.name_path, "years": chosen.years_path, "currency": "currency", "plan_code": of_plan}
        faults += [Fault(refusal.code, paths.get(field, f"{chosen.path}.{field}"), message) for field, message in refusal.fields.items()]
        return None

"""Offers: what is sold on a day at which version of its price. Everything that an order and a subscription copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import exists, select

from nextbill.capabilities.catalog.errors import CycleNotOffered, OptionNotPossible, PriceNotInCurrency, UnknownAddon, UnknownOption, UnknownPlan
from nextbill.capabilities.catalog.models import OptionValueRow, PlanPriceRow, PlanRow
from nextbill.capabilities.catalog.queries.prices import newest, of_cycle
from nextbill.capabilities.catalog.queries.shop import ON_SALE, Option, OptionValue, Plan, PlanPrice, ValuePrice, included_in, price_view, shown
from nextbill.capabilities.catalog.rules import HOSTING, Included, PlanKind, Share, times
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx

AnyPrice = TypeVar("AnyPrice", PlanPrice, ValuePrice)


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan as sold on a day. `cycle` None: charged once. `limits` and `features` are the plan's own, without what extras bring."""

    plan_id: UUID
    plan_code: str
    plan_name: str
    price_version: int
    price: Money
    cycle: Cycle | None
    limits: Mapping[str, int | None]
    features: tuple[str, ...]
    product_class: str = HOSTING
    price_id: UUID | None = None
    setup: Money | None = None
    cost: Money | None = None
    trial_days: int = 0
    invoice_days_ahead: int | None = None
    included: Included | None = None
    stocked: bool = False
    stock_left: int | None = None


@dataclass(frozen=True, slots=True)
class AddonChoice:
    code: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """A value's code of a choice, or how many of a quantity."""

    code: str
    value: str | None = None
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class ExtraOffer:
    """An add-on or a chosen value of an option, `quantity` pieces at `price` each. `share` is what all of them bring. `recurs` with the plan's cycle."""

    kind: str
    product_id: UUID
    code: str
    name: str
    quantity: int
    price: Money
    setup: Money
    price_id: UUID | None
    price_version: int
    recurs: bool
    share: Share
    product_class: str
    stocked: bool = False
    stock_left: int | None = None


async def price_plan(tx: ReadTx, *, plan_code: str, cycle: Cycle | None, currency: str, on: date, kind: PlanKind = "hosting") -> PlanOffer:
    """UnknownPlan, CycleNotOffered or PriceNotInCurrency where it is not sold so."""
    found = select(PlanRow).where(PlanRow.code == plan_code, PlanRow.state == ON_SALE, PlanRow.kind == kind)
    row = (await tx.execute(found)).scalar_one_or_none()
    if row is None:
        raise UnknownPlan(plan_code)
    of_this = (PlanPriceRow.plan_id == row.id, *of_cycle(PlanPriceRow, cycle))
    price = (await tx.execute(newest(PlanPriceRow, on=on).where(*of_this, PlanPriceRow.currency == currency))).scalars().first()
    if price is None:
        known = (await tx.execute(select(exists().where(*of_this)))).scalar_one()
        raise PriceNotInCurrency(currency) if known else CycleNotOffered(plan_code)
    return _offer(row, price, cycle)


def _offer(row: PlanRow, price: PlanPriceRow, cycle: Cycle | None) -> PlanOffer:
    seen = price_view(price)
    return PlanOffer(
        plan_id=row.id,
        plan_code=row.code,
        plan_name=row.name,
        price_version=seen.version,
        price=seen.price,
        cycle=cycle,
        limits=row.limits,
        features=tuple(row.features),
        product_class=row.product_class,
        price_id=seen.id,
        setup=seen.setup,
        cost=None if price.cost_minor is None else Money(price.cost_minor, price.currency),
        trial_days=row.trial_days,
        invoice_days_ahead=row.invoice_days_ahead,
        included=included_in(row),
        stocked=row.stock_left is not None,
        stock_left=row.stock_left,
    )


async def price_extras(
    tx: ReadTx, *, plan: PlanOffer, addons: Sequence[AddonChoice], options: Sequence[OptionChoice], on: date
) -> tuple[list[ExtraOffer], list[ExtraOffer]]:
    """Add-ons and options as chosen, at the plan's cycle and currency. UnknownAddon, UnknownOption, OptionNotPossible, CycleNotOffered.

    Fields are `addons.0.code`, `options.1.value` and the like; `options` where a required one was left out.
    """
    row = (await tx.execute(select(PlanRow).where(PlanRow.id == plan.plan_id))).scalar_one()
    whole = await shown(tx, row, currency=plan.price.currency, on=on)
    return _priced_addons(whole, plan, addons), _priced_options(whole, plan, options)


def _priced_addons(whole: Plan, plan: PlanOffer, chosen: Sequence[AddonChoice]) -> list[ExtraOffer]:
    offered = {addon.code: addon for addon in whole.addons}
    found = []
    for place, choice in enumerate(chosen):
        addon = offered.get(choice.code)
        if addon is None or choice.code in {other.code for other in chosen[:place]}:
            raise UnknownAddon(fields={f"addons.{place}.code": "not an add-on of this plan, or chosen twice: see its add-ons in GET /api/v1/plans"})
        price = _for_cycle(addon.prices, plan, addon.code)
        found.append(
            ExtraOffer(
                kind="addon",
                product_id=addon.id,
                code=addon.code,
                name=addon.name,
                quantity=choice.quantity,
                price=price.price,
                setup=price.setup,
                price_id=price.id,
                price_version=price.version,
                recurs=price.cycle is not None,
                share=times(Share(addon.limits, addon.features), choice.quantity),
                product_class=addon.product_class,
                stocked=addon.stock_left is not None,
                stock_left=addon.stock_left,
            )
        )
    return found


def _priced_options(whole: Plan, plan: PlanOffer, chosen: Sequence[OptionChoice]) -> list[ExtraOffer]:
    offered = {option.code: option for option in whole.options}
    by_code: dict[str, tuple[int, OptionChoice]] = {}
    for place, choice in enumerate(chosen):
        if choice.code not in offered or choice.code in by_code:
            raise UnknownOption(fields={f"options.{place}.code": "not an option of this plan, or chosen twice: see its options in GET /api/v1/plans"})
        by_code[choice.code] = (place, choice)
    found = []
    for option in whole.options:
        place, choice = by_code.get(option.code, (len(chosen), OptionChoice(option.code)))
        picked = _picked(option, choice, f"options.{place}")
        if picked is not None:
            found.append(_priced_value(option, *picked, plan=plan))
    return found


def _picked(option: Option, choice: OptionChoice, path: str) -> tuple[OptionValue, int] | None:
    """The value and how many of it; None where nothing of it is wanted."""
    if option.kind == "quantity":
        least = option.minimum if option.required else 0
        quantity = least if choice.quantity is None else choice.quantity
        if not (least <= quantity <= option.maximum) or (0 < quantity < option.minimum):
            raise OptionNotPossible(fields={f"{path}.quantity": f"a number from {option.minimum} to {option.maximum}"})
        return (option.values[0], quantity) if quantity else None
    if choice.value is None:
        return (option.values[0], 1) if option.required else None
    value = next((value for value in option.values if value.code == choice.value), None)
    if value is None:
        raise OptionNotPossible(fields={f"{path}.value": "not a value of this option: see GET /api/v1/plans"})
    return value, 1


def _priced_value(option: Option, value: OptionValue, quantity: int, *, plan: PlanOffer) -> ExtraOffer:
    price = _for_cycle(value.prices, plan, option.code)
    name = option.name if option.kind == "quantity" else f"{option.name}: {value.name}"
    return ExtraOffer(
        kind="option",
        product_id=value.id,
        code=f"{option.code}:{value.code}",
        name=name,
        quantity=quantity,
        price=price.price,
        setup=Money.zero(price.price.currency),
        price_id=price.id,
        price_version=price.version,
        recurs=price.cycle is not None,
        share=times(Share(value.limits, value.features), quantity),
        product_class=plan.product_class,
    )


def _for_cycle(prices: Sequence[AnyPrice], plan: PlanOffer, code: str) -> AnyPrice:
    """The price for the plan's cycle; what has none may be charged once instead. CycleNotOffered."""
    by_cycle = {price.cycle: price for price in prices}
    price = by_cycle.get(plan.cycle) or by_cycle.get(None)
    if price is None:
        raise CycleNotOffered(code)
    return price


async def shares_of(tx: ReadTx, product_ids: Sequence[UUID]) -> dict[UUID, Share]:
    """What a piece of each plan, add-on or option's value brings today, on sale or not."""
    plans = await tx.execute(select(PlanRow.id, PlanRow.limits, PlanRow.features).where(PlanRow.id.in_(product_ids)))
    values = await tx.execute(select(OptionValueRow.id, OptionValueRow.limits, OptionValueRow.features).where(OptionValueRow.id.in_(product_ids)))
    return {id_: Share(limits, features) for id_, limits, features in [*plans, *values]}

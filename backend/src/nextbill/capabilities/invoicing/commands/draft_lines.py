"""Lines as staff writes them: of a product at the list's price, at another one with its reason, or free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from nextbill.capabilities import catalog, tax
from nextbill.capabilities.invoicing.errors import ReasonNeeded
from nextbill.capabilities.invoicing.queries import Line
from nextbill.capabilities.invoicing.rules import ADJUSTED, REVENUE, InvoiceLine
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle, Period
from nextbill.runtime.database import ReadTx

LINE: Final = "invoicing.line"
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class PlanChoice:
    plan_code: str
    cycle: Cycle


@dataclass(frozen=True, slots=True)
class DomainChoice:
    name: DomainName
    operation: catalog.DomainOperation
    years: int


@dataclass(frozen=True, slots=True)
class DraftLine:
    """`unit_net` None takes the product's list price; another price needs `price_reason`. Without a product it is a free line of
    `product_class`, with a description and a price of its own. `discount` is net, for the whole line."""

    quantity: int = 1
    description: str | None = None
    product: PlanChoice | DomainChoice | None = None
    product_class: str = "service"
    unit_net: Money | None = None
    price_reason: str | None = None
    discount: Money | None = None
    discount_note: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class _Listed:
    description: str
    product_class: str
    price: Money
    details: Mapping[str, Any]


async def priced(tx: ReadTx, line: DraftLine, *, currency: str, path: str, actor: str, on: date) -> InvoiceLine:
    """Without its tax yet. ReasonNeeded, Invalid, or catalog's refusal. `details` keeps how the price came about."""
    listed = await _listed(tx, line.product, currency=currency, on=on) if line.product is not None else None
    if listed is None:
        listed = _free(line, path)
    unit, details = listed.price, dict(listed.details)
    if line.unit_net is not None and line.product is not None and line.unit_net != listed.price:
        if not line.price_reason:
            raise ReasonNeeded(fields={f"{path}.price_reason": f"the list says {listed.price}: say why it is another price"})
        unit = line.unit_net
        details[ADJUSTED] = {"list_minor": listed.price.minor, "unit_minor": unit.minor, "reason": line.price_reason, "by": actor}
    net = _net(unit, line, currency, path)
    product_class = listed.product_class
    return InvoiceLine(
        description=line.description or listed.description,
        product_class=product_class,
        quantity=line.quantity,
        unit_net=unit,
        tax=untaxed(net),
        reference_type=LINE,
        reference_id=_NOBODY,
        period=line.period,
        discount=line.discount or None,
        discount_note=line.discount_note if line.discount else None,
        details=details,
    )


def as_written(line: Line) -> InvoiceLine:
    """A draft's line, to be taxed anew."""
    return InvoiceLine(
        description=line.description,
        product_class=line.product_class,
        quantity=line.quantity,
        unit_net=line.unit_net,
        tax=untaxed(line.net),
        reference_type=LINE,
        reference_id=line.id,
        period=line.period,
        discount=line.discount or None,
        discount_note=line.discount_note,
        details=line.details,
    )


def untaxed(net: Money) -> tax.TaxedLine:
    return tax.TaxedLine("", net, 0, Money.zero(net.currency), None, "No address yet", "O")


async def _listed(tx: ReadTx, product: PlanChoice | DomainChoice, *, currency: str, on: date) -> _Listed:
    if isinstance(product, PlanChoice):
        plan = await catalog.price_plan(tx, plan_code=product.plan_code, cycle=product.cycle, currency=currency, on=on)
        told = {"source": "list", "product": f"plan:{plan.plan_code}", "price_version": plan.price_version, "priced_on": on.isoformat()}
        cycle = {"cycle": {"unit": product.cycle.unit, "count": product.cycle.count}}
        return _Listed(plan.plan_name, plan.product_class, plan.price, told | cycle)
    name = await catalog.price_domain(tx, name=product.name, years=product.years, operation=product.operation, currency=currency, on=on)
    told = {"source": "list", "product": f"tld:{name.tld}", "price_version": name.price_version, "priced_on": on.isoformat()}
    term = "1 year" if name.years == 1 else f"{name.years} years"
    return _Listed(
        f"{name.name.unicode}, {term}",
        name.product_class,
        name.price,
        told | {"name": name.name.ascii, "operation": name.operation, "years": name.years},
    )


def _free(line: DraftLine, path: str) -> _Listed:
    missing = {}
    if not line.description:
        missing[f"{path}.description"] = "say what it is for"
    if line.unit_net is None:
        missing[f"{path}.unit_net"] = "a line without a product needs a price"
    if line.product_class not in REVENUE:
        missing[f"{path}.product_class"] = f"one of {', '.join(REVENUE)}"
    if missing or line.unit_net is None:
        raise Invalid(fields=missing)
    return _Listed(line.description or "", line.product_class, line.unit_net, {"source": "free", "reason": line.price_reason})


def _net(unit: Money, line: DraftLine, currency: str, path: str) -> Money:
    wrong = {}
    discount = line.discount or Money.zero(currency)
    if {unit.currency, discount.currency} != {currency}:
        raise Invalid(fields={path: f"all amounts are in {currency}"})
    if discount and not line.discount_note:
        wrong[f"{path}.discount_note"] = "say what the discount is for"
    net = unit * line.quantity - discount
    if min(unit.minor, discount.minor, net.minor) < 0:
        wrong[f"{path}.discount"] = "at most the line's own amount; amounts below zero belong on a credit note"
    if wrong:
        raise Invalid(fields=wrong)
    return net

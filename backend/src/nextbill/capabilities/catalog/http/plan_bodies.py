"""Plans as staff edit them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from nextbill.capabilities.catalog.commands.plans import NewPrice
from nextbill.capabilities.catalog.http.desk import Amount, Code, Features, Limits, Name, PriceVersionBody, Reason, Text, sent
from nextbill.capabilities.catalog.http.shapes import CycleBody, CycleChoice, IncludedBody
from nextbill.capabilities.catalog.ports import Touched
from nextbill.capabilities.catalog.queries.staff import ManagedPlan, PriceVersion
from nextbill.capabilities.catalog.rules import Included, PlanKind
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.web.shapes import Body, MoneyBody


class IncludedChoice(Body):
    """So many names of these endings come with the plan, bought for `minimum_cycle` or longer."""

    count: int = Field(ge=1, le=20, examples=[1])
    tlds: list[str] = Field(min_length=1, max_length=100, examples=[["com", "net"]])
    minimum_cycle: CycleChoice | None = None
    lasts: Literal["first_year", "while_active"] = "first_year"

    def included(self) -> Included:
        return Included(self.count, tuple(self.tlds), self.minimum_cycle.cycle() if self.minimum_cycle else None, self.lasts)


class PlanChange(Body):
    """What is left out stays. `included_domains` null: none any more. `invoice_days_ahead`: so many days before a period it is invoiced, at most
    half of it; null: a week. `addons` and `options` are codes, in the order in which they are shown."""

    name: Name = "-"
    tagline: Text = ""
    description: Text = ""
    features: Features = Field(default=[])
    limits: Limits = Field(default={})
    trial_days: int = Field(default=0, ge=0, le=365)
    invoice_days_ahead: int | None = Field(default=None, ge=0, le=183)
    position: int = Field(default=0, ge=0, le=100_000)
    state: Literal["draft", "on_sale", "withdrawn"] = "draft"
    included_domains: IncludedChoice | None = None
    addons: list[Code] = Field(default=[], max_length=50)
    options: list[Code] = Field(default=[], max_length=50)
    reason: Reason = None

    def changes(self) -> dict[str, Any]:
        found = sent(self, without=("reason", "code", "kind", "included_domains"))
        if "included_domains" in self.model_fields_set:
            found["included"] = self.included_domains.included() if self.included_domains else None
        return found


class NewPlan(PlanChange):
    """`kind`: hosting plans have accounts and licenses, add-ons come with plans, products are delivered by people. A draft until its state says otherwise."""

    code: Code
    name: Name = Field(examples=["Professional"])
    kind: PlanKind = "hosting"


class NewPriceBody(Body):
    """In force from `valid_from` on (today where left out). `cost`: what a cycle costs the shop itself, in the price's currency."""

    cycle: CycleChoice
    price: Amount
    setup_fee: Amount | None = None
    cost: Amount | None = None
    valid_from: date | None = None
    reason: Reason = None

    def new_price(self) -> NewPrice:
        price = self.price.money("price")
        setup = self.setup_fee.money("setup_fee") if self.setup_fee else None
        cost = self.cost.money("cost") if self.cost else None
        if any(other is not None and other.currency != price.currency for other in (setup, cost)):
            raise Invalid(fields={"price.currency": "price, setup fee and cost have one currency"})
        return NewPrice(self.cycle.cycle(), price, setup, cost)


class StockBody(Body):
    """So many can be ordered from now on, beyond what orders hold already; null: no end of it."""

    left: int | None = Field(ge=0, le=1_000_000)
    reason: Reason = None


class ManagedPlanBody(BaseModel):
    """`stock_held`: in orders that are not paid yet; `stock_taken`: in paid ones. `version` is also the ETag."""

    id: UUID
    code: str
    kind: PlanKind
    name: str
    tagline: str
    description: str
    features: list[str]
    limits: dict[str, int | None]
    trial_days: int
    invoice_days_ahead: int | None
    included_domains: IncludedBody | None
    addons: list[str]
    options: list[str]
    stock_left: int | None
    stock_held: int
    stock_taken: int
    position: int
    state: str = Field(examples=["on_sale"])
    version: int

    @classmethod
    def of(cls, managed: ManagedPlan) -> ManagedPlanBody:
        plan = managed.plan
        facts = {
            name: getattr(plan, name)
            for name in ("id", "code", "kind", "name", "tagline", "description", "trial_days", "invoice_days_ahead", "position", "state")
        }
        return cls.model_validate(
            {
                **facts,
                "features": list(plan.features),
                "limits": dict(plan.limits),
                "included_domains": IncludedBody.of(plan.included) if plan.included else None,
                "addons": list(managed.addon_codes),
                "options": list(managed.option_codes),
                "stock_left": plan.stock_left,
                "stock_held": managed.held,
                "stock_taken": managed.taken,
                "version": plan.version,
            }
        )


class ManagedPlanWithPrices(ManagedPlanBody):
    """With every version of every price, the youngest first."""

    prices: list[PriceVersionBody]

    @classmethod
    def whole(cls, managed: ManagedPlan, prices: Sequence[PriceVersion]) -> ManagedPlanWithPrices:
        shown = ManagedPlanBody.of(managed).model_dump()
        return cls.model_validate({**shown, "prices": [PriceVersionBody.of(price).model_dump() for price in prices]})


class ImpactRow(BaseModel):
    """Subscriptions that pay by one version. `before`: what they pay each cycle; `after`: what they would, moved to the newest price of their cycle and
    currency; null where there is none."""

    cycle: CycleBody
    price: MoneyBody
    version: int
    newest_version: int | None
    subscriptions: int
    before: MoneyBody
    after: MoneyBody | None
    change: MoneyBody | None


class ImpactBody(BaseModel):
    """Whom a price touches. They keep theirs until they are moved."""

    subscriptions: int
    rows: list[ImpactRow]


class PriceAddedBody(ManagedPlanWithPrices):
    """The plan with its new price, and whom it touches."""

    price_version: int
    impact: ImpactBody


def impact(touched: Sequence[Touched], prices: Sequence[PriceVersion], proposed: tuple[Cycle, Money] | None = None) -> ImpactBody:
    """`prices`: every version, the youngest first; `proposed` a price that is not stored yet."""
    newest: dict[tuple[Cycle | None, str], tuple[Money, int | None]] = {}
    if proposed is not None:
        newest[(proposed[0], proposed[1].currency)] = (proposed[1], None)
    for price in prices:
        newest.setdefault((price.cycle, price.price.currency), (price.price, price.version))
    rows = [_row(one, newest.get((one.cycle, one.unit.currency))) for one in touched]
    return ImpactBody(subscriptions=sum(one.subscriptions for one in touched), rows=rows)


def _row(one: Touched, newest: tuple[Money, int | None] | None) -> ImpactRow:
    before, after = one.unit * one.pieces, newest[0] * one.pieces if newest else None
    return ImpactRow(
        cycle=CycleBody.of(one.cycle),
        price=MoneyBody.of(one.unit),
        version=one.price_version,
        newest_version=newest[1] if newest else None,
        subscriptions=one.subscriptions,
        before=MoneyBody.of(before),
        after=MoneyBody.of(after) if after is not None else None,
        change=MoneyBody.of(after - before) if after is not None else None,
    )

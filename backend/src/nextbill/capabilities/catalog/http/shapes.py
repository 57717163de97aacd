"""What the shop window shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from nextbill.capabilities.catalog.queries.shop import Option, OptionValue, Plan, PlanPrice, ValuePrice
from nextbill.capabilities.catalog.queries.tlds import TldPrice
from nextbill.capabilities.catalog.rules import Included, IncludedFor, OptionKind, PlanKind
from nextbill.kernel.period import Cycle
from nextbill.runtime.web.shapes import Body, MoneyBody

PlanUnit = Literal["day", "week", "month", "year", "once"]


class CycleBody(BaseModel):
    """`once`: charged once, with no period after it."""

    unit: PlanUnit = Field(examples=["month"])
    count: int = Field(examples=[1])

    @classmethod
    def of(cls, cycle: Cycle | None) -> CycleBody:
        return cls(unit=cycle.unit, count=cycle.count) if cycle else cls(unit="once", count=1)


class CycleChoice(Body):
    unit: PlanUnit = Field(examples=["month"])
    count: int = Field(default=1, ge=1, le=120)

    def cycle(self) -> Cycle | None:
        return None if self.unit == "once" else Cycle(self.unit, self.count)


class PlanPriceBody(BaseModel):
    """`setup_fee` comes once, with the first charge."""

    cycle: CycleBody
    price: MoneyBody
    setup_fee: MoneyBody
    version: int = Field(examples=[1])

    @classmethod
    def of(cls, price: PlanPrice) -> PlanPriceBody:
        return cls(cycle=CycleBody.of(price.cycle), price=MoneyBody.of(price.price), setup_fee=MoneyBody.of(price.setup), version=price.version)


class OptionPriceBody(BaseModel):
    cycle: CycleBody
    price: MoneyBody
    version: int

    @classmethod
    def of(cls, price: ValuePrice) -> OptionPriceBody:
        return cls(cycle=CycleBody.of(price.cycle), price=MoneyBody.of(price.price), version=price.version)


class OptionValueBody(BaseModel):
    """What one piece adds to the plan's limits (null: makes unlimited) and features."""

    code: str = Field(examples=["10gb"])
    name: str = Field(examples=["10 GB"])
    limits: dict[str, int | None] = Field(examples=[{"disk_gb": 10}])
    features: list[str]
    prices: list[OptionPriceBody]

    @classmethod
    def of(cls, value: OptionValue) -> OptionValueBody:
        prices = [OptionPriceBody.of(price) for price in value.prices]
        return cls(code=value.code, name=value.name, limits=dict(value.limits), features=list(value.features), prices=prices)


class OptionBody(BaseModel):
    """`choice`: one of the values; `quantity`: `minimum` to `maximum` pieces of its one value, or none where it is not required."""

    code: str = Field(examples=["extra-disk"])
    name: str = Field(examples=["Extra disk, 10 GB"])
    description: str
    kind: OptionKind
    required: bool
    minimum: int
    maximum: int
    values: list[OptionValueBody]

    @classmethod
    def of(cls, option: Option) -> OptionBody:
        return cls(
            code=option.code,
            name=option.name,
            description=option.description,
            kind=option.kind,
            required=option.required,
            minimum=option.minimum,
            maximum=option.maximum,
            values=[OptionValueBody.of(value) for value in option.values],
        )


class IncludedBody(BaseModel):
    """So many names of these endings come with the plan, bought for `minimum_cycle` or longer: their first year, or while the plan is active."""

    count: int = Field(ge=1, le=20, examples=[1])
    tlds: list[str] = Field(min_length=1, max_length=100, examples=[["com", "net"]])
    minimum_cycle: CycleBody | None = None
    lasts: IncludedFor = "first_year"

    @classmethod
    def of(cls, included: Included) -> IncludedBody:
        minimum = CycleBody.of(included.minimum) if included.minimum else None
        return cls(count=included.names, tlds=list(included.tlds), minimum_cycle=minimum, lasts=included.lasts)


class AddonBody(BaseModel):
    """Bought with a plan, for the plan's cycle (or once, where it has no price for a cycle). `limits` and `features` are added to the plan's."""

    code: str = Field(examples=["extra-backups"])
    name: str = Field(examples=["Hourly backups"])
    tagline: str
    description: str
    features: list[str]
    limits: dict[str, int | None]
    in_stock: bool
    prices: list[PlanPriceBody]

    @classmethod
    def of(cls, plan: Plan) -> AddonBody:
        return cls(
            code=plan.code,
            name=plan.name,
            tagline=plan.tagline,
            description=plan.description,
            features=list(plan.features),
            limits=dict(plan.limits),
            in_stock=plan.in_stock,
            prices=[PlanPriceBody.of(price) for price in plan.prices],
        )


class PlanBody(BaseModel):
    """`limits`: how many of each resource, null where unlimited. `trial_days`: so long nothing is charged, once for each customer."""

    id: str = Field(examples=["019a9e64-2f2b-7c3d-9a51-5d0c0a7f1e22"])
    code: str = Field(examples=["professional"])
    kind: PlanKind
    name: str = Field(examples=["Professional"])
    tagline: str = Field(examples=["For agencies and growing shops"])
    description: str
    features: list[str] = Field(examples=[["free_ssl", "daily_backups"]])
    limits: dict[str, int | None] = Field(examples=[{"accounts": 5, "domains": 25, "databases": 50, "emails": 100}])
    trial_days: int
    in_stock: bool
    included_domains: IncludedBody | None
    prices: list[PlanPriceBody]
    currencies: list[str] = Field(examples=[["EUR", "USD"]], description="In which it is sold")
    addons: list[AddonBody]
    options: list[OptionBody]

    @classmethod
    def of(cls, plan: Plan, currencies: Sequence[str] = ()) -> PlanBody:
        return cls(
            id=str(plan.id),
            code=plan.code,
            kind=plan.kind,
            name=plan.name,
            tagline=plan.tagline,
            description=plan.description,
            features=list(plan.features),
            limits=dict(plan.limits),
            trial_days=plan.trial_days,
            in_stock=plan.in_stock,
            included_domains=IncludedBody.of(plan.included) if plan.included else None,
            prices=[PlanPriceBody.of(price) for price in plan.prices],
            currencies=list(currencies),
            addons=[AddonBody.of(addon) for addon in plan.addons],
            options=[OptionBody.of(option) for option in plan.options],
        )


class TldBody(BaseModel):
    """Prices are for one year. An operation without a price is not on sale."""

    tld: str = Field(examples=["com"])
    min_years: int = Field(examples=[1])
    max_years: int = Field(examples=[10])
    register_price: MoneyBody
    renew_price: MoneyBody | None
    transfer_price: MoneyBody | None

    @classmethod
    def of(cls, tld: TldPrice) -> TldBody:
        prices = {f"{operation}_price": MoneyBody.of(price) for operation, price in tld.prices.items()}
        return cls.model_validate(
            {"tld": tld.tld, "min_years": tld.min_years, "max_years": tld.max_years, "renew_price": None, "transfer_price": None, **prices}
        )

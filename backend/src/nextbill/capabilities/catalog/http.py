"""What is on sale, for everybody."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from nextbill.capabilities.catalog.errors import PriceNotInCurrency
from nextbill.capabilities.catalog.queries import Plan, TldPrice, get_plan, list_plans, list_tlds
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid, NotFound
from nextbill.kernel.period import Unit
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.paging import Page
from nextbill.runtime.web.shapes import MoneyBody

router = APIRouter(tags=["catalog"])
Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217; the shop's own where left out", examples=["USD"])]


class CycleBody(BaseModel):
    unit: Unit = Field(examples=["month"])
    count: int = Field(examples=[1])


class PlanPriceBody(BaseModel):
    cycle: CycleBody
    price: MoneyBody
    version: int = Field(examples=[1])


class PlanBody(BaseModel):
    """`limits`: how many of each resource, null where unlimited."""

    id: str = Field(examples=["019a9e64-2f2b-7c3d-9a51-5d0c0a7f1e22"])
    code: str = Field(examples=["professional"])
    name: str = Field(examples=["Professional"])
    tagline: str = Field(examples=["For agencies and growing shops"])
    features: list[str] = Field(examples=[["free_ssl", "daily_backups"]])
    limits: dict[str, int | None] = Field(examples=[{"accounts": 5, "domains": 25, "databases": 50, "emails": 100}])
    prices: list[PlanPriceBody]

    @classmethod
    def of(cls, plan: Plan) -> PlanBody:
        prices = [
            PlanPriceBody(cycle=CycleBody(unit=item.cycle.unit, count=item.cycle.count), price=MoneyBody.of(item.price), version=item.version)
            for item in plan.prices
        ]
        shown = {"id": str(plan.id), "code": plan.code, "name": plan.name, "tagline": plan.tagline}
        return cls(**shown, features=list(plan.features), limits=dict(plan.limits), prices=prices)


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


@router.get("/plans", responses=problem.responses(Invalid), summary="Plans on sale")
async def list_plans_on_sale(ctx: Ctx, currency: Currency = None) -> Page[PlanBody]:
    async with ctx.database.reading(Role.APP) as tx:
        plans = await list_plans(tx, currency or ctx.settings.currency, on=_today(ctx))
    return Page(items=[PlanBody.of(plan) for plan in plans])


@router.get("/plans/{code}", responses=problem.responses(NotFound, PriceNotInCurrency, Invalid), summary="One plan")
async def show_plan(code: str, ctx: Ctx, currency: Currency = None) -> PlanBody:
    async with ctx.database.reading(Role.APP) as tx:
        plan = await get_plan(tx, code, currency=currency or ctx.settings.currency, on=_today(ctx))
    return PlanBody.of(plan)


@router.get("/tlds", responses=problem.responses(Invalid), summary="Domain endings on sale")
async def list_tlds_on_sale(ctx: Ctx, currency: Currency = None) -> Page[TldBody]:
    async with ctx.database.reading(Role.APP) as tx:
        tlds = await list_tlds(tx, currency or ctx.settings.currency, on=_today(ctx))
    return Page(items=[TldBody.of(tld) for tld in tlds])


def _today(ctx: Context) -> date:
    return business_date(ctx.clock.now(), ctx.settings.company_time_zone)

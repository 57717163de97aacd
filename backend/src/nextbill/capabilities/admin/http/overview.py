"""Staff: the shop at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities.admin.queries.overview import Fleet, MoneyFigures, Span, money_figures, overview
from nextbill.kernel.clock import business_date
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.shapes import MoneyBody

SEES_MONEY = "analytics.read"
ReadsOrders = Annotated[Caller, Depends(needs("orders.read_all"))]

router = APIRouter()


class SpanBody(BaseModel):
    """`first` and `last` are days at the seller's, both included. `paid` came in, `refunded` went back; each by currency, from the ledger."""

    first: date
    last: date
    paid: list[MoneyBody]
    refunded: list[MoneyBody]

    @classmethod
    def of(cls, span: Span) -> SpanBody:
        return cls(first=span.first, last=span.last, paid=_money(span.paid), refunded=_money(span.refunded))


class RevenueDayBody(BaseModel):
    day: date
    revenue: list[MoneyBody]


class MoneyFiguresBody(BaseModel):
    """`revenue_by_day`: 30 days with today, oldest first, none left out; without tax, credit notes taken off; each day has every currency."""

    today: SpanBody
    this_month: SpanBody
    last_month: SpanBody
    revenue_by_day: list[RevenueDayBody]

    @classmethod
    def of(cls, found: MoneyFigures) -> MoneyFiguresBody:
        return cls(
            today=SpanBody.of(found.today),
            this_month=SpanBody.of(found.this_month),
            last_month=SpanBody.of(found.last_month),
            revenue_by_day=[RevenueDayBody(day=day, revenue=_money(amounts)) for day, amounts in found.revenue_by_day],
        )


class OrderCountsBody(BaseModel):
    pending: int = Field(examples=[3])
    paid: int = Field(examples=[1])
    completed: int = Field(examples=[120])
    cancelled: int = Field(examples=[4])


class FleetBody(BaseModel):
    """Of servers that are not disabled. `accepting`: active and not down; `free`: places on those."""

    servers: int = Field(examples=[2])
    accepting: int = Field(examples=[2])
    capacity: int = Field(examples=[400])
    used: int = Field(examples=[120])
    free: int = Field(examples=[280])

    @classmethod
    def of(cls, fleet: Fleet) -> FleetBody:
        return cls(servers=fleet.servers, accepting=fleet.accepting, capacity=fleet.capacity, used=fleet.used, free=fleet.free)


class OverviewBody(BaseModel):
    """`money` is null for staff who may not read the shop's figures (permission analytics.read)."""

    at: datetime
    money: MoneyFiguresBody | None
    orders: OrderCountsBody
    parked: int
    failed_jobs: int
    fleet: FleetBody


@router.get("/overview", operation_id="show_overview", responses=problem.responses(NotAuthenticated, NotPermitted))
async def show_overview(ctx: Ctx, caller: ReadsOrders) -> OverviewBody:
    """Figures for the first page: money from the ledger, orders by state, what waits for staff, room on the servers."""
    now, house = ctx.clock.now(), ctx.settings
    async with ctx.database.reading(Role.WORK) as tx:
        found = await overview(tx)
        sees = SEES_MONEY in caller.permissions
        money = await money_figures(tx, today=business_date(now, house.company_time_zone), currency=house.currency) if sees else None
    return OverviewBody(
        at=now,
        money=MoneyFiguresBody.of(money) if money else None,
        orders=OrderCountsBody(**{state: found.orders.get(state, 0) for state in OrderCountsBody.model_fields}),
        parked=found.parked,
        failed_jobs=found.failed_jobs,
        fleet=FleetBody.of(found.fleet),
    )


def _money(amounts: Sequence[Money]) -> list[MoneyBody]:
    return [MoneyBody.of(amount) for amount in amounts]

"""What is on sale, for everybody."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from nextbill.capabilities.catalog.errors import PriceNotInCurrency
from nextbill.capabilities.catalog.http.days import today
from nextbill.capabilities.catalog.http.shapes import PlanBody, TldBody
from nextbill.capabilities.catalog.queries.shop import get_plan, list_plans
from nextbill.capabilities.catalog.queries.staff import currencies_of
from nextbill.capabilities.catalog.queries.tlds import list_tlds
from nextbill.kernel.errors import Invalid, NotFound
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page

router = APIRouter(tags=["catalog"])
Currency = Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="ISO 4217; the shop's own where left out", examples=["USD"])]
Kind = Annotated[Literal["hosting", "product"], Query(description="Hosting plans, or products beside them; add-ons come with their plans")]


@router.get("/plans", response_model=Page[PlanBody], responses=problem.responses(Invalid), summary="Plans on sale")
async def list_plans_on_sale(ctx: Ctx, currency: Currency = None, kind: Kind = "hosting") -> Response:
    sold_in, day = currency or ctx.settings.currency, today(ctx)

    async def read() -> bytes:
        async with ctx.database.reading(Role.APP) as tx:
            plans = await list_plans(tx, sold_in, on=day, kind=kind)
            others = await currencies_of(tx, [plan.id for plan in plans], on=day)
        return Page(items=[PlanBody.of(plan, others[plan.id]) for plan in plans]).model_dump_json().encode()

    return _json(await ctx.sharing.ask(("plans", sold_in, day, kind), read))


@router.get("/plans/{code}", responses=problem.responses(NotFound, PriceNotInCurrency, Invalid), summary="One plan")
async def show_plan(code: str, ctx: Ctx, currency: Currency = None) -> PlanBody:
    async with ctx.database.reading(Role.APP) as tx:
        plan = await get_plan(tx, code, currency=currency or ctx.settings.currency, on=today(ctx))
        sold_in = await currencies_of(tx, [plan.id], on=today(ctx))
    return PlanBody.of(plan, sold_in[plan.id])


@router.get("/tlds", response_model=Page[TldBody], responses=problem.responses(Invalid), summary="Domain endings on sale")
async def list_tlds_on_sale(ctx: Ctx, currency: Currency = None) -> Response:
    sold_in, day = currency or ctx.settings.currency, today(ctx)

    async def read() -> bytes:
        async with ctx.database.reading(Role.APP) as tx:
            tlds = await list_tlds(tx, sold_in, on=day)
        return Page(items=[TldBody.of(tld) for tld in tlds]).model_dump_json().encode()

    return _json(await ctx.sharing.ask(("tlds", sold_in, day), read))


def _json(body: bytes) -> Response:
    """Written once for all who share it."""
    return Response(body, media_type="application/json")

"""Staff: plans, add-ons and products, their prices and stock; what customers will see, and whom a price touches."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from nextbill.capabilities.catalog.commands.plans import add_plan_price, change_plan, create_plan, set_stock, withdraw_plan
from nextbill.capabilities.catalog.errors import CodeTaken, NotForThisKind, PriceForYesterday, PriceNotInCurrency, UnknownAddon, UnknownOption
from nextbill.capabilities.catalog.http.days import today
from nextbill.capabilities.catalog.http.desk import EDITING, READING, AskedReason, Editor, IfMatch, PriceVersionBody, Reader, edit, tag
from nextbill.capabilities.catalog.http.plan_bodies import (
    ImpactBody,
    ManagedPlanBody,
    ManagedPlanWithPrices,
    NewPlan,
    NewPriceBody,
    PlanChange,
    PriceAddedBody,
    StockBody,
    impact,
)
from nextbill.capabilities.catalog.http.shapes import PlanBody
from nextbill.capabilities.catalog.models import PlanRow
from nextbill.capabilities.catalog.ports import FindTouched
from nextbill.capabilities.catalog.queries.shop import shown
from nextbill.capabilities.catalog.queries.staff import currencies_of, managed_plan, managed_plans, plan_prices, row_of
from nextbill.capabilities.catalog.rules import PlanKind
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.kernel.period import Cycle, Unit
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page

CHANGING = (*EDITING, NotForThisKind, UnknownAddon, UnknownOption)
Search = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$", description="Part of the code or the name")]
State = Literal["draft", "on_sale", "withdrawn"]


def make_router(find_touched: FindTouched) -> APIRouter:
    router = APIRouter()
    _reads(router)
    _edits(router)
    _prices(router, find_touched)
    return router


def _reads(router: APIRouter) -> None:
    @router.get("/plans", operation_id="list_managed_plans", responses=problem.responses(*READING))
    async def list_all(
        ctx: Ctx, _caller: Reader, kind: PlanKind | None = None, state: State | None = None, search: Search = None
    ) -> Page[ManagedPlanBody]:
        """Drafts and withdrawn ones too. A catalog is small: all of it at once."""
        async with ctx.database.reading(Role.WORK) as tx:
            return Page(items=[ManagedPlanBody.of(found) for found in await managed_plans(tx, kind=kind, state=state, search=search)])

    @router.get("/plans/{plan_id}", operation_id="get_managed_plan", responses=problem.responses(*READING))
    async def get(ctx: Ctx, _caller: Reader, plan_id: UUID, response: Response) -> ManagedPlanWithPrices:
        async with ctx.database.reading(Role.WORK) as tx:
            return await _whole(tx, plan_id, response)

    @router.get("/plans/{plan_id}/preview", operation_id="preview_plan", responses=problem.responses(*READING, PriceNotInCurrency))
    async def preview(
        ctx: Ctx, _caller: Reader, plan_id: UUID, on: date | None = None, currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None
    ) -> PlanBody:
        """What customers will see of it on that day, as `GET /plans/{code}` shows it: of a draft too, with the prices in force by then."""
        day = on or today(ctx)
        async with ctx.database.reading(Role.WORK) as tx:
            plan = await shown(tx, await row_of(tx, PlanRow, plan_id), currency=currency or ctx.settings.currency, on=day)
            return PlanBody.of(plan, (await currencies_of(tx, [plan_id], on=day))[plan_id])


def _edits(router: APIRouter) -> None:
    @router.post("/plans", operation_id="create_plan", status_code=201, responses=problem.responses(*CHANGING, CodeTaken))
    async def create(ctx: Ctx, caller: Editor, body: NewPlan, response: Response) -> ManagedPlanWithPrices:
        """A draft, unless `state` says otherwise. Prices follow by `POST …/prices`."""
        async with ctx.database.writing(Role.WORK) as tx:
            made = edit(caller, body.reason)
            plan_id = await create_plan(tx, code=body.code, kind=body.kind, name=body.name, changes=body.changes(), edit=made, now=ctx.clock.now())
            return await _whole(tx, plan_id, response)

    @router.put("/plans/{plan_id}", operation_id="change_plan", responses=problem.responses(*CHANGING))
    async def change(
        ctx: Ctx, caller: Editor, plan_id: UUID, body: PlanChange, response: Response, if_match: IfMatch = None
    ) -> ManagedPlanWithPrices:
        """For what is sold from now on: orders and subscriptions keep their copies. Code and kind never change."""
        async with ctx.database.writing(Role.WORK) as tx:
            await change_plan(tx, plan_id, changes=body.changes(), edit=edit(caller, body.reason, if_match), now=ctx.clock.now())
            return await _whole(tx, plan_id, response)

    @router.delete("/plans/{plan_id}", operation_id="withdraw_plan", responses=problem.responses(*EDITING))
    async def withdraw(
        ctx: Ctx, caller: Editor, plan_id: UUID, response: Response, reason: AskedReason = None, if_match: IfMatch = None
    ) -> ManagedPlanWithPrices:
        """Takes it off sale. Nothing that was sold is removed, and whoever has it keeps it."""
        async with ctx.database.writing(Role.WORK) as tx:
            await withdraw_plan(tx, plan_id, edit=edit(caller, reason, if_match), now=ctx.clock.now())
            return await _whole(tx, plan_id, response)

    @router.put("/plans/{plan_id}/stock", operation_id="set_plan_stock", responses=problem.responses(*EDITING))
    async def stock(ctx: Ctx, caller: Editor, plan_id: UUID, body: StockBody, response: Response, if_match: IfMatch = None) -> ManagedPlanWithPrices:
        async with ctx.database.writing(Role.WORK) as tx:
            await set_stock(tx, plan_id, left=body.left, edit=edit(caller, body.reason, if_match), now=ctx.clock.now())
            return await _whole(tx, plan_id, response)


def _prices(router: APIRouter, find_touched: FindTouched) -> None:
    @router.get("/plans/{plan_id}/prices", operation_id="list_plan_prices", responses=problem.responses(*READING))
    async def list_prices(ctx: Ctx, _caller: Reader, plan_id: UUID) -> Page[PriceVersionBody]:
        """Every version, the youngest first."""
        async with ctx.database.reading(Role.WORK) as tx:
            await row_of(tx, PlanRow, plan_id)
            return Page(items=[PriceVersionBody.of(price) for price in await plan_prices(tx, plan_id)])

    @router.post(
        "/plans/{plan_id}/prices",
        operation_id="add_plan_price",
        status_code=201,
        responses=problem.responses(*EDITING, PriceForYesterday, NotForThisKind),
    )
    async def add_price(ctx: Ctx, caller: Editor, plan_id: UUID, body: NewPriceBody, response: Response, if_match: IfMatch = None) -> PriceAddedBody:
        """A new version from a day on. Subscriptions keep theirs until they are moved; `impact` says how many that are."""
        made, now, day = edit(caller, body.reason, if_match), ctx.clock.now(), today(ctx)
        async with ctx.database.writing(Role.WORK) as tx:
            version = await add_plan_price(tx, plan_id, price=body.new_price(), valid_from=body.valid_from or day, today=day, edit=made, now=now)
            whole = await _whole(tx, plan_id, response)
            touched = impact(await find_touched(tx, plan_id), await plan_prices(tx, plan_id))
        return PriceAddedBody.model_validate({**whole.model_dump(), "price_version": version, "impact": touched.model_dump()})

    @router.get("/plans/{plan_id}/impact", operation_id="get_plan_impact", responses=problem.responses(*READING))
    async def get_impact(
        ctx: Ctx,
        _caller: Reader,
        plan_id: UUID,
        amount: Annotated[int | None, Query(ge=0, le=10**13, description="A price that is only being thought of, in minor units")] = None,
        currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
        unit: Unit = "month",
        count: Annotated[int, Query(ge=1, le=120)] = 1,
    ) -> ImpactBody:
        """Subscriptions by the version that they pay, and what it would be if they were moved to the newest price, or to a proposed one."""
        proposed = None if amount is None else (Cycle(unit, count), _proposed(amount, currency or ctx.settings.currency))
        async with ctx.database.reading(Role.WORK) as tx:
            await row_of(tx, PlanRow, plan_id)
            return impact(await find_touched(tx, plan_id), await plan_prices(tx, plan_id), proposed)


def _proposed(amount: int, currency: str) -> Money:
    try:
        return Money(amount, currency)
    except MoneyError as error:
        raise Invalid(fields={"currency": "not a currency: three letters by ISO 4217"}) from error


async def _whole(tx: ReadTx, plan_id: UUID, response: Response) -> ManagedPlanWithPrices:
    managed = await managed_plan(tx, plan_id)
    tag(response, managed.plan.version)
    return ManagedPlanWithPrices.whole(managed, await plan_prices(tx, plan_id))

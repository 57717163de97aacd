"""Staff: options, their values and prices."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from nextbill.capabilities.catalog.commands.options import NewValue, add_option_price, change_option, create_option, withdraw_option
from nextbill.capabilities.catalog.errors import CodeTaken, NotForThisKind, PriceForYesterday, UnknownOption
from nextbill.capabilities.catalog.http.days import today
from nextbill.capabilities.catalog.http.desk import (
    EDITING,
    READING,
    Amount,
    AskedReason,
    Code,
    Editor,
    Features,
    IfMatch,
    Limits,
    Name,
    PriceVersionBody,
    Reader,
    Reason,
    Text,
    edit,
    sent,
    tag,
)
from nextbill.capabilities.catalog.http.shapes import CycleChoice, OptionValueBody
from nextbill.capabilities.catalog.queries.shop import Option
from nextbill.capabilities.catalog.queries.staff import managed_option, managed_options, option_prices
from nextbill.capabilities.catalog.rules import OptionKind
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.paging import Page
from nextbill.runtime.web.shapes import Body

router = APIRouter()
CHANGING = (*EDITING, NotForThisKind)


class ValueChoice(Body):
    """What one piece adds to the plan's limits (null: makes unlimited) and features."""

    code: Code
    name: Name
    limits: Limits = Field(default={})
    features: Features = Field(default=[])


class OptionChange(Body):
    """What is left out stays. `values` replaces all of them: one that is not named is withdrawn."""

    name: Name = "-"
    description: Text = ""
    required: bool = False
    minimum: int = Field(default=1, ge=0, le=1000)
    maximum: int = Field(default=1, ge=1, le=1000)
    state: Literal["on_sale", "withdrawn"] = "on_sale"
    values: list[ValueChoice] = Field(default=[], max_length=100)
    reason: Reason = None

    def changes(self) -> dict[str, Any]:
        return sent(self, without=("reason", "code", "kind", "values"))

    def new_values(self) -> list[NewValue] | None:
        if "values" not in self.model_fields_set:
            return None
        return [NewValue(value.code, value.name, value.limits, value.features) for value in self.values]


class NewOption(OptionChange):
    """`choice`: one of its values; `quantity`: `minimum` to `maximum` pieces of its one value."""

    code: Code
    name: Name = Field(examples=["Extra disk, 10 GB"])
    kind: OptionKind
    values: list[ValueChoice] = Field(min_length=1, max_length=100)


class OptionPriceChoice(Body):
    """What one piece of a value costs for a cycle of its plan, from `valid_from` on (today where left out)."""

    value: Code
    cycle: CycleChoice
    price: Amount
    valid_from: date | None = None
    reason: Reason = None


class ManagedValueBody(OptionValueBody):
    """`prices`: in force today, in every currency."""

    state: str


class ManagedOptionBody(BaseModel):
    id: UUID
    code: str
    name: str
    description: str
    kind: OptionKind
    required: bool
    minimum: int
    maximum: int
    state: str
    version: int
    values: list[ManagedValueBody]

    @classmethod
    def of(cls, option: Option) -> ManagedOptionBody:
        names = ("id", "code", "name", "description", "kind", "required", "minimum", "maximum", "state", "version")
        values = [{**OptionValueBody.of(value).model_dump(), "state": value.state} for value in option.values]
        return cls.model_validate({**{name: getattr(option, name) for name in names}, "values": values})


@router.get("/options", operation_id="list_options", responses=problem.responses(*READING))
async def list_all(ctx: Ctx, _caller: Reader) -> Page[ManagedOptionBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        return Page(items=[ManagedOptionBody.of(option) for option in await managed_options(tx, on=today(ctx))])


@router.get("/options/{option_id}", operation_id="get_option", responses=problem.responses(*READING))
async def get(ctx: Ctx, _caller: Reader, option_id: UUID, response: Response) -> ManagedOptionBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return await _shown(tx, ctx, option_id, response)


@router.post("/options", operation_id="create_option", status_code=201, responses=problem.responses(*CHANGING, CodeTaken))
async def create(ctx: Ctx, caller: Editor, body: NewOption, response: Response) -> ManagedOptionBody:
    async with ctx.database.writing(Role.WORK) as tx:
        option_id = await create_option(
            tx,
            code=body.code,
            name=body.name,
            kind=body.kind,
            values=body.new_values() or [],
            changes=body.changes(),
            edit=edit(caller, body.reason),
            now=ctx.clock.now(),
        )
        return await _shown(tx, ctx, option_id, response)


@router.put("/options/{option_id}", operation_id="change_option", responses=problem.responses(*CHANGING))
async def change(ctx: Ctx, caller: Editor, option_id: UUID, body: OptionChange, response: Response, if_match: IfMatch = None) -> ManagedOptionBody:
    async with ctx.database.writing(Role.WORK) as tx:
        made = edit(caller, body.reason, if_match)
        await change_option(tx, option_id, values=body.new_values(), changes=body.changes(), edit=made, now=ctx.clock.now())
        return await _shown(tx, ctx, option_id, response)


@router.delete("/options/{option_id}", operation_id="withdraw_option", responses=problem.responses(*EDITING))
async def withdraw(
    ctx: Ctx, caller: Editor, option_id: UUID, response: Response, reason: AskedReason = None, if_match: IfMatch = None
) -> ManagedOptionBody:
    """Not offered any more; whoever has chosen it keeps it."""
    async with ctx.database.writing(Role.WORK) as tx:
        await withdraw_option(tx, option_id, edit=edit(caller, reason, if_match), now=ctx.clock.now())
        return await _shown(tx, ctx, option_id, response)


@router.get("/options/{option_id}/prices", operation_id="list_option_prices", responses=problem.responses(*READING))
async def list_prices(ctx: Ctx, _caller: Reader, option_id: UUID) -> Page[PriceVersionBody]:
    """Every version, the youngest first."""
    async with ctx.database.reading(Role.WORK) as tx:
        return Page(items=[PriceVersionBody.of(price) for price in await option_prices(tx, option_id)])


@router.post(
    "/options/{option_id}/prices",
    operation_id="add_option_price",
    status_code=201,
    responses=problem.responses(*EDITING, UnknownOption, PriceForYesterday),
)
async def add_price(
    ctx: Ctx, caller: Editor, option_id: UUID, body: OptionPriceChoice, response: Response, if_match: IfMatch = None
) -> ManagedOptionBody:
    day, made = today(ctx), edit(caller, body.reason, if_match)
    async with ctx.database.writing(Role.WORK) as tx:
        await add_option_price(
            tx,
            option_id,
            value_code=body.value,
            cycle=body.cycle.cycle(),
            price=body.price.money("price"),
            valid_from=body.valid_from or day,
            today=day,
            edit=made,
            now=ctx.clock.now(),
        )
        return await _shown(tx, ctx, option_id, response)


async def _shown(tx: ReadTx, ctx: Context, option_id: UUID, response: Response) -> ManagedOptionBody:
    option = await managed_option(tx, option_id, on=today(ctx))
    tag(response, option.version)
    return ManagedOptionBody.of(option)

"""Staff: endings, their prices, costs and margins."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from nextbill.capabilities.catalog.commands.tlds import NewTldPrice, add_tld_price, change_tld, create_tld, withdraw_tld
from nextbill.capabilities.catalog.errors import CodeTaken, PriceForYesterday, YearsNotOffered
from nextbill.capabilities.catalog.http.days import today
from nextbill.capabilities.catalog.http.desk import (
    EDITING,
    READING,
    Amount,
    AskedReason,
    Editor,
    IfMatch,
    PriceVersionBody,
    Reader,
    Reason,
    edit,
    sent,
    tag,
)
from nextbill.capabilities.catalog.queries.staff import ManagedTld, managed_tld, managed_tlds
from nextbill.capabilities.catalog.rules import DomainOperation
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page
from nextbill.runtime.web.shapes import Body

router = APIRouter()
Tld = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$", max_length=100),
]


class TldChange(Body):
    """What is left out stays."""

    min_years: int = Field(default=1, ge=1, le=10)
    max_years: int = Field(default=10, ge=1, le=10)
    position: int = Field(default=0, ge=0, le=100_000)
    state: Literal["on_sale", "withdrawn"] = "on_sale"
    reason: Reason = None


class NewTld(TldChange):
    """Without its leading dot, in A-labels."""

    tld: Tld = Field(examples=["co.uk"])


class TldPriceChoice(Body):
    """`price` is for all the `years` together, and so is `cost`, in the registrar's currency. Years without a price of their own cost so many times one."""

    operation: DomainOperation
    years: int = Field(default=1, ge=1, le=10)
    price: Amount
    cost: Amount | None = None
    valid_from: date | None = None
    reason: Reason = None


class ManagedTldBody(BaseModel):
    """With every version of every price, the youngest first. `version` is also the ETag."""

    id: UUID
    tld: str
    min_years: int
    max_years: int
    position: int
    state: str
    version: int
    prices: list[PriceVersionBody]

    @classmethod
    def of(cls, found: ManagedTld) -> ManagedTldBody:
        facts = {name: getattr(found, name) for name in ("id", "tld", "min_years", "max_years", "position", "state", "version")}
        return cls.model_validate({**facts, "prices": [PriceVersionBody.of(price) for price in found.prices]})


@router.get("/tlds", operation_id="list_managed_tlds", responses=problem.responses(*READING))
async def list_all(ctx: Ctx, _caller: Reader) -> Page[ManagedTldBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        return Page(items=[ManagedTldBody.of(tld) for tld in await managed_tlds(tx)])


@router.get("/tlds/{tld_id}", operation_id="get_managed_tld", responses=problem.responses(*READING))
async def get(ctx: Ctx, _caller: Reader, tld_id: UUID, response: Response) -> ManagedTldBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return await _shown(tx, tld_id, response)


@router.post("/tlds", operation_id="create_tld", status_code=201, responses=problem.responses(*EDITING, CodeTaken, YearsNotOffered))
async def create(ctx: Ctx, caller: Editor, body: NewTld, response: Response) -> ManagedTldBody:
    """On sale as soon as it has a price to register."""
    async with ctx.database.writing(Role.WORK) as tx:
        changes = sent(body, without=("reason", "tld"))
        tld_id = await create_tld(tx, tld=body.tld, changes=changes, edit=edit(caller, body.reason), now=ctx.clock.now())
        return await _shown(tx, tld_id, response)


@router.put("/tlds/{tld_id}", operation_id="change_tld", responses=problem.responses(*EDITING, YearsNotOffered))
async def change(ctx: Ctx, caller: Editor, tld_id: UUID, body: TldChange, response: Response, if_match: IfMatch = None) -> ManagedTldBody:
    async with ctx.database.writing(Role.WORK) as tx:
        await change_tld(tx, tld_id, changes=sent(body), edit=edit(caller, body.reason, if_match), now=ctx.clock.now())
        return await _shown(tx, tld_id, response)


@router.delete("/tlds/{tld_id}", operation_id="withdraw_tld", responses=problem.responses(*EDITING))
async def withdraw(
    ctx: Ctx, caller: Editor, tld_id: UUID, response: Response, reason: AskedReason = None, if_match: IfMatch = None
) -> ManagedTldBody:
    """No new names of it; those that are held stay."""
    async with ctx.database.writing(Role.WORK) as tx:
        await withdraw_tld(tx, tld_id, edit=edit(caller, reason, if_match), now=ctx.clock.now())
        return await _shown(tx, tld_id, response)


@router.post("/tlds/{tld_id}/prices", operation_id="add_tld_price", status_code=201, responses=problem.responses(*EDITING, PriceForYesterday))
async def add_price(ctx: Ctx, caller: Editor, tld_id: UUID, body: TldPriceChoice, response: Response, if_match: IfMatch = None) -> ManagedTldBody:
    day = today(ctx)
    price = NewTldPrice(body.operation, body.years, body.price.money("price"), body.cost.money("cost") if body.cost else None)
    async with ctx.database.writing(Role.WORK) as tx:
        made = edit(caller, body.reason, if_match)
        await add_tld_price(tx, tld_id, price=price, valid_from=body.valid_from or day, today=day, edit=made, now=ctx.clock.now())
        return await _shown(tx, tld_id, response)


async def _shown(tx: ReadTx, tld_id: UUID, response: Response) -> ManagedTldBody:
    found = await managed_tld(tx, tld_id)
    tag(response, found.version)
    return ManagedTldBody.of(found)

"""Staff: coupons and what became of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from nextbill.capabilities.catalog.commands.coupons import change_coupon, create_coupon, withdraw_coupon
from nextbill.capabilities.catalog.errors import CodeTaken
from nextbill.capabilities.catalog.http.desk import EDITING, READING, AskedReason, Editor, IfMatch, Name, Reader, Reason, edit, sent, tag
from nextbill.capabilities.catalog.queries.coupons import Redemption, redemptions_of
from nextbill.capabilities.catalog.queries.staff import managed_coupon, managed_coupons
from nextbill.capabilities.catalog.rules import Coupon
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter()
CouponCode = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Amounts = Annotated[
    dict[Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")], Annotated[int, Field(strict=True, ge=1, le=10**12)]],
    Field(max_length=50, examples=[{"USD": 500}]),
]
Scope = Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9.*-]+$")]], Field(max_length=200)]


class CouponChange(Body):
    """What is left out stays. Either `percent_ppm` (parts per million: 100000 is 10 %) or `amounts` by currency, in minor units.

    `periods`: how many it covers, null for ever. `plan_codes` (plans, add-ons, products) and `tlds`: what it is for; both empty: everything in the cart,
    `*`: everything of that kind. `per_customer` and `max_uses`: null for no limit. `valid_until`: the first day on which it no longer holds."""

    name: Name = "-"
    percent_ppm: int | None = Field(default=None, ge=1, le=1_000_000, examples=[100_000])
    amounts: Amounts = Field(default={})
    minimums: Amounts = Field(default={})
    periods: int | None = Field(default=1, ge=1, le=1000)
    plan_codes: Scope = Field(default=[])
    tlds: Scope = Field(default=[])
    covers_setup: bool = False
    new_customers_only: bool = False
    per_customer: int | None = Field(default=1, ge=1, le=100_000)
    max_uses: int | None = Field(default=None, ge=1, le=100_000_000)
    valid_from: date | None = None
    valid_until: date | None = None
    state: Literal["active", "withdrawn"] = "active"
    reason: Reason = None

    def changes(self) -> dict[str, Any]:
        for field in ("amounts", "minimums"):
            for currency in getattr(self, field):
                try:
                    Money.zero(currency)
                except MoneyError as error:
                    raise Invalid(fields={f"{field}.{currency}": "not a currency: three letters by ISO 4217"}) from error
        return sent(self, without=("reason", "code"))


class NewCoupon(CouponChange):
    """The code knows no upper and lower case."""

    code: CouponCode = Field(examples=["WELCOME10"])
    name: Name = Field(examples=["Ten percent off the first invoice"])


class CouponBody(BaseModel):
    """`used_count`: orders that hold or have redeemed it. `version` is also the ETag."""

    id: UUID
    code: str
    name: str
    kind: str = Field(examples=["percent"])
    percent_ppm: int | None
    amounts: dict[str, int]
    minimums: dict[str, int]
    periods: int | None
    plan_codes: list[str]
    tlds: list[str]
    covers_setup: bool
    new_customers_only: bool
    per_customer: int | None
    max_uses: int | None
    used_count: int
    valid_from: date | None
    valid_until: date | None
    state: str
    version: int

    @classmethod
    def of(cls, coupon: Coupon) -> CouponBody:
        return cls.model_validate({name: getattr(coupon, name) for name in cls.model_fields})


class RedemptionBody(BaseModel):
    """`held` with an order, `redeemed` when it was paid, `released` when it was cancelled."""

    id: UUID
    order_id: UUID
    customer_id: UUID
    discount: MoneyBody
    state: str
    at: datetime

    @classmethod
    def of(cls, found: Redemption) -> RedemptionBody:
        return cls(
            id=found.id,
            order_id=found.order_id,
            customer_id=found.customer_id,
            discount=MoneyBody.of(found.off),
            state=found.state,
            at=found.held_at,
        )


@router.get("/coupons", operation_id="list_coupons", responses=problem.responses(*READING))
async def list_all(
    ctx: Ctx,
    _caller: Reader,
    pages: Pages,
    state: Literal["active", "withdrawn"] | None = None,
    search: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")] = None,
) -> Page[CouponBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        found = await managed_coupons(tx, state=state, search=search, after=pages.after, limit=pages.limit + 1)
    return pages.page(found, CouponBody.of, lambda coupon: coupon.id)


@router.get("/coupons/{coupon_id}", operation_id="get_coupon", responses=problem.responses(*READING))
async def get(ctx: Ctx, _caller: Reader, coupon_id: UUID, response: Response) -> CouponBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return await _shown(tx, coupon_id, response)


@router.get("/coupons/{coupon_id}/redemptions", operation_id="list_redemptions", responses=problem.responses(*READING))
async def list_redemptions(ctx: Ctx, _caller: Reader, coupon_id: UUID, pages: Pages) -> Page[RedemptionBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        await managed_coupon(tx, coupon_id)
        found = await redemptions_of(tx, coupon_id=coupon_id, after=pages.after, limit=pages.limit + 1)
    return pages.page(found, RedemptionBody.of, lambda redemption: redemption.id)


@router.post("/coupons", operation_id="create_coupon", status_code=201, responses=problem.responses(*EDITING, CodeTaken))
async def create(ctx: Ctx, caller: Editor, body: NewCoupon, response: Response) -> CouponBody:
    async with ctx.database.writing(Role.WORK) as tx:
        made = edit(caller, body.reason)
        coupon_id = await create_coupon(tx, code=body.code, changes=body.changes(), edit=made, now=ctx.clock.now())
        return await _shown(tx, coupon_id, response)


@router.put("/coupons/{coupon_id}", operation_id="change_coupon", responses=problem.responses(*EDITING))
async def change(ctx: Ctx, caller: Editor, coupon_id: UUID, body: CouponChange, response: Response, if_match: IfMatch = None) -> CouponBody:
    """For orders from now on; what was redeemed keeps its terms."""
    async with ctx.database.writing(Role.WORK) as tx:
        await change_coupon(tx, coupon_id, changes=body.changes(), edit=edit(caller, body.reason, if_match), now=ctx.clock.now())
        return await _shown(tx, coupon_id, response)


@router.delete("/coupons/{coupon_id}", operation_id="withdraw_coupon", responses=problem.responses(*EDITING))
async def withdraw(ctx: Ctx, caller: Editor, coupon_id: UUID, response: Response, reason: AskedReason = None, if_match: IfMatch = None) -> CouponBody:
    """Nobody redeems it any more; discounts that run go on as they were promised."""
    async with ctx.database.writing(Role.WORK) as tx:
        await withdraw_coupon(tx, coupon_id, edit=edit(caller, reason, if_match), now=ctx.clock.now())
        return await _shown(tx, coupon_id, response)


async def _shown(tx: ReadTx, coupon_id: UUID, response: Response) -> CouponBody:
    coupon = await managed_coupon(tx, coupon_id)
    tag(response, coupon.version)
    return CouponBody.of(coupon)

"""Routes of subscriptions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.errors import SubscriptionNotFound
from nextbill.capabilities.subscriptions.queries import Subscription
from nextbill.capabilities.subscriptions.rules import Item, SubscriptionState
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, NotPermitted
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import MoneyBody

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"])


class SubscriptionCycle(BaseModel):
    unit: str = Field(examples=["month"])
    count: int = Field(examples=[1])


class SubscriptionItemBody(BaseModel):
    """What it is charged for. `billing`: each_period, or first_period: once with the first charge."""

    kind: str = Field(examples=["addon"])
    code: str = Field(examples=["extra-backups"])
    name: str = Field(examples=["Hourly backups"])
    quantity: int
    unit: MoneyBody
    price_version: int
    billing: str = Field(examples=["each_period"])

    @classmethod
    def of(cls, item: Item) -> SubscriptionItemBody:
        facts = {name: getattr(item, name) for name in ("kind", "code", "name", "quantity", "price_version", "billing")}
        return cls.model_validate({**facts, "unit": MoneyBody.of(item.unit)})


class SubscriptionBody(BaseModel):
    """`current_period_end` is the first day after the period. `limits`: null is unlimited. `trial_ends_on`: the first day that is charged."""

    id: UUID
    customer_id: UUID
    order_line_id: UUID
    status: str = Field(examples=["active"])
    plan_code: str = Field(examples=["professional"])
    plan_name: str = Field(examples=["Professional"])
    price: MoneyBody
    price_version: int
    items: list[SubscriptionItemBody]
    trial_days: int
    trial_ends_on: date | None
    cycle: SubscriptionCycle
    limits: dict[str, int | None] = Field(examples=[{"accounts": 5, "domains": 25}])
    features: list[str]
    current_period_start: date | None
    current_period_end: date | None
    next_due_on: date | None
    created_at: datetime
    started_at: datetime | None
    cancelled_at: datetime | None

    @classmethod
    def of(cls, found: Subscription) -> SubscriptionBody:
        return cls(
            id=found.id,
            customer_id=found.customer_id,
            order_line_id=found.order_line_id,
            status=found.state,
            plan_code=found.plan_code,
            plan_name=found.plan_name,
            price=MoneyBody.of(found.price),
            price_version=found.price_version,
            items=[SubscriptionItemBody.of(item) for item in found.items],
            trial_days=found.trial_days,
            trial_ends_on=found.trial_ends_on,
            cycle=SubscriptionCycle(unit=found.cycle.unit, count=found.cycle.count),
            limits=dict(found.limits),
            features=list(found.features),
            current_period_start=found.period.start if found.period else None,
            current_period_end=found.period.end if found.period else None,
            next_due_on=found.next_due_on,
            created_at=found.created_at,
            started_at=found.started_at,
            cancelled_at=found.cancelled_at,
        )


@router.get("/", operation_id="list_subscriptions")
@router.get("", include_in_schema=False)
async def list_all(ctx: Ctx, caller: AnyCaller, pages: Pages, status: Annotated[SubscriptionState | None, Query()] = None) -> Page[SubscriptionBody]:
    """A customer's own, or everybody's for staff who may see them."""
    async with _reading(ctx, caller) as tx:
        rows = await queries.list_subscriptions(tx, after=pages.after, limit=pages.limit + 1, state=status)
    return pages.page(rows, SubscriptionBody.of, lambda row: row.id)


@router.get("/{subscription_id}", operation_id="get_subscription", responses=problem.responses(SubscriptionNotFound))
async def get(ctx: Ctx, caller: AnyCaller, subscription_id: UUID) -> SubscriptionBody:
    async with _reading(ctx, caller) as tx:
        return SubscriptionBody.of(await queries.get_subscription(tx, subscription_id))


@asynccontextmanager
async def _reading(ctx: Context, caller: Caller) -> AsyncIterator[ReadTx]:
    """Row-level security shows a customer their own rows; staff need the permission to see all."""
    if caller.customer_id is None and "subscriptions.read_all" not in caller.permissions:
        raise NotPermitted("This needs the permission subscriptions.read_all.")
    role = Role.APP if caller.customer_id is not None else Role.WORK
    async with ctx.database.reading(role, customer_id=caller.customer_id) as tx:
        yield tx

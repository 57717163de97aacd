"""What staff does with subscriptions: the same as their owners, more, and with a reason."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from nextbill.capabilities import catalog, customers
from nextbill.capabilities.invoicing import ProformaNotOpen
from nextbill.capabilities.subscriptions import commands, queries
from nextbill.capabilities.subscriptions.commands import By
from nextbill.capabilities.subscriptions.errors import (
    ChangeNotFound,
    ChangeNotOpen,
    NotEnding,
    NotInThisState,
    PriceTooEarly,
    SubscriptionNotFound,
)
from nextbill.capabilities.subscriptions.http.rises import PriceRiseBody, PriceRiseOrder, PriceRisePreviewBody, PriceRiseRowBody
from nextbill.capabilities.subscriptions.http.routes import CHANGES, KEYS, SOLD, STATES, changed, moment
from nextbill.capabilities.subscriptions.http.shapes import (
    ChangedBody,
    ChangePreviewBody,
    NewSubscription,
    PauseOrder,
    ReasonOrder,
    StaffCancel,
    StaffOrder,
    StaffWish,
    SubscriptionBody,
)
from nextbill.capabilities.subscriptions.rules import Item
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import ReadTx, Role, Tx
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute

router = APIRouter(prefix="/admin/subscriptions", tags=["admin"], route_class=IdempotentRoute)
create_router = APIRouter(prefix="/subscriptions", tags=["subscriptions"], route_class=IdempotentRoute)
Manager = Annotated[Caller, Depends(needs("subscriptions.manage"))]
AT_ONCE, SHOWN = 500, 50


@create_router.post(
    "/", operation_id="create_subscription", status_code=201, responses=problem.responses(*SOLD, customers.UnknownCustomer, Invalid, *KEYS)
)
@create_router.post("", include_in_schema=False, status_code=201)
async def create(ctx: Ctx, caller: Manager, body: NewSubscription) -> SubscriptionBody:
    """Staff's, without an order: what is delivered by hand or brought along. Customers order: `POST /orders`."""
    now, today = moment(ctx)
    starts_on = body.starts_on or today
    if starts_on < today:
        raise Invalid(fields={"starts_on": "today or later: what is over can be invoiced, not subscribed to"})
    async with ctx.database.writing(Role.WORK) as tx:
        await customers.get_customer(tx, body.customer_id)
        cycle = body.cycle.cycle()
        offer = await catalog.price_plan(tx, plan_code=body.plan, cycle=cycle, currency=body.currency, on=today, kind=body.kind)
        kind = "plan" if body.kind == "hosting" else "product"
        item = Item(kind, offer.plan_id, offer.plan_code, offer.plan_name, body.quantity, offer.price, offer.price_id, offer.price_version)
        contract = commands.Contract(body.customer_id, offer, cycle, (item,), starts_on)
        subscription_id = await commands.begin_contract(tx, contract, by=_by(caller, body.reason), today=today, now=now)
        return await _shown(tx, subscription_id)


@router.get("/price-rises", operation_id="preview_price_rise", responses=problem.responses(PriceTooEarly, catalog.CatalogNotFound))
async def foresee(ctx: Ctx, _caller: Manager, plan_id: UUID, price_id: UUID, not_before: date) -> PriceRisePreviewBody:
    """Whom an announcement would reach, what each pays now and then, and from which day. Nothing is announced."""
    _now, today = moment(ctx)
    async with ctx.database.reading(Role.WORK) as tx:
        price = await _price(tx, plan_id, price_id)
        found = await commands.paying_older(tx, price, limit=AT_ONCE + 1)
        rows = await commands.foresee_prices(tx, found[:SHOWN], prices=_priced(plan_id, price), not_before=not_before, today=today)
    count, more = min(len(found), AT_ONCE), len(found) > AT_ONCE
    return PriceRisePreviewBody(count=count, more=more, rows=[PriceRiseRowBody.of(row) for row in rows])


@router.post("/price-rises", operation_id="announce_price_rise", responses=problem.responses(PriceTooEarly, catalog.CatalogNotFound, *KEYS))
async def announce(ctx: Ctx, caller: Manager, body: PriceRiseOrder) -> PriceRiseBody:
    """To at most 500 subscriptions; each of them is told, and may be cancelled before its day."""
    now, today = moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        price = await _price(tx, body.plan_id, body.price_id)
        found = await commands.paying_older(tx, price, limit=AT_ONCE + 1)
        prices = _priced(body.plan_id, price)
        for subscription_id in found[:AT_ONCE]:
            by = _by(caller, body.reason)
            await commands.announce_price(tx, subscription_id, prices=prices, not_before=body.not_before, by=by, today=today, now=now)
    return PriceRiseBody(announced=min(len(found), AT_ONCE), more=len(found) > AT_ONCE)


@router.post("/{subscription_id}/preview", operation_id="preview_any_subscription_change", responses=problem.responses(*STATES, *SOLD))
async def preview(ctx: Ctx, _caller: Manager, subscription_id: UUID, body: StaffWish) -> ChangePreviewBody:
    """As its owner sees it, or with a downgrade at once."""
    _now, today = moment(ctx)
    async with ctx.database.reading(Role.WORK) as tx:
        return ChangePreviewBody.of(await commands.preview_change(tx, subscription_id, body.wish(), today=today, at_once=body.at_once))


@router.put("/{subscription_id}", operation_id="change_any_subscription", responses=problem.responses(*CHANGES))
async def change(ctx: Ctx, caller: Manager, subscription_id: UUID, body: StaffOrder) -> ChangedBody:
    """As its preview says. A downgrade at once gives credit, not cash."""
    now, today = moment(ctx)
    by = _by(caller, body.reason)
    async with ctx.database.writing(Role.WORK) as tx:
        change_id = await commands.request_change(
            tx, subscription_id, body.wish(), by=by, today=today, now=now, quote=body.quote, at_once=body.at_once
        )
        return await changed(tx, subscription_id, change_id)


@router.post(
    "/{subscription_id}/changes/{change_id}/withdraw",
    operation_id="withdraw_any_subscription_change",
    responses=problem.responses(SubscriptionNotFound, ChangeNotFound, ChangeNotOpen, ProformaNotOpen, *KEYS),
)
async def withdraw(ctx: Ctx, caller: Manager, subscription_id: UUID, change_id: UUID, body: ReasonOrder) -> ChangedBody:
    """An open change, or a price that was announced, is off."""
    now, today = moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        if (await queries.get_change(tx, change_id)).subscription_id != subscription_id:
            raise ChangeNotFound
        await commands.withdraw_change(tx, change_id, by=_by(caller, body.reason), on=today, now=now)
        return await changed(tx, subscription_id, change_id)


@router.post("/{subscription_id}/cancel", operation_id="cancel_any_subscription", responses=problem.responses(*STATES, *KEYS))
async def cancel(ctx: Ctx, caller: Manager, subscription_id: UUID, body: StaffCancel) -> SubscriptionBody:
    """At the end of what is paid, or now, with or without credit for what is not used."""
    now, today = moment(ctx)
    by = _by(caller, body.reason)
    async with ctx.database.writing(Role.WORK) as tx:
        if body.at == "now":
            await commands.cancel_now(tx, subscription_id, by=by, today=today, now=now, credit=body.credit)
        else:
            await commands.cancel_at_end(tx, subscription_id, by=by, today=today, now=now)
        return await _shown(tx, subscription_id)


@router.post(
    "/{subscription_id}/reactivate", operation_id="reactivate_any_subscription", responses=problem.responses(SubscriptionNotFound, NotEnding, *KEYS)
)
async def reactivate(ctx: Ctx, caller: Manager, subscription_id: UUID, body: ReasonOrder) -> SubscriptionBody:
    now, today = moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.reactivate(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now)
        return await _shown(tx, subscription_id)


@router.post("/{subscription_id}/pause", operation_id="pause_any_subscription", responses=problem.responses(*STATES, Invalid, *KEYS))
async def pause(ctx: Ctx, caller: Manager, subscription_id: UUID, body: PauseOrder) -> SubscriptionBody:
    """Until `resume_on`, or until somebody resumes it."""
    now, today = moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.pause(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now, resume_on=body.resume_on)
        return await _shown(tx, subscription_id)


@router.post(
    "/{subscription_id}/resume", operation_id="resume_any_subscription", responses=problem.responses(SubscriptionNotFound, NotInThisState, *KEYS)
)
async def resume(ctx: Ctx, caller: Manager, subscription_id: UUID, body: ReasonOrder) -> SubscriptionBody:
    now, today = moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.resume(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now)
        return await _shown(tx, subscription_id)


@router.post("/{subscription_id}/mend", operation_id="mend_subscription", responses=problem.responses(SubscriptionNotFound, *KEYS))
async def mend(ctx: Ctx, caller: Manager, subscription_id: UUID, body: ReasonOrder) -> SubscriptionBody:
    """What the billing run has set aside is billed again from its next start on."""
    now, today = moment(ctx)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.mend(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now)
        return await _shown(tx, subscription_id)


async def _price(tx: ReadTx, plan_id: UUID, price_id: UUID) -> catalog.PriceVersion:
    price = next((price for price in await catalog.plan_prices(tx, plan_id) if price.id == price_id), None)
    if price is None:
        raise catalog.CatalogNotFound
    return price


def _priced(plan_id: UUID, price: catalog.PriceVersion) -> dict[UUID, commands.ProductPrice]:
    return {plan_id: commands.ProductPrice(price.price, price.id, price.version)}


async def _shown(tx: Tx, subscription_id: UUID) -> SubscriptionBody:
    return SubscriptionBody.of(await queries.get_subscription(tx, subscription_id))


def _by(caller: Caller, reason: str | None) -> By:
    return By(f"staff:{caller.login_id}", reason)

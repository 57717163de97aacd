"""Customers' own subscriptions; reading them all for staff."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from nextbill.capabilities import catalog, hosting, tax
from nextbill.capabilities.invoicing import ProformaNotOpen, get_proforma
from nextbill.capabilities.subscriptions import commands, queries
from nextbill.capabilities.subscriptions.commands import By
from nextbill.capabilities.subscriptions.errors import (
    AlreadyEnding,
    ChangeNotFound,
    ChangeNotOpen,
    ChangePending,
    ChargedOnce,
    DoesNotFit,
    NotEnding,
    NothingChanges,
    NotInThisState,
    PreviewOutdated,
    SubscriptionNotFound,
)
from nextbill.capabilities.subscriptions.http.details import SubscriptionDetailBody
from nextbill.capabilities.subscriptions.http.shapes import (
    CancelOrder,
    ChangedBody,
    ChangeOrder,
    ChangePreviewBody,
    ChangeWish,
    HistoryBody,
    PauseOrder,
    ReasonOrder,
    SubscriptionBody,
    SubscriptionChangeBody,
)
from nextbill.capabilities.subscriptions.queries import Chosen
from nextbill.capabilities.subscriptions.rules import ORDER_LINE, Collection, SubscriptionState
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, CustomerCaller, NotPermitted, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"], route_class=IdempotentRoute)
SOLD = (
    catalog.UnknownPlan, catalog.CycleNotOffered, catalog.PriceNotInCurrency, catalog.UnknownAddon, catalog.UnknownOption, catalog.OptionNotPossible,
    catalog.OutOfStock, tax.TaxRateMissing, tax.TaxNotKnown, NothingChanges, ChargedOnce,
)  # fmt: skip
STATES = (SubscriptionNotFound, NotInThisState, AlreadyEnding)
KEYS = (KeyInUse, KeyReused)
CHANGES = (*STATES, *SOLD, ChangePending, PreviewOutdated, DoesNotFit)


async def _chosen(
    status: Annotated[SubscriptionState | None, Query()] = None,
    plan: Annotated[str | None, Query(max_length=64, description="a plan's or product's code")] = None,
    collection: Annotated[Collection | None, Query()] = None,
    set_aside: Annotated[bool | None, Query(description="by the billing run, for staff to mend")] = None,
    bill_from: Annotated[date | None, Query(description="the next invoice is made on this day or later")] = None,
    bill_until: Annotated[date | None, Query(description="on this day or earlier")] = None,
    customer_id: Annotated[UUID | None, Query(description="only this customer's")] = None,
) -> Chosen:
    return Chosen(status, plan, collection, set_aside, bill_from, bill_until, customer_id)


Narrowed = Annotated[Chosen, Depends(_chosen)]


@router.get("/", operation_id="list_subscriptions")
@router.get("", include_in_schema=False)
async def list_all(ctx: Ctx, caller: AnyCaller, pages: Pages, chosen: Narrowed) -> Page[SubscriptionBody]:
    """A customer's own, or everybody's for staff who may see them."""
    async with reading(ctx, caller) as tx:
        rows = await queries.list_subscriptions(tx, after=pages.after, limit=pages.limit + 1, chosen=chosen)
        names = await hosting.names_for(tx, reference_type=ORDER_LINE, reference_ids=[row.order_line_id for row in rows])
    return pages.page(rows, lambda row: SubscriptionBody.of(row, domain=names.get(row.order_line_id)), lambda row: row.id)


@router.get("/{subscription_id}", operation_id="get_subscription", responses=problem.responses(SubscriptionNotFound))
async def get(ctx: Ctx, caller: AnyCaller, subscription_id: UUID) -> SubscriptionDetailBody:
    """With its coupon, its periods, and what ending it today would give back."""
    (_now, today), settings, staff = moment(ctx), ctx.settings, caller.customer_id is None
    async with reading(ctx, caller) as tx:
        found = await queries.get_subscription(tx, subscription_id)
        returns, longest = staff or settings.cancel_returns_unused, settings.customer_pause_days_max
        return await SubscriptionDetailBody.read(tx, found, today=today, returns=returns, pause_days_max=longest)


@router.get("/{subscription_id}/changes", operation_id="list_subscription_changes", responses=problem.responses(SubscriptionNotFound))
async def changes(ctx: Ctx, caller: AnyCaller, subscription_id: UUID) -> list[SubscriptionChangeBody]:
    """The last hundred, newest first."""
    async with reading(ctx, caller) as tx:
        await queries.get_subscription(tx, subscription_id)
        return [await _told(tx, change, whole=caller.customer_id is None) for change in await queries.changes_of(tx, subscription_id)]


@router.get("/{subscription_id}/history", operation_id="get_subscription_history", responses=problem.responses(SubscriptionNotFound))
async def history(ctx: Ctx, caller: AnyCaller, pages: Pages, subscription_id: UUID) -> Page[HistoryBody]:
    """What happened to it, newest first. Staff are told which login did it."""
    whole = caller.customer_id is None
    async with reading(ctx, caller) as tx:
        await queries.get_subscription(tx, subscription_id)
        rows = await queries.history_of(tx, subscription_id, after=pages.after, limit=pages.limit + 1)
    return pages.page(rows, lambda row: HistoryBody.of(row, whole=whole), lambda row: row.id)


@router.post("/{subscription_id}/preview", operation_id="preview_subscription_change", responses=problem.responses(*STATES, *SOLD))
async def preview(ctx: Ctx, caller: CustomerCaller, subscription_id: UUID, body: ChangeWish) -> ChangePreviewBody:
    """What a change costs now and next, and from when it holds. Nothing is changed."""
    _now, today = moment(ctx)
    await _own(ctx, caller, subscription_id)
    async with ctx.database.reading(Role.WORK) as tx:
        return ChangePreviewBody.of(await commands.preview_change(tx, subscription_id, body.wish(), today=today))


@router.put("/{subscription_id}", operation_id="change_subscription", responses=problem.responses(*CHANGES))
async def change(ctx: Ctx, caller: CustomerCaller, subscription_id: UUID, body: ChangeOrder) -> ChangedBody:
    """As its preview says: an upgrade waits for its payment, a downgrade for the period's end."""
    now, today = moment(ctx)
    await _own(ctx, caller, subscription_id)
    async with ctx.database.writing(Role.WORK) as tx:
        change_id = await commands.request_change(tx, subscription_id, body.wish(), by=_by(caller), today=today, now=now, quote=body.quote)
        return await changed(tx, subscription_id, change_id)


@router.post(
    "/{subscription_id}/changes/{change_id}/withdraw",
    operation_id="withdraw_subscription_change",
    responses=problem.responses(SubscriptionNotFound, ChangeNotFound, ChangeNotOpen, ProformaNotOpen, *KEYS),
)
async def withdraw(ctx: Ctx, caller: CustomerCaller, subscription_id: UUID, change_id: UUID) -> ChangedBody:
    """An open change is off. A price that we announced can't be withdrawn: cancel the subscription instead."""
    now, today = moment(ctx)
    await _own(ctx, caller, subscription_id)
    async with ctx.database.writing(Role.WORK) as tx:
        found = await queries.get_change(tx, change_id)
        if found.subscription_id != subscription_id:
            raise ChangeNotFound
        if found.kind == "price":
            raise ChangeNotOpen("A price that was announced holds; the subscription can be cancelled before its day.")
        await commands.withdraw_change(tx, change_id, by=_by(caller), on=today, now=now)
        return await changed(tx, subscription_id, change_id)


@router.post("/{subscription_id}/cancel", operation_id="cancel_subscription", responses=problem.responses(*STATES, *KEYS))
async def cancel(ctx: Ctx, caller: CustomerCaller, subscription_id: UUID, body: CancelOrder) -> SubscriptionBody:
    """At the end of what is paid, which can be taken back until then, or now; then what is not used is credit, if the shop says so."""
    now, today = moment(ctx)
    await _own(ctx, caller, subscription_id)
    async with ctx.database.writing(Role.WORK) as tx:
        if body.at == "now":
            back = ctx.settings.cancel_returns_unused
            await commands.cancel_now(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now, credit=back)
        else:
            await commands.cancel_at_end(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now)
        return SubscriptionBody.of(await queries.get_subscription(tx, subscription_id))


@router.post(
    "/{subscription_id}/reactivate", operation_id="reactivate_subscription", responses=problem.responses(SubscriptionNotFound, NotEnding, *KEYS)
)
async def reactivate(ctx: Ctx, caller: CustomerCaller, subscription_id: UUID) -> SubscriptionBody:
    """The cancellation for the period's end is taken back."""
    now, today = moment(ctx)
    await _own(ctx, caller, subscription_id)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.reactivate(tx, subscription_id, by=_by(caller), today=today, now=now)
        return SubscriptionBody.of(await queries.get_subscription(tx, subscription_id))


@router.post("/{subscription_id}/pause", operation_id="pause_subscription", responses=problem.responses(*STATES, Invalid, *KEYS))
async def pause(ctx: Ctx, caller: CustomerCaller, subscription_id: UUID, body: PauseOrder) -> SubscriptionBody:
    """It rests, and the time is not billed: for as many days as the shop allows, where it does."""
    (now, today), longest = moment(ctx), ctx.settings.customer_pause_days_max
    if not longest:
        raise NotPermitted("Ask us: this shop pauses subscriptions itself.")
    until = body.resume_on or today + timedelta(days=longest)
    if until > today + timedelta(days=longest):
        raise Invalid(fields={"resume_on": f"at most {longest} days from today"})
    await _own(ctx, caller, subscription_id)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.pause(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now, resume_on=until)
        return SubscriptionBody.of(await queries.get_subscription(tx, subscription_id))


@router.post(
    "/{subscription_id}/resume", operation_id="resume_subscription", responses=problem.responses(SubscriptionNotFound, NotInThisState, *KEYS)
)
async def resume(ctx: Ctx, caller: CustomerCaller, subscription_id: UUID, body: ReasonOrder) -> SubscriptionBody:
    """It goes on; what was paid for lasts longer by the days of the pause."""
    now, today = moment(ctx)
    await _own(ctx, caller, subscription_id)
    async with ctx.database.writing(Role.WORK) as tx:
        await commands.resume(tx, subscription_id, by=_by(caller, body.reason), today=today, now=now)
        return SubscriptionBody.of(await queries.get_subscription(tx, subscription_id))


def moment(ctx: Context) -> tuple[datetime, date]:
    """Now, and which day that is at the seller's."""
    now = ctx.clock.now()
    return now, business_date(now, ctx.settings.company_time_zone)


async def changed(tx: ReadTx, subscription_id: UUID, change_id: UUID) -> ChangedBody:
    change = await _told(tx, await queries.get_change(tx, change_id))
    return ChangedBody(change=change, subscription=SubscriptionBody.of(await queries.get_subscription(tx, subscription_id)))


async def _told(tx: ReadTx, change: queries.Change, *, whole: bool = False) -> SubscriptionChangeBody:
    waits = change.state == "waiting_payment" and change.proforma_id is not None
    payable_id = (await get_proforma(tx, change.proforma_id)).payable_id if waits and change.proforma_id else None
    return SubscriptionChangeBody.of(change, payable_id, whole=whole)


async def _own(ctx: Context, caller: Caller, subscription_id: UUID) -> None:
    """Row-level security shows a customer their own subscriptions only; what follows touches rows that customers cannot write."""
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        await queries.get_subscription(tx, subscription_id)


def _by(caller: Caller, reason: str | None = None) -> By:
    return By(f"customer:{caller.login_id}", reason)


@asynccontextmanager
async def reading(ctx: Context, caller: Caller) -> AsyncIterator[ReadTx]:
    """Row-level security shows a customer their own rows; staff need the permission to see all."""
    if caller.customer_id is None and "subscriptions.read_all" not in caller.permissions:
        raise NotPermitted("This needs the permission subscriptions.read_all.")
    role = Role.APP if caller.customer_id is not None else Role.WORK
    async with ctx.database.reading(role, customer_id=caller.customer_id) as tx:
        yield tx

"""Saved cards: listed, left on a page of the gateway's, made the default, taken away; and what is charged to them by itself."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from nextbill.capabilities import identity
from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.errors import ConsentNeeded, LastMethod, MethodNotFound, PayableNotFound, PaymentRefused, SetupNotFound
from nextbill.capabilities.payments.http.desk import Desk, reading
from nextbill.capabilities.payments.http.intents import GLANCE_SECONDS, GLANCES, consent_of
from nextbill.capabilities.payments.http.method_bodies import AgainRequest, CollectionBody, MethodBody, SetupBody, SetupRequest
from nextbill.capabilities.payments.queries import SetupView
from nextbill.kernel.clock import business_date
from nextbill.runtime import steps
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, CustomerCaller, needs, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.paging import Page, Pages

State = Literal["due", "trying", "waiting", "collected", "given_up", "stopped"]
OfCustomer = Annotated[UUID | None, Query(description="Of one customer; for staff.")]


def make_router(desk: Desk) -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute, tags=["payment methods"])
    _reads(router, desk)
    _changes(router, desk)
    _collections(router)
    return router


def _reads(router: APIRouter, desk: Desk) -> None:
    @router.get("/payments/methods", operation_id="list_payment_methods")
    async def list_all(ctx: Ctx, caller: AnyCaller, pages: Pages, customer_id: OfCustomer = None) -> Page[MethodBody]:
        """The caller's own, or everybody's for staff; cards that were taken away are left out."""
        async with reading(ctx, caller) as tx:
            rows = await queries.list_methods(tx, customer_id=customer_id, after=pages.after, limit=pages.limit + 1)
        return pages.page(rows, MethodBody.of, lambda row: row.id)

    @router.get("/payments/methods/return", operation_id="return_from_setup", status_code=303, response_class=RedirectResponse)
    async def come_back(ctx: Ctx, setup: Annotated[UUID, Query()]) -> RedirectResponse:
        """Where the gateway sends the browser after a card was left. The query proves nothing: the gateway is asked."""
        return RedirectResponse(await _landing(ctx, desk, setup), status_code=303)

    @router.get("/payments/methods/setups/{setup_id}", operation_id="get_payment_method_setup", responses=problem.responses(SetupNotFound))
    async def get_setup(ctx: Ctx, caller: AnyCaller, setup_id: UUID) -> SetupBody:
        """How far it is; the gateway is asked now while it is open."""
        async with reading(ctx, caller) as tx:
            setup = await queries.get_setup(tx, setup_id)
        await desk.settle_setup_now(ctx, setup)
        async with reading(ctx, caller) as tx:
            return SetupBody.of(await queries.get_setup(tx, setup_id))


def _changes(router: APIRouter, desk: Desk) -> None:
    @router.post(
        "/payments/methods",
        operation_id="add_payment_method",
        responses={202: {"model": SetupBody}, **problem.responses(ConsentNeeded, PaymentRefused, KeyReused, KeyInUse)},
    )
    async def add(ctx: Ctx, caller: CustomerCaller, request: Request, body: SetupRequest, response: Response) -> SetupBody:
        """Creates or returns the one open page for leaving a card. 202 with status `opening` while the gateway has not answered."""
        if not body.consent:
            raise ConsentNeeded(fields={"consent": "its holder must agree that the card is kept and charged"})
        setup = await _start(ctx, desk, own_id(caller), request, return_path=body.return_path)
        if setup.state != "open":
            response.status_code = 202
        return SetupBody.of(setup)

    @router.put("/payments/methods/{method_id}/default", operation_id="set_default_payment_method", responses=problem.responses(MethodNotFound))
    async def set_default(ctx: Ctx, caller: CustomerCaller, method_id: UUID) -> MethodBody:
        """This card is charged from now on, also for what waits because another one was declined."""
        async with ctx.database.writing(Role.APP, customer_id=own_id(caller)) as tx:
            await commands.make_default(tx, customer_id=own_id(caller), method_id=method_id, now=ctx.clock.now())
            return MethodBody.of(await queries.get_method(tx, method_id))

    @router.delete(
        "/payments/methods/{method_id}",
        operation_id="remove_payment_method",
        status_code=204,
        responses=problem.responses(MethodNotFound, LastMethod),
    )
    async def remove(ctx: Ctx, caller: CustomerCaller, method_id: UUID, confirm_last: Annotated[bool, Query()] = False) -> None:
        """Never charged again. The last one asks back once: with `confirm_last`, what the customer keeps is paid by invoice from then on."""
        async with ctx.database.writing(Role.APP, customer_id=own_id(caller)) as tx:
            await commands.remove_method(tx, customer_id=own_id(caller), method_id=method_id, confirmed=confirm_last, now=ctx.clock.now())


def _collections(router: APIRouter) -> None:
    @router.get("/payments/collections", operation_id="list_collections")
    async def list_collections(
        ctx: Ctx, caller: AnyCaller, pages: Pages, state: Annotated[State | None, Query()] = None, customer_id: OfCustomer = None
    ) -> Page[CollectionBody]:
        """What is charged by itself: when next, how often it was, and why not yet."""
        async with reading(ctx, caller) as tx:
            rows = await queries.list_collections(tx, state=state, customer_id=customer_id, after=pages.after, limit=pages.limit + 1)
        return pages.page(rows, CollectionBody.of, lambda row: row.payable_id)

    @router.post(
        "/payments/collections/{payable_id}/retry", operation_id="retry_collection", responses=problem.responses(PayableNotFound, KeyReused, KeyInUse)
    )
    async def retry(ctx: Ctx, caller: Annotated[Caller, Depends(needs("payments.manage"))], payable_id: UUID, body: AgainRequest) -> CollectionBody:
        """Staff: a fresh schedule from today. A card that must never be charged again is not, whoever asks."""
        now = ctx.clock.now()
        async with ctx.database.writing(Role.WORK) as tx:
            await commands.charge_again(tx, payable_id, on=business_date(now, ctx.settings.company_time_zone), now=now)
            found = await queries.collection_of(tx, payable_id)
            if found is None:
                raise PayableNotFound
            await identity.audit(
                tx,
                actor=f"staff:{caller.login_id}",
                action="payments.retry_collection",
                object_type="payments.payable",
                object_id=payable_id,
                customer_id=found.customer_id,
                reason=body.reason,
                detail={},
                now=now,
            )
        return CollectionBody.of(found)


async def _start(ctx: Context, desk: Desk, customer_id: UUID, request: Request, *, return_path: str | None) -> SetupView:
    async with ctx.database.reading(Role.APP, customer_id=customer_id) as tx:
        present = await queries.open_setup(tx, customer_id)
        setup = await queries.get_setup(tx, present) if present else None
    if setup is not None:
        await desk.settle_setup_now(ctx, setup)
    consent, return_url = consent_of(ctx, request), f"{ctx.settings.portal_url}{return_path or '/payment-methods'}"
    async with ctx.database.writing(Role.APP, customer_id=customer_id) as tx:
        setup_id = await commands.start_setup(tx, customer_id=customer_id, return_url=return_url, consent=consent, now=ctx.clock.now())
        step = await steps.state_of(tx, commands.OPEN_SETUP, subject_id=setup_id)
    if step is not None and step.state == "requested":
        await ctx.steps.run(step.id)
    return await _opened(ctx, setup_id, customer_id)


async def _opened(ctx: Context, setup_id: UUID, customer_id: UUID) -> SetupView:
    """A worker may have been faster in taking up the step: give it a moment before answering `opening`."""
    for _ in range(GLANCES):
        async with ctx.database.reading(Role.APP, customer_id=customer_id) as tx:
            setup = await queries.get_setup(tx, setup_id)
            step = await steps.state_of(tx, commands.OPEN_SETUP, subject_id=setup_id)
        if setup.state != "requested" or step is None or step.state not in ("requested", "calling"):
            break
        await asyncio.sleep(GLANCE_SECONDS)
    if setup.state == "failed":
        raise PaymentRefused(reason=setup.error)
    return setup


async def _landing(ctx: Context, desk: Desk, setup_id: UUID) -> str:
    """Only addresses that we made ourselves: no open redirect."""
    try:
        async with ctx.database.reading(Role.WORK) as tx:
            setup = await queries.get_setup(tx, setup_id)
        await desk.settle_setup_now(ctx, setup)
        async with ctx.database.reading(Role.WORK) as tx:
            setup = await queries.get_setup(tx, setup_id)
    except SetupNotFound:
        return ctx.settings.portal_url
    joint = "&" if "?" in setup.return_url else "?"
    return f"{setup.return_url}{joint}{urlencode({'setup': str(setup.id), 'status': SetupBody.of(setup).status})}"

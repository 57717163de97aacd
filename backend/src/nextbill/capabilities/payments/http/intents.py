"""Starting to pay, coming back from the gateway's page, and asking again."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import RedirectResponse

from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.errors import ChargeUnderWay, CheckoutClosing, PayableNotFound, PayableNotOpen, PaymentNotFound, PaymentRefused
from nextbill.capabilities.payments.http.bodies import IntentBody, IntentRequest, PaymentBody, PayRequest, shown
from nextbill.capabilities.payments.http.desk import Desk, find_attempt
from nextbill.capabilities.payments.queries import Attempt
from nextbill.kernel.errors import Invalid
from nextbill.runtime import steps
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, CustomerCaller, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused

GLANCES = 30
GLANCE_SECONDS = 0.1
REFUSALS = (PayableNotFound, PayableNotOpen, PaymentRefused, CheckoutClosing, ChargeUnderWay, KeyReused, KeyInUse, Invalid)


def make_router(desk: Desk) -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute)

    @router.post(
        "/payments/intent",
        operation_id="create_payment_intent",
        tags=["payments"],
        responses={202: {"model": IntentBody}, **problem.responses(*REFUSALS)},
    )
    async def intent(ctx: Ctx, caller: CustomerCaller, request: Request, body: IntentRequest, response: Response) -> IntentBody:
        """Creates or returns the one open attempt at paying something. 202 with status `opening` while the gateway has not answered."""
        payable_id = body.payable_id or await _payable_of(ctx, desk, own_id(caller), body)
        consent = consent_of(ctx, request) if body.save_card else None
        attempt = await start(ctx, desk, payable_id, own_id(caller), return_path=body.return_path, consent=consent)
        return _answer(attempt, response)

    @router.post(
        "/orders/{order_id}/pay", operation_id="pay_order", tags=["orders"], responses={202: {"model": IntentBody}, **problem.responses(*REFUSALS)}
    )
    async def pay_order(
        ctx: Ctx, caller: CustomerCaller, order_id: UUID, request: Request, response: Response, body: Annotated[PayRequest | None, Body()] = None
    ) -> IntentBody:
        """The same as an intent for the order."""
        payable_id = await _payable_of(ctx, desk, own_id(caller), IntentRequest(order_id=order_id))
        consent = consent_of(ctx, request) if body and body.save_card else None
        attempt = await start(ctx, desk, payable_id, own_id(caller), return_path=body.return_path if body else None, consent=consent)
        return _answer(attempt, response)

    @router.post("/payments/{payment_id}/confirm", operation_id="confirm_payment", tags=["payments"], responses=problem.responses(PaymentNotFound))
    async def confirm(ctx: Ctx, caller: AnyCaller, payment_id: UUID) -> PaymentBody:
        """Asks the gateway now. What holds is what it says, not that somebody asked; where it does not answer, the payment is as it was."""
        await desk.settle_now(ctx, await find_attempt(ctx, caller, payment_id))
        return PaymentBody.of(await find_attempt(ctx, caller, payment_id))

    @router.get("/payments/return", operation_id="return_from_checkout", tags=["payments"], status_code=303, response_class=RedirectResponse)
    async def come_back(ctx: Ctx, attempt: Annotated[UUID, Query()]) -> RedirectResponse:
        """Where the gateway sends the browser. The query proves nothing: the gateway is asked, and the browser sent on to the portal."""
        return RedirectResponse(await _landing(ctx, desk, attempt), status_code=303)

    return router


async def _payable_of(ctx: Context, desk: Desk, customer_id: UUID, body: IntentRequest) -> UUID:
    kind: Literal["order", "invoice"] = "order" if body.order_id else "invoice"
    reference = body.order_id or body.invoice_id
    async with ctx.database.reading(Role.APP, customer_id=customer_id) as tx:
        found = await desk.find_payable(tx, kind, reference) if reference else None
    if found is None:
        raise PayableNotFound
    return found


def consent_of(ctx: Context, request: Request) -> commands.CardConsent:
    return commands.CardConsent(ctx.settings.terms_version, request.client.host if request.client else "unknown", ctx.clock.now())


async def start(
    ctx: Context, desk: Desk, payable_id: UUID, customer_id: UUID, *, return_path: str | None, consent: commands.CardConsent | None = None
) -> Attempt:
    """The one open attempt, asked of the gateway again where there is one. For callers who have looked whose payable it is."""
    async with ctx.database.reading(Role.APP, customer_id=customer_id) as tx:
        present = next((attempt for attempt in await queries.attempts_of(tx, payable_id) if attempt.state == "open"), None)
    if present is not None:
        # Paid, declined or expired meanwhile? Then say so, rather than send anybody to a page that is closed.
        await desk.settle_now(ctx, present)
        if present.kind == "checkout" and present.saves_card is not (consent is not None):
            await _close(ctx, present)
    async with ctx.database.writing(Role.WORK) as tx:
        if not await commands.yield_to_customer(tx, payable_id, now=ctx.clock.now()):
            raise ChargeUnderWay("Wait a moment, then look whether it is paid.", retry_after=5)
    return_url = f"{ctx.settings.portal_url}{return_path or '/payments'}"
    async with ctx.database.writing(Role.APP, customer_id=customer_id) as tx:
        attempt_id = await commands.start_attempt(
            tx, payable_id=payable_id, customer_id=customer_id, return_url=return_url, now=ctx.clock.now(), consent=consent
        )
        step = await steps.state_of(tx, commands.OPEN_CHECKOUT, subject_id=attempt_id)
    if step is not None and step.state == "requested":
        await ctx.steps.run(step.id)
    return await _opened(ctx, attempt_id, customer_id)


async def _close(ctx: Context, attempt: Attempt) -> None:
    """A page that saves the card, or one that does not: the customer has changed their mind."""
    async with ctx.database.writing(Role.WORK) as tx:
        step_id = await steps.request(tx, commands.EXPIRE_CHECKOUT, subject_id=attempt.id, customer_id=attempt.customer_id, now=ctx.clock.now())
    await ctx.steps.run(step_id)


async def _opened(ctx: Context, attempt_id: UUID, customer_id: UUID) -> Attempt:
    """A worker may have been faster in taking up the step: give it a moment before answering `opening`."""
    for _ in range(GLANCES):
        async with ctx.database.reading(Role.APP, customer_id=customer_id) as tx:
            attempt = await queries.get_attempt(tx, attempt_id)
            step = await steps.state_of(tx, commands.OPEN_CHECKOUT, subject_id=attempt_id)
        if attempt.state != "requested" or step is None or step.state not in ("requested", "calling"):
            break
        await asyncio.sleep(GLANCE_SECONDS)
    if attempt.state == "failed":
        raise PaymentRefused(attempt.error_message, reason=attempt.error)
    if attempt.state == "expired":
        raise PayableNotOpen("There is nothing left to pay.")
    return attempt


def _answer(attempt: Attempt, response: Response) -> IntentBody:
    if attempt.state != "open":
        response.status_code = 202
    return IntentBody.of(attempt)


async def _landing(ctx: Context, desk: Desk, attempt_id: UUID) -> str:
    """Only addresses that we made ourselves: no open redirect."""
    try:
        async with ctx.database.reading(Role.WORK) as tx:
            attempt = await queries.get_attempt(tx, attempt_id)
        await desk.settle_now(ctx, attempt)
        async with ctx.database.reading(Role.WORK) as tx:
            attempt = await queries.get_attempt(tx, attempt_id)
    except PaymentNotFound:
        return ctx.settings.portal_url
    if not attempt.return_url:
        return f"{ctx.settings.portal_url}/payments?{urlencode({'payment': str(attempt.id), 'status': shown(attempt)})}"
    joint = "&" if "?" in attempt.return_url else "?"
    return f"{attempt.return_url}{joint}{urlencode({'payment': str(attempt.id), 'status': shown(attempt)})}"

"""Money back, by staff."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header

from nextbill.capabilities import identity
from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.errors import NothingToRefund, NotRefundable, PaymentNotFound, RefundNotCovered, RefundTooLarge
from nextbill.capabilities.payments.http.bodies import RefundBody, RefundRequest
from nextbill.capabilities.payments.http.desk import Desk
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.runtime import steps
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, needs
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import MAX_KEY, IdempotentRoute, KeyInUse, KeyReused

REFUSALS = (PaymentNotFound, NotRefundable, RefundTooLarge, RefundNotCovered, NothingToRefund, KeyReused, KeyInUse)

Key = Annotated[str | None, Header(max_length=MAX_KEY)]


def make_router(_desk: Desk) -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute, tags=["payments"])

    @router.post("/payments/{payment_id}/refund", operation_id="refund_payment", status_code=202, responses=problem.responses(*REFUSALS))
    async def refund(
        ctx: Ctx, caller: Annotated[Caller, Depends(needs("refunds.create"))], payment_id: UUID, body: RefundRequest, idempotency_key: Key = None
    ) -> RefundBody:
        """Asked for at once, sent in the background where the gateway is slow. Never more than what came in, whoever asks how often, and
        never more than the customer has as credit: what was invoiced needs its credit note first."""
        refund_id = await _request(ctx, caller, payment_id, body, idempotency_key)
        async with ctx.database.reading(Role.WORK) as tx:
            step = await steps.state_of(tx, commands.REFUND, subject_id=refund_id)
        if step is not None:
            await ctx.steps.run(step.id)
        async with ctx.database.reading(Role.WORK) as tx:
            found = await queries.get_refund(tx, refund_id)
        if found is None:
            raise LookupError("a refund just requested must be readable")
        return RefundBody.of(found)

    return router


async def _request(ctx: Context, caller: Caller, payment_id: UUID, body: RefundRequest, key: str | None) -> UUID:
    now, actor = ctx.clock.now(), f"staff:{caller.login_id}"
    amount, own_key = _money(body), None if key is None else f"{actor}:{key}"
    async with ctx.database.writing(Role.WORK) as tx:
        attempt = await queries.get_attempt(tx, payment_id)
        refund_id = await commands.request_refund(
            tx, attempt_id=payment_id, amount=amount, reason=body.reason, actor=actor, zone=ctx.settings.company_time_zone, now=now, key=own_key
        )
        await identity.audit(
            tx,
            actor=actor,
            action="payments.refund",
            object_type="payments.refund",
            object_id=refund_id,
            customer_id=attempt.customer_id,
            reason=body.reason,
            detail={"payment_id": str(payment_id)},
            now=now,
        )
    return refund_id


def _money(body: RefundRequest) -> Money | None:
    if body.amount is None:
        return None
    try:
        return Money(body.amount.amount, body.amount.currency)
    except MoneyError as error:
        raise Invalid(fields={"amount.currency": str(error)}) from error

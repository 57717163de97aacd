"""What customer and staff can do about a delivery: choose another name, cancel a line or the order, refund."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities import catalog, domains, invoicing, orders, payments
from nextbill.kernel.errors import Invalid
from nextbill.processes.purchase import commands
from nextbill.processes.purchase.commands import By, Means
from nextbill.processes.purchase.rules import DearerName, MayExistAlready, NotDelivered, TooEarlyToCancel
from nextbill.runtime import words
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.web import language, problem
from nextbill.runtime.web.access import Caller, CustomerCaller, NotAuthenticated, NotPermitted, needs, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.shapes import Body

Manager = Annotated[Caller, Depends(needs("orders.manage"))]
DENIALS = (NotAuthenticated, NotPermitted, Invalid, KeyInUse, KeyReused, orders.OrderNotFound)
CANCELLING = (*DENIALS, orders.OrderNotCancellable, TooEarlyToCancel, MayExistAlready, payments.PayableNotOpen, invoicing.ProformaNotOpen)


class ChosenName(Body):
    name: str = Field(max_length=300, examples=["example.net"])


class CancelBody(Body):
    """A customer need not say why."""

    reason: str | None = Field(default=None, min_length=1, max_length=500, examples=["It takes too long"])


class ReasonBody(Body):
    """Why; kept in the audit log and printed on the credit note."""

    reason: str = Field(min_length=3, max_length=500, examples=["The panel will not be back this week"])


class LineProgress(BaseModel):
    id: UUID
    description: str
    domain_name: str | None
    state: str = Field(examples=["requested"])
    reason: str | None

    @classmethod
    def of(cls, line: orders.OrderLine) -> LineProgress:
        return cls(
            id=line.id,
            description=words.line(line.description, language.current()),
            domain_name=line.domain_name,
            state=line.state,
            reason=line.reason,
        )


class Progress(BaseModel):
    """How far the order is; `GET /orders/{id}` tells all of it."""

    id: UUID
    number: str | None = Field(examples=["ORD-2026-000042"])
    state: str = Field(examples=["paid"])
    lines: list[LineProgress]

    @classmethod
    def of(cls, order: orders.Order) -> Progress:
        return cls(id=order.id, number=order.number, state=order.state, lines=[LineProgress.of(line) for line in order.lines])


def make_router(means: Means) -> APIRouter:
    router = APIRouter(route_class=IdempotentRoute)
    _for_customers(router, means)
    _for_staff(router, means)
    return router


def _for_customers(router: APIRouter, means: Means) -> None:
    refusals = (*DENIALS, orders.LineNotRefused, DearerName, domains.DomainTaken, catalog.NotOnSale)

    @router.post(
        "/orders/{order_id}/lines/{line_id}/domain", operation_id="choose_another_name", tags=["orders"], responses=problem.responses(*refusals)
    )
    async def choose(ctx: Ctx, caller: CustomerCaller, order_id: UUID, line_id: UUID, body: ChosenName) -> Progress:
        """Another name for one that was refused, at the price that was paid or below it; a lower price is not paid back."""

        async def do(tx: Tx) -> None:
            actor, now = f"customer:{caller.login_id}", ctx.clock.now()
            await commands.choose_name(tx, order_id, line_id, text=body.name, actor=actor, means=means, now=now)

        return await _own(ctx, caller, order_id, do)

    @router.post(
        "/orders/{order_id}/lines/{line_id}/cancel", operation_id="cancel_order_line", tags=["orders"], responses=problem.responses(*CANCELLING)
    )
    async def cancel_line(ctx: Ctx, caller: CustomerCaller, order_id: UUID, line_id: UUID, body: CancelBody) -> Progress:
        """A refused name at once, anything else that was not delivered within 24 hours. Its price goes back by the way it was paid."""

        async def do(tx: Tx) -> None:
            await commands.cancel_line(tx, order_id, line_id, by=_customer(caller, body), means=means, now=ctx.clock.now())

        return await _own(ctx, caller, order_id, do)

    @router.post("/orders/{order_id}/cancel", operation_id="cancel_order", tags=["orders"], responses=problem.responses(*CANCELLING))
    async def cancel(ctx: Ctx, caller: CustomerCaller, order_id: UUID, body: CancelBody) -> Progress:
        """Unpaid at any time; paid, when nothing was delivered within 24 hours. All of it goes back by the way it was paid."""

        async def do(tx: Tx) -> None:
            await commands.cancel_order(tx, order_id, by=_customer(caller, body), means=means, now=ctx.clock.now())

        return await _own(ctx, caller, order_id, do)


def _for_staff(router: APIRouter, means: Means) -> None:
    @router.post("/admin/orders/{order_id}/cancel", operation_id="cancel_any_order", tags=["admin"], responses=problem.responses(*CANCELLING))
    async def cancel(ctx: Ctx, caller: Manager, order_id: UUID, body: ReasonBody) -> Progress:
        """While nothing was delivered: credit note over the whole, and refund."""

        async def do(tx: Tx) -> None:
            await commands.cancel_order(tx, order_id, by=_staff(caller, body), means=means, now=ctx.clock.now())

        return await _done(ctx, order_id, do)

    path = "/admin/orders/{order_id}/lines/{line_id}"

    @router.post(f"{path}/cancel", operation_id="cancel_any_order_line", tags=["admin"], responses=problem.responses(*CANCELLING))
    async def cancel_line(ctx: Ctx, caller: Manager, order_id: UUID, line_id: UUID, body: ReasonBody) -> Progress:
        """What was paid and not delivered: credit note and refund; the rest goes on."""

        async def do(tx: Tx) -> None:
            await commands.cancel_line(tx, order_id, line_id, by=_staff(caller, body), means=means, now=ctx.clock.now())

        return await _done(ctx, order_id, do)

    refusals = (*DENIALS, NotDelivered, invoicing.NothingToCredit, payments.RefundTooLarge)

    @router.post(f"{path}/refund", operation_id="refund_order_line", tags=["admin"], responses=problem.responses(*refusals))
    async def refund(
        ctx: Ctx, caller: Manager, _may: Annotated[Caller, Depends(needs("refunds.create"))], order_id: UUID, line_id: UUID, body: ReasonBody
    ) -> Progress:
        """Goodwill for a delivered line: credit note and refund; it stays delivered."""

        async def do(tx: Tx) -> None:
            await commands.refund_line(tx, order_id, line_id, by=_staff(caller, body), means=means, now=ctx.clock.now())

        return await _done(ctx, order_id, do)


def _customer(caller: Caller, body: CancelBody) -> By:
    return By(f"customer:{caller.login_id}", body.reason or "Cancelled by the customer", own_right=True)


def _staff(caller: Caller, body: ReasonBody) -> By:
    return By(f"staff:{caller.login_id}", body.reason)


async def _own(ctx: Context, caller: Caller, order_id: UUID, do: Callable[[Tx], Awaitable[None]]) -> Progress:
    """Row-level security shows a customer their own orders only; what follows touches rows that customers cannot write."""
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        await orders.get_order(tx, order_id)
    return await _done(ctx, order_id, do)


async def _done(ctx: Context, order_id: UUID, do: Callable[[Tx], Awaitable[None]]) -> Progress:
    async with ctx.database.writing(Role.WORK) as tx:
        await do(tx)
        return Progress.of(await orders.get_order(tx, order_id))

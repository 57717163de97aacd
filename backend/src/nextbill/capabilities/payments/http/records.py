"""Payments to read: a customer's own, or everybody's for staff."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.errors import PaymentNotFound
from nextbill.capabilities.payments.http.bodies import PaymentBody, PaymentDetail, PaymentStats, PaymentTotal, RefundBody
from nextbill.capabilities.payments.http.desk import READ_ALL, Desk, reading
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import MoneyBody

State = Literal["requested", "open", "succeeded", "failed", "expired", "quarantined", "parked"]
SPAN = timedelta(days=30)


def make_router(_desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/payments", tags=["payments"])

    @router.get("/", operation_id="list_payments")
    @router.get("", include_in_schema=False)
    async def list_all(ctx: Ctx, caller: AnyCaller, pages: Pages, state: Annotated[State | None, Query()] = None) -> Page[PaymentBody]:
        async with reading(ctx, caller) as tx:
            rows = await queries.list_attempts(tx, after=pages.after, limit=pages.limit + 1, state=state)
        return pages.page(rows, PaymentBody.of, lambda row: row.id)

    @router.get("/stats/summary", operation_id="get_payment_stats", responses=problem.responses(Invalid))
    async def stats(
        ctx: Ctx,
        _caller: Annotated[Caller, Depends(needs(READ_ALL))],
        start: Annotated[AwareDatetime | None, Query()] = None,
        end: Annotated[AwareDatetime | None, Query()] = None,
    ) -> PaymentStats:
        """By currency and status, of the last 30 days unless a half-open span is named."""
        until: datetime = end or ctx.clock.now()
        since: datetime = start or until - SPAN
        if since >= until:
            raise Invalid(fields={"start": "must be before end"})
        async with ctx.database.reading(Role.WORK) as tx:
            rows = await queries.totals(tx, start=since, end=until)
        totals = [
            PaymentTotal(
                status=row.state, count=row.count, amount=MoneyBody.of(row.asked), paid=MoneyBody.of(row.paid), refunded=MoneyBody.of(row.refunded)
            )
            for row in rows
        ]
        return PaymentStats(start=since, end=until, totals=totals)

    @router.get("/{payment_id}", operation_id="get_payment", responses=problem.responses(PaymentNotFound))
    async def get(ctx: Ctx, caller: AnyCaller, payment_id: UUID) -> PaymentDetail:
        async with reading(ctx, caller) as tx:
            attempt = await queries.get_attempt(tx, payment_id)
            refunds = await queries.refunds_of(tx, payment_id)
        return PaymentDetail(**PaymentBody.of(attempt).model_dump(), refunds=[RefundBody.of(refund) for refund in refunds])

    return router

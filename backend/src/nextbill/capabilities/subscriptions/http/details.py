"""One subscription whole: with its coupon, its periods, its license, and what ending it today would give back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from nextbill.capabilities import hosting, invoicing, licensing
from nextbill.capabilities.subscriptions import commands, queries
from nextbill.capabilities.subscriptions.http.shapes import SubscriptionBody
from nextbill.capabilities.subscriptions.queries import BilledPeriod, Subscription
from nextbill.capabilities.subscriptions.rules import ORDER_LINE, Discount, charges
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.shapes import MoneyBody

NEWEST = 24


class CouponLeftBody(BaseModel):
    """What a coupon takes off each period: a part of each item, or an amount. `periods_left`: of those that are not billed yet; null is for ever."""

    code: str = Field(examples=["WELCOME"])
    percent_ppm: int | None
    amount: MoneyBody | None
    periods_left: int | None

    @classmethod
    def of(cls, found: Discount, *, next_index: int) -> CouponLeftBody:
        left = None if found.until_index is None else max(0, found.until_index - next_index)
        return cls(code=found.code, percent_ppm=found.percent_ppm, amount=MoneyBody.of(found.amount) if found.amount else None, periods_left=left)


class BilledPeriodBody(BaseModel):
    """`end` is the first day after it. `invoice_id` null: nothing was to be paid. `ended_early`: another cycle took its place."""

    start: date
    end: date
    invoice_id: UUID | None
    invoice_number: str | None = Field(examples=["INV-2026-000042"])
    invoice_state: str | None = Field(examples=["paid"])
    ended_early: bool

    @classmethod
    def of(cls, one: BilledPeriod, invoices: Mapping[UUID, invoicing.InvoiceSummary]) -> BilledPeriodBody:
        invoice = invoices.get(one.invoice_id) if one.invoice_id else None
        return cls(
            start=one.period.start,
            end=one.period.end,
            invoice_id=one.invoice_id,
            invoice_number=invoice.number if invoice else None,
            invoice_state=invoice.state if invoice else None,
            ended_early=one.closed_by is not None,
        )


class SubscriptionDetailBody(SubscriptionBody):
    """`next_charge`: before tax, for the next period that is not billed yet, with the changes that hold by then. `unused`: what ending it today gives back
    at most, in the terms of the price list; null where nothing does. `periods`: the last ones that were billed, newest first. `pause_days_max`: so long its
    owner may pause it, 0 where only staff may. `anchor_on`: the day that its periods are counted from."""

    next_charge: MoneyBody
    coupon: CouponLeftBody | None
    license_id: UUID | None
    periods: list[BilledPeriodBody]
    unused: MoneyBody | None
    pause_days_max: int
    anchor_on: date | None
    billing_error_at: datetime | None

    @classmethod
    async def read(cls, tx: ReadTx, found: Subscription, *, today: date, returns: bool, pause_days_max: int) -> Self:
        license_ = await licensing.license_for(tx, reference_type=ORDER_LINE, reference_id=found.order_line_id)
        discount = await queries.discount_of(tx, found.id)
        periods = list(reversed(await queries.billed_periods(tx, found.id)))[:NEWEST]
        invoices = await invoicing.invoices_by_id(tx, [one.invoice_id for one in periods if one.invoice_id])
        unused = await commands.unused_today(tx, found, today=today) if returns else None
        names = await hosting.names_for(tx, reference_type=ORDER_LINE, reference_ids=[found.order_line_id])
        return cls(
            **SubscriptionBody.of(found, domain=names.get(found.order_line_id)).model_dump(),
            next_charge=MoneyBody.of(await _next(tx, found, discount)),
            coupon=CouponLeftBody.of(discount, next_index=found.billed_index + 1) if discount else None,
            license_id=license_.id if license_ else None,
            periods=[BilledPeriodBody.of(one, invoices) for one in periods],
            unused=MoneyBody.of(unused) if unused else None,
            pause_days_max=pause_days_max,
            anchor_on=found.anchor_on,
            billing_error_at=found.billing_error_at,
        )


async def _next(tx: ReadTx, found: Subscription, discount: Discount | None) -> Money:
    """What the run will charge; of one that has not begun, what its delivery will: with the first charge comes what is charged once."""
    if found.period is not None:
        return (await commands.coming(tx, found)).net
    return total([charge.net for charge in charges(list(found.items), plan_code=found.plan_code, discount=discount, index=0)], found.price.currency)

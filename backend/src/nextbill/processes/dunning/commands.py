"""Subscriptions marked by what is overdue. Each may be repeated, and run beside a payment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from nextbill.capabilities import invoicing, subscriptions
from nextbill.runtime.database import Tx

SYSTEM = subscriptions.By("system")


async def fall_behind(tx: Tx, invoice_ids: Collection[UUID], *, today: date, now: datetime) -> None:
    """What these invoices bill is past due, if they are overdue still when the subscriptions are locked."""
    for one in await subscriptions.lock_billed_by(tx, invoice_ids, states=["active"]):
        if await invoicing.overdue_among(tx, one.invoice_ids, today=today):
            await subscriptions.mark_standing(tx, one.subscription_id, "past_due", by=SYSTEM, today=today, now=now)


async def catch_up(tx: Tx, invoice_id: UUID, *, today: date, now: datetime) -> None:
    """Something was paid or given up: what it bills is active again, unless another invoice of its is overdue."""
    for one in await subscriptions.lock_billed_by(tx, [invoice_id], states=["active", "past_due"]):
        if one.state == "past_due" and not await invoicing.overdue_among(tx, one.invoice_ids, today=today):
            await subscriptions.mark_standing(tx, one.subscription_id, "active", by=SYSTEM, today=today, now=now)

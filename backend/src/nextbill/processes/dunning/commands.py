"""Subscriptions marked by what is overdue. Each may be repeated, and run beside a payment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import DataError, IntegrityError

from nextbill.capabilities import invoicing, subscriptions
from nextbill.kernel.errors import Problem
from nextbill.runtime.database import Tx

SYSTEM = subscriptions.By("system")
log = structlog.get_logger()


async def fall_behind(tx: Tx, invoice_ids: Collection[UUID], *, today: date, now: datetime) -> None:
    """What these invoices bill is past due, if something of it is overdue still when the subscriptions are locked."""
    await _stand(tx, await subscriptions.lock_billed_by(tx, invoice_ids, states=["active"], wait=False), today=today, now=now)


async def catch_up(tx: Tx, invoice_id: UUID, *, today: date, now: datetime) -> None:
    """Something was paid or given up: what it bills is active again, unless another invoice of its is overdue."""
    await _stand(tx, await subscriptions.lock_billed_by(tx, [invoice_id], states=["active", "past_due"]), today=today, now=now)


async def look_again(tx: Tx, subscription_ids: Collection[UUID], *, today: date, now: datetime) -> None:
    """What was past due is active where nothing is overdue any more, however that came."""
    await _stand(tx, await subscriptions.lock_past_due(tx, subscription_ids), today=today, now=now)


async def _stand(tx: Tx, locked: Sequence[subscriptions.Invoiced], *, today: date, now: datetime) -> None:
    """As each owes. One that refuses keeps its state and harms no other."""
    late = await invoicing.overdue_among(tx, {id_ for one in locked for id_ in one.invoice_ids}, today=today) if locked else set()
    for one in locked:
        standing: subscriptions.Standing = "active" if late.isdisjoint(one.invoice_ids) else "past_due"
        if standing == one.state:
            continue
        try:
            async with tx.begin_nested():
                await subscriptions.mark_standing(tx, one.subscription_id, standing, by=SYSTEM, today=today, now=now)
        except (Problem, ValueError, ArithmeticError, IntegrityError, DataError):
            log.exception("a subscription does not stand as it owes", subscription_id=str(one.subscription_id), standing=standing)

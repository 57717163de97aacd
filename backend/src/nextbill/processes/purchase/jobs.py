"""What happens when nobody does anything: a refused name is refunded, a late delivery is told, an order that is not paid ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from nextbill.capabilities import orders
from nextbill.processes.purchase.commands import Means, cancel_unanswered, expire_order
from nextbill.processes.purchase.rules import OVERDUE, UNANSWERED
from nextbill.runtime import jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.worker import Tick

CANCEL_UNANSWERED = "purchase.cancel_unanswered"
EXPIRE_ORDER = "purchase.expire_order"
AT_ONCE = 200


class PurchaseJobs:
    def __init__(self, database: Database, means: Means) -> None:
        self._database, self._means = database, means

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {CANCEL_UNANSWERED: self.cancel_unanswered, EXPIRE_ORDER: self.expire_order}

    async def cancel_unanswered(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await cancel_unanswered(tx, UUID(payload["line_id"]), means=self._means, now=context.now)

    async def expire_order(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await expire_order(tx, UUID(payload["order_id"]), means=self._means, now=context.now)


async def find_unanswered(tx: Tx, *, now: datetime) -> None:
    """A job for each, so that one that cannot be cancelled holds up no other."""
    lines = await orders.refused_since(tx, before=now - UNANSWERED, limit=AT_ONCE)
    await jobs.enqueue_many(tx, [(CANCEL_UNANSWERED, {"line_id": str(line_id)}) for line_id in lines])


async def find_unpaid(tx: Tx, *, now: datetime) -> None:
    """A job for each, as above."""
    found = await orders.unpaid_since(tx, now=now, limit=AT_ONCE)
    await jobs.enqueue_many(tx, [(EXPIRE_ORDER, {"order_id": str(order_id)}) for order_id in found])


async def find_overdue(tx: Tx, *, now: datetime) -> None:
    await orders.tell_overdue(tx, paid_before=now - OVERDUE, now=now, limit=AT_ONCE)


TICKS = (
    Tick("purchase.unanswered", timedelta(minutes=10), find_unanswered),
    Tick("purchase.unpaid", timedelta(minutes=10), find_unpaid),
    Tick("purchase.overdue", timedelta(minutes=10), find_overdue),
)

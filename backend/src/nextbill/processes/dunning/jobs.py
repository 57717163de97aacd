"""The looks at what is overdue, and at what is past due: found by a tick, some at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from nextbill.capabilities import invoicing, subscriptions
from nextbill.kernel.clock import business_date
from nextbill.processes.dunning import commands
from nextbill.runtime import jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.worker import Tick

OVERDUE = "dunning.look_at_overdue"
PAST_DUE = "dunning.look_at_past_due"
EVERY = timedelta(minutes=10)
AT_ONCE = 50


class Dunning:
    """`zone`: the seller's, whose days make things overdue. `at_once`: invoices, or subscriptions, to a job."""

    def __init__(self, database: Database, zone: str, *, at_once: int = AT_ONCE) -> None:
        self._database, self._zone, self._at_once = database, zone, at_once

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {OVERDUE: self.look_at_overdue, PAST_DUE: self.look_at_past_due}

    def ticks(self) -> list[Tick]:
        return [Tick("dunning.look", EVERY, self.find)]

    async def find(self, tx: Tx, *, now: datetime) -> None:
        if await invoicing.overdue_page(tx, today=business_date(now, self._zone), after=None, limit=1):
            await jobs.enqueue(tx, OVERDUE, {})
        if await subscriptions.past_due_page(tx, after=None, limit=1):
            await jobs.enqueue(tx, PAST_DUE, {})

    async def look_at_overdue(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        """A page, then the next one's job in the same transaction."""
        today = business_date(context.now, self._zone)
        after = (date.fromisoformat(payload["due_on"]), UUID(payload["after"])) if "after" in payload else None
        async with self._database.writing(Role.WORK) as tx:
            found = await invoicing.overdue_page(tx, today=today, after=after, limit=self._at_once)
            await commands.fall_behind(tx, [invoice_id for _, invoice_id in found], today=today, now=context.now)
            if len(found) == self._at_once:
                due_on, last = found[-1]
                await jobs.enqueue(tx, OVERDUE, {"due_on": due_on.isoformat(), "after": str(last)})

    async def look_at_past_due(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        after = UUID(payload["after"]) if "after" in payload else None
        async with self._database.writing(Role.WORK) as tx:
            found = await subscriptions.past_due_page(tx, after=after, limit=self._at_once)
            await commands.look_again(tx, found, today=business_date(context.now, self._zone), now=context.now)
            if len(found) == self._at_once:
                await jobs.enqueue(tx, PAST_DUE, {"after": str(found[-1])})

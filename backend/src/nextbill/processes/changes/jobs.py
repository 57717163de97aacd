"""What falls due by itself: found by a tick, done by a job each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from nextbill.capabilities import subscriptions
from nextbill.kernel.clock import business_date
from nextbill.runtime import jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.worker import Tick

SETTLE_CHANGE = "changes.settle_change"
END_SUBSCRIPTION = "changes.end_subscription"
RESUME_SUBSCRIPTION = "changes.resume_subscription"
AT_ONCE = 500
ROLLED_AT_ONCE = 5000

Find = Callable[..., Awaitable[Sequence[UUID]]]
FOUND: Mapping[str, Find] = {
    SETTLE_CHANGE: subscriptions.due_changes,
    END_SUBSCRIPTION: subscriptions.due_to_end,
    RESUME_SUBSCRIPTION: subscriptions.due_to_resume,
}
DONE: Mapping[str, Callable[..., Awaitable[None]]] = {
    SETTLE_CHANGE: subscriptions.settle_change,
    END_SUBSCRIPTION: subscriptions.end_due,
    RESUME_SUBSCRIPTION: subscriptions.resume_due,
}


class ChangeJobs:
    """`zone`: the seller's, whose days make things due."""

    def __init__(self, database: Database, zone: str) -> None:
        self._database, self._zone = database, zone

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {name: self._handler(name) for name in DONE}

    def ticks(self) -> list[Tick]:
        return [Tick("changes.due", timedelta(minutes=10), self.find_due)]

    def _handler(self, name: str) -> jobs.Handler:
        async def handle(payload: jobs.Payload, context: jobs.JobContext) -> None:
            async with self._database.writing(Role.WORK) as tx:
                await DONE[name](tx, UUID(payload["id"]), on=business_date(context.now, self._zone), now=context.now)

        return handle

    async def find_due(self, tx: Tx, *, now: datetime) -> None:
        """A job for each, so that one that fails holds up no other. Periods that were billed begin; those with something due today wait for it."""
        on = business_date(now, self._zone)
        for name, find in FOUND.items():
            await jobs.enqueue_many(tx, [(name, {"id": str(id_)}) for id_ in await find(tx, on=on, limit=AT_ONCE)])
        await subscriptions.roll_due(tx, on=on, limit=ROLLED_AT_ONCE)

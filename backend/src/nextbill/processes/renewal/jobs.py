"""The run in jobs: one transaction a chunk, and the next one's job within it. Killed anywhere, either all of a chunk has happened or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import text

from nextbill.capabilities import domains, invoicing, subscriptions
from nextbill.kernel.clock import business_date
from nextbill.processes.renewal import commands
from nextbill.processes.renewal.commands import BEGIN, BILL, BILL_NAMES, LAPSE, ROLL, SEND, TELL, Step
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime import jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.worker import Tick

SYSTEM = "system"
EVERY = timedelta(minutes=5)
ROLLED_AT_ONCE = 1000
LAPSES_EVERY = timedelta(hours=1)
LAPSED_AT_ONCE = 500
OFF_BY = timedelta(hours=1)
"""A machine whose clock is further than this from the database's starts no run."""
_WALL = text("select clock_timestamp()")
log = structlog.get_logger()

Before = Callable[..., Awaitable[None]]


class Renewal:
    """`zone`: the seller's, whose days make things due. `before`: what is settled first, such as changes of the day (`(tx, *, now)`, enqueues).
    `live`: the business clock is the machine's own, so it is compared with the database's. `brake`: so many lines a run of its own accord may write; then it
    stops, and staff looks."""

    def __init__(
        self,
        database: Database,
        *,
        seller: invoicing.Seller,
        zone: str,
        before: Before,
        live: bool,
        days: NameDays | None = None,
        brake: int | None = None,
    ) -> None:
        self._database, self._issuer, self._before, self._live = database, commands.Issuer(seller, zone), before, live
        self._days, self._brake = days or NameDays(), brake

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {BEGIN: self.begin, BILL: self.bill, BILL_NAMES: self.bill_names, ROLL: self.roll, SEND: self.send, TELL: self.tell, LAPSE: self.lapse}

    def ticks(self) -> list[Tick]:
        return [Tick("renewal.due", EVERY, self.find_due), Tick("renewal.lapsing", LAPSES_EVERY, self.find_lapsing)]

    async def find_due(self, tx: Tx, *, now: datetime) -> None:
        """A run where something is due, the lanes of one that is under way where its jobs were lost; nothing while staff has stopped it."""
        if not await self._right_time(tx, now):
            return
        on = business_date(now, self._issuer.zone)
        found = await commands.due_by(tx, on=on, days=self._days)
        if isinstance(found, UUID):
            await commands.open_lanes(tx, found)
        elif found:
            await commands.begin_run(tx, on=on, by=SYSTEM, now=now, max_lines=self._brake)

    async def _right_time(self, tx: Tx, now: datetime) -> bool:
        if not self._live:
            return True
        wall: datetime = (await tx.execute(_WALL)).scalar_one()
        if abs(now - wall) <= OFF_BY:
            return True
        log.error("this machine's clock is wrong: no billing run is started", now=now.isoformat(), database=wall.isoformat())
        return False

    async def begin(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await self._before(tx, now=context.now)
            await commands.open_lanes(tx, UUID(payload["run_id"]))

    async def bill(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        """One chunk of a lane. What fails is taken apart, and the lane goes on without whose fault it is."""
        step, now = Step.of(payload), context.now
        claimed = subscriptions.Claimed(())
        on = business_date(now, self._issuer.zone)
        try:
            async with self._database.writing(Role.WORK) as tx:
                found = await commands.claim(tx, step, now=now)
                if found is None:
                    return
                on, claimed = found
                await commands.bill(tx, step, claimed, issuer=self._issuer, on=on, now=now, days=self._days)
                await commands.go_on(tx, step, claimed, on=on, days=self._days, now=now)
        except Exception as error:
            if not claimed.due or not commands.is_a_rows(error):
                raise
            log.warning(
                "a chunk of the billing run failed and is taken apart", run_id=str(step.run_id), lines=len(claimed.due), error=repr(error)[:300]
            )
        else:
            return
        await self._take_apart(step, claimed, on=on, now=now)

    async def _take_apart(self, step: Step, claimed: subscriptions.Claimed, *, on: date, now: datetime) -> None:
        """What is unfit comes up again with the next chunk, where nothing else keeps it from being set aside."""
        customers: dict[UUID, list[UUID]] = {}
        for due in claimed.due:
            customers.setdefault(due.customer_id, []).append(due.id)
        await commands.Isolating(self._database, self._issuer).bill(step, list(customers.values()), on=on, now=now)
        async with self._database.writing(Role.WORK) as tx:
            await jobs.enqueue(tx, BILL, step.payload())

    async def bill_names(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        """A chunk of names that are due by themselves."""
        run_id, now = UUID(payload["run_id"]), context.now
        dues: Sequence[domains.Renewing] = ()
        on = business_date(now, self._issuer.zone)
        try:
            async with self._database.writing(Role.WORK) as tx:
                found = await commands.claim_names(tx, run_id, self._days, now=now)
                if found is None:
                    return
                on, dues = found
                await commands.bill_names(tx, run_id, dues, self._days, issuer=self._issuer, on=on, now=now)
                await commands.go_on_with_names(tx, run_id, len(dues), on=on, days=self._days)
        except Exception as error:
            if not dues or not commands.is_a_rows(error):
                raise
            log.warning("names of the billing run failed and are taken apart", run_id=str(run_id), names=len(dues), error=repr(error)[:300])
        else:
            return
        await commands.IsolatingNames(self._database, self._issuer, self._days).bill(run_id, [due.id for due in dues], on=on, now=now)
        async with self._database.writing(Role.WORK) as tx:
            await jobs.enqueue(tx, BILL_NAMES, payload)

    async def roll(self, payload: jobs.Payload, _context: jobs.JobContext) -> None:
        """Periods that were billed begin."""
        async with self._database.writing(Role.WORK) as tx:
            rolled = await subscriptions.roll_due(tx, on=date.fromisoformat(payload["on"]), limit=ROLLED_AT_ONCE)
            if rolled == ROLLED_AT_ONCE:
                await jobs.enqueue(tx, ROLL, payload)

    async def send(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await commands.send_invoices(tx, UUID(payload["chunk_id"]), after=UUID(payload["after"]), now=context.now)

    async def tell(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await commands.tell_names(tx, UUID(payload["chunk_id"]), after=UUID(payload["after"]), now=context.now)

    async def find_lapsing(self, tx: Tx, *, now: datetime) -> None:
        """A job for each name that was not paid in time, so that one that fails holds up no other."""
        on = business_date(now, self._issuer.zone)
        for renewal_id in await commands.find_lapsing(tx, on=on, days=self._days, limit=LAPSED_AT_ONCE):
            await jobs.enqueue(tx, LAPSE, {"id": str(renewal_id)})

    async def lapse(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        on = business_date(context.now, self._issuer.zone)
        async with self._database.writing(Role.WORK) as tx:
            await commands.lapse(tx, UUID(payload["id"]), on=on, days=self._days, now=context.now)

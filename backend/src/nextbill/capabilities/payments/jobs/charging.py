"""What is due by the business clock: collections in chunks, cards that expire, and what a new card sets going again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.ports import Gateway
from nextbill.kernel.clock import business_date
from nextbill.runtime import crash, jobs
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.settings import Settings
from nextbill.runtime.vendors import VendorError
from nextbill.runtime.worker import Tick

FIND_EXPIRING = "payments.find_expiring_cards"
CHECK_EXPIRY = "payments.check_expiry"
CHUNK = 100
"""Collections that one job takes: one transaction, and about a second of the gateway's rate."""
EXPIRING_AT_ONCE = 200


class ChargeDue:
    def __init__(self, database: Database, gateway: Gateway, settings: Settings) -> None:
        self._database, self._gateway = database, gateway
        self._zone, self._per_second = settings.company_time_zone, settings.gateway_writes_per_second

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {
            commands.CHARGE_CHUNK: self.charge_chunk,
            FIND_EXPIRING: self.find_expiring,
            CHECK_EXPIRY: self.check_expiry,
            commands.RESUME: self.resume,
        }

    async def charge_chunk(self, _payload: jobs.Payload, context: jobs.JobContext) -> None:
        """One chunk, then the next one's job in the same transaction: killed anywhere, either all of it has happened or nothing."""
        on = business_date(context.now, self._zone)
        async with self._database.writing(Role.WORK) as tx:
            taken = await commands.begin_charges(tx, on=on, now=context.now, limit=CHUNK, per_second=self._per_second)
            crash.point(f"{commands.CHARGE_CHUNK}:begun")
            if taken == CHUNK:
                pause = await queries.backlog(tx, commands.GATEWAY) - commands.AHEAD
                await jobs.enqueue(tx, commands.CHARGE_CHUNK, {}, after=max(pause, timedelta()))

    async def resume(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            on = business_date(context.now, self._zone)
            await commands.resume_collections(tx, UUID(payload["customer_id"]), on=on, now=context.now)
            await jobs.enqueue(tx, commands.CHARGE_CHUNK, {})

    async def find_expiring(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        """Cards within the widest threshold, page by page; each is asked about by a job of its own, unless it was told already."""
        today = business_date(context.now, self._zone)
        after = UUID(payload["after"]) if payload.get("after") else None
        by = today + timedelta(days=max(commands.NOTICE_DAYS))
        async with self._database.writing(Role.WORK) as tx:
            found = await queries.expiring_methods(tx, by=by, today=today, after=after, limit=EXPIRING_AT_ONCE)
            told = await queries.told_of(tx, [method.id for method in found])
            due = [method.id for method in found if commands.is_untold(method, told.get(method.id, ()), today=today)]
            await jobs.enqueue_many(tx, [(CHECK_EXPIRY, {"method_id": str(method_id)}) for method_id in due])
            if len(found) == EXPIRING_AT_ONCE:
                await jobs.enqueue(tx, FIND_EXPIRING, {"after": str(found[-1].id)})

    async def check_expiry(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        """The gateway is asked first: networks renew cards by themselves."""
        async with self._database.reading(Role.WORK) as tx:
            method = await queries.get_method(tx, UUID(payload["method_id"]))
        try:
            seen = await self._gateway.read_card(method.gateway_ref)
        except VendorError as error:
            raise jobs.RetryLater(str(error)) from error
        async with self._database.writing(Role.WORK) as tx:
            await commands.note_expiry(tx, method.id, seen=seen, today=business_date(context.now, self._zone), now=context.now)


async def look_for_expiring(tx: Tx, *, now: datetime) -> None:
    await jobs.enqueue(tx, FIND_EXPIRING, {})


CHARGING = (
    Tick("payments.charge_due", timedelta(seconds=30), commands.charge_soon),
    Tick("payments.expiring_cards", timedelta(hours=6), look_for_expiring),
)

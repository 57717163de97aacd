"""The jobs that turn the gateway's hints and our due checks into settled facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.ports import Gateway, read_payment
from nextbill.runtime import jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.settings import Settings
from nextbill.runtime.vendors import VendorError
from nextbill.runtime.worker import Tick

CATCH_UP = "payments.catch_up_events"
OVERLAP = timedelta(minutes=10)
EVENTS_AT_ONCE = 500
CHECK_PAUSE = timedelta(minutes=2)


class Listener:
    """Reads the gateway with no transaction open, then settles."""

    def __init__(self, database: Database, gateway: Gateway, settings: Settings, cipher: FieldCipher) -> None:
        self._database, self._gateway, self._settings, self._cipher = database, gateway, settings, cipher
        self._policy = commands.Policy.of(settings)

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {
            commands.SETTLE: self.settle,
            commands.SETTLE_REFUND: self.settle_refund,
            commands.SETTLE_SETUP: self.settle_setup,
            commands.PROCESS_WEBHOOK: self.process_webhook,
            commands.CLOSE_CHECKOUT: self.close_checkout,
            CATCH_UP: self.catch_up,
        }

    async def process_webhook(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await commands.process(tx, UUID(payload["inbox_id"]), cipher=self._cipher, now=context.now)

    async def close_checkout(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await commands.close_checkout(tx, UUID(payload["attempt_id"]), now=context.now)

    async def settle(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        attempt_id = UUID(payload["attempt_id"])
        async with self._database.reading(Role.WORK) as tx:
            attempt = await queries.get_attempt(tx, attempt_id)
        if attempt.state in ("succeeded", "quarantined"):
            return
        try:
            seen = await read_payment(self._gateway, session_ref=attempt.session_ref, payment_ref=attempt.payment_ref)
        except VendorError as error:
            raise jobs.RetryLater(str(error)) from error
        if seen is None:
            return
        async with self._database.writing(Role.WORK) as tx:
            await commands.settle(tx, attempt_id, seen=seen, policy=self._policy, now=context.now)

    async def settle_setup(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.reading(Role.WORK) as tx:
            setup = await queries.get_setup(tx, UUID(payload["setup_id"]))
        if setup.session_ref is None or setup.state == "succeeded":
            return
        try:
            seen = await self._gateway.read_setup(setup.session_ref)
        except VendorError as error:
            raise jobs.RetryLater(str(error)) from error
        async with self._database.writing(Role.WORK) as tx:
            await commands.settle_setup(tx, setup.id, seen=seen, live=self._policy.live, now=context.now)

    async def settle_refund(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.reading(Role.WORK) as tx:
            refund = await queries.get_refund(tx, UUID(payload["refund_id"]))
        if refund is None or refund.payment_ref is None:
            return
        try:
            seen = await self._gateway.find_refund(refund.id, refund.payment_ref)
        except VendorError as error:
            raise jobs.RetryLater(str(error)) from error
        if seen is None:
            return
        async with self._database.writing(Role.WORK) as tx:
            await commands.record_refund(tx, refund.id, seen=seen, zone=self._settings.company_time_zone, now=context.now)

    async def catch_up(self, _payload: jobs.Payload, context: jobs.JobContext) -> None:
        """The gateway's own list into the same inbox, with an overlap: what a lost webhook would have told."""
        async with self._database.reading(Role.WORK) as tx:
            read_until = await queries.events_read_until(tx, commands.SOURCE)
        since = (read_until or context.now) - OVERLAP
        try:
            events = await self._gateway.events_since(since, limit=EVENTS_AT_ONCE)
        except VendorError as error:
            raise jobs.RetryLater(str(error)) from error
        async with self._database.writing(Role.WORK) as tx:
            for event in events:
                await commands.receive(
                    tx, event, installation=self._gateway.installation, live=self._settings.live, cipher=self._cipher, now=context.now
                )
            full = len(events) >= EVENTS_AT_ONCE
            await commands.note_read_until(tx, commands.SOURCE, max(since + OVERLAP, events[-1].happened_at) if full else context.now)


async def sweep(tx: Tx, *, now: datetime) -> None:
    """Open attempts, open setups and unfinished refunds whose next check is due by the business clock."""
    attempts = await queries.attempts_to_check(tx, now)
    await commands.postpone_check(tx, attempts, until=now + CHECK_PAUSE)
    refunds = await queries.refunds_to_check(tx, now)
    await commands.postpone_refund_check(tx, refunds, until=now + CHECK_PAUSE)
    setups = await queries.setups_to_check(tx, now)
    await commands.postpone_setup_check(tx, setups, until=now + CHECK_PAUSE)
    due = [(commands.SETTLE_SETUP, {"setup_id": str(setup_id)}) for setup_id in setups]
    due += [(commands.SETTLE, {"attempt_id": str(attempt_id)}) for attempt_id in attempts]
    await jobs.enqueue_many(tx, due + [(commands.SETTLE_REFUND, {"refund_id": str(refund_id)}) for refund_id in refunds])


async def ask_for_events(tx: Tx, *, now: datetime) -> None:
    await jobs.enqueue(tx, CATCH_UP, {})


LISTENING = (
    Tick("payments.sweep", timedelta(seconds=15), sweep),
    Tick("payments.catch_up", timedelta(minutes=3), ask_for_events),
)

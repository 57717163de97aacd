"""The steps at the gateway, and the jobs that listen to it. Wired with the port by constructor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from nextbill.capabilities import customers
from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.ports import Checkout, CheckoutState, OpenCheckout, OurCustomer, PaymentGateway, Refund, RefundState
from nextbill.capabilities.payments.queries import Attempt
from nextbill.runtime import jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.settings import Settings
from nextbill.runtime.steps import Absent, Done, Pending, Procedure, Step
from nextbill.runtime.vendors import VendorError, VendorRejected
from nextbill.runtime.worker import Tick

CATCH_UP = "payments.catch_up_events"
OVERLAP = timedelta(minutes=10)
EVENTS_AT_ONCE = 500
CHECK_PAUSE = timedelta(minutes=2)
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class OpeningPlan:
    customer: OurCustomer
    gateway_customer: str | None
    attempt: Attempt
    description: str


@dataclass(frozen=True, slots=True)
class Opened:
    checkout: Checkout
    gateway_customer: str


class OpenCheckoutProcedure(Procedure[OpeningPlan, Opened]):
    """Opens the hosted page of an attempt. The gateway's customer is found or made on the way."""

    name: ClassVar[str] = commands.OPEN_CHECKOUT

    def __init__(self, gateway: PaymentGateway, settings: Settings) -> None:
        self._gateway, self._settings = gateway, settings

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> OpeningPlan | None:
        wanted = await commands.may_open(tx, step.subject_id, now=now)
        if wanted is None:
            return None
        payable, attempt = wanted
        person = await customers.get_customer(tx, attempt.customer_id)
        ours = OurCustomer(person.id, person.email, person.company or person.name)
        known = await queries.gateway_customer(tx, attempt.customer_id)
        return OpeningPlan(ours, known, queries.attempt_view(attempt), payable.description)

    async def look(self, step: Step, plan: OpeningPlan) -> Done[Opened] | Pending | Absent:
        customer = plan.gateway_customer or await self._gateway.find_customer(plan.customer)
        if customer is None:
            return Absent()
        checkout = await self._gateway.find_checkout(plan.attempt.id, customer)
        return Absent() if checkout is None else Done(Opened(checkout, customer))

    async def call(self, step: Step, plan: OpeningPlan) -> Done[Opened] | Pending:
        customer = plan.gateway_customer or await self._gateway.ensure_customer(plan.customer, key=step.key)
        attempt, back = plan.attempt, f"{self._settings.api_url}{API}/payments/return?attempt={plan.attempt.id}"
        order = OpenCheckout(
            attempt_id=attempt.id,
            payable_id=attempt.payable_id,
            customer_id=attempt.customer_id,
            gateway_customer=customer,
            amount=attempt.amount,
            description=plan.description,
            success_url=back,
            cancel_url=back,
            expires_at=attempt.expires_at,
            key=step.key,
        )
        return Done(Opened(await self._gateway.open_checkout(order), customer))

    async def record(self, tx: Tx, step: Step, result: Opened, *, now: datetime) -> None:
        await commands.record_opened(tx, step.subject_id, checkout=result.checkout, gateway_customer=result.gateway_customer, now=now)

    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await commands.record_refused(tx, step.subject_id, reason=refusal.reason, message=refusal.detail, now=now)

    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await commands.record_parked(tx, step.subject_id, reason=reason, message=detail, now=now)


class ExpireCheckoutProcedure(Procedure[str, CheckoutState]):
    """Closes a page on which nothing may be paid any more. Paid in the last moment, it is settled like any other."""

    name: ClassVar[str] = commands.EXPIRE_CHECKOUT

    def __init__(self, gateway: PaymentGateway, settings: Settings) -> None:
        self._gateway, self._settings = gateway, settings

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> str | None:
        attempt = await queries.get_attempt(tx, step.subject_id)
        return attempt.session_ref if attempt.state == "open" else None

    async def look(self, step: Step, plan: str) -> Done[CheckoutState] | Pending | Absent:
        seen = await self._gateway.read_checkout(plan)
        return Absent() if seen.status == "open" else Done(seen)

    async def call(self, step: Step, plan: str) -> Done[CheckoutState] | Pending:
        return Done(await self._gateway.expire_checkout(plan))

    async def record(self, tx: Tx, step: Step, result: CheckoutState, *, now: datetime) -> None:
        await commands.settle(tx, step.subject_id, seen=result, live=self._settings.live, zone=self._settings.company_time_zone, now=now)

    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        """Nothing to store: the sweeper goes on asking for the attempt, and the page ends by itself."""


class RefundProcedure(Procedure[Refund, RefundState]):
    """Sends money back. Where the gateway says that it went back already or is disputed, somebody else acted: staff decides.

    A send that timed out may still be under way there when a look finds nothing, and the next send has another key: so twice, and late."""

    name: ClassVar[str] = commands.REFUND
    resend_after = timedelta(minutes=2)
    parks_at_once: ClassVar[frozenset[str]] = frozenset({"charge_already_refunded", "charge_disputed"})

    def __init__(self, gateway: PaymentGateway, settings: Settings) -> None:
        self._gateway, self._zone = gateway, settings.company_time_zone

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> Refund | None:
        refund = await queries.get_refund(tx, step.subject_id)
        if refund is None or refund.state not in ("requested", "parked") or refund.payment_ref is None:
            return None
        return Refund(refund.id, refund.payment_ref, refund.amount, step.key)

    async def look(self, step: Step, plan: Refund) -> Done[RefundState] | Pending | Absent:
        seen = await self._gateway.find_refund(plan.refund_id, plan.payment_ref)
        return Absent() if seen is None else Done(seen)

    async def call(self, step: Step, plan: Refund) -> Done[RefundState] | Pending:
        return Done(await self._gateway.refund(replace(plan, key=step.key)))

    async def record(self, tx: Tx, step: Step, result: RefundState, *, now: datetime) -> None:
        await commands.record_refund(tx, step.subject_id, seen=result, zone=self._zone, now=now)

    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await commands.fail_refund(tx, step.subject_id, reason=refusal.reason, zone=self._zone, now=now)

    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await commands.park_refund(tx, step.subject_id, reason=reason)


class Listener:
    """The jobs that turn hints and due checks into settled facts: read the gateway with no transaction open, then settle."""

    def __init__(self, database: Database, gateway: PaymentGateway, settings: Settings, cipher: FieldCipher) -> None:
        self._database, self._gateway, self._settings, self._cipher = database, gateway, settings, cipher

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {
            commands.SETTLE: self.settle,
            commands.SETTLE_REFUND: self.settle_refund,
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
        if attempt.session_ref is None or attempt.state in ("succeeded", "quarantined"):
            return
        try:
            seen = await self._gateway.read_checkout(attempt.session_ref)
        except VendorError as error:
            raise jobs.RetryLater(str(error)) from error
        async with self._database.writing(Role.WORK) as tx:
            await commands.settle(tx, attempt_id, seen=seen, live=self._settings.live, zone=self._settings.company_time_zone, now=context.now)

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
    """Open attempts and unfinished refunds whose next check is due by the business clock."""
    attempts = await queries.attempts_to_check(tx, now)
    await commands.postpone_check(tx, attempts, until=now + CHECK_PAUSE)
    refunds = await queries.refunds_to_check(tx, now)
    await commands.postpone_refund_check(tx, refunds, until=now + CHECK_PAUSE)
    due = [(commands.SETTLE, {"attempt_id": str(attempt_id)}) for attempt_id in attempts]
    await jobs.enqueue_many(tx, due + [(commands.SETTLE_REFUND, {"refund_id": str(refund_id)}) for refund_id in refunds])


async def ask_for_events(tx: Tx, *, now: datetime) -> None:
    await jobs.enqueue(tx, CATCH_UP, {})


TICKS = (
    Tick("payments.sweep", timedelta(seconds=15), sweep),
    Tick("payments.catch_up", timedelta(minutes=3), ask_for_events),
)

"""The steps at the gateway that open and close a payment page, and send money back. Wired with the port by constructor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from nextbill.capabilities import customers
from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.ports import Checkout, CheckoutState, OpenCheckout, OurCustomer, PaymentGateway, Refund, RefundState
from nextbill.capabilities.payments.queries import Attempt
from nextbill.runtime.database import Tx
from nextbill.runtime.settings import Settings
from nextbill.runtime.steps import Absent, Done, Pending, Procedure, Step
from nextbill.runtime.vendors import VendorRejected

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class OpeningPlan:
    customer: OurCustomer
    gateway_customer: str | None
    attempt: Attempt
    description: str
    save_card: bool


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
        return OpeningPlan(ours, known, queries.attempt_view(attempt), payable.description, save_card=attempt.consent_terms is not None)

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
            save_card=plan.save_card,
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
        self._gateway, self._policy = gateway, commands.Policy.of(settings)

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> str | None:
        attempt = await queries.get_attempt(tx, step.subject_id)
        return attempt.session_ref if attempt.state == "open" else None

    async def look(self, step: Step, plan: str) -> Done[CheckoutState] | Pending | Absent:
        seen = await self._gateway.read_checkout(plan)
        return Absent() if seen.status == "open" else Done(seen)

    async def call(self, step: Step, plan: str) -> Done[CheckoutState] | Pending:
        return Done(await self._gateway.expire_checkout(plan))

    async def record(self, tx: Tx, step: Step, result: CheckoutState, *, now: datetime) -> None:
        await commands.settle(tx, step.subject_id, seen=result, policy=self._policy, now=now)

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

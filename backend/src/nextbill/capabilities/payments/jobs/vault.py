"""The steps at the gateway's vault: a page for leaving a card, a card taken off, and a charge without its holder at the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from nextbill.capabilities import customers
from nextbill.capabilities.payments import commands, queries
from nextbill.capabilities.payments.ports import ChargeOrder, Checkout, CheckoutState, Gateway, OpenSetup, OurCustomer
from nextbill.kernel.money import Money
from nextbill.runtime.database import Tx
from nextbill.runtime.settings import Settings
from nextbill.runtime.steps import Absent, Done, Pending, Procedure, Step
from nextbill.runtime.vendors import VendorRejected

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class SetupPlan:
    customer: OurCustomer
    gateway_customer: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SetupOpened:
    page: Checkout
    gateway_customer: str


class OpenSetupProcedure(Procedure[SetupPlan, SetupOpened]):
    """Opens the page on which a card is left. The gateway's customer is found or made on the way."""

    name: ClassVar[str] = commands.OPEN_SETUP

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway, self._settings = gateway, settings

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> SetupPlan | None:
        row = await commands.may_open_setup(tx, step.subject_id, now=now)
        if row is None:
            return None
        person = await customers.get_customer(tx, row.customer_id)
        ours = OurCustomer(person.id, person.email, person.company or person.name)
        return SetupPlan(ours, await queries.gateway_customer(tx, row.customer_id), row.expires_at)

    async def look(self, step: Step, plan: SetupPlan) -> Done[SetupOpened] | Pending | Absent:
        customer = plan.gateway_customer or await self._gateway.find_customer(plan.customer)
        page = await self._gateway.find_setup(step.subject_id, customer) if customer else None
        return Absent() if customer is None or page is None else Done(SetupOpened(page, customer))

    async def call(self, step: Step, plan: SetupPlan) -> Done[SetupOpened] | Pending:
        customer = plan.gateway_customer or await self._gateway.ensure_customer(plan.customer, key=step.key)
        back = f"{self._settings.api_url}{API}/payments/methods/return?setup={step.subject_id}"
        order = OpenSetup(
            setup_id=step.subject_id,
            customer_id=plan.customer.customer_id,
            gateway_customer=customer,
            currency=self._settings.currency,
            success_url=back,
            cancel_url=back,
            expires_at=plan.expires_at,
            key=step.key,
        )
        return Done(SetupOpened(await self._gateway.open_setup(order), customer))

    async def record(self, tx: Tx, step: Step, result: SetupOpened, *, now: datetime) -> None:
        await commands.record_setup_opened(tx, step.subject_id, page=result.page, gateway_customer=result.gateway_customer, now=now)

    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await commands.end_setup(tx, step.subject_id, state="failed", reason=refusal.reason, now=now)

    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await commands.end_setup(tx, step.subject_id, state="parked", reason=reason, now=now)


class DetachProcedure(Procedure[str, None]):
    """Takes a removed or replaced card off at the gateway. We have stopped charging it before."""

    name: ClassVar[str] = commands.DETACH

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> str | None:
        method = await queries.get_method(tx, step.subject_id)
        return None if method.state == "active" else method.gateway_ref

    async def look(self, step: Step, plan: str) -> Done[None] | Pending | Absent:
        seen = await self._gateway.read_card(plan)
        return Done(None) if seen is None or seen.holder is None else Absent()

    async def call(self, step: Step, plan: str) -> Done[None] | Pending:
        await self._gateway.detach_card(plan)
        return Done(None)

    async def record(self, tx: Tx, step: Step, result: None, *, now: datetime) -> None:
        await commands.mark_detached(tx, step.subject_id, now=now)

    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        """Nothing to store: the row says that it was not detached, and it is not charged all the same."""


@dataclass(frozen=True, slots=True)
class ChargePlan:
    """`wanted`: at the moment of sending. What may have been sent before is looked for whether or not."""

    order: ChargeOrder
    requested_at: datetime
    wanted: bool


class ChargeProcedure(Procedure[ChargePlan, CheckoutState]):
    """Charges a saved card. A decline is a result, not a failure; an unknown outcome is looked up, never sent again blindly.

    A send that timed out may still be under way there when a look finds nothing, and the next send has another key: so twice, and late.
    An outage of the gateway's may last: certainly unsent ones go on for about an hour, then back to the schedule."""

    name: ClassVar[str] = commands.CHARGE
    max_calls: ClassVar[int] = 60
    resend_after = timedelta(minutes=2)

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway, self._policy = gateway, commands.Policy.of(settings)

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> ChargePlan | None:
        found = await commands.may_charge(tx, step.subject_id, now=now)
        if found is None:
            return None
        payable, attempt, method, wanted = found
        order = ChargeOrder(
            attempt_id=attempt.id,
            payable_id=payable.id,
            customer_id=attempt.customer_id,
            gateway_customer=method.gateway_customer,
            method_ref=method.gateway_ref,
            amount=Money(attempt.amount_minor, attempt.currency),
            description=payable.description,
            key=step.key,
        )
        return ChargePlan(order, attempt.requested_at, wanted)

    async def look(self, step: Step, plan: ChargePlan) -> Done[CheckoutState] | Pending | Absent:
        seen = await self._gateway.find_charge(step.subject_id, plan.order.gateway_customer, since=plan.requested_at)
        return Absent() if seen is None else Done(seen)

    async def call(self, step: Step, plan: ChargePlan) -> Done[CheckoutState] | Pending:
        if not plan.wanted:
            raise VendorRejected(commands.NOT_WANTED, "Nothing was sent: it is paid, changed or over.")
        return Done(await self._gateway.charge(replace(plan.order, key=step.key)))

    async def record(self, tx: Tx, step: Step, result: CheckoutState, *, now: datetime) -> None:
        await commands.record_charge(tx, step.subject_id, seen=result, policy=self._policy, now=now)

    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await commands.record_not_charged(tx, step.subject_id, reason=refusal.reason, message=refusal.detail, policy=self._policy, now=now)

    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await commands.park_charge(tx, step.subject_id, reason=reason, message=detail, policy=self._policy, now=now)

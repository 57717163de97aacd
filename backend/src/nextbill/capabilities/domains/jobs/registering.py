"""Registering a name: two steps, so that the registrar's records of the registrant are known before the call that costs money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from typing_extensions import override

from nextbill.capabilities.domains import ports
from nextbill.capabilities.domains.commands import PREPARE, REGISTER, REGISTRANT_COLUMN, TABLE, Charge, book_cost, record_handles
from nextbill.capabilities.domains.events import DomainParked, DomainRefused, DomainRegistered
from nextbill.capabilities.domains.models import DomainRow
from nextbill.capabilities.domains.ports import Handles, NoFunds, Registrant, Registrar, Registration
from nextbill.capabilities.domains.queries import known_handles, locked
from nextbill.capabilities.domains.rules import is_our_doing, later, registrant_fields
from nextbill.kernel.clock import business_date
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish
from nextbill.runtime.steps import Absent, Done, Pending, Procedure, Step
from nextbill.runtime.vendors import VendorRejected, VendorUnknown

NO_FUNDS = "no_funds"
OURS_TO_MEND = frozenset({*ports.REFUSES_US, "unsupported", "not_ours", NO_FUNDS})
"""No customer can mend these, so none is refunded for them: parked, staff is told, the name stays ordered."""


@dataclass(frozen=True, slots=True)
class RegistrantPlan:
    name: str
    registrant: Registrant


class PrepareRegistrant(Procedure[RegistrantPlan, Handles]):
    """Has the registrar find or make its records of a registrant. Charges nothing and may be repeated."""

    name: ClassVar[str] = PREPARE
    parks_at_once: ClassVar[frozenset[str]] = OURS_TO_MEND

    def __init__(self, registrar: Registrar, cipher: FieldCipher) -> None:
        self._registrar, self._cipher = registrar, cipher

    @override
    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> RegistrantPlan | None:
        row = await _still_wanted(tx, step, now=now)
        return None if row is None else RegistrantPlan(row.name, _registrant(row, self._cipher))

    @override
    async def look(self, step: Step, plan: RegistrantPlan) -> Absent:
        """The call itself finds what an earlier one has made."""
        return Absent()

    @override
    async def call(self, step: Step, plan: RegistrantPlan) -> Done[Handles]:
        return Done(await self._registrar.prepare(plan.registrant, plan.name))

    @override
    async def record(self, tx: Tx, step: Step, result: Handles, *, now: datetime) -> None:
        await record_handles(tx, domain_id=step.subject_id, handles=result, now=now)

    @override
    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await _refused(tx, step, refusal, now=now)

    @override
    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await _parked(tx, step, reason, now=now)


@dataclass(frozen=True, slots=True)
class RegistrationPlan:
    order: ports.RegisterDomain
    requested_at: datetime


class RegisterDomain(Procedure[RegistrationPlan, Registration]):
    """Charges our account at the registrar, who knows no idempotency key. So after any doubt: look, twice, `resend_after` apart."""

    name: ClassVar[str] = REGISTER
    may_be_declared_undone = True
    parks_at_once: ClassVar[frozenset[str]] = OURS_TO_MEND | {"lapsed", "not_our_doing"}

    def __init__(self, registrar: Registrar, cipher: FieldCipher, *, resend_after: timedelta, time_zone: str) -> None:
        self._registrar, self._cipher, self._time_zone = registrar, cipher, time_zone
        self.resend_after = resend_after

    @override
    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> RegistrationPlan | None:
        row = await _still_wanted(tx, step, now=now)
        if row is None:
            return None
        handles = await known_handles(tx, row)
        if handles is None:
            raise LookupError(f"domain {row.id} has no registrant at the registrar")
        order = ports.RegisterDomain(row.name, row.years, tuple(row.nameservers), _registrant(row, self._cipher), handles)
        return RegistrationPlan(order, row.requested_at)

    @override
    async def look(self, step: Step, plan: RegistrationPlan) -> Done[Registration] | Pending | Absent:
        """Is the name in our account at the registrar, and there through this very order?"""
        found = await self._registrar.find(plan.order.name)
        if found is None or found.state == "failed":
            return Absent()
        ours = plan.order.handles.customer_ref
        if not is_our_doing(ours=ours, theirs=found.customer_ref, requested_at=plan.requested_at, created_at=found.created_at):
            raise VendorUnknown("not_our_doing", "The name is in our registrar account, but not through this order.")
        if found.state == "lapsed":
            raise VendorUnknown("lapsed", "The name was ours and is on its way to deletion.")
        return _outcome(found)

    @override
    async def call(self, step: Step, plan: RegistrationPlan) -> Done[Registration] | Pending:
        try:
            return _outcome(await self._registrar.register(plan.order))
        except NoFunds as error:
            if error.order_ref is None:
                raise
            # The registrar keeps the order and completes it after a top-up: sent again it would be charged twice, so look first.
            raise VendorUnknown(NO_FUNDS, error.detail, request_id=error.order_ref) from error

    @override
    async def record(self, tx: Tx, step: Step, result: Registration, *, now: datetime) -> None:
        row, on = await locked(tx, step.subject_id), business_date(now, self._time_zone)
        row.state, row.reason, row.faults = "active", None, None
        # A name without an end would never be renewed: where the registrar does not tell yet, the calendar does, a day off at most, which a renewal allows for.
        row.registrar_ref, row.expires_on = result.registrar_ref, result.expires_on or later(on, row.years)
        row.registered_at, row.changed_at = now, now
        charge = Charge(row.id, row.tld, "register", row.years, "registration", result.cost)
        cost = await book_cost(tx, charge, on=on, now=now)
        if cost is not None:
            row.cost_minor, row.cost_currency = cost.minor, cost.currency
        await tx.flush()
        await publish(tx, DomainRegistered(**_references(row), domain=row.name, expires_on=row.expires_on.isoformat()), now=now)

    @override
    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await _refused(tx, step, refusal, now=now)

    @override
    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await _parked(tx, step, reason, now=now)


def _outcome(found: Registration) -> Done[Registration] | Pending:
    if found.state == "active":
        return Done(found)
    return Pending(NO_FUNDS if found.waiting_for_funds else "queued_at_registrar", found.detail)


async def _still_wanted(tx: Tx, step: Step, *, now: datetime) -> DomainRow | None:
    """The row, pending again if staff had the parked step taken up; None if it was cancelled or is done."""
    row = await locked(tx, step.subject_id)
    if row.state not in ("pending", "parked"):
        return None
    if row.state == "parked":
        row.state, row.reason, row.changed_at = "pending", None, now
    return row


async def _refused(tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
    row = await locked(tx, step.subject_id)
    row.state, row.reason, row.faults, row.changed_at = "refused", refusal.reason, dict(refusal.fields), now
    await tx.flush()
    await publish(tx, DomainRefused(**_references(row), domain=row.name, reason=refusal.reason), now=now)


async def _parked(tx: Tx, step: Step, reason: str, *, now: datetime) -> None:
    row = await locked(tx, step.subject_id)
    row.state, row.reason, row.changed_at = "parked", reason, now
    await tx.flush()
    await publish(tx, DomainParked(**_references(row), domain=row.name, reason=reason), now=now)


def _registrant(row: DomainRow, cipher: FieldCipher) -> Registrant:
    fields = registrant_fields(cipher.decrypt(row.registrant_sealed, table=TABLE, row=row.id, column=REGISTRANT_COLUMN))
    return Registrant(customer_id=row.customer_id, **fields)


def _references(row: DomainRow) -> dict[str, Any]:
    return {"domain_id": row.id, "customer_id": row.customer_id, "reference_type": row.reference_type, "reference_id": row.reference_id}

"""Renewing a name: one step for each renewal, so that it is charged for once whatever dies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, get_args

from typing_extensions import override

from nextbill.capabilities.domains import ports
from nextbill.capabilities.domains.commands import RENEW, Charge, book_cost
from nextbill.capabilities.domains.events import DomainRenewalParked, DomainRenewed
from nextbill.capabilities.domains.jobs.registering import NO_FUNDS
from nextbill.capabilities.domains.ports import NoFunds, Registrar, Renewal
from nextbill.capabilities.domains.queries import lock_renewal, locked
from nextbill.kernel.clock import business_date
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish
from nextbill.runtime.steps import Absent, Done, Pending, Procedure, Step
from nextbill.runtime.vendors import VendorRejected, VendorUnknown


@dataclass(frozen=True, slots=True)
class RenewalPlan:
    name: str
    years: int
    from_on: date


class RenewDomain(Procedure[RenewalPlan, Renewal]):
    """Charges our account at the registrar. The day on which the name expires guards it: what lasts longer already is not sent again.

    No refusal is final by itself: the customer has paid, so staff decides (again, or give up and the money goes back)."""

    name: ClassVar[str] = RENEW
    may_be_declared_undone = True
    parks_at_once: ClassVar[frozenset[str]] = frozenset({*get_args(ports.RejectionReason), NO_FUNDS})

    def __init__(self, registrar: Registrar, *, resend_after: timedelta, time_zone: str) -> None:
        self._registrar, self._time_zone = registrar, time_zone
        self.resend_after = resend_after

    @override
    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> RenewalPlan | None:
        row = await lock_renewal(tx, step.subject_id)
        if row.state not in ("renewing", "parked"):
            return None
        if row.state == "parked":
            row.state, row.reason, row.changed_at = "renewing", None, now
        return RenewalPlan((await locked(tx, row.domain_id)).name, row.years, row.from_on)

    @override
    async def look(self, step: Step, plan: RenewalPlan) -> Done[Renewal] | Pending | Absent:
        found = await self._registrar.find_renewal(plan.name, expires_on=plan.from_on)
        return Absent() if found is None else _outcome(found)

    @override
    async def call(self, step: Step, plan: RenewalPlan) -> Done[Renewal] | Pending:
        try:
            return _outcome(await self._registrar.renew(plan.name, years=plan.years, expires_on=plan.from_on))
        except NoFunds as error:
            if error.order_ref is None:
                raise
            # The registrar keeps the order and completes it after a top-up: sent again it might be charged twice, so look first.
            raise VendorUnknown(NO_FUNDS, error.detail, request_id=error.order_ref) from error

    @override
    async def record(self, tx: Tx, step: Step, result: Renewal, *, now: datetime) -> None:
        row = await lock_renewal(tx, step.subject_id)
        domain = await locked(tx, row.domain_id)
        row.state, row.reason, row.expires_on, row.changed_at = "renewed", None, result.expires_on, now
        domain.expires_on, domain.changed_at = result.expires_on, now
        charge = Charge(domain.id, domain.tld, "renew", row.years, f"renewal-{row.from_on.isoformat()}", result.cost)
        await book_cost(tx, charge, on=business_date(now, self._time_zone), now=now)
        await tx.flush()
        renewed = DomainRenewed(domain_id=domain.id, renewal_id=row.id, customer_id=row.customer_id, domain=domain.name, expires_on=result.expires_on)
        await publish(tx, renewed, now=now)

    @override
    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        """A reason that we have never heard: the step is over, and staff can only give up."""
        await self.park(tx, step, refusal.reason, refusal.detail, now=now)

    @override
    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        row = await lock_renewal(tx, step.subject_id)
        row.state, row.reason, row.changed_at = "parked", reason, now
        domain = await locked(tx, row.domain_id)
        await tx.flush()
        parked = DomainRenewalParked(
            domain_id=row.domain_id, renewal_id=row.id, customer_id=row.customer_id, domain=domain.name, expires_on=row.from_on, reason=reason
        )
        await publish(tx, parked, now=now)


def _outcome(found: Renewal) -> Done[Renewal] | Pending:
    if found.state == "renewed":
        return Done(found)
    return Pending(NO_FUNDS if found.waiting_for_funds else "queued_at_registrar", found.detail)

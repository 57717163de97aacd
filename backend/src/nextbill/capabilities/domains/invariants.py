"""What must always hold of domains."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from nextbill.capabilities.domains.commands import RENEW
from nextbill.capabilities.domains.models import DomainRow, RenewalRow
from nextbill.capabilities.domains.rules import GONE
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import Invariant
from nextbill.runtime.models import StepRow

SOON_ENOUGH = timedelta(hours=24)
"""Until then a renewal that was paid for may be on its way."""


async def _once(tx: ReadTx, _now: datetime) -> list[str]:
    live = select(DomainRow.name, func.count()).where(DomainRow.state.not_in(GONE))
    rows = await tx.execute(live.group_by(DomainRow.name).having(func.count() > 1))
    return [f"{name} is held {count} times" for name, count in rows]


async def _under_way(tx: ReadTx, _now: datetime) -> list[str]:
    step = select(StepRow.id).where(
        StepRow.subject_id == DomainRow.id, StepRow.name.like("domains.%"), StepRow.state.not_in(("succeeded", "refused", "withdrawn"))
    )
    rows = await tx.execute(select(DomainRow.name, DomainRow.state).where(DomainRow.state.in_(("pending", "parked")), ~step.exists()))
    return [f"{name} is {state}, but no step is under way for it" for name, state in rows]


async def _paid_and_renewed(tx: ReadTx, now: datetime) -> list[str]:
    late = RenewalRow.state.in_(("renewing", "parked")), RenewalRow.paid_at < now - SOON_ENOUGH
    found = select(DomainRow.name, RenewalRow.state, RenewalRow.reason, RenewalRow.paid_at).join(DomainRow, DomainRow.id == RenewalRow.domain_id)
    return [
        f"{name} was paid for on {paid_at:%Y-%m-%d %H:%M} and is not renewed: {reason or state}"
        for name, state, reason, paid_at in await tx.execute(found.where(*late))
    ]


async def _renewed_for_money(tx: ReadTx, _now: datetime) -> list[str]:
    step = select(StepRow.id).where(StepRow.name == RENEW, StepRow.subject_id == RenewalRow.id)
    sent = select(DomainRow.name, RenewalRow.from_on).join(DomainRow, DomainRow.id == RenewalRow.domain_id)
    sent = sent.where(RenewalRow.state.in_(("held", "invoiced", "lapsed", "withdrawn")), step.exists())
    return [f"the renewal of {name} from {day} went to the registrar without being paid" for name, day in await tx.execute(sent)]


INVARIANTS = (
    Invariant("domain_held_once", "No name is held, or on order, twice", _once),
    Invariant("domain_renewal_paid_not_renewed", "What was paid for is renewed within a day", _paid_and_renewed),
    Invariant("domain_renewal_not_before_money", "No renewal goes to the registrar before it is paid", _renewed_for_money),
    Invariant("domain_under_way", "Each name that is not registered yet has a step that registers it or waits for staff", _under_way),
)

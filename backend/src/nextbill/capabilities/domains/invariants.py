"""What must always hold of domains."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from nextbill.capabilities.domains.models import DomainRow
from nextbill.capabilities.domains.rules import GONE
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import Invariant
from nextbill.runtime.models import StepRow


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


INVARIANTS = (
    Invariant("domain_held_once", "No name is held, or on order, twice", _once),
    Invariant("domain_under_way", "Each name that is not registered yet has a step that registers it or waits for staff", _under_way),
)

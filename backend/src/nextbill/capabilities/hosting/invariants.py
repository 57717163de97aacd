"""What must always hold in hosting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from nextbill.capabilities.hosting.models import AccountRow, ServerRow
from nextbill.capabilities.hosting.rules import HOLDS_SLOT
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import Invariant
from nextbill.runtime.models import StepRow


async def _capacity(tx: ReadTx, _now: datetime) -> list[str]:
    holding = select(func.count()).where(AccountRow.server_id == ServerRow.id, AccountRow.state.in_(HOLDS_SLOT)).scalar_subquery()
    rows = await tx.execute(select(ServerRow.name, ServerRow.used, holding).where(ServerRow.used != holding))
    return [f"server {name} counts {used} places taken, {count} accounts hold one" for name, used, count in rows]


async def _under_way(tx: ReadTx, _now: datetime) -> list[str]:
    """A requested or parked account without a step that is open or parked is one that nobody will ever make."""
    step = select(StepRow.id).where(
        StepRow.subject_id == AccountRow.id, StepRow.name.like("hosting.%"), StepRow.state.not_in(("succeeded", "refused", "withdrawn"))
    )
    rows = await tx.execute(select(AccountRow.id, AccountRow.state).where(AccountRow.state.in_(("requested", "parked")), ~step.exists()))
    return [f"account {account_id} is {state}, but no step is under way for it" for account_id, state in rows]


async def _erased(tx: ReadTx, _now: datetime) -> list[str]:
    shown = AccountRow.revealed_at.is_not(None) & AccountRow.password_sealed.is_not(None)
    rows = await tx.execute(select(AccountRow.id).where(shown))
    return [f"account {account_id} has a first password that was shown and is still stored" for account_id in rows.scalars()]


INVARIANTS = (
    Invariant("capacity_exact", "A server counts exactly the accounts that hold a place on it", _capacity),
    Invariant("account_under_way", "Each account that is not made yet has a step that makes it or waits for staff", _under_way),
    Invariant("first_password_erased", "A first password that was shown is stored nowhere", _erased),
)

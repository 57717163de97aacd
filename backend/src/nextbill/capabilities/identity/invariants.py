"""What must always hold of logins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from nextbill.capabilities.identity.models import LoginRow, SessionRow
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant


async def _disabled_but_in(tx: ReadTx, _now: datetime) -> list[str]:
    statement = (
        select(SessionRow.id)
        .join(LoginRow, LoginRow.id == SessionRow.login_id)
        .where(LoginRow.disabled_at.is_not(None), SessionRow.ended_at.is_(None))
    )
    return [f"session {session_id} of a disabled login is open" for session_id in (await tx.execute(statement.limit(SHOWN))).scalars()]


async def _no_admin(tx: ReadTx, _now: datetime) -> list[str]:
    """A shop that was just set up has no staff yet; one that has some needs an administrator."""
    roles = set((await tx.execute(select(LoginRow.role).where(LoginRow.role != "customer", LoginRow.disabled_at.is_(None)).distinct())).scalars())
    return ["there is staff, but no administrator who could log in"] if roles and "admin" not in roles else []


INVARIANTS = (
    Invariant("identity_disabled_is_out", "A disabled login has no open session", _disabled_but_in),
    Invariant("identity_has_admin", "A shop with staff has an administrator", _no_admin),
)

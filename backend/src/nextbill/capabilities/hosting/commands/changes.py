"""Suspending, unsuspending and deleting what a panel has: a row each, carried out by a step, the newest row counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from nextbill.capabilities import identity
from nextbill.capabilities.hosting.errors import AccountNotReady
from nextbill.capabilities.hosting.models import AccountRow, ChangeRow
from nextbill.capabilities.hosting.queries import locked_account
from nextbill.capabilities.hosting.rules import SuspensionReason
from nextbill.kernel.ids import new_id
from nextbill.runtime import steps
from nextbill.runtime.database import Tx

CHANGE = "hosting.change_account"
Kind = Literal["suspend", "unsuspend", "delete"]


async def suspend_account(tx: Tx, *, account_id: UUID, reason: SuspensionReason, actor: str, now: datetime, note: str | None = None) -> UUID | None:
    """Adds a reason; the panel is told if it is the first. Answers with the change, None where nothing is to be done."""
    row = await _made(tx, account_id)
    if reason in row.suspension_reasons:
        return None
    first = not row.suspension_reasons
    row.suspension_reasons = sorted({*row.suspension_reasons, reason})
    await _audit(tx, row, f"account.suspend.{reason}", actor=actor, note=note, now=now)
    return await request_change(tx, row, "suspend", reason=reason, now=now) if first else None


async def unsuspend_account(tx: Tx, *, account_id: UUID, reason: SuspensionReason, actor: str, now: datetime, note: str | None = None) -> UUID | None:
    """Takes back one reason; the panel is told when none is left."""
    row = await _made(tx, account_id)
    if reason not in row.suspension_reasons:
        return None
    row.suspension_reasons = sorted(set(row.suspension_reasons) - {reason})
    await _audit(tx, row, f"account.unsuspend.{reason}", actor=actor, note=note, now=now)
    return None if row.suspension_reasons else await request_change(tx, row, "unsuspend", reason=reason, now=now)


async def delete_account(tx: Tx, *, account_id: UUID, actor: str, now: datetime, note: str | None = None) -> UUID:
    """For good: the panel removes the account with all that is in it. Its place is free when the panel has said so."""
    row = await _made(tx, account_id)
    await _audit(tx, row, "account.delete", actor=actor, note=note, now=now)
    return await request_change(tx, row, "delete", reason=note or "deleted by staff", now=now)


async def request_change(tx: Tx, row: AccountRow, kind: Kind, *, reason: str, now: datetime) -> UUID:
    change = ChangeRow(id=new_id(), account_id=row.id, customer_id=row.customer_id, kind=kind, reason=reason, state="requested", requested_at=now)
    tx.add(change)
    await tx.flush()
    await steps.request(tx, CHANGE, subject_id=change.id, customer_id=row.customer_id, now=now)
    return change.id


async def _made(tx: Tx, account_id: UUID) -> AccountRow:
    row = await locked_account(tx, account_id)
    if row.state not in ("ready", "suspended"):
        raise AccountNotReady
    return row


async def _audit(tx: Tx, row: AccountRow, action: str, *, actor: str, note: str | None, now: datetime) -> None:
    who: dict[str, Any] = {"object_type": "hosting_account", "object_id": row.id, "customer_id": row.customer_id}
    await identity.audit(tx, actor=actor, action=action, reason=note, now=now, **who)

"""Suspending, unsuspending and deleting on the panel. Each may be repeated there; the newest change of an account counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from typing_extensions import override

from nextbill.capabilities.hosting.commands.accounts import leave
from nextbill.capabilities.hosting.commands.changes import CHANGE, Kind, request_change
from nextbill.capabilities.hosting.events import AccountChangeParked, AccountDeleted, AccountSuspended, AccountUnsuspended
from nextbill.capabilities.hosting.models import AccountRow, ChangeRow
from nextbill.capabilities.hosting.ports import ControlPanel, ServerAccess
from nextbill.capabilities.hosting.queries import locked_account, newest_change, server_access
from nextbill.kernel.events import Event
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish
from nextbill.runtime.steps import Absent, Done, Procedure, Step
from nextbill.runtime.vendors import VendorRejected

_KINDS: dict[str, Kind] = {"suspend": "suspend", "unsuspend": "unsuspend", "delete": "delete"}


@dataclass(frozen=True, slots=True)
class ChangePlan:
    server: ServerAccess
    ref: str
    kind: Kind
    reason: str


class ChangeAccount(Procedure[ChangePlan, None]):
    name: ClassVar[str] = CHANGE
    parks_at_once: ClassVar[frozenset[str]] = frozenset(
        {"auth_failed", "not_allowed", "not_found", "unsupported", "refused", "address_refused", "invalid_address"}
    )

    def __init__(self, panel: ControlPanel, cipher: FieldCipher) -> None:
        self._panel, self._cipher = panel, cipher

    @override
    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> ChangePlan | None:
        change, row = await _locked(tx, step)
        if change.state not in ("requested", "parked"):
            return None
        newest = await newest_change(tx, row.id)
        if newest.id != change.id or row.server_id is None or row.panel_ref is None or row.state == "deleted":
            change.state = "superseded"
            return None
        change.state = "requested"
        access = await server_access(tx, row.server_id, cipher=self._cipher)
        return ChangePlan(access, row.panel_ref, _KINDS[change.kind], change.reason)

    @override
    async def look(self, step: Step, plan: ChangePlan) -> Absent:
        """All three may be repeated, so there is nothing to find out first."""
        return Absent()

    @override
    async def call(self, step: Step, plan: ChangePlan) -> Done[None]:
        if plan.kind == "suspend":
            await self._panel.suspend(plan.server, plan.ref, reason=plan.reason)
        elif plan.kind == "unsuspend":
            await self._panel.unsuspend(plan.server, plan.ref)
        else:
            await self._panel.delete(plan.server, plan.ref)
        return Done(None)

    @override
    async def record(self, tx: Tx, step: Step, result: None, *, now: datetime) -> None:
        """Overtaken by a newer change while it was under way, that one is carried out once more: the last word is the newest one's."""
        change, row = await _locked(tx, step)
        change.state, change.done_at = "done", now
        newest = await newest_change(tx, row.id)
        if newest.id == change.id or change.kind == "delete":
            await _apply(tx, row, change.kind, now=now)
        elif newest.state == "done":
            await request_change(tx, row, _KINDS[newest.kind], reason=newest.reason, now=now)

    @override
    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await _given_up(tx, step, "refused", refusal.reason, now=now)

    @override
    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await _given_up(tx, step, "parked", reason, now=now)


async def _apply(tx: Tx, row: AccountRow, kind: str, *, now: datetime) -> None:
    if row.state == "deleted":
        return
    fact: Event
    who = {"account_id": row.id, "customer_id": row.customer_id}
    if kind == "delete":
        await leave(tx, row, "deleted", now=now)
        fact = AccountDeleted(**who)
    else:
        row.state, row.changed_at = ("suspended" if kind == "suspend" else "ready"), now
        await tx.flush()
        fact = AccountSuspended(**who) if kind == "suspend" else AccountUnsuspended(**who)
    await publish(tx, fact, now=now)


async def _given_up(tx: Tx, step: Step, state: str, reason: str, *, now: datetime) -> None:
    change, row = await _locked(tx, step)
    change.state = state
    await tx.flush()
    await publish(tx, AccountChangeParked(account_id=row.id, customer_id=row.customer_id, change=change.kind, reason=reason), now=now)


async def _locked(tx: Tx, step: Step) -> tuple[ChangeRow, AccountRow]:
    """The account first: it is what commands lock, so nobody waits for the other."""
    account_id = (await tx.execute(select(ChangeRow.account_id).where(ChangeRow.id == step.subject_id))).scalar_one()
    row = await locked_account(tx, account_id)
    return (await tx.execute(select(ChangeRow).where(ChangeRow.id == step.subject_id).with_for_update())).scalar_one(), row

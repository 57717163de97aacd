"""Having a panel make an account, and exactly one: look by our id before any second try, adopt only what carries it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from typing_extensions import override

from nextbill.capabilities.hosting.commands.accounts import CREATE, leave, rename_after_conflict
from nextbill.capabilities.hosting.events import AccountParked, AccountReady
from nextbill.capabilities.hosting.models import AccountRow
from nextbill.capabilities.hosting.ports import ControlPanel, NewAccount, PanelAccount, ServerAccess
from nextbill.capabilities.hosting.queries import ACCOUNT_TABLE, locked_account, sealed_text, server_access
from nextbill.runtime import steps
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish
from nextbill.runtime.steps import Absent, Done, Procedure, Step
from nextbill.runtime.vendors import VendorRejected

PASSWORD_STEP = "hosting.set_first_password"  # noqa: S105  # a step's name
CONFLICT = "conflict"
OURS_TO_MEND = frozenset(
    {"auth_failed", "not_allowed", "not_found", "unsupported", "invalid", "refused", "address_refused", "invalid_address", "cannot_look"}
)
"""What a panel refuses is never the customer's fault: parked, so that staff mends it and the step goes on."""


@dataclass(frozen=True, slots=True)
class CreationPlan:
    server: ServerAccess
    order: NewAccount


class CreateAccount(Procedure[CreationPlan, PanelAccount]):
    name: ClassVar[str] = CREATE
    may_be_declared_undone = True
    parks_at_once: ClassVar[frozenset[str]] = OURS_TO_MEND

    def __init__(self, panel: ControlPanel, cipher: FieldCipher) -> None:
        self._panel, self._cipher = panel, cipher

    @override
    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> CreationPlan | None:
        row = await _still_wanted(tx, step.subject_id, now=now)
        if row is None or row.server_id is None:
            return None
        before = await steps.state_of(tx, CREATE, subject_id=row.id)
        if before is not None and before.reason == CONFLICT:
            # Whether the taken name is our own account is seen by the look that comes first; if not, the next try has another name.
            await rename_after_conflict(tx, row, conflicts=before.looks)
        return CreationPlan(await server_access(tx, row.server_id, cipher=self._cipher), _order(row, self._cipher))

    @override
    async def look(self, step: Step, plan: CreationPlan) -> Done[PanelAccount] | Absent:
        found = await self._panel.find_account(plan.server, billing_id=plan.order.billing_id, license_key=plan.order.license_key)
        return Absent() if found is None else Done(found)

    @override
    async def call(self, step: Step, plan: CreationPlan) -> Done[PanelAccount]:
        return Done(await self._panel.create_account(plan.server, plan.order))

    @override
    async def record(self, tx: Tx, step: Step, result: PanelAccount, *, now: datetime) -> None:
        """A panel that makes up passwords itself may have lost one with an answer: then a first password is set by a step of its own."""
        row = await locked_account(tx, step.subject_id)
        row.panel_ref, row.panel_url, row.changed_at = result.ref, result.url, now
        row.username, row.panel_email = result.username or row.username, result.email or row.panel_email
        row.license_key_sealed = None
        if result.password is not None:
            row.password_sealed = self._cipher.encrypt(result.password, table=ACCOUNT_TABLE, row=row.id, column="password_sealed")
        await tx.flush()
        if result.password is None and not _has_our_password(await server_access(tx, _placed(row), cipher=self._cipher)):
            await steps.request(tx, PASSWORD_STEP, subject_id=row.id, customer_id=row.customer_id, now=now)
            return
        await _ready(tx, row, now=now)

    @override
    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        row = await locked_account(tx, step.subject_id)
        row.reason = refusal.reason
        await leave(tx, row, "refused", now=now)
        await _tell_parked(tx, row, refusal.reason, now=now)

    @override
    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await _parked(tx, step, reason, now=now)


@dataclass(frozen=True, slots=True)
class PasswordPlan:
    server: ServerAccess
    ref: str
    password: str


class SetFirstPassword(Procedure[PasswordPlan, None]):
    """Sets the password that we made, where the panel's own was lost with its answer. May be repeated: it sets the same one."""

    name: ClassVar[str] = PASSWORD_STEP
    parks_at_once: ClassVar[frozenset[str]] = OURS_TO_MEND

    def __init__(self, panel: ControlPanel, cipher: FieldCipher) -> None:
        self._panel, self._cipher = panel, cipher

    @override
    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> PasswordPlan | None:
        row = await _still_wanted(tx, step.subject_id, now=now)
        password = None if row is None else sealed_text(self._cipher, row, "password_sealed")
        if row is None or row.panel_ref is None or password is None:
            return None
        return PasswordPlan(await server_access(tx, _placed(row), cipher=self._cipher), row.panel_ref, password)

    @override
    async def look(self, step: Step, plan: PasswordPlan) -> Absent:
        """A password can't be read back; setting it again does no harm."""
        return Absent()

    @override
    async def call(self, step: Step, plan: PasswordPlan) -> Done[None]:
        await self._panel.reset_password(plan.server, plan.ref, password=plan.password)
        return Done(None)

    @override
    async def record(self, tx: Tx, step: Step, result: None, *, now: datetime) -> None:
        await _ready(tx, await locked_account(tx, step.subject_id), now=now)

    @override
    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        """The account exists: it keeps its place, and staff finishes by hand."""
        await _parked(tx, step, refusal.reason, now=now)

    @override
    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await _parked(tx, step, reason, now=now)


async def _still_wanted(tx: Tx, account_id: UUID, *, now: datetime) -> AccountRow | None:
    """The row, requested again if staff had the parked step taken up; None if it was withdrawn or is done."""
    row = await locked_account(tx, account_id)
    if row.state not in ("requested", "parked"):
        return None
    if row.state == "parked":
        row.state, row.reason, row.changed_at = "requested", None, now
        await tx.flush()
    return row


def _has_our_password(server: ServerAccess) -> bool:
    return server.provisioning == "accounts"


def _placed(row: AccountRow) -> UUID:
    if row.server_id is None:
        raise LookupError(f"account {row.id} has no server")
    return row.server_id


def _order(row: AccountRow, cipher: FieldCipher) -> NewAccount:
    password = sealed_text(cipher, row, "password_sealed")
    if row.username is None or row.panel_email is None or password is None:
        raise LookupError(f"account {row.id} has a server, but no name or password")
    return NewAccount(
        billing_id=row.id,
        username=row.username,
        email=row.panel_email,
        password=password,
        full_name=row.full_name,
        phone=row.phone,
        company=row.company,
        package=row.plan_code,
        license_key=sealed_text(cipher, row, "license_key_sealed"),
        limits=row.limits,
        domain=row.domain,
    )


async def _ready(tx: Tx, row: AccountRow, *, now: datetime) -> None:
    row.state, row.reason, row.ready_at, row.changed_at = "ready", None, now, now
    await tx.flush()
    await publish(tx, AccountReady(**_references(row), server_id=_placed(row)), now=now)


async def _parked(tx: Tx, step: Step, reason: str, *, now: datetime) -> None:
    row = await locked_account(tx, step.subject_id)
    row.state, row.reason, row.changed_at = "parked", reason, now
    await tx.flush()
    await _tell_parked(tx, row, reason, now=now)


async def _tell_parked(tx: Tx, row: AccountRow, reason: str, *, now: datetime) -> None:
    await publish(tx, AccountParked(**_references(row), reason=reason), now=now)


def _references(row: AccountRow) -> dict[str, Any]:
    return {"account_id": row.id, "customer_id": row.customer_id, "reference_type": row.reference_type, "reference_id": row.reference_id}

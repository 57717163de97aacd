"""What can be done with a license. None of these calls out; each runs in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.errors import BoundElsewhere, LicenseIsCancelled
from nextbill.capabilities.licensing.events import LicenseActivated, LicenseCancelled, LicenseIssued, LicenseSuspended
from nextbill.capabilities.licensing.models import LicenseRow, QuotaRow
from nextbill.capabilities.licensing.queries import LicenseKeys, locked, sealed
from nextbill.capabilities.licensing.rules import ALPHABET, GROUP_LENGTH, GROUPS, SuspensionReason, hint, written
from nextbill.kernel.ids import new_id
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

TABLE, KEY_COLUMN = "licensing_license", "key_sealed"


async def issue_license(
    tx: Tx,
    *,
    customer_id: UUID,
    reference_type: str,
    reference_id: UUID,
    plan_code: str,
    plan_name: str,
    limits: Mapping[str, int | None],
    features: Sequence[str],
    expires_at: datetime | None,
    cipher: FieldCipher,
    keys: LicenseKeys,
    now: datetime,
) -> UUID:
    """A license, active at once, with a quota for each limit. A second call for the same reference answers with the first one's id.

    `expires_at` includes the grace; None until the period is known (`extend_license`).
    """
    license_id, key = new_id(), new_key()
    values = {
        "id": license_id,
        "customer_id": customer_id,
        "reference_type": reference_type,
        "reference_id": reference_id,
        "plan_code": plan_code,
        "plan_name": plan_name,
        "features": list(features),
        "key_sealed": cipher.encrypt(key, table=TABLE, row=license_id, column=KEY_COLUMN),
        "key_hash": keys.hash(key),
        "key_hint": hint(key),
        "state": "active",
        "expires_at": expires_at,
        "issued_at": now,
        "changed_at": now,
    }
    once = upsert(LicenseRow).values(**values).on_conflict_do_nothing(index_elements=["reference_type", "reference_id"]).returning(LicenseRow.id)
    if (await tx.execute(once)).first() is None:
        known = select(LicenseRow.id).where(LicenseRow.reference_type == reference_type, LicenseRow.reference_id == reference_id)
        return (await tx.execute(known)).scalar_one()
    if limits:
        rows = [{"license_id": license_id, "resource": name, "customer_id": customer_id, "limit_count": limit} for name, limit in limits.items()]
        await tx.execute(insert(QuotaRow), rows)
    await publish(
        tx, LicenseIssued(license_id=license_id, customer_id=customer_id, reference_type=reference_type, reference_id=reference_id), now=now
    )
    return license_id


def new_key() -> str:
    """59 bits of chance: enough against guessing where each wrong guess is a throttled request."""
    return written("".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP_LENGTH)))


async def reveal_key(tx: Tx, *, license_id: UUID, actor: str, cipher: FieldCipher, now: datetime, reason: str | None = None) -> str:
    """The key in full, for its owner (the role decides whose rows are seen) or for staff. The showing is audited."""
    row = await sealed(tx, license_id)
    await identity.audit(
        tx, actor=actor, action="license.key_revealed", object_type="license", object_id=row.id, customer_id=row.customer_id, reason=reason, now=now
    )
    return open_key(row, cipher)


async def key_for_delivery(tx: Tx, *, license_id: UUID, cipher: FieldCipher) -> str:
    """The key for the machine that it is made for (the panel account's metadata). Not for people: that is `reveal_key`."""
    return open_key(await sealed(tx, license_id), cipher)


def open_key(row: LicenseRow, cipher: FieldCipher) -> str:
    return cipher.decrypt(row.key_sealed, table=TABLE, row=row.id, column=KEY_COLUMN)


async def bind_server(tx: Tx, *, license_id: UUID, server_id: UUID, now: datetime) -> None:
    """From now on another server's panel is answered `wrong_server`. Binding twice to the same server changes nothing."""
    row = await locked(tx, license_id)
    if row.server_id is not None and row.server_id != server_id:
        raise BoundElsewhere
    row.server_id, row.changed_at = server_id, now


async def extend_license(tx: Tx, *, license_id: UUID, expires_at: datetime, now: datetime) -> None:
    """A new end, grace included. It is never moved back: what was paid for stays."""
    row = await _alive(tx, license_id)
    row.expires_at = expires_at if row.expires_at is None else max(row.expires_at, expires_at)
    row.changed_at = now


async def suspend_license(tx: Tx, *, license_id: UUID, reason: SuspensionReason, now: datetime) -> None:
    """Adds a reason to the set of them; refused from the first question after the commit."""
    row = await _alive(tx, license_id)
    if reason in row.suspension_reasons:
        return
    row.suspension_reasons = sorted({*row.suspension_reasons, reason})
    row.state, row.changed_at = "suspended", now
    await tx.flush()
    await publish(tx, LicenseSuspended(license_id=row.id, customer_id=row.customer_id, reason=reason), now=now)


async def activate_license(tx: Tx, *, license_id: UUID, reason: SuspensionReason, now: datetime) -> None:
    """Takes back one reason; the license is active again when none is left. A payment lifts only `unpaid`."""
    row = await _alive(tx, license_id)
    if reason not in row.suspension_reasons:
        return
    row.suspension_reasons = sorted(set(row.suspension_reasons) - {reason})
    row.changed_at = now
    if row.suspension_reasons:
        return
    row.state = "active"
    await tx.flush()
    await publish(tx, LicenseActivated(license_id=row.id, customer_id=row.customer_id), now=now)


async def cancel_license(tx: Tx, *, license_id: UUID, now: datetime) -> None:
    """Final. Cancelling twice changes nothing."""
    row = await locked(tx, license_id)
    if row.state == "cancelled":
        return
    row.state, row.changed_at = "cancelled", now
    await tx.flush()
    await publish(tx, LicenseCancelled(license_id=row.id, customer_id=row.customer_id), now=now)


async def _alive(tx: Tx, license_id: UUID) -> LicenseRow:
    row = await locked(tx, license_id)
    if row.state == "cancelled":
        raise LicenseIsCancelled
    return row

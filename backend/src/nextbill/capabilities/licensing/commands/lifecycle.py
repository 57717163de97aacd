"""A license from issue to cancellation. Whatever takes something away makes the leases of before void, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.licensing.commands.keys import COLUMN, TABLE, new_key
from nextbill.capabilities.licensing.errors import BoundElsewhere, LicenseIsCancelled
from nextbill.capabilities.licensing.events import (
    LicenseActivated,
    LicenseCancelled,
    LicenseIssued,
    LicenseMoved,
    LicenseSuspended,
)
from nextbill.capabilities.licensing.models import LicenseRow, QuotaRow, RevocationRow
from nextbill.capabilities.licensing.queries.licenses import LicenseKeys, locked
from nextbill.capabilities.licensing.rules.keys import hint
from nextbill.capabilities.licensing.rules.leases import RevocationReason
from nextbill.capabilities.licensing.rules.verdict import SuspensionReason
from nextbill.kernel.ids import new_id
from nextbill.runtime.bulk import Uuids, by_index, column, joined, length, spans
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

_EXTEND = text(
    "update licensing_license l set expires_at = greatest(l.expires_at, e.until), changed_at = :now "
    "from unnest(cast(:firsts as int[]), cast(:lasts as int[]), cast(:ends as timestamptz[])) as e(first, last, until) "
    "cross join lateral unnest((cast(:ids as uuid[]))[e.first:e.last]) as n(id) "
    "where l.reference_type = :kind and l.reference_id = n.id and l.state <> 'cancelled'"
)


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
        "plan_features": list(features),
        "key_sealed": cipher.encrypt(key, table=TABLE, row=license_id, column=COLUMN),
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
    await _give_quotas(tx, license_id, customer_id, limits)
    await publish(
        tx, LicenseIssued(license_id=license_id, customer_id=customer_id, reference_type=reference_type, reference_id=reference_id), now=now
    )
    return license_id


async def _give_quotas(tx: Tx, license_id: UUID, customer_id: UUID, limits: Mapping[str, int | None]) -> None:
    rows = [
        {"license_id": license_id, "resource": name, "customer_id": customer_id, "limit_count": limit, "plan_limit": limit}
        for name, limit in limits.items()
    ]
    if rows:
        await tx.execute(insert(QuotaRow), rows)


async def bind_server(tx: Tx, *, license_id: UUID, server_id: UUID, now: datetime) -> None:
    """From now on another server's panel is answered `wrong_server`. Binding twice to the same server changes nothing."""
    row = await locked(tx, license_id)
    if row.server_id is not None and row.server_id != server_id:
        raise BoundElsewhere
    if row.server_id == server_id:
        return
    row.server_id, row.changed_at = server_id, now
    if row.issued_at < now:  # any panel may have a lease of the time when it was bound to none
        await revoke_leases(tx, row, reason="moved", now=now, everywhere=True)


async def move_license(tx: Tx, *, license_id: UUID, server_id: UUID, now: datetime) -> None:
    """To another server: the panel it was bound to is refused from the commit on, and hears that its leases are void."""
    row = await alive(tx, license_id)
    before = row.server_id
    if before == server_id:
        return
    row.server_id, row.changed_at = server_id, now
    # Bound to none before, any panel may have a lease of it.
    await revoke_leases(tx, row, reason="moved", server_id=before, now=now, everywhere=before is None)
    await publish(tx, LicenseMoved(license_id=row.id, customer_id=row.customer_id, from_server_id=before, to_server_id=server_id), now=now)


async def extend_license(tx: Tx, *, license_id: UUID, expires_at: datetime, now: datetime) -> None:
    """A new end, grace included. It is never moved back: what was paid for stays."""
    row = await alive(tx, license_id)
    row.expires_at = expires_at if row.expires_at is None else max(row.expires_at, expires_at)
    row.changed_at = now


async def extend_licenses(tx: Tx, *, reference_type: str, until: Sequence[tuple[datetime, Uuids]], now: datetime) -> None:
    """`extend_license` for many, by their new end and what they refer to, in one statement; what was cancelled stays so."""
    if not until:
        return
    await by_index(tx)
    firsts, lasts = spans([length(ids) for _, ids in until])
    values = {"ids": joined([ids for _, ids in until]), "firsts": firsts, "lasts": lasts, "ends": column([end.isoformat() for end, _ in until])}
    await tx.execute(_EXTEND, {"kind": reference_type, "now": now, **values})


async def suspend_license(tx: Tx, *, license_id: UUID, reason: SuspensionReason, now: datetime) -> None:
    """Adds a reason to the set of them; refused from the first question after the commit."""
    row = await alive(tx, license_id)
    if reason in row.suspension_reasons:
        return
    row.suspension_reasons = sorted({*row.suspension_reasons, reason})
    row.state, row.changed_at = "suspended", now
    await revoke_leases(tx, row, reason="suspended", now=now)
    await publish(tx, LicenseSuspended(license_id=row.id, customer_id=row.customer_id, reason=reason), now=now)


async def activate_license(tx: Tx, *, license_id: UUID, reason: SuspensionReason, now: datetime) -> None:
    """Takes back one reason; the license is active again when none is left. A payment lifts only `unpaid`."""
    row = await alive(tx, license_id)
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
    await revoke_leases(tx, row, reason="cancelled", now=now)
    await publish(tx, LicenseCancelled(license_id=row.id, customer_id=row.customer_id), now=now)


async def revoke_leases(
    tx: Tx, row: LicenseRow, *, reason: RevocationReason, now: datetime, server_id: UUID | None = None, everywhere: bool = False
) -> None:
    """Writes the change, which makes the license's revision a new one, and tells panels. `server_id`: whose panel is to hear of it, if another; `everywhere`: all are."""
    await tx.flush()
    await tx.refresh(row, ["revision"])
    values = {
        "license_id": row.id,
        "customer_id": row.customer_id,
        "server_id": None if everywhere else server_id or row.server_id,
        "reason": reason,
        "revision": row.revision,
        "at": now,
    }
    await tx.execute(insert(RevocationRow).values(values))


async def alive(tx: Tx, license_id: UUID) -> LicenseRow:
    row = await locked(tx, license_id)
    if row.state == "cancelled":
        raise LicenseIsCancelled
    return row

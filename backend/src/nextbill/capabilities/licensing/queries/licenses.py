"""Reads of licenses for people and procedures. What panels ask is answered by `facts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.licensing.errors import LicenseNotFound
from nextbill.capabilities.licensing.models import LicenseRow, QuotaRow
from nextbill.capabilities.licensing.rules.keys import normalized
from nextbill.capabilities.licensing.rules.verdict import Quota
from nextbill.runtime.crypto import derive, keyed
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


class LicenseKeys:
    """The keyed hash by which a license is found. One for a process: `LicenseKeys.from_secret(SECRET_KEY)`."""

    def __init__(self, hash_key: bytes) -> None:
        self._begun = keyed(hash_key)

    @classmethod
    def from_secret(cls, secret_key: str) -> LicenseKeys:
        return cls(derive(secret_key, "license-key"))

    def hash(self, key: str) -> bytes:
        found = self._begun.copy()
        found.update(normalized(key).encode())
        return found.digest()


@dataclass(frozen=True, slots=True)
class License:
    """A license as its owner and staff see it. `key_hint` shows the last group only; the key itself is revealed on request."""

    id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    plan_code: str
    plan_name: str
    features: tuple[str, ...]
    plan_features: tuple[str, ...]
    key_hint: str
    server_id: UUID | None
    state: str
    suspension_reasons: tuple[str, ...]
    expires_at: datetime | None
    issued_at: datetime
    key_rotated_at: datetime | None
    quotas: Mapping[str, Quota]


async def get_license(tx: ReadTx, license_id: UUID) -> License:
    row = await tx.get(LicenseRow, license_id)
    if row is None:
        raise LicenseNotFound
    return _shown(row, await _quotas(tx, [row.id]))


async def license_of_key(tx: ReadTx, key_hash: bytes) -> License:
    """LicenseNotFound."""
    row = (await tx.execute(select(LicenseRow).where(LicenseRow.key_hash == key_hash))).scalar_one_or_none()
    if row is None:
        raise LicenseNotFound
    return _shown(row, await _quotas(tx, [row.id]))


async def license_for(tx: ReadTx, *, reference_type: str, reference_id: UUID) -> License | None:
    """The license that was issued for a reference, for instance ("orders.line", line_id)."""
    found = await tx.execute(select(LicenseRow).where(LicenseRow.reference_type == reference_type, LicenseRow.reference_id == reference_id))
    row = found.scalar_one_or_none()
    return None if row is None else _shown(row, await _quotas(tx, [row.id]))


async def list_licenses(tx: ReadTx, *, paging: Paging, customer_id: UUID | None = None) -> list[License]:
    """Newest first, one more than the page. `customer_id` None: all that the role may see."""
    statement = select(LicenseRow)
    if customer_id is not None:
        statement = statement.where(LicenseRow.customer_id == customer_id)
    rows = list((await tx.execute(paging.apply(statement, LicenseRow.id))).scalars())
    quotas = await _quotas(tx, [row.id for row in rows])
    return [_shown(row, quotas) for row in rows]


async def get_licenses(tx: ReadTx, license_ids: Sequence[UUID]) -> list[License]:
    """In the order of the ids; those that there are not are left out."""
    rows = {row.id: row for row in (await tx.execute(select(LicenseRow).where(LicenseRow.id.in_(license_ids)))).scalars()}
    quotas = await _quotas(tx, list(rows))
    return [_shown(rows[license_id], quotas) for license_id in license_ids if license_id in rows]


async def sealed(tx: ReadTx, license_id: UUID) -> LicenseRow:
    """The row with its sealed key, not locked: customers may read, not change it."""
    row = await tx.get(LicenseRow, license_id)
    if row is None:
        raise LicenseNotFound
    return row


async def locked(tx: ReadTx, license_id: UUID) -> LicenseRow:
    row = (await tx.execute(select(LicenseRow).where(LicenseRow.id == license_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise LicenseNotFound
    return row


async def _quotas(tx: ReadTx, license_ids: Sequence[UUID]) -> dict[UUID, dict[str, Quota]]:
    found: dict[UUID, dict[str, Quota]] = {license_id: {} for license_id in license_ids}
    rows = await tx.execute(select(QuotaRow).where(QuotaRow.license_id.in_(license_ids)).order_by(QuotaRow.resource))
    for row in rows.scalars():
        found[row.license_id][row.resource] = Quota(row.limit_count, row.used_count, row.reserved_count, row.overridden, row.plan_limit)
    return found


def _shown(row: LicenseRow, quotas: Mapping[UUID, Mapping[str, Quota]]) -> License:
    return License(
        id=row.id,
        customer_id=row.customer_id,
        reference_type=row.reference_type,
        reference_id=row.reference_id,
        plan_code=row.plan_code,
        plan_name=row.plan_name,
        features=tuple(row.features),
        plan_features=tuple(row.plan_features),
        key_hint=row.key_hint,
        server_id=row.server_id,
        state=row.state,
        suspension_reasons=tuple(row.suspension_reasons),
        expires_at=row.expires_at,
        issued_at=row.issued_at,
        key_rotated_at=row.key_rotated_at,
        quotas=quotas[row.id],
    )

"""What must always hold of licenses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from nextbill.capabilities.licensing.models import LicenseRow, QuotaRow
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import Invariant


async def _same_key(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(select(func.min(LicenseRow.key_hint), func.count()).group_by(LicenseRow.key_hash).having(func.count() > 1))
    return [f"{count} licenses share the key {hint}" for hint, count in rows]


async def _foreign_quota(tx: ReadTx, _now: datetime) -> list[str]:
    joined = select(QuotaRow.license_id, QuotaRow.resource).join(LicenseRow, LicenseRow.id == QuotaRow.license_id)
    rows = await tx.execute(joined.where(LicenseRow.customer_id != QuotaRow.customer_id))
    return [f"quota {resource} of license {license_id} belongs to another customer" for license_id, resource in rows]


INVARIANTS = (
    Invariant("license_key_unique", "No two licenses have the same key", _same_key),
    Invariant("quota_of_the_licensee", "Each quota belongs to the customer of its license", _foreign_quota),
)

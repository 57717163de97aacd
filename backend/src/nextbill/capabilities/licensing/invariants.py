"""What must always hold of licenses."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from nextbill.capabilities.licensing.models import LicenseRow, QuotaRow, ReservationRow, UsageEventRow
from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import Invariant


async def _same_key(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(select(func.min(LicenseRow.key_hint), func.count()).group_by(LicenseRow.key_hash).having(func.count() > 1))
    return [f"{count} licenses share the key {hint}" for hint, count in rows]


async def _foreign_quota(tx: ReadTx, _now: datetime) -> list[str]:
    joined = select(QuotaRow.license_id, QuotaRow.resource).join(LicenseRow, LicenseRow.id == QuotaRow.license_id)
    rows = await tx.execute(joined.where(LicenseRow.customer_id != QuotaRow.customer_id))
    return [f"quota {resource} of license {license_id} belongs to another customer" for license_id, resource in rows]


async def _miscounted_holds(tx: ReadTx, _now: datetime) -> list[str]:
    held = (
        select(ReservationRow.license_id, ReservationRow.resource, func.sum(ReservationRow.quantity).label("held"))
        .where(ReservationRow.state == "held")
        .group_by(ReservationRow.license_id, ReservationRow.resource)
        .subquery()
    )
    same = (held.c.license_id == QuotaRow.license_id) & (held.c.resource == QuotaRow.resource)
    counted = func.coalesce(held.c.held, 0)
    joined = select(QuotaRow.license_id, QuotaRow.resource, QuotaRow.reserved_count, counted).outerjoin(held, same)
    rows = await tx.execute(joined.where(QuotaRow.reserved_count != counted))
    return [f"{resource} of license {license_id}: {reserved} reserved, {found} held" for license_id, resource, reserved, found in rows]


async def _unfreed_holds(tx: ReadTx, now: datetime) -> list[str]:
    late = select(func.count()).where(ReservationRow.state == "held", ReservationRow.expires_at < now - timedelta(minutes=5))
    count = (await tx.execute(late)).scalar_one()
    return [f"{count} reservations ran out more than five minutes ago and still hold"] if count else []


async def _missing_months(tx: ReadTx, now: datetime) -> list[str]:
    """This month and the next: without a partition the next report has to make it."""
    following = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    names = [f"{UsageEventRow.__tablename__}_{month:%Y%m}" for month in (now, following)]
    found = [(await tx.execute(select(func.to_regclass(f"public.{name}")))).scalar_one() for name in names]
    return [f"partition {name} is missing" for name, oid in zip(names, found, strict=True) if oid is None]


INVARIANTS = (
    Invariant("license_key_unique", "No two licenses have the same key", _same_key),
    Invariant("quota_of_the_licensee", "Each quota belongs to the customer of its license", _foreign_quota),
    Invariant("reserved_as_held", "What a quota has reserved is the sum of what is held", _miscounted_holds),
    Invariant("holds_are_freed", "Reservations that ran out are freed within minutes", _unfreed_holds),
    Invariant("usage_has_its_months", "The history of usage has this month's and the next month's partition", _missing_months),
)

"""What staff and owners change of a living license: its key, its limits, its features. Each change is audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, insert, select

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.commands.keys import COLUMN, TABLE, new_key
from nextbill.capabilities.licensing.commands.lifecycle import alive, revoke_leases
from nextbill.capabilities.licensing.events import LicenseKeyRotated, LicenseLimitsChanged
from nextbill.capabilities.licensing.models import LicenseRow, QuotaRow
from nextbill.capabilities.licensing.queries.licenses import LicenseKeys
from nextbill.capabilities.licensing.rules.keys import hint
from nextbill.capabilities.licensing.rules.usage import effective_features
from nextbill.kernel.errors import Invalid
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

Override = int | None | Literal["plan"]
"""A limit of this license's own (None: unlimited), or back to the plan's."""


async def rotate_key(
    tx: Tx, *, license_id: UUID, actor: str, cipher: FieldCipher, keys: LicenseKeys, now: datetime, reason: str | None = None
) -> str:
    """A new key, shown to whoever asked; the old one is unknown from the commit on. LicenseNotFound, LicenseIsCancelled."""
    row = await alive(tx, license_id)
    key = new_key()
    row.key_sealed = cipher.encrypt(key, table=TABLE, row=row.id, column=COLUMN)
    row.key_hash, row.key_hint, row.key_rotated_at, row.changed_at = keys.hash(key), hint(key), now, now
    await revoke_leases(tx, row, reason="rotated", now=now)
    await _audit(tx, row, actor=actor, action="license.key_rotated", reason=reason, now=now)
    await publish(tx, LicenseKeyRotated(license_id=row.id, customer_id=row.customer_id), now=now)
    return key


async def override_limits(
    tx: Tx,
    *,
    license_id: UUID,
    limits: Mapping[str, Override],
    features: Mapping[str, bool | Literal["plan"]],
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    """Limits and features of this license alone. A resource that the plan does not name is added. Below what is used: nothing is taken away.

    Invalid: a resource given back to a plan that has none.
    """
    row = await alive(tx, license_id)
    quotas = {quota.resource: quota for quota in (await tx.execute(_quotas_of(license_id))).scalars()}
    unknown = {f"limits.{name}": "the plan has no limit for this" for name, limit in limits.items() if limit == "plan" and name not in quotas}
    if unknown:
        raise Invalid(fields=unknown)
    for name, limit in limits.items():
        await _override(tx, row, quotas.get(name), name, limit)
    row.features = effective_features(row.plan_features, _feature_overrides(row, features))
    row.changed_at = now
    await revoke_leases(tx, row, reason="changed", now=now)
    detail = {"limits": dict(limits), "features": dict(features)}
    await _audit(tx, row, actor=actor, action="license.limits_changed", reason=reason, detail=detail, now=now)
    await publish(tx, LicenseLimitsChanged(license_id=row.id, customer_id=row.customer_id), now=now)


async def change_plan(
    tx: Tx,
    *,
    license_id: UUID,
    plan_code: str,
    plan_name: str,
    limits: Mapping[str, int | None],
    features: list[str],
    now: datetime,
) -> None:
    """Another plan's limits and features; what staff changed for this license stays. What is used stays, even above the new limit."""
    row = await alive(tx, license_id)
    kept = _feature_overrides(row, {})
    row.plan_code, row.plan_name, row.plan_features, row.changed_at = plan_code, plan_name, list(features), now
    row.features = effective_features(features, kept)
    quotas = {quota.resource: quota for quota in (await tx.execute(_quotas_of(license_id))).scalars()}
    for name, quota in quotas.items():
        quota.plan_limit = limits.get(name, 0)
        quota.limit_count = quota.limit_count if quota.overridden else quota.plan_limit
    added = [_quota(row, name, limit) for name, limit in limits.items() if name not in quotas]
    if added:
        await tx.execute(insert(QuotaRow), added)
    await revoke_leases(tx, row, reason="changed", now=now)
    await publish(tx, LicenseLimitsChanged(license_id=row.id, customer_id=row.customer_id), now=now)


def _quotas_of(license_id: UUID) -> Select[QuotaRow]:
    return select(QuotaRow).where(QuotaRow.license_id == license_id).order_by(QuotaRow.resource).with_for_update()


async def _override(tx: Tx, row: LicenseRow, quota: QuotaRow | None, name: str, limit: Override) -> None:
    if quota is None:
        given = None if limit == "plan" else limit
        await tx.execute(insert(QuotaRow), [{**_quota(row, name, 0), "limit_count": given, "overridden": True}])
    elif limit == "plan":
        quota.limit_count, quota.overridden = quota.plan_limit, False
    else:
        quota.limit_count, quota.overridden = limit, True


def _quota(row: LicenseRow, name: str, limit: int | None) -> dict[str, object]:
    return {"license_id": row.id, "resource": name, "customer_id": row.customer_id, "limit_count": limit, "plan_limit": limit, "overridden": False}


def _feature_overrides(row: LicenseRow, changes: Mapping[str, bool | Literal["plan"]]) -> dict[str, bool]:
    """What staff gave or took before, with the changes laid over it; `plan` forgets what was changed."""
    plan, now = set(row.plan_features), set(row.features)
    before = {**dict.fromkeys(now - plan, True), **dict.fromkeys(plan - now, False)}
    return {name: given for name, given in {**before, **changes}.items() if given != "plan"}


async def _audit(
    tx: Tx, row: LicenseRow, *, actor: str, action: str, reason: str | None, now: datetime, detail: dict[str, object] | None = None
) -> None:
    await identity.audit(
        tx,
        actor=actor,
        action=action,
        object_type="license",
        object_id=row.id,
        customer_id=row.customer_id,
        reason=reason,
        detail=detail,
        now=now,
    )

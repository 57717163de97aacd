"""Facts about licenses. No key is in them: whoever needs it asks with the license's id."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class LicenseIssued(Event):
    license_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID


@dataclass(frozen=True, kw_only=True)
class LicenseSuspended(Event):
    license_id: UUID
    customer_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class LicenseActivated(Event):
    """The last reason to suspend it is gone."""

    license_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class LicenseCancelled(Event):
    license_id: UUID
    customer_id: UUID

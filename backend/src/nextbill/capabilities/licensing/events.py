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


@dataclass(frozen=True, kw_only=True)
class LicenseMoved(Event):
    license_id: UUID
    customer_id: UUID
    from_server_id: UUID | None
    to_server_id: UUID


@dataclass(frozen=True, kw_only=True)
class LicenseKeyRotated(Event):
    license_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class LicenseLimitsChanged(Event):
    """Limits or features, by staff or with another plan."""

    license_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class QuotaReached(Event):
    """`threshold` percent of a limit, once a month for each limit."""

    license_id: UUID
    customer_id: UUID
    alert_id: UUID
    resource: str
    threshold: int
    used: int
    limit: int

"""What the client gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from nextpanel_license.errors import LicenseRefused, QuotaExceeded

Reason = Literal["unknown_license", "suspended", "expired", "cancelled", "quota_exceeded", "unknown_feature", "wrong_server"]
Source = Literal["billing", "lease"]
Action = Literal["created", "deleted", "set"]

STANDING: frozenset[str] = frozenset({"unknown_license", "suspended", "expired", "cancelled", "wrong_server"})
"""Reasons that refuse the license as a whole: no lease survives them."""

WHAT_TO_DO = {
    "unknown_license": "No license has this key: it was mistyped or rotated. Ask the customer for the present one.",
    "suspended": "The license is suspended. The customer should settle what is open with the shop.",
    "expired": "The license has expired. The customer should renew it.",
    "cancelled": "The license is cancelled for good.",
    "quota_exceeded": "The quota is used up. The customer needs a larger plan or must remove something.",
    "unknown_feature": "The plan does not have this feature.",
    "wrong_server": "The license belongs to another server.",
}


@dataclass(frozen=True)
class Verdict:
    """The answer to "may I?"; true in a condition where the answer is yes.

    `remaining_quota` is None where unlimited or where no resource was asked for. `source` tells whether billing answered or its last lease.
    """

    valid: bool
    source: Source
    checked_at: datetime
    reason: str | None = None
    error: str | None = None
    resource: str | None = None
    remaining_quota: int | None = None
    plan: str | None = None
    expires_at: datetime | None = None

    def __bool__(self) -> bool:
        return self.valid

    def require(self) -> Verdict:
        """Itself where valid; else QuotaExceeded or LicenseRefused."""
        if not self.valid:
            raise refusal(self.reason or "", self.resource, self.remaining_quota)
        return self


def refusal(reason: str, resource: str | None = None, remaining_quota: int | None = None) -> LicenseRefused:
    kind = QuotaExceeded if reason == "quota_exceeded" else LicenseRefused
    message = WHAT_TO_DO.get(reason, f"The license does not allow it ({reason}).")
    return kind(message, reason=reason, resource=resource, remaining_quota=remaining_quota, code=reason)


@dataclass(frozen=True)
class Reservation:
    """Quota held for something that is being made.

    `status`: held, committed, released, expired as billing says; `deferred`: committed here, billing is told as soon as it answers;
    `counted`: the hold had run out before the commit, so the thing made was reported as usage. `id` is None where the lease allowed it.
    """

    external_id: str
    resource: str
    quantity: int
    status: str
    source: Source
    id: str | None = None
    remaining_quota: int | None = None
    expires_at: datetime | None = None
    license_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Revocation:
    """Leases of this license of an earlier revision are void."""

    license_id: str
    reason: str
    revision: int
    at: datetime


@dataclass(frozen=True)
class UsageResult:
    """What became of one event. `status`: applied, known (sent before), stale (a newer `set` was there), refused (`code` says why)."""

    event_id: str
    status: str
    code: str | None = None
    used: int | None = None
    remaining_quota: int | None = None
    over_limit: bool | None = None


@dataclass(frozen=True)
class Flushed:
    """What a flush sent. `commits` are reservations whose commit had been deferred."""

    results: tuple[UsageResult, ...] = ()
    commits: int = 0

    @property
    def refused(self) -> tuple[UsageResult, ...]:
        return tuple(result for result in self.results if result.status == "refused")

    def __len__(self) -> int:
        return len(self.results) + self.commits

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Entry:
    """Something billing must hear: a usage event (`kind` usage) or a deferred commit (`kind` commit). `id` makes sending it twice harmless."""

    id: str
    kind: str
    body: dict[str, Any] = field(repr=False)

"""May I? Decided from facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple
from uuid import UUID

from nextbill.capabilities.licensing.rules.usage import percent

_CREATE = "create_"

State = Literal["active", "suspended", "cancelled"]
StaffReason = Literal["unpaid", "abuse", "fraud", "legal"]
SuspensionReason = Literal["unpaid", "abuse", "fraud", "legal", "paused"]
"""`paused`: as the subscription behind it is. It comes and goes with that, so staff has no word for it."""
Reason = Literal["unknown_license", "suspended", "expired", "cancelled", "quota_exceeded", "unknown_feature", "wrong_server"]

ERRORS: Final[dict[Reason, str]] = {
    "unknown_license": "No license has this key",
    "wrong_server": "The license belongs to another server",
    "cancelled": "The license is cancelled",
    "suspended": "The license is suspended",
    "expired": "The license has expired",
    "unknown_feature": "The plan does not have this feature",
    "quota_exceeded": "Quota exceeded",
}


@dataclass(frozen=True, slots=True)
class Quota:
    """Of one resource: `limit` None is unlimited; `used` may exceed it, `reserved` is held but not yet used.

    `overridden`: the limit is this license's own, the plan's would be `plan_limit`.
    """

    limit: int | None
    used: int = 0
    reserved: int = 0
    overridden: bool = False
    plan_limit: int | None = None

    @property
    def percent(self) -> int | None:
        return percent(self.used, self.limit)

    @property
    def over_limit(self) -> bool:
        return self.limit is not None and self.used > self.limit

    @property
    def remaining(self) -> int | None:
        """None where unlimited, never below zero."""
        return None if self.limit is None else max(0, self.limit - self.used - self.reserved)


class LicenseFacts(NamedTuple):
    """What an answer rests on, for one question. `expires_at` includes the grace; None: no end is set yet.

    `named`: the plan names the feature. `resource`, `quota`: what the feature counts as (`counts_as`), where the license has such a quota.
    """

    plan_code: str
    state: str
    expires_at: datetime | None
    server_id: UUID | None
    named: bool
    resource: str | None
    quota: Quota | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "may I?". `remaining_quota` is None where unlimited or where no resource was asked for."""

    valid: bool
    checked_at: datetime
    reason: Reason | None = None
    error: str | None = None
    resource: str | None = None
    remaining_quota: int | None = None
    plan: str | None = None
    expires_at: datetime | None = None


def decide(facts: LicenseFacts | None, *, feature: str | None, server_id: UUID | None, now: datetime) -> Verdict:
    """`feature` None asks for the license alone; `server_id` is the asking panel's, None where its key is bound to no server.

    A panel learns nothing of another server's license but that it is not its own.
    """
    if facts is None:
        return _refused("unknown_license", now)
    why = standing(facts, server_id=server_id, now=now)
    if why is not None:
        return _refused(why, now)
    if feature is None:
        return _granted(facts, now)
    if facts.quota is None:
        return _granted(facts, now) if facts.named else _refused("unknown_feature", now)
    remaining = facts.quota.remaining
    if remaining == 0:
        return _refused("quota_exceeded", now, facts.resource)
    return _granted(facts, now, facts.resource, remaining)


def standing(facts: LicenseFacts, *, server_id: UUID | None, now: datetime) -> Reason | None:
    """Why the license as a whole is refused, the weightiest reason first."""
    if server_id is not None and facts.server_id is not None and facts.server_id != server_id:
        return "wrong_server"
    if facts.state == "cancelled":
        return "cancelled"
    if facts.state == "suspended":
        return "suspended"
    return "expired" if facts.expires_at is not None and facts.expires_at <= now else None


def counts_as(feature: str | None) -> tuple[str, ...]:
    """`create_database` counts as `databases`, or as `database` where the license has only that; other features count as nothing."""
    if feature is None or not feature.startswith(_CREATE):
        return ()
    noun = feature.removeprefix(_CREATE)
    return (f"{noun}s", noun)


def _granted(facts: LicenseFacts, now: datetime, resource: str | None = None, remaining: int | None = None) -> Verdict:
    return Verdict(True, now, resource=resource, remaining_quota=remaining, plan=facts.plan_code, expires_at=facts.expires_at)


def _refused(reason: Reason, now: datetime, resource: str | None = None) -> Verdict:
    error = ERRORS[reason] if resource is None else f"{resource.removesuffix('s').capitalize()} quota exceeded"
    return Verdict(False, now, reason=reason, error=error, resource=resource, remaining_quota=0)

"""What a license allows, decided from facts alone: the same facts and time give the same answer anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, no 1, I and L, no U: a key can be read out on the telephone."""

GROUPS, GROUP_LENGTH = 3, 4
PREFIX = "NP"
_CREATE = "create_"

State = Literal["active", "suspended", "cancelled"]
SuspensionReason = Literal["unpaid", "abuse", "fraud", "legal"]
Reason = Literal["unknown_license", "suspended", "expired", "cancelled", "quota_exceeded", "unknown_feature", "wrong_server"]

_ERRORS: dict[Reason, str] = {
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
    """Of one resource: `limit` None is unlimited; `used` may exceed a limit that was lowered, `reserved` is held but not yet used."""

    limit: int | None
    used: int = 0
    reserved: int = 0

    @property
    def remaining(self) -> int | None:
        """None where unlimited, never below zero."""
        return None if self.limit is None else max(0, self.limit - self.used - self.reserved)


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    """What a decision rests on. `expires_at` includes the grace; None: no end is set yet."""

    plan_code: str
    state: State
    expires_at: datetime | None
    server_id: UUID | None
    features: frozenset[str]
    quotas: Mapping[str, Quota]


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
    standing = _standing(facts, server_id, now)
    if standing is not None:
        return _refused(standing, now)
    if feature is None:
        return _granted(facts, now)
    resource = resource_of(feature, facts.quotas)
    if resource is None:
        return _granted(facts, now) if feature in facts.features else _refused("unknown_feature", now)
    remaining = facts.quotas[resource].remaining
    if remaining == 0:
        return _refused("quota_exceeded", now, resource)
    return _granted(facts, now, resource, remaining)


def _standing(facts: LicenseFacts, server_id: UUID | None, now: datetime) -> Reason | None:
    """Why the license as a whole is refused, the weightiest reason first."""
    if server_id is not None and facts.server_id is not None and facts.server_id != server_id:
        return "wrong_server"
    if facts.state == "cancelled":
        return "cancelled"
    if facts.state == "suspended":
        return "suspended"
    return "expired" if facts.expires_at is not None and facts.expires_at <= now else None


def resource_of(feature: str, resources: Mapping[str, Quota]) -> str | None:
    """`create_database` counts as `databases`; any resource that the plan names has such a feature."""
    if not feature.startswith(_CREATE):
        return None
    noun = feature.removeprefix(_CREATE)
    return next((name for name in (f"{noun}s", noun) if name in resources), None)


def _granted(facts: LicenseFacts, now: datetime, resource: str | None = None, remaining: int | None = None) -> Verdict:
    return Verdict(True, now, resource=resource, remaining_quota=remaining, plan=facts.plan_code, expires_at=facts.expires_at)


def _refused(reason: Reason, now: datetime, resource: str | None = None) -> Verdict:
    error = _ERRORS[reason] if resource is None else f"{resource.removesuffix('s').capitalize()} quota exceeded"
    return Verdict(False, now, reason=reason, error=error, resource=resource, remaining_quota=0)


def written(characters: str) -> str:
    """Twelve characters of the alphabet as `NP-7K4M-Q2XD-9TRW`."""
    groups = [characters[i : i + GROUP_LENGTH] for i in range(0, GROUPS * GROUP_LENGTH, GROUP_LENGTH)]
    return "-".join([PREFIX, *groups])


def normalized(key: str) -> str:
    """As issued, however it was typed: lower case and blanks around it do no harm."""
    return key.strip().upper()


def hint(key: str) -> str:
    """What lists show instead of the key."""
    return f"{PREFIX}-••••-••••-{key[-GROUP_LENGTH:]}"

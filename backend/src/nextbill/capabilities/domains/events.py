"""Facts about domain names. `domain` is the name in A-labels (`name` is what every event calls itself)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class DomainRegistered(Event):
    """`expires_on` is the registrar's date, ISO 8601; None where it does not tell yet."""

    domain_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    domain: str
    expires_on: str | None


@dataclass(frozen=True, kw_only=True)
class DomainRefused(Event):
    """Final for this name: the customer picks another one or cancels. `reason`: taken, premium or invalid."""

    domain_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    domain: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DomainParked(Event):
    """Not registered so far, for a reason that is ours to mend; staff decides."""

    domain_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    domain: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DomainExpiring(Event):
    """The name expires, or has expired, on `expires_on`, and is not renewed by itself. `days_before`: the threshold, below zero after it."""

    domain_id: UUID
    customer_id: UUID
    expires_on: date
    days_before: int

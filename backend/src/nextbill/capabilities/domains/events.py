"""Facts about domain names. `domain` is the name in A-labels (`name` is what every event calls itself)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class DomainRegistered(Event):
    """`expires_on` is the registrar's date, ISO 8601; the calendar's where it does not tell yet."""

    domain_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    domain: str
    expires_on: str


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
    """The name expires, or has expired, on `expires_on`. `days_before`: the threshold, below zero after it. `outlook`: it is not renewed (`off`), it will be
    by itself (`automatic`), or only when its invoice is paid (`unpaid`)."""

    domain_id: UUID
    customer_id: UUID
    expires_on: date
    days_before: int
    outlook: str = "off"


@dataclass(frozen=True, kw_only=True)
class DomainRenewed(Event):
    """`expires_on` is the registrar's date."""

    domain_id: UUID
    renewal_id: UUID
    customer_id: UUID
    domain: str
    expires_on: date


@dataclass(frozen=True, kw_only=True)
class DomainRenewalParked(Event):
    """Paid for, or free, and not renewed so far; staff decides before it expires for good."""

    domain_id: UUID
    renewal_id: UUID
    customer_id: UUID
    domain: str
    expires_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class DomainRenewalsAhead(Event):
    """Names on an invoice that a card pays by itself; its lines tell which."""

    invoice_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class DomainLapsed(Event):
    """The renewal from `expires_on` was not paid in time; its invoice's line was taken back."""

    domain_id: UUID
    customer_id: UUID
    expires_on: date

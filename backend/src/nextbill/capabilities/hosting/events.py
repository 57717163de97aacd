"""Facts about hosting accounts. No user name and no password is in them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AccountDelayed(Event):
    """No server has room: the account waits, and is placed by itself when one has."""

    account_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountPlaced(Event):
    """An account that waited, or was moved, has a server now, and with it name servers."""

    account_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    server_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountReady(Event):
    account_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    server_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountParked(Event):
    """It could not be made so far, or not at all; staff decides."""

    account_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class AccountSuspended(Event):
    account_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountUnsuspended(Event):
    account_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountDeleted(Event):
    account_id: UUID
    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountChangeParked(Event):
    """A suspension, its end, or a deletion could not be carried out so far."""

    account_id: UUID
    customer_id: UUID
    change: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ServerWentDown(Event):
    server_id: UUID


@dataclass(frozen=True, kw_only=True)
class ServerCameUp(Event):
    server_id: UUID

"""What hosting needs of a control panel, in our words. The vendor's words stay in its adapter.

Every call raises one of the three vendor errors: `VendorRejected` (final), `VendorUnavailable` (certainly not done, try again),
`VendorUnknown` (perhaps done: look with `find_account` before anything else). A conflict on creation is `VendorUnknown`
with reason "conflict": the account may be the very one that an earlier, lost answer made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

Provisioning = Literal["accounts", "license"]
"""Which call makes an account: with our billing id and password (`accounts`), or from a license key alone (`license`)."""

AccountState = Literal["active", "suspended", "unknown"]

Limits = Mapping[str, int | None]
"""Resource (`accounts`, `domains`, `databases`, `emails`, or what a plan names) → how many; None is unlimited."""


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """How one panel server is reached. The secrets stay out of every representation."""

    base_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    provisioning: Provisioning = "accounts"


@dataclass(frozen=True, slots=True)
class PanelCapabilities:
    """What a connection test found. `provisioning` is None where the panel knows neither call, or was not reached."""

    reachable: bool
    provisioning: Provisioning | None = None
    finds_by_billing_id: bool = False
    lists_accounts: bool = False
    changes_limits: bool = False
    resets_password: bool = False
    login_token: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made. `password` is generated and stored by us first; a panel that provisions by license ignores it."""

    billing_id: UUID
    username: str
    email: str
    password: str = field(repr=False)
    full_name: str
    phone: str | None
    company: str | None
    package: str
    license_key: str | None = field(repr=False)
    limits: Limits
    domain: str | None


@dataclass(frozen=True, slots=True)
class PanelAccount:
    """An account as the panel has it. `ref` is the panel's id; `password` is set only where the panel itself made one up.

    `limits` is None where the panel does not tell; `billing_id` is None where the account carries none, or none of ours.
    """

    ref: str
    username: str
    email: str
    billing_id: UUID | None
    state: AccountState
    url: str
    license_key: str | None = field(default=None, repr=False)
    limits: Limits | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AccountStats:
    """What an account uses, as the panel counts it. `storage_bytes` and the totals are None where the panel does not tell."""

    ref: str
    username: str
    email: str
    domains: int | None
    databases: int | None
    emails: int | None
    certificates: int | None
    storage_bytes: int | None
    last_login: datetime | None
    age_days: int | None


class ControlPanel(Protocol):
    """A hosting panel that makes and keeps accounts. It knows no idempotency key: look before any retry."""

    async def is_up(self, server: ServerAccess) -> bool:
        """The health check; no credentials are sent, nothing is raised for a server that is down."""
        ...

    async def probe(self, server: ServerAccess) -> PanelCapabilities:
        """The connection test: writes nothing. A server that is down is an answer; wrong credentials are `VendorRejected`."""
        ...

    async def create_account(self, server: ServerAccess, order: NewAccount) -> PanelAccount: ...

    async def find_account(self, server: ServerAccess, *, billing_id: UUID, license_key: str | None) -> PanelAccount | None:
        """The look before any retry. None means that the panel certainly has no such account.

        Where the panel offers no way to look: `VendorUnknown` with reason "cannot_look", which is for staff to settle.
        """
        ...

    async def suspend(self, server: ServerAccess, ref: str, *, reason: str) -> None:
        """May be repeated: suspending what is suspended succeeds."""
        ...

    async def unsuspend(self, server: ServerAccess, ref: str) -> None:
        """May be repeated."""
        ...

    async def delete(self, server: ServerAccess, ref: str) -> None:
        """May be repeated: deleting what is gone succeeds."""
        ...

    async def stats(self, server: ServerAccess, ref: str) -> AccountStats: ...

    async def list_accounts(self, server: ServerAccess, *, page: int) -> Sequence[PanelAccount]:
        """Pages count from 1; an empty one is the end. Only where `lists_accounts`, else `VendorRejected` "unsupported"."""
        ...

    async def change_limits(self, server: ServerAccess, ref: str, *, limits: Limits) -> None:
        """Only where `changes_limits`, else `VendorRejected` "unsupported". May be repeated."""
        ...

    async def reset_password(self, server: ServerAccess, ref: str, *, password: str) -> None:
        """Only where `resets_password`, else `VendorRejected` "unsupported". May be repeated."""
        ...

    async def login_url(self, server: ServerAccess, ref: str) -> str:
        """A one-time address that opens the panel. Only where `login_token`, else `VendorRejected` "unsupported"."""
        ...

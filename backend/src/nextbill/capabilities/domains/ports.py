"""What a registrar must be able to do for us, in our words; `adapters/registrars/*` speak to the vendors.

Every method may raise the three vendor errors of `nextbill.runtime.vendors`:

- `VendorRejected`: final. `reason` is one of `RejectionReason`; `fields` names the registrant's fields when it is `invalid`.
- `VendorUnavailable`: certainly not done, so the same call may be sent again (`throttled`, `busy`, `unreachable`, `broken`).
  `NoFunds` is one of them, but only a top-up of the registrar account makes a retry useful: park it.
- `VendorUnknown`: only from `register` and `renew`. The deed may have been done: look first (`find`, `find_renewal`), never send again blindly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

from nextbill.kernel.money import Money
from nextbill.runtime.vendors import VendorUnavailable

AvailabilityStatus = Literal["available", "taken", "premium", "unknown"]
RegistrationState = Literal["active", "pending", "failed", "lapsed"]
RejectionReason = Literal["taken", "premium", "invalid", "unsupported", "auth_failed", "not_allowed", "not_ours", "lapsed", "expiry_differs"]

REFUSES_US: frozenset[RejectionReason] = frozenset({"auth_failed", "not_allowed"})
"""The registrar refuses our account or address, not the order: a matter for the owner, no reason to refund a customer."""


class NoFunds(VendorUnavailable):
    """Our account at the registrar is empty. `order_ref`: the registrar kept the order and completes it by itself after a top-up."""

    def __init__(self, detail: str = "", *, order_ref: str | None = None) -> None:
        super().__init__("no_funds", detail)
        self.order_ref = order_ref


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who will hold the name. `country` is ISO 3166 alpha-2, `phone` is E.164 (`+442071838750`)."""

    customer_id: UUID
    email: str
    name: str
    company: str
    address_line_1: str
    address_line_2: str
    city: str
    state: str
    postal_code: str
    country: str
    phone: str


@dataclass(frozen=True, slots=True)
class Handles:
    """The registrar's own ids for a registrant: the customer record and the contact used in every role."""

    customer_ref: str
    contact_ref: str


@dataclass(frozen=True, slots=True)
class Availability:
    """`unknown` means ask again, never taken. `premium_cost` is what the registrar charges us for the first year of a premium name."""

    name: str
    status: AvailabilityStatus
    premium_cost: Money | None = None


@dataclass(frozen=True, slots=True)
class RegisterDomain:
    """A charge on our registrar account. `name` is an A-label in lower case; two name servers or more."""

    name: str
    years: int
    nameservers: tuple[str, ...]
    registrant: Registrant
    handles: Handles


@dataclass(frozen=True, slots=True)
class Registration:
    """A name in our registrar account.

    `active`: ours. `pending`: accepted, completes later; with `waiting_for_funds` only after a top-up.
    `failed`: the registrar gave up a pending order, nothing was registered. `lapsed`: it was ours and is on its way to deletion.
    `register` answers only the first two. `cost` is None where the registrar does not tell.
    """

    state: RegistrationState
    registrar_ref: str
    expires_on: date | None = None
    cost: Money | None = None
    customer_ref: str | None = None
    created_at: datetime | None = None
    nameservers: tuple[str, ...] = ()
    waiting_for_funds: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What became of a renewal. `renewed`: the name lasts until `expires_on` now, by the registrar's word. `pending`: accepted, completes later; with
    `waiting_for_funds` only after a top-up; `expires_on` is the old day still. `cost` is None where the registrar does not tell."""

    state: Literal["renewed", "pending"]
    expires_on: date
    cost: Money | None = None
    waiting_for_funds: bool = False
    detail: str = ""


class Registrar(Protocol):
    async def check(self, names: Sequence[str]) -> list[Availability]:
        """One answer for each name, in the order asked."""
        ...

    async def prepare(self, registrant: Registrant, name: str) -> Handles:
        """Find or create the registrar's records for a registrant of `name` (some endings demand their own kind of contact); charges nothing."""
        ...

    async def register(self, order: RegisterDomain) -> Registration:
        """Not idempotent: call it once for each intent, and after `VendorUnknown` only when `find` has said None.

        A name that is refused as taken but lies in our own account is `VendorUnknown("already_ours")`: an earlier call of ours may have done it.
        """
        ...

    async def find(self, name: str) -> Registration | None:
        """The look before any second send. None: certainly not in our account."""
        ...

    async def renew(self, name: str, *, years: int, expires_on: date) -> Renewal:
        """Charges us once for a name that expires on that day: where it lasts longer already, nothing is sent and that is the answer, and the registrar is
        told the day as well where it can guard by it.

        VendorRejected: "lapsed" where it can only be restored, "not_ours" where it is not in our account any more, "expiry_differs" where it ends sooner, or later
        by less than a renewal adds: a day more or less is the same end."""
        ...

    async def find_renewal(self, name: str, *, expires_on: date) -> Renewal | None:
        """The look before any second send: whether it lasts longer than that day, or will. None: it was not renewed. Refuses as `renew` does."""
        ...

    async def balance(self) -> Money:
        """What may still be spent: the balance less what is locked by orders in processing."""
        ...

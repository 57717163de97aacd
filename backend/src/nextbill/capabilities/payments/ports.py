"""What payments needs of a payment gateway, in our words. The vendor's words stay in its adapter.

Every call raises one of the three vendor errors of `runtime.vendors`. What is opened carries our ids (attempt, payable,
customer, installation), so that whatever comes back can be matched without trusting its sender.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from nextbill.kernel.money import Money

WEBHOOK_TOLERANCE = timedelta(minutes=5)
CheckoutStatus = Literal["open", "processing", "paid", "failed", "expired"]
RefundStatus = Literal["pending", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class OurCustomer:
    customer_id: UUID
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """A page at the gateway on which the customer pays `amount`. `expires_at` is fixed with the attempt, so that a repeated request is the same request."""

    attempt_id: UUID
    payable_id: UUID
    customer_id: UUID
    gateway_customer: str
    amount: Money
    description: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    key: str
    save_card: bool = False


@dataclass(frozen=True, slots=True)
class OpenSetup:
    """A page at the gateway on which the customer leaves a card for later charges in `currency`; nothing is charged on it."""

    setup_id: UUID
    customer_id: UUID
    gateway_customer: str
    currency: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class SavedCard:
    """What the gateway tells of a card that it keeps for us. `fingerprint` is the same wherever the same number was saved; `holder` is the gateway's
    customer that it belongs to, None once it was taken off."""

    method_ref: str
    holder: str | None
    fingerprint: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    funding: str


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """`amount` from a saved card, without its holder at the screen."""

    attempt_id: UUID
    payable_id: UUID
    customer_id: UUID
    gateway_customer: str
    method_ref: str
    amount: Money
    description: str
    key: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """An opened page; `url` is None once it is closed."""

    session_ref: str
    url: str | None
    expires_at: datetime
    status: CheckoutStatus


@dataclass(frozen=True, slots=True)
class Decline:
    """`ref` tells one decline from the next; `reason` is a short stable word, the gateway's; `advice` is the bank's: do_not_try_again,
    try_again_later or confirm_card_data, where it gave any."""

    ref: str
    reason: str
    message: str
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """What the gateway says of a checkout, or of a charge without one (`session_ref` None), now.

    `amount` is what was received where it is paid, else what was asked; `card` is the card that was saved with the payment."""

    session_ref: str | None
    status: CheckoutStatus
    attempt_id: UUID | None
    payment_ref: str | None
    amount: Money
    customer: str | None
    live: bool
    last_error: Decline | None = None
    card: SavedCard | None = None


@dataclass(frozen=True, slots=True)
class SetupState:
    """What the gateway says of a page for saving a card; `card` once it is there."""

    session_ref: str
    status: Literal["open", "processing", "saved", "expired"]
    setup_id: UUID | None
    customer: str | None
    live: bool
    card: SavedCard | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    refund_id: UUID
    payment_ref: str
    amount: Money
    key: str


@dataclass(frozen=True, slots=True)
class RefundState:
    refund_ref: str
    status: RefundStatus
    amount: Money
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A hint that something happened: references only. What holds is read from the gateway afterwards.

    `kind` is None for what we do not listen to; the ids are None where the object is not one of ours."""

    event_ref: str
    kind: Literal["checkout", "refund", "setup"] | None
    happened_at: datetime
    live: bool
    installation: str | None = None
    attempt_id: UUID | None = None
    refund_id: UUID | None = None
    setup_id: UUID | None = None


async def read_payment(gateway: Gateway, *, session_ref: str | None, payment_ref: str | None) -> CheckoutState | None:
    """Of an attempt's page, or of its charge without one; None where the gateway has told of neither yet."""
    if session_ref is not None:
        return await gateway.read_checkout(session_ref)
    return await gateway.read_charge(payment_ref) if payment_ref is not None else None


def signed_in_time(*, signed_at: datetime, now: datetime) -> bool:
    """Neither older than the tolerance nor from a future that no clock's error explains."""
    return abs(now - signed_at) <= WEBHOOK_TOLERANCE


class WebhookRefused(Exception):
    """`reason`: the signature is not ours, its time is too far from now, or the body is not what we read."""

    def __init__(self, reason: Literal["signature", "stale", "unreadable"], detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class PaymentGateway(Protocol):
    @property
    def installation(self) -> str:
        """Marks what this installation opened, so that two of them on one gateway account never touch each other's."""
        ...

    async def find_customer(self, customer: OurCustomer) -> str | None:
        """The gateway's reference of our customer, made by an earlier call."""
        ...

    async def ensure_customer(self, customer: OurCustomer, *, key: str) -> str:
        """Found or created; may be repeated, idempotent by `key`."""
        ...

    async def open_checkout(self, order: OpenCheckout) -> Checkout:
        """Idempotent by `key`, within what the gateway keeps of keys: after `VendorUnknown` look with `find_checkout`."""
        ...

    async def find_checkout(self, attempt_id: UUID, gateway_customer: str) -> Checkout | None:
        """The look before any resend."""
        ...

    async def read_checkout(self, session_ref: str) -> CheckoutState: ...

    async def expire_checkout(self, session_ref: str) -> CheckoutState:
        """Closes an open page; where it was paid or closed before, that is the answer."""
        ...

    async def refund(self, refund: Refund) -> RefundState:
        """Idempotent by `key`; after `VendorUnknown` look with `find_refund`."""
        ...

    async def find_refund(self, refund_id: UUID, payment_ref: str) -> RefundState | None: ...

    async def events_since(self, moment: datetime, *, limit: int) -> list[GatewayEvent]:
        """What happened since, oldest first: the second way for what a lost webhook would have told."""
        ...

    def verify_webhook(self, raw: bytes, headers: Mapping[str, str], *, now: datetime) -> GatewayEvent:
        """Raises `WebhookRefused`. Calls nobody."""
        ...


class CardVault(Protocol):
    """Cards that the gateway keeps for us, and charges on them while nobody is at the screen."""

    async def open_setup(self, order: OpenSetup) -> Checkout:
        """Idempotent by `key`; after `VendorUnknown` look with `find_setup`."""
        ...

    async def find_setup(self, setup_id: UUID, gateway_customer: str) -> Checkout | None: ...

    async def read_setup(self, session_ref: str) -> SetupState: ...

    async def read_card(self, method_ref: str) -> SavedCard | None:
        """None where the gateway does not know it any more."""
        ...

    async def detach_card(self, method_ref: str) -> None:
        """Nobody can charge it any more; one that was taken off before is that already."""
        ...

    async def charge(self, order: ChargeOrder) -> CheckoutState:
        """A decline is an answer (`failed` with its reason), not an error. Idempotent by `key`; after `VendorUnknown` look with `find_charge`."""
        ...

    async def find_charge(self, attempt_id: UUID, gateway_customer: str, *, since: datetime) -> CheckoutState | None: ...

    async def read_charge(self, payment_ref: str) -> CheckoutState: ...


class Gateway(PaymentGateway, CardVault, Protocol):
    """Both, as one vendor offers them."""

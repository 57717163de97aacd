"""What happened to money that was asked for. References and amounts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from nextbill.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfAttempt(Event):
    """`reference_type` and `reference_id` are the payable's: what is being paid for, in its owner's words."""

    attempt_id: UUID
    payable_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaymentSucceeded(_OfAttempt):
    """The money of an open payable has arrived; its amount, currency, customer and mode were compared with what was asked."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(_OfAttempt):
    """A try was declined, or the gateway refused to open a checkout. The payable stays payable."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentExpired(_OfAttempt):
    """The checkout closed without a payment. The payable stays payable."""


@dataclass(frozen=True, kw_only=True)
class PaymentParked(_OfAttempt):
    """The gateway could not be made to open a checkout: staff looks."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class PaymentQuarantined(_OfAttempt):
    """Money arrived that is not what was asked for. Nothing is delivered for it; staff decides."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class SurplusReceived(_OfAttempt):
    """Money for a payable that needed none any more; it is on its way back (`refund_id`)."""

    amount_minor: int
    currency: str
    refund_id: UUID


@dataclass(frozen=True, kw_only=True)
class _OfRefund(Event):
    refund_id: UUID
    attempt_id: UUID
    payable_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    amount_minor: int
    currency: str
    surplus: bool


@dataclass(frozen=True, kw_only=True)
class RefundRequested(_OfRefund):
    """Part or all of a payment goes back. `surplus`: no supply is reversed by it."""


@dataclass(frozen=True, kw_only=True)
class RefundSucceeded(_OfRefund):
    """The gateway has sent the money back."""


@dataclass(frozen=True, kw_only=True)
class RefundFailed(_OfRefund):
    """The money could not be sent back, or came back to us: it is the customer's credit again."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class _OfMethod(Event):
    """A saved card, as its holder knows it. `expires_on`: the last day on which it is good."""

    method_id: UUID
    customer_id: UUID
    brand: str
    last4: str
    expires_on: date


@dataclass(frozen=True, kw_only=True)
class MethodAdded(_OfMethod):
    """A card was saved with its holder's consent. `replaces`: the same card, saved before, mostly with an earlier expiry date."""

    is_default: bool
    replaces: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class MethodRemoved(_OfMethod):
    """The customer took a card away. `last`: there is none left to charge, so what they keep is paid by invoice from now on."""

    last: bool


@dataclass(frozen=True, kw_only=True)
class DefaultMethodChanged(_OfMethod):
    """Another card is charged from now on."""


@dataclass(frozen=True, kw_only=True)
class MethodExpiring(_OfMethod):
    """The card that would be charged expires within `days_before` days, and the gateway knows of no newer one."""

    days_before: int


@dataclass(frozen=True, kw_only=True)
class _OfCharge(_OfAttempt):
    method_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ChargeDeclined(_OfCharge):
    """A saved card was declined. `reason` is one of `rules.REASONS`; `next_try_on` None: it is not tried again by itself."""

    reason: str
    tries: int
    next_try_on: date | None


@dataclass(frozen=True, kw_only=True)
class AuthenticationNeeded(_OfCharge):
    """The bank wants the card's holder to confirm this payment: it waits for them, on a page."""


@dataclass(frozen=True, kw_only=True)
class ChargeParked(_OfCharge):
    """Whether the card was charged could not be found out: staff looks, and nothing is charged by itself meanwhile."""

    vendor_reason: str


@dataclass(frozen=True, kw_only=True)
class CollectionEnded(Event):
    """A payable that was to be charged by itself will not be. `reason`: no_method, card_barred, scheme_cap, or a word of the gateway's refusal."""

    payable_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    amount_minor: int
    currency: str
    reason: str

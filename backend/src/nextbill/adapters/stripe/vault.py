"""Cards that Stripe keeps for us: left on a hosted page in setup mode, read, taken off, and charged off session."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import stripe

from nextbill.adapters.stripe import reading
from nextbill.adapters.stripe.amounts import to_stripe
from nextbill.adapters.stripe.outcomes import speaking
from nextbill.capabilities.payments.ports import ChargeOrder, Checkout, CheckoutState, Decline, OpenSetup, SavedCard, SetupState
from nextbill.runtime.vendors import VendorRejected

CHANGE_RETRIES: Final = 0
"""Changes are tried again by their step, which looks first. With the SDK's own retries a last failure to connect would hide what the first try did."""
PAGE: Final = 100
SLACK: Final = 300
"""Seconds that the gateway's clock may be behind ours, when charges are looked for by when they were made."""
_TAKEN_OFF: Final = frozenset({"payment_method_not_attached", "resource_missing", "payment_method_unexpected_state"})
_EXPANDED: Final = "setup_intent.payment_method"


class Vault:
    """The half of the gateway that is a `CardVault`. The other half, `StripeGateway`, makes the client."""

    _api: stripe.V1Services
    _deadline: float
    _installation: str

    async def open_setup(self, order: OpenSetup) -> Checkout:
        metadata = {"setup_id": str(order.setup_id), "customer_id": str(order.customer_id), "installation": self._installation}
        async with speaking(seconds=self._deadline):
            session = await self._api.checkout.sessions.create_async(
                params={
                    "mode": "setup",
                    "customer": order.gateway_customer,
                    "client_reference_id": str(order.setup_id),
                    "currency": order.currency.lower(),
                    "allowed_payment_method_types": ["card"],
                    "metadata": metadata,
                    "setup_intent_data": {"metadata": metadata},
                    "success_url": order.success_url,
                    "cancel_url": order.cancel_url,
                    "expires_at": int(order.expires_at.timestamp()),
                },
                options={"idempotency_key": order.key, "max_network_retries": CHANGE_RETRIES},
            )
        return reading.page(session)

    async def find_setup(self, setup_id: UUID, gateway_customer: str) -> Checkout | None:
        async with speaking(seconds=self._deadline):
            listed = await self._api.checkout.sessions.list_async(params={"customer": gateway_customer, "limit": PAGE})
            async for session in listed.auto_paging_iter():
                if reading.our_id(session.metadata, "setup_id") == setup_id and self._is_ours(session.metadata):
                    return reading.page(session)
        return None

    async def read_setup(self, session_ref: str) -> SetupState:
        async with speaking(seconds=self._deadline):
            return reading.setup_state(await self._api.checkout.sessions.retrieve_async(session_ref, params={"expand": [_EXPANDED]}))

    async def read_card(self, method_ref: str) -> SavedCard | None:
        try:
            async with speaking(seconds=self._deadline):
                return reading.saved_card(await self._api.payment_methods.retrieve_async(method_ref))
        except VendorRejected as refusal:
            if refusal.reason == "resource_missing":
                return None
            raise

    async def detach_card(self, method_ref: str) -> None:
        try:
            async with speaking(seconds=self._deadline):
                await self._api.payment_methods.detach_async(method_ref, options={"max_network_retries": CHANGE_RETRIES})
        except VendorRejected as refusal:
            if refusal.reason not in _TAKEN_OFF:
                raise

    async def charge(self, order: ChargeOrder) -> CheckoutState:
        amount = to_stripe(order.amount)
        metadata = {
            "attempt_id": str(order.attempt_id),
            "payable_id": str(order.payable_id),
            "customer_id": str(order.customer_id),
            "installation": self._installation,
        }
        async with speaking(seconds=self._deadline):
            try:
                intent = await self._api.payment_intents.create_async(
                    params={
                        "amount": amount,
                        "currency": order.amount.currency.lower(),
                        "customer": order.gateway_customer,
                        "payment_method": order.method_ref,
                        "allowed_payment_method_types": ["card"],
                        "confirm": True,
                        "off_session": True,
                        "description": order.description,
                        "metadata": metadata,
                    },
                    options={"idempotency_key": order.key, "max_network_retries": CHANGE_RETRIES},
                )
            except stripe.CardError as error:
                declined = _declined(error, order)
                if declined is None:
                    raise
                return declined
        return reading.charge_state(intent)

    async def find_charge(self, attempt_id: UUID, gateway_customer: str, *, since: datetime) -> CheckoutState | None:
        earliest = int(since.astimezone(UTC).timestamp()) - SLACK
        async with speaking(seconds=self._deadline):
            listed = await self._api.payment_intents.list_async(params={"customer": gateway_customer, "created": {"gte": earliest}, "limit": PAGE})
            async for intent in listed.auto_paging_iter():
                if reading.our_id(intent.metadata, "attempt_id") == attempt_id and self._is_ours(intent.metadata):
                    return reading.charge_state(intent)
        return None

    async def read_charge(self, payment_ref: str) -> CheckoutState:
        async with speaking(seconds=self._deadline):
            return reading.charge_state(await self._api.payment_intents.retrieve_async(payment_ref))

    def _is_ours(self, metadata: object) -> bool:
        return reading.mark(metadata, "installation") == self._installation


def _declined(error: stripe.CardError, order: ChargeOrder) -> CheckoutState | None:
    """A decline comes as an error that carries the intent. One that carries none was refused before any bank was asked."""
    intent = getattr(error.error, "payment_intent", None) if error.error is not None else None
    if not isinstance(intent, stripe.PaymentIntent):
        return None
    seen = reading.charge_state(intent)
    if seen.last_error is None:
        reason = error.code or "card_declined"
        return CheckoutState(
            None, "failed", order.attempt_id, intent.id, order.amount, order.gateway_customer, intent.livemode, Decline(intent.id, reason, "")
        )
    return seen

"""The port's calls on the official SDK. One key for each intent; looks read lists, which are consistent, never the search index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, Self
from uuid import UUID

import stripe
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsPaymentIntentData

from nextbill.adapters.stripe import reading, webhooks
from nextbill.adapters.stripe.amounts import to_stripe
from nextbill.adapters.stripe.outcomes import speaking
from nextbill.adapters.stripe.vault import CHANGE_RETRIES, PAGE, Vault
from nextbill.capabilities.payments.ports import Checkout, CheckoutState, GatewayEvent, OpenCheckout, OurCustomer, Refund, RefundState
from nextbill.runtime.crypto import derive
from nextbill.runtime.settings import Settings
from nextbill.runtime.vendors import VendorRejected, VendorUnknown, note_request

VERSION: Final = "2026-10-28.endive"
"""Pinned: a new SDK brings its own, and must not change what we read by itself."""
READ_RETRIES: Final = 2
DEADLINE: Final = 1.25
"""Of the timeout: a whole call with its retries. Opening a page makes three of them within the lease of one step."""


class _Client(stripe.HTTPXClient):
    """Tells the request id of every exchange, also of the good ones: support asks for it first."""

    async def request_async(self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None) -> tuple[bytes, int, Mapping[str, str]]:
        content, status, answered = await super().request_async(method, url, headers, post_data)
        note_request(answered.get("request-id"))
        return content, status, answered


class StripeGateway(Vault):
    """A `PaymentGateway` and, by its base, a `CardVault`. `timeout`: seconds for one exchange; the whole of a call may take a quarter more."""

    def __init__(self, *, secret_key: str, webhook_secrets: str, base: str, timeout: float, installation: str) -> None:
        # No telemetry: it names the machine, and writes into the home directory.
        stripe.enable_telemetry = False
        self._http = _Client(timeout=timeout)
        self._api = stripe.StripeClient(
            secret_key, base_addresses={"api": base}, http_client=self._http, max_network_retries=READ_RETRIES, stripe_version=VERSION
        ).v1
        self._secrets = [secret.strip() for secret in webhook_secrets.split(",") if secret.strip()]
        if not self._secrets:
            raise ValueError("STRIPE_WEBHOOK_SECRET is empty: anybody could forge a webhook")
        self._deadline = DEADLINE * timeout
        self._installation = installation

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """A missing credential is an error at start, never a substitute."""
        return cls(
            secret_key=settings.needed("STRIPE_SECRET_KEY", settings.stripe_secret_key),
            webhook_secrets=settings.needed("STRIPE_WEBHOOK_SECRET", settings.stripe_webhook_secret),
            base=settings.stripe_api_base,
            timeout=settings.vendor_timeout_seconds,
            installation=derive(settings.secret_key.get_secret_value(), "payments-installation").hex()[:16],
        )

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK's own, without annotations

    @property
    def installation(self) -> str:
        return self._installation

    async def find_customer(self, customer: OurCustomer) -> str | None:
        async with speaking(seconds=self._deadline):
            page = await self._api.customers.list_async(params={"email": customer.email, "limit": PAGE})
            async for found in page.auto_paging_iter():
                if reading.our_id(found.metadata, "customer_id") == customer.customer_id and self._is_ours(found.metadata):
                    return found.id
        return None

    async def ensure_customer(self, customer: OurCustomer, *, key: str) -> str:
        known = await self.find_customer(customer)
        if known is not None:
            return known
        # A changed name or address is another request, which Stripe would refuse under the first one's key.
        print_of = sha256(f"{customer.email}\n{customer.name}".encode()).hexdigest()[:12]
        metadata = {"customer_id": str(customer.customer_id), "installation": self._installation}
        async with speaking(seconds=self._deadline):
            made = await self._api.customers.create_async(
                params={"email": customer.email, "name": customer.name, "metadata": metadata},
                options={"idempotency_key": f"{key}:customer:{print_of}", "max_network_retries": CHANGE_RETRIES},
            )
        return made.id

    async def open_checkout(self, order: OpenCheckout) -> Checkout:
        amount = to_stripe(order.amount)
        metadata = {
            "attempt_id": str(order.attempt_id),
            "payable_id": str(order.payable_id),
            "customer_id": str(order.customer_id),
            "installation": self._installation,
        }
        async with speaking(seconds=self._deadline):
            session = await self._api.checkout.sessions.create_async(
                params=_page(order, amount, metadata), options={"idempotency_key": order.key, "max_network_retries": CHANGE_RETRIES}
            )
        return reading.checkout(session)

    async def find_checkout(self, attempt_id: UUID, gateway_customer: str) -> Checkout | None:
        async with speaking(seconds=self._deadline):
            page = await self._api.checkout.sessions.list_async(params={"customer": gateway_customer, "limit": PAGE})
            async for session in page.auto_paging_iter():
                if reading.our_id(session.metadata, "attempt_id") == attempt_id and self._is_ours(session.metadata):
                    return reading.checkout(session)
        return None

    async def read_checkout(self, session_ref: str) -> CheckoutState:
        async with speaking(seconds=self._deadline):
            return reading.checkout_state(await self._session(session_ref))

    async def expire_checkout(self, session_ref: str) -> CheckoutState:
        try:
            async with speaking(seconds=self._deadline):
                expired = await self._api.checkout.sessions.expire_async(
                    session_ref, params={"expand": ["payment_intent.payment_method"]}, options={"max_network_retries": CHANGE_RETRIES}
                )
                return reading.checkout_state(expired)
        except VendorRejected as refusal:
            # Only an open page can be closed: then what it became is the answer.
            seen = await self.read_checkout(session_ref)
            if seen.status == "open":
                raise VendorUnknown(refusal.reason, refusal.detail, request_id=refusal.request_id) from refusal
            return seen

    async def refund(self, refund: Refund) -> RefundState:
        metadata = {"refund_id": str(refund.refund_id), "installation": self._installation}
        async with speaking(seconds=self._deadline):
            made = await self._api.refunds.create_async(
                params={"payment_intent": refund.payment_ref, "amount": to_stripe(refund.amount), "metadata": metadata},
                options={"idempotency_key": refund.key, "max_network_retries": CHANGE_RETRIES},
            )
        return reading.refund_state(made)

    async def find_refund(self, refund_id: UUID, payment_ref: str) -> RefundState | None:
        async with speaking(seconds=self._deadline):
            page = await self._api.refunds.list_async(params={"payment_intent": payment_ref, "limit": PAGE})
            async for found in page.auto_paging_iter():
                if reading.our_id(found.metadata, "refund_id") == refund_id:
                    return reading.refund_state(found)
        return None

    async def events_since(self, moment: datetime, *, limit: int) -> list[GatewayEvent]:
        """Stripe lists the newest first and keeps 30 days. The version of an event is the account's here: only our metadata is read."""
        types = list(webhooks.LISTENED)
        found: list[GatewayEvent] = []
        async with speaking(seconds=self._deadline):
            page = await self._api.events.list_async(
                params={"created": {"gte": int(moment.astimezone(UTC).timestamp())}, "types": types, "limit": PAGE}
            )
            async for event in page.auto_paging_iter():
                found.append(webhooks.hint(event.to_dict()))  # noqa: PERF401 - a comprehension cannot page
        return found[::-1][:limit]

    def verify_webhook(self, raw: bytes, headers: Mapping[str, str], *, now: datetime) -> GatewayEvent:
        return webhooks.verified(raw, headers, secrets=self._secrets, version=VERSION, now=now)

    async def _session(self, session_ref: str) -> Session:
        return await self._api.checkout.sessions.retrieve_async(session_ref, params={"expand": ["payment_intent.payment_method"]})


def _page(order: OpenCheckout, amount: int, metadata: dict[str, str]) -> SessionCreateParams:
    """The intent carries our ids too: it is what a declined card's event is about."""
    intent: SessionCreateParamsPaymentIntentData = {"metadata": metadata, "description": order.description}
    if order.save_card:
        intent["setup_future_usage"] = "off_session"
    return {
        "mode": "payment",
        "customer": order.gateway_customer,
        "client_reference_id": str(order.attempt_id),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.amount.currency.lower(),
                    "unit_amount": amount,
                    "product_data": {"name": order.description},
                },
            }
        ],
        "allowed_payment_method_types": ["card"],
        "metadata": metadata,
        "payment_intent_data": intent,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
    }

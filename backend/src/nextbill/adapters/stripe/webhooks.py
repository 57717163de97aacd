"""Stripe's events as hints: which of our objects to ask about. Only our own metadata is read from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import stripe

from nextbill.adapters.stripe.reading import mark, our_id
from nextbill.capabilities.payments.ports import GatewayEvent, WebhookRefused, signed_in_time

HEADER: Final = "stripe-signature"
LISTENED: Final[dict[str, Literal["checkout", "refund", "setup"]]] = {
    "checkout.session.completed": "checkout",
    "checkout.session.async_payment_succeeded": "checkout",
    "checkout.session.async_payment_failed": "checkout",
    "checkout.session.expired": "checkout",
    "payment_intent.succeeded": "checkout",
    "payment_intent.payment_failed": "checkout",
    "setup_intent.succeeded": "setup",
    "refund.created": "refund",
    "refund.updated": "refund",
    "refund.failed": "refund",
}


def verified(raw: bytes, headers: Mapping[str, str], *, secrets: Sequence[str], version: str, now: datetime) -> GatewayEvent:
    """Any of our secrets will do, so that one can be replaced; the age is judged by our clock, the SDK's own check is off."""
    header = headers.get(HEADER, "")
    if not header.isascii() or sum(part.strip().startswith("t=") for part in header.split(",")) != 1:
        raise WebhookRefused("signature", "not a signature: one time, in ASCII")
    if not any(_signed(raw, header, secret) for secret in secrets):
        raise WebhookRefused("signature", "no signature of ours over this body")
    if not signed_in_time(signed_at=_signed_at(header), now=now):
        raise WebhookRefused("stale", "signed too far from now")
    try:
        event = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise WebhookRefused("unreadable", "not JSON") from error
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        raise WebhookRefused("unreadable", "not an event")
    if event.get("object") == "event" and event.get("api_version") != version:
        raise WebhookRefused("unreadable", f"version {event.get('api_version')}, but we read {version}: set the endpoint's version")
    return hint(event)


def hint(event: Mapping[str, Any]) -> GatewayEvent:
    kind = LISTENED.get(str(event.get("type"))) if event.get("object") == "event" else None
    data = event.get("data")
    subject = data.get("object") if isinstance(data, Mapping) else None
    metadata = subject.get("metadata") if isinstance(subject, Mapping) else None
    created = event.get("created")
    setup_id = our_id(metadata, "setup_id")
    return GatewayEvent(
        event_ref=str(event["id"]),
        kind="setup" if kind == "checkout" and setup_id is not None else kind,
        happened_at=datetime.fromtimestamp(created if isinstance(created, int) else 0, UTC),
        live=event.get("livemode") is True,
        installation=mark(metadata, "installation"),
        attempt_id=our_id(metadata, "attempt_id"),
        refund_id=our_id(metadata, "refund_id"),
        setup_id=setup_id,
    )


def _signed(raw: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(raw, header, secret, None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def _signed_at(header: str) -> datetime:
    """The header has been verified, so its time is the one that was signed."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    try:
        return datetime.fromtimestamp(int(parts["t"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError) as error:
        raise WebhookRefused("signature", "no time in the signature") from error

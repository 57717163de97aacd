"""What an error of the SDK means for the deed: refused, certainly not done, or unknown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import stripe

from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable, VendorUnknown

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@asynccontextmanager
async def speaking(*, seconds: float) -> AsyncIterator[None]:
    """Turns the SDK's errors into ours and bounds the whole exchange, retries included."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise VendorUnknown("timeout", f"no answer within {seconds:.0f} s") from error
    except stripe.StripeError as error:
        raise classified(error) from error


def classified(error: stripe.StripeError) -> VendorError:
    """A conflict or a server's error is never a failure by itself: the deed may have been done."""
    detail, request_id = error.user_message or type(error).__name__, error.request_id
    if isinstance(error, stripe.APIConnectionError):
        kind = VendorUnavailable if isinstance(error.__cause__, _NEVER_SENT) else VendorUnknown
        return kind("connection", type(error.__cause__).__name__, request_id=request_id)
    if isinstance(error, stripe.RateLimitError):
        return VendorUnavailable("rate_limited", detail, _retry_after(error.headers), request_id=request_id)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        # Our key, not the customer's payment: nothing was done, and staff must hear of it.
        return VendorUnavailable("auth_failed", detail, request_id=request_id)
    if isinstance(error, stripe.IdempotencyError):
        return VendorUnknown("idempotency_mismatch", detail, request_id=request_id)
    # The SDK gives the classes of conflicts and server errors no code of their own.
    code = error.code or (error.error.code if error.error is not None else None)
    if code in ("idempotency_key_in_use", "lock_timeout"):
        return VendorUnknown(code, detail, request_id=request_id)
    if isinstance(error, stripe.CardError | stripe.InvalidRequestError):
        fields = {error.param: detail} if error.param else None
        return VendorRejected(code or "invalid_request", detail, fields, request_id=request_id)
    return VendorUnknown(f"http_{error.http_status or 'unreadable'}", detail, request_id=request_id)


def _retry_after(headers: Mapping[str, str] | None) -> float | None:
    value = (headers or {}).get("retry-after", "")
    return float(value) if value.isdigit() else None

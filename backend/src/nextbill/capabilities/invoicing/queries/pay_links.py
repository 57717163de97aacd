"""Links that pay one invoice without a login. The token is signed, not stored: it names the invoice and the moment until which it is good.

It opens the sum of that invoice and the way to pay it, nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from nextbill.capabilities.invoicing.errors import PayLinkExpired, PayLinkUnknown

GOOD_FOR: Final = timedelta(days=60)
_ID, _UNTIL, _MARK = 16, 5, 16


class PayLinks:
    """`key`: `runtime.crypto.derive(SECRET_KEY, PURPOSE)`; another secret makes all links that are out unknown."""

    PURPOSE: Final = "pay-link"

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, invoice_id: UUID, *, until: datetime) -> str:
        told = invoice_id.bytes + int(until.timestamp()).to_bytes(_UNTIL)
        return base64.urlsafe_b64encode(told + self._mark(told)).decode().rstrip("=")

    def invoice_of(self, token: str, *, now: datetime) -> tuple[UUID, datetime]:
        """The invoice, and until when. PayLinkUnknown for what we did not sign, PayLinkExpired."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise PayLinkUnknown from None
        told, mark = raw[: _ID + _UNTIL], raw[_ID + _UNTIL :]
        if len(raw) != _ID + _UNTIL + _MARK or not hmac.compare_digest(mark, self._mark(told)):
            raise PayLinkUnknown
        until = datetime.fromtimestamp(int.from_bytes(told[_ID:]), UTC)
        if now >= until:
            raise PayLinkExpired
        return UUID(bytes=told[:_ID]), until

    def _mark(self, told: bytes) -> bytes:
        return hmac.new(self._key, told, sha256).digest()[:_MARK]

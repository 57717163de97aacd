"""What notifications need of a mail transport."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol


class MailTransport(Protocol):
    """Hands one message to the post. Delivery is at-least-once: a repeated message carries the same Message-ID."""

    async def send(self, message: EmailMessage) -> None:
        """All recipients or none.

        Raises `VendorRejected` (a recipient or the content is refused for good), `VendorUnavailable` (certainly not taken:
        try again) or `VendorUnknown` (the connection broke after the content went out: it may have been taken).
        """
        ...

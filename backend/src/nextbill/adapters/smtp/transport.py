"""One connection a message, step by step, so that it is always known how far it came."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib.email import extract_recipients, extract_sender, flatten_message, quote_address

from nextbill.capabilities.notifications.ports import MailTransport
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable, VendorUnknown

_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """`tls` from the first byte (port 465), `starttls` after the greeting (port 587); neither only where the host is trusted.

    `timeout_seconds` is for each step, of which a message has about eight.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = True
    timeout_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class _Letter:
    sender: str
    recipients: list[str]
    content: bytes
    international: bool


class SmtpTransport(MailTransport):
    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    async def send(self, message: EmailMessage) -> None:
        letter = _letter(message)
        client = self._client()
        try:
            await self._connect(client)
            await self._address(client, letter)
            await self._hand_over(client, letter)
            # The message is taken: what becomes of the farewell no longer matters.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password or None,
            use_tls=settings.tls,
            start_tls=settings.starttls and not settings.tls,
            timeout=settings.timeout_seconds,
        )

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        """Everything that goes wrong here is about us or the host, not about the message: it is tried again, then seen by staff."""
        try:
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise VendorUnavailable("auth_failed", f"the mail host refuses our login with {error.code}") from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise VendorUnavailable("unreachable", str(error)) from error

    async def _address(self, client: aiosmtplib.SMTP, letter: _Letter) -> None:
        """One refused recipient stops the message before its content goes out: all or none."""
        try:
            await client.mail(letter.sender, options=await _options(client, letter), encoding="utf-8")
            for recipient in letter.recipients:
                await client.rcpt(recipient, encoding="utf-8")
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code >= _PERMANENT:
                raise VendorRejected("recipient_refused", _said(error), {"to": str(error.code)}) from error
            raise VendorUnavailable("deferred", _said(error)) from error
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= _PERMANENT:
                raise VendorRejected("sender_refused", _said(error), {"from": str(error.code)}) from error
            raise VendorUnavailable("deferred", _said(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise VendorUnavailable("unreachable", str(error)) from error

    async def _hand_over(self, client: aiosmtplib.SMTP, letter: _Letter) -> None:
        try:
            await client.data(letter.content)
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= _PERMANENT:
                raise VendorRejected("content_refused", _said(error)) from error
            raise VendorUnavailable("deferred", _said(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise VendorUnknown("no_answer", f"the connection broke after the content went out: {error}") from error


def _letter(message: EmailMessage) -> _Letter:
    """The envelope from the headers. A message without a Message-ID is a mistake of ours: a repeat could not be recognised."""
    if not message["Message-ID"]:
        raise ValueError("a message needs its fixed Message-ID before it is sent")
    try:
        sender, recipients = extract_sender(message), extract_recipients(message)
        for address in (sender or "", *recipients):
            quote_address(address)
        international = any(not address.isascii() for address in (sender or "", *recipients))
        content = flatten_message(message, utf8=international, cte_type="7bit")
    except (ValueError, MessageError) as error:
        raise VendorRejected("invalid", str(error)) from error
    if not sender or not recipients or not all("@" in address for address in (sender, *recipients)):
        raise VendorRejected("invalid", "a sender and at least one recipient are needed", {"to": "missing"})
    return _Letter(sender, recipients, content, international)


async def _options(client: aiosmtplib.SMTP, letter: _Letter) -> list[str]:
    if not letter.international:
        return []
    await client.ehlo()
    if not client.supports_extension("smtputf8"):
        raise VendorRejected("invalid", "the mail host does not take addresses beyond ASCII", {"to": "smtputf8"})
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {error.message}"[:300]

"""Sending: at least once, with a fixed Message-ID, so that a mail server or reader can drop a double."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr
from typing import ClassVar
from uuid import UUID

from nextbill.capabilities import invoicing
from nextbill.capabilities.notifications import queries
from nextbill.capabilities.notifications.commands import SEND, mark_sent, mark_unsent
from nextbill.capabilities.notifications.ports import MailTransport
from nextbill.capabilities.notifications.rules import document_of
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.settings import Settings
from nextbill.runtime.steps import Absent, Done, Pending, Procedure, Step
from nextbill.runtime.vendors import VendorRejected, VendorUnavailable


@dataclass(frozen=True, slots=True)
class Envelope:
    """`document`: what is attached to it, written where it was not yet."""

    message: EmailMessage
    document: invoicing.DocumentKey | None
    at: datetime


class SendMail(Procedure[Envelope, None]):
    name: ClassVar[str] = SEND
    max_calls: ClassVar[int] = 40

    def __init__(self, transport: MailTransport, cipher: FieldCipher, settings: Settings, archive: invoicing.Archive) -> None:
        self._transport, self._cipher, self._settings, self._archive = transport, cipher, settings, archive

    async def prepare(self, tx: Tx, step: Step, *, now: datetime) -> Envelope | None:
        mail = await queries.find_mail(tx, step.subject_id)
        if mail is None or mail.state == "sent" or mail.text is None or mail.html is None:
            return None
        message = EmailMessage()
        message["From"] = formataddr((self._settings.company_name, self._settings.mail_from))
        message["To"] = self._open(mail.recipient, mail.id, "recipient")
        message["Reply-To"] = self._settings.company_email
        message["Subject"] = mail.subject
        message["Message-ID"] = mail.message_id
        message["Date"] = mail.requested_at
        message["Content-Language"] = mail.language
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._open(mail.text, mail.id, "text"))
        message.add_alternative(self._open(mail.html, mail.id, "html"), subtype="html")
        found = document_of(mail.kind, mail.reason)
        return Envelope(message, invoicing.DocumentKey(*found) if found else None, now)

    def _open(self, sealed: str, row: UUID, column: str) -> str:
        return self._cipher.decrypt(sealed, table="notifications_mail", row=row, column=column)

    async def look(self, step: Step, plan: Envelope) -> Done[None] | Pending | Absent:
        """A mail server can't be asked what it took: the same message goes again, and its Message-ID tells the double."""
        return Absent()

    async def call(self, step: Step, plan: Envelope) -> Done[None] | Pending:
        if plan.document is not None:
            await self._attach(plan.message, plan.document, now=plan.at)
        await self._transport.send(plan.message)
        return Done(None)

    async def _attach(self, message: EmailMessage, key: invoicing.DocumentKey, *, now: datetime) -> None:
        try:
            file = await self._archive.file(key, invoicing.PDF, now=now)
        except invoicing.DocumentBusy as busy:
            raise VendorUnavailable("documents_busy", "many documents are being written") from busy
        message.add_attachment(file.content, maintype="application", subtype="pdf", filename=file.name)

    async def record(self, tx: Tx, step: Step, result: None, *, now: datetime) -> None:
        await mark_sent(tx, step.subject_id, now=now)

    async def refuse(self, tx: Tx, step: Step, refusal: VendorRejected, *, now: datetime) -> None:
        await mark_unsent(tx, step.subject_id, state="refused", problem=f"{refusal.reason}: {refusal.detail}")

    async def park(self, tx: Tx, step: Step, reason: str, detail: str, *, now: datetime) -> None:
        await mark_unsent(tx, step.subject_id, state="parked", problem=f"{reason}: {detail}")

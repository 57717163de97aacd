"""A mail is written down in the transaction of the fact that it tells, and sent by a step of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.notifications.models import Mail
from nextbill.capabilities.notifications.rules import Composed, Letter
from nextbill.kernel.ids import new_id
from nextbill.runtime import steps
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.settings import Settings

SEND = "notifications.send_mail"


async def send(tx: Tx, letter: Letter, *, composed: Composed, settings: Settings, cipher: FieldCipher, now: datetime) -> UUID | None:
    """None where this mail was written before."""
    mail_id = new_id()
    sender_host = settings.mail_from.rpartition("@")[2].rstrip(">")
    sealed = {
        column: cipher.encrypt(value, table="notifications_mail", row=mail_id, column=column)
        for column, value in (("recipient", letter.recipient), ("text", composed.text), ("html", composed.html))
    }
    created = await tx.execute(
        upsert(Mail)
        .values(
            id=mail_id,
            customer_id=letter.customer_id,
            kind=letter.kind,
            reason=letter.reason,
            language=letter.language,
            state="requested",
            message_id=f"<{mail_id}@{sender_host}>",
            subject=composed.subject,
            requested_at=now,
            **sealed,
        )
        .on_conflict_do_nothing(index_elements=["kind", "reason"])
        .returning(Mail.id)
    )
    if created.first() is None:
        return None
    await steps.request(tx, SEND, subject_id=mail_id, customer_id=letter.customer_id, now=now)
    return mail_id


async def mark_sent(tx: Tx, mail_id: UUID, *, now: datetime) -> None:
    """The bodies are erased with the sending: they hold one-time links."""
    await tx.execute(
        update(Mail).where(Mail.id == mail_id, Mail.state != "sent").values(state="sent", sent_at=now, text=None, html=None, problem=None)
    )


async def mark_unsent(tx: Tx, mail_id: UUID, *, state: str, problem: str) -> None:
    await tx.execute(update(Mail).where(Mail.id == mail_id, Mail.state != "sent").values(state=state, problem=problem[:500]))

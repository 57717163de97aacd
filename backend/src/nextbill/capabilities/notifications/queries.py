"""The log of what went out; addresses and bodies stay sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.notifications.models import Mail
from nextbill.runtime.database import ReadTx
from nextbill.runtime.web.paging import Paging


@dataclass(frozen=True, slots=True)
class LoggedMail:
    id: UUID
    customer_id: UUID | None
    kind: str
    subject: str
    state: str
    problem: str | None
    requested_at: datetime
    sent_at: datetime | None


async def mail_log(tx: ReadTx, paging: Paging, *, customer_id: UUID | None = None) -> list[LoggedMail]:
    statement = select(Mail.id, Mail.customer_id, Mail.kind, Mail.subject, Mail.state, Mail.problem, Mail.requested_at, Mail.sent_at)
    if customer_id is not None:
        statement = statement.where(Mail.customer_id == customer_id)
    return [LoggedMail(**row) for row in (await tx.execute(paging.apply(statement, Mail.id))).mappings()]


async def find_mail(tx: ReadTx, mail_id: UUID) -> Mail | None:
    return await tx.get(Mail, mail_id)

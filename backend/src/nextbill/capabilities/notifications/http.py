"""The log of what went out, and what may be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities.notifications import queries
from nextbill.capabilities.notifications.commands import send
from nextbill.capabilities.notifications.documents import written
from nextbill.capabilities.notifications.queries import LoggedMail
from nextbill.capabilities.notifications.rules import Letter
from nextbill.kernel.email_address import parse_email
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from nextbill.runtime.web import language
from nextbill.runtime.web.access import Caller, CustomerCaller, needs, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.problem import responses
from nextbill.runtime.web.shapes import Body

router = APIRouter(tags=["notifications"])
MayRead = Annotated[Caller, Depends(needs("notifications.read_all"))]
MayManage = Annotated[Caller, Depends(needs("notifications.manage"))]


class MailBody(BaseModel):
    id: UUID
    customer_id: UUID | None
    kind: str = Field(examples=["receipt"])
    subject: str = Field(examples=["Receipt for invoice INV-2026-000042: $113.99"])
    state: str = Field(examples=["sent"])
    problem: str | None
    requested_at: datetime
    sent_at: datetime | None

    @classmethod
    def of(cls, mail: LoggedMail) -> MailBody:
        return cls(
            id=mail.id,
            customer_id=mail.customer_id,
            kind=mail.kind,
            subject=mail.subject,
            state=mail.state,
            problem=mail.problem,
            requested_at=mail.requested_at,
            sent_at=mail.sent_at,
        )


class TestMail(Body):
    recipient: str = Field(examples=["owner@example.com"], max_length=254)


class Queued(BaseModel):
    mail_id: UUID


@router.get("/notifications/", summary="Mails that went to me", response_model=Page[MailBody])
async def list_own_mails(caller: CustomerCaller, ctx: Ctx, pages: Pages) -> Page[MailBody]:
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        found = await queries.mail_log(tx, pages)
    return pages.page(found, MailBody.of, lambda mail: mail.id)


@router.get("/admin/notifications", summary="All mails, newest first", response_model=Page[MailBody])
async def list_all_mails(_caller: MayRead, ctx: Ctx, pages: Pages, customer_id: UUID | None = None) -> Page[MailBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        found = await queries.mail_log(tx, pages, customer_id=customer_id)
    return pages.page(found, MailBody.of, lambda mail: mail.id)


@router.post("/notifications/send-test-email", status_code=202, summary="Send a test mail, to see that mail works", responses=responses(Invalid))
async def send_test_email(body: TestMail, _caller: MayManage, ctx: Ctx) -> Queued:
    try:
        recipient = parse_email(body.recipient)
    except ValueError as error:
        raise Invalid(fields={"recipient": str(error)}) from None
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        letter = Letter("test", str(new_id()), recipient, None, language.wished() or ctx.settings.company_language)
        mail_id = await send(tx, letter, composed=written(letter, ctx.settings), settings=ctx.settings, cipher=ctx.cipher, now=now)
    if mail_id is None:
        raise Invalid("It was written before.")
    return Queued(mail_id=mail_id)

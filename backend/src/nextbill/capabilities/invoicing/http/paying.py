"""Paying by hand or from credit, giving up, sending out, and links that pay without a login."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nextbill.capabilities import ledger, payments
from nextbill.capabilities.invoicing.commands.send import request_sending
from nextbill.capabilities.invoicing.commands.settle import record_payment, use_credit
from nextbill.capabilities.invoicing.commands.write_off import write_off
from nextbill.capabilities.invoicing.errors import InvoiceNotFound, InvoiceNotOpen, NothingToApply, NotIssued, WrongAmount
from nextbill.capabilities.invoicing.http.desk import DENIALS, MANAGE, Manager, actor_of, audited, today
from nextbill.capabilities.invoicing.http.drafts import money_of
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody
from nextbill.capabilities.invoicing.queries import lock_invoice
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, NotPermitted
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(prefix="/invoices", tags=["invoices"], route_class=IdempotentRoute)
_PAID = (
    *DENIALS,
    InvoiceNotFound,
    InvoiceNotOpen,
    WrongAmount,
    NothingToApply,
    ledger.NotEnoughCredit,
    ledger.MonthClosed,
    ledger.RateMissing,
    payments.PaymentAlreadyRecorded,
    KeyInUse,
    KeyReused,
)
Method = Literal["credit", "bank_transfer", "cash", "cheque", "card_terminal", "other"]


class PayBody(Body):
    """`credit` pays from the customer's credit, as much as there is where no amount is said. The other methods record money that came past
    the gateway and are for staff: with the amount, the reference on the statement, and the day that it came (today where left out)."""

    method: Method = Field(examples=["bank_transfer"])
    amount: MoneyBody | None = None
    reference: str | None = Field(None, min_length=1, max_length=140, examples=["NTRF 4711 INV-2026-000042"])
    received_on: date | None = None


class WriteOffBody(Body):
    reason: str = Field(min_length=1, max_length=500, examples=["Customer insolvent, court file 12 IN 34/26"])


class SentBody(BaseModel):
    """The mail is on its way; the customer's list of mails shows what became of it."""

    recipient: str = Field(examples=["accounts@example.com"])


@router.post("/{invoice_id}/pay", responses=problem.responses(*_PAID), summary="Pay from credit, or record a payment")
async def pay_one_invoice(invoice_id: UUID, body: PayBody, ctx: Ctx, caller: AnyCaller) -> InvoiceBody:
    """Customers pay their own from their credit; at the gateway they pay by `POST /payments/intent`. What is more than due becomes credit."""
    _may(caller, body)
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await _own(tx, invoice_id, caller)
        if body.method == "credit":
            await use_credit(tx, invoice_id, on=today(ctx), now=now, amount=money_of(body.amount, "amount"))
        else:
            await record_payment(tx, invoice_id, receipt=_receipt(body, ctx), today=today(ctx), actor=actor_of(caller), now=now)
        return await audited(tx, invoice_id, "invoice.paid", caller=caller, ctx=ctx, detail={"method": body.method})


@router.post("/{invoice_id}/write-off", responses=problem.responses(*_PAID), summary="Give up an invoice")
async def write_off_invoice(invoice_id: UUID, body: WriteOffBody, ctx: Ctx, caller: Manager) -> InvoiceBody:
    """It becomes uncollectible; the loss is booked. It can still be paid."""
    async with ctx.database.writing(Role.WORK) as tx:
        await write_off(tx, invoice_id, on=today(ctx), now=ctx.clock.now())
        return await audited(tx, invoice_id, "invoice.written_off", caller=caller, ctx=ctx, reason=body.reason)


@router.post(
    "/{invoice_id}/send",
    status_code=202,
    responses=problem.responses(*DENIALS, InvoiceNotFound, NotIssued, KeyInUse, KeyReused),
    summary="Send by mail",
)
async def send_invoice(invoice_id: UUID, ctx: Ctx, caller: Manager) -> SentBody:
    """To the address for documents, where the customer has one, with a link that pays it without a login."""
    async with ctx.database.writing(Role.WORK) as tx:
        recipient = await request_sending(tx, invoice_id, actor=actor_of(caller), now=ctx.clock.now())
        await audited(tx, invoice_id, "invoice.sent", caller=caller, ctx=ctx)
    return SentBody(recipient=recipient)


def _may(caller: Caller, body: PayBody) -> None:
    if caller.is_staff and MANAGE not in caller.permissions:
        raise NotPermitted(f"This needs the permission {MANAGE}.")
    if not caller.is_staff and body.method != "credit":
        raise NotPermitted("Payments are recorded by staff; pay by POST /api/v1/payments/intent.")


async def _own(tx: Tx, invoice_id: UUID, caller: Caller) -> None:
    """The books are written by the role that sees all; whose invoice it is is looked at here. Another customer's is not there."""
    row = await lock_invoice(tx, invoice_id)
    if caller.customer_id is not None and (row.customer_id != caller.customer_id or row.state == "draft"):
        raise InvoiceNotFound


def _receipt(body: PayBody, ctx: Context) -> payments.Receipt:
    if body.method == "credit":
        raise LookupError("credit has no receipt")
    amount: Money | None = money_of(body.amount, "amount")
    if amount is None or body.reference is None:
        missing = {"amount": "how much came"} if amount is None else {}
        raise Invalid(fields={**missing, **({} if body.reference else {"reference": "what finds it again on the statement"})})
    return payments.Receipt(amount, body.method, body.reference, body.received_on or today(ctx))

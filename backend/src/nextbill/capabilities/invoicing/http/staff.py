"""Staff: taking documents back, and figures."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nextbill.capabilities import ledger
from nextbill.capabilities.invoicing.commands.credit import CreditedPart, CreditPreview, Scope, credit_note, preview_credit, void_invoice
from nextbill.capabilities.invoicing.commands.issue import issue_proforma
from nextbill.capabilities.invoicing.errors import (
    InvoiceNotFound,
    InvoiceNotOpen,
    NothingToCredit,
    ProformaNotFound,
    ProformaNotOpen,
    UnknownLine,
    WrongAmount,
)
from nextbill.capabilities.invoicing.http.desk import DENIALS, Manager, Reader, audited, seller_of, today
from nextbill.capabilities.invoicing.http.drafts import money_of
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody, StateTotalBody
from nextbill.capabilities.invoicing.queries import invoice_totals, overdue_totals
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(prefix="/invoices", tags=["invoices"], route_class=IdempotentRoute)
_TAKING_BACK = (*DENIALS, InvoiceNotFound, InvoiceNotOpen, NothingToCredit, ledger.MonthClosed, ledger.RateMissing, KeyInUse, KeyReused)


class VoidBody(Body):
    reason: str = Field(min_length=1, max_length=500, examples=["Issued to the wrong company"])


class CreditedLineBody(Body):
    """`amount` is gross; left out: what is left of the line."""

    id: UUID
    amount: MoneyBody


class CreditScopeBody(Body):
    """At most one of: `lines` (what is left of each), `by_line` (a gross amount of each), `amount` (gross, over all lines by what is left of
    them). None of them: everything that has not been credited yet."""

    lines: list[UUID] | None = Field(None, min_length=1, max_length=500)
    by_line: list[CreditedLineBody] | None = Field(None, min_length=1, max_length=500)
    amount: MoneyBody | None = None

    def scope(self) -> Scope:
        if sum(value is not None for value in (self.lines, self.by_line, self.amount)) > 1:
            raise Invalid(fields={"lines": "say what to credit in one way: lines, by_line or amount"})
        amounts = {line.id: money_of(line.amount, "by_line") for line in self.by_line or []}
        by_line = {line_id: amount for line_id, amount in amounts.items() if amount is not None}
        return Scope(self.lines, by_line if self.by_line is not None else None, money_of(self.amount, "amount"))


class CreditBody(CreditScopeBody):
    """What is taken back, and why; the reason is printed."""

    reason: str = Field(min_length=1, max_length=500, examples=["Domain could not be registered"])


class CreditedPartBody(BaseModel):
    line_id: UUID
    description: str
    net: MoneyBody
    tax: MoneyBody
    gross: MoneyBody

    @classmethod
    def of(cls, part: CreditedPart) -> CreditedPartBody:
        amounts = {name: MoneyBody.of(getattr(part.sums, name)) for name in ("net", "tax", "gross")}
        return cls(line_id=part.line_id, description=part.description, **amounts)


class CreditPreviewBody(BaseModel):
    """What a credit note would say. Its `total` goes off what is due, off what was written off, and to the customer's credit."""

    lines: list[CreditedPartBody]
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody
    off_due: MoneyBody
    off_written_off: MoneyBody
    to_credit: MoneyBody

    @classmethod
    def of(cls, found: CreditPreview) -> CreditPreviewBody:
        sums = {"net": found.sums.net, "tax": found.sums.tax, "total": found.sums.gross}
        whither = {name: getattr(found, name) for name in ("off_due", "off_written_off", "to_credit")}
        amounts = {name: MoneyBody.of(amount) for name, amount in (sums | whither).items()}
        return cls(lines=[CreditedPartBody.of(part) for part in found.parts], **amounts)


class TermsBody(Body):
    """`due_on` left out: today."""

    due_on: date | None = None


class OverdueBody(BaseModel):
    count: int = Field(examples=[3])
    due: MoneyBody


class SummaryBody(BaseModel):
    """Invoices issued from `start` on and before `end`, by currency and state; and what is overdue today, whenever it was issued."""

    start: date
    end: date
    totals: list[StateTotalBody]
    overdue: list[OverdueBody]


@router.get("/stats/summary", responses=problem.responses(*DENIALS), summary="Invoices by state")
async def summarize_invoices(ctx: Ctx, _caller: Reader, start: date | None = None, end: date | None = None) -> SummaryBody:
    """The business year so far where no days are given."""
    day = today(ctx)
    first, last = start or date(day.year, 1, 1), end or day + timedelta(days=1)
    if last <= first:
        raise Invalid(fields={"end": "a day after start"})
    async with ctx.database.reading(Role.WORK) as tx:
        found, late = await invoice_totals(tx, start=first, end=last), await overdue_totals(tx, today=day)
    overdue = [OverdueBody(count=item.count, due=MoneyBody.of(item.due)) for item in late]
    return SummaryBody(start=first, end=last, totals=[StateTotalBody.of(item) for item in found], overdue=overdue)


@router.post("/{invoice_id}/void", responses=problem.responses(*_TAKING_BACK), summary="Void an unpaid invoice")
async def void_open_invoice(invoice_id: UUID, body: VoidBody, ctx: Ctx, caller: Manager) -> InvoiceBody:
    """Issues the credit note that a voided invoice always has."""
    async with ctx.database.writing(Role.WORK) as tx:
        await void_invoice(tx, invoice_id, reason=body.reason, on=today(ctx), now=ctx.clock.now())
        return await audited(tx, invoice_id, "invoice.voided", caller=caller, reason=body.reason, ctx=ctx)


@router.post(
    "/{invoice_id}/credit-notes", status_code=201, responses=problem.responses(*_TAKING_BACK, UnknownLine, WrongAmount), summary="Credit an invoice"
)
async def issue_credit_note(invoice_id: UUID, body: CreditBody, ctx: Ctx, caller: Manager) -> InvoiceBody:
    """Whole, by lines or by amount, at the rates of the original. What had been paid becomes the customer's credit; money is sent by a refund."""
    async with ctx.database.writing(Role.WORK) as tx:
        await credit_note(tx, invoice_id, reason=body.reason, on=today(ctx), now=ctx.clock.now(), scope=body.scope())
        return await audited(tx, invoice_id, "invoice.credited", caller=caller, reason=body.reason, ctx=ctx)


@router.post(
    "/{invoice_id}/credit-notes/preview",
    responses=problem.responses(*DENIALS, InvoiceNotFound, InvoiceNotOpen, NothingToCredit, UnknownLine, WrongAmount),
    summary="What a credit note would say",
)
async def preview_credit_note(invoice_id: UUID, body: CreditScopeBody, ctx: Ctx, _caller: Manager) -> CreditPreviewBody:
    """To the last unit what issuing it now would take back. Nothing is written."""
    async with ctx.database.reading(Role.WORK) as tx:
        return CreditPreviewBody.of(await preview_credit(tx, invoice_id, body.scope()))


@router.post(
    "/proformas/{proforma_id}/issue",
    status_code=201,
    responses=problem.responses(*DENIALS, ProformaNotFound, ProformaNotOpen, ledger.MonthClosed, ledger.RateMissing, KeyInUse, KeyReused),
    summary="Invoice a proforma before it is paid",
)
async def invoice_proforma(proforma_id: UUID, ctx: Ctx, caller: Manager, body: TermsBody | None = None) -> InvoiceBody:
    """For customers on terms. What was asked for by the proforma is asked for by the invoice from now on."""
    on = today(ctx)
    due_on = (body.due_on if body else None) or on
    if due_on < on:
        raise Invalid(fields={"due_on": "not before today"})
    async with ctx.database.writing(Role.WORK) as tx:
        invoice_id = await issue_proforma(tx, proforma_id, seller=seller_of(ctx), on=on, due_on=due_on, now=ctx.clock.now())
        return await audited(tx, invoice_id, "invoice.issued", caller=caller, ctx=ctx)

"""Staff: all documents, taking them back, figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities import identity
from nextbill.capabilities.invoicing.commands.credit import credit_note, void_invoice
from nextbill.capabilities.invoicing.errors import InvoiceNotFound, InvoiceNotOpen, NothingToCredit, PartOfUnpaid, UnknownLine
from nextbill.capabilities.invoicing.http.customer import StateFilter
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody, InvoiceItem, StateTotalBody
from nextbill.capabilities.invoicing.queries import get_invoice, invoice_totals, list_invoices
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role, Tx
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.paging import Page, Pages
from nextbill.runtime.web.shapes import Body

staff_router = APIRouter(prefix="/invoices", tags=["invoices"], route_class=IdempotentRoute)
admin_router = APIRouter(prefix="/admin/invoices", tags=["admin"])

Reader = Annotated[Caller, Depends(needs("invoices.read_all"))]
Manager = Annotated[Caller, Depends(needs("invoices.manage"))]
_DENIALS = (NotAuthenticated, NotPermitted, Invalid)
_TAKING_BACK = (*_DENIALS, InvoiceNotFound, InvoiceNotOpen, NothingToCredit, PartOfUnpaid, KeyInUse, KeyReused)


class VoidBody(Body):
    reason: str = Field(min_length=1, max_length=500, examples=["Issued to the wrong company"])


class CreditBody(Body):
    """`lines` left out: everything that has not been credited yet."""

    reason: str = Field(min_length=1, max_length=500, examples=["Domain could not be registered"])
    lines: list[UUID] | None = Field(None, min_length=1, max_length=500)


class SummaryBody(BaseModel):
    """Invoices issued from `start` on and before `end`, by currency and state."""

    start: date
    end: date
    totals: list[StateTotalBody]


@staff_router.get("/stats/summary", responses=problem.responses(*_DENIALS), summary="Invoices by state")
async def summarize_invoices(ctx: Ctx, _caller: Reader, start: date | None = None, end: date | None = None) -> SummaryBody:
    """The business year so far where no days are given."""
    today = _today(ctx)
    first, last = start or date(today.year, 1, 1), end or today + timedelta(days=1)
    if last <= first:
        raise Invalid(fields={"end": "a day after start"})
    async with ctx.database.reading(Role.WORK) as tx:
        found = await invoice_totals(tx, start=first, end=last)
    return SummaryBody(start=first, end=last, totals=[StateTotalBody.of(item) for item in found])


@staff_router.post("/{invoice_id}/void", responses=problem.responses(*_TAKING_BACK), summary="Void an unpaid invoice")
async def void_open_invoice(invoice_id: UUID, body: VoidBody, ctx: Ctx, caller: Manager) -> InvoiceBody:
    """Issues the credit note that a voided invoice always has."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await void_invoice(tx, invoice_id, reason=body.reason, on=_today(ctx), now=now)
        return await _audited(tx, invoice_id, "invoice.voided", caller=caller, reason=body.reason, ctx=ctx)


@staff_router.post(
    "/{invoice_id}/credit-notes", status_code=201, responses=problem.responses(*_TAKING_BACK, UnknownLine), summary="Credit an invoice"
)
async def issue_credit_note(invoice_id: UUID, body: CreditBody, ctx: Ctx, caller: Manager) -> InvoiceBody:
    """Whole or by lines, at the rates of the original. What had been paid becomes the customer's credit; money is sent by a refund."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await credit_note(tx, invoice_id, reason=body.reason, on=_today(ctx), now=now, lines=body.lines)
        return await _audited(tx, invoice_id, "invoice.credited", caller=caller, reason=body.reason, ctx=ctx)


@admin_router.get("", responses=problem.responses(*_DENIALS), summary="All invoices")
async def list_all_invoices(ctx: Ctx, _caller: Reader, pages: Pages, state: StateFilter = None, customer_id: UUID | None = None) -> Page[InvoiceItem]:
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_invoices(tx, pages, state=state, customer_id=customer_id)
    return pages.page(found, InvoiceItem.of, lambda item: item.id)


@admin_router.get("/{invoice_id}", responses=problem.responses(*_DENIALS, InvoiceNotFound), summary="Any invoice")
async def show_any_invoice(invoice_id: UUID, ctx: Ctx, _caller: Reader) -> InvoiceBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return InvoiceBody.whole(await get_invoice(tx, invoice_id))


async def _audited(tx: Tx, invoice_id: UUID, action: str, *, caller: Caller, reason: str, ctx: Context) -> InvoiceBody:
    invoice = await get_invoice(tx, invoice_id)
    actor, customer_id = f"staff:{caller.login_id}", invoice.summary.customer_id
    await identity.audit(
        tx, actor=actor, action=action, object_type="invoice", object_id=invoice_id, customer_id=customer_id, reason=reason, now=ctx.clock.now()
    )
    return InvoiceBody.whole(invoice)


def _today(ctx: Context) -> date:
    return business_date(ctx.clock.now(), ctx.settings.company_time_zone)

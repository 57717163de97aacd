"""Documents as files: customers' own, all for staff. A file never changes, so that whoever has it is answered 304."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from nextbill.capabilities import customers
from nextbill.capabilities.invoicing.documents import PDF, XML, Archive, DocumentKey, File
from nextbill.capabilities.invoicing.documents.store import DocumentKind, MediaType
from nextbill.capabilities.invoicing.errors import (
    CreditNoteNotFound,
    DocumentBusy,
    InvoiceNotFound,
    NoEInvoice,
    NotIssued,
    ProformaNotFound,
    ReceiptNotFound,
)
from nextbill.capabilities.invoicing.ports import Movement, Statement
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import CURRENCIES
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, NotAuthenticated, NotPermitted
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.shapes import MoneyBody

_DENIALS = (NotAuthenticated, NotPermitted, Invalid)
_WRITING = (*_DENIALS, NotIssued, DocumentBusy)
LONGEST_DAYS: Final = 3_700


class MovementBody(BaseModel):
    """`amount` above zero raises what is owed; `balance` is what is owed after it."""

    on: date
    kind: str = Field(examples=["invoice"])
    number: str = Field(examples=["INV-2026-000042"])
    amount: MoneyBody
    balance: MoneyBody

    @classmethod
    def of(cls, movement: Movement) -> MovementBody:
        amounts = {"amount": MoneyBody.of(movement.amount), "balance": MoneyBody.of(movement.balance)}
        return cls(on=movement.on, kind=movement.kind, number=movement.number, **amounts)


class StatementBody(BaseModel):
    """A customer's account in one currency; above zero is owed by the customer, below zero by us. Both days are included."""

    start: date
    end: date
    currency: str = Field(examples=["EUR"])
    opening: MoneyBody
    closing: MoneyBody
    movements: list[MovementBody]

    @classmethod
    def of(cls, found: Statement) -> StatementBody:
        return cls(
            start=found.start,
            end=found.end,
            currency=found.opening.currency,
            opening=MoneyBody.of(found.opening),
            closing=MoneyBody.of(found.closing),
            movements=[MovementBody.of(movement) for movement in found.movements],
        )


async def _reader(caller: AnyCaller) -> UUID | None:
    """The customer whose own rows are read; None for staff, who read all."""
    if caller.customer_id is None and "invoices.read_all" not in caller.permissions:
        raise NotPermitted("This needs the permission invoices.read_all.")
    return caller.customer_id


Reader = Annotated[UUID | None, Depends(_reader)]


async def _span(
    ctx: Ctx,
    reader: Reader,
    start: Annotated[date | None, Query(alias="from", description="The first day; January 1 where it is left out")] = None,
    end: Annotated[date | None, Query(alias="to", description="The last day; today where it is left out")] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$", description="The shop's where it is left out")] = None,
    customer_id: Annotated[UUID | None, Query(description="For staff: whose")] = None,
) -> dict[str, Any]:
    today = _today(ctx)
    first, last, chosen = start or date(today.year, 1, 1), end or today, currency or ctx.settings.currency
    wrong = {}
    if not 0 <= (last - first).days <= LONGEST_DAYS:
        wrong["to"] = "a day not before `from`, within ten years"
    if chosen not in CURRENCIES:
        wrong["currency"] = "an ISO 4217 code, such as EUR"
    if reader is None and customer_id is None:
        wrong["customer_id"] = "whose account it is"
    if wrong:
        raise Invalid(fields=wrong)
    return {"customer_id": reader or customer_id, "currency": chosen, "start": first, "end": last, "made_on": today}


Span = Annotated[dict[str, Any], Depends(_span)]


def make_documents_router(archive: Archive) -> APIRouter:
    router = APIRouter(tags=["documents"])

    async def answer(kind: DocumentKind, subject: UUID, media: MediaType, *, request: Request, ctx: Context, reader: UUID | None) -> Response:
        return _sent(await archive.file(DocumentKey(kind, subject), media, now=ctx.clock.now(), customer_id=reader), request)

    @router.get("/invoices/{invoice_id}/pdf", **_file(PDF, *_WRITING, InvoiceNotFound), summary="An invoice as PDF")
    async def invoice_as_pdf(invoice_id: UUID, request: Request, ctx: Ctx, reader: Reader) -> Response:
        """PDF/A-3 with the e-invoice in it (Factur-X, EN 16931). The first file that was written is the one for ever."""
        return await answer("invoice", invoice_id, PDF, request=request, ctx=ctx, reader=reader)

    @router.get("/invoices/{invoice_id}/xml", **_file(XML, *_WRITING, InvoiceNotFound, NoEInvoice), summary="An invoice as e-invoice")
    async def invoice_as_xml(invoice_id: UUID, request: Request, ctx: Ctx, reader: Reader) -> Response:
        """Cross Industry Invoice by EN 16931: the same bytes that the PDF carries."""
        return await answer("invoice", invoice_id, XML, request=request, ctx=ctx, reader=reader)

    @router.get("/invoices/proformas/{proforma_id}/pdf", **_file(PDF, *_WRITING, ProformaNotFound), summary="A proforma as PDF")
    async def proforma_as_pdf(proforma_id: UUID, request: Request, ctx: Ctx, reader: Reader) -> Response:
        return await answer("proforma", proforma_id, PDF, request=request, ctx=ctx, reader=reader)

    @router.get("/credit-notes/{credit_note_id}/pdf", **_file(PDF, *_WRITING, CreditNoteNotFound), summary="A credit note as PDF")
    async def credit_note_as_pdf(credit_note_id: UUID, request: Request, ctx: Ctx, reader: Reader) -> Response:
        return await answer("credit_note", credit_note_id, PDF, request=request, ctx=ctx, reader=reader)

    @router.get("/credit-notes/{credit_note_id}/xml", **_file(XML, *_WRITING, CreditNoteNotFound, NoEInvoice), summary="A credit note as e-invoice")
    async def credit_note_as_xml(credit_note_id: UUID, request: Request, ctx: Ctx, reader: Reader) -> Response:
        return await answer("credit_note", credit_note_id, XML, request=request, ctx=ctx, reader=reader)

    @router.get("/receipts/{payment_id}/pdf", **_file(PDF, *_DENIALS, DocumentBusy, ReceiptNotFound), summary="A receipt as PDF")
    async def receipt_as_pdf(payment_id: UUID, request: Request, ctx: Ctx, reader: Reader) -> Response:
        """Of money that paid an invoice or a part of it; the id is that of one of the invoice's `payments`."""
        return await answer("receipt", payment_id, PDF, request=request, ctx=ctx, reader=reader)

    _add_statements(router, archive)
    return router


def _add_statements(router: APIRouter, archive: Archive) -> None:
    @router.get("/statements", responses=problem.responses(*_DENIALS, customers.UnknownCustomer), summary="A statement of account")
    async def read_statement(span: Span) -> StatementBody:
        return StatementBody.of(await archive.statement(**span))

    @router.get("/statements/pdf", **_file(PDF, *_DENIALS, DocumentBusy, customers.UnknownCustomer), summary="A statement of account as PDF")
    async def statement_as_pdf(span: Span, request: Request) -> Response:
        return _sent(await archive.printed(await archive.statement(**span)), request)


def _file(media_type: MediaType, *problems: Any) -> dict[str, Any]:
    shown: dict[int | str, Any] = {
        200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}, "description": "The file"},
        304: {"description": "The file that `If-None-Match` names is the one"},
    }
    return {"response_class": Response, "responses": {**shown, **problem.responses(*problems)}}


def _sent(file: File, request: Request) -> Response:
    tag = f'"{file.sha256}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if tag in (part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    place = "inline" if file.media_type == PDF else "attachment"
    return Response(file.content, headers={**headers, "Content-Disposition": f'{place}; filename="{file.name}"'}, media_type=file.media_type)


def _today(ctx: Context) -> date:
    return business_date(ctx.clock.now(), ctx.settings.company_time_zone)

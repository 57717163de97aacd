"""A customer's own documents; staff who may read all reads them here too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from nextbill.capabilities.invoicing.errors import InvoiceNotFound, ProformaNotFound
from nextbill.capabilities.invoicing.http.desk import READ_ALL
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody, InvoiceItem, ProformaBody
from nextbill.capabilities.invoicing.queries import get_invoice, get_proforma, list_invoices
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import AnyCaller, Caller, NotAuthenticated, NotPermitted
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/invoices", tags=["invoices"])
StateFilter = Annotated[Literal["draft", "open", "paid", "void", "uncollectible"] | None, Query(description="Only invoices in this state")]


@asynccontextmanager
async def reading(ctx: Context, caller: Caller) -> AsyncIterator[ReadTx]:
    """Row-level security shows a customer what was issued to them; staff need the permission to see all."""
    if caller.customer_id is None and READ_ALL not in caller.permissions:
        raise NotPermitted(f"This needs the permission {READ_ALL}.")
    role = Role.APP if caller.customer_id is not None else Role.WORK
    async with ctx.database.reading(role, customer_id=caller.customer_id) as tx:
        yield tx


@router.get("", include_in_schema=False)
@router.get("/", responses=problem.responses(NotAuthenticated, NotPermitted, Invalid), summary="Your invoices")
async def list_own_invoices(ctx: Ctx, caller: AnyCaller, pages: Pages, state: StateFilter = None) -> Page[InvoiceItem]:
    async with reading(ctx, caller) as tx:
        found = await list_invoices(tx, pages, state=state)
    return pages.page(found, InvoiceItem.of, lambda item: item.id)


@router.get(
    "/proformas/{proforma_id}",
    responses=problem.responses(NotAuthenticated, NotPermitted, ProformaNotFound, Invalid),
    summary="One of your proformas",
)
async def show_own_proforma(proforma_id: UUID, ctx: Ctx, caller: AnyCaller) -> ProformaBody:
    async with reading(ctx, caller) as tx:
        return ProformaBody.of(await get_proforma(tx, proforma_id))


@router.get("/{invoice_id}", responses=problem.responses(NotAuthenticated, NotPermitted, InvoiceNotFound, Invalid), summary="One of your invoices")
async def show_own_invoice(invoice_id: UUID, ctx: Ctx, caller: AnyCaller, response: Response) -> InvoiceBody:
    async with reading(ctx, caller) as tx:
        invoice = InvoiceBody.whole(await get_invoice(tx, invoice_id))
    response.headers["ETag"] = f'"{invoice.version}"'
    return invoice

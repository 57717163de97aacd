"""A customer's own documents."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from nextbill.capabilities.invoicing.errors import InvoiceNotFound, ProformaNotFound
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody, InvoiceItem, ProformaBody
from nextbill.capabilities.invoicing.queries import get_invoice, get_proforma, list_invoices
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import CustomerCaller, NotAuthenticated, NotPermitted, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/invoices", tags=["invoices"])
StateFilter = Annotated[Literal["draft", "open", "paid", "void", "uncollectible"] | None, Query(description="Only invoices in this state")]


@router.get("", include_in_schema=False)
@router.get("/", responses=problem.responses(NotAuthenticated, NotPermitted, Invalid), summary="Your invoices")
async def list_own_invoices(ctx: Ctx, caller: CustomerCaller, pages: Pages, state: StateFilter = None) -> Page[InvoiceItem]:
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        found = await list_invoices(tx, pages, state=state)
    return pages.page(found, InvoiceItem.of, lambda item: item.id)


@router.get(
    "/proformas/{proforma_id}",
    responses=problem.responses(NotAuthenticated, NotPermitted, ProformaNotFound, Invalid),
    summary="One of your proformas",
)
async def show_own_proforma(proforma_id: UUID, ctx: Ctx, caller: CustomerCaller) -> ProformaBody:
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        return ProformaBody.of(await get_proforma(tx, proforma_id))


@router.get("/{invoice_id}", responses=problem.responses(NotAuthenticated, NotPermitted, InvoiceNotFound, Invalid), summary="One of your invoices")
async def show_own_invoice(invoice_id: UUID, ctx: Ctx, caller: CustomerCaller) -> InvoiceBody:
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        return InvoiceBody.whole(await get_invoice(tx, invoice_id))

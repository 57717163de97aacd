"""Staff's lists of invoices: filtered, sorted, exported, by age, and explained."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from nextbill.capabilities import customers
from nextbill.capabilities.invoicing.errors import InvoiceNotFound
from nextbill.capabilities.invoicing.http.customer import StateFilter
from nextbill.capabilities.invoicing.http.desk import DENIALS, Reader, today
from nextbill.capabilities.invoicing.http.explained import ExplanationBody
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody, InvoiceItem
from nextbill.capabilities.invoicing.queries import (
    BUCKETS,
    Ageing,
    Filters,
    InvoiceSummary,
    Sort,
    ageing_by_customer,
    ageing_totals,
    explain_invoice,
    get_invoice,
    list_invoices,
)
from nextbill.capabilities.invoicing.queries.listing import OF_OPEN
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from nextbill.runtime.web import csv, problem
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.paging import Page, Pages, Paging, encode
from nextbill.runtime.web.shapes import MoneyBody

router = APIRouter(prefix="/admin/invoices", tags=["admin"])
EXPORT_BATCH, EXPORT_MAX = 5000, 100_000
_HEAD = ("number state customer buyer issued_on due_on currency net tax total due paid credited written_off order_number").split()


async def _filters(
    ctx: Ctx,
    state: StateFilter = None,
    customer_id: UUID | None = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    overdue: Annotated[bool, Query(description="Open, and due before today")] = False,
    issued_from: date | None = None,
    issued_until: date | None = None,
    q: Annotated[
        str | None,
        Query(min_length=2, max_length=100, pattern=r"^[^\x00-\x1f]*$", description="Beginning of a number, a name or a company; a purchase order"),
    ] = None,
) -> Filters:
    return Filters(state, customer_id, currency, today(ctx) if overdue else None, issued_from, issued_until, q)


Narrowed = Annotated[Filters, Depends(_filters)]
Sorted = Annotated[Sort, Query(description="`due`: what is open, the earliest due first; `largest`: what is open, the largest total first")]


class AgeingBody(BaseModel):
    """What is due, by how long. `days_0_30`: due today, or up to thirty days ago. What was written off is not in it."""

    customer_id: UUID | None
    customer_name: str | None = Field(examples=["Ada Lovelace"])
    due: MoneyBody
    not_due: MoneyBody
    days_0_30: MoneyBody
    days_31_60: MoneyBody
    days_61_90: MoneyBody
    days_over_90: MoneyBody

    @classmethod
    def of(cls, found: Ageing, names: Mapping[UUID, str] | None = None) -> AgeingBody:
        buckets = {name: MoneyBody.of(amount) for name, amount in zip(BUCKETS, found.buckets, strict=True)}
        name = (names or {}).get(found.customer_id) if found.customer_id else None
        return cls(customer_id=found.customer_id, customer_name=name, due=MoneyBody.of(found.due), **buckets)


class AgeingReport(BaseModel):
    """As of `on`: by currency of all, then of each customer who owes something, as many as fit the page."""

    on: date
    totals: list[AgeingBody]
    items: list[AgeingBody]
    next_cursor: str | None = Field(None)


@router.get("", responses=problem.responses(*DENIALS), summary="All invoices")
async def list_all_invoices(ctx: Ctx, _caller: Reader, pages: Pages, filters: Narrowed, sort: Sorted = "newest") -> Page[InvoiceItem]:
    _check(filters, sort)
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_invoices(tx, pages, filters=filters, sort=sort)
    return pages.page(found, InvoiceItem.of, lambda item: item.id)


@router.get("/export", response_class=StreamingResponse, responses=problem.responses(*DENIALS), summary="Invoices as CSV")
async def export_invoices(ctx: Ctx, _caller: Reader, filters: Narrowed, sort: Sorted = "newest") -> StreamingResponse:
    """The list under its filters, a hundred thousand at the most. No cell of it is taken for a formula."""
    _check(filters, sort)
    return csv.download(f"invoices-{today(ctx).isoformat()}.csv", _HEAD, _batches(ctx, filters, sort))


@router.get("/ageing", responses=problem.responses(*DENIALS), summary="What is owed, by age")
async def show_ageing(ctx: Ctx, _caller: Reader, pages: Pages, customer_id: UUID | None = None) -> AgeingReport:
    day = today(ctx)
    async with ctx.database.reading(Role.WORK) as tx:
        totals = await ageing_totals(tx, today=day, customer_id=customer_id)
        owing = [] if customer_id is not None else await ageing_by_customer(tx, pages, today=day)
        shown, following = _customers(owing, pages)
        named = await customers.get_customers(tx, [item.customer_id for item in shown if item.customer_id])
    names: dict[UUID, str] = {customer.id: customer.company or customer.name for customer in named.values()}
    items = [AgeingBody.of(item, names) for item in shown]
    return AgeingReport(on=day, totals=[AgeingBody.of(item) for item in totals], items=items, next_cursor=following)


@router.get("/{invoice_id}", responses=problem.responses(*DENIALS, InvoiceNotFound), summary="Any invoice")
async def show_any_invoice(invoice_id: UUID, ctx: Ctx, _caller: Reader, response: Response) -> InvoiceBody:
    async with ctx.database.reading(Role.WORK) as tx:
        invoice = InvoiceBody.whole(await get_invoice(tx, invoice_id))
    response.headers["ETag"] = f'"{invoice.version}"'
    return invoice


@router.get("/{invoice_id}/explain", responses=problem.responses(*DENIALS, InvoiceNotFound), summary="Why its numbers are what they are")
async def explain_any_invoice(invoice_id: UUID, ctx: Ctx, _caller: Reader) -> ExplanationBody:
    """The inputs, the rule and its version, and what was booked: of each line, each tax and the whole."""
    async with ctx.database.reading(Role.WORK) as tx:
        return ExplanationBody.of(await explain_invoice(tx, invoice_id))


def _check(filters: Filters, sort: Sort) -> None:
    """Only what is open is to be paid."""
    if sort in OF_OPEN and filters.state not in (None, "open"):
        raise Invalid(fields={"sort": "only what is open is to be paid: choose the state open, or another order"})


async def _batches(ctx: Context, filters: Filters, sort: Sort) -> AsyncIterator[Sequence[Sequence[csv.Cell]]]:
    """By the cursor, a short transaction each: an export holds up nobody, however slowly it is read."""
    after: UUID | None = None
    for _ in range(EXPORT_MAX // EXPORT_BATCH):
        async with ctx.database.reading(Role.WORK) as tx:
            found = await list_invoices(tx, Paging(EXPORT_BATCH, after), filters=filters, sort=sort)
        yield [_cells(invoice) for invoice in found[:EXPORT_BATCH]]
        if len(found) <= EXPORT_BATCH:
            return
        after = found[EXPORT_BATCH - 1].id


def _cells(invoice: InvoiceSummary) -> list[csv.Cell]:
    days = [day.isoformat() if day else None for day in (invoice.issued_on, invoice.due_on)]
    amounts = (invoice.net, invoice.tax, invoice.total, invoice.due, invoice.paid, invoice.credited, invoice.written_off)
    about = [invoice.number, invoice.state, str(invoice.customer_id), invoice.buyer_name, *days, invoice.total.currency]
    return [*about, *(_decimal(amount) for amount in amounts), invoice.order_number]


def _decimal(amount: Money) -> str:
    return f"{amount.decimal:f}"


def _customers(owing: Sequence[Ageing], pages: Paging) -> tuple[list[Ageing], str | None]:
    ids = list(dict.fromkeys(item.customer_id for item in owing if item.customer_id))
    shown = ids[: pages.limit]
    following = encode(shown[-1]) if len(ids) > pages.limit else None
    return [item for item in owing if item.customer_id in shown], following

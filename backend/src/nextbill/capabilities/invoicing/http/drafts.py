"""Invoices that staff makes: written, changed under a version, issued, discarded."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import Field

from nextbill.capabilities import catalog, customers, ledger
from nextbill.capabilities.invoicing.commands.draft_lines import DomainChoice, DraftLine, PlanChoice
from nextbill.capabilities.invoicing.commands.drafts import Draft, create_draft, discard_draft, edit_draft, issue_draft
from nextbill.capabilities.invoicing.commands.settle import use_free_credit
from nextbill.capabilities.invoicing.errors import (
    AddressMissing,
    DraftChanged,
    InvoiceNotFound,
    NotADraft,
    NothingToPay,
    ReasonNeeded,
    VersionNeeded,
)
from nextbill.capabilities.invoicing.http.desk import DENIALS, Manager, actor_of, audited, seller_of, today
from nextbill.capabilities.invoicing.http.shapes import InvoiceBody, PeriodBody
from nextbill.capabilities.invoicing.queries import get_invoice
from nextbill.capabilities.invoicing.rules import References
from nextbill.kernel.domain_name import BadDomainName, DomainName
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.kernel.period import Cycle, Period, Unit
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.shapes import MINOR_MAX, Body, MoneyBody

router = APIRouter(prefix="/invoices", tags=["invoices"], route_class=IdempotentRoute)

IfMatch = Annotated[str | None, Header(description='The ETag that was read, such as "3": refused with 412 if it is another by now')]
_WRITTEN = (*DENIALS, NothingToPay, ReasonNeeded, customers.UnknownCustomer)
_CHANGED = (*_WRITTEN, InvoiceNotFound, NotADraft, DraftChanged, VersionNeeded)
_ISSUED = (
    *DENIALS,
    InvoiceNotFound,
    NotADraft,
    DraftChanged,
    NothingToPay,
    AddressMissing,
    ledger.MonthClosed,
    ledger.RateMissing,
    KeyInUse,
    KeyReused,
)
_LINE_MAX = 10**12


class PlanChoiceBody(Body):
    plan: str = Field(min_length=1, max_length=64, examples=["professional"])
    unit: Unit = Field("month", examples=["month"])
    count: int = Field(1, ge=1, le=120)


class NameBody(Body):
    domain: str = Field(min_length=1, max_length=253, examples=["my-first-shop.com"])
    operation: Literal["register", "renew", "transfer"] = "register"
    years: int = Field(1, ge=1, le=10)


class DraftLineBody(Body):
    """Of a product (`plan` or `name`) at the list's price, or at `unit_net` with a `price_reason`; or free, with description and price.

    Amounts are net; `discount` is for the whole line."""

    quantity: int = Field(1, ge=1, le=1_000_000)
    plan: PlanChoiceBody | None = None
    name: NameBody | None = None
    description: str | None = Field(None, min_length=1, max_length=500, examples=["Moving a site, two hours"])
    product_class: Literal["service", "hosting", "domain"] = "service"
    unit_net: MoneyBody | None = None
    price_reason: str | None = Field(None, min_length=1, max_length=500, examples=["Agreed in ticket TCK-2026-000017"])
    discount: MoneyBody | None = None
    discount_note: str | None = Field(None, min_length=1, max_length=200, examples=["Ten years with us"])
    period: PeriodBody | None = None


class DraftBody(Body):
    """Without `buyer_reference` the customer's own is taken. Tax is assessed now, and again when it is issued."""

    currency: str = Field(pattern="^[A-Z]{3}$", examples=["USD"])
    lines: list[DraftLineBody] = Field(min_length=1, max_length=500)
    buyer_reference: str | None = Field(None, min_length=1, max_length=100, examples=["04011000-12345-67"])
    order_number: str | None = Field(None, min_length=1, max_length=100, examples=["PO-4711"])
    notes: str | None = Field(None, min_length=1, max_length=2000)
    terms_days: int = Field(14, ge=0, le=365)

    def draft(self) -> Draft:
        lines = [_line(line, f"lines.{place}") for place, line in enumerate(self.lines)]
        return Draft(self.currency, lines, References(self.buyer_reference, self.order_number, self.notes), self.terms_days)


class NewDraftBody(DraftBody):
    customer_id: UUID


class IssueBody(Body):
    """`due_on` left out: as many days after today as the draft says."""

    due_on: date | None = None


@router.post("", include_in_schema=False, status_code=201)
@router.post("/", status_code=201, responses=problem.responses(*_WRITTEN, KeyInUse, KeyReused), summary="Write a draft")
async def create_invoice(body: NewDraftBody, ctx: Ctx, caller: Manager, response: Response) -> InvoiceBody:
    """A draft has no number and no postings, and may be changed, issued or discarded."""
    now, actor = ctx.clock.now(), actor_of(caller)
    async with ctx.database.writing(Role.WORK) as tx:
        invoice_id = await create_draft(
            tx, customer_id=body.customer_id, draft=body.draft(), seller=seller_of(ctx), actor=actor, today=today(ctx), now=now
        )
        return _shown(await audited(tx, invoice_id, "invoice.drafted", caller=caller, ctx=ctx), response)


@router.put("/{invoice_id}", responses=problem.responses(*_CHANGED), summary="Change a draft")
async def change_invoice(invoice_id: UUID, body: DraftBody, ctx: Ctx, caller: Manager, response: Response, if_match: IfMatch = None) -> InvoiceBody:
    """All of it, as it was read under `If-Match`. What is issued can't be changed: it is voided or credited."""
    async with ctx.database.writing(Role.WORK) as tx:
        version = _needed(if_match)
        await edit_draft(tx, invoice_id, draft=body.draft(), version=version, actor=actor_of(caller), today=today(ctx))
        return _shown(await audited(tx, invoice_id, "invoice.changed", caller=caller, ctx=ctx), response)


@router.post("/{invoice_id}/issue", responses=problem.responses(*_ISSUED), summary="Issue a draft")
async def issue_invoice(
    invoice_id: UUID, ctx: Ctx, caller: Manager, response: Response, body: IssueBody | None = None, if_match: IfMatch = None
) -> InvoiceBody:
    """Gives it its number, date and postings, for good. Where the shop says so, the customer's credit pays what it can at once."""
    now, on = ctx.clock.now(), today(ctx)
    due_on = body.due_on if body else None
    if due_on is not None and due_on < on:
        raise Invalid(fields={"due_on": "not before today"})
    async with ctx.database.writing(Role.WORK) as tx:
        await issue_draft(tx, invoice_id, seller=seller_of(ctx), on=on, now=now, version=version_of(if_match), due_on=due_on)
        if ctx.settings.apply_credit_automatically:
            await use_free_credit(tx, invoice_id, on=on, now=now)
        return _shown(await audited(tx, invoice_id, "invoice.issued", caller=caller, ctx=ctx), response)


@router.delete(
    "/{invoice_id}", status_code=204, responses=problem.responses(*DENIALS, InvoiceNotFound, NotADraft, DraftChanged), summary="Discard a draft"
)
async def discard_invoice(invoice_id: UUID, ctx: Ctx, caller: Manager, if_match: IfMatch = None) -> None:
    """A draft only: what has a number is never deleted."""
    async with ctx.database.writing(Role.WORK) as tx:
        await get_invoice(tx, invoice_id)
        await audited(tx, invoice_id, "invoice.discarded", caller=caller, ctx=ctx)
        await discard_draft(tx, invoice_id, version=version_of(if_match))


def version_of(if_match: str | None) -> int | None:
    """None where any version will do. What is no version of ours matches none."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _needed(if_match: str | None) -> int:
    version = version_of(if_match)
    if version is None:
        raise VersionNeeded
    return version


def _shown(invoice: InvoiceBody, response: Response) -> InvoiceBody:
    response.headers["ETag"] = f'"{invoice.version}"'
    return invoice


def _line(body: DraftLineBody, path: str) -> DraftLine:
    if body.plan is not None and body.name is not None:
        raise Invalid(fields={f"{path}.name": "a line is of one product"})
    return DraftLine(
        quantity=body.quantity,
        description=body.description,
        product=_product(body, path),
        product_class=body.product_class,
        unit_net=money_of(body.unit_net, f"{path}.unit_net"),
        price_reason=body.price_reason,
        discount=money_of(body.discount, f"{path}.discount"),
        discount_note=body.discount_note,
        period=_period(body.period, f"{path}.period"),
    )


def _product(body: DraftLineBody, path: str) -> PlanChoice | DomainChoice | None:
    if body.plan is not None:
        return PlanChoice(body.plan.plan, Cycle(body.plan.unit, body.plan.count))
    if body.name is None:
        return None
    try:
        name = DomainName.parse(body.name.domain)
    except BadDomainName as error:
        raise Invalid(fields={f"{path}.name.domain": str(error)}) from None
    operation: catalog.DomainOperation = body.name.operation
    return DomainChoice(name, operation, body.name.years)


def _period(body: PeriodBody | None, path: str) -> Period | None:
    if body is None:
        return None
    if body.end <= body.start:
        raise Invalid(fields={path: "the end is the first day after it"})
    return Period(body.start, body.end)


def money_of(body: MoneyBody | None, path: str) -> Money | None:
    if body is None:
        return None
    if abs(body.amount) > min(_LINE_MAX, MINOR_MAX):
        raise Invalid(fields={path: "too large"})
    try:
        return Money(body.amount, body.currency)
    except MoneyError as error:
        raise Invalid(fields={f"{path}.currency": str(error)}) from None

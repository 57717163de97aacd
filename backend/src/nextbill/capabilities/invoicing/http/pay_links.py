"""Paying one invoice without a login, by a signed link: its sum, and the way to the payment page. Nothing else can be read with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from nextbill.capabilities import payments
from nextbill.capabilities.invoicing.errors import InvoiceNotFound, NotIssued, PayLinkExpired, PayLinkUnknown
from nextbill.capabilities.invoicing.http.customer import reading
from nextbill.capabilities.invoicing.http.desk import DENIALS
from nextbill.capabilities.invoicing.queries import InvoiceSummary, get_invoice
from nextbill.capabilities.invoicing.queries.pay_links import GOOD_FOR, PayLinks
from nextbill.runtime.database import Role
from nextbill.runtime.web import language, problem
from nextbill.runtime.web.access import AnyCaller
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute
from nextbill.runtime.web.page import PageRoute, Templates
from nextbill.runtime.web.shapes import MoneyBody

StartCheckout = Callable[[Context, UUID, UUID, str], Awaitable[payments.Attempt]]
"""Opens the payment page of a payable for its customer, or finds the one that is open; it leads back to the path."""
_templates = Templates(Path(__file__).with_name("templates"))
_REFUSALS = (PayLinkUnknown, PayLinkExpired)
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Till:
    links: PayLinks
    start: StartCheckout


class PayLinkBody(BaseModel):
    url: str = Field(examples=["https://shop.example.com/pay/AZ3…"])
    expires_at: datetime


class ToPayBody(BaseModel):
    """What the holder of a link may know. `payable`: something is due, and can be paid at `POST …/checkout`."""

    number: str = Field(examples=["INV-2026-000042"])
    seller: str = Field(examples=["Example Hosting"])
    state: str = Field(examples=["open"])
    total: MoneyBody
    due: MoneyBody
    due_on: date | None
    payable: bool

    @classmethod
    def of(cls, paper: InvoiceSummary, seller: str) -> ToPayBody:
        return cls(
            number=paper.number or "",
            seller=seller,
            state=paper.state,
            total=MoneyBody.of(paper.total),
            due=MoneyBody.of(paper.owed),
            due_on=paper.due_on,
            payable=_payable(paper),
        )


class CheckoutBody(BaseModel):
    """Send the browser to `checkout_url`. Null while the payment provider has not answered: ask again in a moment."""

    checkout_url: str | None


def make_router(till: Till) -> APIRouter:
    router = APIRouter(tags=["invoices"], route_class=IdempotentRoute)

    @router.post("/invoices/{invoice_id}/pay-link", status_code=201, responses=problem.responses(*DENIALS, InvoiceNotFound, NotIssued))
    async def create_pay_link(invoice_id: UUID, ctx: Ctx, caller: AnyCaller) -> PayLinkBody:
        """A link that pays this invoice without a login, for sixty days: for a colleague in accounting, say."""
        async with reading(ctx, caller) as tx:
            paper = (await get_invoice(tx, invoice_id)).summary
        if paper.state == "draft":
            raise NotIssued
        until = ctx.clock.now() + GOOD_FOR
        return PayLinkBody(url=link_of(ctx.settings.portal_url, till.links, invoice_id, until=until), expires_at=until)

    @router.get("/pay/{token}", responses=problem.responses(*_REFUSALS))
    async def show_pay_link(token: str, ctx: Ctx, response: Response) -> ToPayBody:
        """No login is asked for: the signed token is the key."""
        response.headers.update(_NO_STORE)
        return ToPayBody.of(await _paper(ctx, till, token), ctx.settings.company_name)

    @router.post("/pay/{token}/checkout", responses=problem.responses(*_REFUSALS, payments.PayableNotOpen, payments.CheckoutClosing))
    async def pay_by_link(token: str, ctx: Ctx, response: Response) -> CheckoutBody:
        """Opens the payment page, or finds the one that is open."""
        response.headers.update(_NO_STORE)
        return CheckoutBody(checkout_url=await _checkout(ctx, till, await _paper(ctx, till, token), token))

    return router


def make_pages(till: Till) -> APIRouter:
    pages = APIRouter(prefix="/pay", default_response_class=HTMLResponse, route_class=PageRoute)

    @pages.get("/{token}", response_class=HTMLResponse)
    async def open_pay_link(token: str, ctx: Ctx) -> HTMLResponse:
        """Shows the sum. Changes nothing: mail scanners open links too."""
        return _page(ctx, await _paper(ctx, till, token), checkout_url=None)

    @pages.post("/{token}", response_class=HTMLResponse)
    async def continue_to_payment(token: str, ctx: Ctx) -> HTMLResponse:
        paper = await _paper(ctx, till, token)
        return _page(ctx, paper, checkout_url=await _checkout(ctx, till, paper, token))

    return pages


def link_of(portal: str, links: PayLinks, invoice_id: UUID, *, until: datetime) -> str:
    return f"{portal}/pay/{links.token(invoice_id, until=until)}"


async def _paper(ctx: Context, till: Till, token: str) -> InvoiceSummary:
    invoice_id, _until = till.links.invoice_of(token, now=ctx.clock.now())
    async with ctx.database.reading(Role.WORK) as tx:
        try:
            return (await get_invoice(tx, invoice_id)).summary
        except InvoiceNotFound:
            raise PayLinkUnknown from None


async def _checkout(ctx: Context, till: Till, paper: InvoiceSummary, token: str) -> str | None:
    """Back to the link's own page: whoever pays by it may have no login, and would stand before the one of the portal."""
    if not _payable(paper) or paper.payable_id is None:
        raise payments.PayableNotOpen("There is nothing left to pay.")
    return (await till.start(ctx, paper.payable_id, paper.customer_id, f"/pay/{token}")).checkout_url


def _page(ctx: Context, paper: InvoiceSummary, *, checkout_url: str | None) -> HTMLResponse:
    spoken = language.current()
    return _templates.page(
        "pay_link.html.j2",
        ctx.settings,
        headers=_NO_STORE,
        number=paper.number or "",
        state=paper.state,
        payable=_payable(paper),
        total=paper.total.format(spoken),
        owed=paper.owed.format(spoken),
        partly=bool(paper.paid),
        due_on=paper.due_on,
        checkout_url=checkout_url,
    )


def _payable(paper: InvoiceSummary) -> bool:
    return paper.state in ("open", "uncollectible") and bool(paper.owed)

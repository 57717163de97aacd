"""Customers' credit: what stands to their favor, how it came about, and what staff gives or takes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nextbill.capabilities import customers, identity, ledger
from nextbill.capabilities.invoicing.commands.adjust_credit import ADJUSTMENT, adjust_credit
from nextbill.capabilities.invoicing.commands.settle import free_credit
from nextbill.capabilities.invoicing.http.desk import DENIALS, Manager, Reader, actor_of, today
from nextbill.capabilities.invoicing.http.drafts import money_of
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import CustomerCaller, own_id
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.paging import Pages, Paging
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(tags=["invoices"])
staff_router = APIRouter(prefix="/admin/customers", tags=["admin"], route_class=IdempotentRoute)


class BalanceBody(BaseModel):
    """`free`: of the `credit`, what no payment under way is meant for."""

    credit: MoneyBody
    free: MoneyBody


class CreditEntryBody(BaseModel):
    """Above zero the credit grew. `reference_type` and `reference_id` name what it is about; `position` is its place in its journal."""

    journal_id: UUID
    position: int
    amount: MoneyBody
    booked_on: date
    description: str = Field(examples=["Invoice paid from credit"])
    reference_type: str = Field(examples=["invoicing.invoice"])
    reference_id: UUID

    @classmethod
    def of(cls, entry: ledger.CreditEntry) -> CreditEntryBody:
        amount = MoneyBody.of(entry.amount)
        about = {"description": entry.description, "reference_type": entry.reference_type, "reference_id": entry.reference_id}
        return cls(journal_id=entry.journal_id, position=entry.position, amount=amount, booked_on=entry.booked_on, **about)


class CreditBody(BaseModel):
    """By currency, then its movements, newest first."""

    balances: list[BalanceBody]
    items: list[CreditEntryBody]
    next_cursor: str | None = None


class AdjustmentBody(Body):
    """Above zero gives, below takes; no more than is free is taken."""

    amount: MoneyBody
    reason: str = Field(min_length=3, max_length=500, examples=["Sorry for the outage of 3 March"])


@router.get("/credit", responses=problem.responses(*DENIALS), summary="Your credit")
async def show_own_credit(ctx: Ctx, caller: CustomerCaller, pages: Pages) -> CreditBody:
    """Credit comes from credit notes on what was paid, and from more having been paid than was due. It pays your invoices."""
    async with ctx.database.reading(Role.WORK) as tx:
        return await _credit(tx, own_id(caller), pages)


@staff_router.get("/{customer_id}/credit", responses=problem.responses(*DENIALS, customers.UnknownCustomer), summary="A customer's credit")
async def show_credit(customer_id: UUID, ctx: Ctx, _caller: Reader, pages: Pages) -> CreditBody:
    async with ctx.database.reading(Role.WORK) as tx:
        await customers.get_customer(tx, customer_id)
        return await _credit(tx, customer_id, pages)


@staff_router.post(
    "/{customer_id}/credit/adjustments",
    status_code=201,
    responses=problem.responses(
        *DENIALS, customers.UnknownCustomer, ledger.NotEnoughCredit, ledger.MonthClosed, ledger.RateMissing, KeyInUse, KeyReused
    ),
    summary="Give or take credit",
)
async def adjust_customer_credit(customer_id: UUID, body: AdjustmentBody, ctx: Ctx, caller: Manager, pages: Pages) -> CreditBody:
    """With its reason in the audit log. It is booked against the house, not against an invoice."""
    now, amount = ctx.clock.now(), money_of(body.amount, "amount")
    if amount is None:
        raise Invalid(fields={"amount": "how much"})
    async with ctx.database.writing(Role.WORK) as tx:
        await customers.get_customer(tx, customer_id)
        adjustment_id = await adjust_credit(tx, customer_id, amount=amount, on=today(ctx), now=now)
        await identity.audit(
            tx,
            actor=actor_of(caller),
            action="credit.adjusted",
            object_type=ADJUSTMENT,
            object_id=adjustment_id,
            customer_id=customer_id,
            reason=body.reason,
            detail={"amount_minor": amount.minor, "currency": amount.currency},
            now=now,
        )
        return await _credit(tx, customer_id, pages)


async def _credit(tx: ReadTx, customer_id: UUID, pages: Paging) -> CreditBody:
    """The books are read by the role that sees all; the customer is in every condition."""
    credit = await ledger.credit_of(tx, customer_id)
    balances = [
        BalanceBody(credit=MoneyBody.of(amount), free=MoneyBody.of(await free_credit(tx, customer_id, currency)))
        for currency, amount in credit.items()
    ]
    page = pages.page(await ledger.credit_entries(tx, pages, customer_id=customer_id), CreditEntryBody.of, lambda entry: entry.journal_id)
    return CreditBody(balances=balances, items=page.items, next_cursor=page.next_cursor)

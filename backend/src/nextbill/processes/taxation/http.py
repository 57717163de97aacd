"""A customer's own tax id, and staff's correction of an invoice."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from nextbill.capabilities import customers, tax
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.processes.taxation.commands import apply_task
from nextbill.processes.taxation.commands.correct import NothingToCorrect
from nextbill.runtime.database import ReadTx, Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, CustomerCaller, NotAuthenticated, NotPermitted, needs, own_id
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.shapes import Body

router = APIRouter(route_class=IdempotentRoute)
Manager = Annotated[Caller, Depends(needs("tax.manage"))]
_DENIALS = (NotAuthenticated, NotPermitted, Invalid)


class OwnTaxIdBody(BaseModel):
    """`state`: none · pending (being checked) · valid · invalid · unavailable (the register does not answer: VAT is charged, and corrected once it
    does) · stale (checked too long ago, being checked again) · unchecked (of a country where nobody is asked)."""

    tax_id: str | None = Field(examples=["FR40303265045"])
    state: tax.IdState
    checked_at: datetime | None


class TaxIdBody(Body):
    """null takes it out. Giving one makes the profile a business's."""

    tax_id: str | None = Field(max_length=40, examples=["FR40303265045"])


class CorrectedBody(BaseModel):
    """The task is done; `note` names the new invoice."""

    id: UUID
    state: str
    note: str | None


@router.get("/customers/me/tax-id", tags=["customers"], responses=problem.responses(*_DENIALS, customers.UnknownCustomer))
async def read_own_tax_id(caller: CustomerCaller, ctx: Ctx) -> OwnTaxIdBody:
    """The tax id and whether the register knows it."""
    async with ctx.database.reading(Role.APP, customer_id=own_id(caller)) as tx:
        return await _own(tx, own_id(caller), ctx)


@router.put("/customers/me/tax-id", tags=["customers"], responses=problem.responses(*_DENIALS, customers.UnknownCustomer))
async def put_own_tax_id(body: TaxIdBody, caller: CustomerCaller, ctx: Ctx) -> OwnTaxIdBody:
    """Its form is checked here, its existence a moment later: ask again for the answer."""
    customer_id = own_id(caller)
    async with ctx.database.writing(Role.APP, customer_id=customer_id) as tx:
        changes: customers.ProfileChanges = {"tax_id": body.tax_id or None}
        if body.tax_id:
            changes["status"] = "business"
        await customers.update_profile(tx, customer_id=customer_id, changes=changes, now=ctx.clock.now())
        return await _own(tx, customer_id, ctx)


@router.post(
    "/admin/tax/tasks/{task_id}/correct",
    tags=["admin"],
    responses=problem.responses(*_DENIALS, tax.TaxTaskNotFound, tax.TaxTaskClosed, NothingToCorrect, KeyInUse, KeyReused),
    summary="Correct an invoice to reverse charge",
)
async def correct_by_task(task_id: UUID, ctx: Ctx, caller: Manager) -> CorrectedBody:
    """A credit note over what is left of the invoice, and a new one without VAT; what the VAT was becomes the customer's credit."""
    async with ctx.database.writing(Role.WORK) as tx:
        done = await apply_task(tx, task_id, actor=f"staff:{caller.login_id}", zone=ctx.settings.company_time_zone, now=ctx.clock.now())
    return CorrectedBody(id=done.id, state=done.state, note=done.note)


async def _own(tx: ReadTx, customer_id: UUID, ctx: Context) -> OwnTaxIdBody:
    customer = await customers.get_customer(tx, customer_id)
    on = business_date(ctx.clock.now(), ctx.settings.company_time_zone)
    where = customer.address
    buyer = tax.territory(where.country if where else "", where.postal_code if where else None)
    state = await tax.id_state(tx, customer_id, tax_id=customer.tax_id, buyer=buyer, on=on, policy=await tax.policy_on(tx, on))
    known = await tax.find_tax_id(tx, customer_id)
    checked_at = known.checked_at if known and known.tax_id == customer.tax_id else None
    return OwnTaxIdBody(tax_id=customer.tax_id, state=state, checked_at=checked_at)

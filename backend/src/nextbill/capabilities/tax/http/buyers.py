"""Staff: customers' tax ids, exemptions, and the evidence of where they are."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from nextbill.capabilities import identity
from nextbill.capabilities.tax.commands.exemptions import end_exemption, grant_exemption
from nextbill.capabilities.tax.commands.ids import check_again
from nextbill.capabilities.tax.commands.tasks import close_task
from nextbill.capabilities.tax.errors import ExemptionNotFound, TaxIdNotFound, TaxTaskClosed, TaxTaskNotFound
from nextbill.capabilities.tax.http.shapes import (
    CloseTask,
    EndExemption,
    EvidenceBody,
    ExemptionBody,
    IdCheckBody,
    NewExemption,
    TaskBody,
    TaxedBuyerBody,
    TaxIdBody,
)
from nextbill.capabilities.tax.queries.buyers import checks_of, evidence_of_customer, exemptions_of, find_tax_id, tax_ids
from nextbill.capabilities.tax.queries.tasks import TaskState, list_tasks
from nextbill.kernel.errors import Invalid
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/admin/tax", tags=["admin"])
Reader = Annotated[Caller, Depends(needs("tax.read"))]
Manager = Annotated[Caller, Depends(needs("tax.manage"))]
_DENIALS = (NotAuthenticated, NotPermitted, Invalid)
StateFilter = Annotated[Literal["pending", "valid", "invalid", "unavailable", "unchecked"] | None, Query()]


@router.get("/ids", responses=problem.responses(*_DENIALS), summary="Tax ids and what is known of them")
async def list_tax_ids(ctx: Ctx, _caller: Reader, pages: Pages, state: StateFilter = None) -> Page[TaxIdBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        found = await tax_ids(tx, state=state, after=pages.after, limit=pages.limit)
    return pages.page(found, TaxIdBody.of, lambda item: item.customer_id)


@router.get("/customers/{customer_id}", responses=problem.responses(*_DENIALS), summary="All that tax knows of a customer")
async def show_buyer(customer_id: UUID, ctx: Ctx, _caller: Reader) -> TaxedBuyerBody:
    async with ctx.database.reading(Role.WORK) as tx:
        known = await find_tax_id(tx, customer_id)
        return TaxedBuyerBody(
            tax_id=TaxIdBody.of(known) if known else None,
            checks=[IdCheckBody.of(check) for check in await checks_of(tx, customer_id, cipher=ctx.cipher)],
            exemptions=[ExemptionBody.of(found) for found in await exemptions_of(tx, customer_id)],
            evidence=[EvidenceBody.of(found) for found in await evidence_of_customer(tx, customer_id)],
        )


@router.post("/customers/{customer_id}/check", status_code=202, responses=problem.responses(*_DENIALS, TaxIdNotFound), summary="Check a tax id now")
async def check_tax_id(customer_id: UUID, ctx: Ctx, caller: Manager) -> TaxIdBody:
    """Asks the register again, whatever is known. The answer shows as soon as it is there."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        await check_again(tx, customer_id=customer_id, now=now)
        subject: dict[str, Any] = {"object_type": "tax_id", "object_id": customer_id, "customer_id": customer_id}
        await identity.audit(tx, actor=_actor(caller), action="tax.id_checked", **subject, now=now)
        known = await find_tax_id(tx, customer_id)
    if known is None:
        raise TaxIdNotFound
    return TaxIdBody.of(known)


@router.post("/customers/{customer_id}/exemptions", status_code=201, responses=problem.responses(*_DENIALS), summary="Grant an exemption")
async def grant_new_exemption(customer_id: UUID, body: NewExemption, ctx: Ctx, caller: Manager) -> ExemptionBody:
    """By a certificate that you have seen: the customer bears no tax of that country from its first to its last day."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        made = await grant_exemption(tx, customer_id=customer_id, **body.model_dump(exclude={"reason"}), actor=_actor(caller), now=now)
        subject: dict[str, Any] = {"object_type": "tax_exemption", "object_id": made.id, "customer_id": customer_id, "reason": body.reason}
        await identity.audit(tx, actor=_actor(caller), action="tax.exemption_granted", **subject, now=now)
    return ExemptionBody.of(made)


@router.post("/exemptions/{exemption_id}/end", responses=problem.responses(*_DENIALS, ExemptionNotFound), summary="End an exemption")
async def end_existing_exemption(exemption_id: UUID, body: EndExemption, ctx: Ctx, caller: Manager) -> ExemptionBody:
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        ended = await end_exemption(tx, exemption_id, last_day=body.last_day)
        subject: dict[str, Any] = {"object_type": "tax_exemption", "object_id": exemption_id, "customer_id": ended.customer_id, "reason": body.reason}
        await identity.audit(tx, actor=_actor(caller), action="tax.exemption_ended", **subject, now=now)
    return ExemptionBody.of(ended)


@router.get("/tasks", responses=problem.responses(*_DENIALS), summary="What about tax needs a person")
async def list_all_tasks(ctx: Ctx, _caller: Reader, pages: Pages, state: Annotated[TaskState | None, Query()] = None) -> Page[TaskBody]:
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_tasks(tx, pages, state=state)
    return pages.page(found, TaskBody.of, lambda item: item.id)


@router.post("/tasks/{task_id}/close", responses=problem.responses(*_DENIALS, TaxTaskNotFound, TaxTaskClosed), summary="Close a task")
async def close_open_task(task_id: UUID, body: CloseTask, ctx: Ctx, caller: Manager) -> TaskBody:
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        closed = await close_task(tx, task_id, state=body.state, note=body.note, actor=_actor(caller), now=now)
        subject: dict[str, Any] = {"object_type": "tax_task", "object_id": task_id, "customer_id": closed.customer_id, "reason": body.note}
        await identity.audit(tx, actor=_actor(caller), action=f"tax.task_{body.state}", **subject, now=now)
    return TaskBody.of(closed)


def _actor(caller: Caller) -> str:
    return f"staff:{caller.login_id}"

"""Staff: orders and what became of them, what waits for a hand, and the two buttons. Every deed asks for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from nextbill.capabilities import orders
from nextbill.capabilities.admin.commands import declare_undone, requeue_job, retry_step
from nextbill.capabilities.admin.errors import JobNotFailed, StepNotFound, StepNotInDoubt, StepNotParked
from nextbill.capabilities.admin.http import clock, customers, overview
from nextbill.capabilities.admin.http.bodies import (
    FailedJobBody,
    FailedJobsPage,
    FindingBody,
    InvariantsBody,
    OrderItemBody,
    ParkedBody,
    ReasonBody,
    TimelineBody,
)
from nextbill.capabilities.admin.queries.orders import list_orders
from nextbill.capabilities.admin.queries.parked import list_parked
from nextbill.capabilities.admin.queries.timeline import timeline
from nextbill.kernel.errors import Invalid
from nextbill.runtime import invariants, jobs
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Ctx
from nextbill.runtime.web.paging import Page, Pages

DENIALS = (NotAuthenticated, NotPermitted, Invalid)
ReadsOrders = Annotated[Caller, Depends(needs("orders.read_all"))]
ReadsJobs = Annotated[Caller, Depends(needs("jobs.read"))]
ManagesJobs = Annotated[Caller, Depends(needs("jobs.manage"))]
ReadsInvariants = Annotated[Caller, Depends(needs("invariants.read"))]
State = Literal["pending", "paid", "completed", "cancelled"]
Search = Annotated[str | None, Query(max_length=254, pattern=r"^[^\x00-\x1f]*$", description="part of a number, an e-mail address or a domain name")]
JobNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]


def make_router(rules: Sequence[invariants.Invariant]) -> APIRouter:
    """`rules`: the invariants of the whole product, which only wiring knows."""
    router = APIRouter(prefix="/admin", tags=["admin"])
    _orders(router)
    _waiting(router)
    _buttons(router)
    router.include_router(overview.router)
    router.include_router(customers.router)
    router.include_router(clock.router)

    @router.get("/invariants", operation_id="check_invariants", responses=problem.responses(*DENIALS))
    async def check_invariants(ctx: Ctx, _caller: ReadsInvariants) -> InvariantsBody:
        """The rules that must always hold, checked now; each in a read-only transaction of its own."""
        findings = await invariants.check(ctx.database, ctx.clock, rules)
        bodies = [FindingBody(name=found.invariant, promise=found.promise, violations=found.violations) for found in findings]
        return InvariantsBody(checked_at=ctx.clock.now(), hold=not any(found.violations for found in findings), invariants=bodies)

    return router


def _orders(router: APIRouter) -> None:
    @router.get("/orders", operation_id="list_all_orders", responses=problem.responses(*DENIALS))
    async def list_all_orders(
        ctx: Ctx,
        _caller: ReadsOrders,
        pages: Pages,
        state: Annotated[State | None, Query()] = None,
        q: Search = None,
        customer_id: Annotated[UUID | None, Query(description="only this customer's")] = None,
    ) -> Page[OrderItemBody]:
        async with ctx.database.reading(Role.WORK) as tx:
            rows = await list_orders(tx, pages, state=state, search=q, customer_id=customer_id)
        return pages.page(rows, OrderItemBody.of, lambda row: row.id)

    @router.get("/orders/{order_id}/timeline", operation_id="show_order_timeline", responses=problem.responses(*DENIALS, orders.OrderNotFound))
    async def show_order_timeline(ctx: Ctx, _caller: ReadsOrders, order_id: UUID) -> TimelineBody:
        """Everything of an order, newest first, who acts next, and its jobs that wait, run or failed."""
        async with ctx.database.reading(Role.WORK) as tx:
            return TimelineBody.of(await timeline(tx, order_id))


def _waiting(router: APIRouter) -> None:
    @router.get("/parked", operation_id="list_parked_steps", responses=problem.responses(*DENIALS))
    async def list_parked_steps(ctx: Ctx, _caller: ReadsJobs, pages: Pages) -> Page[ParkedBody]:
        """Steps whose tries are used up or whose cause is ours to mend. Nothing of them is refunded by itself."""
        async with ctx.database.reading(Role.WORK) as tx:
            rows = await list_parked(tx, pages)
        return pages.page(rows, ParkedBody.of, lambda row: row.step_id)

    @router.get("/jobs/failed", operation_id="list_failed_jobs", responses=problem.responses(*DENIALS))
    async def list_failed_jobs(
        ctx: Ctx,
        _caller: ReadsJobs,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next_before` of the page before")] = None,
    ) -> FailedJobsPage:
        """Jobs whose tries are used up, newest first, with their last error."""
        async with ctx.database.reading(Role.WORK) as tx:
            rows = await jobs.failed(tx, before=before, limit=limit + 1)
        following = rows[limit - 1].id if len(rows) > limit else None
        return FailedJobsPage(items=[FailedJobBody.of(row) for row in rows[:limit]], next_before=following)


def _buttons(router: APIRouter) -> None:
    @router.post(
        "/steps/{step_id}/retry", operation_id="retry_step", status_code=202, responses=problem.responses(*DENIALS, StepNotFound, StepNotParked)
    )
    async def retry(ctx: Ctx, caller: ManagesJobs, step_id: UUID, body: ReasonBody) -> None:
        """Takes a parked step up again, once its cause is mended. It looks first unless the last try certainly did nothing."""
        async with ctx.database.writing(Role.WORK) as tx:
            await retry_step(tx, step_id, actor=f"staff:{caller.login_id}", reason=body.reason, now=ctx.clock.now())

    @router.post(
        "/steps/{step_id}/declare-undone",
        operation_id="declare_step_undone",
        status_code=202,
        responses=problem.responses(*DENIALS, StepNotFound, StepNotInDoubt),
    )
    async def declare(ctx: Ctx, caller: ManagesJobs, step_id: UUID, body: ReasonBody) -> None:
        """For a partner that cannot be asked any more: staff has looked there by hand and found nothing. Then it can be cancelled, or sent anew."""
        async with ctx.database.writing(Role.WORK) as tx:
            await declare_undone(tx, step_id, actor=f"staff:{caller.login_id}", reason=body.reason, now=ctx.clock.now())

    @router.post("/jobs/{job_id}/requeue", operation_id="requeue_job", status_code=202, responses=problem.responses(*DENIALS, JobNotFailed))
    async def requeue(ctx: Ctx, caller: ManagesJobs, job_id: JobNumber, body: ReasonBody) -> None:
        """Runs a failed job again, with fresh tries."""
        async with ctx.database.writing(Role.WORK) as tx:
            await requeue_job(tx, job_id, actor=f"staff:{caller.login_id}", reason=body.reason, now=ctx.clock.now())

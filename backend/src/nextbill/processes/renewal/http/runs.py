"""Billing runs for staff: history, what each did to whom, a run now with a dry run first, what waits for a look, and the calendar."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from nextbill.capabilities import subscriptions
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.processes.renewal import commands, queries
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.idempotency import IdempotentRoute, KeyInUse, KeyReused
from nextbill.runtime.web.paging import DEFAULT, MAXIMUM, Page, Pages
from nextbill.runtime.web.shapes import Body, MoneyBody

router = APIRouter(prefix="/admin", tags=["admin"], route_class=IdempotentRoute)
Manager = Annotated[Caller, Depends(needs("subscriptions.manage"))]
DENIALS = (NotAuthenticated, NotPermitted, Invalid)
CHANGES = (*DENIALS, KeyInUse, KeyReused)


class RunSumBody(BaseModel):
    """A run's invoices in one currency."""

    invoices: int
    net: MoneyBody
    tax: MoneyBody
    total: MoneyBody

    @classmethod
    def of(cls, one: subscriptions.RunSum) -> RunSumBody:
        return cls(invoices=one.invoices, net=MoneyBody.of(one.net), tax=MoneyBody.of(one.tax), total=MoneyBody.of(one.total))


class RunBody(BaseModel):
    """Everything due by the day `on`. `lines` are periods on invoices, `free` those for which nothing was to be paid, `set_aside` what waits for staff.
    `max_lines`: the limit after which it stops. After a stopped run none starts by itself."""

    id: UUID
    on: date
    status: Literal["running", "done", "stopped"]
    started_by: str = Field(examples=["system"])
    max_lines: int | None
    stopped_because: str | None
    started_at: datetime
    ended_at: datetime | None
    lines: int
    free: int
    set_aside: int
    sums: list[RunSumBody]

    @classmethod
    def of(cls, run: subscriptions.Run) -> RunBody:
        names = ("id", "on", "started_by", "max_lines", "stopped_because", "started_at", "ended_at", "lines", "free", "set_aside")
        return cls(**{name: getattr(run, name) for name in names}, status=run.state, sums=[RunSumBody.of(one) for one in run.sums])


class RunLineBody(BaseModel):
    """A period that the run has billed. `invoice_number` and `invoice_status` as the invoice is now; null where nothing was to be paid."""

    subscription_id: UUID
    customer_id: UUID
    plan_name: str
    period_index: int
    period_start: date
    period_end: date
    invoice_id: UUID | None
    invoice_number: str | None = Field(examples=["INV-2027-000042"])
    invoice_status: str | None = Field(examples=["open"])
    total: MoneyBody | None

    @classmethod
    def of(cls, sold: queries.LineSold) -> RunLineBody:
        line = sold.line
        return cls(
            subscription_id=line.subscription_id,
            customer_id=line.customer_id,
            plan_name=line.plan_name,
            period_index=line.index,
            period_start=line.period.start,
            period_end=line.period.end,
            invoice_id=line.invoice_id,
            invoice_number=sold.number,
            invoice_status=sold.state,
            total=MoneyBody.of(sold.total) if sold.total else None,
        )


class AsideBody(BaseModel):
    """`late`: too much is overdue to be billed without a look. `refused`: it cannot be billed as it is."""

    subscription_id: UUID
    customer_id: UUID
    plan_name: str
    kind: Literal["late", "refused"]
    error: str
    at: datetime | None
    next_bill_on: date | None


class RunOrder(Body):
    """`dry_run`: says what a run would do, and writes nothing. `max_lines`: stop after about so many."""

    dry_run: bool = False
    max_lines: int | None = Field(None, ge=1, le=10_000_000)


class DryRunBody(BaseModel):
    """What a run would do now. `more`: there is more than was looked at. `names`: so many of them are renewals of names; `asides` shows subscriptions only."""

    lines: int
    free: int
    set_aside: int
    sums: list[RunSumBody]
    asides: list[AsideBody]
    more: bool
    names: int


class StartedBody(BaseModel):
    """`run` is null for a dry run, `would` for a real one."""

    run: RunBody | None
    would: DryRunBody | None


class ReasonBody(Body):
    reason: str = Field(min_length=3, max_length=500)


class DayBody(BaseModel):
    """What happens on a day. `amount`: of renewals the list prices before coupons and tax, of charges what is to be collected; else zero. `name`: names
    whose renewal is invoiced by itself."""

    day: date
    what: Literal["renewal", "end", "change", "trial_end", "resume", "charge", "name"]
    count: int
    amount: MoneyBody


class CalendarBody(BaseModel):
    """By day, kind and currency. Each subscription counts with its next event only; what is overdue stands on the first day."""

    days: list[DayBody]


@router.get("/billing-runs", operation_id="list_billing_runs", responses=problem.responses(*DENIALS))
async def list_runs(ctx: Ctx, _caller: Manager, paging: Pages) -> Page[RunBody]:
    """Newest first."""
    async with ctx.database.reading(Role.WORK) as tx:
        return paging.page(await subscriptions.list_runs(tx, paging), RunBody.of, lambda run: run.id)


@router.post("/billing-runs", operation_id="start_billing_run", status_code=201, responses=problem.responses(subscriptions.RunUnderWay, *CHANGES))
async def start(ctx: Ctx, caller: Manager, body: RunOrder) -> StartedBody:
    """Bills what is due today, as the run at night does; also after one that was stopped. With `dry_run` only says what it would do."""
    now, today = _moment(ctx)
    if body.dry_run:
        async with ctx.database.reading(Role.WORK) as tx:
            return StartedBody(
                run=None, would=_would(await commands.rehearse(tx, on=today, days=queries.days_of(ctx.settings), max_lines=body.max_lines))
            )
    async with ctx.database.writing(Role.WORK) as tx:
        run_id = await commands.begin_run(tx, on=today, by=f"staff:{caller.login_id}", now=now, max_lines=body.max_lines)
        run = await subscriptions.find_run(tx, run_id)
        return StartedBody(run=RunBody.of(run) if run else None, would=None)


@router.get("/billing-runs/set-aside", operation_id="list_billing_set_aside", responses=problem.responses(*DENIALS))
async def set_aside(ctx: Ctx, _caller: Manager, paging: Pages) -> Page[AsideBody]:
    """What runs have set aside and staff has not looked at yet. `POST /admin/subscriptions/{id}/mend` has it billed again."""
    async with ctx.database.reading(Role.WORK) as tx:
        return paging.page(await subscriptions.list_set_aside(tx, paging), _aside, lambda one: one.subscription_id)


@router.post(
    "/billing-runs/set-aside/{subscription_id}/bill",
    operation_id="bill_set_aside",
    status_code=204,
    responses=problem.responses(subscriptions.SubscriptionNotFound, subscriptions.NotSetAside, *CHANGES),
)
async def bill_late(ctx: Ctx, caller: Manager, subscription_id: UUID, body: ReasonBody) -> None:
    """Staff has looked: the next run bills all that began by today, however late."""
    now, today = _moment(ctx)
    by = subscriptions.By(f"staff:{caller.login_id}", body.reason)
    async with ctx.database.writing(Role.WORK) as tx:
        await subscriptions.allow_late(tx, subscription_id, by=by, today=today, now=now)


@router.get("/billing-runs/{run_id}", operation_id="read_billing_run", responses=problem.responses(subscriptions.RunNotFound, *DENIALS))
async def read_run(ctx: Ctx, _caller: Manager, run_id: UUID) -> RunBody:
    async with ctx.database.reading(Role.WORK) as tx:
        run = await subscriptions.find_run(tx, run_id)
    if run is None:
        raise subscriptions.RunNotFound
    return RunBody.of(run)


@router.get("/billing-runs/{run_id}/lines", operation_id="list_billing_run_lines", responses=problem.responses(subscriptions.RunNotFound, *DENIALS))
async def list_lines(
    ctx: Ctx,
    _caller: Manager,
    run_id: UUID,
    limit: Annotated[int, Query(ge=1, le=MAXIMUM)] = DEFAULT,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> Page[RunLineBody]:
    """What it did to whom, in the order of its chunks."""
    async with ctx.database.reading(Role.WORK) as tx:
        if await subscriptions.find_run(tx, run_id) is None:
            raise subscriptions.RunNotFound
        lines = await subscriptions.run_lines(tx, run_id, after=_place(cursor) if cursor else None, limit=limit + 1)
        shown = await queries.with_invoices(tx, lines[:limit])
    following = _cursor(lines[limit - 1]) if len(lines) > limit else None
    return Page(items=[RunLineBody.of(one) for one in shown], next_cursor=following)


@router.post(
    "/billing-runs/{run_id}/stop",
    operation_id="stop_billing_run",
    responses=problem.responses(subscriptions.RunNotFound, subscriptions.RunNotRunning, *CHANGES),
)
async def stop(ctx: Ctx, caller: Manager, run_id: UUID, body: ReasonBody) -> RunBody:
    """What is being written this moment is finished; no run starts by itself until staff starts one."""
    async with ctx.database.writing(Role.WORK) as tx:
        await subscriptions.stop_run(tx, run_id, because=f"staff:{caller.login_id}: {body.reason}", now=ctx.clock.now())
        run = await subscriptions.find_run(tx, run_id)
    if run is None:
        raise subscriptions.RunNotFound
    return RunBody.of(run)


@router.get("/billing-calendar", operation_id="read_billing_calendar", responses=problem.responses(*DENIALS))
async def read_calendar(
    ctx: Ctx, _caller: Manager, first: Annotated[date | None, Query(alias="from")] = None, last: Annotated[date | None, Query(alias="to")] = None
) -> CalendarBody:
    """Renewals, ends, changes, trials, pauses and charges by day: from today, for a month, unless said otherwise."""
    begin = first or _moment(ctx)[1]
    end = last or begin + timedelta(days=31)
    if not begin <= end <= begin + timedelta(days=queries.LONGEST):
        raise Invalid(fields={"to": f"on or after `from`, at most {queries.LONGEST} days later"})
    async with ctx.database.reading(Role.WORK) as tx:
        found = await queries.calendar(tx, first=begin, last=end, ahead=ctx.settings.domain_renewal_days)
    return CalendarBody(days=[DayBody(day=one.day, what=one.what, count=one.count, amount=MoneyBody.of(one.amount)) for one in found])


def _moment(ctx: Context) -> tuple[datetime, date]:
    now = ctx.clock.now()
    return now, business_date(now, ctx.settings.company_time_zone)


def _would(found: commands.Rehearsal) -> DryRunBody:
    asides = [
        AsideBody(
            subscription_id=one.subscription_id,
            customer_id=one.customer_id,
            plan_name=one.plan_name,
            kind=one.kind,
            error=one.reason,
            at=None,
            next_bill_on=None,
        )
        for one in found.asides
    ]
    sums = [RunSumBody.of(one) for one in found.sums]
    return DryRunBody(lines=found.lines, free=found.free, set_aside=found.set_aside, sums=sums, asides=asides, more=found.more, names=found.names)


def _aside(one: subscriptions.SetAside) -> AsideBody:
    names = ("subscription_id", "customer_id", "plan_name", "kind", "error", "at", "next_bill_on")
    return AsideBody(**{name: getattr(one, name) for name in names})


def _cursor(line: subscriptions.RunLine) -> str:
    place = line.chunk_id.bytes + line.subscription_id.bytes + line.index.to_bytes(4)
    return base64.urlsafe_b64encode(place).decode()


def _place(cursor: str) -> subscriptions.LinePlace:
    try:
        place = base64.urlsafe_b64decode(cursor)
        return UUID(bytes=place[:16]), UUID(bytes=place[16:32]), int.from_bytes(place[32:36])
    except (ValueError, binascii.Error):
        raise Invalid(fields={"cursor": "not a cursor of this list: start again without one"}) from None

"""Reads of billing runs, of what waits for staff, and of what will fall due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import exists, func, select, text

from nextbill.capabilities.subscriptions.models import ChunkRow, RunRow, SubscriptionRow, SumRow
from nextbill.capabilities.subscriptions.rules import AsideKind, RunSum
from nextbill.kernel.money import Money
from nextbill.kernel.period import Period
from nextbill.runtime.bulk import Uuids
from nextbill.runtime.database import ReadTx, Tx
from nextbill.runtime.web.paging import Paging

RunState = Literal["running", "done", "stopped"]
Happening = Literal["renewal", "end", "change", "trial_end", "resume"]


@dataclass(frozen=True, slots=True)
class Run:
    """`on`: everything due by that day. `lines` and `sums` are of its invoices; `free`: periods for which nothing was to be paid."""

    id: UUID
    on: date
    state: RunState
    started_by: str
    max_lines: int | None
    stopped_because: str | None
    started_at: datetime
    ended_at: datetime | None
    lines: int
    free: int
    set_aside: int
    sums: tuple[RunSum, ...]


@dataclass(frozen=True, slots=True)
class RunLine:
    """A period that a run has billed; no invoice where nothing was to be paid."""

    chunk_id: UUID
    subscription_id: UUID
    customer_id: UUID
    plan_name: str
    index: int
    period: Period
    invoice_id: UUID | None
    line_id: UUID | None


@dataclass(frozen=True, slots=True)
class SetAside:
    """`late`: too much is overdue to be billed without a look; `refused`: it cannot be billed as it is."""

    subscription_id: UUID
    customer_id: UUID
    plan_name: str
    kind: AsideKind
    error: str
    at: datetime
    next_bill_on: date | None


@dataclass(frozen=True, slots=True)
class DayDue:
    """What happens on a day. `amount`: list prices of what is renewed, before coupons and tax; zero for the rest."""

    day: date
    what: Happening
    count: int
    amount: Money


LinePlace = tuple[UUID, UUID, int]
"""(chunk, subscription, index): the order of a run's lines."""


async def find_run(tx: ReadTx, run_id: UUID) -> Run | None:
    row = (await tx.execute(select(RunRow).where(RunRow.id == run_id), execution_options={"populate_existing": True})).scalar_one_or_none()
    return (await _with_sums(tx, [row]))[0] if row else None


async def list_runs(tx: ReadTx, paging: Paging) -> list[Run]:
    """Newest first."""
    return await _with_sums(tx, (await tx.execute(paging.apply(select(RunRow), RunRow.id))).scalars().all())


async def latest_run(tx: ReadTx) -> RunRow | None:
    latest = select(RunRow).order_by(RunRow.id.desc()).limit(1)
    return (await tx.execute(latest, execution_options={"populate_existing": True})).scalar_one_or_none()


async def running_run(tx: ReadTx, run_id: UUID) -> RunRow | None:
    """None where it was ended or stopped meanwhile."""
    found = select(RunRow).where(RunRow.id == run_id, RunRow.state == "running")
    return (await tx.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()


async def lines_so_far(tx: ReadTx, run_id: UUID) -> int:
    """Of invoices and of free periods: what the brake counts."""
    counted = select(func.coalesce(func.sum(ChunkRow.lines + ChunkRow.free), 0)).where(ChunkRow.run_id == run_id)
    return int((await tx.execute(counted)).scalar_one())


async def has_billed(tx: ReadTx, run_id: UUID) -> bool:
    """Whether anything of it is on an invoice yet."""
    return bool((await tx.execute(select(exists().where(ChunkRow.run_id == run_id, ChunkRow.lines > 0)))).scalar_one())


async def _with_sums(tx: ReadTx, rows: Sequence[RunRow]) -> list[Run]:
    ids = [row.id for row in rows]
    counts = select(ChunkRow.run_id, func.sum(ChunkRow.lines), func.sum(ChunkRow.free), func.sum(ChunkRow.set_aside))
    counted = {
        row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in await tx.execute(counts.where(ChunkRow.run_id.in_(ids)).group_by(ChunkRow.run_id))
    }
    amounts = select(ChunkRow.run_id, SumRow.currency, func.sum(SumRow.invoices), func.sum(SumRow.net_minor), func.sum(SumRow.tax_minor))
    joined = amounts.join(ChunkRow, ChunkRow.id == SumRow.chunk_id).where(ChunkRow.run_id.in_(ids))
    sums: dict[UUID, list[RunSum]] = {id_: [] for id_ in ids}
    for run_id, currency, invoices, net, tax in await tx.execute(joined.group_by(ChunkRow.run_id, SumRow.currency).order_by(SumRow.currency)):
        sums[run_id].append(RunSum(int(invoices), Money(int(net), currency), Money(int(tax), currency)))
    return [_run(row, counted.get(row.id, (0, 0, 0)), sums[row.id]) for row in rows]


def _run(row: RunRow, counted: tuple[int, int, int], sums: Sequence[RunSum]) -> Run:
    lines, free, aside = counted
    state = cast("RunState", row.state)
    return Run(
        row.id, row.on_day, state, row.started_by, row.max_lines, row.stopped_because, row.started_at, row.ended_at, lines, free, aside, tuple(sums)
    )


# A chunk is sorted for its page, and its subscriptions are looked up for the page alone.
_LINES = text(
    "with shown as materialized ("
    "select chunk_id, subscription_id, customer_id, period_index, period_start, period_end, invoice_id, line_id from subscriptions_period "
    "where chunk_id = :chunk and (subscription_id, period_index) > (:subscription, :index) order by subscription_id, period_index limit :limit) "
    "select p.*, s.plan_name from shown p join subscriptions_subscription s on s.id = p.subscription_id order by p.subscription_id, p.period_index"
)
_CHUNKS = text("select id, lines + free as n from subscriptions_run_chunk where run_id = :run and id >= :chunk order by id")


async def run_lines(tx: ReadTx, run_id: UUID, *, after: LinePlace | None, limit: int) -> list[RunLine]:
    """In the order in which they were billed, by chunks. What was voided since has no line any more."""
    chunk, subscription, index = after or (UUID(int=0), UUID(int=0), -1)
    found: list[RunLine] = []
    for one in (await tx.execute(_CHUNKS, {"run": run_id, "chunk": chunk})).all():
        if not one.n:
            continue
        begins = (subscription, index) if one.id == chunk else (UUID(int=0), -1)
        place = {"chunk": one.id, "subscription": begins[0], "index": begins[1], "limit": limit - len(found)}
        for row in await tx.execute(_LINES, place):
            ids = (row.chunk_id, row.subscription_id, row.customer_id)
            found.append(RunLine(*ids, row.plan_name, row.period_index, Period(row.period_start, row.period_end), row.invoice_id, row.line_id))
        if len(found) >= limit:
            break
    return found


async def list_set_aside(tx: ReadTx, paging: Paging) -> list[SetAside]:
    """The youngest subscriptions first."""
    waiting = select(SubscriptionRow).where(SubscriptionRow.billing_error.is_not(None))
    rows = (await tx.execute(paging.apply(waiting, SubscriptionRow.id))).scalars()
    return [
        SetAside(
            row.id, row.customer_id, row.plan_name, cast("AsideKind", row.billing_error_kind or "refused"), row.billing_error or "",
            row.billing_error_at or row.created_at, row.next_bill_on,
        )
        for row in rows
    ]  # fmt: skip


_CALENDAR = text(
    """select greatest(next_bill_on, cast(:first as date)) as day, 'renewal' as what, currency, count(*) as n, sum(price_minor) as amount
         from subscriptions_subscription where state in ('trialing','active','past_due') and billing_error is null and next_bill_on is not null
         and next_bill_on <= :last group by 1, 3
       union all select greatest(cancel_on, cast(:first as date)), 'end', currency, count(*), 0 from subscriptions_subscription
         where cancel_on is not null and state in ('trialing','active','past_due','paused','suspended') and cancel_on <= :last group by 1, 3
       union all select period_end, 'trial_end', currency, count(*), 0 from subscriptions_subscription
         where state = 'trialing' and period_end between :first and :last group by 1, 3
       union all select greatest(resume_on, cast(:first as date)), 'resume', currency, count(*), 0 from subscriptions_subscription
         where state = 'paused' and resume_on is not null and resume_on <= :last group by 1, 3
       union all select greatest(effective_on, cast(:first as date)), 'change', currency, count(*), 0 from subscriptions_change
         where state = 'scheduled' and effective_on <= :last group by 1, 3
       order by 1, 2, 3"""
)


async def calendar(tx: ReadTx, *, first: date, last: date) -> list[DayDue]:
    """By day, kind and currency, both days included; what is overdue counts on the first one. As it stands now: each subscription's next event only."""
    rows = await tx.execute(_CALENDAR, {"first": first, "last": last})
    return [DayDue(row.day, cast("Happening", row.what), int(row.n), Money(int(row.amount), row.currency)) for row in rows]


@dataclass(frozen=True, slots=True)
class BilledInvoice:
    """`sent`: its customer pays by invoice, so it is mailed."""

    invoice_id: UUID
    customer_id: UUID
    sent: bool


_BILLED = text(
    "select p.invoice_id, p.customer_id, bool_or(s.collection = 'invoice') as sent from subscriptions_period p "
    "join subscriptions_subscription s on s.id = p.subscription_id "
    "where p.chunk_id = :chunk and p.invoice_id is not null and p.invoice_id > :after and (not :mailed or s.collection = 'invoice') "
    "group by 1, 2 order by 1 limit :limit"
)
_LASTING = text(
    "select b.until, array_send(array_agg(b.order_line_id)) as order_lines from ("
    "select s.order_line_id, max(p.period_end) as until from subscriptions_period p join subscriptions_subscription s on s.id = p.subscription_id "
    "where p.chunk_id = :chunk group by 1) b group by 1"
)
_LANE = text("select pg_try_advisory_xact_lock(hashtext('subscriptions.run'), :lane)")


async def billed_in(tx: ReadTx, chunk_id: UUID, *, after: UUID | None, limit: int, mailed: bool = False) -> list[BilledInvoice]:
    """A chunk's invoices by their ids. `mailed`: only those that are sent."""
    rows = await tx.execute(_BILLED, {"chunk": chunk_id, "after": after or UUID(int=0), "limit": limit, "mailed": mailed})
    return [BilledInvoice(row.invoice_id, row.customer_id, row.sent) for row in rows]


async def billed_until_in(tx: ReadTx, chunk_id: UUID) -> dict[date, Uuids]:
    """By the first day that is not billed: the order lines of the chunk's subscriptions, as the database has sent them."""
    return {row.until: Uuids(row.order_lines) for row in await tx.execute(_LASTING, {"chunk": chunk_id})}


async def hold_lane(tx: Tx, lane: int) -> bool:
    """Until the end of the transaction. False where another worker is at it."""
    return bool((await tx.execute(_LANE, {"lane": lane})).scalar_one())

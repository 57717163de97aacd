"""The course of a run: begun by the tick or by staff, one chunk after the other, at its end the periods that begin."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from nextbill.capabilities import domains, payments, subscriptions
from nextbill.processes.renewal.commands import names
from nextbill.processes.renewal.commands.planning import make_plan
from nextbill.processes.renewal.commands.writing import Issuer, write_plan
from nextbill.processes.renewal.queries import find_names
from nextbill.processes.renewal.rules import CHUNK, NameDays
from nextbill.runtime import bulk, jobs
from nextbill.runtime.database import ReadTx, Tx

BILL, BEGIN, ROLL = "renewal.bill", "renewal.begin", "renewal.roll"
BILL_NAMES: Final = "renewal.bill_names"
LANES: Final = 2
"""Chunks of a run that are written at the same time, by any number of workers: more of them wait for the counter of numbers."""
BUSY: Final = timedelta(seconds=1)
"""Until what others hold this moment is looked at again."""
WAITS: Final = 5
"""So often a run that is done otherwise waits for changes of the day that are not settled yet; they are billed by the next one."""
BRAKE: Final = "The limit of lines that this run was given is reached."


@dataclass(frozen=True, slots=True)
class Step:
    """One chunk of a lane. `after`: how far it has come; None from the beginning. `waits`: how often it has waited for changes of the day."""

    run_id: UUID
    lane: int
    after: subscriptions.Place | None = None
    waits: int = 0

    def payload(self) -> jobs.Payload:
        place = [self.after[0].isoformat(), str(self.after[1])] if self.after else None
        return {"run_id": str(self.run_id), "lane": self.lane, "after": place, "waits": self.waits}

    @classmethod
    def of(cls, payload: jobs.Payload) -> Step:
        place = payload.get("after")
        after = (date.fromisoformat(place[0]), UUID(place[1])) if place else None
        return cls(UUID(payload["run_id"]), int(payload["lane"]), after, int(payload.get("waits", 0)))

    def then(self, after: subscriptions.Place | None) -> Step:
        return Step(self.run_id, self.lane, after)


async def begin_run(tx: Tx, *, on: date, by: str, now: datetime, max_lines: int | None = None) -> UUID:
    """RunUnderWay. The work is done by jobs."""
    run_id = await subscriptions.start_run(tx, on=on, by=by, now=now, max_lines=max_lines)
    await jobs.enqueue(tx, BEGIN, {"run_id": str(run_id)})
    return run_id


async def open_lanes(tx: Tx, run_id: UUID) -> None:
    """May be repeated: of two jobs in one lane one goes home."""
    await jobs.enqueue_many(tx, [(BILL, Step(run_id, lane).payload()) for lane in range(LANES)])


async def due_by(tx: ReadTx, *, on: date, days: NameDays) -> UUID | bool | None:
    """The run to go on with, True where one is to be begun; None where there is nothing to do, or staff has stopped the last one."""
    latest = await subscriptions.latest_run(tx)
    if latest is not None and latest.state == "running":
        return latest.id
    if latest is not None and latest.state == "stopped":
        return None
    if await subscriptions.is_anything_due(tx, on=on) or await names.is_any_due(tx, on=on, days=days):
        return True
    first = latest is None or latest.on_day < on
    return True if first and await subscriptions.is_anything_changing(tx, on=on) else None


async def claim(tx: Tx, step: Step, *, now: datetime) -> tuple[date, subscriptions.Claimed] | None:
    """The step's chunk and the run's day. None where the run is over, the brake has stopped it, or another worker is in this lane."""
    if not await subscriptions.hold_lane(tx, step.lane):
        return None
    run = await subscriptions.running_run(tx, step.run_id)
    if run is None:
        return None
    await bulk.by_index(tx)
    limit = await _room(tx, run.id, run.max_lines, now=now)
    return (run.on_day, await subscriptions.claim_due(tx, on=run.on_day, limit=limit, after=step.after)) if limit else None


async def claim_names(tx: Tx, run_id: UUID, days: NameDays, *, now: datetime) -> tuple[date, Sequence[domains.Renewing]] | None:
    """Names that are due by themselves, once the lanes are through, and the run's day. One worker is at them at a time; None as for `claim`."""
    if not await subscriptions.hold_lane(tx, LANES):
        return None
    run = await subscriptions.running_run(tx, run_id)
    limit = await _room(tx, run.id, run.max_lines, now=now) if run is not None else 0
    return (run.on_day, await names.due_alone(tx, on=run.on_day, days=days, limit=limit)) if run is not None and limit else None


async def _room(tx: Tx, run_id: UUID, max_lines: int | None, *, now: datetime) -> int:
    """Lines that the next chunk may have. At the brake none, and the run is stopped."""
    if max_lines is None:
        return CHUNK
    limit = min(CHUNK, max_lines - await subscriptions.lines_so_far(tx, run_id))
    if limit <= 0:
        with suppress(subscriptions.RunNotRunning):  # the other lane was first
            await subscriptions.stop_run(tx, run_id, because=BRAKE, now=now)
        return 0
    return limit


async def bill(tx: Tx, step: Step, claimed: subscriptions.Claimed, *, issuer: Issuer, on: date, now: datetime, days: NameDays | None = None) -> int:
    """What was claimed, on the run's day, and the names of the same customers where their days are told. How many lines went on invoices."""
    found = await names.riding(tx, {due.customer_id for due in claimed.due}, on=on, days=days) if days else None
    plan = await make_plan(tx, claimed, on=on, origin_id=step.run_id, names=found, days=days)
    await write_plan(tx, plan, run_id=step.run_id, issuer=issuer, on=on, now=now)
    return plan.lines


async def bill_names(tx: Tx, run_id: UUID, dues: Sequence[domains.Renewing], days: NameDays, *, issuer: Issuer, on: date, now: datetime) -> int:
    """As `bill`."""
    found = await find_names(tx, dues, on=on, days=days)
    plan = await make_plan(tx, subscriptions.Claimed(()), on=on, origin_id=run_id, names=found, days=days)
    await write_plan(tx, plan, run_id=run_id, issuer=issuer, on=on, now=now)
    return plan.lines


async def go_on(tx: Tx, step: Step, claimed: subscriptions.Claimed, *, on: date, days: NameDays, now: datetime) -> None:
    """The next chunk. At the end once more from the beginning, for what others held; then names that are due by themselves; when nothing is left, the
    run is done."""
    if claimed.last is not None:
        await jobs.enqueue(tx, BILL, step.then(claimed.last).payload(), after=timedelta() if claimed.due or claimed.unfit else BUSY)
    elif step.after is not None:
        await jobs.enqueue(tx, BILL, step.then(None).payload())
    elif await subscriptions.is_anything_due(tx, on=on):
        await jobs.enqueue(tx, BILL, step.payload(), after=BUSY)
    elif step.waits < WAITS and await subscriptions.is_anything_changing(tx, on=on):
        await jobs.enqueue(tx, BILL, Step(step.run_id, step.lane, waits=step.waits + 1).payload(), after=BUSY)
    elif await names.is_any_due(tx, on=on, days=days):
        await jobs.enqueue(tx, BILL_NAMES, {"run_id": str(step.run_id)})
    elif await subscriptions.finish_run(tx, step.run_id, now=now):
        await jobs.enqueue(tx, ROLL, {"on": on.isoformat()})
        await payments.charge_soon(tx, now=now)  # what was billed late is due today


async def go_on_with_names(tx: Tx, run_id: UUID, claimed: int, *, on: date, days: NameDays) -> None:
    """The next ones; when none is left, a lane looks once more and ends the run."""
    if claimed:
        await jobs.enqueue(tx, BILL_NAMES, {"run_id": str(run_id)})
    elif await names.is_any_due(tx, on=on, days=days):
        await jobs.enqueue(tx, BILL_NAMES, {"run_id": str(run_id)}, after=BUSY)
    else:
        await jobs.enqueue(tx, BILL, Step(run_id, 0).payload())

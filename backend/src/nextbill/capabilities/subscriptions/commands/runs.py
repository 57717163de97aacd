"""A billing run: begun, noted chunk by chunk, ended or stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.billing import set_aside
from nextbill.capabilities.subscriptions.errors import RunNotFound, RunNotRunning, RunUnderWay
from nextbill.capabilities.subscriptions.models import ChunkRow, RunRow, SumRow
from nextbill.capabilities.subscriptions.rules import Aside, RunSum
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx, on_rows

RUNNING = "state = 'running'"
"""As the index says it: a parameter is not recognised in a plan that is kept."""


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """`free`: periods for which nothing was to be paid."""

    lines: int
    free: int
    set_aside: int
    sums: Sequence[RunSum]


async def start_run(tx: Tx, *, on: date, by: str, now: datetime, max_lines: int | None = None) -> UUID:
    """RunUnderWay where one is running: there is one at a time."""
    run_id = new_id()
    row = upsert(RunRow).values(id=run_id, on_day=on, state="running", started_by=by, max_lines=max_lines, started_at=now)
    only = row.on_conflict_do_nothing(index_elements=["state"], index_where=text(RUNNING)).returning(RunRow.id)
    if (await tx.execute(only)).first() is None:
        raise RunUnderWay
    return run_id


async def note_chunk(tx: Tx, run_id: UUID, chunk_id: UUID, done: ChunkDone, *, now: datetime) -> None:
    values = {"lines": done.lines, "free": done.free, "set_aside": done.set_aside, "at": now}
    await tx.execute(insert(ChunkRow).values(id=chunk_id, run_id=run_id, **values))
    sums = [
        {
            "chunk_id": chunk_id,
            "currency": one.net.currency,
            "invoices": one.invoices,
            "net_minor": one.net.minor,
            "tax_minor": one.tax.minor,
            "total_minor": one.total.minor,
        }
        for one in done.sums
    ]
    if sums:
        await tx.execute(insert(SumRow), sums)


async def finish_run(tx: Tx, run_id: UUID, *, now: datetime) -> bool:
    """False where it was ended before."""
    running = (RunRow.id == run_id, RunRow.state == "running")
    return on_rows(await tx.execute(update(RunRow).where(*running).values(state="done", ended_at=now))) == 1


async def stop_run(tx: Tx, run_id: UUID, *, because: str, now: datetime) -> None:
    """What is under way this moment is finished; the rest waits until staff starts another run. RunNotFound, RunNotRunning."""
    running = (RunRow.id == run_id, RunRow.state == "running")
    stopped = update(RunRow).where(*running).values(state="stopped", stopped_because=because, ended_at=now)
    if on_rows(await tx.execute(stopped)):
        return
    if await queries.find_run(tx, run_id) is None:
        raise RunNotFound
    raise RunNotRunning


async def set_aside_in_run(tx: Tx, run_id: UUID, asides: Sequence[Aside], *, on: date, now: datetime) -> None:
    """Outside of a chunk: noted as one of its own."""
    if asides:
        await note_chunk(tx, run_id, new_id(), ChunkDone(0, 0, len(asides), ()), now=now)
        await set_aside(tx, asides, on=on, now=now)


async def judge_now(tx: Tx) -> None:
    """What the database judges at commit it judges now: for a trial that is not committed."""
    await tx.execute(text("set constraints all immediate"))

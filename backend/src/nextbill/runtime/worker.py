"""The worker: PgQueuer runs our jobs, ticks find what is due, both until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from pgqueuer import errors
from pgqueuer.core.applications import PgQueuer
from pgqueuer.db import PsycopgDriver
from pgqueuer.domain.models import Job, TracebackRecord
from pgqueuer.domain.types import QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.queries import Queries
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.kernel.clock import Clock
from nextbill.kernel.ids import new_id
from nextbill.runtime import correlation, jobs, metrics, steps
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.models import TickRow

BATCH = 20
CONCURRENCY = 40
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tick:
    """Fires about every `every` of wall time, on one worker at a time. `run(tx, now=…)` finds due rows by the Clock and enqueues jobs."""

    name: str
    every: timedelta
    run: Callable[..., Awaitable[None]]


class _Driver(PsycopgDriver):
    """Listens on a connection of its own: whoever waits for a notification holds his connection, up to a second, against every query."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], listening: psycopg.AsyncConnection[Any]) -> None:
        super().__init__(listening)
        self._querying = PsycopgDriver(connection)

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return await self._querying.fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        return await self._querying.execute(query, *args)

    async def __aexit__(self, *error: object) -> None:
        for waiting in self.tm.tasks:
            waiting.cancel()  # rather than wait for a notification that will not come
        await super().__aexit__(*error)


class Worker:
    """`handlers`: job name → handler. Stops cleanly on `stop()`: running jobs end, none new begins."""

    def __init__(
        self, database: Database, clock: Clock, handlers: Mapping[str, jobs.Handler], ticks: Sequence[Tick], *, heartbeat: timedelta
    ) -> None:
        self._database, self._clock, self._handlers, self._heartbeat = database, clock, handlers, heartbeat
        self._ticks = [*ticks, Tick("runtime.steps", timedelta(seconds=2), sweep_steps)]
        self._stopping = asyncio.Event()
        self._queuer: PgQueuer | None = None

    def stop(self) -> None:
        self._stopping.set()
        if self._queuer is not None:
            self._queuer.shutdown.set()

    async def run(self) -> None:
        """Until `stop()`. A lost database connection ends it with an error, and the supervisor starts a new one."""
        async with await self._connect() as connection, await self._connect() as listening:
            driver = _Driver(connection, listening)
            self._queuer = PgQueuer(driver, queries=jobs.queue(driver))
            for name, handler in self._handlers.items():
                self._queuer.entrypoint(name, on_failure="hold", accepts_context=False)(self._wrap(name, handler))
            ticking = asyncio.create_task(self._tick())
            try:
                await self._queuer.qm.run(
                    batch_size=BATCH,
                    max_concurrent_tasks=CONCURRENCY,
                    dequeue_timeout=timedelta(seconds=2),
                    heartbeat_timeout=self._heartbeat,
                    shutdown_on_listener_failure=True,
                )
            finally:
                self._stopping.set()
                await ticking

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        url = self._database.url(Role.WORK).set(drivername="postgresql").render_as_string(hide_password=False)
        return await psycopg.AsyncConnection.connect(url, autocommit=True)

    def _wrap(self, name: str, handler: jobs.Handler) -> Callable[[Job], Awaitable[None]]:
        async def run(job: Job) -> None:
            ident, payload = jobs.unpack(job.payload)
            correlation.begin(ident or None)
            context = jobs.JobContext(self._clock.now(), job.attempts, job.attempts + 1 >= jobs.MAX_ATTEMPTS)
            try:
                await handler(payload, context)
            except Exception as error:
                self._fail(name, job, error, context)
            else:
                metrics.job_runs.labels(job=name, outcome="done").inc()

        return run

    def _fail(self, name: str, job: Job, error: Exception, context: jobs.JobContext) -> None:
        """Another try with back-off, or, after the last one, the error itself: PgQueuer then holds the job for staff."""
        outcome = "held" if context.last else "retry"
        metrics.job_runs.labels(job=name, outcome=outcome).inc()
        told = isinstance(error, jobs.RetryLater)
        (log.info if told and not context.last else log.error)(
            "job did not finish", job=name, job_id=job.id, attempt=job.attempts, outcome=outcome, exc_info=None if told else error
        )
        if context.last:
            raise error
        pause = error.after if isinstance(error, jobs.RetryLater) else timedelta(seconds=min(60.0, 0.5 * 2**job.attempts))
        raise errors.RetryRequested(delay=pause, reason=f"{type(error).__name__}: {error}"[:500]) from error

    async def drain(self, *, patience: timedelta = timedelta(seconds=2), tick: bool = True) -> int:
        """Runs all that is due, in order, in this task, until nothing more comes up within `patience`; returns how many jobs ran.

        For commands and tests that play a stretch of time; any number of ordinary workers may run beside it."""
        ran = 0
        async with await self._connect() as connection:
            queries = jobs.queue(PsycopgDriver(connection))
            if tick:
                await self.tick_all()
            while True:
                batch = await queries.dequeue(BATCH, self._entrypoints(), QueueManagerId(new_id()), None, self._heartbeat)
                for job in batch:
                    await self._run_one(queries, job)
                    ran += 1
                if not batch and not await self._worth_waiting(queries, patience):
                    return ran

    async def tick_all(self) -> None:
        await fire_all(self._database, self._clock, self._ticks)

    def _entrypoints(self) -> dict[Any, EntrypointExecutionParameter]:
        return {name: EntrypointExecutionParameter(concurrency_limit=0) for name in self._handlers}

    async def _worth_waiting(self, queries: Queries, patience: timedelta) -> bool:
        names = list(self._entrypoints())
        if await queries.eligible_queued_work(names) > 0:
            return True
        eta = await queries.next_deferred_eta(names)
        if eta is None or eta > patience:
            return False
        await asyncio.sleep(max(0.0, eta.total_seconds()) + 0.01)
        return True

    async def _run_one(self, queries: Queries, job: Job) -> None:
        name = str(job.entrypoint)
        try:
            await self._wrap(name, self._handlers[name])(job)
        except errors.RetryRequested as asked:
            await queries.retry_job(job, asked.delay, TracebackRecord.from_exception(asked, job.id))
        except Exception as error:
            # The last attempt failed: held for staff, with its error, like in the running worker.
            await queries.log_jobs([(job, "failed", TracebackRecord.from_exception(error, job.id))])
        else:
            await queries.log_jobs([(job, "successful", None)])

    async def _tick(self) -> None:
        due: dict[str, float] = {}
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            for tick in self._ticks:
                if due.get(tick.name, 0.0) <= loop.time():
                    due[tick.name] = loop.time() + tick.every.total_seconds()
                    await self._fire(tick)
            try:
                await asyncio.wait_for(self._stopping.wait(), timeout=0.5)
            except TimeoutError:
                continue

    async def _fire(self, tick: Tick) -> None:
        try:
            await fire(self._database, self._clock, tick)
        except Exception:
            # One bad tick must not silence the others; it is logged, counted and fires again.
            log.exception("tick failed", tick=tick.name)
            metrics.ticks.labels(tick=f"{tick.name}:failed").inc()


async def fire(database: Database, clock: Clock, tick: Tick) -> bool:
    """Of many workers one: the row's `fired_at` moves only where the last firing is long enough ago. False: another one fired."""
    correlation.begin()
    async with database.writing(Role.WORK) as tx:
        wall = func.clock_timestamp()
        statement = upsert(TickRow).values(name=tick.name, fired_at=wall)
        old_enough = or_(TickRow.fired_at <= wall - tick.every * 0.9, TickRow.fired_at > wall + tick.every)
        claimed = await tx.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"fired_at": wall}, where=old_enough).returning(TickRow.name)
        )
        if claimed.first() is None:
            return False
        metrics.ticks.labels(tick=tick.name).inc()
        await tick.run(tx, now=clock.now())
    return True


async def fire_all(database: Database, clock: Clock, ticks: Sequence[Tick]) -> None:
    """Every tick once, in order, whoever fired it last: for a clock that was just moved."""
    for tick in ticks:
        async with database.writing(Role.WORK) as tx:
            await tick.run(tx, now=clock.now())


async def sweep_steps(tx: Tx, *, now: datetime) -> None:
    """Takes up steps that a dead process left behind. Doubles do no harm: the claim lets one in."""
    await jobs.enqueue_many(tx, [(steps.RUN, {"step_id": str(step_id)}) for step_id in await steps.due(tx)])


async def last_fired(tx: Tx, name: str) -> datetime | None:
    return (await tx.execute(select(TickRow.fired_at).where(TickRow.name == name))).scalar_one_or_none()

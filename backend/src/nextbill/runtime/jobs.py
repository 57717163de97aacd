"""Jobs: enqueued inside our transaction, run at least once, retried with back-off, then held as failed for staff."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

import psycopg
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import JobId
from pgqueuer.queries import Queries
from psycopg.rows import dict_row
from sqlalchemy import text

from nextbill.runtime import correlation
from nextbill.runtime.database import ReadTx, Tx

QUEUE_SCHEMA = "pgqueuer"
MAX_ATTEMPTS = 8
MAX_PAYLOAD_BYTES = 16_384

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler is told: the clock's time, the attempt (from 0), and whether a failure now would be the last."""

    now: datetime
    attempt: int
    last: bool


Handler = Callable[[Payload, JobContext], Awaitable[None]]


class RetryLater(Exception):
    """Asks for another attempt after a technical pause; does not count as a failure until attempts run out."""

    def __init__(self, reason: str, after: timedelta = timedelta(seconds=2)) -> None:
        super().__init__(reason)
        self.after = after


async def enqueue(tx: Tx, name: str, payload: Payload, *, after: timedelta = timedelta(), priority: int = 0) -> None:
    """Joins the caller's transaction: no commit, no job; commit, exactly one. `after` is technical back-off, never business time."""
    await enqueue_many(tx, [(name, payload)], after=after, priority=priority)


async def enqueue_many(tx: Tx, jobs: Sequence[tuple[str, Payload]], *, after: timedelta = timedelta(), priority: int = 0) -> None:
    if not jobs:
        return
    queries = queue(_SessionDriver(await _connection(tx)))
    bodies: list[bytes | None] = [json.dumps({"correlation": correlation.current(), "payload": payload}).encode() for _, payload in jobs]
    if any(len(body or b"") > MAX_PAYLOAD_BYTES for body in bodies):
        raise ValueError("a job carries references, not documents")
    await queries.enqueue([name for name, _ in jobs], bodies, [priority] * len(jobs), [after] * len(jobs))


def unpack(body: bytes | None) -> tuple[str, Payload]:
    message = json.loads(body or b"{}")
    return message.get("correlation", ""), message.get("payload", {})


def queue(driver: Any) -> Queries:
    """PgQueuer's queries over a driver, in the schema of its own."""
    return Queries(driver, QueryBuilderEnvironment(_settings()), QueryQueueBuilder(_settings()), QuerySchedulerBuilder(_settings()))


@cache
def _settings() -> DBSettings:
    return DBSettings(db_schema=QUEUE_SCHEMA)


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job in the queue. `error`: why its last try failed. `due` and `created` are technical time."""

    id: int
    name: str
    status: str
    attempts: int
    payload: Payload
    correlation: str
    error: str | None
    created: datetime
    due: datetime


_JOBS = (
    "select j.id, j.entrypoint, j.status::text as status, j.attempts, j.payload, j.created, j.execute_after, "
    "  (select l.traceback from pgqueuer.pgqueuer_log l where l.job_id = j.id and l.traceback is not null order by l.id desc limit 1) as trace "
    "from pgqueuer.pgqueuer j "
)
_FAILED = text(_JOBS + "where j.status = 'failed' and (cast(:before as bigint) is null or j.id < :before) order by j.id desc limit :shown")
_ABOUT = text(_JOBS + "where convert_from(j.payload, 'UTF8') ~ :references order by j.id desc limit :shown")
_COUNT_FAILED = text("select count(*) from pgqueuer.pgqueuer where status = 'failed'")
_LOCK_FAILED = text("select entrypoint from pgqueuer.pgqueuer where id = :id and status = 'failed' for update")


async def failed(tx: ReadTx, *, before: int | None, limit: int) -> list[QueuedJob]:
    """Held for staff after their last try, newest first."""
    return [_queued(row) for row in await tx.execute(_FAILED, {"before": before, "shown": limit})]


async def count_failed(tx: ReadTx) -> int:
    return int((await tx.execute(_COUNT_FAILED)).scalar_one())


async def about(tx: ReadTx, references: Sequence[UUID], *, limit: int = 200) -> list[QueuedJob]:
    """Jobs that wait, run or failed and whose payload names one of the references."""
    if not references:
        return []
    found = await tx.execute(_ABOUT, {"references": "|".join(str(reference) for reference in references), "shown": limit})
    return [_queued(row) for row in found]


async def requeue(tx: Tx, job_id: int) -> str | None:
    """Staff's button: a failed job is queued again with fresh tries. Its name, or None if it is not a failed job."""
    name: str | None = (await tx.execute(_LOCK_FAILED, {"id": job_id})).scalar_one_or_none()
    if name is not None:
        await queue(_SessionDriver(await _connection(tx))).requeue_jobs([JobId(job_id)])
    return name


def _queued(row: Any) -> QueuedJob:
    correlation_id, payload = unpack(row.payload)
    trace = json.loads(row.trace) if isinstance(row.trace, str) else row.trace
    error = f"{trace['exception_type']}: {trace['exception_message']}" if trace else None
    return QueuedJob(row.id, row.entrypoint, row.status, row.attempts, payload, correlation_id, error, row.created, row.execute_after)


class _SessionDriver:
    """PgQueuer's driver over the session's own connection, so that a job joins the transaction."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        cursor = psycopg.AsyncRawCursor(self._connection, row_factory=dict_row)
        await cursor.execute(query, args or None)
        return cast(list[dict[str, object]], await cursor.fetchall())

    async def execute(self, query: str, *args: object) -> str:
        cursor = psycopg.AsyncRawCursor(self._connection)
        await cursor.execute(query, args or None)
        return cursor.statusmessage or ""

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("select pg_notify($1, $2)", channel, payload)


async def _connection(tx: ReadTx) -> psycopg.AsyncConnection[Any]:
    raw = await (await tx.connection()).get_raw_connection()
    return cast("psycopg.AsyncConnection[Any]", raw.driver_connection)

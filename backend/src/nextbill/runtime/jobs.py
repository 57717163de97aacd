"""Jobs: enqueued inside our transaction, run at least once, retried with back-off, then held as failed for staff."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import psycopg
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings
from pgqueuer.queries import Queries
from psycopg.rows import dict_row

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


def _settings() -> DBSettings:
    return DBSettings(db_schema=QUEUE_SCHEMA)


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

"""What PostgreSQL spends on the question alone: the same select, prepared, one a round trip, over plain libpq connections as pgbench does it."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Self

import psycopg

from nextbill_lab.bench.database import Owner, hash_key, settings_of
from nextbill_lab.bench.figures import per
from nextbill_lab.bench.meters import Meter, parts
from nextbill_lab.bench.population import key_of
from nextbill_lab.system import System

ROLE = "nextbill_license"
SELECT = """
select l.plan_code, l.state, l.expires_at, l.server_id, l.features ? %s, q.resource, q.limit_count, q.used_count, q.reserved_count
  from licensing_license l
  left join lateral (
    select resource, limit_count, used_count, reserved_count from licensing_quota
    where license_id = l.id and resource in (%s, %s) order by resource desc limit 1
  ) q on true
 where l.key_hash = %s"""
ASKED = ("create_database", "databases", "database")


class PlainSelect:
    """`connections` connections in the license path's own role; each runs one prepared select after the other."""

    def __init__(self, system: System, *, connections: int) -> None:
        self._system, self._connections = system, connections
        self._hash_key = hash_key(settings_of(system)["SECRET_KEY"])
        self._open = AsyncExitStack()
        self._lines: list[psycopg.AsyncConnection[tuple[object, ...]]] = []

    async def __aenter__(self) -> Self:
        owner = Owner(self._system)
        owner.close()
        for _ in range(self._connections):
            line = await psycopg.AsyncConnection.connect(owner.dsn, autocommit=True, prepare_threshold=0)
            self._lines.append(await self._open.enter_async_context(line))
            await line.execute(f"set role {ROLE}")
        await self.microseconds(range(self._connections * 20))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def microseconds(self, numbers: Sequence[int]) -> float:
        """PostgreSQL's CPU for each of the licenses `numbers`."""
        hashes = iter([hmac.digest(self._hash_key, key_of(number).encode(), "sha256") for number in numbers])
        meter = Meter(parts(self._system, "postgres"))
        await asyncio.gather(*(_one_by_one(line, hashes) for line in self._lines))
        return per(meter.spent(), len(numbers))["postgres"]


async def _one_by_one(line: psycopg.AsyncConnection[tuple[object, ...]], hashes: Iterator[bytes]) -> None:
    cursor = line.cursor(binary=True)
    for value in hashes:
        await cursor.execute(SELECT, (*ASKED, value))
        await cursor.fetchall()

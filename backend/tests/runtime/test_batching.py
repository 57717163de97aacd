"""Batches over a real database: what is wrong with one question harms no other, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from nextbill.runtime.batching import Batcher, Lines, Unavailable

DIVIDE = "select 5040 / v from unnest($1::int[]) with ordinality as asked(v, n) order by n"
WAIT = "select 1 from unnest($1::int[]) as asked(v), pg_sleep(v)"


@pytest.fixture
async def lines(dsn: str) -> AsyncIterator[Lines]:
    opened = Lines(make_url(dsn))
    yield opened
    await opened.close()


def batcher(lines: Lines, statement: str) -> Batcher[int, int]:
    return Batcher(lines.lane(statement), values=lambda asked: (list(asked),), read=lambda _asked, rows: [row[0] for row in rows])


async def test_a_value_that_cannot_be_computed_or_sent_fails_its_own_question_only(lines: Lines) -> None:
    asking = batcher(lines, DIVIDE)
    values = [*range(-8, 9), 2**40, *range(20, 30)]
    answers = await asyncio.gather(*(asking.ask(value) for value in values), return_exceptions=True)
    for value, answer in zip(values, answers, strict=True):
        if value == 0:
            assert isinstance(answer, asyncpg.DivisionByZeroError)
        elif value == 2**40:
            assert isinstance(answer, (asyncpg.DataError, ValueError))
        else:
            assert answer == int(5040 / value)


async def test_whoever_waits_when_the_process_ends_is_told(lines: Lines) -> None:
    asking = batcher(lines, WAIT)
    under_way = asking.ask(3600)
    await asyncio.sleep(0)
    behind = asking.ask(1)
    await lines.close()
    for waiting in (under_way, behind):
        with pytest.raises(Unavailable):
            await asyncio.wait_for(waiting, 30)


@pytest.mark.parametrize(("ends", "told"), [("pg_terminate_backend", 7), ("pg_cancel_backend", None)])
async def test_a_connection_that_is_ended_is_tried_again_and_a_statement_that_is_stopped_is_unavailable(
    lines: Lines, dsn: str, ends: str, told: int | None
) -> None:
    asking = batcher(lines, "select v from unnest($1::int[]) as asked(v), (select pg_advisory_xact_lock(1)) as waits")
    owner = await asyncpg.connect(dsn)
    try:
        await owner.execute("select pg_advisory_lock(1)")
        waiting = asking.ask(7)
        stop = f"select {ends}(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        async with asyncio.timeout(4):
            while not await owner.fetch(stop):
                await asyncio.sleep(0.02)
    finally:
        await owner.close()
    if told is None:
        with pytest.raises(Unavailable):
            await waiting
    else:
        assert await waiting == told
    assert await asking.ask(8) == 8

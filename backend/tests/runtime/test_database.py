"""Connections and transactions: what is handed out is alive, and who reads cannot write."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from nextbill.runtime.database import Role
from tests.support.trade import open_trade

PROCESS = text("select pg_backend_pid()")


async def test_connections_that_the_server_ended_are_not_handed_out(dsn: str) -> None:
    async with open_trade(dsn) as trade:
        async with trade.database.reading(Role.WORK) as one, trade.database.reading(Role.WORK) as other:
            processes = {(await tx.execute(PROCESS)).scalar_one() for tx in (one, other)}
        with trade.sql() as owner:
            for process in processes:
                assert owner.execute("select pg_terminate_backend(%s, 5000)", [process]).fetchone() == (True,)
        async with trade.database.writing(Role.WORK) as one, trade.database.reading(Role.WORK) as other:
            assert not processes & {(await tx.execute(PROCESS)).scalar_one() for tx in (one, other)}


async def test_who_reads_cannot_write_and_the_next_may(dsn: str) -> None:
    change = text("update runtime_event set name = name")
    async with open_trade(dsn) as trade:
        async with trade.database.reading(Role.WORK) as tx:
            process = (await tx.execute(PROCESS)).scalar_one()
            with pytest.raises(InternalError, match="read-only transaction"):
                await tx.execute(change)
        async with trade.database.writing(Role.WORK) as tx:
            assert (await tx.execute(PROCESS)).scalar_one() == process, "of one pool"
            assert (await tx.execute(text("show transaction_read_only"))).scalar_one() == "off"

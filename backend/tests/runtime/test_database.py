"""Connections and transactions: what is handed out is alive, and who reads cannot write."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from nextbill.kernel.ids import new_ids
from nextbill.runtime import bulk
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


async def test_words_are_sent_as_they_are_read_whatever_the_surroundings_say(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays of words go in bytes (`bulk.words`): the server has to take them for what they are."""
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    async with open_trade(dsn) as trade, trade.database.writing(Role.WORK) as tx:
        names = ["Jürgen", 'a "b" \\ {c}, NULL', "", None, "王小明 🙂"]
        read = await tx.execute(text("select unnest(cast(:names as text[]))"), {"names": bulk.words(names)})
        assert list(read.scalars()) == names
        assert (await tx.execute(text("select cast(:none as uuid[])"), {"none": bulk.uuids([])})).scalar_one() == []


async def test_ids_go_on_as_the_database_has_sent_them(dsn: str) -> None:
    """Columns of ids that nobody here reads (`bulk.joined`): each in its place, none lost where one column ends."""
    ids = sorted(new_ids(5))
    async with open_trade(dsn) as trade, trade.database.writing(Role.WORK) as tx:
        sent = text(
            "select array_send(array_agg(id order by id)) from unnest(cast(:ids as uuid[])) as n(id) group by id < :middle order by id < :middle desc"
        )
        columns = [bulk.Uuids(cell) for cell in (await tx.execute(sent, {"ids": bulk.uuids(ids), "middle": ids[2]})).scalars()]
        assert [bulk.length(column) for column in [*columns, bulk.uuids([])]] == [2, 3, 0]
        read = await tx.execute(text("select cast(:ids as uuid[])"), {"ids": bulk.joined([*columns, bulk.uuids([])])})
        assert read.scalar_one() == ids


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


@pytest.mark.parametrize("role", [Role.APP, Role.WORK])
async def test_what_is_asked_again_stays_prepared_and_is_planned_for_its_values(dsn: str, role: Role) -> None:
    """Also among more statements than the driver keeps by itself, and after transactions that only read."""
    many = [text(f"select :n + {number}") for number in range(150)]
    async with open_trade(dsn) as trade:
        for _ in range(4):
            for statement in many:
                async with trade.database.reading(role) as tx:
                    await tx.execute(statement, {"n": 1})
        async with trade.database.reading(role) as tx:
            kept = (await tx.execute(text("select count(*) from pg_prepared_statements where statement like 'select $1 +%'"))).scalar_one()
            assert kept == len(many)
            assert (await tx.execute(text("show plan_cache_mode"))).scalar_one() == "force_custom_plan"

"""The run's statements go by indexes, whatever the size of the tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from nextbill.capabilities.domains.queries import renewals
from nextbill.capabilities.subscriptions.commands import billing
from nextbill.capabilities.subscriptions.models import PeriodRow
from nextbill.capabilities.subscriptions.queries import debts, due, runs
from nextbill.runtime import bulk
from nextbill.runtime.database import Role
from tests.support.running import Running, open_running

NOWHERE = {"after_day": date(2000, 1, 1), "after_id": UUID(int=0), "limit": 1000}
ON = date(2027, 1, 25)
HOT: dict[str, tuple[Any, dict[str, Any], str]] = {
    "claim": (due._CLAIM, {"on": ON, **NOWHERE}, "ix_subscriptions_subscription_bill"),
    "look": (due._LOOK, {"on": ON, **NOWHERE}, "ix_subscriptions_subscription_bill"),
    "any": (due._ANY, {"on": ON}, "ix_subscriptions_subscription_bill"),
    "any_changing": (due._ANY_CHANGING, {"on": ON}, "ix_subscriptions_subscription_changing"),
    "items": (due._ITEMS, {"ids": "{}"}, "uq_subscriptions_item_subscription_id_position"),
    "discounts": (due._DISCOUNTS, {"ids": "{}"}, "pk_subscriptions_discount"),
    "names": (renewals._NEAR, {"until": ON, "limit": 1000}, "ix_domains_domain_to_bill"),
    "names_seen": (renewals._SEEN, {"until": ON, "limit": 1000}, "ix_domains_domain_to_bill"),
    "names_riding": (renewals._OF_CUSTOMERS, {"customers": "{}", "until": ON}, "ix_domains_domain_to_bill_customer"),
    "any_name": (renewals._ANY, {"until": ON}, "ix_domains_domain_to_bill"),
    "billed": (runs._BILLED, {"chunk": UUID(int=0), "after": UUID(int=0), "limit": 100, "mailed": True}, "ix_subscriptions_period_chunk"),
    "lines": (
        runs._LINES,
        {"chunk": UUID(int=0), "subscription": UUID(int=0), "index": 0, "limit": 50},
        "ix_subscriptions_period_chunk",
    ),
}


@pytest.fixture
async def running(dsn: str) -> AsyncIterator[Running]:
    async with open_running(dsn) as opened:
        yield opened


@pytest.mark.parametrize("name", HOT)
async def test_no_table_is_read_from_end_to_end(running: Running, name: str) -> None:
    """With sequential scans made dear, as they are in a large shop: what has no index would scan all the same."""
    statement, values, index = HOT[name]
    async with running.keeper.trade.database.reading(Role.WORK) as tx:
        await tx.execute(text("set local enable_seqscan = off"))
        plan = "\n".join((await tx.execute(text("explain " + str(statement.text)), values)).scalars()) if "for update" not in statement.text else ""
    if not plan:
        async with running.keeper.trade.writing() as tx:
            await tx.execute(text("set local enable_seqscan = off"))
            plan = "\n".join((await tx.execute(text("explain " + str(statement.text)), values)).scalars())
    assert "Seq Scan" not in plan, plan
    assert index in plan, plan


async def test_what_an_invoice_bills_is_found_by_its_lines_or_by_itself(running: Running) -> None:
    """A run's periods are in no index by invoice: their lines tell whose they are."""
    async with running.keeper.trade.writing() as tx:
        await tx.execute(text("set local enable_seqscan = off"))
        asked = select(PeriodRow.period_index).where(await debts.billed_on(tx, [UUID(int=0)]))
        connection = await tx.connection()
        compiled = asked.compile(dialect=connection.dialect)
        plan = "\n".join((await connection.exec_driver_sql(f"explain {compiled}", dict(compiled.params))).scalars())
    assert "Seq Scan" not in plan, plan
    assert "ix_subscriptions_period_unlined" in plan, plan
    assert "Index Cond: (subscription_id = ANY" in plan, plan


MANY = 50_000
SUBSCRIPTIONS = (
    "insert into subscriptions_subscription select copy.* from subscriptions_subscription s, generate_series(1, %s) n, lateral jsonb_populate_record(s, "
    "jsonb_build_object('id', gen_random_uuid(), 'customer_id', gen_random_uuid(), 'order_line_id', case when n > 0 then gen_random_uuid() end)) copy"
)
ITEMS = (
    "insert into subscriptions_item select copy.* from subscriptions_item i, subscriptions_subscription s, lateral jsonb_populate_record(i, "
    "jsonb_build_object('id', gen_random_uuid(), 'subscription_id', s.id, 'customer_id', s.customer_id)) copy where s.id <> i.subscription_id"
)


async def test_a_night_of_many_is_found_by_keys(running: Running) -> None:
    """Among fifty thousand that are all due. The claim as it is; what follows it names a thousand ids in an array, and by itself would read from end to end."""
    keeper = running.keeper
    await keeper.keeps("small")
    with keeper.trade.sql() as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("update subscriptions_subscription set next_bill_on = %s", [ON])
        owner.execute(SUBSCRIPTIONS, [MANY])
        owner.execute(ITEMS)
    with keeper.trade.sql() as owner:
        owner.execute("analyze subscriptions_subscription, subscriptions_item")
        chosen = owner.execute("select id from subscriptions_subscription limit 1000").fetchall()
    ids = bulk.uuids([id_ for (id_,) in chosen])
    firsts, lasts = bulk.spans([len(chosen)])
    moved = {"ids": ids, "firsts": firsts, "lasts": lasts, "at": bulk.column([1]), "nexts": bulk.column([ON]), "ends": bulk.column([ON])}
    async with keeper.trade.writing() as tx:
        assert "Seq Scan" not in await _explained(tx, due._CLAIM, {"on": ON, **NOWHERE})
        assert "ix_subscriptions_subscription_bill" in await _explained(tx, due._ANY, {"on": ON})
        assert "ix_subscriptions_subscription_changing" in await _explained(tx, due._ANY_CHANGING, {"on": ON})
        await bulk.by_index(tx)
        for statement, values in ((due._ITEMS, {"ids": ids}), (due._THESE, {"ids": ids, "on": ON}), (billing._ADVANCE, moved)):
            plan = await _explained(tx, statement, values)
            assert "Seq Scan" not in plan, plan
            assert "Index" in plan, plan


async def _explained(tx: Any, statement: Any, values: dict[str, Any]) -> str:
    return "\n".join((await tx.execute(text("explain " + str(statement.text)), values)).scalars())

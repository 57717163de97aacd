"""The run's statements go by indexes, whatever the size of the tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from nextbill.capabilities.subscriptions.queries import due, runs
from nextbill.runtime.database import Role
from tests.support.running import Running, open_running

NOWHERE = {"after_day": date(2000, 1, 1), "after_id": UUID(int=0), "limit": 1000}
ON = date(2027, 1, 25)
HOT: dict[str, tuple[Any, dict[str, Any], str]] = {
    "claim": (due._CLAIM, {"on": ON, **NOWHERE}, "ix_subscriptions_subscription_bill"),
    "look": (due._LOOK, {"on": ON, **NOWHERE}, "ix_subscriptions_subscription_bill"),
    "any": (due._ANY, {"on": ON}, "ix_subscriptions_subscription_bill"),
    "items": (due._ITEMS, {"ids": "{}"}, "uq_subscriptions_item_subscription_id_position"),
    "discounts": (due._DISCOUNTS, {"ids": "{}"}, "pk_subscriptions_discount"),
    "billed": (runs._BILLED, {"chunk": UUID(int=0), "after": UUID(int=0), "limit": 100}, "ix_subscriptions_period_chunk"),
    "lines": (
        runs._LINES,
        {"chunks": "{}", "chunk": UUID(int=0), "subscription": UUID(int=0), "index": 0, "limit": 50},
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

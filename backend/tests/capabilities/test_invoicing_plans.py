"""Staff's lists among a hundred thousand invoices: each order and filter finds its page by an index, never by reading the table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from nextbill.capabilities.invoicing.queries.ageing import ageing_by_customer, ageing_totals
from nextbill.capabilities.invoicing.queries.listing import Filters, Sort, list_invoices, ordered
from nextbill.runtime.database import Role
from nextbill.runtime.web.paging import Paging
from tests.support.trade import TODAY, Trade, open_trade

MANY = 100_000
FILL = """
insert into invoicing_invoice (id, customer_id, state, series, sequence, number, origin_type, origin_id, payable_id, due_minor, paid_minor, credited_minor,
  buyer, seller, issued_on, due_on, issued_at, created_at, currency, net_minor, tax_minor, total_minor)
select uuidv7(), %(customer)s, case when n %% 50 = 0 then 'open' when n %% 999 = 0 then 'void' else 'paid' end, 'INV-2026', n, 'INV-2026-' || lpad(n::text, 6, '0'), 'test', gen_random_uuid(),
  gen_random_uuid(), case when n %% 50 = 0 then n else 0 end, case when n %% 50 = 0 then 0 else n end, 0,
  jsonb_build_object('name', 'Customer ' || n, 'company', null, 'email', 'x@example.com', 'status', 'consumer', 'country', 'DE'), '{}',
  %(today)s::date - ((%(many)s - n) / 111)::int, %(today)s::date - ((%(many)s - n) / 111)::int + 14, now(), now(), 'USD', n, 0, n
from generate_series(1, %(many)s) n
"""


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        customer = await opened.customer()
        with opened.sql() as owner:
            owner.execute("set session_replication_role = replica")  # rows for the planner: no books behind them
            owner.execute(FILL, {"customer": customer, "today": TODAY, "many": MANY})
            owner.execute("update invoicing_invoice set customer_id = %s where sequence %% 1000 = 50", [await opened.customer()])
        with opened.sql() as owner:
            owner.execute("analyze invoicing_invoice")
        yield opened


CASES: list[tuple[str, Filters, Sort]] = [
    ("newest", Filters(), "newest"),
    ("oldest", Filters(), "oldest"),
    ("by due day", Filters(), "due"),
    ("largest", Filters(), "largest"),
    ("open", Filters(state="open"), "newest"),
    ("paid", Filters(state="paid"), "newest"),
    ("void", Filters(state="void"), "newest"),
    ("overdue", Filters(overdue_on=TODAY), "due"),
    ("of some days", Filters(issued_from=TODAY - timedelta(days=3), issued_until=TODAY), "newest"),
    ("by number", Filters(words="INV-2026-0999"), "newest"),
    ("by name", Filters(words="customer 99"), "newest"),
]


async def test_lists_are_found_by_index_and_pages_lose_nothing(trade: Trade) -> None:
    """One test for all: filling the table is what takes the time."""
    await _no_list_reads_the_whole_table(trade)
    await _no_list_of_ones_own_reads_the_whole_table(trade)
    await _pages_follow_each_other(trade)
    await _what_is_owed_is_looked_for_among_what_is_open(trade)


async def _no_list_reads_the_whole_table(trade: Trade) -> None:
    whole = []
    async with trade.database.reading(Role.WORK) as tx:
        for name, filters, sort in CASES:
            first = await list_invoices(tx, Paging(50, None), filters=filters, sort=sort)
            assert len(first) > 1, name
            for after in (None, first[1].id):
                plan = await _plan(tx, filters, sort, after)
                if "Seq Scan" in plan:
                    whole.append((name, after is not None, plan))
    assert whole == []


async def _no_list_of_ones_own_reads_the_whole_table(trade: Trade) -> None:
    """As customers read: under row-level security, one with nearly all invoices and one with a thousandth of them."""
    with trade.sql() as owner:
        owners = owner.execute("select customer_id, count(*) from invoicing_invoice group by customer_id order by 2").fetchall()
    assert [count for _, count in owners] == [MANY // 1000, MANY - MANY // 1000]
    whole = []
    for customer_id, count in owners:
        async with trade.database.reading(Role.APP, customer_id=customer_id) as tx:
            for state in (None, "open"):
                first = await list_invoices(tx, Paging(50, None), state=state)
                assert {one.customer_id for one in first} == {customer_id}
                for after in (None, first[1].id):
                    plan = await _plan(tx, Filters(state=state), "newest", after)
                    assert "current_setting" in plan, "the policy is part of the plan"
                    if "Seq Scan" in plan:
                        whole.append((count, state, after is not None, plan))
    assert whole == []


async def _pages_follow_each_other(trade: Trade) -> None:
    async with trade.database.reading(Role.WORK) as tx:
        for sort in ("due", "largest", "oldest"):
            seen: list[Any] = []
            after: UUID | None = None
            filters = Filters(issued_from=date(2026, 6, 28), state="open")
            while True:
                page = await list_invoices(tx, Paging(7, after), filters=filters, sort=sort)
                seen += page[:7]
                if len(page) <= 7:
                    break
                after = page[6].id
            keys = [{"due": (one.due_on, one.id), "largest": (-one.total.minor, -one.id.int), "oldest": one.id}[sort] for one in seen]
            assert keys == sorted(keys)
            assert len({one.id for one in seen}) == len(seen) > 7


async def _plan(tx: Any, filters: Filters, sort: Sort, after: UUID | None) -> str:
    statement = (await ordered(tx, filters, sort=sort, after=after)).limit(51)
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    return "\n".join((await tx.execute(text("explain " + str(compiled).replace(":", "\\:")))).scalars())


async def _what_is_owed_is_looked_for_among_what_is_open(trade: Trade) -> None:
    async with trade.database.reading(Role.WORK) as tx:
        (whole,) = await ageing_totals(tx, today=TODAY)
        seen, after = list[Any](), None
        for count in (1, 1, 0):
            page = await ageing_by_customer(tx, Paging(1, after), today=TODAY)
            shown = page[:1]
            assert len(shown) == count
            for one in shown:
                assert [one] == await ageing_totals(tx, today=TODAY, customer_id=one.customer_id)
                after = one.customer_id
            seen += shown
        assert sum(one.due.minor for one in seen) == whole.due.minor == sum(range(50, MANY + 1, 50))
        scans = await tx.execute(text("select pg_stat_get_xact_numscans('invoicing_invoice'::regclass)"))
        assert scans.scalar_one() == 0, "the table was read from end to end"

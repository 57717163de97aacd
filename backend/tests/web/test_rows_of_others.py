"""The second wall: row-level security by direct SQL as each role, on every table that holds a customer's rows."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from nextbill.runtime.database import Role
from tests.support.buyer import register

OWNED = "select c.table_name from information_schema.columns c join pg_class k on k.relname = c.table_name where c.table_schema = 'public' and c.column_name = 'customer_id' and k.relkind = 'r' order by 1"
# Whose `customer_id` is a reference for staff, not an owner: no customer reads these tables at all.
STAFF_ONLY = {"identity_login", "runtime_event"}


async def test_another_customer_sees_and_changes_nothing(shop) -> None:
    buyer = await register(shop)
    order = await buyer.order("rows-of-others.com")
    await buyer.pay(order["id"])
    await shop.drain()
    async with shop.database.reading(Role.WORK) as tx:
        tables = list((await tx.execute(text(OWNED))).scalars())
        filled = [name for name in tables if (await tx.execute(text(f"select count(*) from {name} where customer_id is not null"))).scalar_one()]
    assert len(filled) >= 15, filled
    for table in tables:
        await _is_walled(shop, table)


async def _is_walled(shop, table: str) -> None:
    for caller in (uuid4(), None):
        try:
            async with shop.database.reading(Role.APP, customer_id=caller) as tx:
                assert (await tx.execute(text(f"select count(*) from {table}"))).scalar_one() == 0, table
        except DBAPIError as error:
            assert "permission denied" in str(error), table
        try:
            async with shop.database.writing(Role.APP, customer_id=caller) as tx:
                assert (await tx.execute(text(f"update {table} set customer_id = customer_id"))).rowcount == 0, table
        except DBAPIError as error:
            assert "permission denied" in str(error) or "append-only" in str(error), (table, str(error))


async def test_every_customers_table_has_row_level_security(shop) -> None:
    async with shop.database.reading(Role.WORK) as tx:
        tables = set((await tx.execute(text(OWNED))).scalars())
        walled = set((await tx.execute(text("select relname from pg_class where relrowsecurity"))).scalars())
        granted = set(
            (
                await tx.execute(
                    text(
                        "select distinct table_name from information_schema.role_table_grants where grantee = 'nextbill_app' and privilege_type = 'SELECT'"
                    )
                )
            ).scalars()
        )
    assert tables - walled <= STAFF_ONLY
    assert granted & (tables - walled) == set()


async def test_the_license_role_reaches_license_tables_only(shop) -> None:
    async with shop.database.reading(Role.LICENSE) as tx:
        for table in ("orders_order", "invoicing_invoice", "customers_customer", "ledger_entry", "payments_attempt"):
            allowed = (await tx.execute(text("select has_table_privilege(:table, 'select')"), {"table": table})).scalar_one()
            assert not allowed, table


async def test_a_customer_cannot_write_rows_for_another(shop) -> None:
    """The policy's WITH CHECK: an insert in somebody else's name is refused by the database."""
    with pytest.raises(DBAPIError, match="row-level security"):
        async with shop.database.writing(Role.APP, customer_id=uuid4()) as tx:
            await tx.execute(
                text(
                    "insert into runtime_step (id, name, subject_id, customer_id, state, correlation, requested_at, changed_at) values (:a, 'x', :b, :c, 'requested', '', now(), now())"
                ),
                {"a": uuid4(), "b": uuid4(), "c": uuid4()},
            )

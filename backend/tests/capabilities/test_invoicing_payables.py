"""A payable is of one customer and for one thing, whoever writes it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from nextbill.capabilities import invoicing
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.support.forging import drafted, forged
from tests.support.trade import Trade, open_trade


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        yield opened


async def test_a_payable_stays_with_its_customer(trade: Trade) -> None:
    """What is invoiced rests on it."""
    await trade.issued(await trade.customer())
    bob = await trade.customer()
    for role in (Role.WORK, None):
        for deed in ("customer_id = %s", "reference_id = %s", "reference_type = %s::text"):
            with trade.sql(role) as stolen, pytest.raises(psycopg.errors.RestrictViolation, match="stays with its customer and what it is for"):
                stolen.execute(f"update payments_payable set {deed}", (bob,))


THEIRS = "(select id from payments_payable where reference_type = '{kind}' limit 1)"
OTHERS = {
    "another invoice's": (THEIRS.format(kind=invoicing.INVOICE), "null", "p.reference_id"),
    "a proforma's": (THEIRS.format(kind=invoicing.PROFORMA), "null", "p.reference_id"),
    "a proforma's, with its id": (THEIRS.format(kind=invoicing.PROFORMA), "null", "(select id from invoicing_proforma)"),
    "its own instead of its proforma's": ("p.id", "(select id from invoicing_proforma)", "p.reference_id"),
    "what a proforma says is its": (THEIRS.format(kind=invoicing.INVOICE), "'{taker}'", "p.reference_id"),
}
TAKER = (
    "insert into invoicing_proforma select (jsonb_populate_record(f, jsonb_build_object('id', '{taker}', 'number', 'P', 'origin_id', gen_random_uuid(), "
    "'payable_id', (select payable_id from invoicing_invoice)))).* from invoicing_proforma f"
)


@pytest.mark.parametrize("name", OTHERS)
async def test_a_payable_is_for_one_invoice(trade: Trade, name: str) -> None:
    """Money that comes for it is of that one."""
    payable, proforma, id_ = OTHERS[name]
    taker, ada = new_id(), await trade.customer()
    await trade.issued(ada)
    await trade.proforma(ada)
    another = forged("open", "total_minor", "0").replace("from payments_payable returning", "from payments_payable limit 1 returning")
    another = another.replace("payable_id, ", "payable_id, proforma_id, ").replace("select p.reference_id", f"select {id_}")
    another = another.replace("p.id, ", f"{payable}, {proforma.format(taker=taker)}, ")
    for role in (Role.WORK, None):
        with trade.sql(role) as stolen, pytest.raises(psycopg.errors.ForeignKeyViolation, match="payable_id refers"):
            if "{taker}" in proforma:
                stolen.execute(TAKER.format(taker=taker))
            stolen.execute("select invoicing_next_numbers('INV-2026', 1)")
            stolen.execute(another)


async def test_a_draft_takes_no_other_invoices_payable_and_keeps_its_id(trade: Trade) -> None:
    """Under another id it could leave a payable to the next one."""
    await drafted(trade)
    await trade.issued(await trade.customer())
    taking = "update invoicing_invoice set payable_id = (select payable_id from invoicing_invoice where number is not null) where number is null"
    for role in (Role.WORK, None):
        with trade.sql(role) as stolen, pytest.raises(psycopg.errors.ForeignKeyViolation, match="payable_id refers"):
            stolen.execute(taking)
        with trade.sql(role) as stolen, pytest.raises(psycopg.errors.RestrictViolation, match="keeps its id"):
            stolen.execute("delete from invoicing_invoice_line where invoice_id in (select id from invoicing_invoice where number is null)")
            stolen.execute("update invoicing_invoice set id = gen_random_uuid() where number is null")

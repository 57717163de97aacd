"""What alike invoices say in the same words is said once, and each still says all of it: to its customer, on its credit note, and to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from nextbill.capabilities import invoicing
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from nextbill.runtime.migrate import migrate
from nextbill.runtime.settings import Settings
from tests.support.databases import SECRET_KEY
from tests.support.running import Running, open_running
from tests.support.trade import SELLER

NIGHT = date(2027, 1, 25)


@pytest.fixture
async def billed(dsn: str) -> AsyncIterator[Running]:
    """Two keep the same plan, one another; all were billed in one night."""
    async with open_running(dsn) as running:
        for code in ("small", "small", "medium"):
            await running.keeper.keeps(code)
        await running.until(NIGHT)
        yield running


async def _papers(running: Running) -> list[dict[str, Any]]:
    return await running.rows("select id, customer_id, form_id from invoicing_invoice where origin_type = 'subscriptions.run' order by net_minor, id")


async def test_bills_of_one_plan_share_a_form_and_each_tells_all(billed: Running) -> None:
    papers = await _papers(billed)
    assert [one["form_id"] == papers[0]["form_id"] for one in papers] == [True, True, False]
    for paper, (product, price) in zip(papers, [("Small", 1000), ("Small", 1000), ("Medium", 3000)], strict=True):
        async with billed.keeper.trade.database.reading(Role.APP, customer_id=paper["customer_id"]) as tx:
            found = await invoicing.get_invoice(tx, paper["id"])
        (line,) = found.lines
        assert found.seller == SELLER
        assert (line.details["product"], line.details["unit_minor"], line.net.minor) == (product, price, price)
        assert line.details["tax"]


async def test_a_credit_note_says_what_its_invoice_says(billed: Running) -> None:
    paper = (await _papers(billed))[0]
    async with billed.keeper.trade.writing() as tx:
        before = await invoicing.get_invoice(tx, paper["id"])
        await invoicing.credit_note(tx, paper["id"], reason="A test", on=NIGHT, now=billed.keeper.now)
        (note,) = (await invoicing.get_invoice(tx, paper["id"])).credit_notes
    assert note.seller == before.seller
    assert [line.details for line in note.lines] == [line.details for line in before.lines]


async def test_a_customer_sees_the_forms_of_their_own_invoices(billed: Running) -> None:
    papers = await _papers(billed)
    for paper in papers:
        with billed.keeper.trade.sql(Role.APP, customer_id=paper["customer_id"]) as stolen:
            assert stolen.execute("select id from invoicing_form").fetchall() == [(paper["form_id"],)]
    with billed.keeper.trade.sql(Role.APP, customer_id=new_id()) as stolen:
        assert stolen.execute("select id from invoicing_form").fetchall() == []


async def test_without_forms_each_says_it_by_itself_and_nothing_is_lost(billed: Running, dsn: str) -> None:
    """The release before goes back, and comes again."""
    settings = Settings(database_url=dsn, secret_key=SECRET_KEY, _env_file=None)
    papers = await _papers(billed)
    async with billed.keeper.trade.writing() as tx:
        await invoicing.credit_note(tx, papers[0]["id"], reason="A test", on=NIGHT, now=billed.keeper.now)
        before = [await invoicing.get_invoice(tx, paper["id"]) for paper in papers]
    while await billed.one("select version_num from alembic_version") >= "0032_forms":
        migrate(settings, revision="-1")
    with billed.keeper.trade.sql() as owner:
        for told in before:
            seller, buyer = owner.execute("select seller, buyer from invoicing_invoice where id = %s", [told.summary.id]).fetchone() or ({}, {})
            assert (seller["name"], set(buyer)) == (told.seller.name, set(invoicing.Buyer.__struct_fields__))
            found = owner.execute("select details from invoicing_invoice_line where invoice_id = %s order by position", [told.summary.id]).fetchall()
            assert [details for (details,) in found] == [line.details for line in told.lines]
        buyers = owner.execute("select buyer from invoicing_credit_note union all select buyer from invoicing_proforma").fetchall()
        assert buyers
        assert all("company" in buyer for (buyer,) in buyers)
        assert owner.execute("select count(*) from pg_trigger where tgenabled = 'D'").fetchone() == (0,)
    migrate(settings)
    async with billed.keeper.trade.writing() as tx:
        assert [await invoicing.get_invoice(tx, paper["id"]) for paper in papers] == before
    await billed.until(date(2027, 2, 22))
    assert await billed.one("select count(*) from invoicing_form") == 2
    assert await billed.keeper.trade.violations() == []


async def test_a_form_that_says_too_little_is_found(billed: Running) -> None:
    (number, *_) = [
        row["number"] for row in await billed.rows("select number from invoicing_invoice where form_id is not null order by net_minor desc")
    ]
    with billed.keeper.trade.sql() as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("update invoicing_form set details = '[]' where id = (select form_id from invoicing_invoice where number = %s)", [number])
    assert any(f"invoice {number} has lines of which its form says nothing" in told for told in map(str, await billed.keeper.trade.violations()))


FORM = "insert into invoicing_form (id, seller, details) values (gen_random_uuid(), '{}', '[]')"
REFUSED = {
    "update invoicing_form set seller = '{}'": (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.RaiseException,
        psycopg.errors.RestrictViolation,
    ),
    "delete from invoicing_form": (psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException, psycopg.errors.RestrictViolation),
    "update invoicing_invoice set form_id = null, seller = '{}' where form_id is not null": (psycopg.errors.RestrictViolation,),
    f"with f as ({FORM} returning id) update invoicing_invoice set form_id = f.id from f where form_id is not null": (
        psycopg.errors.RestrictViolation,
    ),
}


@pytest.mark.parametrize("statement", REFUSED)
async def test_what_is_issued_keeps_its_form(billed: Running, statement: str) -> None:
    for role in (Role.WORK, None):
        with billed.keeper.trade.sql(role) as stolen, pytest.raises(REFUSED[statement]):
            stolen.execute(statement)
    paper: UUID = (await _papers(billed))[0]["customer_id"]
    with billed.keeper.trade.sql(Role.APP, customer_id=paper) as stolen, pytest.raises(psycopg.errors.InsufficientPrivilege):
        stolen.execute(FORM)


DRAFT = (
    "insert into invoicing_invoice (id, customer_id, state, origin_type, origin_id, due_minor, paid_minor, credited_minor, buyer, seller, form_id, created_at, "
    "currency, net_minor, tax_minor, total_minor) select gen_random_uuid(), id, 'draft', 'x', id, 0, 0, 0, '{{}}', {seller}, {form}, now(), 'USD', 1, 0, 1 "
    "from customers_customer limit 1"
)


@pytest.mark.parametrize(
    ("seller", "form", "refused"),
    [
        ("null", "gen_random_uuid()", psycopg.errors.ForeignKeyViolation),
        ("null", "null", psycopg.errors.CheckViolation),
        ("'{}'", "(select id from invoicing_form limit 1)", psycopg.errors.CheckViolation),
    ],
)
async def test_an_invoice_has_a_seller_of_its_own_or_a_form_that_is_there(billed: Running, seller: str, form: str, refused: type[Exception]) -> None:
    with billed.keeper.trade.sql(Role.WORK) as stolen, pytest.raises(refused):
        stolen.execute(DRAFT.format(seller=seller, form=form))

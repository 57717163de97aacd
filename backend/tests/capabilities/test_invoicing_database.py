"""What the database refuses of documents, whoever asks; whose documents a customer sees; whether the invariants see a break."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import nullcontext

import psycopg
import pytest

from nextbill.capabilities import invoicing
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.support.forging import drafted, forged
from tests.support.trade import NOW, TODAY, Trade, line, open_trade

TABLES = ("proforma", "proforma_line", "invoice", "invoice_line", "credit_note", "credit_note_line", "payment")


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        yield opened


async def one_of_each(trade: Trade) -> None:
    """An invoice with a line credited, as staff would have it."""
    invoice_id = await trade.paid(await trade.customer(), line(9900), line(1499, product_class="domain"))
    _, name = (await trade.invoice(invoice_id)).lines
    async with trade.writing() as tx:
        await invoicing.credit_note(tx, invoice_id, reason="x", on=TODAY, now=NOW, lines=[name.id])


@pytest.mark.parametrize(
    "deed",
    [
        "update invoicing_invoice set total_minor = 1, net_minor = 1",
        "update invoicing_invoice set number = 'INV-2026-000009'",
        "update invoicing_invoice set sequence = null, number = null, series = null, issued_on = null, due_on = null, issued_at = null, state = 'draft'",
        "update invoicing_invoice set buyer = '{}'",
        "update invoicing_invoice set issued_on = issued_on - 1",
        "update invoicing_invoice set customer_id = customer_id, created_at = now()",
        "delete from invoicing_invoice",
        "update invoicing_invoice_line set description = 'another'",
        "update invoicing_invoice_line set voided = false",
        "delete from invoicing_invoice_line",
        "update invoicing_proforma set total_minor = 1, net_minor = 1",
        "update invoicing_proforma set state = 'open'",
        "delete from invoicing_proforma",
        "update invoicing_proforma_line set quantity = 2",
        "update invoicing_credit_note set reason = 'another'",
        "delete from invoicing_credit_note",
        "delete from invoicing_credit_note_line",
        "update invoicing_invoice set state = 'open'",
        "update invoicing_invoice set state = 'void'",
        "update invoicing_invoice set paid_minor = total_minor + 1",
        "update invoicing_invoice set notes = 'Paid in cash, promised', terms_days = 90, buyer_reference = 'x', order_number = 'y'",
        "update invoicing_invoice set version = version + 1",
        "update invoicing_invoice_line set details = '{}', discount_minor = 1, discount_note = 'x', unit_net_minor = unit_net_minor + 1",
        "update invoicing_invoice_line set tax_category = 'E', tax_exemption_code = 'VATEX-EU-AE'",
        "update invoicing_payment set amount_minor = 1",
        "delete from invoicing_payment",
        "update payments_payable set amount_minor = amount_minor + 1",
        "update payments_payable set amount_minor = 1",
        "update invoicing_invoice set due_minor = 1",
        "truncate invoicing_invoice cascade",
        "truncate invoicing_counter",
    ],
)
async def test_what_is_issued_stays(trade: Trade, deed: str) -> None:
    await one_of_each(trade)
    for role in (Role.WORK, None):
        with (
            trade.sql(role) as stolen,
            pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.CheckViolation, psycopg.errors.InsufficientPrivilege)),
        ):
            stolen.execute(deed)


async def test_no_line_is_added_to_what_is_issued(trade: Trade) -> None:
    await one_of_each(trade)
    copied = (
        "customer_id, position + 9, description, product_class, quantity, unit_net_minor, tax_rate_ppm, tax_note, tax_category, reference_type, "
        "reference_id, currency, net_minor, tax_minor, total_minor"
    )
    columns = copied.replace("position + 9", "position")
    for parent in ("proforma", "invoice"):
        statement = f"insert into invoicing_{parent}_line (id, {parent}_id, {columns}) select gen_random_uuid(), {parent}_id, {copied} from invoicing_{parent}_line limit 1"
        with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.RestrictViolation)), trade.sql(Role.WORK) as stolen:
            stolen.execute(statement)


async def test_an_invoice_starts_as_a_draft_or_open_and_unpaid(trade: Trade) -> None:
    await trade.issued(await trade.customer())
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="draft"):
        stolen.execute(forged("paid", "0", "total_minor"))
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="not drawn from its counter"):
        stolen.execute(forged("open", "total_minor", "0"))


LINE = (
    "insert into invoicing_invoice_line (id, invoice_id, customer_id, position, description, product_class, quantity, unit_net_minor, tax_rate_ppm, tax_note, "
    "tax_category, reference_type, reference_id, currency, net_minor, tax_minor, total_minor) "
    "select gen_random_uuid(), i.id, i.customer_id, {place}, 'x', 'hosting', 1, {net}, 0, 'x', 'O', 'x', gen_random_uuid(), i.currency, {net}, 0, {net} from "
)


async def test_an_invoice_that_is_written_at_once_has_its_lines_in_one_statement(trade: Trade) -> None:
    await trade.issued(await trade.customer())
    second = forged("open", "total_minor", "0")
    whole = f"{second[: second.index(') insert into invoicing_invoice') + 1]}, i as ({{invoice}} returning *) {LINE}i"
    invoice = second[second.index("insert into invoicing_invoice") :]
    for deeds in (
        [second],
        [whole.format(invoice=invoice, place=1, net="i.net_minor - 1")],
        [second, LINE.format(place=1, net="i.net_minor") + _THERE],
    ):
        with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="not the sum of its lines"):
            stolen.execute("select invoicing_next_numbers('INV-2026', 1)")
            for deed in deeds:
                stolen.execute(deed)
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.RestrictViolation, match="its lines stay"):
        stolen.execute("select invoicing_next_numbers('INV-2026', 1)")
        stolen.execute(whole.format(invoice=invoice, place=2, net="i.net_minor"))  # others would find room before it
    with trade.sql(Role.WORK) as honest:
        honest.execute("select invoicing_next_numbers('INV-2026', 1)")
        honest.execute(whole.format(invoice=invoice, place=1, net="i.net_minor"))
    for place, net, refusal, told in (
        (2, "0", psycopg.errors.RestrictViolation, "its lines stay"),
        (2, "1", psycopg.errors.RestrictViolation, "its lines stay"),
        (1, "i.net_minor", psycopg.errors.UniqueViolation, "invoice_id_position"),
    ):
        with trade.sql(Role.WORK) as stolen, pytest.raises(refusal, match=told):
            stolen.execute(LINE.format(place=place, net=net) + _THERE)
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.ForeignKeyViolation, match="invoice_id"):
        stolen.execute(LINE.replace("i.customer_id", "gen_random_uuid()").format(place=2, net="0") + _THERE)


@pytest.mark.parametrize(
    "deed",
    [
        "update invoicing_invoice_line set unit_net_minor = 1, net_minor = 1, total_minor = 1 where id = line",
        "update invoicing_invoice_line set position = 7 where id = line",
        "delete from invoicing_invoice_line where id = line",
    ],
)
async def test_a_line_stays_as_it_came_while_its_invoice_is_not_there_yet(trade: Trade, deed: str) -> None:
    """By a function of the stranger's own that the writing statement itself calls, between the lines and their invoice."""
    await trade.issued(await trade.customer())
    new = new_id()
    second = forged("open", "total_minor", "0", new=f"'{new}'::uuid")
    lines = LINE.format(place=1, net="i.net_minor").replace("select gen_random_uuid(), i.id", f"select gen_random_uuid(), '{new}'")
    invoice = second[second.index("insert into invoicing_invoice") :]
    payable, whole = (
        second[: second.index(") insert into invoicing_invoice")],
        f"{invoice}, (select count(t) as n from l) z where z.n > 0",
    )
    for meddles in (True, False):
        with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.RestrictViolation, match="is not there") if meddles else nullcontext():
            does = deed if meddles else "null"
            stolen.execute(f"create function pg_temp.meddle(line uuid) returns uuid language plpgsql as $$ begin {does}; return line; end $$")
            stolen.execute("select invoicing_next_numbers('INV-2026', 1)")
            stolen.execute(f"{payable}), l as ({lines}invoicing_invoice i returning pg_temp.meddle(id) as t) {whole}")
            stolen.execute("set constraints all immediate")


_THERE = "invoicing_invoice i where number = 'INV-2026-000002'"
COPY = "insert into {table} select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), {changes}))).* from {table} r limit 1"
STRAYS = {
    "a payable of nobody": COPY.format(table="payments_payable", changes="'reference_id', gen_random_uuid(), 'customer_id', gen_random_uuid()"),
    "an entry of no journal": (
        "insert into ledger_entry select (jsonb_populate_record(e, jsonb_build_object('journal_id', j.id))).* "
        "from ledger_entry e, (select gen_random_uuid() as id) j where e.journal_id = (select journal_id from ledger_entry limit 1)"
    ),
    "a collection of no payable": (
        "insert into payments_collection (payable_id, customer_id, state, started_on, next_try_on, changed_at) "
        "select gen_random_uuid(), customer_id, 'due', current_date, current_date, now() from payments_payable limit 1"
    ),
    "a collection of another's payable": (
        "insert into payments_collection (payable_id, customer_id, state, started_on, next_try_on, changed_at) "
        "select p.id, c.id, 'due', current_date, current_date, now() from payments_payable p join customers_customer c on c.id <> p.customer_id limit 1"
    ),
    "a draft of nobody": (
        "insert into invoicing_invoice (id, customer_id, state, origin_type, origin_id, due_minor, paid_minor, credited_minor, buyer, seller, created_at, "
        "currency, net_minor, tax_minor, total_minor) values (gen_random_uuid(), gen_random_uuid(), 'draft', 'x', gen_random_uuid(), 0, 0, 0, '{}', '{}', "
        "now(), 'USD', 0, 0, 0)"
    ),
    "a period of no subscription": (
        "insert into subscriptions_period (subscription_id, customer_id, period_index, period_start, period_end, created_at) "
        "select gen_random_uuid(), id, 0, '2026-01-01', '2026-02-01', now() from customers_customer limit 1"
    ),
}


@pytest.mark.parametrize("name", STRAYS)
async def test_nothing_refers_to_what_is_not_there(trade: Trade, name: str) -> None:
    await trade.issued(await trade.customer())
    await trade.customer()
    for role in (Role.WORK, None):
        with trade.sql(role) as stolen, pytest.raises(psycopg.errors.ForeignKeyViolation, match="refers to what is not there"):
            stolen.execute(STRAYS[name])


@pytest.mark.parametrize(
    "deed",
    [
        "delete from {table}",
        "update {table} set id = gen_random_uuid()",
        "truncate {table} cascade",
    ],
)
@pytest.mark.parametrize("table", ["customers_customer", "payments_payable"])
async def test_what_is_referred_to_stays(trade: Trade, table: str, deed: str) -> None:
    await trade.issued(await trade.customer())
    for role in (Role.WORK, None):
        refused = psycopg.errors.InsufficientPrivilege if role and "truncate" in deed else psycopg.errors.RestrictViolation
        with trade.sql(role) as stolen, pytest.raises(refused):
            stolen.execute(deed.format(table=table))


async def test_numbers_that_are_drawn_together_all_have_their_documents(trade: Trade) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="no document"), trade.sql(Role.WORK) as stolen:
        stolen.execute("select invoicing_next_numbers('INV-2026', 3)")
    await trade.issued(await trade.customer())
    with pytest.raises(psycopg.errors.CheckViolation, match="no document"), trade.sql(Role.WORK) as stolen:
        stolen.execute("select invoicing_next_numbers('INV-2026', 2)")
        stolen.execute(
            forged("draft", "0", "0")
            .replace("2, 'INV-2026-000002'", "null, null")
            .replace("series,", "")
            .replace("issued_on, due_on, issued_at,", "")
        )
    for many in (0, -1):
        with pytest.raises(psycopg.errors.InvalidParameterValue), trade.sql(Role.WORK) as stolen:
            stolen.execute("select invoicing_next_numbers('INV-2026', %s)", (many,))


async def test_a_number_without_a_document_is_not_committed(trade: Trade) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="no document"), trade.sql(Role.WORK) as stolen:
        stolen.execute("select invoicing_next_number('INV-2026')")
    with trade.sql() as owner:
        assert owner.execute("select count(*) from invoicing_counter").fetchone() == (0,)


@pytest.mark.parametrize(
    "deed", ["update invoicing_counter set last = 7", "insert into invoicing_counter values ('INV-2027', 7)", "delete from invoicing_counter"]
)
async def test_nobody_writes_a_counter(trade: Trade, deed: str) -> None:
    for role in (Role.WORK, Role.APP):
        with trade.sql(role) as stolen, pytest.raises(psycopg.errors.InsufficientPrivilege):
            stolen.execute(deed)


async def test_a_customers_session_draws_no_number(trade: Trade) -> None:
    with trade.sql(Role.APP, customer_id=new_id()) as stolen, pytest.raises(psycopg.errors.InsufficientPrivilege):
        stolen.execute("select invoicing_next_number('INV-2026')")
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.InvalidParameterValue):
        stolen.execute("select invoicing_next_number('FREE')")


@pytest.mark.parametrize("table", TABLES)
async def test_customers_see_their_own_documents_only(trade: Trade, table: str) -> None:
    await one_of_each(trade)
    with trade.sql() as owner:
        (owner_of,) = owner.execute("select customer_id from invoicing_invoice").fetchone() or (None,)
        (there,) = owner.execute(f"select count(*) from invoicing_{table}").fetchone() or (0,)
    assert there > 0
    for caller, seen in ((owner_of, there), (await trade.customer(), 0), (None, 0)):
        with trade.sql(Role.APP, customer_id=caller) as session:
            assert session.execute(f"select count(*) from invoicing_{table}").fetchone() == (seen,)
    with (
        trade.sql(Role.APP, customer_id=owner_of) as session,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation)),
    ):
        session.execute(f"delete from invoicing_{table}")


@pytest.mark.parametrize(
    ("damage", "seen"),
    [
        ("update invoicing_invoice set due_minor = 0, taken_off_minor = total_minor where state = 'open'", "invoices have 0 USD due"),
        ("update invoicing_counter set last = 9", "counter at 9"),
        ("delete from invoicing_counter", "counter at None"),
        ("update invoicing_invoice set sequence = 5 where sequence = 1", "2 documents from 2 to 5"),
        (
            "update invoicing_invoice_line set net_minor = net_minor - 1, unit_net_minor = unit_net_minor - 1, total_minor = total_minor - 1",
            "is not the sum of its lines",
        ),
        ("delete from invoicing_credit_note_line", "is not the sum of its lines"),
        ("update invoicing_invoice set credited_minor = 0", "and its credit notes do not agree"),
        ("delete from ledger_entry", "has no entries"),
        ("delete from ledger_entry where account = 'receivable'", "is not in the books as it says"),
        ("update ledger_entry set amount_minor = amount_minor + 1, home_minor = home_minor + 1 where account = 'revenue_hosting'", "is off by"),
    ],
)
async def test_the_invariants_see_a_break(trade: Trade, damage: str, seen: str) -> None:
    """The owner switches the triggers off: what a broken disk or a bad restore could leave."""
    await one_of_each(trade)
    await trade.issued(await trade.customer())
    assert await trade.violations() == []
    with trade.sql() as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute(damage)
    assert any(seen in found for found in await trade.violations())


async def test_paid_says_what_was_applied(trade: Trade) -> None:
    """Both sums are judged at the end: neither the invoice nor its payments can be moved alone, even where the row by itself adds up."""
    await trade.issued(await trade.customer(), line(9900))
    for deed in (
        "update invoicing_invoice set paid_minor = 900, due_minor = due_minor - 900",
        (
            "insert into invoicing_payment (id, invoice_id, customer_id, position, amount_minor, currency, source, applied_on, created_at) "
            "select gen_random_uuid(), id, customer_id, 1, 900, 'USD', 'credit', issued_on, now() from invoicing_invoice"
        ),
    ):
        with pytest.raises(psycopg.errors.CheckViolation, match="does not say what was paid"), trade.sql(Role.WORK) as stolen:
            stolen.execute(deed)


async def test_a_line_is_never_credited_for_more_than_it_was_sold(trade: Trade) -> None:
    await one_of_each(trade)
    copied = "credit_note_id, customer_id, invoice_line_id, position + 1, description, product_class, 1, 1, 0, tax_rate_ppm, tax_note, tax_category, currency, 1, 0, 1"
    columns = (
        "credit_note_id, customer_id, invoice_line_id, position, description, product_class, quantity, unit_net_minor, discount_minor, tax_rate_ppm, tax_note, "
        "tax_category, currency, net_minor, tax_minor, total_minor"
    )
    statement = f"insert into invoicing_credit_note_line (id, {columns}) select gen_random_uuid(), {copied} from invoicing_credit_note_line"
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="for more than it was sold"):
        stolen.execute(statement)


ISSUE = (
    "with p as (insert into payments_payable (id, customer_id, reference_type, reference_id, amount_minor, currency, description, state, opened_at) "
    "select gen_random_uuid(), customer_id, 'invoicing.invoice', id, total_minor, currency, 'x', 'open', now() from invoicing_invoice returning id) "
    "update invoicing_invoice i set state = 'open', series = 'INV-2026', sequence = 1, number = 'INV-2026-000001', issued_on = current_date, "
    "due_on = current_date, issued_at = now(), due_minor = total_minor, payable_id = p.id from p"
)


@pytest.mark.parametrize(("place", "refused"), [(1, False), (2, True)])
async def test_a_draft_is_issued_with_lines_that_count_from_one(trade: Trade, place: int, refused: bool) -> None:
    """Others would find room before them, and nobody would see that they came later."""
    await drafted(trade)
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="sum of its lines") if refused else nullcontext():
        stolen.execute("update invoicing_invoice_line set position = %s", (place,))
        stolen.execute("select invoicing_next_numbers('INV-2026', 1)")
        stolen.execute(ISSUE)
        stolen.execute("set constraints all immediate")


async def test_a_draft_is_seen_by_staff_alone(trade: Trade) -> None:
    ada = await drafted(trade)
    for role, seen in ((Role.WORK, 1), (Role.APP, 0)):
        with trade.sql(role, customer_id=ada) as session:
            assert session.execute("select count(*) from invoicing_invoice").fetchone() == (seen,)

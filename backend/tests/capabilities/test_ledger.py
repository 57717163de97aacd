"""The books: whoever writes past the product is refused by the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import psycopg
import pytest

from nextbill.capabilities import ledger
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from tests.support.trade import NOW, TODAY, Trade, open_trade

ENTRY = (
    "insert into ledger_entry (position, journal_id, account, amount_minor, currency, home_minor, home_currency, home_rate_ppm) "
    "select position, journal_id::uuid, account, amount_minor, currency, amount_minor, currency, 1000000 "
    "from (values {values}) as wanted (position, journal_id, account, amount_minor, currency)"
)
PAIR = "(1, %(j)s, 'gateway_clearing', 5, 'USD'), (2, %(j)s, 'cost_domains', -5, 'USD')"
JOURNAL = "insert into ledger_journal (id, reference_type, reference_id, kind, description, booked_on, created_at) values (%(j)s, 'test', %(j)s, 'booked', 'x', '2026-07-01', now())"
WHOLE = f"with booked as ({JOURNAL}) {ENTRY}"
"""A journal and its entries, as the product writes them."""


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        yield opened


def journal(*amounts: tuple[ledger.Account, int, str], reference_id: UUID | None = None, kind: str = "booked") -> ledger.Journal:
    entries = [ledger.Entry(account, Money(minor, currency)) for account, minor, currency in amounts]
    return ledger.Journal("test", reference_id or new_id(), "A fact", entries, kind=kind)


BALANCED = ((ledger.Account.GATEWAY_CLEARING, 500, "USD"), (ledger.Account.REVENUE_HOSTING, -500, "USD"))


async def post(trade: Trade, found: ledger.Journal) -> UUID:
    async with trade.writing() as tx:
        return await ledger.post(tx, journal=found, on=TODAY, now=NOW)


async def test_balances_add_up_by_currency_and_customer(trade: Trade) -> None:
    ada, bob = await trade.customer(), await trade.customer()
    async with trade.writing() as tx:
        await trade.receive(tx, ada, Money(700, "USD"))
        await trade.receive(tx, bob, Money(50, "USD"))
        await trade.receive(tx, ada, Money(900, "JPY"))
    assert await trade.balance(ledger.Account.GATEWAY_CLEARING) == {"USD": 750, "JPY": 900}
    assert await trade.balance(ledger.Account.CUSTOMER_CREDIT, ada) == {"USD": -700, "JPY": -900}
    async with trade.database.reading(Role.WORK) as tx:
        assert await ledger.customer_balance(tx, bob) == {"USD": -50}
        assert await ledger.trial_balance(tx) == {"USD": 0, "JPY": 0}
    assert await trade.violations() == []


async def test_a_fact_is_booked_once(trade: Trade) -> None:
    fact = new_id()
    await post(trade, journal(*BALANCED, reference_id=fact))
    with pytest.raises(ledger.AlreadyPosted):
        await post(trade, journal(*BALANCED, reference_id=fact))
    await post(trade, journal(*BALANCED, reference_id=fact, kind="reversal"))
    assert await trade.balance(ledger.Account.GATEWAY_CLEARING) == {"USD": 1000}


async def test_a_refused_second_booking_leaves_the_transaction_usable(trade: Trade) -> None:
    fact = new_id()
    async with trade.writing() as tx:
        await ledger.post(tx, journal=journal(*BALANCED, reference_id=fact), on=TODAY, now=NOW)
        with pytest.raises(ledger.AlreadyPosted):
            await ledger.post(tx, journal=journal(*BALANCED, reference_id=fact), on=TODAY, now=NOW)
        assert await ledger.is_posted(tx, reference_type="test", reference_id=fact, kind="booked")
    assert await trade.balance(ledger.Account.GATEWAY_CLEARING) == {"USD": 500}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param((), id="nothing"),
        pytest.param(((ledger.Account.GATEWAY_CLEARING, 500, "USD"),), id="one side"),
        pytest.param(((ledger.Account.GATEWAY_CLEARING, 500, "USD"), (ledger.Account.REVENUE_HOSTING, -500, "EUR")), id="two currencies"),
        pytest.param(((ledger.Account.GATEWAY_CLEARING, 0, "USD"), (ledger.Account.REVENUE_HOSTING, 0, "USD")), id="zeros"),
    ],
)
async def test_an_unbalanced_journal_is_a_defect(trade: Trade, wrong: tuple[tuple[ledger.Account, int, str], ...]) -> None:
    with pytest.raises(ledger.Unbalanced):
        await post(trade, journal(*wrong))
    assert await trade.balance(ledger.Account.GATEWAY_CLEARING) == {}


async def test_entries_of_nothing_are_left_out(trade: Trade) -> None:
    posted = await post(trade, journal(*BALANCED, (ledger.Account.TAX_PAYABLE, 0, "USD")))
    with trade.sql() as owner:
        assert owner.execute("select count(*) from ledger_entry where journal_id = %s", (posted,)).fetchone() == (2,)


async def test_receivable_and_credit_name_their_customer(trade: Trade) -> None:
    with pytest.raises(Exception, match="ck_ledger_entry_customer"):
        await post(trade, journal((ledger.Account.RECEIVABLE, 500, "USD"), (ledger.Account.REVENUE_HOSTING, -500, "USD")))


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        pytest.param("(1, %(j)s, 'gateway_clearing', 5, 'USD')", "off by 5 USD", id="one side"),
        pytest.param(
            "(1, %(j)s, 'gateway_clearing', 5, 'USD'), (2, %(j)s, 'cost_domains', -5, 'EUR')",
            "off by",
            id="two currencies",
        ),
        pytest.param(
            "(1, %(j)s, 'petty_cash', 5, 'USD'), (2, %(j)s, 'write_off', -5, 'USD')",
            "ck_ledger_entry_account",
            id="no such account",
        ),
        pytest.param("(1, %(j)s, 'write_off', 0, 'USD')", "ck_ledger_entry_amount", id="nothing"),
    ],
)
async def test_the_database_refuses_a_wrong_statement(trade: Trade, values: str, refusal: str) -> None:
    with trade.sql(Role.WORK) as stolen:
        new = new_id()
        with pytest.raises(psycopg.errors.CheckViolation, match=refusal):
            stolen.execute(WHOLE.format(values=values), {"j": new})


async def test_a_journal_comes_in_one_statement(trade: Trade) -> None:
    """Two balanced halves are refused as well as two unbalanced ones: what is written is not added to, neither in its places nor after them."""
    known, more = await post(trade, journal(*BALANCED)), PAIR.replace("(1,", "(3,").replace("(2,", "(4,")
    for values, refusal, told in (
        (PAIR, psycopg.errors.UniqueViolation, "pk_ledger_entry"),
        (more, psycopg.errors.CheckViolation, "written already"),
    ):
        with trade.sql(Role.WORK) as stolen:
            new = new_id()
            stolen.execute(WHOLE.format(values=PAIR), {"j": new})
            with pytest.raises(refusal, match=told):
                stolen.execute(ENTRY.format(values=values), {"j": new})
        with trade.sql(Role.WORK) as stolen, pytest.raises(refusal, match=told):
            stolen.execute(ENTRY.format(values=values), {"j": known})
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="written already"):
        stolen.execute(WHOLE.format(values=more), {"j": new_id()})


async def test_entries_belong_to_a_journal_and_a_journal_has_entries(trade: Trade) -> None:
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.ForeignKeyViolation, match="journal_id"):
        stolen.execute(ENTRY.format(values=PAIR), {"j": new_id()})
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="no entries"):
        stolen.execute(JOURNAL, {"j": new_id()})
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="no entries"):
        stray = JOURNAL.replace("%(j)s", "gen_random_uuid()")
        stolen.execute(f"with stray as ({stray}), {WHOLE.removeprefix('with ')}".format(values=PAIR), {"j": new_id()})


async def test_a_journal_in_several_currencies_balances_in_each(trade: Trade) -> None:
    """And among many journals of one statement the broken one is found."""
    euros = "(3, %(j)s, 'bank', 7, 'EUR'), (4, %(j)s, 'write_off', -7, 'EUR')"
    new = new_id()
    with trade.sql(Role.WORK) as stolen:
        stolen.execute(WHOLE.format(values=f"{PAIR}, {euros}"), {"j": new})
    with trade.sql(Role.WORK) as stolen, pytest.raises(psycopg.errors.CheckViolation, match="off by 1 EUR"):
        stolen.execute(WHOLE.format(values=f"{PAIR}, {euros.replace(' 7,', ' 8,')}"), {"j": new_id()})


@pytest.mark.parametrize(("table", "column"), [("ledger_entry", "position"), ("ledger_journal", "id")])
@pytest.mark.parametrize("deed", ["update {table} set {column} = {column}", "delete from {table}", "truncate {table} cascade"])
async def test_nobody_changes_what_is_booked(trade: Trade, table: str, column: str, deed: str) -> None:
    await post(trade, journal(*BALANCED))
    for role, refusal in ((Role.WORK, psycopg.errors.InsufficientPrivilege), (None, psycopg.errors.RestrictViolation)):
        with trade.sql(role) as stolen, pytest.raises(refusal):
            stolen.execute(deed.format(table=table, column=column))


async def test_customers_read_their_own_entries_and_write_none(trade: Trade) -> None:
    ada, bob = await trade.customer(), await trade.customer()
    async with trade.writing() as tx:
        await trade.receive(tx, ada, Money(700, "USD"))
        await trade.receive(tx, bob, Money(50, "USD"))
    with trade.sql(Role.APP, customer_id=ada) as hers:
        assert hers.execute("select amount_minor from ledger_entry").fetchall() == [(-700,)]
    with trade.sql(Role.APP) as nobody:
        assert nobody.execute("select count(*) from ledger_entry").fetchone() == (0,)
    with trade.sql(Role.APP, customer_id=ada) as hers, pytest.raises(psycopg.errors.InsufficientPrivilege):
        hers.execute(ENTRY.format(values="(1, gen_random_uuid(), 'write_off', 1, 'USD')"))
    with trade.sql(Role.LICENSE) as panel, pytest.raises(psycopg.errors.InsufficientPrivilege):
        panel.execute("select 1 from ledger_entry")


async def test_every_entry_is_told_in_the_company_s_own_currency(trade: Trade) -> None:
    """Each rounds for itself; together they balance in dollars too, whatever three parts of an odd amount round to."""
    ada = await trade.customer()
    async with trade.writing() as tx:
        entries = [
            ledger.Entry(ledger.Account.RECEIVABLE, Money(1001, "JPY"), ada),
            ledger.Entry(ledger.Account.REVENUE_HOSTING, Money(-334, "JPY")),
            ledger.Entry(ledger.Account.REVENUE_DOMAINS, Money(-334, "JPY"), product="tld:com"),
            ledger.Entry(ledger.Account.TAX_PAYABLE, Money(-333, "JPY")),
        ]
        journal_id = await ledger.post(tx, journal=ledger.Journal("test", new_id(), "A sale", entries), on=TODAY, now=NOW)
    with trade.sql() as owner:
        found = owner.execute(
            "select home_minor, home_currency, home_rate_ppm from ledger_entry where journal_id = %s order by position", (journal_id,)
        )
        rows = found.fetchall()
    assert [row[0] for row in rows] == [644, -215, -215, -214]
    assert {row[1:] for row in rows} == {("USD", 6_437)}


async def test_a_rate_holds_until_the_next_and_a_missing_one_refuses(trade: Trade) -> None:
    first, second = date(2026, 6, 1), date(2026, 6, 20)
    async with trade.writing() as tx:
        for day, ppm in ((first, 1_270_000), (second, 1_300_000)):
            await ledger.set_rate(tx, currency="GBP", day=day, ppm=ppm, source="test", now=NOW)
        for on, ppm in ((date(2026, 6, 19), 1_270_000), (second, 1_300_000), (TODAY, 1_300_000)):
            found = await ledger.rate_on(tx, currency="GBP", home="USD", on=on)
            assert found is not None
            assert found.ppm == ppm
        pair = ((ledger.Account.GATEWAY_CLEARING, 500, "GBP"), (ledger.Account.REVENUE_HOSTING, -500, "GBP"))
        with pytest.raises(ledger.RateMissing):
            await ledger.post(tx, journal=journal(*pair), on=date(2026, 5, 31), now=NOW)
        await ledger.post(tx, journal=journal(*pair), on=first, now=NOW)


async def test_a_closed_month_takes_no_booking(trade: Trade) -> None:
    june = date(2026, 6, 30)
    async with trade.writing() as tx:
        with pytest.raises(ledger.MonthNotOver):
            await ledger.close_month(tx, TODAY, today=TODAY, actor="staff:x", now=NOW)
        await ledger.close_month(tx, june, today=TODAY, actor="staff:x", now=NOW)
        await ledger.close_month(tx, june, today=TODAY, actor="staff:x", now=NOW)
        with pytest.raises(ledger.MonthClosed):
            await ledger.post(tx, journal=journal(*BALANCED), on=june, now=NOW)
        await ledger.post(tx, journal=journal(*BALANCED), on=TODAY, now=NOW)
    into_june = WHOLE.replace("2026-07-01", "2026-06-15")
    for role in (Role.WORK, Role.APP, None):
        new = new_id()
        with trade.sql(role) as stolen, pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)):
            stolen.execute(into_june.format(values=PAIR), {"j": new})
    async with trade.writing() as tx:
        await ledger.reopen_month(tx, june)
        with pytest.raises(ledger.MonthNotClosed):
            await ledger.reopen_month(tx, june)
        await ledger.post(tx, journal=journal(*BALANCED), on=june, now=NOW)


async def test_closing_waits_for_what_is_being_booked(trade: Trade) -> None:
    """Either the booking is in before the month closes, or it is refused: nothing slips in beside it."""
    june = date(2026, 6, 30)
    with trade.sql(Role.WORK) as booking:
        new = new_id()
        booking.execute(WHOLE.replace("2026-07-01", "2026-06-15").format(values=PAIR), {"j": new})
        with trade.sql(Role.WORK) as closing:
            closing.execute("set lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                closing.execute("insert into ledger_closed_month values (%s, 'staff:x', now())", (june.replace(day=1),))
            closing.rollback()
        booking.rollback()

"""From proforma to paid invoice, and back by credit notes: documents, books and states after each."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import date

import pytest

from nextbill.capabilities import customers, invoicing, ledger, payments
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, MoneyError
from nextbill.kernel.period import Period
from nextbill.runtime.database import Role
from tests.support.trade import BUYER, NOW, SELLER, TODAY, Trade, line, open_trade, succeeded

Account = ledger.Account


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        yield opened


async def payable_state(trade: Trade, reference_type: str, reference_id: object) -> str:
    async with trade.database.reading(Role.WORK) as tx:
        payable = await payments.payable_for(tx, reference_type=reference_type, reference_id=reference_id)  # type: ignore[arg-type]  # ids are UUIDs
    assert payable is not None
    return payable.state


async def test_a_proforma_asks_for_money_and_books_nothing(trade: Trade) -> None:
    ada = await trade.customer()
    proforma_id = await trade.proforma(ada, line(9900, rate_ppm=190_000), line(1499, product_class="domain"))
    async with trade.database.reading(Role.APP, customer_id=ada) as tx:
        found = await invoicing.get_proforma(tx, proforma_id)
        payable = await payments.get_payable(tx, found.payable_id)
    assert (found.number, found.state) == ("PRO-2026-000001", "open")
    assert (found.net, found.tax, found.total) == (Money(11399, "USD"), Money(1881, "USD"), Money(13280, "USD"))
    assert (payable.amount, payable.reference_type, payable.reference_id) == (found.total, invoicing.PROFORMA, proforma_id)
    with trade.sql() as owner:
        assert owner.execute("select (select count(*) from ledger_journal), (select count(*) from invoicing_invoice)").fetchone() == (0, 0)


async def test_a_payment_makes_the_invoice(trade: Trade) -> None:
    ada, order = await trade.customer(), new_id()
    proforma_id = await trade.proforma(ada, line(9900, rate_ppm=190_000), line(1499, product_class="domain", rate_ppm=190_000), origin_id=order)
    async with trade.writing() as tx:
        proforma = await invoicing.get_proforma(tx, proforma_id)
        await trade.receive(tx, ada, proforma.total)
    event = succeeded(ada, reference_type=invoicing.PROFORMA, reference_id=proforma_id, payable_id=proforma.payable_id, amount=proforma.total)
    event_id = await trade.react(event)
    await trade.again(event_id, event)
    await trade.react(event)
    async with trade.database.reading(Role.APP, customer_id=ada) as tx:
        (summary,) = await invoicing.invoices_of(tx, origin_type="orders.order", origin_id=order)
        invoice = await invoicing.get_invoice(tx, summary.id)
    assert (summary.number, summary.state, summary.issued_on, summary.due_on, summary.paid_at) == ("INV-2026-000001", "paid", TODAY, TODAY, NOW)
    assert (summary.net.minor, summary.tax.minor, summary.total.minor, summary.due.minor, summary.paid.minor) == (11399, 2166, 13565, 0, 13565)
    assert (invoice.buyer, invoice.seller) == (BUYER, SELLER)
    assert [dataclasses.replace(item, id=order) for item in invoice.lines] == [dataclasses.replace(item, id=order) for item in proforma.lines]
    assert await trade.balance(Account.REVENUE_HOSTING) == {"USD": -9900}
    assert await trade.balance(Account.REVENUE_DOMAINS) == {"USD": -1499}
    assert await trade.balance(Account.TAX_PAYABLE) == {"USD": -2166}
    assert await trade.balance(Account.GATEWAY_CLEARING) == {"USD": 13565}
    assert await trade.balance(Account.RECEIVABLE, ada) == await trade.balance(Account.CUSTOMER_CREDIT, ada) == {}
    assert await payable_state(trade, invoicing.PROFORMA, proforma_id) == "settled"
    assert await trade.violations() == []
    with trade.sql() as owner:
        facts = owner.execute("select name, payload ->> 'origin_id' from runtime_event where name like 'invoicing.%'").fetchall()
    assert facts == [("invoicing.InvoicePaid", str(order))]


async def test_payments_of_others_are_not_ours(trade: Trade) -> None:
    ada = await trade.customer()
    await trade.react(succeeded(ada, reference_type="somebody.else", reference_id=new_id(), payable_id=new_id(), amount=Money(1, "USD")))
    with trade.sql() as owner:
        assert owner.execute("select count(*) from invoicing_invoice").fetchone() == (0,)


@pytest.mark.parametrize("came", [Money(11398, "USD"), Money(11400, "USD"), Money(11399, "EUR")])
async def test_another_amount_books_nothing(trade: Trade, came: Money) -> None:
    ada = await trade.customer()
    proforma_id = await trade.proforma(ada)
    with pytest.raises(invoicing.WrongAmount):
        await trade.react(succeeded(ada, reference_type=invoicing.PROFORMA, reference_id=proforma_id, payable_id=new_id(), amount=came))
    with trade.sql() as owner:
        assert owner.execute("select state from invoicing_proforma").fetchone() == ("open",)
        assert owner.execute("select (select count(*) from ledger_journal), (select count(*) from invoicing_counter)").fetchone() == (0, 0)


async def test_a_cancelled_proforma_takes_no_money(trade: Trade) -> None:
    ada = await trade.customer()
    proforma_id = await trade.proforma(ada)
    for _ in range(2):
        async with trade.writing() as tx:
            await invoicing.cancel_proforma(tx, proforma_id, now=NOW)
    assert await payable_state(trade, invoicing.PROFORMA, proforma_id) == "cancelled"
    with pytest.raises(invoicing.ProformaNotOpen):
        await trade.react(
            succeeded(ada, reference_type=invoicing.PROFORMA, reference_id=proforma_id, payable_id=new_id(), amount=Money(11399, "USD"))
        )


async def test_a_paid_proforma_cannot_be_cancelled(trade: Trade) -> None:
    ada = await trade.customer()
    invoice = await trade.invoice(await trade.paid(ada))
    assert invoice.summary.proforma_id is not None
    async with trade.writing() as tx:
        with pytest.raises(invoicing.ProformaNotOpen):
            await invoicing.cancel_proforma(tx, invoice.summary.proforma_id, now=NOW)


async def test_an_origin_has_one_living_proforma(trade: Trade) -> None:
    ada, order = await trade.customer(), new_id()
    first = await trade.proforma(ada, origin_id=order)
    with pytest.raises(Exception, match="uq_invoicing_proforma_origin"):
        await trade.proforma(ada, origin_id=order)
    async with trade.writing() as tx:
        await invoicing.cancel_proforma(tx, first, now=NOW)
    second = await trade.proforma(ada, origin_id=order)
    async with trade.database.reading(Role.WORK) as tx:
        found = await invoicing.proforma_of(tx, origin_type="orders.order", origin_id=order)
    assert found is not None
    assert found.id == second


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        pytest.param([], invoicing.NothingToPay, id="nothing"),
        pytest.param([line(0)], invoicing.NothingToPay, id="for free"),
        pytest.param([line(-5)], ValueError, id="below zero"),
        pytest.param([line(5, product_class="gold")], ValueError, id="unknown class"),
        pytest.param([line(5, quantity=0)], ValueError, id="no piece"),
        pytest.param([line(5), line(5, currency="EUR")], MoneyError, id="two currencies"),
        pytest.param([dataclasses.replace(line(5), quantity=2)], ValueError, id="wrong product"),
    ],
)
async def test_lines_that_cannot_be_sold(trade: Trade, lines: list[invoicing.InvoiceLine], refusal: type[Exception]) -> None:
    ada = await trade.customer()
    async with trade.writing(ada) as tx:
        with pytest.raises(refusal):
            await invoicing.create_proforma(
                tx, customer_id=ada, origin_type="o", origin_id=new_id(), lines=lines, buyer=BUYER, currency="USD", now=NOW
            )


async def test_documents_keep_what_was_true(trade: Trade) -> None:
    ada = await trade.customer()
    invoice_id = await trade.paid(ada)
    async with trade.writing() as tx:
        await customers.update_profile(tx, customer_id=ada, changes={"name": "Countess Lovelace"}, now=NOW)
    assert (await trade.invoice(invoice_id)).buyer.name == "Ada Lovelace"


async def test_an_invoice_before_its_payment(trade: Trade) -> None:
    ada = await trade.customer()
    invoice_id = await trade.issued(ada, line(9900, rate_ppm=190_000))
    opened = (await trade.invoice(invoice_id)).summary
    assert (opened.number, opened.state, opened.due, opened.due_on) == ("INV-2026-000001", "open", Money(11781, "USD"), date(2026, 7, 15))
    assert await trade.balance(Account.RECEIVABLE, ada) == {"USD": 11781}
    assert await trade.violations() == []
    async with trade.writing() as tx:
        await trade.receive(tx, ada, opened.total)
    event = succeeded(ada, reference_type=invoicing.INVOICE, reference_id=invoice_id, payable_id=opened.payable_id, amount=opened.total)
    await trade.react(event)
    await trade.react(event)
    paid = (await trade.invoice(invoice_id)).summary
    assert (paid.state, paid.due.minor, paid.paid, paid.paid_at) == ("paid", 0, opened.total, NOW)
    assert await trade.balance(Account.RECEIVABLE, ada) == await trade.balance(Account.CUSTOMER_CREDIT, ada) == {}
    assert await payable_state(trade, invoicing.INVOICE, invoice_id) == "settled"
    assert await trade.violations() == []


async def test_a_voided_invoice_has_its_credit_note(trade: Trade) -> None:
    ada, subscription = await trade.customer(), new_id()
    july = Period(date(2026, 7, 1), date(2026, 8, 1))
    invoice_id = await trade.issued(ada, line(9900, rate_ppm=190_000, period=july, reference_id=subscription), line(1499, product_class="domain"))
    with pytest.raises(Exception, match="uq_invoicing_invoice_line_period"):
        await trade.issued(ada, line(9900, period=july, reference_id=subscription))
    async with trade.writing() as tx:
        await invoicing.void_invoice(tx, invoice_id, reason="Wrong company", on=TODAY, now=NOW)
    invoice = await trade.invoice(invoice_id)
    (note,) = invoice.credit_notes
    assert (invoice.summary.state, invoice.summary.due.minor, invoice.summary.credited) == ("void", 0, invoice.summary.total)
    assert (note.number, note.net.minor, note.tax.minor, note.total, note.reason) == (
        "CN-2026-000001",
        11399,
        1881,
        invoice.summary.total,
        "Wrong company",
    )
    for account in (Account.RECEIVABLE, Account.CUSTOMER_CREDIT, Account.REVENUE_HOSTING, Account.REVENUE_DOMAINS, Account.TAX_PAYABLE):
        assert await trade.balance(account) == {}
    assert await payable_state(trade, invoicing.INVOICE, invoice_id) == "cancelled"
    async with trade.writing() as tx:
        with pytest.raises(invoicing.InvoiceNotOpen):
            await invoicing.credit_note(tx, invoice_id, reason="again", on=TODAY, now=NOW)
    again = await trade.issued(ada, line(9900, period=july, reference_id=subscription))
    assert (await trade.invoice(again)).summary.number == "INV-2026-000002"
    assert await trade.violations() == []


async def test_a_line_of_a_paid_invoice_becomes_credit(trade: Trade) -> None:
    ada = await trade.customer()
    invoice_id = await trade.paid(ada, line(9900, rate_ppm=190_000), line(1499, product_class="domain", rate_ppm=70_000))
    hosting, name = (await trade.invoice(invoice_id)).lines
    async with trade.writing() as tx:
        await invoicing.credit_note(tx, invoice_id, reason="Name taken", on=TODAY, now=NOW, lines=[name.id])
    found = await trade.invoice(invoice_id)
    (note,) = found.credit_notes
    assert (found.summary.state, found.summary.credited.minor, note.total.minor, note.tax.minor, note.line_ids) == (
        "paid",
        1604,
        1604,
        105,
        (name.id,),
    )
    assert await trade.balance(Account.CUSTOMER_CREDIT, ada) == {"USD": -1604}
    assert await trade.balance(Account.REVENUE_DOMAINS) == await trade.balance(Account.RECEIVABLE) == {}
    assert await trade.balance(Account.REVENUE_HOSTING) == {"USD": -9900}
    async with trade.writing() as tx:
        with pytest.raises(invoicing.NothingToCredit):
            await invoicing.credit_note(tx, invoice_id, reason="again", on=TODAY, now=NOW, lines=[name.id])
        with pytest.raises(invoicing.UnknownLine):
            await invoicing.credit_note(tx, invoice_id, reason="whose", on=TODAY, now=NOW, lines=[new_id()])
        with pytest.raises(invoicing.InvoiceNotOpen):
            await invoicing.void_invoice(tx, invoice_id, reason="paid", on=TODAY, now=NOW)
        await invoicing.credit_note(tx, invoice_id, reason="the rest", on=date(2027, 1, 2), now=NOW)
        with pytest.raises(invoicing.NothingToCredit):
            await invoicing.credit_note(tx, invoice_id, reason="all of it", on=TODAY, now=NOW)
    whole = await trade.invoice(invoice_id)
    assert [item.number for item in whole.credit_notes] == ["CN-2026-000001", "CN-2027-000001"]
    assert (whole.summary.state, whole.summary.credited) == ("paid", whole.summary.total)
    assert await trade.balance(Account.CUSTOMER_CREDIT, ada) == {"USD": -whole.summary.total.minor}
    assert hosting.id in whole.credit_notes[1].line_ids
    assert await trade.violations() == []


async def test_part_of_an_unpaid_invoice_is_taken_off_what_is_due(trade: Trade) -> None:
    """The customer may be paying the whole amount at that moment: what comes beyond what is due is credit then."""
    ada = await trade.customer()
    invoice_id = await trade.issued(ada, line(9900), line(100))
    before = (await trade.invoice(invoice_id)).summary
    first, _ = (await trade.invoice(invoice_id)).lines
    async with trade.writing() as tx:
        await invoicing.credit_note(tx, invoice_id, reason="part", on=TODAY, now=NOW, lines=[first.id])
    left = (await trade.invoice(invoice_id)).summary
    assert (left.state, left.due.minor, left.credited.minor) == ("open", 100, 9900)
    async with trade.database.reading(Role.WORK) as tx:
        assert (await payments.get_payable(tx, left.payable_id)).amount == Money(100, "USD")
    async with trade.writing() as tx:
        await trade.receive(tx, ada, before.total)
    await trade.react(succeeded(ada, reference_type=invoicing.INVOICE, reference_id=invoice_id, payable_id=left.payable_id, amount=before.total))
    paid = (await trade.invoice(invoice_id)).summary
    assert (paid.state, paid.paid.minor) == ("paid", 100)
    assert await trade.balance(Account.CUSTOMER_CREDIT, ada) == {"USD": -9900}
    assert await trade.violations() == []


async def test_money_that_pays_an_invoice_is_not_credit_for_another_at_the_same_time(trade: Trade) -> None:
    ada = await trade.customer()
    first, second = await trade.issued(ada, line(9900)), await trade.issued(ada, line(9900))
    async with trade.writing() as tx:
        await trade.receive(tx, ada, Money(9900, "USD"))

    async def spend() -> None:
        async with trade.writing() as tx:
            await invoicing.use_credit(tx, second, on=TODAY, now=NOW)

    async with trade.writing() as tx:
        await invoicing.pay_invoice(tx, first, amount=Money(9900, "USD"), on=TODAY, now=NOW)
        at_once = asyncio.create_task(spend())
        await _until_it_waits(trade, at_once)
    with pytest.raises(invoicing.NothingToApply):
        await at_once
    assert await trade.balance(Account.CUSTOMER_CREDIT, ada) == {}


async def _until_it_waits(trade: Trade, task: asyncio.Task[None]) -> None:
    """For the lock of another transaction, or until it is done all the same."""
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with trade.sql() as owner:
        owner.autocommit = True  # within a transaction it would see the same for ever
        async with asyncio.timeout(10):
            while not task.done() and owner.execute(waiting).fetchone() == (0,):
                await asyncio.sleep(0.02)

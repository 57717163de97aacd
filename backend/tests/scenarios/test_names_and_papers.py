"""Names and the papers that they stand on: in the VAT book when they are issued, and still theirs when an invoice is written anew."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from nextbill.capabilities import domains, invoicing, subscriptions, tax
from nextbill.capabilities.domains.commands.reminding import Looking, look_for_expiring
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.processes.renewal import commands
from nextbill.processes.taxation import commands as taxing
from nextbill.runtime.looks import Place
from tests.support.keeping import Address
from tests.support.names import holds, renewal_of, sells_names
from tests.support.running import Running

PARIS = Address("1 rue de Rivoli", "", "Paris", "", "75001", "FR")
VAT_ID = "FR40303265045"
BY = subscriptions.By("staff:test", "for a case")


async def _sells_in_europe(running: Running) -> None:
    keeper = running.keeper
    await sells_names(running)
    async with keeper.trade.writing() as tx:
        for country, rate in (("DE", 190_000), ("FR", 200_000)):
            await tax.add_rule(tx, country=country, rate_ppm=rate, name="VAT", valid_from=date(2020, 1, 1), now=keeper.now)
        policy = {"seller_country": "DE", "home_currency": "USD"}
        await tax.set_policy(tx, changes=policy, effective_on=date(2020, 1, 1), actor="test", now=keeper.now)


async def _business(running: Running) -> UUID:
    """In France, and its register is silent."""
    keeper = running.keeper
    keeper.address = PARIS
    me = await keeper.customer()
    await running.sql("update customers_customer set status = 'business', tax_id = :vat where id = :id", vat=VAT_ID, id=me)
    await running.sql(
        "insert into tax_id (customer_id, tax_id, country, state, tries, requested_at) values (:id, :vat, 'FR', 'unavailable', 1, :now)",
        id=me, vat=VAT_ID, now=keeper.now,
    )  # fmt: skip
    return me


async def _register_answers(running: Running, me: UUID) -> None:
    await running.sql("update tax_id set state = 'valid', checked_at = :now where customer_id = :id", now=running.keeper.now, id=me)


async def _found(running: Running, domain_id: UUID) -> domains.RenewalView:
    found = await renewal_of(running, domain_id)
    assert found is not None
    return found


async def _corrected(running: Running, name: UUID) -> UUID:
    """The invoice of its renewal, and what that sets off here."""
    keeper, before = running.keeper, (await _found(running, name)).invoice_id
    assert before is not None
    async with keeper.trade.writing() as tx:
        again = await taxing.correct_invoice(tx, before, zone="UTC", now=keeper.now)
        await commands.drop_credited(tx, before, now=keeper.now)
    assert again is not None
    return again


async def test_an_invoice_for_names_only_is_in_the_vat_book_when_it_is_issued(running: Running) -> None:
    keeper = running.keeper
    await _sells_in_europe(running)
    keeper.address = PARIS
    me = await keeper.customer()
    await keeper.keeps("small", customer_id=me)
    other = await keeper.customer()
    await holds(running, "alone.com", date(2027, 2, 20), customer_id=other)
    await holds(running, "rides.com", date(2027, 2, 20), customer_id=me)
    keeper.today = date(2027, 1, 25)
    await running.night()
    for event in await running.rows("select distinct chunk_id from domains_renewal"):
        async with keeper.trade.writing() as tx:
            await taxing.book_billed(tx, event["chunk_id"], after=None, now=keeper.now)
    booked = await running.rows("select sum(net_minor)::bigint as net from tax_sale group by customer_id order by 1")
    assert [row["net"] for row in booked] == [1500, 2500]


async def test_corrected_before_it_is_paid_the_name_is_renewed_for_the_new_invoice(running: Running) -> None:
    keeper = running.keeper
    await _sells_in_europe(running)
    me = await _business(running)
    name = await holds(running, "corrected.com", date(2027, 1, 20), customer_id=me)
    await running.night()
    await _register_answers(running, me)
    again = await _corrected(running, name)
    async with keeper.trade.writing() as tx:
        owed = (await invoicing.get_invoice(tx, again)).summary.owed
        assert owed == Money(1500, "USD")
        await keeper.trade.receive(tx, me, owed)
        await invoicing.pay_invoice(tx, again, amount=owed, on=keeper.today, now=keeper.now)
        await commands.begin_paid(tx, again, now=keeper.now)
    assert (await _found(running, name)).state == "renewing"


async def test_corrected_before_it_is_charged_the_new_invoice_is_charged_and_gives_back(running: Running) -> None:
    keeper = running.keeper
    await _sells_in_europe(running)
    me = await _business(running)
    await _card(running, me)
    kept = await keeper.keeps("small", customer_id=me)
    async with keeper.trade.writing() as tx:
        await subscriptions.collect_by(tx, me, "charge", by=BY, today=keeper.today, now=keeper.now)
    keeper.today = date(2027, 1, 25)
    await running.night()
    before = await running.one("select id from invoicing_invoice where origin_type = 'subscriptions.run'")
    await _register_answers(running, me)
    async with keeper.trade.writing() as tx:
        again = await taxing.correct_invoice(tx, before, zone="UTC", now=keeper.now)
        assert again is not None
        paper = (await invoicing.get_invoice(tx, again)).summary
        assert await running.one("select invoice_id from subscriptions_period where period_index = 1") == before, "seen by nobody before the commit"
    assert await running.one("select invoice_id from subscriptions_period where period_index = 1") == again
    assert (
        await running.one(
            "select count(*) from subscriptions_period p join invoicing_invoice_line l on l.id = p.line_id and l.invoice_id = p.invoice_id"
        )
        >= 1
    )
    assert (
        await running.one(f"select state || ' ' || next_try_on from payments_collection where payable_id = '{paper.payable_id}'") == "due 2027-02-01"
    )
    async with keeper.trade.writing() as tx:
        await keeper.trade.receive(tx, me, paper.owed)
        await invoicing.pay_invoice(tx, again, amount=paper.owed, on=keeper.today, now=keeper.now)
    keeper.today = date(2027, 2, 1)
    await running.night()
    async with keeper.trade.writing() as tx:
        await subscriptions.cancel_now(tx, kept, by=BY, today=keeper.today, now=keeper.now)
    assert await running.one(f"select credited_minor = total_minor from invoicing_invoice where id = '{again}'")


async def test_corrected_after_it_was_paid_and_given_up_the_price_is_credit(running: Running) -> None:
    keeper = running.keeper
    await _sells_in_europe(running)
    me = await _business(running)
    name = await holds(running, "corrected.com", date(2027, 1, 20), customer_id=me)
    await running.night()
    before = (await _found(running, name)).invoice_id
    assert before is not None
    await _paid(running, me, before, Money(1800, "USD"))
    await _register_answers(running, me)
    await _corrected(running, name)
    await running.sql("update domains_renewal set state = 'parked', reason = 'lapsed'")
    await running.sql("update runtime_step set state = 'parked', certain = true where name = 'domains.renew'")
    async with keeper.trade.writing() as tx:
        await commands.give_up(tx, name, by=commands.By("staff:test", "for a case"), on=keeper.today, now=keeper.now)
        assert await invoicing.free_credit(tx, me, "USD") == Money(1800, "USD")


async def _paid(running: Running, customer_id: UUID, invoice_id: UUID, amount: Money) -> None:
    keeper = running.keeper
    async with keeper.trade.writing() as tx:
        await keeper.trade.receive(tx, customer_id, amount)
        await invoicing.pay_invoice(tx, invoice_id, amount=amount, on=keeper.today, now=keeper.now)
        await commands.begin_paid(tx, invoice_id, now=keeper.now)


async def _card(running: Running, customer_id: UUID) -> None:
    values = {"id": new_id(), "customer": customer_id, "ref": str(customer_id), "now": running.keeper.now}
    await running.sql("insert into payments_card (fingerprint, brand) values (:ref, 'visa')", ref=values["ref"])
    await running.sql(
        "insert into payments_method (id, customer_id, gateway_ref, gateway_customer, fingerprint, brand, last4, exp_month, exp_year, funding, state, "
        "is_default, consent_terms, consent_address, consented_at, created_at) values (:id, :customer, :ref, 'cus', :ref, 'visa', '4242', 12, 2034, 'credit', "
        "'active', true, 'terms', 'address', :now, :now)",
        **values,
    )


@pytest.mark.parametrize(
    ("left", "collection", "to_pay_in"),
    [(30, "charge", 16), (20, "charge", 7), (3, "charge", 2), (0, "charge", 0), (-7, "charge", 0), (-8, "invoice", 0)],
)
async def test_who_is_billed_late_hears_of_the_charge_before_it_and_what_is_older_than_a_week_is_not_charged_by_itself(
    running: Running, left: int, collection: str, to_pay_in: int
) -> None:
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    await _card(running, me)
    name = await holds(running, "late.com", keeper.today + timedelta(days=left), customer_id=me)
    await running.night()
    found = await _found(running, name)
    due_on = await running.one("select due_on from invoicing_invoice where id = :id", id=found.invoice_id)
    assert (found.state, found.collection, (due_on - keeper.today).days) == ("invoiced", collection, to_pay_in)


@pytest.mark.parametrize(("state", "certain", "after"), [("requested", True, "given_up"), ("parked", True, "given_up"), ("parked", False, "parked")])
async def test_credited_after_it_was_paid_it_is_not_renewed_unless_it_may_be_done(running: Running, state: str, certain: bool, after: str) -> None:  # noqa: FBT001  # a case's value
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    name = await holds(running, "credited.com", date(2027, 1, 20), customer_id=me)
    await running.night()
    paper = (await _found(running, name)).invoice_id
    assert paper is not None
    await _paid(running, me, paper, Money(1500, "USD"))
    if state == "parked":
        await running.sql("update domains_renewal set state = 'parked', reason = 'no_funds'")
        await running.sql("update runtime_step set state = 'parked', certain = :certain where name = 'domains.renew'", certain=certain)
    async with keeper.trade.writing() as tx:
        await invoicing.credit_note(tx, paper, reason="by hand", on=keeper.today, now=keeper.now)
    async with keeper.trade.writing() as tx:
        await commands.drop_credited(tx, paper, now=keeper.now)
    assert (await _found(running, name)).state == after
    (step,) = await running.rows("select state from runtime_step where name = 'domains.renew'")
    assert step["state"] == ("withdrawn" if after == "given_up" else "parked")


async def test_a_charge_that_has_not_come_in_a_week_before_is_told_as_unpaid(running: Running) -> None:
    """The card was to pay it days ago: nobody is told that all is well until it does."""
    keeper = running.keeper
    await sells_names(running)
    me = await keeper.customer()
    await _card(running, me)
    await holds(running, "declined.com", keeper.today + timedelta(days=30), customer_id=me)
    await running.night()
    for days, outlook in ((0, "automatic"), (23, "unpaid"), (31, "unpaid")):
        today = keeper.today + timedelta(days=days)
        async with keeper.trade.writing() as tx:
            place: Place | None = Place()
            while place is not None:
                place = await look_for_expiring(tx, Looking((30, 14, 7, 1), today - timedelta(days=1), today), place, now=keeper.now, limit=10)
        last = "select payload->>'outlook' from runtime_event where name = 'domains.DomainExpiring' order by seq desc limit 1"
        assert await running.one(last) == outlook

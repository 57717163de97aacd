"""A shop in the Union: seeded rates, the threshold under load, exemptions, evidence, and what the database refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from nextbill.capabilities import tax
from nextbill.capabilities.tax.errors import TaxNotKnown, TaxRateMissing
from nextbill.capabilities.tax.invariants import INVARIANTS
from nextbill.capabilities.tax.queries.book import quarter
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime import invariants
from nextbill.runtime.database import Role
from tests.support.trade import NOW, TODAY, StandingClock, Trade, open_trade

LINES = [tax.TaxableLine("a", "hosting", Money(10000, "EUR"))]


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        await seeded(opened)
        yield opened


async def seeded(trade: Trade, **changes: Any) -> None:
    async with trade.writing() as tx:
        await tax.seed_tax(tx, seller_country="DE", home_currency="EUR", requester_id=None, today=date(2026, 1, 1), now=NOW)
        if changes:
            await tax.set_policy(tx, changes=changes, effective_on=date(2026, 1, 1), actor="test", now=NOW)


async def assess(trade: Trade, country: str, **options: Any) -> tax.TaxedLine:
    async with trade.database.reading(Role.WORK) as tx:
        chosen = {"state": None, "status": "consumer", "tax_id": None, "on": TODAY, **options}
        return (await tax.assess(tx, lines=LINES, country=country, **chosen))[0]


def sold(number: int, customer_id: UUID, *, country: str = "FR", on: date = TODAY, type_: str = "invoicing.invoice") -> tax.SoldDocument:
    return tax.SoldDocument(type_, new_id(), f"INV-2026-{number:06d}", on, customer_id, country, True, None, "none")


def part(net: int, scheme: tax.Scheme = "home") -> tax.Part:
    return tax.Part(scheme, "DE" if scheme == "home" else "FR", "S", 190_000, Money(net, "EUR"), Money(net * 19 // 100, "EUR"))


async def sell(trade: Trade, customer_id: UUID, net: int, *, scheme: tax.Scheme = "home", number: int = 1, on: date = TODAY) -> None:
    async with trade.writing() as tx:
        assert await tax.book_sale(tx, document=sold(number, customer_id, on=on), parts=[part(net, scheme)], home_rate_ppm=None, now=NOW)


async def violations(trade: Trade) -> list[str]:
    return [line for finding in await invariants.check(trade.database, StandingClock(), INVARIANTS) for line in finding.violations]


async def test_a_seeded_shop_charges_from_the_first_sale(trade: Trade) -> None:
    await seeded(trade)  # a second start changes nothing
    at_home, abroad = await assess(trade, "DE"), await assess(trade, "FI")
    assert (at_home.tax.minor, at_home.note, at_home.scheme, at_home.rule_version) == (1900, "VAT 19 % (DE)", "domestic", 1)
    assert (abroad.tax.minor, abroad.scheme, abroad.place) == (1900, "home", "DE")
    assert (await assess(trade, "PT", postal_code="9000-001")).rate_ppm == 190_000
    outside = await assess(trade, "US", state="CA")
    assert (outside.tax.minor, outside.category, outside.exemption_code) == (0, "O", "VATEX-EU-O")
    async with trade.database.reading(Role.WORK) as tx:
        assert (await tx.execute(text("select count(*) from tax_policy"))).scalar_one() == 1


async def test_destination_rates_by_region_and_day(trade: Trade) -> None:
    await seeded(trade, oss="registered")
    rates = {
        (country, code): (await assess(trade, country, postal_code=code)).rate_ppm
        for country, code in [("PT", "1000-001"), ("PT", "9000-001"), ("FI", "00100"), ("AT", "6992")]
    }
    assert rates == {("PT", "1000-001"): 230_000, ("PT", "9000-001"): 220_000, ("FI", "00100"): 255_000, ("AT", "6992"): 190_000}
    assert (await assess(trade, "EE", on=date(2026, 7, 1))).rate_ppm == 240_000


async def test_the_policy_has_versions_with_days(trade: Trade) -> None:
    async with trade.writing() as tx:
        made = await tax.set_policy(tx, changes={"small_business": True}, effective_on=date(2027, 1, 1), actor="test", now=NOW)
    assert made.version == 2
    assert (await assess(trade, "DE")).tax.minor == 1900
    later = await assess(trade, "DE", on=date(2027, 1, 1))
    assert (later.tax.minor, later.category, later.reason) == (0, "E", "small_business")
    assert later.note == "No VAT is charged under § 19 UStG (small business)"


async def test_a_missing_rate_stops_the_sale(trade: Trade) -> None:
    await seeded(trade, oss="registered")
    with trade.sql(Role.WORK) as staff:
        staff.execute("update tax_rule set valid_until = '2026-06-01' where country = 'FR'")
    with pytest.raises(TaxRateMissing):
        await assess(trade, "FR")


async def test_prices_may_include_tax_by_country(trade: Trade) -> None:
    await seeded(trade, inclusive=True, inclusive_by_country={"US": False}, oss="registered")
    at_home, abroad, outside, unlike = await assess(trade, "DE"), await assess(trade, "FR"), await assess(trade, "CH"), await assess(trade, "US")
    assert (at_home.net.minor, at_home.tax.minor) == (8403, 1597)
    assert (abroad.net.minor, abroad.tax.minor) == (8333, 1667)
    assert (outside.net.minor, unlike.net.minor) == (8403, 10000)


async def test_the_sale_that_crosses_is_taxed_where_its_buyer_is(trade: Trade) -> None:
    customer = await trade.customer()
    await sell(trade, customer, 990_000)
    assert (await assess(trade, "FR")).scheme == "home", "exactly the threshold is not above it"
    await sell(trade, customer, 1, number=2)
    assert (await assess(trade, "FR")).scheme == "destination"
    assert (await assess(trade, "FR", on=date(2027, 3, 1))).scheme == "home", "the year was not past it, only this sale would have been"
    await sell(trade, customer, 10_000, scheme="destination", number=3)
    await sell(trade, customer, -500_000, number=4)
    assert (await assess(trade, "FR")).scheme == "destination", "what was crossed stays crossed"
    assert (await assess(trade, "FR", on=date(2027, 3, 1))).scheme == "destination", "the year before counts"
    assert (await assess(trade, "FR", on=date(2028, 3, 1))).scheme == "home"
    assert await violations(trade) == []


async def test_other_currencies_count_at_home(trade: Trade) -> None:
    customer = await trade.customer()
    async with trade.writing() as tx:
        dollars = tax.Part("home", "DE", "S", 190_000, Money(1_000_000, "USD"), Money(190_000, "USD"))
        await tax.book_sale(tx, document=sold(1, customer), parts=[dollars], home_rate_ppm=920_000, now=NOW)
        policy = await tax.policy_on(tx, TODAY)
        assert policy is not None
        assert (await tax.threshold_of(tx, TODAY, policy)).total == 920_000
    yen = [tax.TaxableLine("a", "hosting", Money(140_000, "JPY"))]
    async with trade.database.reading(Role.WORK) as tx:
        facts: dict[str, Any] = {"country": "FR", "state": None, "status": "consumer", "tax_id": None, "on": TODAY}
        assert (await tax.assess(tx, lines=yen, **facts, home_rate_ppm=6_000))[0].scheme == "destination"
        assert (await tax.assess(tx, lines=yen, **facts, home_rate_ppm=5_000))[0].scheme == "home"


async def test_without_a_limit_in_its_currency_the_destination_is_charged(trade: Trade) -> None:
    await seeded(trade, threshold_minor=None)
    assert (await assess(trade, "FR")).scheme == "destination"


async def test_forty_at_once_are_counted_exactly(trade: Trade) -> None:
    """Sales at the seller's rate race over the threshold: the sum is exact, each was told its own place in it, and who came too late is known."""
    customer = await trade.customer()
    await asyncio.gather(*(sell(trade, customer, 40_000, number=number) for number in range(40)))
    async with trade.database.reading(Role.WORK) as tx:
        places = list((await tx.execute(text("select after_minor from tax_sale order by after_minor"))).scalars())
        late = list((await tx.execute(text("select (detail->>'sum_minor')::bigint from tax_task where kind = 'wrong_place' order by 1"))).scalars())
        total, highest = (await tx.execute(text("select total_minor, highest_minor from tax_threshold where year = 2026"))).one()
    assert places == [40_000 * (n + 1) for n in range(40)]
    assert late == [sum_ for sum_ in places if sum_ > 1_000_000]
    assert (total, highest) == (1_600_000, 1_600_000)
    assert await violations(trade) == []


async def test_a_document_is_booked_once_and_reported_by_quarter(trade: Trade) -> None:
    customer, document = await trade.customer(), None
    async with trade.writing() as tx:
        document = sold(1, customer, on=date(2026, 9, 30))
        assert await tax.book_sale(tx, document=document, parts=[part(10_000, "destination")], home_rate_ppm=None, now=NOW)
        assert not await tax.book_sale(tx, document=document, parts=[part(10_000, "destination")], home_rate_ppm=None, now=NOW)
    await sell(trade, customer, 20_000, scheme="destination", number=2, on=date(2026, 10, 1))
    await sell(trade, customer, -5_000, scheme="destination", number=3, on=date(2026, 12, 31))
    await sell(trade, customer, 7_000, scheme="domestic", number=4, on=date(2026, 12, 31))
    async with trade.database.reading(Role.WORK) as tx:
        third, fourth = await tax.oss_return(tx, quarter("2026-Q3")), await tax.oss_return(tx, quarter("2026-Q4"))
    assert [(line.country, line.net_minor, line.tax_minor, line.documents) for line in third] == [("FR", 10_000, 1_900, 1)]
    assert [(line.country, line.net_minor, line.tax_minor, line.documents) for line in fourth] == [("FR", 15_000, 2_850, 2)]
    with pytest.raises(Invalid):
        quarter("2026-Q5")


async def test_a_certificate_holds_on_its_days_and_in_its_country(trade: Trade) -> None:
    customer = await trade.customer()
    async with trade.writing() as tx:
        days = {"valid_from": date(2026, 1, 1), "valid_until": date(2026, 12, 31)}
        granted = await tax.grant_exemption(
            tx, customer_id=customer, country="DE", state=None, number="EX-7", document="archive/7", actor="staff:1", now=NOW, **days
        )
    free = await assess(trade, "DE", customer_id=customer)
    assert (free.tax.minor, free.category, free.note) == (0, "E", "Exempt from tax: certificate EX-7")
    assert (await assess(trade, "DE")).tax.minor == 1900
    assert (await assess(trade, "FR", customer_id=customer)).tax.minor == 1900
    assert (await assess(trade, "DE", customer_id=customer, on=date(2027, 1, 1))).tax.minor == 1900
    async with trade.writing() as tx:
        await tax.end_exemption(tx, granted.id, last_day=date(2026, 5, 31))
    assert (await assess(trade, "DE", customer_id=customer)).tax.minor == 1900


async def test_evidence_is_noted_once_judged_and_told(trade: Trade) -> None:
    customer, order = await trade.customer(), new_id()
    about: dict[str, Any] = {"customer_id": customer, "subject_type": "orders.order", "subject_id": order, "now": NOW}
    async with trade.writing(customer) as tx:
        await tax.note_evidence(tx, kind="ip_address", country="ES", source_type="orders.order", **about)
        await tax.note_evidence(tx, kind="ip_address", country="FR", source_type="orders.order", **about)
    async with trade.writing() as tx:
        await tax.note_evidence(tx, kind="billing_address", country="MC", source_type="customers.customer", **about)
        verdict = await tax.judge_evidence(tx, charged_for="FR", **about)
        assert verdict == "conflict"
        assert await tax.judge_evidence(tx, charged_for="FR", **about) == "conflict"
        found = (await tx.execute(text("select kind, detail from tax_task"))).all()
    assert found == [("location_conflict", {"charged_for": "FR", "ip_address": "ES", "billing_address": "MC"})]
    async with trade.writing() as tx:
        await tax.note_evidence(tx, kind="card", country="FR", source_type="payments.attempt", **about)
        assert await tax.judge_evidence(tx, charged_for="FR", **about) == "proven"


async def test_where_a_provider_is_asked_nothing_is_sold_before_it_answered(trade: Trade) -> None:
    await seeded(trade, provider_countries=["US"])
    with pytest.raises(TaxNotKnown):
        await assess(trade, "US", state="TX", postal_code="73301")
    await seeded(trade, provider_failure="own_rules")
    assert (await assess(trade, "US", state="TX", postal_code="73301")).category == "O"


REFUSED = [
    ("update tax_sale set home_net_minor = 0", "append-only"),
    ("delete from tax_sale", "append-only"),
    ("truncate tax_evidence", "append-only|permission denied"),
    ("update tax_evidence set country = 'DE'", "append-only"),
    ("delete from tax_evidence", "append-only"),
    ("update tax_policy set oss = 'registered'", "permission denied"),
    ("update tax_threshold set total_minor = 0", "permission denied"),
    ("insert into tax_threshold values (2030, 0, 0)", "permission denied"),
    ("update tax_id_check set outcome = 'valid'", "permission denied"),
    ("update tax_id_check set name = 'somebody else'", "append-only"),
    ("delete from tax_id_check", "permission denied"),
    ("update tax_exemption set number = 'EX-8'", "permission denied"),
    ("update tax_rule set rate_ppm = 0", "permission denied"),
    ("delete from tax_task", "permission denied"),
    ("update tax_task set state = 'done', closed_at = now()", None),
    ("update tax_task set state = 'open', closed_at = null", "not allowed|transition|move"),
]


async def test_what_the_database_refuses_staff_and_worker(trade: Trade) -> None:
    customer = await trade.customer()
    await sell(trade, customer, 1_200_000)
    about: dict[str, Any] = {"customer_id": customer, "subject_type": "orders.order", "subject_id": new_id(), "now": NOW}
    async with trade.writing() as tx:
        await tax.note_evidence(tx, kind="card", country="FR", source_type="payments.attempt", **about)
        days = {"valid_from": TODAY, "valid_until": TODAY}
        await tax.grant_exemption(
            tx, customer_id=customer, country="DE", state=None, number="EX-7", document="archive/7", actor="staff:1", now=NOW, **days
        )
        await tx.execute(
            text("insert into tax_id_check (id, customer_id, tax_id, outcome, name, at) values (:id, :customer, 'FR1', 'invalid', 'sealed', :at)"),
            {"id": new_id(), "customer": customer, "at": NOW},
        )
    with trade.sql(Role.WORK) as worker:
        worker.autocommit = True
        for statement, refusal in REFUSED:
            if refusal is None:
                worker.execute(statement)
                continue
            with pytest.raises(psycopg.Error, match=refusal):
                worker.execute(statement)
        worker.execute("update tax_id_check set name = null, address = null")
    with trade.sql(Role.APP, customer_id=new_id()) as stranger:
        for table in ("tax_id", "tax_id_check", "tax_exemption", "tax_evidence"):
            assert stranger.execute(f"select count(*) from {table}").fetchone() == (0,)
    with trade.sql(Role.APP, customer_id=customer) as own, pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute("select * from tax_sale")

"""Rules in the database, and what lines bear by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import psycopg
import pytest

from nextbill.capabilities import tax
from nextbill.kernel.money import Money
from nextbill.runtime.database import Role
from tests.support.trade import NOW, TODAY, Trade, open_trade

LINES = [tax.TaxableLine("a", "hosting", Money(9900, "USD")), tax.TaxableLine("b", "domain", Money(1499, "USD"))]


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        yield opened


async def rule(trade: Trade, country: str, rate_ppm: int, **options: object) -> UUID:
    async with trade.writing() as tx:
        facts = {"name": f"{country} {rate_ppm}", "valid_from": date(2020, 1, 1), "now": NOW, **options}
        return await tax.add_rule(tx, country=country, rate_ppm=rate_ppm, **facts)  # type: ignore[arg-type]  # options by test


async def assess(
    trade: Trade, country: str, *, state: str | None = None, status: str = "consumer", tax_id: str | None = None, on: date = TODAY
) -> list[tax.TaxedLine]:
    async with trade.database.reading(Role.APP) as tx:
        return await tax.assess(tx, lines=LINES, country=country, state=state, status=status, tax_id=tax_id, on=on)


async def test_no_rule_no_tax_and_the_line_says_so(trade: Trade) -> None:
    await rule(trade, "DE", 190_000)
    found = await assess(trade, "US")
    assert [(line.ref, line.tax.minor, line.rule_id) for line in found] == [("a", 0, None), ("b", 0, None)]
    assert "no rule" in found[0].note


async def test_each_line_is_rounded_half_up(trade: Trade) -> None:
    used = await rule(trade, "DE", 190_000)
    found = await assess(trade, "DE")
    assert [(line.net.minor, line.tax.minor, line.gross.minor) for line in found] == [(9900, 1881, 11781), (1499, 285, 1784)]
    assert {line.rule_id for line in found} == {used}


async def test_the_particular_rule_wins(trade: Trade) -> None:
    await rule(trade, "US", 10_000)
    await rule(trade, "US", 20_000, product_class="domain")
    await rule(trade, "US", 30_000, state="TX")
    assert [line.rate_ppm for line in await assess(trade, "US", state="TX")] == [30_000, 30_000]
    assert [line.rate_ppm for line in await assess(trade, "US", state="CA")] == [10_000, 20_000]


async def test_kinds_of_buyers(trade: Trade) -> None:
    await rule(trade, "FR", 200_000)
    await rule(trade, "FR", 0, buyer="registered", name="Reverse charge")
    assert (await assess(trade, "FR"))[0].rate_ppm == 200_000
    assert (await assess(trade, "FR", status="business"))[0].rate_ppm == 200_000
    assert (await assess(trade, "FR", status="business", tax_id="FR40303265045"))[0].rate_ppm == 200_000, "an id that nobody checked proves nothing"
    await rule(trade, "AU", 100_000)
    await rule(trade, "AU", 0, buyer="registered", name="GST-free")
    charged = await assess(trade, "AU", status="business", tax_id="51824753556")
    assert (charged[0].tax.minor, charged[0].note, charged[0].category) == (0, "GST-free", "AE")
    assert charged[0].rule_id is not None


async def test_days(trade: Trade) -> None:
    await rule(trade, "DE", 190_000, valid_until=date(2026, 7, 1))
    await rule(trade, "DE", 200_000, valid_from=date(2026, 7, 1))
    assert (await assess(trade, "DE", on=date(2026, 6, 30)))[0].rate_ppm == 190_000
    assert (await assess(trade, "DE", on=date(2026, 7, 1)))[0].rate_ppm == 200_000


async def test_a_rule_can_only_be_ended(trade: Trade) -> None:
    await rule(trade, "DE", 190_000)
    with trade.sql(Role.WORK) as staff:
        staff.execute("update tax_rule set valid_until = '2027-01-01'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            staff.execute("update tax_rule set rate_ppm = 0")

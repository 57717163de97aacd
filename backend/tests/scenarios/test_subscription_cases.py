"""Subscriptions as accounting cases, literal to the unit. Small costs 10, medium 30, large 90 dollars a month; a year costs ten months."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from nextbill.capabilities import invoicing
from nextbill.runtime.database import Role
from tests.support.keeping import Keeper, open_keeper


@pytest.fixture
async def keeper(dsn: str) -> AsyncIterator[Keeper]:
    async with open_keeper(dsn) as opened:
        yield opened
        assert await opened.violations() == []


async def test_an_upgrade_in_mid_month_costs_the_days_that_are_left_and_waits_for_its_payment(keeper: Keeper) -> None:
    """20 of 31 days: 30.00 makes 19.35, 10.00 makes 6.45."""
    kept = await keeper.keeps("small")
    keeper.today = date(2027, 1, 12)
    shown = (await keeper.preview(kept, plan="medium")).preview
    assert [(line.kind, line.name, line.net.minor, line.days, line.of_days) for line in shown.lines] == [
        ("credit", "Small", 645, 20, 31), ("charge", "Medium", 1935, 20, 31),
    ]  # fmt: skip
    assert (shown.direction, shown.when, shown.now.minor, shown.next_net.minor) == ("upgrade", "when_paid", 1290, 3000)
    assert (shown.next_on, shown.next_bill_on, shown.valid_until) == (date(2027, 2, 1), date(2027, 1, 25), date(2027, 1, 15))
    change = await keeper.change(kept, plan="medium", quote=shown.fingerprint)
    assert (change.state, (await keeper.look(kept)).plan_code) == ("waiting_payment", "small")
    paid = await keeper.pay(change)
    assert (paid.state, (await keeper.look(kept)).plan_code, (await keeper.look(kept)).price.minor) == ("applied", "medium", 3000)
    async with keeper.trade.database.reading(Role.WORK) as tx:
        invoice = await invoicing.get_invoice(tx, paid.invoice_id)
    assert [(line.unit_net.minor, line.discount.minor, line.net.minor, line.discount_note) for line in invoice.lines] == [
        (1935, 645, 1290, "Unused: Small, 20 of 31 days")
    ]
    await keeper.until(date(2027, 3, 2))
    assert await keeper.billed(kept) == ["01-25: 02-01..03-01 3000", "02-22: 03-01..04-01 3000"]
    assert await keeper.history(kept) == ["started", "change_waiting_payment", "changed"]

"""Numbers without gaps, whoever issues at once and whoever gives up in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import pytest

from nextbill.capabilities import invoicing
from nextbill.runtime.database import Role
from tests.support.trade import NOW, SELLER, TODAY, Trade, open_trade

ISSUERS, QUITTERS = 200, 30


class ChangedItsMind(Exception):
    """Rolls the transaction back after the number was drawn."""


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        yield opened


async def issue(trade: Trade, customer_id: UUID, proforma_id: UUID, *, give_up: bool, turns: asyncio.Semaphore) -> None:
    """As many at once as there are connections; the others wait their turn here, not at the pool, which gives up on a slow machine."""
    async with turns, trade.writing() as tx:
        total = (await invoicing.get_proforma(tx, proforma_id)).total
        await trade.receive(tx, customer_id, total)
        await invoicing.invoice_paid_proforma(tx, proforma_id, amount=total, seller=SELLER, on=TODAY, now=NOW)
        if give_up:
            raise ChangedItsMind


async def test_two_hundred_issuers_at_once_count_to_two_hundred(trade: Trade) -> None:
    ada = await trade.customer()
    turns = asyncio.Semaphore(10)
    proformas = [await trade.proforma(ada) for _ in range(ISSUERS)]
    quitters = [issue(trade, ada, proforma_id, give_up=True, turns=turns) for proforma_id in proformas[:QUITTERS]]
    issuers = [issue(trade, ada, proforma_id, give_up=False, turns=turns) for proforma_id in proformas[QUITTERS:]]
    mixed = [deed for pair in zip(issuers, quitters, strict=False) for deed in pair] + issuers[QUITTERS:]
    ends = await asyncio.gather(*mixed, return_exceptions=True)
    assert sum(isinstance(end, ChangedItsMind) for end in ends) == QUITTERS
    assert sum(end is None for end in ends) == ISSUERS - QUITTERS
    await asyncio.gather(*(issue(trade, ada, proforma_id, give_up=False, turns=turns) for proforma_id in proformas[:QUITTERS]))
    async with trade.database.reading(Role.WORK) as tx:
        from sqlalchemy import text

        numbers = list((await tx.execute(text("select number from invoicing_invoice order by sequence"))).scalars())
    assert numbers == [f"INV-2026-{place:06d}" for place in range(1, ISSUERS + 1)]
    assert await trade.violations() == []


async def test_two_reactions_to_one_payment_make_one_invoice(trade: Trade) -> None:
    ada = await trade.customer()
    proforma_id = await trade.proforma(ada)
    async with trade.writing() as tx:
        total = (await invoicing.get_proforma(tx, proforma_id)).total
        await trade.receive(tx, ada, total)

    async def once() -> UUID | None:
        async with trade.writing() as tx:
            return await invoicing.invoice_paid_proforma(tx, proforma_id, amount=total, seller=SELLER, on=TODAY, now=NOW)

    made = await asyncio.gather(*(once() for _ in range(5)))
    assert len([invoice_id for invoice_id in made if invoice_id is not None]) == 1
    assert await trade.violations() == []


async def test_each_year_counts_anew(trade: Trade) -> None:
    ada = await trade.customer()
    issued = [await trade.invoice(await trade.paid(ada, on=on)) for on in (date(2026, 12, 31), date(2027, 1, 1), date(2026, 12, 31))]
    assert [invoice.summary.number for invoice in issued] == ["INV-2026-000001", "INV-2027-000001", "INV-2026-000002"]


async def test_two_credits_of_one_line_make_one_note(trade: Trade) -> None:
    ada = await trade.customer()
    invoice_id = await trade.paid(ada)
    line_ids = [item.id for item in (await trade.invoice(invoice_id)).lines]

    async def credit() -> UUID:
        async with trade.writing() as tx:
            return await invoicing.credit_note(tx, invoice_id, reason="x", on=TODAY, now=NOW, lines=line_ids[:1])

    ends = await asyncio.gather(*(credit() for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(end, invoicing.NothingToCredit) for end in ends) == 4
    assert len((await trade.invoice(invoice_id)).credit_notes) == 1
    assert await trade.violations() == []

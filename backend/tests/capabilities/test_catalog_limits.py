"""Limited things under concurrency on the real database: of a coupon's ten uses fifty get ten, of the last piece twenty get one; a crash and an end
give back; and the database refuses what no code should ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from nextbill.capabilities import catalog, customers, orders
from nextbill.kernel.errors import Invalid
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.runtime.database import Database, Role
from tests.support.trade import NOW, TODAY, Trade, open_trade

EDIT = catalog.Edit("system")
ADDRESS = customers.Address("1 Main Street", "", "Springfield", "IL", "62701", "US")
CONSENT = orders.Consent("2026-01", "consumer", immediate_start=True, registrar_terms=True, address="127.0.0.1", given_at=NOW)


@pytest.fixture
async def trade(dsn: str) -> AsyncIterator[Trade]:
    async with open_trade(dsn) as opened:
        async with opened.writing() as tx:
            plan_id = await catalog.create_plan(tx, code="rare", kind="hosting", name="Rare", changes={"state": "on_sale"}, edit=EDIT, now=NOW)
            price = catalog.NewPrice(catalog.MONTHLY, Money(1000, "USD"))
            await catalog.add_plan_price(tx, plan_id, price=price, valid_from=TODAY, today=TODAY, edit=EDIT, now=NOW)
        yield opened


async def _stock(trade: Trade, left: int | None) -> None:
    async with trade.writing() as tx:
        await catalog.set_stock(tx, (await catalog.get_plan(tx, "rare", currency="USD", on=TODAY)).id, left=left, edit=EDIT, now=NOW)


async def _coupon(trade: Trade, **facts: Any) -> None:
    async with trade.writing() as tx:
        await catalog.create_coupon(tx, code="TEN", changes={"percent_ppm": 100_000, **facts}, edit=EDIT, now=NOW)


async def _buyers(trade: Trade, count: int) -> list[UUID]:
    found = [await trade.customer() for _ in range(count)]
    for customer_id in found:
        async with trade.writing() as tx:
            await customers.set_address(tx, customer_id=customer_id, address=ADDRESS, now=NOW)
    return found


async def _place(trade: Trade, customer_id: UUID, *, coupon: str | None = None, name: str = "mine.example.org", fails: bool = False) -> UUID:
    """As the customer's own request does it: by the role that sees one customer only."""
    item = orders.HostingItem("rare", catalog.MONTHLY, orders.CartDomain("own", name))
    cart = orders.Cart([item], "USD", coupon)
    async with trade.database.writing(Role.APP, customer_id=customer_id) as tx:
        order_id = await orders.place_order(
            tx, customer_id=customer_id, cart=cart, consent=CONSENT, idempotency_key=str(new_id()), zone="UTC", now=NOW
        )
        if fails:
            raise ConnectionResetError("the process dies before its commit")
        return order_id


async def _tried(trade: Trade, buyers: list[UUID], **choice: Any) -> tuple[list[UUID], list[str]]:
    """Orders that were placed, and the codes of those that were refused. Each has a connection of its own: nobody waits for one."""
    wide = Trade(Database({role: trade.database.url(role) for role in Role}, pool_size=len(buyers)), trade.dsn)
    found = await asyncio.gather(*(_place(wide, buyer, **choice) for buyer in buyers), return_exceptions=True)
    await wide.database.close()
    refused = [error.code for error in found if isinstance(error, Invalid)]
    placed = [order_id for order_id in found if isinstance(order_id, UUID)]
    assert len(placed) + len(refused) == len(buyers), found
    return placed, refused


def _one(trade: Trade, statement: str) -> tuple[Any, ...]:
    with trade.sql() as owner:
        (row,) = owner.execute(statement).fetchall()
    return tuple(row)


async def test_fifty_at_once_use_a_coupon_of_ten_ten_times(trade: Trade) -> None:
    await _coupon(trade, max_uses=10)
    placed, refused = await _tried(trade, await _buyers(trade, 50), coupon="ten")
    assert (len(placed), set(refused), len(refused)) == (10, {"coupon_used_up"}, 40)
    counts = (
        "select used_count, (select count(*) from catalog_redemption where state = 'held'), (select count(*) from orders_order) from catalog_coupon"
    )
    assert _one(trade, counts) == (10, 10, 10)
    async with trade.writing() as tx:
        for order_id in placed[:3]:
            assert await orders.cancel_order(tx, order_id, reason="changed my mind", now=NOW)
    again, none = await _tried(trade, await _buyers(trade, 4), coupon="TEN")
    assert (len(again), none) == (3, ["coupon_used_up"])


async def test_twenty_at_once_want_the_last_piece(trade: Trade) -> None:
    await _stock(trade, 1)
    placed, refused = await _tried(trade, await _buyers(trade, 20))
    assert (len(placed), refused) == (1, ["out_of_stock"] * 19)
    assert _one(trade, "select stock_left from catalog_plan where code = 'rare'") == (0,)
    async with trade.writing() as tx:
        assert await orders.mark_paid(tx, placed[0], now=NOW)
    assert _one(trade, "select state from catalog_stock_hold") == ("taken",)


async def test_a_crash_before_the_commit_has_held_nothing(trade: Trade) -> None:
    await _stock(trade, 1)
    await _coupon(trade, max_uses=1)
    (buyer,) = await _buyers(trade, 1)
    with pytest.raises(ConnectionResetError):
        await _place(trade, buyer, coupon="TEN", fails=True)
    assert _one(trade, "select p.stock_left, c.used_count from catalog_plan p, catalog_coupon c where p.code = 'rare'") == (1, 0)
    order_id = await _place(trade, buyer, coupon="TEN")
    async with trade.writing() as tx:
        await orders.cancel_order(tx, order_id, reason="too dear", now=NOW)
        await catalog.release_holds(tx, order_id, now=NOW)
    assert _one(trade, "select p.stock_left, c.used_count from catalog_plan p, catalog_coupon c where p.code = 'rare'") == (1, 0)


@pytest.mark.parametrize("terms", [{"per_customer": 1}, {"per_customer": None, "new_customers_only": True}])
async def test_one_customer_at_once_uses_a_coupon_once(trade: Trade, terms: dict[str, Any]) -> None:
    await _coupon(trade, **terms)
    (buyer,) = await _buyers(trade, 1)
    placed, refused = await _tried(trade, [buyer] * 8, coupon="TEN")
    assert (len(placed), set(refused)) == (1, {"coupon_used_before"})


async def test_a_trial_is_one_even_where_two_are_in_the_cart(trade: Trade) -> None:
    async with trade.writing() as tx:
        plan = await catalog.get_plan(tx, "rare", currency="USD", on=TODAY)
        await catalog.change_plan(tx, plan.id, changes={"trial_days": 7}, edit=EDIT, now=NOW)
    (buyer,) = await _buyers(trade, 1)
    items = [orders.HostingItem("rare", catalog.MONTHLY, orders.CartDomain("own", name)) for name in ("a.example.org", "b.example.org")]
    async with trade.database.reading(Role.APP, customer_id=buyer) as tx:
        customer = await customers.get_customer(tx, buyer)
        quote = await orders.price_cart(tx, customer=customer, cart=orders.Cart(items, "USD"), zone="UTC", now=NOW)
    assert [(line.draft.trial_days, line.net.minor) for line in quote.lines] == [(7, 0), (0, 1000)]


@pytest.mark.parametrize(
    ("deed", "refusal"),
    [
        ("update catalog_plan set stock_left = -1", psycopg.errors.CheckViolation),
        ("update catalog_coupon set used_count = 6", psycopg.errors.CheckViolation),
        ("update catalog_coupon set percent_ppm = 1000001", psycopg.errors.CheckViolation),
        ("update orders_part set discount_minor = 1", psycopg.errors.RestrictViolation),
        ("update catalog_redemption set state = 'held'", psycopg.errors.CheckViolation),
        ("delete from catalog_redemption_period", psycopg.errors.RestrictViolation),
    ],
)
async def test_what_the_database_refuses(trade: Trade, deed: str, refusal: type[Exception]) -> None:
    await _coupon(trade, max_uses=5)
    (buyer,) = await _buyers(trade, 1)
    order_id = await _place(trade, buyer, coupon="TEN")
    async with trade.writing() as tx:
        await orders.mark_paid(tx, order_id, now=NOW)
    with trade.sql() as owner, pytest.raises(refusal):
        owner.execute(deed)


@pytest.mark.parametrize(
    "deed", ["update catalog_plan set name = 'x'", "update catalog_coupon set max_uses = 9", "update catalog_stock_hold set state = 'released'"]
)
async def test_a_customers_role_can_take_and_nothing_else(trade: Trade, deed: str) -> None:
    with trade.sql(Role.APP) as stolen, pytest.raises(psycopg.errors.InsufficientPrivilege):
        stolen.execute(deed)

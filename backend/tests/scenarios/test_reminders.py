"""Who is told what ahead, on which day, and only once: by the days of the seller, with the naive biller of `keeping` for what is billed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from nextbill.capabilities import subscriptions
from nextbill.capabilities.subscriptions.commands.reminding import Looking, Place, look_ahead, since_when
from nextbill.capabilities.subscriptions.queries.notices import nearing_statement
from nextbill.capabilities.subscriptions.rules import Ahead
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import Role
from tests.support.keeping import ME, MONTH, YEAR, Keeper, open_keeper

AHEAD = Ahead(7, 7, (30, 14, 7, 1))


@pytest.fixture
async def keeper(dsn: str) -> AsyncIterator[Keeper]:
    async with open_keeper(dsn) as opened:
        yield opened
        assert await opened.violations() == []


async def _card(keeper: Keeper, customer_id: UUID) -> None:
    """A card on file, as the gateway would have brought it."""
    async with keeper.trade.writing() as tx:
        await tx.execute(text("insert into payments_card (fingerprint, brand) values (:fingerprint, 'visa')"), {"fingerprint": str(customer_id)})
        await tx.execute(
            text(
                "insert into payments_method (id, customer_id, gateway_ref, gateway_customer, fingerprint, brand, last4, exp_month, exp_year, funding, state, "
                "is_default, consent_terms, consent_address, consented_at, created_at) values (:id, :customer, :ref, 'cus', :fingerprint, 'visa', '4242', 12, "
                "2034, 'credit', 'active', true, 'terms', 'address', :now, :now)"
            ),
            {"id": new_id(), "customer": customer_id, "ref": str(customer_id), "fingerprint": str(customer_id), "now": keeper.now},
        )


async def _look(keeper: Keeper, *, limit: int = 100, chunks: int | None = None) -> None:
    """Today's look, unless it is done; `chunks`: killed after so many."""
    async with keeper.trade.writing() as tx:
        since = await since_when(tx, AHEAD, today=keeper.today)
    place: Place | None = Place() if since is not None else None
    done = 0
    while place is not None and since is not None and (chunks is None or done < chunks):
        async with keeper.trade.writing() as tx:
            place = await look_ahead(tx, Looking(AHEAD, since, keeper.today, "UTC"), place, now=keeper.now, limit=limit)
        done += 1


async def _days(keeper: Keeper, until: date) -> None:
    while keeper.today < until:
        await keeper.until(keeper.today + timedelta(days=1))
        await _look(keeper)


async def _told(keeper: Keeper) -> list[str]:
    """Of each notice: the day on which it was given, what it said, of which day."""
    async with keeper.trade.database.reading(Role.WORK) as tx:
        rows = await tx.execute(
            text(
                "select e.occurred_at::date as day, e.payload->>'kind' as kind, e.payload->>'on_day' as on_day, e.payload->>'days_before' as days "
                "from runtime_event e where e.name = 'subscriptions.NoticeDue' order by e.seq"
            )
        )
        return [f"{row.day:%m-%d} {row.kind} {row.on_day[5:]} {row.days}" for row in rows]


async def test_with_a_card_there_is_one_notice_before_each_charge(keeper: Keeper) -> None:
    customer = await keeper.customer()
    await _card(keeper, customer)
    await keeper.keeps("small", customer_id=customer)
    await keeper.until(date(2027, 1, 10))
    await _days(keeper, date(2027, 2, 28))
    assert await _told(keeper) == ["01-25 charge 02-01 7", "02-22 charge 03-01 7"]


async def test_without_a_card_the_series_goes_out_and_the_invoice_stands_for_its_own_day(keeper: Keeper) -> None:
    keeper.pays = False
    await keeper.keeps("small", YEAR)
    await keeper.until(date(2027, 11, 20))
    await _days(keeper, date(2028, 1, 3))
    assert await _told(keeper) == ["12-02 invoice 01-01 30", "12-18 invoice 01-01 14", "12-31 unpaid 01-01 1"]


async def test_of_a_month_no_threshold_is_wider_than_half_of_it(keeper: Keeper) -> None:
    await keeper.keeps("small")
    await _days(keeper, date(2027, 1, 31))
    assert await _told(keeper) == ["01-18 invoice 02-01 14", "01-31 unpaid 02-01 1"]


async def test_what_was_cancelled_is_told_before_it_ends_but_not_on_the_heels_of_its_confirmation(keeper: Keeper) -> None:
    customer = await keeper.customer()
    await _card(keeper, customer)
    kept = await keeper.keeps("small", YEAR, customer_id=customer)
    await keeper.until(date(2027, 12, 10))
    async with keeper.trade.writing() as tx:
        await subscriptions.cancel_at_end(tx, kept, by=ME, today=keeper.today, now=keeper.now)
    await _days(keeper, date(2028, 1, 2))
    assert await _told(keeper) == ["12-18 ending 01-01 14", "12-25 ending 01-01 7", "12-31 ending 01-01 1"]


async def test_a_trial_is_told_a_week_before_its_end_whoever_pays_how(keeper: Keeper) -> None:
    with_card = await keeper.customer()
    await _card(keeper, with_card)
    await keeper.keeps("small", customer_id=with_card, trial_days=14)
    await keeper.keeps("small", trial_days=14)
    await _days(keeper, date(2027, 1, 14))
    assert await _told(keeper) == ["01-08 trial 01-15 7"] * 2


async def test_a_missed_week_is_made_up_for_with_the_nearest_threshold_only(keeper: Keeper) -> None:
    await keeper.keeps("small", YEAR)
    keeper.today = date(2027, 11, 25)
    await _look(keeper)
    keeper.today = date(2027, 12, 22)
    await _look(keeper)
    assert await _told(keeper) == ["12-22 invoice 01-01 14"]


async def test_twice_in_pieces_and_at_once_it_is_told_once(keeper: Keeper) -> None:
    """Seven customers with two plans each: a chunk of three, killed after each, and begun anew; one mail for what is told together."""
    for _ in range(7):
        customer = await keeper.customer()
        await _card(keeper, customer)
        for _ in range(2):
            await keeper.keeps("small", customer_id=customer)
    await keeper.until(date(2027, 1, 25))
    for chunks in (1, 2, 3, None):
        await _look(keeper, limit=3, chunks=chunks)
    await _look(keeper)
    assert await _told(keeper) == ["01-25 charge 02-01 7"] * 7
    async with keeper.trade.database.reading(Role.WORK) as tx:
        noted = (await tx.execute(text("select count(*), count(distinct group_id) from subscriptions_notice"))).one()
    assert tuple(noted) == (14, 7)


async def test_a_card_taken_away_after_the_notice_begins_the_series_where_it_is(keeper: Keeper) -> None:
    customer = await keeper.customer()
    await _card(keeper, customer)
    await keeper.keeps("small", customer_id=customer)
    await keeper.until(date(2027, 1, 20))
    await _days(keeper, date(2027, 1, 25))
    async with keeper.trade.writing() as tx:
        await tx.execute(text("update payments_method set state = 'removed', is_default = false, ended_at = created_at"))
    keeper.pays = False
    await _days(keeper, date(2027, 1, 31))
    assert await _told(keeper) == ["01-25 charge 02-01 7", "01-31 unpaid 02-01 1"]


async def test_who_pays_by_the_week_hears_of_each_charge_by_its_receipt(keeper: Keeper) -> None:
    week = Cycle("week")
    await keeper.sells("weekly", (week, Money(100, "USD")))
    customer = await keeper.customer()
    await _card(keeper, customer)
    await keeper.keeps("weekly", week, customer_id=customer)
    await _days(keeper, date(2027, 1, 20))
    assert await _told(keeper) == []


@pytest.mark.parametrize("coupon", [None, {"percent_ppm": 333_333, "until_index": 2}, {"amount_minor": 250}])
async def test_the_forecast_is_what_is_billed(keeper: Keeper, coupon: dict[str, Any] | None) -> None:
    kept = await keeper.keeps("medium", addons=[("backups", 2)], trial_days=14, once=500, coupon=coupon)
    for day in (date(2027, 1, 15), date(2027, 2, 8), date(2027, 3, 8)):
        await keeper.until(day - timedelta(days=1))
        async with keeper.trade.database.reading(Role.WORK) as tx:
            comes = await subscriptions.forecast(tx, kept)
        assert comes.billed_on == day
        await keeper.until(day)
        assert (await keeper.billed(kept))[-1] == f"{day:%m-%d}: {comes.period.start:%m-%d}..{comes.period.end:%m-%d} {comes.net.minor}"


async def test_the_forecast_knows_a_downgrade_and_a_price_that_will_hold_by_then(keeper: Keeper) -> None:
    kept = await keeper.keeps("medium")
    await keeper.change(kept, plan="small")
    dearer = await keeper.reprices("small", MONTH, Money(1200, "USD"))
    async with keeper.trade.database.reading(Role.WORK) as tx:
        assert (await subscriptions.forecast(tx, kept)).net.minor == 1000, "at the price of the day on which it was asked for"
    await keeper.until(date(2027, 2, 3))
    async with keeper.trade.writing() as tx:
        prices = {dearer.subject: subscriptions.ProductPrice(dearer.price, None, dearer.version)}
        change = await subscriptions.announce_price(
            tx, kept, prices=prices, not_before=keeper.today + timedelta(days=40), by=ME, today=keeper.today, now=keeper.now
        )
    async with keeper.trade.database.reading(Role.WORK) as tx:
        rises = date(2027, 4, 1)
        assert (await subscriptions.forecast(tx, kept)).net.minor == 1000
        assert (await subscriptions.forecast(tx, kept, begins_on=rises)).net.minor == 1200
        assert (await subscriptions.forecast(tx, kept, begins_on=rises, without=change)).net.minor == 1000


async def test_a_look_among_many_reads_no_table_whole(keeper: Keeper) -> None:
    kept = await keeper.keeps("small", YEAR)
    with keeper.trade.sql() as owner:
        owner.execute("set session_replication_role = replica")  # rows for the planner: nothing behind them
        columns = [
            row[0]
            for row in owner.execute(
                "select column_name from information_schema.columns where table_name = 'subscriptions_subscription' order by ordinal_position"
            )
        ]
        other = {
            "id": "uuidv7()",
            "order_line_id": "gen_random_uuid()",
            "period_end": "period_end + (n %% 700)::int",
            "cancel_on": "case when n %% 50 = 0 then period_end + (n %% 700)::int end",
            "next_bill_on": "null",
        }
        chosen = ", ".join(other.get(name, name) for name in columns)
        owner.execute(
            f"insert into subscriptions_subscription ({', '.join(columns)}) select {chosen} from subscriptions_subscription, generate_series(1, 50000) n where id = %s",
            [kept],
        )
    with keeper.trade.sql() as owner:
        owner.execute("analyze subscriptions_subscription")
    async with keeper.trade.database.reading(Role.WORK) as tx:
        for scan, index in (("renewing", "ix_subscriptions_subscription_due"), ("ending", "ix_subscriptions_subscription_cancel")):
            statement = nearing_statement(scan, first=date(2028, 2, 1), last=date(2028, 2, 2), after=(date(2028, 2, 1), kept), limit=500)
            plan = await _plan(tx, statement)
            assert index in plan, plan
            assert "Seq Scan" not in plan, plan
    with keeper.trade.sql() as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("delete from subscriptions_subscription where id <> %s", [kept])


async def _plan(tx: Any, statement: Any) -> str:
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    return "\n".join((await tx.execute(text("explain " + str(compiled).replace(":", "\\:")))).scalars())

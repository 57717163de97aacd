"""A name that expires: its registrant hears of it as ICANN and the shop have it, each time once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from nextbill.capabilities.domains.commands.reminding import Looking, Place, look_for_expiring
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support import cards
from tests.support.buyer import Buyer, register


async def _holds(shop: Any, name: str) -> Buyer:
    buyer = await register(shop)
    order = await buyer.order(name, plan=None)
    await buyer.pay(order["id"])
    await till.delivered(shop)
    await _not_renewed(shop)
    return buyer


async def _not_renewed(shop: Any) -> None:
    """Nothing happens to these by itself."""
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(till.text("update domains_domain set auto_renew = false"))


async def _told(shop: Any, buyer: Buyer) -> list[str]:
    return [mail["subject"] for mail in await shop.mails(buyer.email) if "expire" in mail["subject"]]


async def _days_left(shop: Any, name: str, days: int) -> None:
    """The name's registration ends in so many days: the date is moved, not the clock."""
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(
            till.text("update domains_domain set expires_on = :day where name = :name"),
            {"day": cards.today(shop) + timedelta(days=days), "name": name},
        )


async def test_a_generic_name_is_told_in_time_and_after_and_once_each(shop: Any) -> None:
    buyer = await _holds(shop, "told-in-time.com")
    await shop.drain()
    assert await _told(shop, buyer) == []
    await _days_left(shop, "told-in-time.com", 32)
    counts = []
    for days in (1, 1, 14, 2, 7, 6, 1, 1, 1, 3):  # 31, 30, 16, 14, 7, 1, 0 days left; 1, 2, 5 days after
        shop.advance(timedelta(days=days))
        await shop.drain(patience=0.1)
        counts.append(len(await _told(shop, buyer)))
    assert counts == [0, 1, 1, 2, 3, 4, 4, 5, 5, 5]
    told = await _told(shop, buyer)
    assert [subject.split(" ")[1] for subject in told] == ["expires"] * 4 + ["has"]
    (row,) = await till.rows(shop, "select count(*) as notices, count(distinct days_before) as thresholds from domains_notice")
    assert (row["notices"], row["thresholds"]) == (5, 5)
    assert await till.violations(shop) == []


async def test_a_look_that_is_killed_and_run_again_tells_nobody_twice_and_loses_none(shop: Any) -> None:
    buyer = await register(shop)
    names = [f"many-names-{n}.com" for n in range(4)]
    order = await buyer.order(*names, plan=None)
    await buyer.pay(order["id"])
    await till.delivered(shop)
    await _not_renewed(shop)
    for name in names:
        await _days_left(shop, name, 20)
    today = cards.today(shop)
    looking = Looking((30, 14, 7, 1), today - timedelta(days=40), today)
    for chunks in (1, 2, 20):
        place: Place | None = Place()
        for _ in range(chunks):
            if place is not None:
                async with shop.database.writing(Role.WORK) as tx:
                    place = await look_for_expiring(tx, looking, place, now=shop.clock.now(), limit=3)
    await shop.drain(patience=0.1)
    told = await _told(shop, buyer)
    assert sorted(subject.split(" ")[0] for subject in told) == names


async def test_the_registrant_is_told_and_the_customer_too_where_that_is_another_address(shop: Any) -> None:
    buyer = await _holds(shop, "somebody-elses.com")
    domain_id = await till.one(shop, "select id from domains_domain")
    sealed = shop.cipher.encrypt(
        '{"name":"Grace","company":"","email":"registrant@example.org","phone":"","address_line_1":"","address_line_2":"","city":"","state":"",'
        '"postal_code":"","country":""}',
        table="domains_domain",
        row=UUID(str(domain_id)),
        column="registrant_sealed",
    )
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(till.text("update domains_domain set registrant_sealed = :sealed"), {"sealed": sealed})
    await _days_left(shop, "somebody-elses.com", 8)
    shop.advance(timedelta(days=1))
    await shop.drain(patience=0.1)
    assert len(await _told(shop, buyer)) == 1
    assert [mail["subject"].split(" ")[0] for mail in await shop.mails("registrant@example.org")] == ["somebody-elses.com"]

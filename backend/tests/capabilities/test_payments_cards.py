"""Saved cards, over HTTP: left on the gateway's page, listed, chosen, taken away; whoever tells us of one, it is there once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from nextbill.kernel.ids import new_id
from tests.capabilities import till
from tests.support import cards
from tests.support.buyer import register
from tests.support.staff import again, hurry

MASTERCARD = "5555555555554444"


async def test_a_card_is_saved_chosen_and_taken_away(shop: Any) -> None:
    buyer = await register(shop)
    refused = await buyer.post("/api/v1/payments/methods", json={"consent": False})
    assert (refused.status_code, refused.json()["code"]) == (422, "payment_consent_needed")
    pages = await asyncio.gather(*(cards.page_for_card(buyer) for _ in range(3)))
    assert len({page["id"] for page in pages}) == len(till.kept(shop, "checkout.session")) == 1
    back = await till.come_back(shop, await cards.leave(shop, pages[0]))
    assert back.headers["location"] == f"{shop.settings.portal_url}/payment-methods?setup={pages[0]['id']}&status=succeeded"
    await till.delivered(shop)
    (visa,) = await cards.cards(buyer)
    assert (visa["brand"], visa["last4"], visa["expires_on"], visa["is_default"], visa["barred"]) == ("visa", "4242", "2034-12-31", True, False)
    assert await till.events(shop, "payments") == ["MethodAdded"]
    assert any("Visa •••• 4242 is saved" in mail["subject"] for mail in await shop.mails(buyer.email))

    second = await cards.save_card(shop, buyer, MASTERCARD)
    assert [(each["last4"], each["is_default"]) for each in await cards.cards(buyer)] == [("4444", False), ("4242", True)]
    chosen = await buyer.request("PUT", f"/api/v1/payments/methods/{second['id']}/default")
    assert (chosen.status_code, chosen.json()["is_default"]) == (200, True)
    assert (await buyer.delete(f"/api/v1/payments/methods/{second['id']}")).status_code == 204
    assert [(each["last4"], each["is_default"]) for each in await cards.cards(buyer)] == [("4242", True)]

    last = await buyer.delete(f"/api/v1/payments/methods/{visa['id']}")
    assert (last.status_code, last.json()["code"]) == (409, "payment_method_last")
    for _ in range(2):
        assert (await buyer.delete(f"/api/v1/payments/methods/{visa['id']}?confirm_last=true")).status_code == 204
    await shop.drain()
    assert await cards.cards(buyer) == []
    gone = await till.rows(shop, "select payload->>'last' as last from runtime_event where name = 'payments.MethodRemoved' order by seq")
    assert [row["last"] for row in gone] == ["false", "true"]
    assert {method["customer"] for method in till.kept(shop, "payment_method")} == {None}, "the gateway may not charge them either"
    assert any("you pay by invoice" in mail["subject"] for mail in await shop.mails(buyer.email))
    assert await till.violations(shop) == []


async def test_the_webhook_alone_saves_it_and_so_does_the_sweeper(shop: Any) -> None:
    first, second = await register(shop), await register(shop)
    await cards.leave(shop, await cards.page_for_card(first))
    await till.delivered(shop)
    assert len(await cards.cards(first)) == 1
    await till.webhooks(shop, drop=-1)
    await cards.leave(shop, await cards.page_for_card(second), MASTERCARD)
    shop.advance(timedelta(minutes=2))
    await shop.drain()
    assert len(await cards.cards(second)) == 1
    assert await till.violations(shop) == []


async def test_lost_answers_leave_one_page_and_one_card(shop: Any) -> None:
    buyer = await register(shop)
    await shop.fault("stripe", effect="lost_after", pattern="POST /v1/checkout/sessions$", times=1)
    opening = (await buyer.post("/api/v1/payments/methods", json={"consent": True})).json()
    assert opening["status"] == "opening"
    await hurry(shop, turns=2)
    page = await cards.page_for_card(buyer)
    assert page["id"] == opening["id"]
    await cards.leave(shop, page)
    await till.webhooks(shop, duplicate=-1, shuffle=True)
    await till.delivered(shop)
    assert len(till.kept(shop, "checkout.session")) == len(await cards.cards(buyer)) == 1


async def test_a_renewed_card_takes_the_former_ones_place(shop: Any) -> None:
    buyer = await register(shop)
    former = await cards.save_card(shop, buyer, exp="11/27")
    renewed = await cards.save_card(shop, buyer, exp="11/31")
    assert [(each["id"], each["expires_on"], each["is_default"]) for each in await cards.cards(buyer)] == [(renewed["id"], "2031-11-30", True)]
    await shop.drain()
    told = await till.rows(shop, "select payload->>'replaces' as former from runtime_event where name = 'payments.MethodAdded' order by seq")
    assert [row["former"] for row in told] == [None, former["id"]]
    assert sum(method["customer"] is not None for method in till.kept(shop, "payment_method")) == 1


async def test_a_card_used_at_checkout_is_saved_with_consent_only(shop: Any) -> None:
    buyer = await register(shop)
    plain, kept = await buyer.order("no-consent.com"), await buyer.order("consent.com")
    await buyer.pay(plain["id"])
    await till.delivered(shop)
    assert await cards.cards(buyer) == []
    without = await buyer.checkout(kept["id"])
    opened = (await buyer.post(f"/api/v1/orders/{kept['id']}/pay", json={"save_card": True})).json()
    assert opened["payment_id"] != without["payment_id"], "a page that saves the card is another page"
    await till.submit(shop, opened["checkout_url"])
    await till.delivered(shop)
    (card,) = await cards.cards(buyer)
    assert (card["last4"], card["is_default"]) == ("4242", True)
    assert {row["state"] for row in await till.rows(shop, "select state from payments_attempt")} == {"succeeded", "expired"}
    agreed = await till.one(shop, "select consent_terms || ' ' || consent_address from payments_method")
    assert agreed == f"{shop.settings.terms_version} 127.0.0.1"
    assert await till.violations(shop) == []


async def test_somebody_elses_card_is_not_there(shop: Any) -> None:
    ada, eve = await register(shop), await register(shop)
    card = await cards.save_card(shop, ada)
    page = await cards.page_for_card(ada)
    assert await cards.cards(eve) == []
    for answer in (
        await eve.request("PUT", f"/api/v1/payments/methods/{card['id']}/default"),
        await eve.delete(f"/api/v1/payments/methods/{card['id']}?confirm_last=true"),
        await eve.get(f"/api/v1/payments/methods/setups/{page['id']}"),
        await eve.delete(f"/api/v1/payments/methods/{new_id()}"),
    ):
        assert answer.status_code == 404
    staff = await till.staff(shop)
    listed = (await staff.get(f"/api/v1/payments/methods?customer_id={card['customer_id']}")).json()["items"]
    assert [each["id"] for each in listed] == [card["id"]]
    assert (await staff.delete(f"/api/v1/payments/methods/{card['id']}")).status_code == 403


async def test_a_card_that_is_not_ours_is_never_kept(shop: Any) -> None:
    """The gateway says of a page that another customer's card was left on it."""
    buyer = await register(shop)
    page = await cards.page_for_card(buyer)
    await till.webhooks(shop, drop=-1)
    await cards.leave(shop, page)
    (method,) = till.kept(shop, "payment_method")
    till.tamper(shop, "payment_method", method["id"], customer="cus_another")
    assert (await buyer.get(f"/api/v1/payments/methods/setups/{page['id']}")).json()["status"] == "failed"
    assert await cards.cards(buyer) == []


async def test_an_expiring_card_is_told_once_for_each_threshold(shop: Any) -> None:
    buyer = await register(shop)
    now = shop.clock.now()
    month = (now.replace(day=1) + timedelta(days=70)).replace(day=1)
    expires = month + timedelta(days=31)
    await cards.save_card(shop, buyer, exp=f"{month.month:02}/{month.year % 100}")
    for _ in range(2):
        shop.advance(month - timedelta(days=10) - shop.clock.now())
        await shop.drain(patience=0.1)
    assert await _expiring(shop) == []
    for left in (20, 19, 6, 5, 1):
        shop.advance(expires.replace(day=1) - timedelta(days=left) - shop.clock.now())
        await shop.drain(patience=0.1)
    assert await _expiring(shop) == ["30", "7"]
    assert sum("expires on" in mail["subject"] for mail in await shop.mails(buyer.email)) == 2


async def test_a_card_that_its_network_renewed_is_not_told_of(shop: Any) -> None:
    buyer = await register(shop)
    month = shop.clock.now() + timedelta(days=1)
    await cards.save_card(shop, buyer, exp=f"{month.month:02}/{month.year % 100}")
    (method,) = till.kept(shop, "payment_method")
    till.tamper(shop, "payment_method", method["id"], card={**method["card"], "exp_year": month.year + 4})
    shop.advance(timedelta(minutes=1))
    await shop.drain(patience=0.1)
    assert await _expiring(shop) == []
    (card,) = await cards.cards(await again(buyer))
    assert card["exp_year"] == month.year + 4


async def _expiring(shop: Any) -> list[str]:
    found = await till.rows(shop, "select payload->>'days_before' as days from runtime_event where name = 'payments.MethodExpiring' order by seq")
    return [row["days"] for row in found]

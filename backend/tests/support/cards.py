"""Saved cards and charges to them, as a customer, a bank and the worker see them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from nextbill.capabilities import payments
from nextbill.kernel.clock import business_date
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support.buyer import Buyer
from tests.support.staff import hurry

FAILS_LATER, ALWAYS_ASKED = "4000000000000341", "4000002760003184"


async def page_for_card(buyer: Buyer) -> dict[str, Any]:
    """On a machine that is busy the gateway may take longer than a request waits: then the step has to have its turns."""
    for _ in range(10):
        answer = await buyer.post("/api/v1/payments/methods", json={"consent": True})
        if answer.status_code == 200:
            return answer.json()
        assert answer.status_code == 202, answer.text
        await hurry(buyer.shop, turns=1)
    raise AssertionError(answer.text)


async def leave(shop: Any, page: dict[str, Any], card: str = till.GOOD, *, exp: str = "12/34") -> Any:
    """As a browser does, through the bank's question where it asks one; the answer is the redirect back to us."""
    answer = await shop.outside.post(page["setup_url"], data={"card_number": card, "exp": exp, "cvc": "123", "name": "Test Buyer"})
    if "/3ds/" in answer.headers.get("location", ""):
        answer = await shop.outside.post(f"{shop.sims['stripe']}{answer.headers['location']}", data={"result": "approve"})
    return answer


async def save_card(shop: Any, buyer: Buyer, card: str = till.GOOD, *, exp: str = "12/34") -> dict[str, Any]:
    """The method that comes of it."""
    page = await page_for_card(buyer)
    await till.come_back(shop, await leave(shop, page, card, exp=exp))
    setup = (await buyer.get(f"/api/v1/payments/methods/setups/{page['id']}")).json()
    assert setup["status"] == "succeeded", setup
    return next(method for method in await cards(buyer) if method["id"] == setup["method_id"])


async def cards(buyer: Buyer) -> list[dict[str, Any]]:
    return (await buyer.get("/api/v1/payments/methods")).json()["items"]


def today(shop: Any) -> date:
    return business_date(shop.clock.now(), shop.settings.company_time_zone)


async def collect(shop: Any, *orders: dict[str, Any]) -> list[UUID]:
    """Each order's payable is charged to its customer's card from today on."""
    payables = [await till.one(shop, "select payable_id from invoicing_proforma where origin_id = :id", id=UUID(order["id"])) for order in orders]
    async with shop.database.writing(Role.WORK) as tx:
        await payments.charge_payables(tx, payables, on=today(shop), now=shop.clock.now())
    return payables


async def collection(shop: Any, payable_id: UUID) -> dict[str, Any]:
    (row,) = await till.rows(shop, "select * from payments_collection where payable_id = :id", id=payable_id)
    return row


async def charges(shop: Any, payable_id: UUID) -> list[dict[str, Any]]:
    return await till.rows(shop, "select * from payments_attempt where payable_id = :id and kind = 'charge' order by id", id=payable_id)


async def bank_says(shop: Any, **rule: Any) -> None:
    (await shop.outside.post(f"{shop.sims['stripe']}/_sim/stripe/issuers", json=rule)).raise_for_status()


async def days_pass(shop: Any, days: int) -> None:
    """One at a time, as they do."""
    for _ in range(days):
        shop.advance(timedelta(days=1))
        await shop.drain(patience=0.1)


async def settled(shop: Any, *, turns: int = 4) -> None:
    """Everything that a lost answer left open is looked for, and sent again after the pause between two looks."""
    await hurry(shop, turns=2)
    shop.advance(timedelta(minutes=3))
    await hurry(shop, turns=turns)

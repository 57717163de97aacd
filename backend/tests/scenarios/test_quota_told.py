"""A limit fills up at the panel: its owner is told by mail, once, in the owner's language, and sees it on the page."""

from __future__ import annotations

from typing import Any

from nextbill.capabilities import identity
from nextbill.capabilities.licensing.jobs import announce_alerts
from nextbill.runtime.database import Role
from tests.support.buyer import register
from tests.support.shop import Shop


async def announce(shop: Shop) -> None:
    """The worker's tick, which a drain does not wait for."""
    async with shop.database.writing(Role.WORK) as tx:
        await announce_alerts(tx, now=shop.clock.now())
    await shop.drain()


async def test_a_bought_license_fills_up_and_its_owner_is_told(shop: Shop) -> None:
    buyer = await register(shop)
    await buyer.request("PATCH", "/api/v1/customers/me", json={"locale": "de"})
    order = await buyer.order("filling.com")
    await buyer.pay(order["id"])
    await shop.drain()
    license_ = (await buyer.get("/api/v1/licenses")).json()["items"][0]
    key = (await buyer.post(f"/api/v1/licenses/{license_['id']}/reveal")).json()["license_key"]
    async with shop.database.writing(Role.WORK) as tx:
        made = await identity.create_panel_key(tx, name="p", permissions=["usage", "validate"], cipher=shop.cipher, now=shop.clock.now())
    proof = {"X-API-Key": made.key_id, "X-API-Secret": made.secret}

    async def use(event: str, count: int) -> dict[str, Any]:
        body = {"license_key": key, "resource": "databases", "action": "created", "count": count, "event_id": event}
        answer = await shop.client.post("/api/v1/usage/update", json=body, headers=proof)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    limit = (await use("first", 1))["limit"]
    await use("more", limit * 9 // 10)
    for _ in range(2):
        await announce(shop)
    told = [mail for mail in await shop.mails(buyer.email) if "Datenbanken" in mail["subject"]]
    assert len(told) == 1
    used = 1 + limit * 9 // 10
    assert f"{used} von {limit} Datenbanken sind belegt" in told[0]["text"]
    assert f"/licenses/{license_['id']}" in told[0]["text"]
    assert key not in told[0]["text"] + told[0]["html"]
    alerts = (await buyer.get("/api/v1/usage/alerts")).json()["items"]
    assert [(alert["threshold"], alert["used"], alert["limit"]) for alert in alerts] == [(90, used, limit)]

"""A name from its registration to its second year, over HTTP: by card, by invoice, switched off, parked, and with workers that die."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from nextbill.capabilities import domains
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.capabilities import till
from tests.support import cards
from tests.support.buyer import PASSWORD, Buyer, register
from tests.support.mortal import dies
from tests.support.staff import hurry


async def _holds(shop: Any, name: str, *, card: bool = False) -> tuple[Buyer, str, date]:
    """Bought and registered; the buyer, the domain's id and its expiry."""
    buyer = await register(shop)
    if card:
        await cards.save_card(shop, buyer)
    order = await buyer.order(name, plan=None)
    await buyer.pay(order["id"])
    await till.delivered(shop)
    (domain,) = (await buyer.get("/api/v1/domains")).json()["items"]
    return buyer, domain["id"], date.fromisoformat(domain["expires_on"])


async def _near(shop: Any, buyer: Buyer, expires_on: date, days: int) -> None:
    """So many days before it expires; the run has had its night."""
    shop.advance(timedelta(days=(expires_on - cards.today(shop)).days - days))
    await shop.drain()
    await shop.drain(patience=0.5)
    answer = await shop.client.post("/api/v1/auth/login", json={"email": buyer.email, "password": PASSWORD})
    buyer.token = answer.json()["access_token"]


async def _renewal(buyer: Buyer, domain_id: str) -> dict[str, Any]:
    answer = await buyer.get(f"/api/v1/domains/{domain_id}/renewal")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _at_registrar(shop: Any, name: str) -> tuple[str, int]:
    (order,) = [one for one in (await shop.outside.get(f"{shop.sims['resellerclub']}/_sim/resellerclub/domains")).json() if one["name"] == name]
    return order["end"][:10], [charge["kind"] for charge in order["charges"]].count("RenewDomain")


async def _subjects(shop: Any, buyer: Buyer) -> list[str]:
    return [mail["subject"] for mail in await shop.mails(buyer.email)]


async def test_by_card_it_is_told_charged_and_renewed_by_itself(shop: Any) -> None:
    buyer, domain_id, ends = await _holds(shop, "by-card.com", card=True)
    before = await _renewal(buyer, domain_id)
    assert (before["auto_renew"], before["last"], before["next"]["from_on"], before["next"]["collection"]) == (True, None, ends.isoformat(), "charge")
    assert before["next"]["invoiced_on"] == (ends - timedelta(days=30)).isoformat()
    await _near(shop, buyer, ends, 30)
    under_way = await _renewal(buyer, domain_id)
    assert (under_way["next"], under_way["last"]["status"], under_way["last"]["due_on"]) == (
        None,
        "invoiced",
        (ends - timedelta(days=14)).isoformat(),
    )
    assert under_way["last"]["owed"] == before["next"]["price"]
    assert [subject for subject in await _subjects(shop, buyer) if "renewal for" in subject and "by-card.com" in subject]
    await _near(shop, buyer, ends, 14)
    await till.delivered(shop)
    await hurry(shop, turns=2)
    done = await _renewal(buyer, domain_id)
    until = ends.replace(year=ends.year + 1)
    assert (done["expires_on"], done["last"]["status"], done["last"]["invoice_status"]) == (until.isoformat(), "renewed", "paid")
    assert await _at_registrar(shop, "by-card.com") == (until.isoformat(), 1)
    assert [subject for subject in await _subjects(shop, buyer) if subject.startswith("by-card.com is renewed until")]
    assert await till.violations(shop) == []


async def test_by_invoice_it_waits_for_the_money_and_is_told_so(shop: Any) -> None:
    buyer, domain_id, ends = await _holds(shop, "by-invoice.com")
    await _near(shop, buyer, ends, 30)
    last = (await _renewal(buyer, domain_id))["last"]
    assert (last["status"], last["collection"]) == ("invoiced", "invoice")
    await _near(shop, buyer, ends, 7)
    assert (await _at_registrar(shop, "by-invoice.com"))[1] == 0
    told = [subject for subject in await _subjects(shop, buyer) if "its invoice is not paid" in subject]
    assert len(told) == 1
    answer = await buyer.post("/api/v1/payments/intent", json={"invoice_id": last["invoice_id"]})
    assert answer.status_code in (200, 201), answer.text
    await till.submit(shop, answer.json()["checkout_url"])
    await till.delivered(shop)
    assert (await _renewal(buyer, domain_id))["last"]["status"] == "renewed"
    assert (await _at_registrar(shop, "by-invoice.com"))[1] == 1
    assert await till.violations(shop) == []


async def test_its_holder_switches_it_off_and_nobody_else_may(shop: Any) -> None:
    buyer, domain_id, ends = await _holds(shop, "switched.com")
    stranger = await register(shop)
    for method, body in (("GET", None), ("PATCH", {"auto_renew": False})):
        answer = await stranger.request(method, f"/api/v1/domains/{domain_id}/renewal", json=body)
        assert answer.status_code == 404, answer.text
    await _near(shop, buyer, ends, 29)
    off = await buyer.request("PATCH", f"/api/v1/domains/{domain_id}/renewal", json={"auto_renew": False})
    assert (off.json()["auto_renew"], off.json()["next"], off.json()["last"]["status"]) == (False, None, "withdrawn")
    assert (off.json()["last"]["invoice_status"], off.json()["last"]["owed"]["amount"]) == ("void", 0)
    await _near(shop, buyer, ends, 13)
    assert [subject for subject in await _subjects(shop, buyer) if subject.startswith("switched.com expires on")]
    on = await buyer.request("PATCH", f"/api/v1/domains/{domain_id}/renewal", json={"auto_renew": True, "separate_invoice": True})
    assert (on.json()["auto_renew"], on.json()["separate_invoice"], on.json()["next"]["from_on"]) == (True, True, ends.isoformat())


async def test_without_funds_it_is_parked_and_staff_has_it_renewed(shop: Any) -> None:
    buyer, domain_id, ends = await _holds(shop, "poor.com")
    await _near(shop, buyer, ends, 29)
    (await shop.outside.post(f"{shop.sims['resellerclub']}/_sim/resellerclub/balance", json={"set": "0.00"})).raise_for_status()
    invoice_id = (await _renewal(buyer, domain_id))["last"]["invoice_id"]
    answer = await buyer.post("/api/v1/payments/intent", json={"invoice_id": invoice_id})
    await till.submit(shop, answer.json()["checkout_url"])
    await till.delivered(shop)
    assert (await _renewal(buyer, domain_id))["last"]["status"] == "renewing"
    desk = await till.staff(shop, "admin")
    seen = (await desk.get(f"/api/v1/admin/domains/{domain_id}/renewal")).json()
    assert (seen["last"]["status"], seen["reason"]) == ("parked", "no_funds")
    waiting = (await desk.get("/api/v1/admin/domain-renewals")).json()["items"]
    assert [(one["domain_id"], one["status"], one["reason"]) for one in waiting] == [(domain_id, "parked", "no_funds")]
    assert [mail for mail in await shop.mails(shop.settings.company_email) if "poor.com" in mail["subject"] + mail["text"]]
    (await shop.outside.post(f"{shop.sims['resellerclub']}/_sim/resellerclub/balance", json={"top_up": "100.00"})).raise_for_status()
    again = await desk.post(f"/api/v1/admin/domains/{domain_id}/renewal/retry")
    assert again.status_code == 200, again.text
    await hurry(shop, turns=3)
    assert (await _renewal(buyer, domain_id))["last"]["status"] == "renewed"
    assert (await _at_registrar(shop, "poor.com"))[1] == 1
    refused = await desk.post(f"/api/v1/admin/domains/{domain_id}/renewal/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "domain_renewal_not_held")


@pytest.mark.parametrize("points", [("before_intent", "intent"), ("called",), ("before_result", "result")])
async def test_killed_at_any_point_it_is_renewed_and_charged_once(shop: Any, points: tuple[str, ...]) -> None:
    buyer = await register(shop)
    names = [f"mortal-{point.replace('_', '-')}.com" for point in points]
    order = await buyer.order(*names, plan=None)
    await buyer.pay(order["id"])
    await till.delivered(shop)
    held = {one["name"]: UUID(one["id"]) for one in (await buyer.get("/api/v1/domains")).json()["items"]}
    for name, point in zip(names, points, strict=True):
        async with shop.database.writing(Role.WORK) as tx:
            dues = await domains.claim_these(tx, [held[name]])
            billed = [domains.BilledName(due, "free") for due in dues]
            await domains.note_billed(tx, billed, run_id=new_id(), chunk_id=new_id(), now=shop.clock.now())
        assert await dies(shop.settings, f"domains.renew:{point}"), point
        await _leases_over(shop)
        shop.advance(timedelta(minutes=11))
        await hurry(shop, turns=2)
        shop.advance(timedelta(minutes=11))
        await hurry(shop, turns=2)
        (row,) = await till.rows(shop, "select state, expires_on, from_on from domains_renewal where domain_id = :id", id=held[name])
        assert row["state"] == "renewed", point
        assert await _at_registrar(shop, name) == (row["expires_on"].isoformat(), 1), point
        assert row["expires_on"].year == row["from_on"].year + 1
    assert await till.violations(shop) == []


async def _leases_over(shop: Any) -> None:
    """A lease is wall time: over at once, as if it had been waited for."""
    async with shop.database.writing(Role.WORK) as tx:
        await tx.execute(till.text("update runtime_step set claimed_until = clock_timestamp(), next_at = clock_timestamp() where state = 'calling'"))

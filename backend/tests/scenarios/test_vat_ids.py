"""A business in another member state: its id is checked, the register may be down, and what was charged meanwhile is put right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from nextbill.capabilities import tax
from nextbill.runtime.database import Role
from tests.support.buyer import Buyer, cart, register
from tests.support.staff import again, credit_of, staff, violations

PARIS = {"line_1": "1 rue de Rivoli", "line_2": "", "city": "Paris", "state": "", "postal_code": "75001", "country": "FR"}
ID = "FR40303265045"


async def business(shop: Any, *, tax_id: str | None = ID) -> Buyer:
    buyer = await register(shop, address=False)
    assert (await buyer.request("PUT", "/api/v1/customers/me/address", json=PARIS)).status_code == 200
    assert (await buyer.request("PATCH", "/api/v1/customers/me", json={"status": "business", "phone": "+33142685300"})).status_code == 200
    if tax_id is not None:
        assert (await put_id(buyer, tax_id))["tax_id"] == tax_id
    return buyer


async def put_id(buyer: Buyer, tax_id: str | None) -> dict[str, Any]:
    answer = await buyer.request("PUT", "/api/v1/customers/me/tax-id", json={"tax_id": tax_id})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def id_state(buyer: Buyer) -> str:
    return (await buyer.get("/api/v1/customers/me/tax-id")).json()["state"]


async def buy(buyer: Buyer, name: str) -> dict[str, Any]:
    body = cart(name)
    body["consent"]["status"] = "business"
    answer = await buyer.post("/api/v1/orders", json=body)
    assert answer.status_code == 201, answer.text
    order = answer.json()
    await buyer.pay(order["id"])
    await buyer.shop.drain()
    return order


async def down(shop: Any, *, is_down: bool, **options: Any) -> None:
    (await shop.outside.post(f"{shop.sims['vies']}/_sim/vies/down", json={"down": is_down, **options})).raise_for_status()


async def rows(shop: Any, statement: str) -> list[Any]:
    async with shop.database.reading(Role.WORK) as tx:
        return list((await tx.execute(text(statement))).all())


async def invoices(shop: Any) -> list[Any]:
    return await rows(shop, "select state, net_minor, tax_minor, credited_minor from invoicing_invoice order by id")


async def test_a_proven_id_leaves_the_vat_to_the_buyer(shop: Any) -> None:
    buyer = await business(shop)
    assert await id_state(buyer) == "pending"
    await shop.drain()
    assert await id_state(buyer) == "valid"
    await buy(buyer, "reverse-charge.com")
    (line, *_) = await rows(
        shop,
        "select tax_category, tax_exemption_code, details->'tax'->>'reason' as reason, details->'tax'->>'id_state' as state from invoicing_invoice_line order by position",
    )
    assert tuple(line) == ("AE", "VATEX-EU-AE", "reverse_charge", "valid")
    assert {row.scheme for row in await rows(shop, "select scheme from tax_sale")} == {"reverse_charge"}
    desk = await staff(shop)
    month = shop.clock.now()
    listed = (await desk.get("/admin/tax/reverse-charge", params={"quarter": f"{month.year}-Q{(month.month + 2) // 3}"})).json()["lines"]
    assert [(found["tax_id"], found["country"], found["documents"]) for found in listed] == [(ID, "FR", 1)]
    customer = (await buyer.get("/api/v1/customers/me")).json()["id"]
    known = (await desk.get(f"/admin/tax/customers/{customer}")).json()
    assert known["checks"][0]["outcome"] == "valid"
    assert known["checks"][0]["name"] == "SIMULATED TRADER 40303265045"
    assert {item["kind"]: item["country"] for item in known["evidence"]} == {"billing_address": "FR", "phone": "FR"}
    sealed = await rows(shop, "select name from tax_id_check where name is not null")
    assert all("SIMULATED" not in row.name for row in sealed)
    assert await violations(shop) == []


async def test_down_at_checkout_charged_and_put_right_by_itself(shop: Any) -> None:
    await down(shop, is_down=True, member="FR")
    buyer = await business(shop)
    await shop.drain()
    assert await id_state(buyer) == "unavailable"
    await buy(buyer, "charged-first.com")
    ((state, net, vat, _),) = await invoices(shop)
    assert (state, round(net / vat)) == ("paid", 5), "French VAT of 20 % was charged"
    await down(shop, is_down=False, member="FR")
    shop.advance(timedelta(hours=1))
    await shop.drain()
    first, second = await invoices(shop)
    assert tuple(first) == ("paid", net, vat, net + vat)
    assert tuple(second) == ("paid", net, 0, 0)
    assert await credit_of(shop, buyer.email) == {"USD": -vat}
    assert [tuple(row) for row in await rows(shop, "select kind, state from tax_task")] == [("late_proof", "done")]
    sums = await rows(shop, "select scheme, sum(net_minor) as net, sum(tax_minor) as tax from tax_sale group by scheme order by scheme")
    assert [(row.scheme, int(row.net), int(row.tax)) for row in sums] == [("destination", 0, 0), ("reverse_charge", net, 0)]
    assert await id_state(await again(buyer)) == "valid"
    # the same answer again, a month later, corrects nothing twice
    shop.advance(timedelta(days=30))
    await shop.drain()
    paid, again_paid, renewal = await invoices(shop)
    assert [paid[0], again_paid[0], renewal[0]] == ["paid", "paid", "open"]
    assert renewal[2] == 0, "the month after is invoiced by reverse charge"
    assert [found for found in await violations(shop) if "paid_orders" not in found] == []


async def test_staff_may_want_to_correct_by_hand(shop: Any) -> None:
    desk = await staff(shop)
    answer = await desk.post("/admin/tax/policies", json={"late_proof": "task", "reason": "we look first"})
    assert answer.status_code == 201, answer.text
    await down(shop, is_down=True)
    buyer = await business(shop)
    await shop.drain()
    await buy(buyer, "by-hand.com")
    await down(shop, is_down=False)
    shop.advance(timedelta(minutes=10))
    await shop.drain()
    desk = await staff(shop)
    (task,) = (await desk.get("/admin/tax/tasks", params={"state": "open"})).json()["items"]
    assert task["kind"] == "late_proof"
    assert len(await invoices(shop)) == 1
    done = await desk.post(f"/admin/tax/tasks/{task['id']}/correct")
    assert (done.status_code, done.json()["state"]) == (200, "done"), done.text
    assert len(await invoices(shop)) == 2
    once = await desk.post(f"/admin/tax/tasks/{task['id']}/correct")
    assert (once.status_code, once.json()["code"]) == (409, "tax_task_closed")


async def test_an_id_that_nobody_knows_is_told_and_charged(shop: Any) -> None:
    number = {"countryCode": "FR", "vatNumber": "40303265045", "valid": False}
    (await shop.outside.post(f"{shop.sims['vies']}/_sim/vies/numbers", json=number)).raise_for_status()
    buyer = await business(shop)
    await shop.drain()
    assert await id_state(buyer) == "invalid"
    assert any("VAT" in mail["subject"] for mail in await shop.mails(buyer.email))
    await buy(buyer, "refuted.com")
    ((_, net, vat, _),) = await invoices(shop)
    assert round(net / vat) == 5
    wrong = await buyer.request("PUT", "/api/v1/customers/me/tax-id", json={"tax_id": "FR40303265046"})
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "tax_id")
    assert (await put_id(buyer, None)) == {"tax_id": None, "state": "none", "checked_at": None}
    await shop.drain()
    assert await rows(shop, "select 1 from tax_id") == []


async def test_an_answer_grows_old(shop: Any) -> None:
    buyer = await business(shop)
    await shop.drain()
    await down(shop, is_down=True)
    shop.advance(timedelta(days=32))
    await shop.drain()
    assert await id_state(await again(buyer)) == "stale"
    async with shop.database.reading(Role.WORK) as tx:
        customer_id = (await tx.execute(text("select customer_id from tax_id"))).scalar_one()
        lines = [tax.TaxableLine("a", "hosting", tax_money(10_000))]
        facts = {"country": "FR", "state": None, "status": "business", "tax_id": ID, "on": shop.clock.now().date(), "customer_id": customer_id}
        (line,) = await tax.assess(tx, lines=lines, **facts)
    assert (line.category, line.id_state) == ("S", "stale")
    await down(shop, is_down=False)
    shop.advance(timedelta(hours=13))
    await shop.drain()
    assert await id_state(await again(buyer)) == "valid"


async def test_the_proxy_s_country_contradicts(dsn: str, tmp_path: Any) -> None:
    from tests.support.shop import open_shop

    async with open_shop(dsn, tmp_path, country_header="CF-IPCountry") as shop:
        buyer = await register(shop, address=False)
        assert (await buyer.request("PUT", "/api/v1/customers/me/address", json=PARIS)).status_code == 200
        answer = await buyer.post("/api/v1/orders", json=cart("elsewhere.com"), headers={"CF-IPCountry": "ES"})
        assert answer.status_code == 201, answer.text
        await buyer.pay(answer.json()["id"])
        await shop.drain()
        (task,) = await rows(shop, "select kind, detail from tax_task")
        assert tuple(task) == ("location_conflict", {"charged_for": "FR", "ip_address": "ES", "billing_address": "FR", "phone": "US"})


def tax_money(minor: int) -> Any:
    from nextbill.kernel.money import Money

    return Money(minor, "USD")


async def test_what_is_left_of_a_partly_credited_invoice_is_corrected(shop: Any) -> None:
    await down(shop, is_down=True)
    buyer = await business(shop)
    await shop.drain()
    await buy(buyer, "partly-credited.com")
    ((_, net, vat, _),) = await invoices(shop)
    invoice = (await buyer.get("/api/v1/invoices")).json()["items"][0]
    body = {"reason": "Sorry for the wait", "amount": {"amount": 600, "currency": "USD"}}
    note = await (await staff(shop)).post(f"/invoices/{invoice['id']}/credit-notes", json=body)
    assert note.status_code == 201, note.text
    credited = sum(found["net"]["amount"] for found in note.json()["credit_notes"])
    await down(shop, is_down=False)
    shop.advance(timedelta(hours=1))
    await shop.drain()
    first, second = await invoices(shop)
    assert tuple(first) == ("paid", net, vat, net + vat)
    assert tuple(second) == ("paid", net - credited, 0, 0)
    assert await credit_of(shop, buyer.email) == {"USD": -(vat + credited)}
    assert [found for found in await violations(shop) if "paid_orders" not in found] == []

"""Staff find a customer by whatever they know of them, and see everything that is theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from nextbill.kernel.ids import new_id
from tests.capabilities import till
from tests.support.buyer import PASSWORD, Buyer, register
from tests.support.staff import staff


async def _named(shop: Any, name: str, email: str, company: str | None = None) -> Buyer:
    body = {"email": email, "password": PASSWORD, "name": name, "company": company}
    assert (await shop.client.post("/api/v1/auth/register", json=body)).status_code == 202
    token = (await shop.client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})).json()["access_token"]
    return Buyer(shop, email, token)


async def _profile(buyer: Buyer) -> dict[str, Any]:
    return (await buyer.get("/api/v1/customers/me")).json()


async def test_customers_are_found_by_number_name_company_and_address(shop: Any) -> None:
    desk = await staff(shop)
    ada = await _named(shop, "Ada Lovelace", "countess@guests.example", "Engines & Co")
    bob = await _named(shop, "Bob 100% Builder", "bob@guests.example")
    number, ids = (await _profile(ada))["number"], {"ada": (await _profile(ada))["id"], "bob": (await _profile(bob))["id"]}
    found = {}
    for query in (number, "LOVELACE", "engines", "countess@", "100%", "%%", "guests.example", "nobody"):
        answer = await desk.get("/admin/customers", params={"q": query})
        assert answer.status_code == 200, answer.text
        found[query] = [item["id"] for item in answer.json()["items"]]
    mine = [ids["ada"]]
    assert found == {
        number: mine,
        "LOVELACE": mine,
        "engines": mine,
        "countess@": mine,
        "100%": [ids["bob"]],
        "%%": [],
        "guests.example": [ids["bob"], ids["ada"]],
        "nobody": [],
    }
    named = (await desk.get("/admin/customers", params={"id": [ids["bob"]]})).json()["items"]
    assert [item["id"] for item in named] == [ids["bob"]]
    shown = (await desk.get("/admin/customers", params={"q": number})).json()["items"][0]
    created = shown.pop("created_at")
    assert created
    assert shown == {
        "id": ids["ada"],
        "number": number,
        "name": "Ada Lovelace",
        "company": "Engines & Co",
        "email": "countess@guests.example",
        "email_verified": False,
        "disabled": False,
        "status": "consumer",
        "country": None,
    }
    page = (await desk.get("/admin/customers", params={"limit": 1, "q": "guests.example"})).json()
    rest = (await desk.get("/admin/customers", params={"limit": 1, "q": "guests.example", "cursor": page["next_cursor"]})).json()
    assert [page["items"][0]["id"], rest["items"][0]["id"], rest["next_cursor"]] == [ids["bob"], ids["ada"], None]
    assert (await desk.get("/admin/customers", params={"q": "a\u0000"})).status_code == 422


async def test_a_customers_file_has_profile_address_and_login(shop: Any) -> None:
    desk, buyer = await staff(shop), await register(shop)
    profile = await _profile(buyer)
    shown = (await desk.get(f"/admin/customers/{profile['id']}")).json()
    same = ("id", "number", "name", "company", "email", "phone", "status", "tax_id", "locale", "address", "created_at")
    assert {name: shown[name] for name in same} == {name: profile[name] for name in same}
    assert shown["address"]["city"] == "Springfield"
    login = shown["login"]
    assert (login["email_verified_at"] is not None, login["disabled_at"], login["version"]) == (True, None, 1)
    disabled = await desk.shop.client.put(
        f"/api/v1/admin/users/{login['id']}", json={"disabled": True, "reason": "asked for it"}, headers={"Authorization": f"Bearer {desk.token}"}
    )
    assert disabled.status_code == 200
    after = (await desk.get(f"/admin/customers/{profile['id']}")).json()["login"]
    assert (after["disabled_at"] is not None, after["version"]) == (True, 2)
    assert (await desk.get("/admin/customers", params={"q": buyer.email})).json()["items"][0]["disabled"] is True
    missing = await desk.get(f"/admin/customers/{new_id()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "customer_not_found")


async def test_a_customers_orders_licenses_and_payments_are_theirs_alone(shop: Any) -> None:
    desk, ann, bob = await staff(shop), await register(shop), await register(shop)
    first, second = await ann.order("ann-holds.com"), await bob.order("bob-holds.com")
    for buyer, order in ((ann, first), (bob, second)):
        await buyer.pay(order["id"])
    unpaid = await ann.order("ann-later.com")
    await ann.checkout(unpaid["id"])
    await shop.drain()
    hers = {"customer_id": first["customer_id"]}

    orders = (await desk.get("/admin/orders", params=hers)).json()["items"]
    assert [item["id"] for item in orders] == [unpaid["id"], first["id"]]
    assert [item["id"] for item in (await desk.get("/admin/orders", params={**hers, "state": "completed"})).json()["items"]] == [first["id"]]

    (license_,) = (await desk.get("/admin/licenses", params=hers)).json()["items"]
    assert (license_["customer"]["email"], license_["plan"], license_["status"]) == (ann.email, "professional", "active")
    own = (await ann.get("/api/v1/licenses")).json()["items"][0]
    assert (license_["id"], license_["key_hint"], license_["quotas"]) == (own["id"], own["key_hint"], own["quotas"])
    assert license_["server_id"]
    everybody = (await desk.get("/admin/licenses", params={"limit": 1})).json()
    rest = (await desk.get("/admin/licenses", params={"limit": 1, "cursor": everybody["next_cursor"]})).json()
    assert [everybody["items"][0]["customer"]["email"], rest["items"][0]["customer"]["email"], rest["next_cursor"]] == [bob.email, ann.email, None]

    waiting, paid = (await desk.get("/admin/payments", params=hers)).json()["items"]
    assert (waiting["state"], waiting["order_id"], waiting["paid"]["amount"]) == ("open", unpaid["id"], 0)
    assert (paid["state"], paid["order_id"], paid["order_number"]) == ("succeeded", first["id"], first["number"])
    assert (paid["amount"], paid["paid"], paid["refunded"]["amount"]) == (first["total"], first["total"], 0)
    assert paid["gateway_reference"].startswith("pi_")
    assert paid["customer"] == license_["customer"]
    succeeded = (await desk.get("/admin/payments", params={"state": "succeeded"})).json()["items"]
    assert [item["order_id"] for item in succeeded] == [second["id"], first["id"]]
    assert (await desk.get("/admin/payments", params={"state": "nonsense"})).status_code == 422
    assert (await desk.get("/admin/payments", params={"customer_id": str(new_id())})).json()["items"] == []


async def test_customers_files_are_for_staff(shop: Any) -> None:
    buyer = await register(shop)
    own = (await _profile(buyer))["id"]
    paths = (
        "/api/v1/admin/customers",
        f"/api/v1/admin/customers/{own}",
        "/api/v1/admin/licenses",
        "/api/v1/admin/payments",
        "/api/v1/admin/overview",
    )
    assert [(await buyer.get(path)).status_code for path in paths] == [403] * 5
    assert [(await shop.client.get(path)).status_code for path in paths] == [401] * 5
    for role in ("support", "billing"):
        colleague = await till.staff(shop, role)
        assert [(await colleague.get(path)).status_code for path in paths] == [200] * 5


async def test_lists_cost_the_same_reads_whatever_their_length(shop: Any) -> None:
    """Counted at the driver: more rows, not more statements."""
    desk, counted = await staff(shop), []
    await register(shop)

    def note(*_: object) -> None:
        counted.append(1)

    async def reads(path: str) -> int:
        counted.clear()
        assert (await desk.get(path)).status_code == 200
        return len(counted)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        paths = ("/admin/customers", "/admin/licenses", "/admin/payments", "/admin/overview")
        buyer = await register(shop)
        await buyer.pay((await buyer.order("one-of-them.com"))["id"])
        await shop.drain()
        few = [await reads(path) for path in paths]
        for name in ("two-of-them.com", "three-of-them.com"):
            another = await register(shop)
            await another.pay((await another.order(name))["id"])
            await shop.drain()
        assert [await reads(path) for path in paths] == few
        assert min(few) > 0
    finally:
        event.remove(Engine, "before_cursor_execute", note)

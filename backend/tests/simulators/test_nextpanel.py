"""The wire of the NextPanel simulator, as its table of calls says, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from nextbill_simulators.nextpanel.app import create_app

pytestmark = pytest.mark.asyncio

ACCOUNTS = "/api/v1/billing/accounts"
Json = dict[str, Any]
KEYS = {"X-API-Key": "npk_1", "X-API-Secret": "nps_1"}
ANNA: Json = {
    "username": "anna",
    "email": "anna@example.test",
    "password": "correct-horse",
    "full_name": "Anna Ek",
    "phone": "+46701234567",
    "company": None,
    "package_id": "starter",
    "billing_id": "b-1",
    "metadata": {"license_key": "NP-7K4M-Q2XD-9TRW", "limits": {"max_domains": 5, "max_databases": None}},
}
LICENSE: Json = {
    "license_key": "NP-2222-3333-4444",
    "email": "bo@example.test",
    "plan": "starter",
    "features": {"max_domains": 3, "max_databases": 2},
}

Panels = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def panels(serve: Any, world: Any) -> Panels:
    """`panels(option=…)`: a server with these options and a client that carries the right key."""

    @asynccontextmanager
    async def start(**options: str) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(world("nextpanel:alpha", api_key="npk_1", api_secret="nps_1", **options))
        async with serve(app) as base_url, httpx.AsyncClient(base_url=base_url, headers=KEYS) as client:
            yield client

    return start


@pytest_asyncio.fixture
async def panel(panels: Panels) -> AsyncIterator[httpx.AsyncClient]:
    async with panels() as client:
        yield client


async def make(panel: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    made = await panel.post(ACCOUNTS, json=ANNA | changes)
    assert made.status_code == 201, made.text
    return dict(made.json())


async def test_health_needs_no_key_and_everything_else_does(panel: httpx.AsyncClient) -> None:
    panel.headers.clear()
    assert (await panel.get("/api/health")).status_code == 200
    for headers in ({}, {"X-API-Key": "npk_1"}, {"X-API-Key": "npk_1", "X-API-Secret": "nps_2"}, {"X-API-Key": "", "X-API-Secret": ""}):
        refused = await panel.get(ACCOUNTS, params={"page": "1"}, headers=headers)
        assert (refused.status_code, refused.json()) == (401, {"detail": "Invalid API credentials"})


async def test_an_account_is_made_and_found_by_its_id_and_by_billing_id(panel: httpx.AsyncClient) -> None:
    made = await make(panel)
    assert (made["username"], made["email"], made["status"], made["billing_id"]) == ("anna", "anna@example.test", "active", "b-1")
    assert made["limits"] == {"max_domains": 5, "max_databases": None}
    assert (await panel.get(f"{ACCOUNTS}/{made['id']}")).json() == made
    assert (await panel.get(ACCOUNTS, params={"billing_id": "b-1"})).json() == made
    absent = await panel.get(ACCOUNTS, params={"billing_id": "b-2"})
    assert (absent.status_code, absent.json()) == (404, {"detail": "Account not found"})


async def test_no_password_is_kept_or_shown(panel: httpx.AsyncClient) -> None:
    made = await make(panel)
    kept = (await panel.get("/_sim/state")).text + (await panel.get("/_sim/nextpanel/accounts")).text + str(made)
    assert "anna@example.test" in kept
    assert "correct-horse" not in kept
    assert "password_hash" not in (await panel.get(f"{ACCOUNTS}/{made['id']}")).text


async def test_user_name_and_email_are_unique_and_the_billing_id_is_not(panel: httpx.AsyncClient) -> None:
    await make(panel)
    same_name = await panel.post(ACCOUNTS, json=ANNA | {"email": "other@example.test"})
    same_email = await panel.post(ACCOUNTS, json=ANNA | {"username": "other", "email": "ANNA@example.test"})
    assert (same_name.status_code, same_name.json()) == (409, {"detail": "Username already taken"})
    assert (same_email.status_code, same_email.json()) == (409, {"detail": "Email already taken"})
    await make(panel, username="anna2", email="anna2@example.test")
    assert [account["billing_id"] for account in (await panel.get("/_sim/nextpanel/accounts")).json()] == ["b-1", "b-1"]


async def test_malformed_orders_name_their_fields(panel: httpx.AsyncClient) -> None:
    refused = await panel.post(ACCOUNTS, json={"username": "A", "email": "nonsense", "full_name": "x"})
    assert refused.status_code == 422
    assert {tuple(item["loc"]) for item in refused.json()["detail"]} == {("body", "username"), ("body", "email"), ("body", "password")}
    assert (await panel.post(ACCOUNTS, content=b"{")).status_code == 422
    assert (await panel.post(ACCOUNTS, json=[])).status_code == 422
    assert (await panel.get("/_sim/nextpanel/accounts")).json() == []


async def test_unknown_paths_and_methods_answer_as_fastapi_does(panel: httpx.AsyncClient) -> None:
    assert (await panel.get("/api/v1/nothing")).json() == {"detail": "Not Found"}
    refused = await panel.put(ACCOUNTS)
    assert (refused.status_code, refused.json()) == (405, {"detail": "Method Not Allowed"})


async def test_a_license_is_provisioned_once(panel: httpx.AsyncClient) -> None:
    made = await panel.post("/api/v1/licenses/provision", json=LICENSE)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "account_url", "username", "password"}
    again = await panel.post("/api/v1/licenses/provision", json=LICENSE | {"email": "else@example.test"})
    assert (again.status_code, again.json()) == (409, {"detail": "License already provisioned"})
    found = (await panel.get(ACCOUNTS, params={"license_key": LICENSE["license_key"]})).json()
    assert (found["id"], found["email"]) == (made.json()["id"], "bo@example.test")
    assert found["limits"] == {"max_accounts": None, "max_domains": 3, "max_databases": 2, "max_emails": None}
    login = await panel.post("/login", data={"username": made.json()["username"], "password": made.json()["password"]})
    assert login.status_code == 200


async def test_suspend_unsuspend_and_delete(panel: httpx.AsyncClient) -> None:
    made = await make(panel)
    one = f"{ACCOUNTS}/{made['id']}"
    for _ in range(2):
        assert (await panel.post(f"{one}/suspend", json={"reason": "unpaid"})).json()["status"] == "suspended"
    assert (await panel.post(f"{one}/suspend", json={})).status_code == 422
    assert (await panel.post("/login", data={"username": "anna", "password": "correct-horse"})).status_code == 403
    assert (await panel.post(f"{one}/unsuspend")).json()["status"] == "active"
    assert (await panel.delete(one)).status_code == 200
    assert (await panel.delete(one)).status_code == 404
    assert (await panel.get("/_sim/nextpanel/accounts")).json() == []
    assert [gone["username"] for gone in (await panel.get("/_sim/nextpanel/accounts", params={"deleted": "true"})).json()] == ["anna"]
    await make(panel)


async def test_stats_count_what_was_planted(panel: httpx.AsyncClient) -> None:
    made = await make(panel)
    await panel.patch(f"/_sim/nextpanel/accounts/{made['id']}", json={"usage": {"domains": 2, "storage": 4096}})
    await panel.post("/_sim/clock", json={"advance_seconds": 3 * 86_400})
    stats = (await panel.get(f"{ACCOUNTS}/{made['id']}/stats")).json()
    assert stats == {
        "user_id": made["id"],
        "username": "anna",
        "email": "anna@example.test",
        "total_domains": 2,
        "total_databases": 0,
        "total_email_accounts": 0,
        "total_ssl_certificates": 0,
        "storage_used": 4096,
        "last_login": None,
        "account_age_days": 3,
    }


async def test_accounts_are_listed_by_page(panel: httpx.AsyncClient) -> None:
    for number in range(51):
        await make(panel, username=f"user{number}", email=f"user{number}@example.test")
    pages = [(await panel.get(ACCOUNTS, params={"page": page})).json() for page in ("1", "2", "3")]
    assert [len(page) for page in pages] == [50, 1, 0]
    assert (await panel.get(ACCOUNTS, params={"page": "0"})).status_code == 422


async def test_optional_calls_are_absent_where_switched_off(panels: Panels) -> None:
    async with panels(supports="") as panel:
        one = f"{ACCOUNTS}/{(await make(panel))['id']}"
        assert (await panel.get(ACCOUNTS, params={"billing_id": "b-1"})).status_code == 405
        assert (await panel.patch(one, json={"limits": {}})).status_code == 405
        assert (await panel.post(f"{one}/password", json={"password": "another-one"})).json() == {"detail": "Not Found"}
        assert (await panel.post(f"{one}/login-token")).json() == {"detail": "Not Found"}


async def test_a_server_without_the_filter_ignores_it(panels: Panels) -> None:
    async with panels(supports="page") as panel:
        await make(panel)
        assert [account["billing_id"] for account in (await panel.get(ACCOUNTS, params={"billing_id": "b-2"})).json()] == ["b-1"]


async def test_a_server_may_know_one_way_of_provisioning_only(panels: Panels) -> None:
    async with panels(provisioning="license") as panel:
        assert (await panel.post(ACCOUNTS, json=ANNA)).status_code == 405
        assert (await panel.post("/api/v1/licenses/provision", json=LICENSE)).status_code == 201


async def test_limits_and_password_are_changed(panel: httpx.AsyncClient) -> None:
    one = f"{ACCOUNTS}/{(await make(panel))['id']}"
    changed = await panel.patch(one, json={"limits": {"max_domains": 9}})
    assert changed.json()["limits"] == {"max_domains": 9, "max_databases": None}
    assert (await panel.post(f"{one}/password", json={"password": "short"})).status_code == 422
    assert (await panel.post(f"{one}/password", json={"password": "another-one"})).status_code == 200
    assert (await panel.post("/login", data={"username": "anna", "password": "correct-horse"})).status_code == 401
    assert (await panel.post("/login", data={"username": "anna", "password": "another-one"})).status_code == 200


async def test_a_login_token_opens_the_panel_once_and_in_time(panels: Panels) -> None:
    async with panels(supports="login-token") as panel:
        token_call = f"{ACCOUNTS}/{(await make(panel))['id']}/login-token"
        first, second = [httpx.URL((await panel.post(token_call)).json()["url"]).params["token"] for _ in range(2)]
        assert "This is where the hosting panel would be" in (await panel.get("/login", params={"token": first})).text
        assert (await panel.get("/login", params={"token": first})).status_code == 401
        await panel.post("/_sim/clock", json={"advance_seconds": 61})
        assert (await panel.get("/login", params={"token": second})).status_code == 401


async def test_a_full_server_and_a_foreign_address_are_refused(panels: Panels) -> None:
    async with panels(max_accounts="1") as panel:
        await make(panel)
        full = await panel.post(ACCOUNTS, json=ANNA | {"username": "bosse", "email": "bo@example.test"})
        assert (full.status_code, full.json()) == (403, {"detail": "Account limit of this server reached"})
    async with panels(allowed_addresses="10.0.0.9") as panel:
        assert (await panel.get(ACCOUNTS, params={"page": "1"})).json() == {"detail": "IP address not allowed"}
    async with panels(allowed_addresses="10.0.0.9, 127.0.0.1") as panel:
        assert (await panel.get(ACCOUNTS, params={"page": "1"})).status_code == 200


async def test_calls_are_limited_by_the_hour(panels: Panels) -> None:
    async with panels(hourly_limit="2") as panel:
        statuses = [(await panel.get(ACCOUNTS, params={"page": "1"})).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert 0 < int((await panel.get(ACCOUNTS)).headers["retry-after"]) <= 3601
        await panel.post("/_sim/clock", json={"advance_seconds": 3600})
        assert (await panel.get(ACCOUNTS, params={"page": "1"})).status_code == 200


async def test_a_panel_that_is_down_answers_html_to_all_but_its_controls(panel: httpx.AsyncClient) -> None:
    await panel.post("/_sim/nextpanel/down", json={"down": True})
    for path in ("/api/health", ACCOUNTS, "/login"):
        answer = await panel.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    await panel.post("/_sim/nextpanel/down", json={"down": False})
    assert (await panel.get("/api/health")).status_code == 200


async def test_a_lost_answer_leaves_the_account_made(panel: httpx.AsyncClient) -> None:
    await panel.post("/_sim/faults", json={"effect": "lost_after", "pattern": f"POST {ACCOUNTS}$"})
    with pytest.raises(httpx.RemoteProtocolError):
        await panel.post(ACCOUNTS, json=ANNA)
    assert (await panel.get(ACCOUNTS, params={"billing_id": "b-1"})).status_code == 200


async def test_drift_is_planted_behind_the_products_back(panel: httpx.AsyncClient) -> None:
    one = f"/_sim/nextpanel/accounts/{(await make(panel))['id']}"
    assert (await panel.patch(one, json={"status": "suspended", "limits": {"max_domains": 1}})).json()["status"] == "suspended"
    assert (await panel.patch(one, json={"password_hash": "x"})).status_code == 422
    await panel.delete(one)
    assert (await panel.get(ACCOUNTS, params={"billing_id": "b-1"})).status_code == 404


async def test_the_login_page_says_sandbox_and_escapes_what_it_repeats(panel: httpx.AsyncClient) -> None:
    await make(panel)
    form = await panel.get("/", follow_redirects=True)
    assert "SANDBOX" in form.text
    refused = await panel.post("/login", data={"username": '"><script>', "password": "x"})
    assert refused.status_code == 401
    assert "<script>" not in refused.text
    inside = await panel.post("/login", data={"username": "anna", "password": "correct-horse"})
    assert "This is where the hosting panel would be" in inside.text
    assert "SANDBOX" in inside.text

"""Hosting's routes: the one-time link, a customer's accounts, staff's servers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nextbill.capabilities import hosting
from nextbill.kernel.ids import new_id
from tests.capabilities.workshop import Workshop, open_workshop


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


async def link(shop: Workshop) -> tuple[hosting.AccountRequested, str]:
    """A ready account and the token of its welcome mail."""
    await shop.server()
    asked = await shop.account(await shop.customer())
    await shop.drain()
    async with shop.writing() as tx:
        return asked, await hosting.issue_first_login(tx, asked.account_id, now=shop.now())


async def test_the_first_password_works_is_shown_once_and_erased(shop: Workshop) -> None:
    asked, token = await link(shop)
    answers = await asyncio.gather(*(shop.ask("POST", "/hosting/first-login", {"token": token}) for _ in range(4)))
    shown = [answer for answer in answers if answer.status_code == 200]
    assert len(shown) == 1
    assert {answer.json()["code"] for answer in answers if answer is not shown[0]} == {"first_login_used"}
    login = shown[0].json()
    page = await shop.outside.post(f"{shop.sims['nextpanel:alpha']}/login", data={"username": login["username"], "password": login["password"]})
    assert page.status_code == 200, page.text
    assert (await shop.rows("select password_sealed from hosting_account"))[0].password_sealed is None
    assert not (await shop.see_account(asked.account_id)).first_login_open
    async with shop.writing() as tx:
        with pytest.raises(hosting.FirstLoginUsed):
            await hosting.issue_first_login(tx, asked.account_id, now=shop.now())
    assert await shop.violations() == []


async def test_opening_the_page_shows_nothing_the_button_does_and_then_never_again(shop: Workshop) -> None:
    _, token = await link(shop)
    for _ in range(2):
        offered = await shop.client.get(f"/welcome/{token}")
        assert offered.status_code == 200
        assert "shown once, then erased here" in offered.text
        assert '<form method="post">' in offered.text
        assert "First password" not in offered.text
    shown = await shop.client.post(f"/welcome/{token}")
    found = re.search(r"<dt>User name</dt><dd>(\w+)</dd><dt>First password</dt><dd>(\w{20})</dd>", shown.text)
    assert found is not None
    assert found[1] == "shopfoo"
    for answer in (await shop.client.get(f"/welcome/{token}"), await shop.client.post(f"/welcome/{token}")):
        assert answer.status_code == 410
        assert "was shown already" in answer.text
        assert found[2] not in answer.text


async def test_the_page_needs_no_script_and_its_policy_allows_its_style(shop: Workshop) -> None:
    _, token = await link(shop)
    page = await shop.client.get(f"/welcome/{token}")
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "prefers-color-scheme: dark" in style[1]


async def test_links_that_lead_nowhere_say_what_to_do(shop: Workshop) -> None:
    asked, token = await link(shop)
    unknown = await shop.client.get("/welcome/not-a-token")
    assert (unknown.status_code, "not complete" in unknown.text) == (404, True)
    shop.advance(days=8)
    expired = await shop.client.post(f"/welcome/{token}")
    assert (expired.status_code, "has expired" in expired.text) == (410, True)
    assert (await shop.ask("POST", "/hosting/first-login", {"token": token})).json()["code"] == "first_login_expired"
    async with shop.writing() as tx:
        again = await hosting.issue_first_login(tx, asked.account_id, now=shop.now())
    assert (await shop.ask("POST", "/hosting/first-login", {"token": again})).status_code == 200


async def test_names_are_encoded_on_the_page(shop: Workshop) -> None:
    await shop.server()
    asked = await shop.account(await shop.customer(), domain="<img src=x>.com")
    await shop.drain()
    async with shop.writing() as tx:
        token = await hosting.issue_first_login(tx, asked.account_id, now=shop.now())
    page = await shop.client.get(f"/welcome/{token}")
    assert "&lt;img src=x&gt;.com" in page.text
    assert "<img" not in page.text


async def test_no_link_before_the_account_is_ready(shop: Workshop) -> None:
    await shop.server()
    asked = await shop.account(await shop.customer())
    async with shop.writing() as tx:
        with pytest.raises(hosting.FirstLoginTooEarly):
            await hosting.issue_first_login(tx, asked.account_id, now=shop.now())


async def test_a_customer_sees_own_accounts_only(shop: Workshop) -> None:
    await shop.server()
    mine = await shop.account(await shop.customer())
    others = await shop.account(await shop.customer("bob@example.com"))
    token = await shop.token()
    listed = (await shop.ask("GET", "/hosting/accounts", token=token)).json()["items"]
    assert [item["id"] for item in listed] == [str(mine.account_id)]
    assert "password_sealed" not in listed[0]
    assert (await shop.ask("GET", f"/hosting/accounts/{others.account_id}", token=token)).status_code == 404
    for path in ("/nextpanel/servers", "/nextpanel/servers/status", "/nextpanel/accounts", f"/nextpanel/accounts/{mine.account_id}/stats"):
        assert (await shop.ask("GET", path, token=token)).status_code == 403
        assert (await shop.ask("GET", path)).status_code == 401


def new_server(shop: Workshop, **changed: Any) -> dict[str, Any]:
    return {
        "name": "alpha", "base_url": shop.sims["nextpanel:alpha"], "api_key": "npk_panel", "api_secret": "nps_panel",
        "nameservers": ["ns1.example.net", "ns2.example.net"], "capacity": 3, **changed,
    }  # fmt: skip


async def test_staff_adds_a_server_and_the_test_says_what_it_can_do(shop: Workshop) -> None:
    token = await shop.staff()
    added = await shop.ask("POST", "/nextpanel/servers", new_server(shop), token=token)
    assert added.status_code == 201, added.text
    assert (added.json()["provisioning"], added.json()["problem"], added.json()["abilities"]["finds_by_billing_id"]) == ("accounts", None, True)
    assert "nps_panel" not in added.text
    stored = (await shop.rows("select s::text as whole from hosting_server s"))[0].whole
    assert "nps_panel" not in stored
    assert "npk_panel" not in stored
    assert (await shop.ask("POST", "/nextpanel/servers", new_server(shop), token=token)).json()["code"] == "server_known"
    broken = new_server(shop, name="beta", base_url=shop.sims["nextpanel:beta"], api_secret="nps_wrong")
    assert "auth_failed" in (await shop.ask("POST", "/nextpanel/servers", broken, token=token)).json()["problem"]
    listed = (await shop.ask("GET", "/nextpanel/servers", token=token)).json()["items"]
    assert [server["name"] for server in listed] == ["alpha", "beta"]
    fleet = (await shop.ask("GET", "/nextpanel/servers/status", token=token)).json()
    assert (fleet["capacity"], fleet["used"], fleet["free"]) == (6, 0, 6)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"base_url": "http://10.0.0.5:9000"}, "base_url"),
        ({"base_url": "http://169.254.169.254/"}, "base_url"),
        ({"base_url": "ftp://127.0.0.1"}, "base_url"),
        ({"base_url": "http://user:secret@127.0.0.1"}, "base_url"),
        ({"nameservers": ["ns1.example.net"]}, "nameservers"),
        ({"nameservers": ["ns1.example.net", "not a name"]}, "nameservers.1"),
        ({"capacity": 0}, "capacity"),
        ({"api_key": "npk\r\nX-Evil: 1"}, "api_key"),
    ],
)
async def test_a_server_that_cannot_be_is_refused_at_its_field(shop: Workshop, changed: dict[str, Any], field: str) -> None:
    answer = await shop.ask("POST", "/nextpanel/servers", new_server(shop, **changed), token=await shop.staff())
    assert answer.status_code == 422, answer.text
    assert [item["field"] for item in answer.json()["fields"]] == [field]
    assert "secret" not in answer.text
    assert await shop.rows("select 1 from hosting_server") == []


async def test_staff_provisions_suspends_and_deletes(shop: Workshop) -> None:
    await shop.server()
    customer, token = await shop.customer(), await shop.staff()
    body = {"customer_id": str(customer), "external_id": str(new_id()), "plan": "starter", "features": {"max_databases": 5}, "domain": "bücher.com"}
    made = [(await shop.ask("POST", "/nextpanel/provision", body, token=token)).json() for _ in range(2)]
    assert made[0]["id"] == made[1]["id"]
    await shop.drain()
    path = f"/nextpanel/accounts/{made[0]['id']}"
    account = (await shop.ask("GET", path, token=token)).json()
    assert (account["status"], account["domain"], account["limits"]) == ("ready", "xn--bcher-kva.com", {"databases": 5})
    stats = (await shop.ask("GET", f"{path}/stats", token=token)).json()
    assert (stats["username"], stats["email"], stats["databases"]) == (account["username"], "ada@example.com", 0)
    note = {"reason": "abuse", "note": "spam, ticket 17"}
    assert (await shop.ask("POST", f"{path}/suspend", note, token=token)).json()["status"] == "requested"
    await shop.drain()
    assert (await shop.ask("GET", path, token=token)).json()["status"] == "suspended"
    assert (await shop.ask("POST", f"{path}/unsuspend", note, token=token)).status_code == 202
    await shop.drain()
    assert (await shop.ask("DELETE", path, {"note": "asked for"}, token=token)).status_code == 202
    await shop.drain()
    assert await shop.panel_accounts() == []
    assert (await shop.ask("POST", f"{path}/suspend", note, token=token)).json()["code"] == "account_not_ready"
    audited = [row.action for row in await shop.rows("select action from identity_audit where object_type = 'hosting_account' order by at, id")]
    assert audited == ["account.suspend.abuse", "account.unsuspend.abuse", "account.delete"]


async def test_a_panel_that_is_down_is_said_so(shop: Workshop) -> None:
    asked, _ = await link(shop)
    await shop.vendor("nextpanel:alpha", "nextpanel/down", down=True)
    answer = await shop.ask("GET", f"/nextpanel/accounts/{asked.account_id}/stats", token=await shop.staff())
    assert (answer.status_code, answer.json()["code"]) == (503, "panel_unreachable")


async def test_a_draining_server_takes_no_new_accounts(shop: Workshop) -> None:
    server = await shop.server()
    answer = await shop.ask("PUT", f"/nextpanel/servers/{server}/status", {"status": "draining"}, token=await shop.staff())
    assert answer.json()["status"] == "draining"
    assert (await shop.account(await shop.customer())).server_id is None


async def test_an_expired_token_is_not_used_up(shop: Workshop) -> None:
    _, token = await link(shop)
    shop.advance(seconds=timedelta(days=7).total_seconds() - 60)
    assert (await shop.client.get(f"/welcome/{token}")).status_code == 200

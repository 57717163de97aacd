"""Accounts on simulated panels: exactly one for each request, whatever the panel does to the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from nextbill.capabilities import hosting
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.capabilities.workshop import Workshop, open_workshop

CREATE = "hosting.create_account"
ACCOUNTS = "/api/v1/billing/accounts"
POST = f"POST {ACCOUNTS}$"


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


async def test_an_account_is_made_with_our_id_password_and_limits(shop: Workshop) -> None:
    server, customer = await shop.server(), await shop.customer()
    asked = await shop.account(customer, license_key="NP-2222-3333-4444")
    assert (asked.server_id, asked.nameservers) == (server, ("ns1.alpha.example.net", "ns2.alpha.example.net"))
    await shop.drain()
    account = await shop.see_account(asked.account_id)
    (made,) = await shop.panel_accounts()
    assert (account.state, account.username, account.panel_ref) == ("ready", "shopfoo", str(made["id"]))
    assert made["billing_id"] == str(asked.account_id)
    assert made["email"] == "ada@example.com"
    assert made["metadata"] == {
        "license_key": "NP-2222-3333-4444",
        "limits": {"max_accounts": 5, "max_databases": 2, "max_emails": None},
        "domain": "shopfoo.com",
    }
    assert await shop.facts("hosting") == ["hosting.AccountReady"]
    stored = (await shop.rows("select a::text as whole from hosting_account a"))[0].whole
    assert "NP-2222-3333-4444" not in stored
    assert await shop.violations() == []


async def test_asking_twice_for_a_reference_is_one_account(shop: Workshop) -> None:
    await shop.server()
    customer, line = await shop.customer(), new_id()
    first, second = await shop.account(customer, reference_id=line), await shop.account(customer, reference_id=line)
    assert first == second
    await shop.drain()
    assert len(await shop.panel_accounts()) == 1
    assert (await shop.rows("select used from hosting_server"))[0].used == 1


@pytest.mark.parametrize("effect", ["lost_after", "error_after", "html", "throttled", "error_before", "lost_before"])
async def test_an_answer_that_leaves_doubt_is_followed_by_a_look(shop: Workshop, effect: str) -> None:
    await shop.server()
    await shop.vendor("nextpanel:alpha", "faults", effect=effect, pattern=POST, times=1)
    asked = await shop.account(await shop.customer())
    await shop.drain(patience=4)
    assert (await shop.see_account(asked.account_id)).state == "ready"
    assert len(await shop.panel_accounts()) == 1
    sent = await shop.calls("nextpanel:alpha", "POST", ACCOUNTS)
    assert sent == (1 if effect in ("lost_after", "error_after") else 2)
    assert await shop.violations() == []


async def test_further_accounts_on_a_server_get_names_and_addresses_of_their_own(shop: Workshop) -> None:
    await shop.server()
    customer = await shop.customer()
    for _ in range(3):
        await shop.account(customer)
    await shop.drain()
    made = sorted((one["username"], one["email"]) for one in await shop.panel_accounts())
    assert made == [("shopfoo", "ada@example.com"), ("shopfoo2", "ada+shopfoo2@example.com"), ("shopfoo3", "ada+shopfoo3@example.com")]


async def test_a_name_taken_by_a_stranger_is_not_adopted_but_changed(shop: Workshop) -> None:
    await shop.server()
    stranger = {"username": "shopfoo", "email": "ada@example.com", "password": "their-own-password", "full_name": "A Stranger"}
    headers = {"X-API-Key": "npk_panel", "X-API-Secret": "nps_panel"}
    assert (await shop.outside.post(f"{shop.sims['nextpanel:alpha']}{ACCOUNTS}", json=stranger, headers=headers)).status_code == 201
    asked = await shop.account(await shop.customer())
    await shop.drain(patience=4)
    account = await shop.see_account(asked.account_id)
    assert (account.state, account.username) == ("ready", "shopfoo2")
    ours = [one for one in await shop.panel_accounts() if one["billing_id"] == str(asked.account_id)]
    assert [(one["username"], one["email"]) for one in ours] == [("shopfoo2", "ada+shopfoo2@example.com")]


async def test_no_room_waits_and_is_placed_when_there_is(shop: Workshop) -> None:
    await shop.server(capacity=1)
    customer = await shop.customer()
    await shop.account(customer)
    waiting = await shop.account(customer, domain="other.com")
    assert (waiting.server_id, waiting.nameservers) == (None, ())
    await shop.drain()
    assert (await shop.see_account(waiting.account_id)).state == "waiting"
    beta = await shop.server("beta")
    await shop.drain()
    account = await shop.see_account(waiting.account_id)
    assert (account.state, account.server_id) == ("ready", beta)
    assert await shop.facts("hosting") == [f"hosting.{name}" for name in ("AccountDelayed", "AccountReady", "AccountPlaced", "AccountReady")]
    assert await shop.violations() == []


async def test_the_last_places_are_given_out_once(shop: Workshop) -> None:
    await shop.server(capacity=3)
    await shop.server("beta", capacity=2)
    customer = await shop.customer()
    asked = await asyncio.gather(*(shop.account(customer, domain=f"shop{n}.com") for n in range(8)))
    assert sorted(str(one.server_id) for one in asked).count("None") == 3
    assert sorted(row.used for row in await shop.rows("select used from hosting_server")) == [2, 3]
    assert await shop.violations() == []
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("update hosting_server set used = capacity + 1")


async def test_wrong_credentials_park_and_staffs_retry_delivers(shop: Workshop) -> None:
    server = await shop.server()
    await _set_secret(shop, server, "nps_wrong")
    asked = await shop.account(await shop.customer())
    await shop.drain()
    parked = await shop.see_account(asked.account_id)
    assert (parked.state, parked.reason) == ("parked", "auth_failed")
    assert await shop.violations() == []
    await _set_secret(shop, server, "nps_panel")
    assert await shop.retry(CREATE, asked.account_id)
    await shop.drain()
    assert (await shop.see_account(asked.account_id)).state == "ready"
    assert await shop.facts("hosting") == ["hosting.AccountParked", "hosting.AccountReady"]


async def test_a_parked_account_moves_only_where_nothing_can_have_been_made(shop: Workshop) -> None:
    alpha = await shop.server()
    await _set_secret(shop, alpha, "nps_wrong")
    certain = await shop.account(await shop.customer())
    await shop.drain()
    beta = await shop.server("beta")
    async with shop.writing() as tx:
        await hosting.move_account(tx, account_id=certain.account_id, actor="staff:x", reason="alpha has a wrong key", now=shop.now())
    await shop.drain()
    moved = await shop.see_account(certain.account_id)
    assert (moved.state, moved.server_id) == ("ready", beta)
    assert (await shop.panel_accounts(), len(await shop.panel_accounts("beta"))) == ([], 1)
    assert await shop.violations() == []


async def test_an_account_that_may_exist_stays_where_it_is(shop: Workshop) -> None:
    await shop.server()
    await shop.vendor("nextpanel:alpha", "faults", effect="lost_after", pattern=POST, times=1)
    await shop.vendor("nextpanel:alpha", "faults", effect="throttled", pattern=f"GET {ACCOUNTS}", times=-1)
    asked = await shop.account(await shop.customer())
    await shop.drain(patience=0.1)
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        owner.execute("update runtime_step set state = 'parked', certain = false")
        owner.execute("update hosting_account set state = 'parked'")
    await shop.server("beta")
    async with shop.writing() as tx:
        with pytest.raises(hosting.AccountMayExist):
            await hosting.move_account(tx, account_id=asked.account_id, actor="staff:x", reason="impatience", now=shop.now())
    async with shop.writing() as tx:
        assert await hosting.withdraw_account(tx, account_id=asked.account_id, now=shop.now()) is False


async def test_a_request_that_was_not_sent_can_be_taken_back(shop: Workshop) -> None:
    await shop.server()
    asked = await shop.account(await shop.customer())
    async with shop.writing() as tx:
        assert await hosting.withdraw_account(tx, account_id=asked.account_id, now=shop.now()) is True
    await shop.drain()
    assert (await shop.see_account(asked.account_id)).state == "cancelled"
    assert await shop.panel_accounts() == []
    assert (await shop.rows("select used, (select password_sealed from hosting_account) as secret from hosting_server"))[0] == (0, None)
    assert await shop.violations() == []


async def test_suspending_unsuspending_and_deleting(shop: Workshop) -> None:
    await shop.server()
    asked = await shop.account(await shop.customer())
    await shop.drain()
    account_id = asked.account_id
    async with shop.writing() as tx:
        assert await hosting.suspend_account(tx, account_id=account_id, reason="unpaid", actor="system", now=shop.now()) is not None
        assert await hosting.suspend_account(tx, account_id=account_id, reason="abuse", actor="system", now=shop.now()) is None
    await shop.drain()
    assert ((await shop.see_account(account_id)).state, (await shop.panel_accounts())[0]["status"]) == ("suspended", "suspended")
    async with shop.writing() as tx:
        assert await hosting.unsuspend_account(tx, account_id=account_id, reason="unpaid", actor="system", now=shop.now()) is None
        assert await hosting.unsuspend_account(tx, account_id=account_id, reason="abuse", actor="system", now=shop.now()) is not None
    await shop.drain()
    assert ((await shop.see_account(account_id)).state, (await shop.panel_accounts())[0]["status"]) == ("ready", "active")
    async with shop.writing() as tx:
        await hosting.delete_account(tx, account_id=account_id, actor="staff:x", note="asked for", now=shop.now())
    await shop.drain()
    assert ((await shop.see_account(account_id)).state, await shop.panel_accounts()) == ("deleted", [])
    assert (await shop.rows("select used from hosting_server"))[0].used == 0
    assert (await shop.facts("hosting"))[1:] == [f"hosting.{name}" for name in ("AccountSuspended", "AccountUnsuspended", "AccountDeleted")]
    assert await shop.violations() == []


async def test_of_two_changes_under_way_the_newest_counts(shop: Workshop) -> None:
    await shop.server()
    asked = await shop.account(await shop.customer())
    await shop.drain()
    async with shop.writing() as tx:
        await hosting.suspend_account(tx, account_id=asked.account_id, reason="unpaid", actor="system", now=shop.now())
        await hosting.unsuspend_account(tx, account_id=asked.account_id, reason="unpaid", actor="system", now=shop.now())
    await shop.drain()
    assert ((await shop.see_account(asked.account_id)).state, (await shop.panel_accounts())[0]["status"]) == ("ready", "active")
    states = [row.state for row in await shop.rows("select state from hosting_change order by id")]
    assert states == ["superseded", "done"]


async def test_a_panel_that_makes_up_passwords_and_loses_one(dsn: str, tmp_path: Path) -> None:
    async with open_workshop(dsn, tmp_path, panel={"provisioning": "license"}) as shop:
        server = await shop.server()
        found = await shop.ask("POST", f"/nextpanel/servers/{server}/test", token=await shop.staff())
        assert found.json()["provisioning"] == "license"
        await shop.vendor("nextpanel:alpha", "faults", effect="lost_after", pattern="POST /api/v1/licenses/provision$", times=1)
        asked = await shop.account(await shop.customer(), license_key="NP-2222-3333-4444")
        await shop.drain(patience=4)
        assert (await shop.see_account(asked.account_id)).state == "ready"
        assert len(await shop.panel_accounts()) == 1
        async with shop.writing() as tx:
            token = await hosting.issue_first_login(tx, asked.account_id, now=shop.now())
        login = (await shop.ask("POST", "/hosting/first-login", {"token": token})).json()
        page = await shop.outside.post(f"{shop.sims['nextpanel:alpha']}/login", data={"username": login["username"], "password": login["password"]})
        assert page.status_code == 200, page.text


async def test_health_has_hysteresis_and_a_server_that_is_down_gets_no_accounts(shop: Workshop) -> None:
    await shop.server()
    await shop.drain()
    await shop.vendor("nextpanel:alpha", "nextpanel/down", down=True)
    seen = []
    for _ in range(3):
        await shop.drain()
        seen.append((await shop.rows("select health from hosting_server"))[0].health)
    assert seen == ["up", "up", "down"]
    assert (await shop.account(await shop.customer())).server_id is None
    await shop.vendor("nextpanel:alpha", "nextpanel/down", down=False)
    for _ in range(3):
        await shop.drain()
    assert (await shop.rows("select health from hosting_server"))[0].health == "up"
    assert [row.state for row in await shop.rows("select state from hosting_account")] == ["ready"]
    assert {"hosting.ServerWentDown", "hosting.ServerCameUp"} <= set(await shop.facts("hosting"))


async def test_a_planted_miscount_and_a_forgotten_step_are_found(shop: Workshop) -> None:
    await shop.server()
    await shop.account(await shop.customer())
    assert await shop.violations() == []
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        owner.execute("update hosting_server set used = 0")
        owner.execute("update runtime_step set state = 'withdrawn'")
        owner.execute("update hosting_account set revealed_at = now()")
    assert len(await shop.violations()) == 3


async def _set_secret(shop: Workshop, server_id: UUID, secret: str) -> None:
    sealed = shop.cipher.encrypt(secret, table="hosting_server", row=server_id, column="api_secret_sealed")
    with psycopg.connect(shop.database.url(Role.WORK).set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute("update hosting_server set api_secret_sealed = %s where id = %s", (sealed, server_id))

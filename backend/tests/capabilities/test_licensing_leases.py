"""Leases: what they say, how they are checked, when they are void, and how keys are changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from jwt import PyJWK

from nextbill.capabilities import licensing
from nextbill.kernel.ids import new_id
from tests.capabilities.workshop import KEYS, Workshop, open_workshop
from tests.support.panels import Panel, open_panel, panel_key_of


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        await keep_keys(opened)
        yield opened


@pytest.fixture
async def panel(shop: Workshop) -> AsyncIterator[Panel]:
    async with open_panel(shop) as opened:
        yield opened


async def keep_keys(shop: Workshop) -> Any:
    async with shop.writing() as tx:
        return await licensing.keep_signing_keys(tx, cipher=shop.cipher, now=shop.now())


async def published(panel: Panel) -> dict[str, PyJWK]:
    answer = await panel.ask("GET", "/.well-known/license-keys.json", headers={})
    assert answer.headers["cache-control"] == "public, max-age=300"
    return {key["kid"]: PyJWK(key) for key in answer.json()["keys"]}


async def read(panel: Panel, lease: str) -> dict[str, Any]:
    """The claims, checked as a panel checks them but for the time, which is the shop's."""
    header = jwt.get_unverified_header(lease)
    assert (header["alg"], header["typ"]) == ("EdDSA", "license-lease+jwt")
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    return dict(jwt.decode(lease, (await published(panel))[header["kid"]], algorithms=["EdDSA"], options=options, issuer=panel.shop.settings.api_url))


async def test_a_lease_says_what_is_allowed_until_when(shop: Workshop, panel: Panel) -> None:
    ends = shop.now() + timedelta(hours=5)
    license_id, key = await shop.license(await shop.customer(), expires_at=ends, features=("ssh",))
    await panel.use(key, "e1")
    asked = int(shop.now().timestamp())
    said = await panel.validate(key, "create_database", lease=True)
    answered = int(shop.now().timestamp())
    claims = await read(panel, said["lease"])
    assert claims["sub"] == str(license_id)
    assert (claims["plan"], claims["features"], claims["srv"]) == ("professional", ["ssh"], None)
    assert claims["limits"] == {"accounts": 5, "databases": 2, "emails": None}
    assert claims["used"] == {"accounts": 0, "databases": 1, "emails": 0}
    assert asked <= claims["iat"] <= answered
    assert claims["exp"] == int(ends.timestamp())
    async with shop.writing() as tx:
        await licensing.extend_license(tx, license_id=license_id, expires_at=shop.now() + timedelta(days=60), now=shop.now())
    longer = await read(panel, (await panel.validate(key, lease=True))["lease"])
    assert longer["exp"] - longer["iat"] == 72 * 3600
    assert "lease" not in await panel.validate(key, "create_database")


async def test_a_refused_license_gets_no_lease_and_a_full_one_does(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    await panel.use(key, "e1", count=2)
    full = await panel.validate(key, "create_database", lease=True)
    assert (full["reason"], "lease" in full) == ("quota_exceeded", True)
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="abuse", now=shop.now())
    refused = await panel.validate(key, "create_database", lease=True)
    assert (refused["reason"], "lease" in refused) == ("suspended", False)
    without = await panel_key_of(shop, panel, permissions=("validate",))
    denied = await without.ask("POST", "/api/v1/licenses/validate", {"license_key": key, "lease": True})
    assert (denied.status_code, denied.json()["code"]) == (403, "panel_not_permitted")


async def test_a_lease_is_signed_anew_only_when_something_changed_or_time_passed(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    first = (await panel.validate(key, lease=True))["lease"]
    assert (await panel.validate(key, lease=True))["lease"] == first
    async with shop.writing() as tx:
        await licensing.override_limits(
            tx, license_id=license_id, limits={"databases": 9}, features={}, actor="system", reason="more", now=shop.now()
        )  # fmt: skip
    second = (await panel.validate(key, lease=True))["lease"]
    before, after = await read(panel, first), await read(panel, second)
    assert (after["limits"]["databases"], after["rev"] > before["rev"]) == (9, True)
    shop.advance(minutes=16)
    assert (await panel.validate(key, lease=True))["lease"] != second


async def feed(panel: Panel, after: str = "", **headers: str) -> Any:
    proof = {"X-API-Key": panel.key_id, "X-API-Secret": panel.secret} | headers
    return await panel.ask("GET", f"/api/v1/licenses/revocations?after={after}", headers=proof)


async def heard(panel: Panel, after: str, count: int) -> Any:
    """The page once it has so many items: until then, some other transaction on the server may still be under way."""
    for _ in range(400):
        page = (await feed(panel, after)).json()
        if len(page["items"]) >= count:
            return page
        await asyncio.sleep(0.05)
    return page


async def test_whatever_takes_something_away_is_in_the_feed_with_the_revision_below_which_leases_are_void(shop: Workshop, panel: Panel) -> None:
    license_id, key = await shop.license(await shop.customer())
    start = (await feed(panel)).json()
    assert start["items"] == []
    lease = await read(panel, (await panel.validate(key, lease=True))["lease"])
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
    async with shop.writing() as tx:
        await licensing.activate_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
    async with shop.writing() as tx:
        await licensing.rotate_key(tx, license_id=license_id, actor="system", cipher=shop.cipher, keys=KEYS, now=shop.now())
    async with shop.writing() as tx:
        await licensing.cancel_license(tx, license_id=license_id, now=shop.now())
    page = await heard(panel, start["next_cursor"], 3)
    assert [item["reason"] for item in page["items"]] == ["suspended", "rotated", "cancelled"]
    assert {item["license_id"] for item in page["items"]} == {str(license_id)}
    assert all(item["revision"] > lease["rev"] for item in page["items"])
    again = await feed(panel, page["next_cursor"])
    assert (again.json()["items"], again.json()["next_cursor"]) == ([], page["next_cursor"])
    unchanged = await feed(panel, page["next_cursor"], **{"If-None-Match": again.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert len((await feed(panel, "0")).json()["items"]) == 3
    for nonsense in ("abc", "1-2-3", "-1", "1-x"):
        assert (await feed(panel, nonsense)).status_code == 422


async def test_a_panel_hears_of_its_own_licenses_and_of_those_that_left_it(shop: Workshop, panel: Panel) -> None:
    old, new = new_id(), new_id()
    license_id, _ = await shop.license(await shop.customer())
    async with shop.writing() as tx:
        await licensing.bind_server(tx, license_id=license_id, server_id=old, now=shop.now())
    before, after = await panel_key_of(shop, panel, server_id=old), await panel_key_of(shop, panel, server_id=new)
    async with shop.writing() as tx:
        await licensing.move_license(tx, license_id=license_id, server_id=new, now=shop.now())
    assert [item["reason"] for item in (await heard(before, "0", 2))["items"]] == ["moved", "moved"], "bound for the first time, then elsewhere"
    assert [item["reason"] for item in (await feed(after, "0")).json()["items"]] == ["moved"], "of the first binding all hear"
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
    assert [item["reason"] for item in (await heard(after, "0", 2))["items"]] == ["moved", "suspended"]


async def test_a_reader_of_the_feed_misses_nothing_that_commits_late(shop: Workshop, panel: Panel) -> None:
    """One transaction revokes and stays open while another revokes and commits: nobody is shown the second before the first."""
    slow, _ = await shop.license(await shop.customer())
    quick, _ = await shop.license(await shop.customer("bob@example.com"))
    async with shop.writing() as open_one:
        await licensing.suspend_license(open_one, license_id=slow, reason="unpaid", now=shop.now())
        async with shop.writing() as tx:
            await licensing.suspend_license(tx, license_id=quick, reason="unpaid", now=shop.now())
        early = (await feed(panel, "0")).json()
        assert early["items"] == []
    late = await heard(panel, early["next_cursor"], 2)
    assert [item["license_id"] for item in late["items"]] == [str(slow), str(quick)]


async def test_keys_are_shown_before_they_sign_and_until_the_last_lease_has_ended(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())

    async def kid() -> str:
        return str(jwt.get_unverified_header((await panel.validate(key, lease=True))["lease"])["kid"])

    first = await kid()
    assert set(await published(panel)) == {first}
    shop.advance(days=89, hours=1)
    assert await keep_keys(shop) is not None
    assert len(await published(panel)) == 2
    assert await kid() == first, "shown, but not yet signing"
    shop.advance(days=1)
    second = await kid()
    assert second != first
    assert set(await published(panel)) == {first, second}
    shop.advance(days=4, hours=1)
    assert set(await published(panel)) == {second}


async def test_a_key_in_wrong_hands_is_shown_no_more_at_once(shop: Workshop, panel: Panel) -> None:
    _, key = await shop.license(await shop.customer())
    old = (await panel.validate(key, lease=True))["lease"]
    staff = await shop.staff()
    answer = await shop.ask("POST", "/admin/license-signing-keys", {"reason": "a laptop was stolen", "compromised": True}, token=staff)
    assert answer.status_code == 201, answer.text
    shown = await published(panel)
    assert jwt.get_unverified_header(old)["kid"] not in shown
    fresh = (await panel.validate(key, lease=True))["lease"]
    assert jwt.get_unverified_header(fresh)["kid"] in shown
    audited = await shop.rows("select reason from identity_audit where action = 'license_signing_key.rotated'")
    assert [row.reason for row in audited] == ["a laptop was stolen"]
    stored = await shop.rows("select private_key_sealed as sealed, public_key as public from licensing_signing_key")
    assert all("." in row.sealed and row.public.hex() not in row.sealed for row in stored)


async def test_many_workers_make_one_key(shop: Workshop) -> None:
    shop.advance(days=100)
    made = await asyncio.gather(*(keep_keys(shop) for _ in range(6)))
    assert len([one for one in made if one is not None]) == 1


async def test_without_a_key_a_lease_is_refused_and_the_question_alone_is_answered(dsn: str, tmp_path: Path) -> None:
    async with open_workshop(dsn, tmp_path) as shop, open_panel(shop) as panel:
        _, key = await shop.license(await shop.customer())
        refused = await panel.ask("POST", "/api/v1/licenses/validate", {"license_key": key, "lease": True})
        assert (refused.status_code, refused.json()["code"]) == (409, "no_signing_key")
        assert (await panel.validate(key))["valid"] is True
        assert isinstance(shop.now(), datetime)

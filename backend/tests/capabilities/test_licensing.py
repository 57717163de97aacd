"""Licenses: issued once, kept secret, and the answer that panels get."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from nextbill.capabilities import identity, licensing
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Role
from tests.capabilities.workshop import KEYS, LIMITS, LINE, Workshop, open_workshop

KEY = re.compile(r"NP(-[2-9A-HJKMNP-TV-Z]{4}){3}")


@pytest.fixture
async def shop(dsn: str, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with open_workshop(dsn, tmp_path) as opened:
        yield opened


async def panel_key(shop: Workshop, *, server_id: UUID | None = None, permissions: tuple[str, ...] = ("validate",)) -> dict[str, str]:
    async with shop.writing() as tx:
        made = await identity.create_panel_key(tx, name="alpha", permissions=permissions, server_id=server_id, cipher=shop.cipher, now=shop.now())
    return {"X-API-Key": made.key_id, "X-API-Secret": made.secret}


async def validate(shop: Workshop, headers: dict[str, str], key: str, feature: str | None = None) -> dict[str, Any]:
    body = {"license_key": key} | ({"feature": feature} if feature else {})
    answer = await shop.ask("POST", "/licenses/validate", body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_license_is_issued_once_for_a_reference(shop: Workshop) -> None:
    customer, line = await shop.customer(), new_id()
    issued = []
    for _ in range(2):
        async with shop.writing() as tx:
            issued.append(
                await licensing.issue_license(
                    tx,
                    customer_id=customer,
                    reference_type=LINE,
                    reference_id=line,
                    plan_code="starter",
                    plan_name="Starter",
                    limits=LIMITS,
                    features=(),
                    expires_at=None,
                    cipher=shop.cipher,
                    keys=KEYS,
                    now=shop.now(),
                )  # fmt: skip
            )
    assert issued[0] == issued[1]
    assert await shop.facts("licensing") == ["licensing.LicenseIssued"]
    async with shop.database.reading(Role.WORK) as tx:
        found = await licensing.get_license(tx, issued[0])
    assert {name: quota.limit for name, quota in found.quotas.items()} == LIMITS
    assert await shop.violations() == []


async def test_the_key_is_stored_nowhere_in_clear_and_shown_to_its_owner_with_an_audit_row(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    assert KEY.fullmatch(key)
    stored = await shop.rows("select l::text as all_columns from licensing_license l")
    events = await shop.rows("select payload::text as body from runtime_event")
    assert key not in stored[0].all_columns
    assert all(key not in event.body for event in events)
    answer = await shop.ask("POST", f"/licenses/{license_id}/reveal", token=await shop.token())
    assert answer.json() == {"license_key": key}
    audited = await shop.rows("select object_id, actor from identity_audit where action = 'license.key_revealed'")
    assert [(row.object_id, row.actor.split(":")[0]) for row in audited] == [(str(license_id), "customer")]


async def test_a_customer_sees_own_licenses_only(shop: Workshop) -> None:
    mine, _ = await shop.license(await shop.customer())
    other, _ = await shop.license(await shop.customer("bob@example.com"))
    token = await shop.token()
    listed = (await shop.ask("GET", "/licenses", token=token)).json()["items"]
    assert [item["id"] for item in listed] == [str(mine)]
    assert listed[0]["key_hint"].startswith("NP-••••-••••-")
    assert {quota["resource"]: quota["remaining"] for quota in listed[0]["quotas"]} == LIMITS
    for method, path in (("GET", f"/licenses/{other}"), ("POST", f"/licenses/{other}/reveal")):
        refused = await shop.ask(method, path, token=token)
        assert (refused.status_code, refused.json()["code"]) == (404, "license_not_found")
    assert await shop.rows("select 1 from identity_audit where action = 'license.key_revealed'") == []


async def test_a_panel_is_told_what_is_left(shop: Workshop) -> None:
    _, key = await shop.license(await shop.customer(), expires_at=shop.now() + timedelta(days=30), features=("priority_support",))
    panel = await panel_key(shop)
    said = await validate(shop, panel, key.lower(), "create_database")
    assert {name: said[name] for name in ("valid", "remaining_quota", "resource", "plan")} == {
        "valid": True, "remaining_quota": 2, "resource": "databases", "plan": "professional",
    }  # fmt: skip
    assert said["expires_at"].endswith("Z")
    assert said["checked_at"].endswith("Z")
    unlimited = await validate(shop, panel, key, "create_email")
    assert (unlimited["valid"], unlimited["remaining_quota"]) == (True, None)
    alone = await validate(shop, panel, key)
    assert (alone["valid"], alone["resource"], alone["remaining_quota"]) == (True, None, None)
    assert (await validate(shop, panel, key, "priority_support"))["valid"] is True


async def test_each_reason_to_refuse(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer(), expires_at=shop.now() + timedelta(days=30))
    panel, elsewhere = await panel_key(shop), await panel_key(shop, server_id=new_id())

    async def reason(headers: dict[str, str] = panel, feature: str | None = "create_database", key: str = key) -> Any:
        said = await validate(shop, headers, key, feature)
        assert (said["valid"], said["remaining_quota"]) == (False, 0)
        return said["reason"]

    assert await reason(key="NP-2222-2222-2222") == "unknown_license"
    assert await reason(feature="create_spaceship") == "unknown_feature"
    async with shop.writing() as tx:
        await tx.execute(text("update licensing_quota set used_count = 3 where resource = 'databases'"))
    exceeded = await validate(shop, panel, key, "create_database")
    assert (exceeded["reason"], exceeded["error"]) == ("quota_exceeded", "Database quota exceeded")
    async with shop.writing() as tx:
        await licensing.suspend_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
        await licensing.suspend_license(tx, license_id=license_id, reason="abuse", now=shop.now())
        await licensing.activate_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
    assert await reason() == "suspended"
    async with shop.writing() as tx:
        await licensing.activate_license(tx, license_id=license_id, reason="abuse", now=shop.now())
        await licensing.bind_server(tx, license_id=license_id, server_id=new_id(), now=shop.now())
    assert (await validate(shop, panel, key))["valid"] is True
    assert await reason(elsewhere) == "wrong_server"
    shop.advance(days=31)
    assert await reason() == "expired"
    async with shop.writing() as tx:
        await licensing.cancel_license(tx, license_id=license_id, now=shop.now())
    assert await reason(feature=None) == "cancelled"
    facts = ["LicenseIssued", "LicenseSuspended", "LicenseSuspended", "LicenseActivated", "LicenseCancelled"]
    assert await shop.facts("licensing") == [f"licensing.{name}" for name in facts]


async def test_who_may_ask(shop: Workshop) -> None:
    _, key = await shop.license(await shop.customer())
    good = await panel_key(shop)
    body = {"license_key": key}
    for headers, status in (({}, 401), (good | {"X-API-Secret": "nps_wrong"}, 401), (await panel_key(shop, permissions=("usage",)), 403)):
        assert (await shop.ask("POST", "/licenses/validate", body, headers=headers)).status_code == status
    assert (await shop.ask("POST", "/licenses/validate", body | {"quota": 3}, headers=good)).status_code == 422


async def test_a_signed_question(shop: Workshop) -> None:
    _, key = await shop.license(await shop.customer())
    made = await panel_key(shop)
    body, stamp = json.dumps({"license_key": key}).encode(), str(int(shop.now().timestamp()))
    message = "\n".join((stamp, "POST", "/api/v1/licenses/validate", hashlib.sha256(body).hexdigest())).encode()
    signature = hmac.new(made["X-API-Secret"].encode(), message, hashlib.sha256).hexdigest()
    headers = {"X-API-Key": made["X-API-Key"], "X-Timestamp": stamp, "X-Signature": signature, "Content-Type": "application/json"}
    assert (await shop.client.post("/api/v1/licenses/validate", content=body, headers=headers)).json()["valid"] is True
    assert (await shop.client.post("/api/v1/licenses/validate", content=body + b" ", headers=headers)).status_code == 401


async def test_the_license_path_writes_nothing_and_cannot_read_sealed_keys(shop: Workshop) -> None:
    license_id, key = await shop.license(await shop.customer())
    panel = await panel_key(shop)
    before = await shop.rows("select xmin::text, ctid::text from licensing_license union all select xmin::text, ctid::text from licensing_quota")
    await validate(shop, panel, key, "create_database")
    assert (
        await shop.rows("select xmin::text, ctid::text from licensing_license union all select xmin::text, ctid::text from licensing_quota") == before
    )
    url = shop.database.url(Role.LICENSE).set(drivername="postgresql").render_as_string(hide_password=False)
    for statement in ("select key_sealed from licensing_license", "update licensing_quota set limit_count = 0", "select * from hosting_account"):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    with psycopg.connect(url) as connection:
        assert connection.execute("select id from licensing_license").fetchall() == [(license_id,)]


async def test_cancelled_is_final_and_an_end_is_never_moved_back(shop: Workshop) -> None:
    end = shop.now() + timedelta(days=30)
    license_id, _ = await shop.license(await shop.customer(), expires_at=end)
    async with shop.writing() as tx:
        await licensing.extend_license(tx, license_id=license_id, expires_at=end - timedelta(days=9), now=shop.now())
        assert (await licensing.get_license(tx, license_id)).expires_at == end
        await licensing.cancel_license(tx, license_id=license_id, now=shop.now())
    async with shop.writing() as tx:
        with pytest.raises(licensing.LicenseIsCancelled):
            await licensing.suspend_license(tx, license_id=license_id, reason="unpaid", now=shop.now())
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("update licensing_license set state = 'active'")


async def test_a_planted_double_key_is_found(shop: Workshop) -> None:
    await shop.license(await shop.customer())
    with psycopg.connect(shop.settings.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)) as owner:
        owner.execute("alter table licensing_license drop constraint uq_licensing_license_key_hash")
        owner.execute("create temp table copy as select * from licensing_license")
        owner.execute("update copy set id = gen_random_uuid(), reference_id = gen_random_uuid()")
        owner.execute("insert into licensing_license select * from copy")
    assert len(await shop.violations()) == 1

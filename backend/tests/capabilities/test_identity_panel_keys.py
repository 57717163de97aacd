"""Panel keys: both header forms, and everything that must not pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from nextbill.capabilities import identity
from nextbill.runtime.batching import Lines
from nextbill.runtime.database import Role
from tests.capabilities.identity_desk import Desk, code, open_desk

BODY = b'{"license_key": "NP-7K4M-Q2XD-9TRW"}'
PATH = "/api/v1/licenses/validate?x=1"


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(dsn) as opened:
        yield opened


async def _key(desk: Desk, **more: Any) -> identity.NewPanelKey:
    async with desk.database.writing(Role.WORK) as tx:
        return await identity.create_panel_key(
            tx, **{"name": "alpha", "permissions": ["validate"], "cipher": desk.cipher, "now": desk.clock.now(), **more}
        )


async def _authenticate(desk: Desk, headers: dict[str, str], *, role: Role = Role.LICENSE, **more: Any) -> identity.PanelCaller:
    asked = {"method": "POST", "path_and_query": PATH, "body": BODY, "address": "203.0.113.5", **more}
    async with desk.database.reading(role) as tx:
        return await identity.authenticate_panel(tx, identity.PanelRequest.of(headers, **asked), now=desk.clock.now(), cipher=desk.cipher)


def _signed(desk: Desk, key: identity.NewPanelKey, *, age: int = 0, **changes: Any) -> dict[str, str]:
    stamp = int(desk.clock.now().timestamp()) - age
    asked = {"method": "POST", "path_and_query": PATH, "body": BODY, **changes}
    return {"x-api-key": key.key_id, "x-timestamp": str(stamp), "x-signature": identity.sign(key.secret, timestamp=stamp, **asked)}


def _plain(key: identity.NewPanelKey) -> dict[str, str]:
    return {"x-api-key": key.key_id, "x-api-secret": key.secret}


async def test_both_forms_pass_with_the_license_paths_rights(desk: Desk) -> None:
    key = await _key(desk)
    assert key.key_id.startswith("npk_")
    assert key.secret.startswith("nps_")
    for headers in (_plain(key), _signed(desk, key)):
        caller = await _authenticate(desk, headers)
        assert (caller.key_id, caller.permissions) == (key.key_id, {"validate"})
        caller.require("validate")
        with pytest.raises(identity.PanelNotPermitted):
            caller.require("usage")


@pytest.mark.parametrize("age", [-300, -299, 0, 299, 300])
async def test_a_signature_is_good_for_five_minutes_around_our_clock(desk: Desk, age: int) -> None:
    key = await _key(desk)
    assert await _authenticate(desk, _signed(desk, key, age=age))


@pytest.mark.parametrize("age", [-301, 301, 10**6])
async def test_outside_the_window_it_is_refused(desk: Desk, age: int) -> None:
    key = await _key(desk)
    with pytest.raises(identity.PanelRefused):
        await _authenticate(desk, _signed(desk, key, age=age))


@pytest.mark.parametrize("change", [{"method": "GET"}, {"path_and_query": "/api/v1/licenses/validate?x=2"}, {"body": BODY + b" "}])
async def test_a_signature_is_good_for_its_request_only(desk: Desk, change: dict[str, Any]) -> None:
    key = await _key(desk)
    with pytest.raises(identity.PanelRefused):
        await _authenticate(desk, _signed(desk, key), **change)


async def test_unknown_key_and_wrong_proof_are_alike(desk: Desk) -> None:
    key, other = await _key(desk), await _key(desk, name="beta")
    unknown = "npk_" + "A" * 24
    tries: list[dict[str, str]] = [
        {},
        {"x-api-key": key.key_id},
        {"x-api-key": key.key_id, "x-api-secret": ""},
        {"x-api-key": key.key_id, "x-api-secret": other.secret},
        {"x-api-key": key.key_id, "x-api-secret": "nps_é"},
        {"x-api-key": unknown, "x-api-secret": key.secret},
        {"x-api-key": "npk_\x00", "x-api-secret": key.secret},
        {**_plain(key), "x-api-key": key.key_id.swapcase()},
        {**_signed(desk, key), "x-timestamp": "²"},
        {**_signed(desk, key), "x-timestamp": ""},
        {**_signed(desk, key), "x-signature": "é"},
        {**_signed(desk, key), "x-api-key": other.key_id},
        {**_plain(key), "x-signature": ""},
    ]
    told = set()
    for headers in tries:
        with pytest.raises(identity.PanelRefused) as refusal:
            await _authenticate(desk, headers)
        told.add((refusal.value.code, refusal.value.detail))
    assert len(told) == 1


async def test_ranges_expiry_and_revocation_are_told_after_the_proof(desk: Desk) -> None:
    here = await _key(desk, addresses=["203.0.113.0/24"])
    assert await _authenticate(desk, _plain(here))
    with pytest.raises(identity.PanelNotPermitted):
        await _authenticate(desk, _plain(here), address="198.51.100.1")
    with pytest.raises(identity.PanelRefused):
        await _authenticate(desk, {**_plain(here), "x-api-secret": "nps_wrong"}, address="198.51.100.1")
    short = await _key(desk, expires_at=desk.clock.now() + timedelta(hours=1))
    assert await _authenticate(desk, _plain(short))
    desk.clock.advance(hours=1)
    with pytest.raises(identity.PanelKeyInvalid):
        await _authenticate(desk, _plain(short))
    async with desk.database.writing(Role.WORK) as tx:
        await identity.revoke_panel_key(tx, key_id=here.key_id, now=desk.clock.now())
    with pytest.raises(identity.PanelKeyInvalid):
        await _authenticate(desk, _plain(here))


async def test_the_secret_is_stored_encrypted_and_shown_once(desk: Desk) -> None:
    boss = await desk.staff()
    body = {"name": "alpha", "permissions": ["validate", "usage"], "addresses": ["10.0.0.7/24"]}
    made = (await desk.post("/admin/panel-keys", body, token=boss)).json()
    assert await _authenticate(desk, {"x-api-key": made["key_id"], "x-api-secret": made["secret"]}, address="10.0.0.99")
    (row,) = await desk.rows("select secret, row_to_json(k)::text as whole from identity_panel_key k")
    assert made["secret"] not in row.whole
    listed = (await desk.send("GET", "/admin/panel-keys", token=boss)).text
    assert made["key_id"] in listed
    assert made["secret"] not in listed
    assert made["secret"] not in (await desk.send("GET", "/admin/audit", token=boss)).text


async def test_revoking_by_staff(desk: Desk) -> None:
    boss, key = await desk.staff(), await _key(desk)
    for _ in range(2):
        answer = await desk.send("DELETE", f"/admin/panel-keys/{key.key_id}?reason=leaked", token=boss)
        assert answer.json()["revoked_at"] == "2030-03-01T12:00:00Z"
    assert (await desk.send("GET", "/admin/panel-keys?live=true", token=boss)).json()["items"] == []
    entries = (await desk.send("GET", "/admin/audit?object_type=panel_key", token=boss)).json()["items"]
    assert [(entry["action"], entry["reason"]) for entry in entries] == [("panel_key.revoked", "leaked"), ("panel_key.created", None)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"permissions": []}, "permissions"),
        ({"permissions": ["everything"]}, "permissions"),
        ({"addresses": ["10.0.0.0/8", "everywhere"]}, "addresses.1"),
        ({"expires_at": "2030-03-01T12:00:00Z"}, "expires_at"),
        ({"expires_at": "2031-03-01T12:00:00"}, "expires_at"),
        ({"name": "a\x00b"}, "name"),
        ({"name": " "}, "name"),
        ({"secret": "nps_mine"}, "secret"),
    ],
)
async def test_bad_keys_are_refused_by_field(desk: Desk, change: dict[str, Any], field: str) -> None:
    answer = await desk.post("/admin/panel-keys", {"name": "alpha", "permissions": ["validate"], **change}, token=await desk.staff())
    assert (answer.status_code, code(answer), [item["field"] for item in answer.json()["fields"]]) == (422, "invalid", [field])
    assert await desk.rows("select 1 from identity_panel_key") == []


async def test_the_last_use_is_not_written_per_call(desk: Desk) -> None:
    key, lines = await _key(desk), Lines(desk.database.url(Role.LICENSE))
    door = identity.PanelDoor(lines, cipher=desk.cipher)

    async def use() -> Any:
        request = identity.PanelRequest.of(_plain(key), method="POST", path_and_query=PATH, body=BODY, address="203.0.113.5")
        await asyncio.gather(*(door.admit(request, now=desk.clock.now()) for _ in range(5)))
        await asyncio.gather(*door._noting)
        return (await desk.rows("select last_used_at, xmin::text from identity_panel_key"))[0]

    first = await use()
    desk.clock.advance(minutes=4)
    assert await use() == first
    desk.clock.advance(minutes=1)
    assert (await use()).last_used_at == desk.clock.now()
    await lines.close()
